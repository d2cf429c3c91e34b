//! Attempts: what is taken on to be tried, how that ended, and what is given back after the death of who tried.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, Row};

use super::super::many;
use super::super::row::{self, millis};
use super::super::writer::{Command, Single};
use super::accept::add_answers;
use super::lane::{Lane, Saved, open_lanes, save, settle};
use super::{Ended, Job, Kind, Policy};
use crate::delivery::Time;
use crate::delivery::room::Room;
use crate::delivery::schedule::Retry;
use crate::delivery::task::{Effect, Event, Outcome, Task};
use crate::routing::Cvr;

pub(super) struct Take {
    pub(super) kind: Kind,
    pub(super) now: Time,
    pub(super) until: Time,
    pub(super) room: Room,
    pub(super) lanes: &'static str,
}

impl Single for Take {
    type Output = Vec<Job>;
    const NAME: &'static str = "take";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Vec<Job>, sqlx::Error> {
        let mut room = self.room.clone();
        let full: Vec<String> = room.full().map(|full| full.to_string()).collect();
        let due = sqlx::query(self.lanes)
            .bind(self.kind.name())
            .bind(millis(self.now))
            .bind(full.join(","))
            .bind(i64::try_from(room.free()).unwrap_or(i64::MAX))
            .fetch_all(&mut *connection)
            .await?;
        let mut lanes: Vec<String> = Vec::with_capacity(due.len());
        for lane in &due {
            let municipality = row::municipality(lane, 1)?;
            // Others of a municipality wait for those that are taken on now.
            if room.admits(municipality) {
                room.begin(municipality);
                lanes.push(lane.try_get(0)?);
            }
        }
        let lanes: Vec<&str> = lanes.iter().map(String::as_str).collect();
        let taken = self.take_first(connection, &lanes).await?;
        let saved = taken.iter().map(|(job, task)| Saved {
            seq: job.seq,
            task,
            now: self.now,
            answer_due: None,
        });
        save(connection, &saved.collect::<Vec<_>>()).await?;
        settle(connection, self.kind, &lanes).await?;
        Ok(taken.into_iter().map(|(job, _)| job).collect())
    }
}

impl Take {
    /// The first open tasks of the lanes, as far as there is something to try, and where they stand then.
    async fn take_first(
        &self,
        connection: &mut AnyConnection,
        lanes: &[&str],
    ) -> Result<Vec<(Job, Task)>, sqlx::Error> {
        // A statement of its own after the one that locks the lanes: it sees what was committed until then.
        let first = many::run(
            connection,
            "SELECT task.seq, task.lane, transaction_id, task.municipality, content, since, attempts, standing, task.due
             FROM lane JOIN task ON task.seq = (SELECT min(first.seq) FROM task AS first
             WHERE first.kind = lane.kind AND first.lane = lane.lane AND first.ended IS NULL)
             LEFT JOIN document ON document.seq = task.seq
             WHERE lane.kind = $1 AND lane.lane IN ({rows})",
            "?",
            lanes,
            &[self.kind.name()],
            |statement, lane| statement.bind((*lane).to_owned()),
        )
        .await?;
        let mut taken = Vec::with_capacity(first.len());
        for found in &first {
            let mut task = row::task(found, 5)?;
            let event = Event::Taken {
                now: self.now,
                until: self.until,
            };
            // The retry policy has no say in what is taken.
            if task.step(event, &Retry::default()) != Some(Effect::Try) {
                continue;
            }
            let job = Job {
                seq: found.try_get(0)?,
                kind: self.kind,
                lane: found.try_get(1)?,
                transaction: row::uuid(found, 2)?,
                municipality: row::municipality(found, 3)?,
                attempt: task.attempts,
                begun: self.now,
                content: found.try_get::<Option<_>, _>(4)?.unwrap_or_default(),
            };
            taken.push((job, task));
        }
        // The longest due come first, as far as these were taken in order.
        taken.sort_by_key(|(job, _)| job.seq);
        Ok(taken)
    }
}

pub(super) struct End {
    pub(super) seq: i64,
    pub(super) kind: Kind,
    pub(super) lane: String,
    pub(super) municipality: Cvr,
    pub(super) attempt: u32,
    pub(super) begun: Time,
    pub(super) ended: Ended,
    pub(super) now: Time,
    pub(super) chance: u32,
    pub(super) policy: Policy,
}

