//! What is easily right on one database and wrong on the other.

use super::*;

// The system's tests have it in a crate of theirs, which builds upon this one; what they want of it besides is not called for here.
#[allow(dead_code, unreachable_pub)]
#[path = "../../../../tests/src/postgres.rs"]
mod postgres;

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
