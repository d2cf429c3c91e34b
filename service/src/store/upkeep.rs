//! What keeps a store in order: erasing what has been kept long enough, backups, and checks.

use std::io;
use std::path::Path;

use chrono::TimeDelta;
use sqlx::{AnyConnection, Row, query};

use super::backend::private;
use super::many;
use super::row::millis;
use super::story::Seen;
use super::writer::Single;
use super::{Error, Failure, Store};
use crate::delivery::Time;

/// How many documents are erased in one commit: erasing must not hold up the rest.
const BATCH: i64 = 500;

impl Store {
    /// Erases the documents of what was over by `before`, with what partners said of them, and what is of no use after `now`. That it was
    /// delivered, when, and what tells a repeat stays, and so does the message that a Jobcenter has registered and given no last answer
    /// to, since the answer is made from it. Returns how many documents were erased.
    ///
    /// # Errors
    /// The store failed.
    pub async fn erase(&self, before: Time, now: Time) -> Result<u64, Error> {
        let mut erased = 0;
        loop {
            let batch = self.writer.commit(Erase { before, now }).await?;
            erased += batch;
            if batch == 0 {
                return Ok(erased);
            }
        }
    }

    /// Copies the store, as it is at this moment, to `file`, which must not be there yet. A copy holds all personal data, so it is put
    /// on record first that `who` makes it.
    ///
    /// # Errors
    /// The store is not a file, the copy cannot be written, or the record cannot be made.
    pub async fn backup(&self, file: &Path, who: String, now: Time) -> Result<(), NotCopied> {
        // An empty file is filled, and this one is nobody else's to read.
        let made = private().create_new(true).open(file);
        made.map_err(NotCopied::File)?;
        let copied = self.copy(file, who, now).await;
        if copied.is_err() {
            // Half a copy is none; whoever tries again finds its place free.
            let _ = std::fs::remove_file(file);
        }
        copied
    }

    async fn copy(&self, file: &Path, who: String, now: Time) -> Result<(), NotCopied> {
        let place = std::path::absolute(file);
        let subject = place.as_deref().unwrap_or(file).display().to_string();
        let what = "backup";
        let seen = Seen {
            who,
            what,
            subject,
            now,
        };
        self.writer.commit(seen).await.map_err(NotCopied::Store)?;
        let copied = query("VACUUM INTO $1")
            .bind(file.to_string_lossy().into_owned())
            .execute(&self.pool)
            .await;
        copied.map(drop).map_err(|error| match Error::from(error) {
            // Nothing is written but the copy.
            error if error.kind() == Failure::Full => {
                NotCopied::File(io::ErrorKind::StorageFull.into())
            }
            error => NotCopied::Store(error),
        })
    }

    /// Looks for damage; one line for each finding.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn check(&self) -> Result<Vec<String>, Error> {
        let mut findings = Vec::new();
        if self.is_file() {
            for row in query("PRAGMA integrity_check")
                .fetch_all(&self.pool)
                .await?
            {
                let line: String = row.try_get(0)?;
                if line != "ok" {
                    findings.push(format!("database: {line}"));
                }
            }
        }
        // Whoever checks waits for all rows to be counted, however long that takes.
        for (what, statement) in RULES {
            let row = query(*statement).fetch_one(&self.pool).await?;
            let count: i64 = row.try_get(0)?;
            if count > 0 {
                findings.push(format!("{count} {what}"));
            }
        }
        Ok(findings)
    }
}

/// Why there is no copy of a store.
#[derive(Debug)]
pub enum NotCopied {
    /// The file for it cannot be made or filled.
    File(io::Error),
    /// The store failed.
    Store(Error),
}

/// For how long what must not come twice is known after its time: whoever judges its age does so by a clock of their own.
const CLOCKS: TimeDelta = TimeDelta::hours(1);

/// What must never be, and the statement that counts it.
const RULES: &[(&str, &str)] = &[
    (
        "open tasks in no lane",
        "SELECT count(*) FROM task LEFT JOIN lane ON lane.kind = task.kind AND lane.lane = task.lane
         WHERE task.ended IS NULL AND lane.lane IS NULL",
    ),
    (
        "lanes without an open task",
        "SELECT count(*) FROM lane WHERE NOT EXISTS (SELECT seq FROM task
         WHERE task.kind = lane.kind AND task.lane = lane.lane AND task.ended IS NULL)",
    ),
    (
        "open tasks without a document",
        "SELECT count(*) FROM task WHERE ended IS NULL AND NOT EXISTS (SELECT seq FROM document WHERE document.seq = task.seq)",
    ),
    (
        "lanes that wait for nothing though their first task is not held",
        "SELECT count(*) FROM lane JOIN task ON task.kind = lane.kind AND task.lane = lane.lane
         WHERE lane.due IS NULL AND task.ended IS NULL AND task.standing IN ('waiting', 'trying')
         AND task.seq = (SELECT min(seq) FROM task AS other
         WHERE other.kind = lane.kind AND other.lane = lane.lane AND other.ended IS NULL)",
    ),
];

struct Erase {
    before: Time,
    now: Time,
}

impl Single for Erase {
    type Output = u64;
    const NAME: &'static str = "erase";

    async fn run(&self, connection: &mut AnyConnection) -> Result<u64, sqlx::Error> {
        let over = query(
            "UPDATE task SET erased = $3 WHERE seq IN (SELECT seq FROM task
             WHERE ended IS NOT NULL AND erased IS NULL AND ended < $1
             AND (kind <> 'registration' OR standing = 'dropped' OR EXISTS (SELECT 1 FROM task AS answer
             WHERE answer.transaction_id = task.transaction_id AND answer.kind = 'answer' AND answer.code <> 'MODTAGET'))
             LIMIT $2) RETURNING seq",
        )
        .bind(millis(self.before))
        .bind(BATCH)
        .bind(millis(self.now))
        .fetch_all(&mut *connection)
        .await?;
        let over = over.iter().map(|row| row.try_get(0));
        let over: Vec<i64> = over.collect::<Result<_, _>>()?;
        // A partner may have named those whom the document is about.
        for erased in [
            "DELETE FROM document WHERE seq IN ({rows})",
            "UPDATE attempt SET said = '' WHERE seq IN ({rows})",
        ] {
            many::run(connection, erased, "?", &over, &[], |statement, seq| {
                statement.bind(*seq)
            })
            .await?;
        }
        let received = query(
            "UPDATE received SET content = NULL WHERE (seq, number) IN (SELECT seq, number FROM received
             WHERE content IS NOT NULL AND received < $1 LIMIT $2)",
        )
        .bind(millis(self.before))
        .bind(BATCH)
        .execute(&mut *connection)
        .await?;
        query("DELETE FROM stray WHERE received < $1")
            .bind(millis(self.before))
            .execute(&mut *connection)
            .await?;
        query("DELETE FROM replay WHERE until < $1")
            .bind(millis(self.now - CLOCKS))
            .execute(&mut *connection)
            .await?;
        Ok(over.len() as u64 + received.rows_affected())
    }
}
