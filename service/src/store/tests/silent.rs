//! A database that falls silent without ending a connection, as one does whose host is gone: it is waited for no longer than for a time,
//! and new connections take the place of the old.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, Connection, Executor};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;

use super::shared::postgres;
use super::*;
use crate::store::writer::Single;

/// Shorter than anybody waits, and longer than an ordinary commit takes on a busy machine.
const SHORT: Patience = Patience {
    work: Duration::from_secs(3),
    sign: Duration::from_millis(100),
    ..Patience::DEFAULT
};

/// Stands before a database, and lets its connections fall silent; clones are the same.
#[derive(Clone)]
struct Proxy {
    url: String,
    /// Told when all connections that there are fall silent.
    silence: watch::Sender<()>,
    _folder: Arc<TempDir>,
}

impl Proxy {
    fn before(url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let database: PgConnectOptions = url.parse().unwrap();
        let name = format!(".s.PGSQL.{}", database.get_port());
        let listener = UnixListener::bind(folder.path().join(&name)).unwrap();
        let silence = watch::Sender::new(());
        let told = silence.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let silenced = told.subscribe();
                let (host, port) = (database.get_host(), database.get_port());
                if let Some(folder) = database.get_socket() {
                    let server = UnixStream::connect(folder.join(&name)).await.unwrap();
                    tokio::spawn(relay(client, server, silenced));
                } else {
                    let server = TcpStream::connect((host, port)).await.unwrap();
                    tokio::spawn(relay(client, server, silenced));
                }
            }
        });
        let mark = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{mark}host={}", folder.path().display());
        Self {
            url,
            silence,
            _folder: Arc::new(folder),
        }
    }

    fn silence(&self) {
        self.silence.send_replace(());
    }
}

/// Passes on what both say until it is silenced; then both stay connected, and hear nothing any more.
async fn relay(
    mut client: UnixStream,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
    mut silenced: watch::Receiver<()>,
) {
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        Ok(()) = silenced.changed() => std::future::pending().await,
    }
}

async fn open(url: &str) -> Result<Store, Error> {
    let party = Uuid::new_v4().to_string();
    Store::open_as(&Location::Postgres(url.to_owned()), &party, FORMS, SHORT).await
}

#[tokio::test]
async fn connections_that_fell_silent_while_nobody_used_them_are_replaced() {
    let Some(database) = postgres::Postgres::find() else {
        return;
    };
    let proxy = Proxy::before(database.url());
    let store = open(&proxy.url).await.unwrap();
    for number in 1..5 {
        let submitted = store.submit(message(number, "a"), at(0)).await;
        assert_eq!(submitted.unwrap(), Verdict::New);
        let kept = store.open_tasks(Kind::Message, 10).await.unwrap();
        assert_eq!(kept.len() as u128, number);
        proxy.silence();
    }
    sound(&store).await;
}

/// A commit whose connection falls silent on the way.
struct Silenced(Proxy);

impl Single for Silenced {
    type Output = ();
    const NAME: &'static str = "silenced";

    async fn run(&self, _: &mut AnyConnection) -> Result<(), sqlx::Error> {
        self.0.silence();
        Ok(())
    }
}

#[tokio::test]
async fn a_commit_that_nothing_is_heard_of_fails_and_the_next_goes_another_way() {
    let Some(database) = postgres::Postgres::find() else {
        return;
    };
    let proxy = Proxy::before(database.url());
    let store = open(&proxy.url).await.unwrap();
    // More often than there are connections: none is lost to the pool.
    for number in 1..6 {
        let error = store.writer.commit(Silenced(proxy.clone())).await;
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Failure::Unavailable, true));
        let submitted = store.submit(message(number, "a"), at(0)).await;
        assert_eq!(submitted.unwrap(), Verdict::New);
    }
    sound(&store).await;
}

#[tokio::test]
async fn a_statement_that_nothing_is_heard_of_fails_and_takes_no_connection_with_it() {
    let Some(database) = postgres::Postgres::find() else {
        return;
    };
    let store = open(database.url()).await.unwrap();
    store.submit(message(1, "a"), at(0)).await.unwrap();
    let mut other = AnyConnection::connect(database.url()).await.unwrap();
    let lock = format!("BEGIN; LOCK TABLE {}.task", store.name());
    other.execute(sqlx::AssertSqlSafe(lock)).await.unwrap();
    for _ in 0..5 {
        let error = store.open_tasks(Kind::Message, 10).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Failure::Unavailable, true));
        // Nor does a caller who waits no more.
        let asked = store.open_tasks(Kind::Message, 10);
        assert!(tokio::time::timeout(SHORT.sign, asked).await.is_err());
    }
    other.execute("ROLLBACK").await.unwrap();
    let kept = store.open_tasks(Kind::Message, 10).await.unwrap();
    assert_eq!(kept.len(), 1);
}

#[tokio::test]
async fn who_takes_connections_and_says_nothing_is_no_database() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let location = Location::Postgres(format!("postgres://a@{address}/a"));
    let patience = Patience {
        connect: Duration::from_millis(50),
        ..SHORT
    };
    let found = backend::exists(&location, "test", patience).await;
    let error = found.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Failure::Unavailable, true));
    let opened = Store::open_as(&location, "test", FORMS, patience).await;
    assert_eq!(opened.unwrap_err().kind(), Failure::Unavailable);
}
