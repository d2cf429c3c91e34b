use std::path::Path;

use chrono::TimeDelta;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::delivery::Time;
use crate::delivery::incoming::Verdict;
use crate::delivery::room::Room;
use crate::delivery::said::Said;
use crate::delivery::schedule::Retry;
use crate::delivery::task::Outcome;
use crate::delivery::{expected, incoming::Digest};
use crate::routing::Cvr;

mod decisions;
mod forms;
mod shared;
#[cfg(unix)]
mod silent;
mod trouble;

const POLICY: Policy = Policy {
    retry: Retry {
        first: std::time::Duration::from_secs(1),
        cap: std::time::Duration::from_secs(60),
        longest_asked: std::time::Duration::from_secs(60),
        give_up: TimeDelta::days(7),
    },
    answer_within: Some(TimeDelta::seconds(1)),
};

/// Room for more than is taken here.
const ROOM: Room = Room::new(20, 10);

fn at(second: i64) -> Time {
    Time::from_timestamp(1_772_439_327 + second, 0).unwrap()
}

async fn open(directory: &Path) -> Store {
    let location = Location::Directory(directory.to_owned());
    Store::serve(&location, "test").await.unwrap()
}

fn message(number: u128, case: &str) -> NewTask {
    NewTask {
        transaction: Uuid::from_u128(number),
        lane: case.to_owned(),
        municipality: "90000001".parse().unwrap(),
        operation: "Opret",
        code: None,
        digest: [1; 32],
        content: format!("<{number}/>"),
    }
}

/// The numbers of the messages that can be taken at `second`.
async fn take(store: &Store, kind: Kind, second: i64) -> Vec<Job> {
    let now = at(second);
    let until = now + TimeDelta::seconds(60);
    store.take(kind, now, until, &ROOM).await.unwrap()
}

fn numbers(jobs: &[Job]) -> Vec<u128> {
    jobs.iter().map(|job| job.transaction.as_u128()).collect()
}

async fn end(store: &Store, job: &Job, outcome: Outcome, second: i64) -> bool {
    let ended = Ended {
        outcome,
        said: Said::new("so"),
        asked: None,
        follows: None,
    };
    store
        .end(job, ended, at(second), u32::MAX, POLICY)
        .await
        .unwrap()
}

async fn sound(store: &Store) {
    assert_eq!(store.check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_case_goes_in_order_and_cases_beside_each_other() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    for (number, case) in [(1, "a"), (2, "a"), (3, "b")] {
        let verdict = store.submit(message(number, case), at(0)).await.unwrap();
        assert_eq!(verdict, Verdict::New);
    }
    let jobs = take(&store, Kind::Message, 0).await;
    assert_eq!(numbers(&jobs), [1, 3]);
    assert_eq!(jobs[0].content, b"<1/>");
    assert!(take(&store, Kind::Message, 1).await.is_empty());
    // What fails waits, and holds up what is behind it.
    assert!(!end(&store, &jobs[0], Outcome::Failed, 1).await);
    assert!(take(&store, Kind::Message, 1).await.is_empty());
    let again = take(&store, Kind::Message, 2).await;
    assert_eq!((numbers(&again), again[0].attempt), (vec![1], 2));
    assert!(end(&store, &again[0], Outcome::Delivered, 2).await);
    assert_eq!(numbers(&take(&store, Kind::Message, 2).await), [2]);
    assert!(!end(&store, &jobs[1], Outcome::Delivered, 2).await);
    sound(&store).await;
}

#[tokio::test]
async fn what_is_known_is_not_added_again() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    let mut other = message(1, "b");
    other.digest = [2; 32];
    for (task, expected) in [
        (message(1, "a"), Verdict::New),
        (message(1, "a"), Verdict::Repeat),
        (other, Verdict::Conflict),
    ] {
        assert_eq!(store.submit(task, at(0)).await.unwrap(), expected);
    }
    let jobs = take(&store, Kind::Message, 0).await;
    assert_eq!((jobs.len(), jobs[0].lane.as_str()), (1, "a"));
    sound(&store).await;
}

