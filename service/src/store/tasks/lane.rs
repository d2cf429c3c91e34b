//! Lanes: how a task gets into one, and when a lane has something to do.

use sqlx::AnyConnection;

use super::super::row::{self, millis};
use super::{Kind, NewTask};
use crate::delivery::Time;
use crate::delivery::incoming::{self, Verdict};
use crate::delivery::task::{Standing, Task};
use crate::routing::Cvr;

/// Adds `task` under its id and `number`, unless that is taken.
pub(super) async fn add(
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
pub(super) async fn open_lane(
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

pub(super) async fn lock(
    connection: &mut AnyConnection,
    kind: Kind,
    lane: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE lane SET due = due WHERE kind = $1 AND lane = $2")
        .bind(kind.name())
        .bind(lane)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the lane's time that of its first open task, or closes it; whether it has something to do at once.
pub(super) async fn settle(
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

pub(super) async fn save(
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