impl Command for End {
    /// Whether the lane has something to do at once.
    type Output = bool;
    const NAME: &'static str = "end";

    fn lane(&self) -> Option<&str> {
        Some(&self.lane)
    }

    fn goes_with(&self, other: &Self) -> bool {
        self.kind == other.kind
    }

    async fn run(ends: &[Self], connection: &mut AnyConnection) -> Result<Vec<bool>, sqlx::Error> {
        let Some(kind) = ends.first().map(|end| end.kind) else {
            return Ok(Vec::new());
        };
        let locked = ends.iter().map(|end| Lane {
            name: &end.lane,
            municipality: end.municipality,
            now: end.now,
        });
        open_lanes(connection, kind, locked.collect()).await?;
        let mut tasks = Self::tasks(ends, connection).await?;
        for end in ends {
            let found = tasks.get_mut(&end.seq);
            let (task, answer_due) = found.ok_or(sqlx::Error::RowNotFound)?;
            if let (true, Some(within)) = (end.delivers(task), end.policy.answer_within) {
                *answer_due = Some(end.now + within);
            }
        }
        let now = ends.iter().map(|end| end.now).max().unwrap_or_default();
        let saved = tasks.iter().map(|(seq, (task, answer_due))| Saved {
            seq: *seq,
            task,
            now,
            answer_due: *answer_due,
        });
        save(connection, &saved.collect::<Vec<_>>()).await?;
        Self::record(ends, connection).await?;
        // One that was heard of twice is in the store already; another may have been said in the meantime. Their messages are locked,
        // having been saved.
        let follow = ends
            .iter()
            .filter_map(|end| Some((end.ended.follows.as_ref()?, end.now)));
        add_answers(connection, &follow.collect::<Vec<_>>()).await?;
        let lanes: BTreeSet<&str> = ends.iter().map(|end| end.lane.as_str()).collect();
        let lanes: Vec<&str> = lanes.into_iter().collect();
        let due = settle(connection, kind, &lanes).await?;
        let at_once = |end: &Self| due.get(&end.lane).is_some_and(|due| *due <= end.now);
        Ok(ends.iter().map(at_once).collect())
    }
}

impl End {
    /// The tasks of `ends`; the answer to none of them is due yet.
    async fn tasks(
        ends: &[Self],
        connection: &mut AnyConnection,
    ) -> Result<BTreeMap<i64, (Task, Option<Time>)>, sqlx::Error> {
        let found = many::run(
            connection,
            "SELECT seq, since, attempts, standing, due FROM task WHERE seq IN ({rows})",
            "?",
            ends,
            &[],
            |statement, end| statement.bind(end.seq),
        )
        .await?;
        let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, (row::task(row, 1)?, None)));
        found.iter().map(read).collect()
    }

    /// Brings `task` on; whether it is known to be delivered by this end: one that was dropped meanwhile may be.
    fn delivers(&self, task: &mut Task) -> bool {
        let event = Event::Ended {
            now: self.now,
            attempt: self.attempt,
            outcome: self.ended.outcome,
            asked: self.ended.asked,
            chance: self.chance,
        };
        let known = task.is_delivered();
        task.step(event, &self.policy.retry);
        !known && task.is_delivered()
    }

    async fn record(ends: &[Self], connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        many::run(
            connection,
            "INSERT INTO attempt (seq, number, begun, ended, outcome, said) VALUES {rows}
             ON CONFLICT (seq, number) DO NOTHING",
            "(?, ?, ?, ?, ?, ?)",
            ends,
            &[],
            |statement, end| {
                let outcome = match end.ended.outcome {
                    Outcome::Delivered => "delivered",
                    Outcome::Warned => "warned",
                    Outcome::Refused => "refused",
                    Outcome::Failed => "failed",
                };
                statement
                    .bind(end.seq)
                    .bind(i64::from(end.attempt))
                    .bind(millis(end.begun))
                    .bind(millis(end.now))
                    .bind(outcome)
                    .bind(end.ended.said.as_str().to_owned())
            },
        )
        .await?;
        Ok(())
    }
}

pub(super) struct Release;

impl Single for Release {
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
