//! Decisions made by hand, and the record of them.

use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::super::row::{self, millis};
use super::super::writer::Single;
use super::lane::{Saved, lock, save, settle};
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
        let found = sqlx::query(
            "SELECT seq, lane, since, attempts, standing, due FROM task
             WHERE transaction_id = $2 AND kind = $1 ORDER BY number",
        )
        .bind(self.kind.name())
        .bind(row::id(self.transaction))
        .fetch_all(&mut *connection)
        .await?;
        for found in &found {
            let (seq, lane): (i64, String) = (found.try_get(0)?, found.try_get(1)?);
            lock(connection, self.kind, &[&lane]).await?;
            let mut task = row::task(found, 2)?;
            if !task.is_open() {
                continue;
            }
            // No decision makes an attempt, so no pause matters.
            let _ = task.step(*event, &Retry::default());
            let saved = Saved {
                seq,
                task: &task,
                now: *now,
                answer_due: None,
            };
            save(connection, &[saved]).await?;
            settle(connection, self.kind, &[&lane]).await?;
        }
        if !found.is_empty() {
            record(connection, *now, who, what, &self.transaction.to_string()).await?;
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