/// What waits for one commit is run in one statement, and is judged as if one came after the other.
#[tokio::test]
async fn what_comes_at_once_is_told_apart() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    store.submit(message(9, "b"), at(0)).await.unwrap();
    let mut other = message(1, "a");
    other.digest = [2; 32];
    let submit = |task| store.submit(task, at(0));
    let told = tokio::join!(
        submit(message(1, "a")),
        submit(message(2, "a")),
        submit(message(1, "a")),
        submit(other),
        submit(message(9, "b")),
        submit(message(3, "c")),
    );
    let told = [told.0, told.1, told.2, told.3, told.4, told.5].map(Result::unwrap);
    let (new, repeat) = (Verdict::New, Verdict::Repeat);
    assert_eq!(told, [new, new, repeat, Verdict::Conflict, repeat, new]);
    let remember = |id: &str| store.remember(id.to_owned(), at(10));
    let told = tokio::join!(remember("x"), remember("y"), remember("x"));
    assert_eq!((told.0.unwrap(), told.1.unwrap()), (true, true));
    assert!(!told.2.unwrap());

    let jobs = take(&store, Kind::Message, 0).await;
    assert_eq!(numbers(&jobs), [9, 1, 3]);
    // An attempt whose lease is over, and the one after it, are heard of at once.
    let [late] = [jobs[1].clone()];
    let again = take(&store, Kind::Message, 60).await;
    assert_eq!(numbers(&again), [9, 1, 3]);
    let ended = tokio::join!(
        end(&store, &again[0], Outcome::Failed, 61),
        end(&store, &again[1], Outcome::Failed, 61),
        end(&store, &late, Outcome::Delivered, 61),
        end(&store, &again[2], Outcome::Delivered, 61),
    );
    assert_eq!((ended.0, ended.2, ended.3), (false, true, false));
    assert_eq!(numbers(&take(&store, Kind::Message, 61).await), [2]);
    let story = store.story(Kind::Message, Uuid::from_u128(1), None).await;
    let story = &story.unwrap()[0];
    let tries: Vec<_> = story.tries.iter().map(|one| one.outcome.as_str()).collect();
    assert_eq!(tries, ["delivered", "failed"]);
    assert_eq!(story.entry.standing, "delivered");
    sound(&store).await;
}

#[tokio::test]
async fn leases_of_a_process_that_is_gone_are_given_back() {
    let directory = TempDir::new().unwrap();
    let location = Location::Directory(directory.path().to_owned());
    let store = open(directory.path()).await;
    store.submit(message(1, "a"), at(0)).await.unwrap();
    assert_eq!(take(&store, Kind::Message, 0).await.len(), 1);
    let second = Store::serve(&location, "test").await.unwrap_err();
    assert_eq!(second.kind(), Failure::Locked);
    drop(store);
    let store = open(directory.path()).await;
    let again = take(&store, Kind::Message, 1).await;
    assert_eq!(again[0].attempt, 2);
    // In a shared database the lease runs out.
    assert!(take(&store, Kind::Message, 60).await.is_empty());
    assert_eq!(take(&store, Kind::Message, 61).await[0].attempt, 3);
}

#[tokio::test]
async fn a_repeat_has_its_answers_given_again_in_their_order() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    let incoming = || message(1, "a");
    let mut first = message(1, "a");
    first.content = "<first/>".to_owned();
    let mut second = first.clone();
    (second.content, second.digest) = ("<second/>".to_owned(), [2; 32]);

    assert_eq!(
        store.receive(incoming(), at(0)).await.unwrap(),
        Verdict::New
    );
    let jobs = take(&store, Kind::Registration, 0).await;
    let ended = Ended {
        outcome: Outcome::Delivered,
        said: Said::default(),
        asked: None,
        follows: Some(first.clone()),
    };
    store.end(&jobs[0], ended, at(0), 0, POLICY).await.unwrap();
    assert_eq!(store.answer(first, at(1)).await.unwrap(), Verdict::Repeat);
    assert_eq!(store.answer(second, at(1)).await.unwrap(), Verdict::New);
    let deliver = async |second| {
        let mut given = Vec::new();
        while let [job] = take(&store, Kind::Answer, second).await.as_slice() {
            given.push(String::from_utf8(job.content.clone()).unwrap());
            end(&store, job, Outcome::Delivered, second).await;
        }
        given
    };
    assert_eq!(deliver(2).await, ["<first/>", "<second/>"]);
    assert!(deliver(3).await.is_empty());
    assert_eq!(
        store.receive(incoming(), at(4)).await.unwrap(),
        Verdict::Repeat
    );
    assert_eq!(deliver(4).await, ["<first/>", "<second/>"]);
    assert!(take(&store, Kind::Registration, 4).await.is_empty());
    sound(&store).await;
}

