//! Lanes: how tasks get into them, and when a lane has something to do.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::super::many;
use super::super::row::{self, millis};
use super::{Kind, NewTask};
use crate::delivery::Time;
use crate::delivery::incoming::{self, Verdict};
use crate::delivery::task::{How, Standing, Task};
use crate::routing::Cvr;

/// A task to be added: which of the answers to one message it is, or 0, and when it was taken on.
#[derive(Clone, Copy)]
pub(super) struct New<'a> {
    pub(super) task: &'a NewTask,
    pub(super) number: i64,
    pub(super) now: Time,
}

impl<'a> New<'a> {
    /// A task of which there is one for its message.
    pub(super) const fn only(task: &'a NewTask, now: Time) -> Self {
        Self {
            task,
            number: 0,
            now,
        }
    }

    const fn key(&self) -> (Uuid, i64) {
        (self.task.transaction, self.number)
    }
}

/// Adds each of `tasks` under its id and number, unless that is taken, by an earlier one of them or in the store.
pub(super) async fn add(
    connection: &mut AnyConnection,
    kind: Kind,
    tasks: &[New<'_>],
) -> Result<Vec<Verdict>, sqlx::Error> {
    let mut keys = HashSet::new();
    let first = tasks.iter().filter(|new| keys.insert(new.key()));
    let first: Vec<New<'_>> = first.copied().collect();
    let mut added = insert(connection, kind, &first).await?;
    let new = first.iter().filter_map(|new| {
        let seq = added.get(&new.key())?;
        Some((*seq, *new))
    });
    let new: Vec<(i64, New<'_>)> = new.collect();
    many::run(
        connection,
        "INSERT INTO document (seq, content) VALUES {rows}",
        "(?, ?)",
        &new,
        &[],
        |statement, (seq, new)| statement.bind(*seq).bind(new.task.content.as_bytes()),
    )
    .await?;
    let lanes = new.iter().map(|(_, new)| Lane {
        name: &new.task.lane,
        municipality: new.task.municipality,
        now: new.now,
    });
    open_lanes(connection, kind, lanes.collect()).await?;
    let mut verdicts = Vec::with_capacity(tasks.len());
    for new in tasks {
        verdicts.push(match added.remove(&new.key()) {
            Some(_) => Verdict::New,
            None => judge(connection, kind, new).await?,
        });
    }
    Ok(verdicts)
}

/// Puts in those of `tasks` whose id and number are not taken; their places in the store.
async fn insert(
    connection: &mut AnyConnection,
    kind: Kind,
    tasks: &[New<'_>],
) -> Result<HashMap<(Uuid, i64), i64>, sqlx::Error> {
    let added = many::run(
        connection,
        "INSERT INTO task (kind, standing, transaction_id, number, lane, municipality, operation, code, digest, accepted, since, due,
         attempts) VALUES {rows} ON CONFLICT (transaction_id, kind, number) DO NOTHING RETURNING seq, transaction_id, number",
        "($1, $2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        tasks,
        &[kind.name(), row::word(&Task::new(Time::default()).standing)],
        |statement, New { task, number, now }| {
            let new = Task::new(*now);
            statement
                .bind(row::id(task.transaction))
                .bind(*number)
                .bind(task.lane.clone())
                .bind(task.municipality.to_string())
                .bind(task.operation)
                .bind(task.code)
                .bind(task.digest.as_slice())
                .bind(millis(*now))
                .bind(millis(new.since))
                .bind(new.due().map(millis))
        },
    )
    .await?;
    let key = |found: &AnyRow| {
        let key = (row::uuid(found, 1)?, found.try_get(2)?);
        Ok((key, found.try_get(0)?))
    };
    added.iter().map(key).collect()
}

/// What a task is whose id and number are taken.
async fn judge(
    connection: &mut AnyConnection,
    kind: Kind,
    new: &New<'_>,
) -> Result<Verdict, sqlx::Error> {
    let known = sqlx::query(
        "SELECT digest FROM task WHERE transaction_id = $1 AND kind = $2 AND number = $3",
    )
    .bind(row::id(new.task.transaction))
    .bind(kind.name())
    .bind(new.number)
    .fetch_one(connection)
    .await?;
    let known = row::digest(&known, 0)?;
    Ok(incoming::judge(Some(&known), &new.task.digest))
}

/// A lane, and a time at which something is done in it.
pub(super) struct Lane<'a> {
    pub(super) name: &'a str,
    pub(super) municipality: Cvr,
    pub(super) now: Time,
}

/// Makes the lanes, due now, or locks those that are there: who closes one at this moment waits, and then finds what was done.
pub(super) async fn open_lanes(
    connection: &mut AnyConnection,
    kind: Kind,
    lanes: Vec<Lane<'_>>,
) -> Result<(), sqlx::Error> {
    // Each once, and all instances in one order, so that they do not wait for each other in a circle.
    let lanes: BTreeMap<&str, Lane<'_>> = lanes.into_iter().map(|lane| (lane.name, lane)).collect();
    let lanes: Vec<Lane<'_>> = lanes.into_values().collect();
    many::run(
        connection,
        "INSERT INTO lane (kind, lane, municipality, due) VALUES {rows}
         ON CONFLICT (kind, lane) DO UPDATE SET municipality = excluded.municipality",
        "($1, ?, ?, ?)",
        &lanes,
        &[kind.name()],
        |statement, lane| {
            statement
                .bind(lane.name.to_owned())
                .bind(lane.municipality.to_string())
                .bind(millis(lane.now))
        },
    )
    .await?;
    Ok(())
}

/// A task whose lane is locked: nobody else changes where it stands.
pub(super) struct Locked {
    pub(super) seq: i64,
    pub(super) lane: String,
    pub(super) task: Task,
    /// Whether its document is erased.
    pub(super) erased: bool,
    /// How it was delivered before it was asked for again, if it was.
    pub(super) delivered: Option<How>,
}

/// Locks what is owed under `transaction`, in its order.
pub(super) async fn lock(
    connection: &mut AnyConnection,
    kind: Kind,
    transaction: Uuid,
    now: Time,
) -> Result<Vec<Locked>, sqlx::Error> {
    let found =
        sqlx::query("SELECT lane, municipality FROM task WHERE transaction_id = $1 AND kind = $2")
            .bind(row::id(transaction))
            .bind(kind.name())
            .fetch_all(&mut *connection)
            .await?;
    let lane = |found: &AnyRow| Ok((found.try_get(0)?, row::municipality(found, 1)?));
    let lanes = found.iter().map(lane);
    let lanes: Vec<(String, Cvr)> = lanes.collect::<Result<_, sqlx::Error>>()?;
    let lanes = lanes.iter().map(|(name, municipality)| Lane {
        name,
        municipality: *municipality,
        now,
    });
    open_lanes(connection, kind, lanes.collect()).await?;
    // Read once they are locked: until then another instance may have changed them.
    let found = sqlx::query(
        "SELECT seq, lane, erased, since, attempts, standing, due, (SELECT outcome FROM attempt
         WHERE attempt.seq = task.seq AND outcome IN ('delivered', 'warned') ORDER BY number DESC LIMIT 1) FROM task
         WHERE transaction_id = $1 AND kind = $2 ORDER BY number",
    )
    .bind(row::id(transaction))
    .bind(kind.name())
    .fetch_all(connection)
    .await?;
    let locked = |found: &AnyRow| {
        Ok(Locked {
            seq: found.try_get(0)?,
            lane: found.try_get(1)?,
            task: row::task(found, 3)?,
            erased: found.try_get::<Option<i64>, _>(2)?.is_some(),
            delivered: match found.try_get::<Option<String>, _>(7)?.as_deref() {
                None => None,
                Some("warned") => Some(How::Warned),
                Some(_) => Some(How::Delivered),
            },
        })
    };
    found.iter().map(locked).collect()
}

