//! Real messages, where they are at hand: `../shared/vectors` beside the checkout. They verify, and every octet that is signed
//! counts.

use std::io::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use chrono::{DateTime, TimeDelta, Utc};
use soap::security::{
    Cause, Certificate, CertificateRules, IssuedToken, LIB_BAS, Refusal, Response, Rules,
    SignerRules, TokenRules, Trust, Verifier, WS_TRUST,
};

/// The message in the file `name`, or none and a word about it.
pub(crate) fn vector(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let read = std::fs::read_to_string(folder.join(name));
    if read.is_err() {
        // Past the test harness, which keeps to itself what the macros print.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: ../shared/vectors/{name} is not at hand"
        );
    }
    read.ok().map(|text| text.trim_end().to_owned())
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

/// The certificates in a message, in order.
fn certificates(message: &str) -> Vec<Certificate> {
    let texts = message
        .split(['<', '>'])
        .filter(|text| text.starts_with("MII"));
    let der = texts.map(|text| {
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64")
    });
    der.map(|der| Certificate::from_der(&der).expect("a certificate"))
        .collect()
}

/// With whose certificates the token request verifies.
fn token_request(message: &str, known_tokens: usize) -> Verifier {
    let issuer = certificates(message).swap_remove(0);
    Verifier::new(Rules {
        addresses: Some(vec![
            "https://exttest.serviceplatformen.dk/service/Organisation/OrganisationEnhed/5"
                .to_owned(),
        ]),
        known_tokens,
        ..Rules::new(
            &LIB_BAS,
            SignerRules::Token(TokenRules {
                issuer: "https://saml.adgangsstyring.eksterntest-stoettesystemerne.dk".to_owned(),
                trust: Trust::new().with_signer(issuer),
                audience: "http://organisation.serviceplatformen.dk/service/organisation/5"
                    .to_owned(),
                holders: None,
                privilege: Some(
                    "http://serviceplatformen.serviceplatformen.dk/roles/servicesystemrole/dummy/1"
                        .to_owned(),
                ),
            }),
        )
    })
}

#[test]
fn the_token_request_verifies() {
    let Some(message) = vector("sp-token-request-2020.xml") else {
        return;
    };
    let action =
        "\"http://serviceplatformen.dk/xml/wsdl/soap11/Organisation/OrganisationEnhed/5/soeg\"";
    let verified = token_request(&message, 1)
        .verify_request(message.as_bytes(), Some(action), at("2020-07-02T09:43:00Z"))
        .expect("verified");
    let authority = verified.authority();
    assert_eq!(
        authority
            .organisation()
            .map(|cvr| cvr.to_string())
            .as_deref(),
        Some("19435075")
    );
    assert_eq!(
        authority
            .municipality()
            .map(|cvr| cvr.to_string())
            .as_deref(),
        Some("99999999")
    );
    assert_eq!(
        authority.message_id.as_deref(),
        Some("urn:uuid:8b60a4a5-9dfe-4558-933a-f813cd38caa5")
    );
    let report = &authority.report;
    assert_eq!(
        (
            report.references.len(),
            report.signature,
            report.token_signature
        ),
        (9, Some(true), Some(true))
    );
    assert!(
        report
            .references
            .iter()
            .all(|reference| reference.outcome.is_ok())
    );
}

#[test]
fn the_request_to_the_token_service_verifies() {
    let Some(message) = vector("sts-request-2023.xml") else {
        return;
    };
    let verified = token_service_request(&message)
        .verify_request(message.as_bytes(), None, at("2023-04-04T08:21:30Z"))
        .expect("verified");
    assert_eq!(verified.authority().report.references.len(), 6);
    assert_eq!(verified.authority().token, None);
}

#[test]
fn the_answer_of_the_token_service_verifies() {
    let Some(message) = vector("sts-response-2023.xml") else {
        return;
    };
    let verifier = token_service_response(&message);
    let answer = verifier
        .verify_response(message.as_bytes(), RELATES_TO, at("2023-04-04T08:22:00Z"))
        .expect("verified");
    let Response::Verified(verified) = answer else {
        panic!("a fault")
    };
    assert_eq!(verified.authority().report.references.len(), 4);

    // The assertion in it, by its issuer's signature.
    let start = message.find("<Assertion ").expect("an assertion");
    let end = message.find("</Assertion>").expect("its end") + "</Assertion>".len();
    let token = IssuedToken::read(&message[start..end]).expect("a token");
    let rules = TokenRules {
        issuer: "https://saml.n2adgangsstyring.eksterntest-stoettesystemerne.dk/runtime".to_owned(),
        trust: Trust::new().with_signer(certificates(&message).swap_remove(0)),
        audience: "http://wsp12.oioidws-net.dk/service/service/1".to_owned(),
        holders: None,
        privilege: Some("http://kombit.ssr.com/roles/servicesystemrole/role2/1".to_owned()),
    };
    let skew = TimeDelta::zero();
    assert_eq!(
        token.verify(&rules, at("2023-04-04T12:00:00Z"), skew),
        Ok(())
    );
    let later = token.verify(&rules, at("2023-04-04T16:21:44Z"), skew);
    assert_eq!(later.expect_err("expired").cause(), Cause::TokenExpired);
    let faulty = message[start..end].replace(">11111111<", ">11111112<");
    let faulty = IssuedToken::read(&faulty).expect_err("privileges for another");
    assert_eq!(faulty.cause(), Cause::PrivilegeScope);
}

