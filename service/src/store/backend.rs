//! What differs between SQLite and PostgreSQL: how to connect, how to begin, and how to pass by what another instance holds.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};

use super::Location;
use super::error::{Error, Kind};
use super::forms::{Form, migrate};
use crate::delivery::owed::sha256;

/// How many connections one instance holds: one commits, the others read.
const CONNECTIONS: u32 = 4;

/// Between two tries to open what others are opening.
const BRIEF: Duration = Duration::from_millis(20);

/// How long a database is waited for. One whose host is gone, or that stands still, ends no connection: it is silent, and nothing but
/// the time tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a connection: whoever needs one, of a pool as well.
    pub(super) connect: Duration,
    /// For a statement, or all of a transaction: longer than the database lets anybody wait for a lock, or stand still.
    pub(super) work: Duration,
    /// For a sign of life, which costs no more than the way there and back.
    pub(super) sign: Duration,
}

impl Patience {
    pub(super) const DEFAULT: Self = Self {
        connect: Duration::from_secs(5),
        work: Duration::from_secs(20),
        sign: Duration::from_secs(2),
    };
}

/// Which of the two a store is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Backend {
    /// SQLite.
    File,
    Postgres(Patience),
}

impl Backend {
    pub(super) const fn is_file(self) -> bool {
        matches!(self, Self::File)
    }

    /// What `work` comes to, or that nothing was heard of it within `limit`. It is dropped then, and its connection is to be closed:
    /// what was asked for may happen yet. A file is read and written by this process itself, which is waited for.
    pub(super) async fn within<T>(
        self,
        limit: impl Fn(Patience) -> Duration,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let Self::Postgres(patience) = self else {
            return work.await;
        };
        let limit = limit(patience);
        let silent = |_| {
            let text = format!("the database was silent for {limit:?}");
            sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
        };
        tokio::time::timeout(limit, work).await.map_err(silent)?
    }

    /// How a transaction that writes begins. SQLite must be told: one that reads first could not be sure to get to write.
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::File => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN",
        }
    }

    /// When the first lane of kind $1 is due; and what time it is, where that is not for this machine to say.
    pub(super) const fn due(self) -> &'static str {
        match self {
            Self::File => "SELECT min(due), NULL FROM lane WHERE kind = $1 AND due IS NOT NULL",
            Self::Postgres(_) => {
                "SELECT min(due), (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT
                 FROM lane WHERE kind = $1 AND due IS NOT NULL"
            }
        }
    }

    /// The lanes of kind $1 that are due at $2, and whose they are, but those for the municipalities named in $3; $4 at most. What
    /// another instance is working on is passed by.
    pub(super) const fn due_lanes(self) -> &'static str {
        match self {
            Self::File => {
                "SELECT lane, municipality FROM lane WHERE kind = $1 AND due <= $2
                 AND $3 NOT LIKE '%' || municipality || '%' ORDER BY due LIMIT $4"
            }
            Self::Postgres(_) => {
                "SELECT lane, municipality FROM (SELECT lane, municipality FROM lane WHERE kind = $1 AND due <= $2
                 AND $3 NOT LIKE '%' || municipality || '%' ORDER BY due LIMIT $4 FOR UPDATE SKIP LOCKED) AS free
                 WHERE pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' ' || lane, 0))"
            }
        }
    }

    /// Holds the lanes `{rows}` until the transaction is over, and waits for those that another instance holds: each transaction does so
    /// before all else, in the order of their names. The rows of a lane, of all kinds, and of its tasks come in many orders after, but
    /// nobody else is at them. A file has one writer at a time.
    pub(super) const fn hold_lanes(self) -> Option<&'static str> {
        match self {
            Self::File => None,
            Self::Postgres(_) => Some(
                "SELECT 1 FROM (VALUES {rows}) AS held (lane)
                 WHERE pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || lane, 0)) IS NOT NULL",
            ),
        }
    }

    /// What the words of a form's statements stand for.
    pub(super) const fn types(self) -> [(&'static str, &'static str); 4] {
        match self {
            Self::File => [
                ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
                ("{key}", "INTEGER PRIMARY KEY"),
                ("{octets}", "BLOB"),
                ("{clustered}", " WITHOUT ROWID"),
            ],
            Self::Postgres(_) => [
                (
                    "{serial}",
                    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                ),
                ("{key}", "BIGINT PRIMARY KEY"),
                ("{octets}", "BYTEA"),
                ("{clustered}", ""),
            ],
        }
    }
}

