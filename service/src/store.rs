//! What lasts: the tasks of a party, the answers that came to it, and what must not come twice.
//!
//! A party has a store of its own: a file under the data directory (SQLite, its write-ahead log synced at each commit), or a schema of
//! a PostgreSQL database, which several instances of the party may share. The statements are the same in both.
//!
//! All that changes the store goes through one queue, and what waits there when a commit begins becomes one transaction: the cost of
//! the sync is shared, and nobody is told anything before it. Reads go past the queue.
//!
//! # Map
//! `writer` commits; `tasks` is the outbox and the inbox of [`crate::delivery`]; `received` the answers; `replay` what must not come
//! twice; `story` reads it all for a person, and `read` is how that is done; `upkeep` erases, backs up and checks; `forms` leads from one
//! version of the tables to the next; `clock` is the one that all instances go by; `many` does for many what is done for one, and
//! `backend` knows what differs between the two.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::AnyPool;

use crate::delivery::Time;

mod backend;
mod clock;
mod error;
mod forms;
mod many;
mod read;
mod received;
mod replay;
mod row;
mod story;
mod tasks;
mod upkeep;
mod writer;

pub use error::{Error, Kind as Failure};
pub use story::{AnswerReceived, Deed, Entry, Story, Stray, Try};
pub use tasks::{Decided, Kind};
pub use upkeep::NotCopied;

pub(crate) use received::{Answered, FirstAnswer};
pub(crate) use tasks::{Ended, Job, NewTask, Policy};

use backend::{Backend, Patience};
use clock::Clock;
use forms::{FORMS, Form};
use writer::Writer;

/// Where a party's store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file in this directory, which is made where it is missing.
    Directory(PathBuf),
    /// A schema of the database at this URL: `postgres://user:password@host/database`.
    Postgres(String),
}

impl fmt::Debug for Location {
    /// Without the password that a URL may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => f.debug_tuple("Directory").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres"),
        }
    }
}

/// The store of one party; clones are the same store.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    writer: Writer,
    backend: Backend,
    clock: Arc<Clock>,
    name: Arc<str>,
    /// Held while this process serves from the file.
    lock: Option<Arc<File>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (backend, locked) = (self.backend, self.lock.is_some());
        write!(f, "Store({backend:?}, locked: {locked})")
    }
}

impl Store {
    /// Opens the store of `party` for whoever looks into it; `None` if there is none, and then none is made.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn find(location: &Location, party: &str) -> Result<Option<Self>, Error> {
        if !backend::exists(location, party, Patience::DEFAULT).await? {
            return Ok(None);
        }
        Self::open(location, party).await.map(Some)
    }

    /// Opens the store of `party`, makes it where there is none, and brings it to the present form where it is of an older one.
    ///
    /// # Errors
    /// It cannot be reached, read or written, it is damaged, or it is of a form that this service does not know.
    pub async fn open(location: &Location, party: &str) -> Result<Self, Error> {
        Self::open_as(location, party, FORMS, Patience::DEFAULT).await
    }

    /// The same with the last of `forms` for the present one, and for a database that is waited for with `patience`.
    async fn open_as(
        location: &Location,
        party: &str,
        forms: &[Form],
        patience: Patience,
    ) -> Result<Self, Error> {
        let (pool, backend) = backend::open(location, party, forms, patience).await?;
        let writer = Writer::start(pool.clone(), backend);
        let store = Self {
            pool,
            writer,
            backend,
            clock: Arc::default(),
            name: backend::name(party).into(),
            lock: None,
        };
        if !store.is_file() {
            // The database's time is told with it.
            store.due(Kind::Message).await?;
        }
        Ok(store)
    }

    /// The same for a process that serves the party.
    ///
    /// A file is then this process's alone, and what one that died had taken on is due again at once. In a database that is shared the
    /// leases of the dead run out.
    ///
    /// # Errors
    /// As [`Store::open`]; and another process serves the party from the same file.
    pub async fn serve(location: &Location, party: &str) -> Result<Self, Error> {
        let mut store = Self::open(location, party).await?;
        if let Location::Directory(directory) = location {
            store.lock = Some(Arc::new(backend::lock(directory, party)?));
            store.release().await?;
        }
        Ok(store)
    }

    /// The time that counts here: this machine's, or, where the store is in a database, the database's.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Returns once nothing can be committed any more: a defect has stopped what commits.
    pub(crate) async fn closed(&self) {
        self.writer.closed().await;
    }

    /// What its file, without the extension, or its schema is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a file of its own.
    pub const fn is_file(&self) -> bool {
        self.backend.is_file()
    }
}

#[cfg(test)]
mod tests;
