//! What is easily right on one database and wrong on the other.

use tokio::sync::Notify;

use super::*;
use crate::store::writer::Single;

// The system's tests have it in a crate of theirs, which builds upon this one; what they want of it besides is not called for here.
#[allow(dead_code, unreachable_pub)]
#[path = "../../../../tests/src/postgres.rs"]
pub(super) mod postgres;

/// Runs `test` on a file, and on PostgreSQL where there is one, for a party that has no store yet.
pub(super) async fn on_both(test: impl AsyncFn(&Location, &str)) {
    let directory = TempDir::new().unwrap();
    let party = Uuid::new_v4().to_string();
    test(&Location::Directory(directory.path().to_owned()), &party).await;
    if let Some(database) = postgres::Postgres::find() {
        test(&Location::Postgres(database.url().to_owned()), &party).await;
    }
}

#[tokio::test]
async fn whatever_is_said_an_attempt_ends() {
    on_both(async |location, party| {
        let store = Store::serve(location, party).await.unwrap();
        store.submit(message(1, "a"), at(0)).await.unwrap();
        let jobs = take(&store, Kind::Message, 0).await;
        let said = format!("no\0 room for 0101010101{}", "!".repeat(10_000));
        let end = store.end(&jobs[0], Ended::failed(&said), at(0), 0, POLICY);
        end.await.unwrap();
        let story = store.story(Kind::Message, Uuid::from_u128(1), None).await;
        let said = &story.unwrap()[0].tries[0].said;
        assert!(said.starts_with("no\u{fffd} room for [CPR]!"), "{said}");
        assert_eq!(said.chars().count(), 4000);
    })
    .await;
}

#[tokio::test]
async fn whoever_looks_for_a_store_makes_none() {
    on_both(async |location, party| {
        let found = async || Store::find(location, party).await.unwrap();
        assert!(found().await.is_none());
        assert!(found().await.is_none());
        let store = Store::serve(location, party).await.unwrap();
        store.submit(message(1, "a"), at(0)).await.unwrap();
        let found = found().await.expect("a store");
        let kept = found.open_tasks(Kind::Message, 10).await.unwrap();
        assert_eq!(kept.len(), 1);
    })
    .await;
}

/// The time of a machine whose clock is ten minutes fast.
fn fast() -> Time {
    crate::delivery::worker::now() + TimeDelta::minutes(10)
}

#[tokio::test]
async fn a_lease_lasts_for_an_instance_whose_clock_is_fast() {
    let Some(database) = postgres::Postgres::find() else {
        return;
    };
    let location = Location::Postgres(database.url().to_owned());
    let party = Uuid::new_v4().to_string();
    let open = async || Store::serve(&location, &party).await.unwrap();
    let (store, mut other) = (open().await, open().await);
    other.clock = Arc::new(Clock::new(fast));
    let take = async |store: &Store| {
        let due = store.due(Kind::Message).await.unwrap();
        let now = store.now();
        let until = now + TimeDelta::minutes(2);
        let jobs = store.take(Kind::Message, now, until, &ROOM).await;
        (due.unwrap(), now, numbers(&jobs.unwrap()))
    };
    store.submit(message(1, "a"), store.now()).await.unwrap();
    let (_, begun, taken) = take(&store).await;
    assert_eq!(taken, [1]);
    let (lease, now, taken) = take(&other).await;
    assert!(
        taken.is_empty(),
        "taken again at {now}, though leased until {lease}"
    );
    // What it takes on itself is due to all as soon as it is to it.
    let submitted = other.now();
    assert!(begun <= submitted && submitted < lease, "{submitted}");
}

/// A commit that stands still on the way, with a lane held, until it is let go on.
struct Still {
    stands: Arc<Notify>,
    goes_on: Arc<Notify>,
}

impl Single for Still {
    type Output = ();
    const NAME: &'static str = "still";

    fn lane(&self) -> Option<&str> {
        Some("a")
    }

    async fn run(&self, connection: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::query("SET LOCAL idle_in_transaction_session_timeout = '10ms'")
            .execute(connection)
            .await?;
        self.stands.notify_one();
        self.goes_on.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn an_instance_that_stands_still_holds_nobody_up_and_goes_on_by_itself() {
    let Some(database) = postgres::Postgres::find() else {
        return;
    };
    let location = Location::Postgres(database.url().to_owned());
    let party = Uuid::new_v4().to_string();
    let open = async || Store::serve(&location, &party).await.unwrap();
    let (store, other) = (open().await, open().await);
    let (stands, goes_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let still = Still {
        stands: Arc::clone(&stands),
        goes_on: Arc::clone(&goes_on),
    };
    let (stood, submitted) = tokio::join!(store.writer.commit(still), async {
        stands.notified().await;
        let submitted = other.submit(message(1, "a"), other.now()).await;
        goes_on.notify_one();
        submitted
    });
    assert_eq!(submitted.unwrap(), Verdict::New);
    let error = stood.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Failure::Unavailable, true));
    let again = store.submit(message(1, "a"), store.now()).await;
    assert_eq!(again.unwrap(), Verdict::Repeat);
    sound(&store).await;
}