/// Connects to the store of `party` and brings it to the last of `forms`.
pub(super) async fn open(
    location: &Location,
    party: &str,
    forms: &[Form],
    patience: Patience,
) -> Result<(AnyPool, Backend), Error> {
    sqlx::any::install_default_drivers();
    let name = name(party);
    let (url, backend, setting) = match location {
        Location::Directory(directory) => {
            let path = directory.join(format!("{name}.db"));
            // SQLite would make it for all to read; its log gets the permissions that the file has.
            make(directory)
                .and_then(|()| private().create(true).open(&path))
                .map_err(|_| Error::new(Kind::Inaccessible))?;
            let url = format!("sqlite://{}", escaped(&path.to_string_lossy()));
            (url, Backend::File, SQLITE.to_owned())
        }
        Location::Postgres(url) => {
            let setting = format!("SET search_path TO {name}; {POSTGRES}");
            (url.clone(), Backend::Postgres(patience), setting)
        }
    };
    // A pool tries again whatever is wrong; the first connection is made without one, so that what is wrong is told.
    let first = async || {
        let mut first = AnyConnection::connect(&url).await?;
        first.execute(AssertSqlSafe(setting.clone())).await?;
        first.close().await
    };
    let begun = Instant::now();
    while let Err(error) = backend.within(|patience| patience.connect, first()).await {
        let error = Error::from(error);
        // SQLite waits for others, but not where one of them is about to make the file one with a log.
        if error.kind() != Kind::Locked || begun.elapsed() >= patience.connect {
            return Err(error);
        }
        tokio::time::sleep(BRIEF).await;
    }
    let pool = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(patience.connect)
        // The pool would ask for a sign of life as well, and wait for it as long as for a connection.
        .test_before_acquire(false)
        .before_acquire(move |connection, _| {
            Box::pin(async move {
                if !backend.is_file() {
                    backend
                        .within(|patience| patience.sign, connection.ping())
                        .await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let setting = setting.clone();
            Box::pin(async move {
                connection.execute(AssertSqlSafe(setting)).await?;
                Ok(())
            })
        })
        .connect(&url)
        .await?;
    migrate(&pool, backend, &name, forms).await?;
    Ok((pool, backend))
}

/// Whether there is a store of `party`; nothing is made.
pub(super) async fn exists(
    location: &Location,
    party: &str,
    patience: Patience,
) -> Result<bool, Error> {
    let name = name(party);
    let url = match location {
        Location::Directory(directory) => {
            let exists = directory.join(format!("{name}.db")).try_exists();
            return exists.map_err(|_| Error::new(Kind::Inaccessible));
        }
        Location::Postgres(url) => url,
    };
    sqlx::any::install_default_drivers();
    let look = async {
        let mut connection = AnyConnection::connect(url).await?;
        let found = sqlx::query(
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'task'",
        )
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
        connection.close().await?;
        Ok(found.is_some())
    };
    let backend = Backend::Postgres(patience);
    Ok(backend.within(|patience| patience.connect, look).await?)
}

/// Makes the file of `party` in `directory` this process's own, for as long as what is returned is kept.
pub(super) fn lock(directory: &Path, party: &str) -> Result<File, Error> {
    let path = directory.join(format!("{}.lock", name(party)));
    let file = private().create(true).open(path);
    let file = file.map_err(|_| Error::new(Kind::Inaccessible))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new(Kind::Locked)),
        Err(TryLockError::Error(_)) => Err(Error::new(Kind::Inaccessible)),
    }
}

/// Makes `directory` where it is missing, for the eyes of this process's user only: it is to hold personal data.
fn make(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

/// How a file is opened to be written; one that is made is for the eyes of this process's user only.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true);
    options
}

/// Pages of 2 KiB, since an id falls anywhere into the index of all ids, and a whole page is written for it; a log that is synced at
/// every commit, and carried over into the file every 32 MiB, so that a page that changes often is written there once; a writer waits for
/// another process a while; room for the indices in memory; what is erased is overwritten.
const SQLITE: &str = "PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 16384; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -131072; PRAGMA secure_delete = ON";

/// An instance that stands still in a commit, or whose host is gone, lets go of its locks after this, and others wait no longer for
/// them than that; what it would have committed is taken back.
const POSTGRES: &str = "SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '15s'; SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '20s'";

/// What the party's file or schema is called: no two parties share a name, and a schema's name needs no quotes.
pub(super) fn name(party: &str) -> String {
    let mut name = "sf209x_".to_owned();
    for c in party.chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            'A'..='Z' => name.extend(['_', c.to_ascii_lowercase()]),
            ' ' => name.push_str("__"),
            _ => name.push_str(&format!("_{:06x}", u32::from(c))),
        }
    }
    // PostgreSQL cuts off what is longer than 63 octets.
    if name.len() > 63 {
        let digest = sha256(name.as_bytes());
        name.truncate(63 - 17);
        name.push('_');
        name.extend(digest[..8].iter().map(|octet| format!("{octet:02x}")));
    }
    name
}

/// A path as part of a URL.
fn escaped(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
}
