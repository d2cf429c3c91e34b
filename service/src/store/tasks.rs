//! The outbox and the inbox: tasks in lanes, from the first commit to the last.
//!
//! What becomes of a task is decided by [`Task::step`]; here its columns are read, and written with all that hangs on them.

use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::row::{self, millis};
use super::writer::Command;
use super::{Error, Store};
use crate::delivery::Time;
use crate::delivery::incoming::{self, Digest, Verdict};
use crate::delivery::schedule::Retry;
use crate::delivery::task::{Effect, Event, Outcome, Standing, Task};
use crate::routing::Cvr;

/// What is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// KSD owes the platform a message.
    Message,
    /// A Jobcenter owes its case system a message.
    Registration,
    /// A Jobcenter owes the platform an answer.
    Answer,
}

impl Kind {
    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Registration => "registration",
            Self::Answer => "answer",
        }
    }
}

/// A task to be taken on.
#[derive(Clone, Debug)]
pub(crate) struct NewTask {
    pub(crate) kind: Kind,
    pub(crate) transaction: Uuid,
    pub(crate) lane: String,
    pub(crate) municipality: Cvr,
    pub(crate) operation: &'static str,
    /// Of an answer: its ForretningsValideringsKode.
    pub(crate) code: Option<&'static str>,
    pub(crate) digest: Digest,
    pub(crate) content: String,
}

/// A task that a worker has taken on, and now tries.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) seq: i64,
    pub(crate) kind: Kind,
    pub(crate) lane: String,
    pub(crate) transaction: Uuid,
    pub(crate) municipality: Cvr,
    pub(crate) attempt: u32,
    pub(crate) begun: Time,
    pub(crate) content: Vec<u8>,
}

/// How the attempt at a job ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// What the other side said, without CPR numbers.
    pub(crate) said: String,
    /// What is owed because of it, committed with it.
    pub(crate) follows: Option<NewTask>,
}

impl Store {
    /// Takes `task` on, unless its id is known.
    pub(crate) async fn submit(&self, task: NewTask, now: Time) -> Result<Verdict, Error> {
        self.writer.commit(Submit { task, now }).await
    }

    /// The same for a message that came in; a repeat has its answers given again.
    pub(crate) async fn receive(&self, task: NewTask, now: Time) -> Result<Verdict, Error> {
        self.writer.commit(Receive { task, now }).await
    }

    /// Adds an answer to those that `answer.transaction` has; one that it has is not added again.
    pub(crate) async fn answer(&self, answer: NewTask, now: Time) -> Result<Verdict, Error> {
        self.writer.commit(Answer { answer, now }).await
    }

    /// When the first lane of `kind` has something to do.
    pub(crate) async fn due(&self, kind: Kind) -> Result<Option<Time>, Error> {
        let due = sqlx::query("SELECT min(due) FROM lane WHERE kind = $1 AND due IS NOT NULL")
            .bind(kind.name())
            .fetch_one(&self.pool)
            .await?;
        Ok(due.try_get::<Option<i64>, _>(0)?.map(row::time))
    }

    /// Takes on the first tasks of up to `limit` lanes that are due, but none for the municipalities in `busy`.
    pub(crate) async fn take(
        &self,
        kind: Kind,
        now: Time,
        until: Time,
        limit: usize,
        busy: &[Cvr],
    ) -> Result<Vec<Job>, Error> {
        let busy: Vec<String> = busy.iter().map(ToString::to_string).collect();
        let command = Take {
            kind,
            now,
            until,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
            busy: busy.join(","),
            lanes: self.backend.due_lanes(),
        };
        self.writer.commit(command).await
    }

    /// Commits how the attempt at `job` ended; whether the lane has something to do at once.
    pub(crate) async fn end(
        &self,
        job: &Job,
        ended: Ended,
        now: Time,
        chance: u32,
        policy: Policy,
    ) -> Result<bool, Error> {
        let command = End {
            seq: job.seq,
            kind: job.kind,
            lane: job.lane.clone(),
            attempt: job.attempt,
            begun: job.begun,
            ended,
            now,
            chance,
            policy,
        };
        self.writer.commit(command).await
    }

    /// Applies a decision made by hand to what is owed under `transaction`, and puts it on record; `false` if nothing is known of it.
    pub async fn decide(
        &self,
        kind: Kind,
        transaction: Uuid,
        decision: Decision,
    ) -> Result<bool, Error> {
        let command = Decide {
            kind,
            transaction,
            decision,
        };
        self.writer.commit(command).await
    }

    /// Gives back all that a process that is gone had taken on; for a store that one process has for itself.
    pub(super) async fn release(&self) -> Result<(), Error> {
        self.writer.commit(Release).await
    }

