use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use soap::security::{
    Addressing, Certificate, IssuedToken, MessageSigner, SigningKey, Token, TokenRequest,
    TokenResponse,
};

use super::*;
use crate::pki::{Authority, Holder, Issued, Shape};

mod unseen;

struct Party {
    issued: Issued,
    certificate: Certificate,
    pem: String,
}

impl Party {
    fn new(authority: &Authority, name: &str, cvr: &str) -> Self {
        let holder = Holder {
            name,
            cvr: cvr.parse().unwrap(),
            valid: Some(Duration::from_secs(30 * 86_400)),
        };
        let issued = authority.issue(&holder).unwrap();
        Self {
            certificate: Certificate::from_der(&issued.certificate_der().unwrap()).unwrap(),
            pem: issued.key_pem().unwrap().to_string(),
            issued,
        }
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_pem(self.certificate.clone(), self.pem.as_bytes()).unwrap()
    }
}

struct Parties {
    authority: Authority,
    root: Certificate,
    caller: Party,
    service: Party,
    now: DateTime<Utc>,
}

static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    let authority = Authority::root(Shape::Oces2, "SF209X CA").unwrap();
    Parties {
        root: Certificate::from_pem(authority.certificate_pem().unwrap().as_bytes()).unwrap(),
        caller: Party::new(&authority, "caller", "90000060"),
        service: Party::new(&authority, "token service", "90000094"),
        now: SystemTime::now().into(),
        authority,
    }
});

const AUDIENCE: &str = "http://sf209x.example/service/1";
const TO: &str = "https://localhost/service/1";
const ID: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

fn token() -> IssuedToken {
    token_of(&PARTIES.caller)
}

fn token_of(holder: &Party) -> IssuedToken {
    token_with(holder, |_| ())
}

fn token_with(holder: &Party, change: impl FnOnce(&mut Token)) -> IssuedToken {
    let mut token = Token {
        id: "_00000000-0000-4000-8000-0000000000aa".to_owned(),
        issuer: "https://saml.sf209x.example".to_owned(),
        issued: PARTIES.now,
        holder: holder.certificate.clone(),
        recipient: AUDIENCE.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
        not_before: Some(PARTIES.now),
        not_on_or_after: PARTIES.now + TimeDelta::hours(8),
        municipality: "90000001".parse().unwrap(),
        privileges: Vec::new(),
    };
    change(&mut token);
    IssuedToken::issue(&token, &PARTIES.service.key()).unwrap()
}

fn envelope(version: Version) -> String {
    let namespace = version.namespace().uri();
    format!(
        "<soap:Envelope xmlns:soap=\"{namespace}\"><soap:Body><t:Week xmlns:t=\"urn:example:tally\"/></soap:Body></soap:Envelope>"
    )
}

/// A request by token.
fn request(profile: &'static Profile) -> String {
    request_with(profile, &token())
}

fn request_with(profile: &'static Profile, token: &IssuedToken) -> String {
    let addressing = Addressing::request("urn:example:tally/Week", ID, TO);
    let signer = MessageSigner::new(profile, PARTIES.caller.key());
    let envelope = envelope(profile.version);
    signer
        .sign(&envelope, &addressing, Some(token), PARTIES.now)
        .unwrap()
}

/// A request to the token service, and its answer.
fn exchange() -> [String; 2] {
    exchange_with(str::to_owned, str::to_owned)
}

/// The same, each changed before it is signed.
fn exchange_with(
    asking_with: impl FnOnce(&str) -> String,
    answering_with: impl FnOnce(&str) -> String,
) -> [String; 2] {
    let request = TokenRequest {
        context: Some("urn:uuid:00000000-0000-4000-8000-0000000000cc".to_owned()),
        applies_to: AUDIENCE.to_owned(),
        municipality: "90000001".parse().unwrap(),
        holder: PARTIES.caller.certificate.clone(),
    };
    let answer = TokenResponse {
        context: request.context.clone(),
        applies_to: Some(AUDIENCE.to_owned()),
        lifetime: None,
        token: token(),
    };
    let asking = Addressing::request(TokenRequest::ACTION, ID, TO);
    let answering = Addressing::response(TokenResponse::ACTION, ID, ID);
    let signed = |party: &Party, message: &str, addressing| {
        let signer = MessageSigner::new(&WS_TRUST, party.key());
        signer.sign(message, addressing, None, PARTIES.now).unwrap()
    };
    [
        signed(
            &PARTIES.caller,
            &asking_with(&request.write().unwrap()),
            &asking,
        ),
        signed(
            &PARTIES.service,
            &answering_with(&answer.write().unwrap()),
            &answering,
        ),
    ]
}

