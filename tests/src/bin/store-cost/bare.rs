//! The bare database: rows with a key and the document, put in by as many at once and committed in the same groups as by the store.

use std::time::Instant;

use service::store::Location;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Connection, Executor};
use tests::system::sample;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Failure, SUBMITTERS};

/// How many rows one commit takes at most, as in the store.
const GROUP: usize = 256;

/// A table with nothing but keys and documents.
pub(crate) struct Bare {
    pool: AnyPool,
    begin: &'static str,
}

/// A row, and who waits for it.
type Queued = (Uuid, Vec<u8>, oneshot::Sender<()>);

impl Bare {
    /// A table of its own, beside the store at `location`.
    pub(crate) async fn open(location: &Location) -> Result<Self, Failure> {
        sqlx::any::install_default_drivers();
        let (url, begin, octets, settings) = match location {
            Location::Directory(directory) => (
                format!("sqlite://{}/bare.db?mode=rwc", directory.display()),
                "BEGIN IMMEDIATE",
                "BLOB",
                "PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16384",
            ),
            Location::Postgres(url) => (url.clone(), "BEGIN", "BYTEA", "SELECT 1"),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .connect(&url)
            .await?;
        pool.execute(settings).await?;
        let table = format!("CREATE TABLE bare (id TEXT PRIMARY KEY, content {octets} NOT NULL)");
        pool.execute("DROP TABLE IF EXISTS bare").await?;
        pool.execute(sqlx::AssertSqlSafe(table)).await?;
        Ok(Self { pool, begin })
    }

    /// How many rows a second are put in, of `count`.
    pub(crate) async fn commits(&self, count: usize) -> Result<f64, Failure> {
        let (queue, rows) = mpsc::channel::<Queued>(4 * GROUP);
        let started = Instant::now();
        let mut submitters = JoinSet::new();
        for _ in 0..SUBMITTERS {
            let (queue, content) = (queue.clone(), sample("Opret.request.xml").into_bytes());
            submitters.spawn(async move {
                for _ in 0..count / SUBMITTERS {
                    let (done, committed) = oneshot::channel();
                    let row = (Uuid::new_v4(), content.clone(), done);
                    if queue.send(row).await.is_err() || committed.await.is_err() {
                        return;
                    }
                }
            });
        }
        drop(queue);
        self.commit_all(rows).await?;
        while submitters.join_next().await.is_some() {}
        Ok(count as f64 / started.elapsed().as_secs_f64())
    }

    async fn commit_all(&self, mut rows: mpsc::Receiver<Queued>) -> Result<(), Failure> {
        let mut group = Vec::with_capacity(GROUP);
        while rows.recv_many(&mut group, GROUP).await > 0 {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin_with(self.begin).await?;
            for (id, content, _) in &group {
                sqlx::query("INSERT INTO bare (id, content) VALUES ($1, $2)")
                    .bind(id.to_string())
                    .bind(content.clone())
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            for (_, _, done) in group.drain(..) {
                // Whoever waits is there until it is told.
                let _ = done.send(());
            }
        }
        Ok(())
    }
}