    /// The document of the task, unless it is erased or was never there.
    pub(crate) async fn content(
        &self,
        kind: Kind,
        transaction: Uuid,
    ) -> Result<Option<Vec<u8>>, Error> {
        let found = sqlx::query(
            "SELECT content FROM task WHERE kind = $1 AND transaction_id = $2 AND number = 0",
        )
        .bind(kind.name())
        .bind(transaction.to_string())
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|row| row.try_get(0)).transpose()?.flatten())
    }
}

/// What the ends of attempts are judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) retry: Retry,
    /// After how many milliseconds without an answer a delivered message is overdue.
    pub(crate) answer_within: Option<i64>,
}

/// A decision made by hand.
#[derive(Clone, Debug)]
pub struct Decision {
    /// [`Event::Retry`], [`Event::Park`] or [`Event::Drop`].
    pub event: Event,
    /// What the record calls it.
    pub what: &'static str,
    /// Who made it.
    pub who: String,
    /// When.
    pub now: Time,
}

struct Submit {
    task: NewTask,
    now: Time,
}

impl Command for Submit {
    type Output = Verdict;
    const NAME: &'static str = "submit";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        add(connection, &self.task, 0, self.now).await
    }
}

struct Receive {
    task: NewTask,
    now: Time,
}

impl Command for Receive {
    type Output = Verdict;
    const NAME: &'static str = "receive";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        let verdict = add(connection, &self.task, 0, self.now).await?;
        if verdict == Verdict::Repeat {
            self.answer_again(connection).await?;
        }
        Ok(verdict)
    }
}

impl Receive {
    async fn answer_again(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let answers = sqlx::query(
            "SELECT seq, lane, municipality, since, attempts, standing, due FROM task
             WHERE kind = 'answer' AND transaction_id = $1 AND content IS NOT NULL ORDER BY number",
        )
        .bind(self.task.transaction.to_string())
        .fetch_all(&mut *connection)
        .await?;
        for found in answers {
            let (seq, lane): (i64, String) = (found.try_get(0)?, found.try_get(1)?);
            let mut answer = row::task(&found, 3)?;
            incoming::answer_again(&mut answer, self.now);
            if !answer.is_open() {
                continue;
            }
            open_lane(
                connection,
                Kind::Answer,
                &lane,
                row::municipality(&found, 2)?,
                self.now,
            )
            .await?;
            save(connection, seq, &answer, self.now).await?;
            // What is being tried in the lane goes first; its end finds this one.
            let trying = sqlx::query(
                "SELECT seq FROM task WHERE kind = 'answer' AND lane = $1 AND ended IS NULL AND standing = 'trying' LIMIT 1",
            )
            .bind(&lane)
            .fetch_optional(&mut *connection)
            .await?;
            if trying.is_none() {
                settle(connection, Kind::Answer, &lane, self.now).await?;
            }
        }
        Ok(())
    }
}

struct Answer {
    answer: NewTask,
    now: Time,
}

impl Command for Answer {
    type Output = Verdict;
    const NAME: &'static str = "answer";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        let transaction = self.answer.transaction.to_string();
        // Locks the message, so that two answers at once get two numbers.
        sqlx::query(
            "UPDATE task SET number = number WHERE kind = 'registration' AND transaction_id = $1",
        )
        .bind(&transaction)
        .execute(&mut *connection)
        .await?;
        let known =
            sqlx::query("SELECT digest FROM task WHERE kind = 'answer' AND transaction_id = $1")
                .bind(&transaction)
                .fetch_all(&mut *connection)
                .await?;
        for answer in &known {
            if row::digest(answer, 0)? == self.answer.digest {
                return Ok(Verdict::Repeat);
            }
        }
        let number = i64::try_from(known.len()).unwrap_or(i64::MAX);
        add(connection, &self.answer, number, self.now).await
    }
}

struct Take {
    kind: Kind,
    now: Time,
    until: Time,
    limit: i64,
    busy: String,
    lanes: &'static str,
}

impl Command for Take {
    type Output = Vec<Job>;
    const NAME: &'static str = "take";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Vec<Job>, sqlx::Error> {
        let lanes = sqlx::query(self.lanes)
            .bind(self.kind.name())
            .bind(millis(self.now))
            .bind(&self.busy)
            .bind(self.limit)
            .fetch_all(&mut *connection)
            .await?;
        let mut jobs = Vec::with_capacity(lanes.len());
        for found in lanes {
            let lane: String = found.try_get(0)?;
            jobs.extend(self.take_first(connection, lane).await?);
        }
        Ok(jobs)
    }
}

