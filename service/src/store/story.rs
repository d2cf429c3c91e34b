//! What the store knows, for a person or a program to read.

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Row, query};
use uuid::Uuid;

use super::row::{self, millis};
use super::tasks::{Kind, record};
use super::writer::Single;
use super::{Error, Store};
use crate::delivery::Time;

/// A task, without its document.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// TransaktionIdentifikator of the message, or of the message that is answered.
    pub transaction: String,
    /// Which of the answers to one message; else 0.
    pub number: i64,
    /// The operation in the contract.
    pub operation: String,
    /// Of an answer: its ForretningsValideringsKode.
    pub code: Option<String>,
    /// The municipality's CVR number.
    pub municipality: String,
    /// The lane: the case.
    pub case: String,
    /// Where it stands: waiting, trying, refused, given up, parked, delivered, warned, dropped.
    pub standing: String,
    /// When it was taken on.
    pub accepted: Time,
    /// How many attempts have begun.
    pub attempts: i64,
    /// When it is tried again, or an attempt that is under way is given up.
    pub due: Option<Time>,
    /// When it was over.
    pub ended: Option<Time>,
    /// When the answer to it is overdue.
    pub answer_due: Option<Time>,
    #[serde(skip)]
    seq: i64,
}

/// The columns of an entry, and those of a story.
const ENTRY: &str = "seq, transaction_id, number, operation, code, municipality, lane, standing, accepted, attempts, due, ended,
    answer_due";
const STORY: &str = "(SELECT content FROM document WHERE document.seq = task.seq), kind";

impl Entry {
    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let maybe = |column| -> Result<Option<Time>, sqlx::Error> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(row::time))
        };
        Ok(Self {
            seq: row.try_get(0)?,
            transaction: row::uuid(row, 1)?.to_string(),
            number: row.try_get(2)?,
            operation: row.try_get(3)?,
            code: row.try_get(4)?,
            municipality: row.try_get(5)?,
            case: row.try_get(6)?,
            standing: row.try_get(7)?,
            accepted: row::time(row.try_get(8)?),
            attempts: row.try_get(9)?,
            due: maybe(10)?,
            ended: maybe(11)?,
            answer_due: maybe(12)?,
        })
    }
}

/// A task and all that happened to it.
#[derive(Clone, Debug, Serialize)]
pub struct Story {
    /// What is owed: message, registration or answer.
    pub kind: String,
    /// The task.
    #[serde(flatten)]
    pub entry: Entry,
    /// Its attempts, in order.
    pub tries: Vec<Try>,
    /// How many tasks stand before it in its lane.
    pub behind: i64,
    /// The answers that came to it.
    pub answers: Vec<AnswerReceived>,
    /// The document, where it was asked for and is not erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// An attempt that is over.
#[derive(Clone, Debug, Serialize)]
pub struct Try {
    /// Which, counted from 1.
    pub number: i64,
    /// When it began.
    pub begun: Time,
    /// When it ended.
    pub ended: Time,
    /// How: delivered, warned, refused, failed.
    pub outcome: String,
    /// What the other side said; empty once it is erased with the document.
    pub said: String,
}

/// An answer that came in.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerReceived {
    /// Its ForretningsValideringsKode.
    pub code: String,
    /// When it came.
    pub received: Time,
}

/// An answer that was refused.
#[derive(Clone, Debug, Serialize)]
pub struct Stray {
    /// When it came.
    pub received: Time,
    /// TransaktionIdentifikator of the message that it would answer.
    pub transaction: String,
    /// The municipality's CVR number.
    pub municipality: String,
    /// Its ForretningsValideringsKode.
    pub code: String,
    /// Why: no such message was sent (`unknown`), or for another municipality (`other municipality`).
    pub why: String,
}

/// What somebody did by hand, or looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Deed {
    /// When.
    pub at: Time,
    /// Who.
    pub who: String,
    /// What: reveal, backup, retry, park, drop.
    pub what: String,
    /// To which message, by TransaktionIdentifikator; of a backup, its file.
    pub subject: String,
}

