//! Taking on: what is submitted, what comes in, and the answers that are said.

use sqlx::{AnyConnection, Row};

use super::super::row;
use super::super::writer::Command;
use super::lane::{add, open_lane, save, settle};
use super::{Kind, NewTask};
use crate::delivery::Time;
use crate::delivery::incoming::{self, Verdict};

pub(super) struct Submit {
    pub(super) task: NewTask,
    pub(super) now: Time,
}

impl Command for Submit {
    type Output = Verdict;
    const NAME: &'static str = "submit";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        add(connection, &self.task, 0, self.now).await
    }
}

pub(super) struct Receive {
    pub(super) task: NewTask,
    pub(super) now: Time,
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

pub(super) struct Answer {
    pub(super) answer: NewTask,
    pub(super) now: Time,
}

impl Command for Answer {
    type Output = Verdict;
    const NAME: &'static str = "answer";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        add_answer(connection, &self.answer, self.now).await
    }
}

/// Adds `answer` after those that its message has, unless it is one of them.
pub(super) async fn add_answer(
    connection: &mut AnyConnection,
    answer: &NewTask,
    now: Time,
) -> Result<Verdict, sqlx::Error> {
    let transaction = answer.transaction.to_string();
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
    for known in &known {
        if row::digest(known, 0)? == answer.digest {
            return Ok(Verdict::Repeat);
        }
    }
    let number = i64::try_from(known.len()).unwrap_or(i64::MAX);
    add(connection, answer, number, now).await
}
