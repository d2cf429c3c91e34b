//! The outbox and the inbox: tasks in lanes, from the first commit to the last.
//!
//! What becomes of a task is decided by [`Task::step`](crate::delivery::task::Task::step); here its columns are read, and written with
//! all that hangs on them: `accept` takes on, `attempt` tries, `decide` is told by hand, and `lane` keeps the order.

use std::time::Duration;

use chrono::TimeDelta;
use sqlx::Row;
use uuid::Uuid;

use super::row;
use super::{Error, Store};
use crate::delivery::Time;
use crate::delivery::incoming::{Digest, Verdict};
use crate::delivery::room::Room;
use crate::delivery::said::Said;
use crate::delivery::schedule::Retry;
use crate::delivery::task::{Decision, Outcome, Unchanged};
use crate::routing::Cvr;

mod accept;
mod attempt;
mod decide;
mod lane;

pub(super) use decide::record;

use accept::{Answer, Receive, Submit};
use attempt::{End, Release, Take};
use decide::Decide;

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
    /// What the other side said.
    pub(crate) said: Said,
    /// How long the other side asked to be left alone.
    pub(crate) asked: Option<Duration>,
    /// What is owed because of it, committed with it.
    pub(crate) follows: Option<NewTask>,
}

impl Ended {
    /// The end of an attempt of which nothing is known but `said`.
    pub(crate) fn failed(said: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            said: Said::new(said),
            asked: None,
            follows: None,
        }
    }
}

impl Store {
    /// Takes a message on, unless its id is known.
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
        let asked = self.clock.own();
        let query = sqlx::query(self.backend.due()).bind(kind.name());
        let due = self.read_one(query).await?;
        if let Some(told) = due.try_get(1)? {
            self.clock.hear(asked, told);
        }
        Ok(due.try_get::<Option<i64>, _>(0)?.map(row::time))
    }

    /// Takes on the first tasks of the lanes that are due, as far as `room` admits them beside those that are under way.
    pub(crate) async fn take(
        &self,
        kind: Kind,
        now: Time,
        until: Time,
        room: &Room,
    ) -> Result<Vec<Job>, Error> {
        let command = Take {
            kind,
            now,
            until,
            room: room.clone(),
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
            municipality: job.municipality,
            attempt: job.attempt,
            begun: job.begun,
            ended,
            now,
            chance,
            policy,
        };
        let outcome = command.ended.outcome;
        let stored = self.writer.commit(command).await;
        if stored.as_ref().is_err_and(|error| !error.retry()) {
            let (what, transaction, attempt) = (job.kind.name(), job.transaction, job.attempt);
            tracing::error!(
                what, %transaction, attempt, ?outcome,
                "how an attempt ended cannot be stored; it is made again when its lease is over"
            );
        }
        stored
    }

    /// Applies a decision that `who` makes by hand to all that is owed under `transaction`, and puts on record what changes something.
    ///
    /// # Errors
    /// The store failed.
    pub async fn decide(
        &self,
        kind: Kind,
        transaction: Uuid,
        decision: Decision,
        who: String,
        now: Time,
    ) -> Result<Decided, Error> {
        let command = Decide {
            kind,
            transaction,
            decision,
            who,
            now,
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
        let query = sqlx::query(
            "SELECT content FROM task JOIN document ON document.seq = task.seq
             WHERE transaction_id = $1 AND kind = $2 AND number = 0",
        )
        .bind(row::id(transaction))
        .bind(kind.name());
        let found = self.read(query).await?.pop();
        Ok(found.map(|row| row.try_get(0)).transpose()?)
    }
}

/// What the ends of attempts are judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) retry: Retry,
    /// After how long without an answer a delivered message is overdue.
    pub(crate) answer_within: Option<TimeDelta>,
}

/// What a decision made by hand has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It holds.
    Changed,
    /// Nothing is changed, and nothing on record; why.
    Unchanged(Unchanged),
    /// Nothing is known of the message.
    Unknown,
}