/// Makes the time of each lane that of its first open task, or closes it; those that have something to do, and when.
pub(super) async fn settle(
    connection: &mut AnyConnection,
    kind: Kind,
    lanes: &[&str],
) -> Result<HashMap<String, Time>, sqlx::Error> {
    many::run(
        connection,
        "DELETE FROM lane WHERE kind = $1 AND lane IN ({rows}) AND NOT EXISTS (SELECT seq FROM task
         WHERE task.kind = lane.kind AND task.lane = lane.lane AND task.ended IS NULL)",
        "?",
        lanes,
        &[kind.name()],
        |statement, lane| statement.bind((*lane).to_owned()),
    )
    .await?;
    let settled = many::run(
        connection,
        "UPDATE lane SET due = (SELECT task.due FROM task
         WHERE task.kind = lane.kind AND task.lane = lane.lane AND task.ended IS NULL ORDER BY task.seq LIMIT 1)
         WHERE kind = $1 AND lane IN ({rows}) RETURNING lane, due",
        "?",
        lanes,
        &[kind.name()],
        |statement, lane| statement.bind((*lane).to_owned()),
    )
    .await?;
    let mut due = HashMap::new();
    for lane in settled {
        if let Some(millis) = lane.try_get::<Option<i64>, _>(1)? {
            due.insert(lane.try_get(0)?, row::time(millis));
        }
    }
    Ok(due)
}

/// [`settle`] for a lane in which any task may have changed. What is being tried there goes first, and its end finds the others.
pub(super) async fn settle_at_rest(
    connection: &mut AnyConnection,
    kind: Kind,
    lane: &str,
) -> Result<(), sqlx::Error> {
    let trying = sqlx::query(
        "SELECT seq FROM task WHERE kind = $1 AND lane = $2 AND ended IS NULL AND standing = 'trying' LIMIT 1",
    )
    .bind(kind.name())
    .bind(lane.to_owned())
    .fetch_optional(&mut *connection)
    .await?;
    if trying.is_none() {
        settle(connection, kind, &[lane]).await?;
    }
    Ok(())
}

/// Where a task stands now.
pub(super) struct Saved<'a> {
    pub(super) seq: i64,
    pub(super) task: &'a Task,
    pub(super) now: Time,
    /// When its answer is overdue, where it was delivered and none has come that says the last word.
    pub(super) answer_due: Option<Time>,
}

/// Writes where tasks stand; each once.
pub(super) async fn save(
    connection: &mut AnyConnection,
    tasks: &[Saved<'_>],
) -> Result<(), sqlx::Error> {
    many::run(
        connection,
        "UPDATE task SET since = saved.column2, attempts = saved.column3, standing = saved.column4, due = saved.column5,
         ended = saved.column6, answer_due = CASE WHEN answered IS NULL THEN coalesce(saved.column7, answer_due) END
         FROM (VALUES {rows}) AS saved WHERE task.seq = saved.column1",
        "(?, ?, ?, ?, ?, ?, ?)",
        tasks,
        &[],
        |statement, saved| {
            let Saved { seq, task, now, answer_due } = saved;
            let ended = matches!(task.standing, Standing::Done(_)).then_some(millis(*now));
            statement
                .bind(*seq)
                .bind(millis(task.since))
                .bind(i64::from(task.attempts))
                .bind(row::word(&task.standing))
                .bind(task.due().map(millis))
                .bind(ended)
                .bind(answer_due.map(millis))
        },
    )
    .await?;
    Ok(())
}
