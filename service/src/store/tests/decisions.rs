//! What people do by hand: when it holds, and what is on record.

use super::shared::on_both;
use super::*;
use crate::delivery::task::{Decision, How, Unchanged};

const CHANGED: Decided = Decided::Changed;

/// Decides about the message `number` at `second`.
async fn decide(store: &Store, number: u128, decision: Decision, second: i64) -> Decided {
    let (transaction, who) = (Uuid::from_u128(number), "me".to_owned());
    let decided = store.decide(Kind::Message, transaction, decision, who, at(second));
    decided.await.unwrap()
}

#[tokio::test]
async fn a_refused_message_is_parked_until_somebody_decides() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    for number in [1, 2] {
        store.submit(message(number, "a"), at(0)).await.unwrap();
    }
    let jobs = take(&store, Kind::Message, 0).await;
    end(&store, &jobs[0], Outcome::Refused, 1).await;
    assert_eq!(store.due(Kind::Message).await.unwrap(), None);
    assert_eq!(decide(&store, 9, Decision::Drop, 5).await, Decided::Unknown);
    assert_eq!(decide(&store, 1, Decision::Retry, 5).await, CHANGED);
    let jobs = take(&store, Kind::Message, 5).await;
    assert_eq!(numbers(&jobs), [1]);
    end(&store, &jobs[0], Outcome::Refused, 6).await;
    assert_eq!(decide(&store, 1, Decision::Drop, 6).await, CHANGED);
    assert_eq!(decide(&store, 2, Decision::Park, 6).await, CHANGED);
    assert!(take(&store, Kind::Message, 7).await.is_empty());
    let story = store
        .story(Kind::Message, Uuid::from_u128(1), None)
        .await
        .unwrap();
    let [story] = story.as_slice() else {
        panic!("{story:?}");
    };
    assert_eq!(story.entry.standing, "dropped");
    let outcomes: Vec<_> = story.tries.iter().map(|one| one.outcome.as_str()).collect();
    assert_eq!((outcomes, &story.content), (vec!["refused"; 2], &None));
    sound(&store).await;
}

#[tokio::test]
async fn a_decision_waits_for_the_attempt_and_is_on_record_where_it_holds() {
    on_both(async |location, party| {
        let store = Store::serve(location, party).await.unwrap();
        for number in [1, 2] {
            store.submit(message(number, "a"), at(0)).await.unwrap();
        }
        let lost = take(&store, Kind::Message, 0).await;
        let all = [Decision::Retry, Decision::Park, Decision::Drop];
        for decision in all {
            let under_way = Unchanged::UnderWay { until: at(60) };
            let told = decide(&store, 1, decision, 59).await;
            assert_eq!(told, Decided::Unchanged(under_way), "{decision:?}");
        }
        assert!(take(&store, Kind::Message, 59).await.is_empty());
        assert!(store.deeds().await.unwrap().is_empty());

        // Nothing has been heard of the attempt.
        assert_eq!(decide(&store, 1, Decision::Drop, 60).await, CHANGED);
        for decision in all {
            let over = Unchanged::Over(How::Dropped);
            let told = decide(&store, 1, decision, 61).await;
            assert_eq!(told, Decided::Unchanged(over), "{decision:?}");
        }
        let next = take(&store, Kind::Message, 61).await;
        assert_eq!(numbers(&next), [2]);
        let deeds = store.deeds().await.unwrap();
        let deeds: Vec<_> = deeds.iter().map(|deed| deed.what.as_str()).collect();
        assert_eq!(deeds, ["drop"]);

        // It delivered, which nobody knew: its answer is to come, and what goes on beside it is left alone.
        assert!(store.overdue(at(100), 10).await.unwrap().is_empty());
        assert!(!end(&store, &lost[0], Outcome::Delivered, 62).await);
        assert!(take(&store, Kind::Message, 62).await.is_empty());
        let overdue = store.overdue(at(100), 10).await.unwrap();
        let [entry] = overdue.as_slice() else {
            panic!("{overdue:?}");
        };
        assert_eq!(
            (entry.standing.as_str(), &entry.transaction),
            ("delivered", &Uuid::from_u128(1).to_string())
        );
        end(&store, &next[0], Outcome::Delivered, 63).await;
        // A second end of it makes it no later, and leaves no lane open.
        let due = entry.answer_due;
        end(&store, &lost[0], Outcome::Delivered, 64).await;
        let again = store.overdue(at(100), 10).await.unwrap();
        assert_eq!((again.len(), again[0].answer_due), (2, due));
        sound(&store).await;
    })
    .await;
}