impl Take {
    async fn take_first(
        &self,
        connection: &mut AnyConnection,
        lane: String,
    ) -> Result<Option<Job>, sqlx::Error> {
        let first = sqlx::query(
            "SELECT seq, transaction_id, municipality, content, since, attempts, standing, due FROM task
             WHERE kind = $1 AND lane = $2 AND ended IS NULL ORDER BY seq LIMIT 1",
        )
        .bind(self.kind.name())
        .bind(&lane)
        .fetch_optional(&mut *connection)
        .await?;
        let mut job = None;
        if let Some(first) = first {
            let mut task = row::task(&first, 4)?;
            let event = Event::Taken {
                now: self.now,
                until: self.until,
            };
            // The retry policy has no say in what is taken.
            if task.step(event, &Retry::default()) == Some(Effect::Try) {
                let seq = first.try_get(0)?;
                save(connection, seq, &task, self.now).await?;
                job = Some(Job {
                    seq,
                    kind: self.kind,
                    lane: lane.clone(),
                    transaction: row::parsed(&first, 1)?,
                    municipality: row::municipality(&first, 2)?,
                    attempt: task.attempts,
                    begun: self.now,
                    content: first.try_get::<Option<_>, _>(3)?.unwrap_or_default(),
                });
            }
        }
        settle(connection, self.kind, &lane, self.now).await?;
        Ok(job)
    }
}

struct End {
    seq: i64,
    kind: Kind,
    lane: String,
    attempt: u32,
    begun: Time,
    ended: Ended,
    now: Time,
    chance: u32,
    policy: Policy,
}

impl Command for End {
    type Output = bool;
    const NAME: &'static str = "end";

    async fn run(&self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        lock(connection, self.kind, &self.lane).await?;
        let found = sqlx::query("SELECT since, attempts, standing, due FROM task WHERE seq = $1")
            .bind(self.seq)
            .fetch_one(&mut *connection)
            .await?;
        let mut task = row::task(&found, 0)?;
        let event = Event::Ended {
            now: self.now,
            attempt: self.attempt,
            outcome: self.ended.outcome,
            chance: self.chance,
        };
        let advances = task.step(event, &self.policy.retry) == Some(Effect::Advance);
        save(connection, self.seq, &task, self.now).await?;
        self.record(connection).await?;
        if let Some(next) = &self.ended.follows {
            // One that was heard of twice is in the store already.
            add(connection, next, 0, self.now).await?;
        }
        if let (true, Some(within)) = (advances, self.policy.answer_within) {
            sqlx::query("UPDATE task SET answer_due = $2 WHERE seq = $1 AND answered IS NULL")
                .bind(self.seq)
                .bind(millis(self.now).saturating_add(within))
                .execute(&mut *connection)
                .await?;
        }
        settle(connection, self.kind, &self.lane, self.now).await
    }
}

impl End {
    async fn record(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let outcome = match self.ended.outcome {
            Outcome::Delivered => "delivered",
            Outcome::Warned => "warned",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        };
        sqlx::query(
            "INSERT INTO attempt (seq, number, begun, ended, outcome, said) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (seq, number) DO NOTHING",
        )
        .bind(self.seq)
        .bind(i64::from(self.attempt))
        .bind(millis(self.begun))
        .bind(millis(self.now))
        .bind(outcome)
        .bind(&self.ended.said)
        .execute(&mut *connection)
        .await?;
        Ok(())
    }
}

struct Decide {
    kind: Kind,
    transaction: Uuid,
    decision: Decision,
}

impl Command for Decide {
    type Output = bool;
    const NAME: &'static str = "decide";

    async fn run(&self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        let Decision {
            event,
            what,
            who,
            now,
        } = &self.decision;
        let transaction = self.transaction.to_string();
        let found = sqlx::query(
            "SELECT seq, lane, since, attempts, standing, due FROM task
             WHERE kind = $1 AND transaction_id = $2 ORDER BY number",
        )
        .bind(self.kind.name())
        .bind(&transaction)
        .fetch_all(&mut *connection)
        .await?;
        for found in &found {
            let (seq, lane): (i64, String) = (found.try_get(0)?, found.try_get(1)?);
            lock(connection, self.kind, &lane).await?;
            let mut task = row::task(found, 2)?;
            if !task.is_open() {
                continue;
            }
            // No decision makes an attempt, so no pause matters.
            let _ = task.step(*event, &Retry::default());
            save(connection, seq, &task, *now).await?;
            settle(connection, self.kind, &lane, *now).await?;
        }
        if !found.is_empty() {
            record(connection, *now, who, what, &transaction).await?;
        }
        Ok(!found.is_empty())
    }
}