/// The causes of all that is wrong with a text.
#[track_caller]
fn check(text: &str, expected: &Expected, minutes: i64, causes: &[&str]) -> Report {
    let time = PARTIES.now + TimeDelta::minutes(minutes);
    let report = message(text.as_bytes(), expected, time).unwrap();
    let findings = report.sections.iter().flat_map(|section| &section.findings);
    let found: Vec<&str> = findings.filter_map(|finding| finding.cause).collect();
    assert_eq!(found, causes, "{report:#?}");
    assert_eq!(report.holds(), causes.is_empty());
    report
}

fn trusting(certificate: &Certificate) -> Expected {
    Expected {
        trust: vec![certificate.clone()],
        ..Expected::default()
    }
}

#[test]
fn good_messages_of_each_kind_hold() {
    const LIB_BAS_12: Profile = Profile {
        version: Version::Soap12,
        ..LIB_BAS
    };
    let [asks, answers] = exchange();
    let requests = [&LIB_BAS, &OIO_IDWS, &LIB_BAS_12].map(request);
    for text in requests.iter().chain([&asks, &answers]) {
        check(text, &Expected::default(), 0, &[]);
    }
    check(&request(&LIB_BAS), &trusting(&PARTIES.root), 0, &[]);
    check(&asks, &trusting(&PARTIES.root), 0, &[]);
    check(&answers, &trusting(&PARTIES.service.certificate), 0, &[]);
}

#[test]
fn causes_stand_one_beside_the_other() {
    let text = request(&LIB_BAS);
    let expected = Expected {
        audience: Some(format!("{AUDIENCE}/")),
        to: Some("https://localhost/service/2".to_owned()),
        ..trusting(&PARTIES.caller.certificate)
    };
    let causes = [
        "to",
        "message-expired",
        "signer-not-trusted",
        "token-audience",
        "token-recipient",
    ];
    let report = check(&text, &expected, 60, &causes);
    let said = format!("{report:?}");
    assert!(
        said.contains("a slash at the end makes the difference"),
        "{said}"
    );
    assert!(said.contains("try --at"), "{said}");

    let changed = text.replacen("<t:Week", "<t:Month", 1);
    check(&changed, &Expected::default(), 0, &["digest"]);
    let framework = text.replacen("sbf:Framework", "sbf:Rahmen", 2);
    check(
        &framework,
        &Expected::default(),
        0,
        &["digest", "missing-framework"],
    );
    let unsigned = envelope(Version::Soap11);
    check(
        &unsigned,
        &Expected::default(),
        0,
        &[
            "not-signed",
            "missing-framework",
            "missing-header",
            "missing-header",
        ],
    );
    check("<html/>", &Expected::default(), 0, &["envelope"]);
    check("no such page", &Expected::default(), 0, &["malformed"]);
}

#[test]
fn what_people_keep_of_a_message_or_beside_it_is_known() {
    let text = request(&LIB_BAS);
    let none = Expected::default();
    for (before, said) in [
        ("POST /service HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP"),
        ("HTTP/1.1 200 OK\r\n\r\n", "HTTP"),
        (
            "--part\r\nContent-Type: application/xop+xml\r\n\r\n",
            "MIME",
        ),
    ] {
        let report = check(&format!("{before}{text}"), &none, 0, &["malformed"]);
        assert!(format!("{report:?}").contains(said), "{report:?}");
    }
    let token = token();
    let text = token.text();
    check(text, &none, 0, &[]);
    check(text, &trusting(&PARTIES.service.certificate), 0, &[]);
    let stranger = ["signer-not-trusted"];
    check(text, &trusting(&PARTIES.caller.certificate), 0, &stranger);
    check(text, &none, 9 * 60, &["token-expired"]);
    let changed = text.replace(">90000001<", ">90000002<");
    check(&changed, &none, 0, &["digest"]);
}

#[test]
fn a_token_that_cannot_be_read_says_why() {
    let text = request(&LIB_BAS);
    let none = Expected::default();
    let bearer = text.replace("cm:holder-of-key", "cm:bearer");
    check(&bearer, &none, 0, &["digest", "token-confirmation"]);
    let nobody = text.replace(">90000001<", "><");
    let report = check(&nobody, &none, 0, &["digest", "municipality"]);
    assert!(
        report
            .sections
            .iter()
            .any(|section| section.title == "token")
    );
    let weak = token().text().replace("xmlenc#sha256", "xmlenc#sha1");
    let weak = text.replace(token().text(), &weak);
    check(&weak, &none, 0, &["digest", "algorithm"]);
}