#[tokio::test]
async fn of_several_answers_all_are_decided_on_or_none() {
    on_both(async |location, party| {
        let store = Store::serve(location, party).await.unwrap();
        store.receive(message(1, "a"), at(0)).await.unwrap();
        for (content, digest) in [("<first/>", 1), ("<second/>", 2)] {
            let answer = NewTask {
                content: content.to_owned(),
                digest: [digest; 32],
                ..message(1, "a")
            };
            store.answer(answer, at(0)).await.unwrap();
        }
        let decide = async |decision, second| {
            let (transaction, who) = (Uuid::from_u128(1), "me".to_owned());
            let decided = store.decide(Kind::Answer, transaction, decision, who, at(second));
            decided.await.unwrap()
        };
        let standings = async || {
            let stories = store.story(Kind::Answer, Uuid::from_u128(1), None).await;
            let standings = stories.unwrap().into_iter();
            let standings: Vec<String> = standings.map(|story| story.entry.standing).collect();
            standings
        };
        let jobs = take(&store, Kind::Answer, 0).await;
        let under_way = Unchanged::UnderWay { until: at(60) };
        let told = decide(Decision::Drop, 1).await;
        assert_eq!(told, Decided::Unchanged(under_way));
        assert_eq!(standings().await, ["trying", "waiting"]);
        end(&store, &jobs[0], Outcome::Delivered, 1).await;
        assert_eq!(decide(Decision::Park, 2).await, CHANGED);
        assert_eq!(standings().await, ["delivered", "parked"]);
        let told = decide(Decision::Park, 2).await;
        assert_eq!(told, Decided::Unchanged(Unchanged::Held));
        assert_eq!(decide(Decision::Drop, 2).await, CHANGED);
        assert_eq!(standings().await, ["delivered", "dropped"]);
        assert!(take(&store, Kind::Answer, 3).await.is_empty());
        sound(&store).await;
    })
    .await;
}

#[tokio::test]
async fn who_looks_at_documents_is_on_record() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    store.submit(message(1, "a"), at(0)).await.unwrap();
    let transaction = Uuid::from_u128(1);
    let reveal = Some(("me".to_owned(), at(1)));
    let story = store
        .story(Kind::Message, transaction, reveal)
        .await
        .unwrap();
    assert_eq!(story[0].content.as_deref(), Some("<1/>"));
    let deeds = store.deeds().await.unwrap();
    let [deed] = deeds.as_slice() else {
        panic!("{deeds:?}");
    };
    assert_eq!((deed.who.as_str(), deed.what.as_str()), ("me", "reveal"));
    assert_eq!((deed.at, &deed.subject), (at(1), &transaction.to_string()));
}

#[tokio::test]
async fn an_answer_that_was_given_stays_given_though_its_repeat_is_dropped() {
    on_both(async |location, party| {
        let store = Store::serve(location, party).await.unwrap();
        let received = store.receive(message(1, "a"), at(0)).await;
        assert_eq!(received.unwrap(), Verdict::New);
        store.answer(message(1, "a"), at(0)).await.unwrap();
        for (second, outcome) in [(0, Outcome::Warned), (1, Outcome::Refused)] {
            let received = store.receive(message(1, "a"), at(second)).await;
            assert_eq!(received.unwrap(), Verdict::Repeat);
            let jobs = take(&store, Kind::Answer, second).await;
            end(&store, &jobs[0], outcome, second).await;
        }
        let (transaction, who) = (Uuid::from_u128(1), "me".to_owned());
        let dropped = store.decide(Kind::Answer, transaction, Decision::Drop, who, at(2));
        assert_eq!(dropped.await.unwrap(), CHANGED);
        let story = store.story(Kind::Answer, transaction, None).await.unwrap();
        assert_eq!(story[0].entry.standing, "warned");
        sound(&store).await;
    })
    .await;
}
