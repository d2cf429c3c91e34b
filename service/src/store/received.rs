//! The answers that came to what was sent, and those that came to nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::many;
use super::row::{self, millis};
use super::writer::Command;
use super::{Error, Store};
use crate::delivery::Time;
use crate::delivery::expected::{Expected, Verdict};
use crate::delivery::incoming::Digest;
use crate::routing::Cvr;

/// An answer that came in.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) transaction: Uuid,
    /// That of the message, as far as the answer says it.
    pub(crate) lane: String,
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
        let query = sqlx::query(
            "SELECT received.code, received.content FROM task
             LEFT JOIN received ON received.seq = task.seq AND received.number = 0
             WHERE task.transaction_id = $1 AND task.kind = 'message' AND task.number = 0",
        )
        .bind(row::id(transaction));
        let Some(found) = self.read(query).await?.pop() else {
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

impl Command for TakeAnswer {
    type Output = Verdict;
    const NAME: &'static str = "take answer";

    fn lane(&self) -> Option<&str> {
        Some(&self.answer.lane)
    }

    async fn run(
        commands: &[Self],
        connection: &mut AnyConnection,
    ) -> Result<Vec<Verdict>, sqlx::Error> {
        let mut sent = sent(connection, commands).await?;
        let (mut new, mut strays, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
        for Self { answer, now } in commands {
            let sent = sent.get_mut(&answer.transaction);
            let (seq, expected) = sent.map(|sent| (sent.seq, &mut sent.expected)).unzip();
            let number = expected.as_ref().map_or(0, |it| it.answers.len());
            let Answered {
                municipality,
                digest,
                last,
                ..
            } = *answer;
            let verdict = Expected::take(expected, municipality, digest, last);
            let now = *now;
            match (verdict, seq) {
                (Verdict::New, Some(seq)) => {
                    let number = i64::try_from(number).unwrap_or(i64::MAX);
                    new.push(New {
                        seq,
                        number,
                        answer,
                        now,
                    });
                }
                (Verdict::New | Verdict::Repeat, _) => {}
                (Verdict::Unknown, _) => strays.push((answer, now, "unknown")),
                (Verdict::OtherMunicipality(_), _) => {
                    strays.push((answer, now, "other municipality"));
                }
            }
            verdicts.push(verdict);
        }
        keep(connection, &new).await?;
        put_on_record(connection, &strays).await?;
        Ok(verdicts)
    }
}

/// A message that was sent, and its place in the store.
struct Sent {
    seq: i64,
    expected: Expected,
}

/// The messages that `answers` answer, which are locked, so that two answers at once are judged one after the other.
async fn sent(
    connection: &mut AnyConnection,
    answers: &[TakeAnswer],
) -> Result<HashMap<Uuid, Sent>, sqlx::Error> {
    let transactions: BTreeSet<Uuid> = answers.iter().map(|it| it.answer.transaction).collect();
    let found = many::run(
        connection,
        "UPDATE task SET attempts = attempts WHERE kind = 'message' AND transaction_id IN ({rows})
         RETURNING transaction_id, seq, municipality, answer_due",
        "?",
        &transactions.into_iter().collect::<Vec<_>>(),
        &[],
        |statement, transaction| statement.bind(row::id(*transaction)),
    )
    .await?;
    let mut sent = HashMap::with_capacity(found.len());
    let mut transactions = HashMap::with_capacity(found.len());
    for found in &found {
        let (transaction, seq) = (row::uuid(found, 0)?, found.try_get(1)?);
        let expected = Expected {
            municipality: row::municipality(found, 2)?,
            due: found.try_get::<Option<i64>, _>(3)?.map(row::time),
            answers: Vec::new(),
        };
        sent.insert(transaction, Sent { seq, expected });
        transactions.insert(seq, transaction);
    }
    let known = many::run(
        connection,
        "SELECT seq, digest FROM received WHERE seq IN ({rows})",
        "?",
        &transactions.keys().copied().collect::<Vec<_>>(),
        &[],
        |statement, seq| statement.bind(*seq),
    )
    .await?;
    for known in &known {
        let transaction = transactions.get(&known.try_get(0)?);
        if let Some(sent) = transaction.and_then(|transaction| sent.get_mut(transaction)) {
            sent.expected.answers.push(row::digest(known, 1)?);
        }
    }
    Ok(sent)
}

/// An answer to be kept: to which message, and which of its answers.
struct New<'a> {
    seq: i64,
    number: i64,
    answer: &'a Answered,
    now: Time,
}

async fn keep(connection: &mut AnyConnection, answers: &[New<'_>]) -> Result<(), sqlx::Error> {
    many::run(
        connection,
        "INSERT INTO received (seq, number, received, code, digest, content) VALUES {rows}",
        "(?, ?, ?, ?, ?, ?)",
        answers,
        &[],
        |statement,
         New {
             seq,
             number,
             answer,
             now,
         }| {
            statement
                .bind(*seq)
                .bind(*number)
                .bind(millis(*now))
                .bind(answer.code)
                .bind(answer.digest.as_slice())
                .bind(answer.content.as_bytes())
        },
    )
    .await?;
    let last = answers.iter().filter(|new| new.answer.last);
    // The last word may come twice, in other words; then the later is the last.
    let last: BTreeMap<i64, Time> = last.map(|new| (new.seq, new.now)).collect();
    many::run(
        connection,
        "UPDATE task SET answered = last.column2, answer_due = NULL FROM (VALUES {rows}) AS last
         WHERE task.seq = last.column1",
        "(?, ?)",
        &last.into_iter().collect::<Vec<_>>(),
        &[],
        |statement, (seq, now)| statement.bind(*seq).bind(millis(*now)),
    )
    .await?;
    Ok(())
}

/// Puts answers on record that are refused, and why.
async fn put_on_record(
    connection: &mut AnyConnection,
    strays: &[(&Answered, Time, &'static str)],
) -> Result<(), sqlx::Error> {
    many::run(
        connection,
        "INSERT INTO stray (received, transaction_id, municipality, code, why) VALUES {rows}",
        "(?, ?, ?, ?, ?)",
        strays,
        &[],
        |statement, (answer, now, why)| {
            statement
                .bind(millis(*now))
                .bind(row::id(answer.transaction))
                .bind(answer.municipality.to_string())
                .bind(answer.code)
                .bind(*why)
        },
    )
    .await?;
    Ok(())
}