impl Store {
    /// The answers that were refused, the last first; `limit` at most.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn strays(&self, limit: u32) -> Result<Vec<Stray>, Error> {
        let query = query(
            "SELECT received, transaction_id, municipality, code, why FROM stray ORDER BY received DESC LIMIT $1",
        )
        .bind(i64::from(limit));
        let rows = self.read(query).await?;
        let read = |row: &AnyRow| -> Result<Stray, sqlx::Error> {
            Ok(Stray {
                received: row::time(row.try_get(0)?),
                transaction: row::uuid(row, 1)?.to_string(),
                municipality: row.try_get(2)?,
                code: row.try_get(3)?,
                why: row.try_get(4)?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// What was done by hand, or looked at, in order.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn deeds(&self) -> Result<Vec<Deed>, Error> {
        let query = query("SELECT at, who, what, subject FROM audit ORDER BY at");
        let rows = self.read(query).await?;
        let read = |row: &AnyRow| -> Result<Deed, sqlx::Error> {
            Ok(Deed {
                at: row::time(row.try_get(0)?),
                who: row.try_get(1)?,
                what: row.try_get(2)?,
                subject: row.try_get(3)?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// The tasks of `kind` that are not over, in the order in which they were taken on; `limit` at most.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn open_tasks(&self, kind: Kind, limit: u32) -> Result<Vec<Entry>, Error> {
        let query = query(sqlx::AssertSqlSafe(format!(
            "SELECT {ENTRY} FROM task WHERE kind = $1 AND ended IS NULL ORDER BY seq LIMIT $2"
        )))
        .bind(kind.name())
        .bind(i64::from(limit));
        let rows = self.read(query).await?;
        Ok(rows.iter().map(Entry::read).collect::<Result<_, _>>()?)
    }

    /// The messages whose answer is overdue at `now`, the longest overdue first; `limit` at most.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn overdue(&self, now: Time, limit: u32) -> Result<Vec<Entry>, Error> {
        self.awaited(millis(now), limit).await
    }

    /// The messages that are delivered and not answered for good, the next to be overdue first; `limit` at most.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unanswered(&self, limit: u32) -> Result<Vec<Entry>, Error> {
        self.awaited(i64::MAX, limit).await
    }

    async fn awaited(&self, until: i64, limit: u32) -> Result<Vec<Entry>, Error> {
        let query = query(sqlx::AssertSqlSafe(format!(
            "SELECT {ENTRY} FROM task WHERE answer_due IS NOT NULL AND answer_due <= $1 ORDER BY answer_due LIMIT $2"
        )))
        .bind(until)
        .bind(i64::from(limit));
        let rows = self.read(query).await?;
        Ok(rows.iter().map(Entry::read).collect::<Result<_, _>>()?)
    }

    /// The tasks of `kind` under `transaction`, with all that happened to them.
    ///
    /// `reveal` names who asks for the documents as well, which hold personal data; that is put on record first.
    ///
    /// # Errors
    /// The store cannot be read, or the record cannot be made.
    pub async fn story(
        &self,
        kind: Kind,
        transaction: Uuid,
        reveal: Option<(String, Time)>,
    ) -> Result<Vec<Story>, Error> {
        let revealed = reveal.is_some();
        if let Some((who, now)) = reveal {
            self.reveal(who, transaction.to_string(), now).await?;
        }
        let query = query(sqlx::AssertSqlSafe(format!(
            "SELECT {ENTRY}, {STORY} FROM task WHERE transaction_id = $1 AND kind = $2 ORDER BY number"
        )))
        .bind(row::id(transaction))
        .bind(kind.name());
        let rows = self.read(query).await?;
        let mut stories = Vec::with_capacity(rows.len());
        for row in &rows {
            stories.push(self.tell(row, revealed).await?);
        }
        Ok(stories)
    }

    /// The stories of some tasks after the task number `after`, each with its number; none after the last.
    ///
    /// `reveal` is as in [`Store::story`].
    ///
    /// # Errors
    /// The store cannot be read, or the record cannot be made.
    pub async fn page(
        &self,
        after: i64,
        reveal: Option<&str>,
        now: Time,
    ) -> Result<Vec<(i64, Story)>, Error> {
        let query = query(sqlx::AssertSqlSafe(format!(
            "SELECT {ENTRY}, {STORY} FROM task WHERE seq > $1 ORDER BY seq LIMIT 100"
        )))
        .bind(after);
        let rows = self.read(query).await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in &rows {
            let story = self.tell(row, reveal.is_some()).await?;
            if let Some(who) = reveal {
                let transaction = story.entry.transaction.clone();
                self.reveal(who.to_owned(), transaction, now).await?;
            }
            page.push((story.entry.seq, story));
        }
        Ok(page)
    }

    /// Puts on record that `who` gets to see the documents of `transaction`.
    async fn reveal(&self, who: String, transaction: String, now: Time) -> Result<(), Error> {
        let seen = Seen {
            who,
            what: "reveal",
            subject: transaction,
            now,
        };
        self.writer.commit(seen).await
    }

    async fn tell(&self, row: &AnyRow, reveal: bool) -> Result<Story, Error> {
        let entry = Entry::read(row)?;
        let content = row.try_get::<Option<Vec<u8>>, _>(13)?.filter(|_| reveal);
        let kind: String = row.try_get(14)?;
        Ok(Story {
            tries: self.tries(entry.seq).await?,
            behind: self.behind(&kind, &entry).await?,
            answers: self.answers(&kind, entry.seq).await?,
            kind,
            content: content.map(|octets| String::from_utf8_lossy(&octets).into_owned()),
            entry,
        })
    }

    async fn tries(&self, seq: i64) -> Result<Vec<Try>, Error> {
        let query = query(
            "SELECT number, begun, ended, outcome, said FROM attempt WHERE seq = $1 ORDER BY number",
        )
        .bind(seq);
        let rows = self.read(query).await?;
        let read = |row: &AnyRow| -> Result<Try, sqlx::Error> {
            Ok(Try {
                number: row.try_get(0)?,
                begun: row::time(row.try_get(1)?),
                ended: row::time(row.try_get(2)?),
                outcome: row.try_get(3)?,
                said: row.try_get(4)?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    async fn behind(&self, kind: &str, entry: &Entry) -> Result<i64, Error> {
        let query = query(
            "SELECT count(*) FROM task WHERE kind = $1 AND lane = $2 AND ended IS NULL AND seq < $3",
        )
        .bind(kind)
        .bind(&entry.case)
        .bind(entry.seq);
        let row = self.read_one(query).await?;
        Ok(if entry.ended.is_some() {
            0
        } else {
            row.try_get(0)?
        })
    }

    async fn answers(&self, kind: &str, seq: i64) -> Result<Vec<AnswerReceived>, Error> {
        if kind != Kind::Message.name() {
            return Ok(Vec::new());
        }
        let query =
            query("SELECT code, received FROM received WHERE seq = $1 ORDER BY number").bind(seq);
        let rows = self.read(query).await?;
        let read = |row: &AnyRow| -> Result<AnswerReceived, sqlx::Error> {
            Ok(AnswerReceived {
                code: row.try_get(0)?,
                received: row::time(row.try_get(1)?),
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }
}

/// Somebody is to see personal data.
pub(super) struct Seen {
    pub(super) who: String,
    pub(super) what: &'static str,
    pub(super) subject: String,
    pub(super) now: Time,
}

impl Single for Seen {
    type Output = ();
    const NAME: &'static str = "reveal";

    async fn run(&self, connection: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
        record(connection, self.now, &self.who, self.what, &self.subject).await
    }
}
