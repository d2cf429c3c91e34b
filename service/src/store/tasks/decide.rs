//! Decisions made by hand, and the record of them.

use sqlx::AnyConnection;
use uuid::Uuid;

use super::super::row::millis;
use super::super::writer::Single;
use super::lane::{Locked, Saved, lock, save, settle};
use super::{Decision, Kind};
use crate::delivery::Time;
use crate::delivery::schedule::Retry;

pub(super) struct Decide {
    pub(super) kind: Kind,
    pub(super) transaction: Uuid,
    pub(super) decision: Decision,
}

impl Single for Decide {
    type Output = bool;
    const NAME: &'static str = "decide";

    async fn run(&self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        let Decision {
            event,
            what,
            who,
            now,
        } = &self.decision;
        let found = lock(connection, self.kind, self.transaction, *now).await?;
        for Locked {
            seq, lane, task, ..
        } in &found
        {
            let mut task = task.clone();
            if task.is_open() {
                // No decision makes an attempt, so no pause matters.
                let _ = task.step(*event, &Retry::default());
                let saved = Saved {
                    seq: *seq,
                    task: &task,
                    now: *now,
                    answer_due: None,
                };
                save(connection, &[saved]).await?;
            }
            settle(connection, self.kind, &[lane]).await?;
        }
        if !found.is_empty() {
            let subject = self.transaction.to_string();
            record(connection, *now, who, what, &subject).await?;
        }
        Ok(!found.is_empty())
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
