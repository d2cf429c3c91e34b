//! Taking on: what is submitted, what comes in, and the answers that are said.

use std::collections::{BTreeSet, HashMap};

use sqlx::AnyConnection;
use uuid::Uuid;

use super::super::many;
use super::super::row;
use super::super::writer::{Command, Single};
use super::lane::{Locked, New, Saved, add, lock, save, settle_at_rest};
use super::{Kind, NewTask};
use crate::delivery::Time;
use crate::delivery::incoming::{self, Digest, Verdict};

pub(super) struct Submit {
    pub(super) task: NewTask,
    pub(super) now: Time,
}

impl Command for Submit {
    type Output = Verdict;
    const NAME: &'static str = "submit";

    fn lane(&self) -> Option<&str> {
        Some(&self.task.lane)
    }

    async fn run(
        commands: &[Self],
        connection: &mut AnyConnection,
    ) -> Result<Vec<Verdict>, sqlx::Error> {
        let new = commands.iter().map(|one| New::only(&one.task, one.now));
        add(connection, Kind::Message, &new.collect::<Vec<_>>()).await
    }
}

pub(super) struct Receive {
    pub(super) task: NewTask,
    pub(super) now: Time,
}

impl Command for Receive {
    type Output = Verdict;
    const NAME: &'static str = "receive";

    fn lane(&self) -> Option<&str> {
        Some(&self.task.lane)
    }

    async fn run(
        commands: &[Self],
        connection: &mut AnyConnection,
    ) -> Result<Vec<Verdict>, sqlx::Error> {
        let new = commands.iter().map(|one| New::only(&one.task, one.now));
        let new: Vec<_> = new.collect();
        let verdicts = add(connection, Kind::Registration, &new).await?;
        for (received, verdict) in commands.iter().zip(&verdicts) {
            if *verdict == Verdict::Repeat {
                received.answer_again(connection).await?;
            }
        }
        Ok(verdicts)
    }
}

impl Receive {
    async fn answer_again(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let (transaction, now) = (self.task.transaction, self.now);
        let mut answers = lock(connection, Kind::Answer, transaction, now).await?;
        for Locked { task, erased, .. } in &mut answers {
            if !*erased {
                incoming::answer_again(task, now);
            }
        }
        let open = answers.iter().filter(|answer| answer.task.is_open());
        let saved = open.map(|answer| Saved {
            seq: answer.seq,
            task: &answer.task,
            now,
            answer_due: None,
        });
        save(connection, &saved.collect::<Vec<_>>()).await?;
        let lanes: BTreeSet<&str> = answers.iter().map(|answer| answer.lane.as_str()).collect();
        for lane in lanes {
            settle_at_rest(connection, Kind::Answer, lane).await?;
        }
        Ok(())
    }
}

pub(super) struct Answer {
    pub(super) answer: NewTask,
    pub(super) now: Time,
}

impl Single for Answer {
    type Output = Verdict;
    const NAME: &'static str = "answer";

    fn lane(&self) -> Option<&str> {
        Some(&self.answer.lane)
    }

    async fn run(&self, connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
        // Locks the message, so that two answers at once get two numbers.
        sqlx::query(
            "UPDATE task SET attempts = attempts WHERE transaction_id = $1 AND kind = 'registration'",
        )
        .bind(row::id(self.answer.transaction))
        .execute(&mut *connection)
        .await?;
        let verdicts = add_answers(connection, &[(&self.answer, self.now)]).await?;
        verdicts.first().copied().ok_or(sqlx::Error::RowNotFound)
    }
}

/// Adds each of `answers` after those that its message has, unless it is one of them. Their messages are locked.
pub(super) async fn add_answers(
    connection: &mut AnyConnection,
    answers: &[(&NewTask, Time)],
) -> Result<Vec<Verdict>, sqlx::Error> {
    let known = many::run(
        connection,
        "SELECT transaction_id, digest FROM task WHERE kind = 'answer' AND transaction_id IN ({rows})",
        "?",
        answers,
        &[],
        |statement, (answer, _)| statement.bind(row::id(answer.transaction)),
    )
    .await?;
    let mut digests: HashMap<Uuid, Vec<Digest>> = HashMap::new();
    for known in &known {
        let of = digests.entry(row::uuid(known, 0)?).or_default();
        of.push(row::digest(known, 1)?);
    }
    let mut new = Vec::new();
    let mut verdicts = Vec::with_capacity(answers.len());
    for (task, now) in answers {
        let known = digests.entry(task.transaction).or_default();
        if known.contains(&task.digest) {
            verdicts.push(Verdict::Repeat);
            continue;
        }
        let number = i64::try_from(known.len()).unwrap_or(i64::MAX);
        known.push(task.digest);
        let now = *now;
        new.push(New { task, number, now });
        verdicts.push(Verdict::New);
    }
    add(connection, Kind::Answer, &new).await?;
    Ok(verdicts)
}
