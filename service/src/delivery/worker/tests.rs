use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::http::Stopper;
use crate::store::{Location, NewTask};

/// How attempts end, and which were begun.
#[derive(Debug)]
struct Partner {
    how: fn(u128) -> How,
    begun: Mutex<Vec<u128>>,
    delivered: Notify,
}

enum How {
    Silent,
    Defect,
    Delivered,
}

impl Attempt for Partner {
    const KIND: Kind = Kind::Message;

    async fn attempt(&self, job: &Job) -> Ended {
        let number = job.transaction.as_u128();
        self.begun.lock().unwrap().push(number);
        match (self.how)(number) {
            How::Silent => std::future::pending().await,
            How::Defect => panic!("a defect"),
            How::Delivered => Ended {
                outcome: Outcome::Delivered,
                ..Ended::failed("")
            },
        }
    }

    fn ended(&self) {
        self.delivered.notify_one();
    }
}

/// Submits a message each for these municipalities, in this order, numbered from 0, and works until one is delivered; which were begun.
async fn begun(
    municipalities: &[&str],
    how: fn(u128) -> How,
    per_municipality: usize,
) -> Vec<u128> {
    let directory = TempDir::new().unwrap();
    let location = Location::Directory(directory.path().to_owned());
    let store = Store::serve(&location, "test").await.unwrap();
    for (number, municipality) in (0..).zip(municipalities) {
        let task = NewTask {
            transaction: Uuid::from_u128(number),
            lane: number.to_string(),
            municipality: municipality.parse().unwrap(),
            operation: "Opret",
            code: None,
            digest: [1; 32],
            content: "<a/>".to_owned(),
        };
        store.submit(task, store.now()).await.unwrap();
    }
    let partner = Arc::new(Partner {
        how,
        begun: Mutex::default(),
        delivered: Notify::new(),
    });
    let delivery = Delivery {
        per_municipality,
        ..Delivery::default()
    };
    // Nobody waits for those that are silent: they would be heard of after the test is over.
    let patience = Duration::from_secs(3600);
    let terms = Terms::new(&delivery, Windows::default(), patience, Duration::ZERO);
    let (stopper, stop) = Stopper::new();
    let working = tokio::spawn(work(
        store,
        Arc::clone(&partner),
        terms,
        Arc::default(),
        stop,
    ));
    partner.delivered.notified().await;
    stopper.stop();
    working.await.unwrap();
    partner.begun.lock().unwrap().clone()
}

#[tokio::test]
async fn a_message_goes_out_at_once_though_many_for_silent_ones_wait() {
    let silent = [
        "90000001", "90000002", "90000003", "90000004", "90000005", "90000006",
    ];
    let mut municipalities = silent.repeat(20);
    municipalities.push("90000019");
    let how = |number| match number {
        120 => How::Delivered,
        _ => How::Silent,
    };
    let begun = begun(&municipalities, how, 8).await;
    assert!(begun.contains(&120), "{begun:?}");
    assert!(begun.len() <= 6 + 16 + 1, "{begun:?}");
}

#[tokio::test]
async fn a_defect_in_an_attempt_gives_its_place_back() {
    let how = |number| match number {
        0 => How::Silent,
        1 => How::Defect,
        _ => How::Delivered,
    };
    let begun = begun(&["90000001", "90000002", "90000002"], how, 1).await;
    assert_eq!(begun, [0, 1, 2]);
}