#[tokio::test]
async fn an_answer_that_overtakes_the_first_takes_nothing_from_it() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    let answer = |content: &str, digest| NewTask {
        content: content.to_owned(),
        digest: [digest; 32],
        ..message(1, "a")
    };
    let incoming = message(1, "a");
    store.receive(incoming, at(0)).await.unwrap();
    let jobs = take(&store, Kind::Registration, 0).await;
    // The case system says its second answer before it is committed that it gave the first.
    let second = answer("<second/>", 2);
    assert_eq!(store.answer(second, at(1)).await.unwrap(), Verdict::New);
    let ended = Ended {
        outcome: Outcome::Delivered,
        said: Said::default(),
        asked: None,
        follows: Some(answer("<first/>", 1)),
    };
    for _ in 0..2 {
        let ended = ended.clone();
        store.end(&jobs[0], ended, at(1), 0, POLICY).await.unwrap();
    }
    let kept = store.open_tasks(Kind::Answer, 10).await.unwrap();
    let numbers: Vec<_> = kept.iter().map(|answer| answer.number).collect();
    assert_eq!(numbers, [0, 1]);
    sound(&store).await;
}

#[tokio::test]
async fn answers_are_matched_and_missed() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    let answered = |municipality: &str, digest: Digest, last| Answered {
        transaction: Uuid::from_u128(1),
        lane: "a".to_owned(),
        municipality: municipality.parse().unwrap(),
        code: "ACCEPTERET",
        last,
        digest,
        content: "<answer/>".to_owned(),
    };
    let overdue = async || store.overdue(at(100), 10).await.unwrap().len();
    let known = answered("90000001", [1; 32], true);
    let take_in = async |answer| store.take_answer(answer, at(3)).await.unwrap();
    assert_eq!(take_in(known.clone()).await, expected::Verdict::Unknown);
    let first = async || store.first_answer(Uuid::from_u128(1)).await.unwrap();
    assert_eq!(first().await, FirstAnswer::Never);

    store.submit(message(1, "a"), at(0)).await.unwrap();
    assert_eq!(overdue().await, 0);
    let jobs = take(&store, Kind::Message, 0).await;
    end(&store, &jobs[0], Outcome::Delivered, 1).await;
    assert_eq!((overdue().await, first().await), (1, FirstAnswer::Awaited));
    let other = take_in(answered("90000002", [1; 32], true)).await;
    assert!(matches!(other, expected::Verdict::OtherMunicipality(_)));
    let early = take_in(answered("90000001", [2; 32], false)).await;
    assert_eq!((early, overdue().await), (expected::Verdict::New, 1));
    let at_once = tokio::join!(take_in(known.clone()), take_in(known.clone()));
    assert_eq!(at_once, (expected::Verdict::New, expected::Verdict::Repeat));
    assert_eq!(take_in(known.clone()).await, expected::Verdict::Repeat);
    assert_eq!(overdue().await, 0);
    assert_eq!(first().await, FirstAnswer::Here(b"<answer/>".to_vec()));
}

#[tokio::test]
async fn one_municipality_takes_no_more_than_its_share() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    for number in 1..=4 {
        let case = number.to_string();
        store.submit(message(number, &case), at(0)).await.unwrap();
    }
    let municipality: Cvr = "90000002".parse().unwrap();
    let other = NewTask {
        municipality,
        ..message(5, "5")
    };
    store.submit(other, at(1)).await.unwrap();
    let mut room = Room::new(4, 2);
    let mut taken = Vec::new();
    for _ in 0..3 {
        let (kind, until) = (Kind::Message, at(60));
        let jobs = store.take(kind, at(2), until, &room).await.unwrap();
        for job in &jobs {
            room.begin(job.municipality);
        }
        taken.push(numbers(&jobs));
    }
    assert_eq!(taken, [vec![1, 2], vec![5], vec![]]);
    sound(&store).await;
}

