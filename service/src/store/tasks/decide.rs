//! Decisions made by hand, and the record of them.

use std::collections::BTreeSet;

use sqlx::AnyConnection;
use uuid::Uuid;

use super::super::row::millis;
use super::super::writer::Single;
use super::lane::{Locked, Saved, lock, save, settle_at_rest};
use super::{Decided, Kind};
use crate::delivery::Time;
use crate::delivery::task::{Decision, Task, Unchanged};

pub(super) struct Decide {
    pub(super) kind: Kind,
    pub(super) transaction: Uuid,
    pub(super) decision: Decision,
    pub(super) who: String,
    pub(super) now: Time,
}

impl Single for Decide {
    type Output = Decided;
    const NAME: &'static str = "decide";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Decided, sqlx::Error> {
        let found = lock(connection, self.kind, self.transaction, self.now).await?;
        let (decided, changed) = self.judge(&found);
        if !changed.is_empty() {
            let saved = changed.iter().map(|(seq, task)| Saved {
                seq: *seq,
                task,
                now: self.now,
                answer_due: None,
            });
            save(connection, &saved.collect::<Vec<_>>()).await?;
            let (what, subject) = (name(self.decision), self.transaction.to_string());
            record(connection, self.now, &self.who, what, &subject).await?;
        }
        // Whatever was decided: the lanes were made, where they were closed, as they were locked.
        let lanes: BTreeSet<&str> = found.iter().map(|found| found.lane.as_str()).collect();
        for lane in lanes {
            settle_at_rest(connection, self.kind, lane).await?;
        }
        Ok(decided)
    }
}

impl Decide {
    /// What the decision comes to, and what it makes of those of `found` that it changes: of none where one is being tried.
    fn judge(&self, found: &[Locked]) -> (Decided, Vec<(i64, Task)>) {
        let mut changed = Vec::with_capacity(found.len());
        let mut decided = Decided::Unknown;
        for found in found {
            let (seq, mut task) = (found.seq, found.task.clone());
            match task.decide(self.decision, self.now) {
                Ok(_) => {
                    if let Some(how) = found.delivered {
                        task.keep_delivered(how);
                    }
                    changed.push((seq, task));
                }
                Err(why @ Unchanged::UnderWay { .. }) => {
                    return (Decided::Unchanged(why), Vec::new());
                }
                Err(why) => decided = Decided::Unchanged(why),
            }
        }
        if !changed.is_empty() {
            decided = Decided::Changed;
        }
        (decided, changed)
    }
}

/// What the record calls `decision`.
const fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Retry => "retry",
        Decision::Park => "park",
        Decision::Drop => "drop",
    }
}

/// Puts on record who did what.
pub(in crate::store) async fn record(
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