#[test]
fn the_wrong_canonicalisation_is_named() {
    let [asks, _] = exchange();
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    let inclusive = "<ds:Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">";
    let changed = asks.replacen(transform, inclusive, 1);
    let report = check(&changed, &Expected::default(), 0, &["transform"]);
    let said = format!("{report:?}");
    assert!(said.contains("inclusive canonicalisation"), "{said}");
}

#[test]
fn a_message_that_was_indented_says_so() {
    let [asks, _] = exchange();
    let body = asks.replacen("<wst:Claims", "\n  <wst:Claims", 1);
    let report = check(&body, &Expected::default(), 0, &["digest"]);
    assert!(
        format!("{report:?}").contains("put there later"),
        "{report:?}"
    );
    let token = token();
    let indented = token
        .text()
        .replacen("<ds:SignatureMethod", "\n  <ds:SignatureMethod", 1);
    let message = request(&LIB_BAS).replace(token.text(), &indented);
    let causes = ["digest", "token-signature"];
    for (text, causes) in [(&indented, &causes[1..]), (&message, &causes[..])] {
        let report = check(text, &Expected::default(), 0, causes);
        assert!(
            format!("{report:?}").contains("put there later"),
            "{report:?}"
        );
    }
    let info = asks.replacen("<ds:SignatureMethod", "\n  <ds:SignatureMethod", 1);
    let report = check(&info, &Expected::default(), 0, &["signature"]);
    assert!(
        format!("{report:?}").contains("put there later"),
        "{report:?}"
    );
}

#[test]
fn clocks_that_are_apart_and_tokens_that_are_over_are_named() {
    let text = request(&LIB_BAS);
    let early = ["message-from-the-future", "token-not-yet-valid"];
    let report = check(&text, &Expected::default(), -7, &early);
    let said = format!("{report:?}");
    assert!(said.contains("past the skew that is allowed"), "{said}");
    let late = ["message-expired", "token-expired"];
    check(&text, &Expected::default(), 9 * 60, &late);
}

#[test]
fn a_signature_by_another_key_says_whose() {
    let addressing = Addressing::request("urn:example:tally/Week", ID, TO);
    let signer = MessageSigner::new(&LIB_BAS, PARTIES.service.key());
    let theirs = token_of(&PARTIES.service);
    let signed = signer.sign(
        &envelope(Version::Soap11),
        &addressing,
        Some(&theirs),
        PARTIES.now,
    );
    let stolen = signed.unwrap().replace(theirs.text(), token().text());
    let causes = ["digest", "signature"];
    let report = check(&stolen, &Expected::default(), 0, &causes);
    let said = format!("{report:?}");
    assert!(said.contains("another certificate's key"), "{said}");
}

#[test]
fn a_signer_that_is_revoked_is_told_by_the_lists() {
    let valid = Duration::from_secs(86_400);
    let lists = |revoked: &[&Issued]| {
        let crl = PARTIES.authority.crl(revoked.iter().copied(), valid);
        Expected {
            crls: vec![crl.unwrap().into_bytes()],
            ..trusting(&PARTIES.root)
        }
    };
    let [asks, answers] = exchange();
    let all = [&request(&LIB_BAS), &asks, &answers];
    for text in all {
        check(text, &lists(&[]), 0, &[]);
    }
    let caller = lists(&[&PARTIES.caller.issued]);
    for text in &all[..2] {
        check(text, &caller, 0, &["signer-revoked"]);
    }
    let service = lists(&[&PARTIES.service.issued]);
    check(all[0], &service, 0, &["signer-revoked"]);
    check(all[2], &service, 0, &["signer-revoked", "signer-revoked"]);
}

#[test]
fn a_report_holds_no_token_and_no_person() {
    let [_, answers] = exchange();
    let text = request(&LIB_BAS);
    for text in [&text, &answers] {
        let report = check(text, &Expected::default(), 0, &[]);
        let said = format!("{report:?}");
        let token = token();
        let signature = token.text().split("SignatureValue>").nth(1).unwrap();
        assert!(!said.contains(&signature[..40]), "{said}");
        assert!(!said.contains("MII"), "{said}");
    }
    let person = answers.replace(AUDIENCE, "urn:example:999999-9999");
    let report = message(person.as_bytes(), &Expected::default(), PARTIES.now).unwrap();
    let said = format!("{report:?}");
    assert!(
        said.contains("urn:example:[CPR]") && !said.contains("999999-9999"),
        "{said}"
    );
}
