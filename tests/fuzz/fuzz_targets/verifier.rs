//! Whatever is done to a signed message, the verifier does not panic, and what it takes says the same in all that is signed.
//!
//! The messages are those in `signed/`, whose keys nobody has any more: what differs in a signed part can have no signature.

#![no_main]

use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use roxmltree::{Document, Node};
use soap::Limits;
use soap::security::{CertificateRules, LIB_BAS, Outline, Response, Rules, SignerRules, TokenRules, Trust, Verifier};

/// A request by token, and an answer to it.
const SIGNED: [&str; 2] = [include_str!("../signed/request.xml"), include_str!("../signed/answer.xml")];

/// The MessageID of the request.
const REQUEST: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

static VERIFIERS: LazyLock<[Verifier; 2]> = LazyLock::new(|| {
    let [request, answer] = SIGNED.map(|message| Outline::of(message.as_bytes(), &Limits::default()).expect("a message"));
    let token = request.token.expect("a token").expect("one that can be read");
    let issuers = request.certificates.into_iter().filter(|certificate| *certificate != token.holder);
    let token = TokenRules {
        issuer: token.issuer.clone(),
        trust: issuers.fold(Trust::new(), Trust::with_signer),
        audience: token.recipient.clone(),
        holders: None,
        privilege: None,
    };
    let signer = CertificateRules {
        trust: answer.certificates.into_iter().fold(Trust::new(), Trust::with_signer),
        organisations: Vec::new(),
    };
    [SignerRules::Token(token), SignerRules::Certificate(signer)].map(|signer| {
        // A token that is known is not verified again, which would hide what it takes to do so.
        Verifier::new(Rules { known_tokens: 0, ..Rules::new(&LIB_BAS, signer) })
    })
});

/// What the messages say in what is signed of them.
static SAID: LazyLock<[String; 2]> = LazyLock::new(|| SIGNED.map(signed));

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        None => {}
        Some((b'<', _)) => [0, 1].iter().for_each(|which| check(*which, data)),
        Some((which, edits)) => {
            let which = usize::from(which & 1);
            let mut message = SIGNED[which].as_bytes().to_vec();
            for edit in edits.chunks_exact(6) {
                change(&mut message, edit);
            }
            check(which, &message);
        }
    }
});

/// Makes one edit: where, what, how much, and from where.
fn change(message: &mut Vec<u8>, edit: &[u8]) {
    let place = |high, low| usize::from(u16::from_be_bytes([high, low]));
    let at = place(edit[0], edit[1]) % message.len().max(1);
    let (value, from) = (edit[3], place(edit[4], edit[5]) % message.len().max(1));
    let within = |start: usize, length: usize| start..(start + length).min(message.len());
    match edit[2] % 5 {
        0 => message[at..].iter_mut().take(1).for_each(|octet| *octet = value),
        1 => message.insert(at, value),
        2 => drop(message.drain(within(at, usize::from(value)))),
        // A piece of the message stands twice, or in the place of another.
        3 => {
            let piece = message[within(from, 8 * usize::from(value))].to_vec();
            message.splice(at..at, piece);
        }
        _ => {
            let piece = message[within(from, usize::from(value))].to_vec();
            message.splice(within(at, usize::from(value)), piece);
        }
    }
}

fn check(which: usize, message: &[u8]) {
    let verifier = &VERIFIERS[which];
    let now: DateTime<Utc> = "2026-11-26T12:00:00Z".parse().expect("a time");
    let _ = Outline::of(message, &Limits::default());
    let answers = (which == 1).then_some(REQUEST);
    let report = verifier.inspect(message, answers, now);
    let taken = match which {
        0 => verifier.verify_request(message, None, now).is_ok(),
        _ => matches!(verifier.verify_response(message, REQUEST, now), Ok(Response::Verified(_))),
    };
    assert_eq!(taken, report.refusals.is_empty(), "inspecting says something else: {:?}", report.refusals);
    if taken {
        let text = std::str::from_utf8(message).expect("read as UTF-8");
        assert_eq!(signed(text), SAID[which], "what is signed is not what is read");
    }
}

/// Names, attributes and texts of all that must be signed, as canonical XML has them: without prefixes and comments.
fn signed(message: &str) -> String {
    let document = Document::parse(message).expect("well-formed");
    let mut parts: Vec<String> = document
        .descendants()
        .filter(|node| {
            let name = node.tag_name();
            let depth = node.ancestors().filter(Node::is_element).count();
            let addressing = name.namespace() == Some("http://www.w3.org/2005/08/addressing");
            match name.name() {
                "Body" => depth == 2,
                "Framework" => depth == 3,
                "Timestamp" | "Assertion" | "BinarySecurityToken" => depth == 4,
                _ => depth == 3 && addressing,
            }
        })
        .map(|node| {
            let mut told = String::new();
            tell(node, &mut told);
            told
        })
        .collect();
    parts.sort_unstable();
    parts.concat()
}

fn tell(node: Node<'_, '_>, told: &mut String) {
    if node.is_text() {
        told.push_str(node.text().unwrap_or_default());
    }
    if !node.is_element() {
        return;
    }
    let mut attributes: Vec<_> = node.attributes().map(|one| (one.namespace(), one.name(), one.value())).collect();
    attributes.sort_unstable();
    let _ = write!(told, "<{:?} {attributes:?}>", node.tag_name());
    node.children().for_each(|child| tell(child, told));
    told.push_str("</>");
}