/// Puts on record who did what.
pub(super) async fn record(
    connection: &mut AnyConnection,
    at: Time,
    who: &str,
    what: &str,
    subject: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO audit (at, who, what, subject) VALUES ($1, $2, $3, $4)")
        .bind(millis(at))
        .bind(who)
        .bind(what)
        .bind(subject)
        .execute(connection)
        .await?;
    Ok(())
}

struct Release;

impl Command for Release {
    type Output = ();
    const NAME: &'static str = "release";

    async fn run(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE task SET due = 0 WHERE ended IS NULL AND standing = 'trying'")
            .execute(&mut *connection)
            .await?;
        // Only the first of a lane is ever tried.
        sqlx::query(
            "UPDATE lane SET due = 0 WHERE due IS NOT NULL AND EXISTS (SELECT seq FROM task
             WHERE task.kind = lane.kind AND task.lane = lane.lane AND ended IS NULL AND standing = 'trying')",
        )
        .execute(&mut *connection)
        .await?;
        Ok(())
    }
}

/// Adds `task` under its id and `number`, unless that is taken.
async fn add(
    connection: &mut AnyConnection,
    task: &NewTask,
    number: i64,
    now: Time,
) -> Result<Verdict, sqlx::Error> {
    let new = Task::new(now);
    let transaction = task.transaction.to_string();
    let added = sqlx::query(
        "INSERT INTO task (kind, transaction_id, number, lane, municipality, operation, code, digest, content, accepted, since, attempts, standing, due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 0, $11, $10)
         ON CONFLICT (kind, transaction_id, number) DO NOTHING",
    )
    .bind(task.kind.name())
    .bind(&transaction)
    .bind(number)
    .bind(&task.lane)
    .bind(task.municipality.to_string())
    .bind(task.operation)
    .bind(task.code)
    .bind(task.digest.to_vec())
    .bind(task.content.as_bytes().to_vec())
    .bind(millis(now))
    .bind(row::word(&new.standing))
    .execute(&mut *connection)
    .await?;
    if added.rows_affected() == 1 {
        open_lane(connection, task.kind, &task.lane, task.municipality, now).await?;
        return Ok(Verdict::New);
    }
    let known = sqlx::query(
        "SELECT digest FROM task WHERE kind = $1 AND transaction_id = $2 AND number = $3",
    )
    .bind(task.kind.name())
    .bind(&transaction)
    .bind(number)
    .fetch_one(connection)
    .await?;
    Ok(incoming::judge(
        Some(&row::digest(&known, 0)?),
        &task.digest,
    ))
}

/// Makes the lane, due now, or locks the one that is there: who closes it at this moment waits, and then finds what was added.
async fn open_lane(
    connection: &mut AnyConnection,
    kind: Kind,
    lane: &str,
    municipality: Cvr,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO lane (kind, lane, municipality, due) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind, lane) DO UPDATE SET municipality = excluded.municipality",
    )
    .bind(kind.name())
    .bind(lane)
    .bind(municipality.to_string())
    .bind(millis(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn lock(connection: &mut AnyConnection, kind: Kind, lane: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE lane SET due = due WHERE kind = $1 AND lane = $2")
        .bind(kind.name())
        .bind(lane)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the lane's time that of its first open task, or closes it; whether it has something to do at once.
async fn settle(
    connection: &mut AnyConnection,
    kind: Kind,
    lane: &str,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let first = sqlx::query(
        "SELECT since, attempts, standing, due FROM task
         WHERE kind = $1 AND lane = $2 AND ended IS NULL ORDER BY seq LIMIT 1",
    )
    .bind(kind.name())
    .bind(lane)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(first) = first else {
        sqlx::query("DELETE FROM lane WHERE kind = $1 AND lane = $2")
            .bind(kind.name())
            .bind(lane)
            .execute(connection)
            .await?;
        return Ok(false);
    };
    let due = row::task(&first, 0)?.due();
    sqlx::query("UPDATE lane SET due = $3 WHERE kind = $1 AND lane = $2")
        .bind(kind.name())
        .bind(lane)
        .bind(due.map(millis))
        .execute(connection)
        .await?;
    Ok(due.is_some_and(|due| due <= now))
}

async fn save(
    connection: &mut AnyConnection,
    seq: i64,
    task: &Task,
    now: Time,
) -> Result<(), sqlx::Error> {
    let ended = matches!(task.standing, Standing::Done(_)).then_some(millis(now));
    sqlx::query(
        "UPDATE task SET since = $2, attempts = $3, standing = $4, due = $5, ended = $6 WHERE seq = $1",
    )
    .bind(seq)
    .bind(millis(task.since))
    .bind(i64::from(task.attempts))
    .bind(row::word(&task.standing))
    .bind(task.due().map(millis))
    .bind(ended)
    .execute(connection)
    .await?;
    Ok(())
}
