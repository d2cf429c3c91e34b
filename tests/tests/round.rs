//! Seven operations and their answers, all the way round.

use service::endpoint::Endpoint;
use tests::infoset::canonical;
use tests::system::{NORD, SYD, System, reason, sample};
use uuid::Uuid;

use crate::SEVEN;

/// The sample of `operation`, for a municipality of its own.
fn message(operation: &str, municipality: &str) -> String {
    sample(&format!("{operation}.request.xml")).replace(
        &format!("<Myndighed>{NORD}<"),
        &format!("<Myndighed>{municipality}<"),
    )
}

fn transaction(message: &str) -> Uuid {
    let (_, rest) = message
        .split_once("<TransaktionIdentifikator>")
        .expect("a header");
    rest[..36].parse().expect("a UUID")
}

#[test]
fn every_operation_reaches_its_jobcenter_and_its_answer_ksd() {
    let system = System::start();
    let to = |index: usize| {
        if index.is_multiple_of(2) {
            ("Nord", NORD)
        } else {
            ("Syd", SYD)
        }
    };
    let messages: Vec<String> = SEVEN
        .iter()
        .enumerate()
        .map(|(index, operation)| message(operation, to(index).1))
        .collect();

    for message in &messages {
        let receipt = system.post(Endpoint::Intake, message);
        assert_eq!(receipt.status, 200, "{}", receipt.body);
        assert!(
            receipt.body.contains("TransportValideringsKode>OK<"),
            "{}",
            receipt.body
        );
    }
    // Asked for in the opposite order: what matches them is the TransaktionIdentifikator alone.
    for (index, message) in messages.iter().enumerate().rev() {
        let answer = system.answer(transaction(message));
        assert_eq!(answer.forretnings_validerings_kode.code(), "AFVIST");
        let expected = reason(to(index).0, SEVEN[index]);
        assert_eq!(answer.begrundelse.as_deref(), Some(expected.as_str()));
    }

    let registered = system.registered();
    assert_eq!(registered.len(), SEVEN.len());
    for (index, message) in messages.iter().enumerate() {
        let (name, _) = registered
            .iter()
            .find(|(_, registered)| registered.transaction() == transaction(message))
            .expect("it was registered");
        assert_eq!(*name, to(index).0, "{}", SEVEN[index]);
    }

    let exchanges = system.exchanges(4 * SEVEN.len());
    for endpoint in tests::system::ENDPOINTS {
        let calls = exchanges.iter().filter(|e| e.endpoint == endpoint);
        assert_eq!(calls.count(), SEVEN.len(), "{endpoint}");
    }
    // What arrives is what was sent: header and business part of every message.
    for (operation, message) in SEVEN.iter().zip(&messages) {
        let arrived = exchanges
            .iter()
            .find(|e| e.endpoint == Endpoint::Jc1 && e.operation == *operation)
            .expect("it was called");
        for part in ["Header", operation] {
            assert_eq!(
                canonical(&arrived.request, part),
                canonical(message, part),
                "{operation} {part}"
            );
        }
    }
}

#[test]
fn a_repeat_is_told_and_answered_as_the_first_time() {
    let system = System::start();
    let message = message("Opret", NORD);
    let receipts: Vec<String> = (0..2)
        .map(|_| system.post(Endpoint::Intake, &message).body)
        .collect();
    assert!(receipts[0].contains(">OK<"), "{}", receipts[0]);
    assert!(receipts[1].contains(">ADVARSEL<"), "{}", receipts[1]);
    let other = message.replace("<Sagsart>11<", "<Sagsart>12<");
    assert_ne!(message, other);
    let refused = system.post(Endpoint::Intake, &other).body;
    assert!(refused.contains(">FEJL<"), "{refused}");
    let answer = system.answer(transaction(&message));
    assert_eq!(answer.begrundelse, Some(reason("Nord", "Opret")));
    assert_eq!(system.registered().len(), 1);
}
