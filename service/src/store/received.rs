//! The answers that came to what was sent, and those that came to nothing.

use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::row::{self, millis};
use super::writer::Single;
use super::{Error, Store};
use crate::delivery::Time;
use crate::delivery::expected::{Expected, Verdict};
use crate::delivery::incoming::Digest;
use crate::routing::Cvr;

/// An answer that came in.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) transaction: Uuid,
    pub(crate) municipality: Cvr,
    /// Its ForretningsValideringsKode.
    pub(crate) code: &'static str,
    /// Whether no other is to follow.
    pub(crate) last: bool,
    pub(crate) digest: Digest,
    pub(crate) content: String,
}

/// Where the first answer to a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FirstAnswer {
    /// The document that brought it.
    Here(Vec<u8>),
    /// It has not come.
    Awaited,
    /// The message is not known, or the answer is erased.
    Never,
}

impl Store {
    /// Takes an answer in where it is new and expected, and puts on record what is not expected.
    pub(crate) async fn take_answer(&self, answer: Answered, now: Time) -> Result<Verdict, Error> {
        self.writer.commit(TakeAnswer { answer, now }).await
    }

    /// The first answer to the message.
    pub(crate) async fn first_answer(&self, transaction: Uuid) -> Result<FirstAnswer, Error> {
        let found = sqlx::query(
            "SELECT received.code, received.content FROM task
             LEFT JOIN received ON received.transaction_id = task.transaction_id AND received.number = 0
             WHERE task.transaction_id = $1 AND task.kind = 'message' AND task.number = 0",
        )
        .bind(row::id(transaction))
        .fetch_optional(&self.pool)
        .await?;
        let Some(found) = found else {
            return Ok(FirstAnswer::Never);
        };
        if found.try_get::<Option<String>, _>(0)?.is_none() {
            return Ok(FirstAnswer::Awaited);
        }
        let content = found.try_get::<Option<_>, _>(1)?;
        Ok(content.map_or(FirstAnswer::Never, FirstAnswer::Here))
    }
}

struct TakeAnswer {
    answer: Answered,
    now: Time,
}

impl Single for TakeAnswer {
    type Output = Verdict;
    const NAME: &'static str = "take answer";

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        let answer = &self.answer;
        let mut expected = self.expected(connection).await?;
        let number = expected
            .as_ref()
            .map_or(0, |expected| expected.answers.len());
        let verdict = Expected::take(
            expected.as_mut(),
            answer.municipality,
            answer.digest,
            answer.last,
        );
        match verdict {
            Verdict::New => self.keep(connection, number).await?,
            Verdict::Repeat => {}
            Verdict::Unknown => self.put_on_record(connection, "unknown").await?,
            Verdict::OtherMunicipality(_) => {
                self.put_on_record(connection, "other municipality").await?;
            }
        }
        Ok(verdict)
    }
}

impl TakeAnswer {
    async fn expected(
        &self,
        connection: &mut AnyConnection,
    ) -> Result<Option<Expected>, sqlx::Error> {
        let transaction = self.answer.transaction;
        // Locks the message, so that two answers at once are judged one after the other.
        let sent = sqlx::query(
            "UPDATE task SET attempts = attempts WHERE transaction_id = $1 AND kind = 'message'
             RETURNING municipality, answer_due",
        )
        .bind(row::id(transaction))
        .fetch_optional(&mut *connection)
        .await?;
        let Some(sent) = sent else { return Ok(None) };
        let known = sqlx::query("SELECT digest FROM received WHERE transaction_id = $1")
            .bind(row::id(transaction))
            .fetch_all(connection)
            .await?;
        let digests: Result<Vec<Digest>, _> = known.iter().map(|row| row::digest(row, 0)).collect();
        Ok(Some(Expected {
            municipality: row::municipality(&sent, 0)?,
            due: sent.try_get::<Option<i64>, _>(1)?.map(row::time),
            answers: digests?,
        }))
    }

    async fn keep(&self, connection: &mut AnyConnection, number: usize) -> Result<(), sqlx::Error> {
        let answer = &self.answer;
        sqlx::query(
            "INSERT INTO received (transaction_id, number, received, code, digest, content)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(row::id(answer.transaction))
        .bind(i64::try_from(number).unwrap_or(i64::MAX))
        .bind(millis(self.now))
        .bind(answer.code)
        .bind(answer.digest.to_vec())
        .bind(answer.content.as_bytes().to_vec())
        .execute(&mut *connection)
        .await?;
        if answer.last {
            sqlx::query(
                "UPDATE task SET answered = $2, answer_due = NULL
                 WHERE transaction_id = $1 AND kind = 'message'",
            )
            .bind(row::id(answer.transaction))
            .bind(millis(self.now))
            .execute(connection)
            .await?;
        }
        Ok(())
    }

    async fn put_on_record(
        &self,
        connection: &mut AnyConnection,
        why: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO stray (received, transaction_id, municipality, code, why) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(millis(self.now))
        .bind(row::id(self.answer.transaction))
        .bind(self.answer.municipality.to_string())
        .bind(self.answer.code)
        .bind(why)
        .execute(connection)
        .await?;
        Ok(())
    }
}
