//! Attempts: what is taken on to be tried, how that ended, and what is given back after the death of who tried.

use sqlx::{AnyConnection, Row};

use super::super::row::{self, millis};
use super::super::writer::Command;
use super::accept::add_answer;
use super::lane::{lock, save, settle};
use super::{Ended, Job, Kind, Policy};
use crate::delivery::Time;
use crate::delivery::schedule::Retry;
use crate::delivery::task::{Effect, Event, Outcome};

pub(super) struct Take {
    pub(super) kind: Kind,
    pub(super) now: Time,
    pub(super) until: Time,
    pub(super) limit: i64,
    pub(super) busy: String,
    pub(super) lanes: &'static str,
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

pub(super) struct End {
    pub(super) seq: i64,
    pub(super) kind: Kind,
    pub(super) lane: String,
    pub(super) attempt: u32,
    pub(super) begun: Time,
    pub(super) ended: Ended,
    pub(super) now: Time,
    pub(super) chance: u32,
    pub(super) policy: Policy,
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
            asked: self.ended.asked,
            chance: self.chance,
        };
        let advances = task.step(event, &self.policy.retry) == Some(Effect::Advance);
        save(connection, self.seq, &task, self.now).await?;
        self.record(connection).await?;
        if let Some(next) = &self.ended.follows {
            // One that was heard of twice is in the store already; another may have been said in the meantime.
            add_answer(connection, next, self.now).await?;
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

pub(super) struct Release;

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