#[tokio::test]
async fn an_erased_message_is_still_known() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    for number in [1, 2] {
        store.submit(message(number, "a"), at(0)).await.unwrap();
    }
    let jobs = take(&store, Kind::Message, 0).await;
    end(&store, &jobs[0], Outcome::Delivered, 1).await;
    assert_eq!(store.erase(at(1), at(1)).await.unwrap(), 0);
    let tries = async || {
        let story = store.story(Kind::Message, Uuid::from_u128(1), None).await;
        let Try {
            said,
            outcome,
            ended,
            ..
        } = story.unwrap().remove(0).tries.remove(0);
        (said, outcome, ended)
    };
    let delivered = "delivered".to_owned();
    assert_eq!(tries().await, ("so".to_owned(), delivered.clone(), at(1)));
    assert_eq!(store.erase(at(9), at(9)).await.unwrap(), 1);
    assert_eq!(tries().await, (String::new(), delivered, at(1)));
    let content = async |number| {
        let transaction = Uuid::from_u128(number);
        store.content(Kind::Message, transaction).await.unwrap()
    };
    assert_eq!(content(1).await, None);
    assert!(content(2).await.is_some());
    let again = store.submit(message(1, "a"), at(10)).await.unwrap();
    assert_eq!(again, Verdict::Repeat);
    sound(&store).await;
}

#[tokio::test]
async fn a_message_is_kept_until_its_last_answer() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    store.receive(message(1, "a"), at(0)).await.unwrap();
    let jobs = take(&store, Kind::Registration, 0).await;
    end(&store, &jobs[0], Outcome::Delivered, 1).await;
    let kept = async || {
        store.erase(at(9), at(9)).await.unwrap();
        let transaction = Uuid::from_u128(1);
        let content = store.content(Kind::Registration, transaction).await;
        content.unwrap().is_some()
    };
    assert!(kept().await);
    for (code, digest, stays) in [("MODTAGET", 2, true), ("ACCEPTERET", 3, false)] {
        let answer = NewTask {
            code: Some(code),
            digest: [digest; 32],
            ..message(1, "a")
        };
        store.answer(answer, at(2)).await.unwrap();
        assert_eq!(kept().await, stays, "{code}");
    }
}

#[tokio::test]
async fn an_identity_is_remembered_for_its_time() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    let fresh = async |id: &str| store.remember(id.to_owned(), at(10)).await.unwrap();
    assert!(fresh("a").await);
    assert!(!fresh("a").await);
    assert!(fresh("b").await);
    let hour = 3600;
    store.erase(at(0), at(10 + hour)).await.unwrap();
    assert!(!fresh("a").await);
    store.erase(at(0), at(11 + hour)).await.unwrap();
    assert!(fresh("a").await);
}

#[tokio::test]
async fn a_backup_is_a_store() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await;
    store.submit(message(1, "a"), at(0)).await.unwrap();
    let other = TempDir::new().unwrap();
    let name = format!("{}.db", backend::name("test"));
    let file = other.path().join(name);
    store.backup(&file, "me".to_owned(), at(1)).await.unwrap();
    for (place, why) in [
        (other.path().join("x/copy"), std::io::ErrorKind::NotFound),
        (file.clone(), std::io::ErrorKind::AlreadyExists),
    ] {
        let copied = store.backup(&place, "me".to_owned(), at(1)).await;
        let Err(NotCopied::File(error)) = copied else {
            panic!("{copied:?}");
        };
        assert_eq!(error.kind(), why);
    }
    let deeds = store.deeds().await.unwrap();
    let [deed] = deeds.as_slice() else {
        panic!("{deeds:?}");
    };
    assert_eq!((deed.who.as_str(), deed.what.as_str()), ("me", "backup"));
    assert_eq!((deed.at, &*deed.subject), (at(1), &*file.to_string_lossy()));
    #[cfg(unix)]
    for folder in [&directory, &other] {
        use std::os::unix::fs::PermissionsExt;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others may read {file:?}");
        }
    }
    let copy = open(other.path()).await;
    assert_eq!(numbers(&take(&copy, Kind::Message, 0).await), [1]);
}

#[test]
fn parties_have_names_of_their_own() {
    let names = [
        "ksd",
        "KSD",
        "jobcenter Nord",
        "jobcenter_Nord",
        "jobcenter Åse",
        "jobcenter Øse",
    ];
    let mut own: Vec<String> = names.iter().map(|party| backend::name(party)).collect();
    assert_eq!(own[2], "sf209x_jobcenter___nord");
    own.sort();
    own.dedup();
    assert_eq!(own.len(), names.len());
}
