//! Stores that are damaged, full or locked: nothing is taken over, and why is told.

use sqlx::AnyConnection;
use tempfile::TempDir;

use super::*;
use crate::store::writer::Single;

#[tokio::test]
async fn what_is_no_store_is_called_damaged() {
    let directory = TempDir::new().unwrap();
    let file = directory
        .path()
        .join(format!("{}.db", backend::name("test")));
    std::fs::write(file, [b'x'; 8192]).unwrap();
    let location = Location::Directory(directory.path().to_owned());
    let error = Store::open(&location, "test").await.unwrap_err();
    assert_eq!(error.kind(), Failure::Damaged);
    assert!(!error.retry());
}

#[tokio::test]
async fn a_store_that_is_damaged_takes_nothing_over_and_a_backup_does() {
    let directory = TempDir::new().unwrap();
    let name = format!("{}.db", backend::name("test"));
    let (file, backup) = (
        directory.path().join(&name),
        directory.path().join("backup"),
    );
    {
        let store = open(directory.path()).await;
        for number in 0..50 {
            let mut message = message(number, &number.to_string());
            message.content = "x".repeat(2000);
            store.submit(message, at(0)).await.unwrap();
        }
        store.backup(&backup, "me".to_owned(), at(0)).await.unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&store.pool)
            .await
            .unwrap();
        close(store).await;
    }
    // The second half of the file is overwritten: the newest of its pages.
    let mut octets = std::fs::read(&file).unwrap();
    let half = octets.len() / 2;
    octets[half..].fill(0xff);
    std::fs::write(&file, octets).unwrap();

    let location = Location::Directory(directory.path().to_owned());
    let error = Store::serve(&location, "test").await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Failure::Damaged, false));
    // One that was open already, as this one is, takes nothing over.
    let store = Store::open(&location, "test").await.unwrap();
    let error = store.submit(message(50, "a"), at(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Failure::Damaged, false));
    assert!(error.to_string().contains("restore a backup"), "{error}");
    let found = store.check().await;
    assert!(
        found.is_err_and(|error| error.kind() == Failure::Damaged),
        "damage is found"
    );
    close(store).await;

    // The log beside the file belongs to what was damaged.
    for log in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(directory.path().join(format!("{name}{log}")));
    }
    std::fs::rename(&backup, &file).unwrap();
    let store = open(directory.path()).await;
    let verdict = store.submit(message(50, "a"), at(1)).await.unwrap();
    assert_eq!(verdict, Verdict::New);
    assert_eq!(take(&store, Kind::Message, 1).await.len(), 10);
    sound(&store).await;
}

/// Closes the store, and all its connections.
async fn close(store: Store) {
    let pool = store.pool.clone();
    drop(store);
    pool.close().await;
}

/// Gives a pragma to the connection that commits, until something fails there.
struct Set(&'static str);

impl Single for Set {
    type Output = ();
    const NAME: &'static str = "set";

    async fn run(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::query(self.0).execute(connection).await.map(drop)
    }
}

async fn set(store: &Store, pragma: &'static str) {
    store.writer.commit(Set(pragma)).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_takes_nothing_over_until_there_is_room() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    set(&store, "PRAGMA max_page_count = 100").await;
    let mut taken = 0;
    let error = loop {
        let mut message = message(taken, &taken.to_string());
        message.content = "x".repeat(20_000);
        match store.submit(message, at(0)).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), error.retry()), (Failure::Full, true));
    assert!(taken > 0);
    let again = message(taken, &taken.to_string());
    assert_eq!(store.submit(again, at(0)).await.unwrap(), Verdict::New);
    let kept = store.open_tasks(Kind::Message, 1000).await.unwrap().len();
    assert_eq!(kept as u128, taken + 1);
    sound(&store).await;
}

#[tokio::test]
async fn a_locked_store_takes_nothing_over_until_it_is_free() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    set(&store, "PRAGMA busy_timeout = 0").await;
    let mut other = store.pool.acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut *other)
        .await
        .unwrap();
    let error = store.submit(message(1, "a"), at(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Failure::Locked, true));
    sqlx::query("ROLLBACK").execute(&mut *other).await.unwrap();
    let verdict = store.submit(message(1, "a"), at(0)).await.unwrap();
    assert_eq!(verdict, Verdict::New);
}

/// A command with a defect.
struct Defect;

impl Single for Defect {
    type Output = ();
    const NAME: &'static str = "defect";

    async fn run(&self, _: &mut AnyConnection) -> Result<(), sqlx::Error> {
        panic!("a defect")
    }
}

#[tokio::test]
async fn a_store_whose_commits_have_stopped_is_closed() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    let stopped = store.writer.commit(Defect).await;
    assert_eq!(stopped.unwrap_err().kind(), Failure::Closed);
    store.closed().await;
}