#[test]
fn each_octet_of_each_signed_part_counts() {
    // Verifiers that keep no token: each time is the first.
    let time = |text| at(text);
    check_octets(
        "sp-token-request-2020.xml",
        9 + 1,
        |original| token_request(original, 0),
        |verifier, message| {
            let verified = verifier.verify_request(message, None, time("2020-07-02T09:43:00Z"));
            verified.map(|_| ())
        },
    );
    check_octets(
        "sts-request-2023.xml",
        6,
        token_service_request,
        |verifier, message| {
            let verified = verifier.verify_request(message, None, time("2023-04-04T08:21:30Z"));
            verified.map(|_| ())
        },
    );
    check_octets(
        "sts-response-2023.xml",
        4,
        token_service_response,
        |verifier, message| {
            let time = time("2023-04-04T08:22:00Z");
            let verified = verifier.verify_response(message, RELATES_TO, time);
            verified.map(|_| ())
        },
    );
}

/// One octet in so many is changed, so that of `length` octets `most` are; each of them where `SF209X_EVERY_OCTET` is set, which
/// takes seconds in a release build.
fn step(length: usize, most: usize) -> usize {
    if std::env::var_os("SF209X_EVERY_OCTET").is_some() {
        return 1;
    }
    (length / most).max(1)
}

/// Changes octets of each of the `parts` that are signed, and of what was signed of them; `verify` must refuse them all.
fn check_octets(
    name: &str,
    parts: usize,
    verifier: impl Fn(&str) -> Verifier,
    verify: impl Fn(&Verifier, &[u8]) -> Result<(), Refusal> + Sync,
) {
    let Some(message) = vector(name) else { return };
    let verifier = verifier(&message);
    assert_eq!(verify(&verifier, message.as_bytes()), Ok(()));
    let mut changed_parts = 0;
    let mut places = Vec::new();
    let header = &message[..message.find("Body").expect("a body")];
    for reference in header.split("URI=\"#").skip(1) {
        let id = reference.split('"').next().expect("an id");
        let range = match id.strip_prefix("STR-") {
            // What is signed is what it refers to.
            Some(_) => element(&message, "<Assertion "),
            None => [" wsu:Id", " u:Id", " ID"]
                .iter()
                .find_map(|attribute| message.find(&format!("{attribute}=\"{id}\"")))
                .map_or_else(
                    || 0..0,
                    |at| {
                        element(
                            &message,
                            &message[message[..at].rfind('<').expect("a tag")..at],
                        )
                    },
                ),
        };
        changed_parts += 1;
        let step = step(range.len(), 40);
        places.extend(range.step_by(step));
    }
    assert!(changed_parts >= parts, "{changed_parts} parts");
    for part in ["<ds:SignedInfo", "<SignedInfo"] {
        if message.contains(part) {
            let range = element(&message, part);
            let step = step(range.len(), 60);
            places.extend(range.step_by(step));
        }
    }
    // A part that is signed twice is changed once.
    places.sort_unstable();
    places.dedup();
    places.retain(|at| counts(&message, *at));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for share in places.chunks(places.len().div_ceil(workers)) {
            let (message, verifier, verify) = (&message, &verifier, &verify);
            scope.spawn(move || {
                for at in share {
                    refuse_changed(message, *at, |message| verify(verifier, message));
                }
            });
        }
    });
    println!("{name}: {} octets changed", places.len());
}

/// Whether an octet is part of a canonical form: namespaces that a part declares and does not use are not, nor is white space
/// in tags.
fn counts(message: &str, at: usize) -> bool {
    let tag = message[..at]
        .rfind(['<', '>'])
        .filter(|tag| message[*tag..].starts_with('<'));
    let in_declaration = tag.is_some_and(|tag| {
        message[tag..at]
            .rfind(" xmlns")
            .is_some_and(|start| message[tag + start..at].matches('"').count() < 2)
    });
    !in_declaration && message.as_bytes()[at] != b' '
}

fn refuse_changed(message: &str, at: usize, verify: impl Fn(&[u8]) -> Result<(), Refusal>) {
    let mut changed = message.as_bytes().to_vec();
    changed[at] ^= 1;
    assert!(
        verify(&changed).is_err(),
        "octet {at}: {}",
        &message[at.saturating_sub(30)..(at + 10).min(message.len())]
    );
}

/// Where the element whose start tag begins so stands.
fn element(message: &str, start: &str) -> std::ops::Range<usize> {
    let begin = message.find(start).expect("the element");
    let name = start[1..].split([' ', '>', '/']).next().expect("a name");
    let tag_end = begin + message[begin..].find('>').expect("the end of the tag");
    if message.as_bytes()[tag_end - 1] == b'/' {
        return begin..tag_end + 1;
    }
    let close = format!("</{name}>");
    let end = message[begin..].find(&close).expect("the end tag");
    begin..begin + end + close.len()
}

const RELATES_TO: &str = "uuid:3da309e5-d389-4fc3-83ea-dd87a1479e67";

fn by_certificate(certificate: Certificate) -> Verifier {
    let trust = Trust::new().with_signer(certificate);
    let rules = CertificateRules {
        trust,
        organisations: Vec::new(),
    };
    Verifier::new(Rules::new(&WS_TRUST, SignerRules::Certificate(rules)))
}

fn token_service_request(message: &str) -> Verifier {
    by_certificate(certificates(message).swap_remove(0))
}

fn token_service_response(message: &str) -> Verifier {
    by_certificate(certificates(message).swap_remove(0))
}
