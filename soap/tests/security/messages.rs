//! Messages that are signed and verified by us.

use chrono::TimeDelta;
use soap::security::{
    Addressing, Cause, CertificateRules, IssuedToken, LIB_BAS, MemoryReplays, MessageSigner,
    NotTakenOnce, OIO_IDWS, Part, PrivilegeGroup, Profile, Report, Response, Rules, SignerRules,
    Token, TokenRules, Verifier,
};

use crate::forge::{sign, swap, text};
use crate::pki::{Identity, now, pki};
use crate::secrets;

pub(crate) const ACTION: &str = "urn:example:tally:1/Tally";
pub(crate) const ENDPOINT: &str = "https://localhost/service/Tally/1";
pub(crate) const ENTITY: &str = "http://entityid.example/service/tally/1";
pub(crate) const ISSUER: &str = "https://saml.example";
pub(crate) const MUNICIPALITY: &str = "90000098";
pub(crate) const PRIVILEGE: &str = "http://entityid.example/roles/servicesystemrole/tally/1";
pub(crate) const REQUEST_ID: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";
pub(crate) const RESPONSE_ID: &str = "urn:uuid:00000000-0000-4000-8000-000000000002";

/// What a token says unless a test says otherwise.
pub(crate) fn token() -> Token {
    let scope = MUNICIPALITY.parse().expect("a CVR number");
    Token {
        id: "_00000000-0000-4000-8000-0000000000aa".to_owned(),
        issuer: ISSUER.to_owned(),
        issued: now() - TimeDelta::minutes(1),
        holder: pki().caller.certificate.clone(),
        recipient: ENTITY.to_owned(),
        audiences: vec![ENTITY.to_owned()],
        not_before: Some(now() - TimeDelta::minutes(1)),
        not_on_or_after: now() + TimeDelta::hours(8),
        municipality: scope,
        privileges: vec![PrivilegeGroup {
            scope,
            privileges: vec![PRIVILEGE.to_owned()],
            constraints: Vec::new(),
        }],
    }
}

pub(crate) fn issue(token: &Token) -> IssuedToken {
    let issued = IssuedToken::issue(token, &pki().token_service.key()).expect("a token");
    secrets::used_token(issued.text());
    issued
}

pub(crate) fn envelope(profile: &Profile) -> String {
    let namespace = profile.version.namespace().uri();
    format!(
        "<soap:Envelope xmlns:soap=\"{namespace}\"><soap:Body><t:Week xmlns:t=\"urn:example:tally:1\">\
         <t:Number>48</t:Number><t:Hours>7</t:Hours></t:Week></soap:Body></soap:Envelope>"
    )
}

/// A request as it should be.
pub(crate) fn request(profile: &'static Profile) -> String {
    let signer = MessageSigner::new(profile, pki().caller.key());
    let addressing = Addressing::request(ACTION, REQUEST_ID, ENDPOINT);
    let token = issue(&token());
    signer
        .sign(&envelope(profile), &addressing, Some(&token), now())
        .expect("signed")
}

/// An answer as it should be.
pub(crate) fn response(profile: &'static Profile, identity: &Identity) -> String {
    let signer = MessageSigner::new(profile, identity.key());
    let action = format!("{ACTION}Response");
    let addressing = Addressing::response(&action, RESPONSE_ID, REQUEST_ID);
    signer
        .sign(&envelope(profile), &addressing, None, now())
        .expect("signed")
}

pub(crate) fn token_rules() -> TokenRules {
    TokenRules {
        issuer: ISSUER.to_owned(),
        trust: pki()
            .trust()
            .with_signer(pki().token_service.certificate.clone())
            .with_signer(pki().revoked.certificate.clone())
            .only_signers(),
        audience: ENTITY.to_owned(),
        holders: Some(pki().trust()),
        privilege: Some(PRIVILEGE.to_owned()),
    }
}

/// What the endpoint demands of requests.
pub(crate) fn request_verifier(profile: &'static Profile) -> Verifier {
    Verifier::new(Rules {
        addresses: Some(vec![ENDPOINT.to_owned()]),
        ..Rules::new(profile, SignerRules::Token(token_rules()))
    })
}

/// What the caller demands of answers.
pub(crate) fn response_verifier(profile: &'static Profile) -> Verifier {
    let rules = CertificateRules {
        trust: pki().trust(),
        organisations: vec!["90000004".parse().expect("a CVR number")],
    };
    Verifier::new(Rules::new(profile, SignerRules::Certificate(rules)))
}

#[test]
fn requests_with_tokens_verify() {
    for profile in [&LIB_BAS, &OIO_IDWS] {
        let message = request(profile);
        let verifier = request_verifier(profile);
        let verified = verifier
            .verify_request(message.as_bytes(), Some(ACTION), now())
            .expect("verified");
        let authority = verified.authority();
        assert_eq!(
            authority
                .municipality()
                .map(|cvr| cvr.to_string())
                .as_deref(),
            Some(MUNICIPALITY)
        );
        assert_eq!(
            authority
                .organisation()
                .map(|cvr| cvr.to_string())
                .as_deref(),
            Some("90000001")
        );
        assert_eq!(authority.message_id.as_deref(), Some(REQUEST_ID));
        let parts = parts(&authority.report);
        for part in [Part::Body, Part::Timestamp, Part::ReferencedToken] {
            assert!(parts.contains(&part), "{part} of {parts:?}");
        }
        // The second time its token is known.
        let again = verifier.verify_request(message.as_bytes(), None, now());
        assert_eq!(
            again.map(|again| again.into_parts().1.replay),
            Ok(authority.replay.clone())
        );
    }
}

fn parts(report: &Report) -> Vec<Part> {
    let references = report.references.iter();
    references.map(|reference| reference.part).collect()
}

/// Java signs the token by its own id beside the reference to it, and others might by its id alone.
#[test]
fn tokens_may_be_signed_by_their_own_ids() {
    let caller = pki().caller.key();
    let message = request(&LIB_BAS);
    let body = text(&message, "<ds:Reference URI=\"#body-");
    let by_id = format!("{}{}", "<ds:Reference URI=\"#", token().id);
    let by_id = by_id + &body[body[1..].find("\">").expect("an id") + 1..];
    let by_reference = text(&message, "<ds:Reference URI=\"#token-");
    let both = swap(&message, by_reference, &(by_reference.to_owned() + &by_id));
    let alone = swap(&message, by_reference, &by_id);
    for (message, referenced) in [(both, true), (alone, false)] {
        let message = sign(&message, &caller);
        let verifier = request_verifier(&LIB_BAS);
        // The second time its token is known.
        for _ in 0..2 {
            let verified = verifier.verify_request(message.as_bytes(), Some(ACTION), now());
            let parts = parts(&verified.expect("verified").authority().report);
            let held = [Part::Token, Part::ReferencedToken].map(|part| parts.contains(&part));
            assert_eq!(held, [true, referenced]);
        }
    }
}

#[test]
fn answers_verify_by_the_certificate_in_them() {
    for profile in [&LIB_BAS, &OIO_IDWS] {
        let message = response(profile, &pki().service);
        let verifier = response_verifier(profile);
        let verified = verifier.verify_response(message.as_bytes(), REQUEST_ID, now());
        let Ok(Response::Verified(verified)) = verified else {
            panic!("{verified:?}")
        };
        assert_eq!(
            verified
                .authority()
                .organisation()
                .map(|cvr| cvr.to_string())
                .as_deref(),
            Some("90000004")
        );
        let other = verifier.verify_response(message.as_bytes(), RESPONSE_ID, now());
        assert_eq!(other.expect_err("another's").cause(), Cause::RelatesTo);
    }
}

#[test]
fn a_fault_without_a_signature_is_told_from_one_with() {
    let fault = soap::Fault::<soap::Undeclared>::client("no").write(soap::Version::Soap11);
    let verifier = response_verifier(&LIB_BAS);
    let response = verifier.verify_response(fault.as_bytes(), REQUEST_ID, now());
    assert!(
        matches!(response, Ok(Response::UnverifiedFault(_))),
        "{response:?}"
    );
    let stamped = fault.replace(
        "<soap:Body>",
        "<soap:Header><w:Security xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"/>\
         </soap:Header><soap:Body>",
    );
    let response = verifier.verify_response(stamped.as_bytes(), REQUEST_ID, now());
    assert!(
        matches!(response, Ok(Response::UnverifiedFault(_))),
        "{response:?}"
    );
    let unsigned = envelope(&LIB_BAS);
    let response = verifier.verify_response(unsigned.as_bytes(), REQUEST_ID, now());
    assert_eq!(response.expect_err("unsigned").cause(), Cause::NotSigned);

    let signer = MessageSigner::new(&LIB_BAS, pki().service.key());
    let addressing = Addressing::response("urn:example:fault", RESPONSE_ID, REQUEST_ID);
    let signed = signer
        .sign(&fault, &addressing, None, now())
        .expect("signed");
    let response = verifier.verify_response(signed.as_bytes(), REQUEST_ID, now());
    assert!(
        matches!(response, Ok(Response::Verified(_))),
        "{response:?}"
    );
}

/// The content of the messages here.
#[derive(Debug, PartialEq, Eq)]
struct Week {
    number: u32,
    hours: u32,
}

const NS: soap::Namespace = soap::Namespace::new("urn:example:tally:1", "t");
const WEEK: soap::Root<Week> = soap::Root::new(NS.element("Week"), &[NS]);

impl soap::ReadXml for Week {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let number = reader.required(NS.element("Number"));
        let hours = reader.required(NS.element("Hours"));
        Ok(Self {
            number: number?,
            hours: hours?,
        })
    }
}

#[test]
fn what_was_verified_is_decoded() {
    let message = request(&LIB_BAS);
    let verifier = request_verifier(&LIB_BAS);
    let verified = verifier
        .verify_request(message.as_bytes(), None, now())
        .expect("verified");
    let reply = verified.reply();
    assert_eq!(
        reply.body,
        envelope(&LIB_BAS)
            .replace(
                "<soap:Body>",
                // The canonical form declares what its tag uses.
                &message[message.find("<soap:Body").expect("a body")
                    ..=message.find("><t:Week").expect("its content")]
                    .replace(
                        "<soap:Body",
                        "<soap:Body xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""
                    )
            )
            .into_bytes()
    );
    let week = verified.decode(&WEEK).expect("a week");
    assert_eq!(
        week.get(),
        &Week {
            number: 48,
            hours: 7
        }
    );
    assert_eq!(week.authority().municipality(), MUNICIPALITY.parse().ok());
}

/// What a party in between passes on has been signed before.
#[test]
fn a_body_that_has_an_id_or_a_prefix_is_signed_with_it() {
    let verifier = request_verifier(&LIB_BAS);
    let signer = MessageSigner::new(&LIB_BAS, pki().caller.key());
    let addressing = Addressing::request(ACTION, REQUEST_ID, ENDPOINT);
    let token = issue(&token());
    let utility =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    for attributes in [
        format!("xmlns:u=\"{utility}\" u:Id=\"theirs\""),
        "xmlns:wsu=\"urn:other\"".to_owned(),
        format!("xmlns:wsu=\"{utility}\""),
    ] {
        let body = envelope(&LIB_BAS).replace("<soap:Body>", &format!("<soap:Body {attributes}>"));
        let signed = signer
            .sign(&body, &addressing, Some(&token), now())
            .expect("signed");
        let verified = verifier.verify_request(signed.as_bytes(), None, now());
        assert!(verified.is_ok(), "{attributes}: {verified:?}");
    }
}

#[test]
fn a_message_is_taken_once() {
    let message = request(&LIB_BAS);
    let verifier = request_verifier(&LIB_BAS);
    let replays = MemoryReplays::new(1);
    let take = |message: &str, time| {
        let verified = verifier
            .verify_request(message.as_bytes(), None, time)
            .expect("verified");
        ready(verified.once(&replays, time)).map(|_| ())
    };
    assert!(take(&message, now()).is_ok());
    assert!(
        matches!(take(&message, now()), Err(NotTakenOnce::Repeat(refusal)) if refusal.cause() == Cause::Replay)
    );
    // To the last instant at which the message itself holds.
    let last = now() + TimeDelta::minutes(10) - TimeDelta::milliseconds(1);
    assert!(matches!(take(&message, last), Err(NotTakenOnce::Repeat(_))));
    let expired = verifier.verify_request(message.as_bytes(), None, now() + TimeDelta::minutes(10));
    assert_eq!(expired.expect_err("expired").cause(), Cause::MessageExpired);

    let signer = MessageSigner::new(&LIB_BAS, pki().caller.key());
    let addressing = Addressing::request(ACTION, RESPONSE_ID, ENDPOINT);
    let next = signer
        .sign(
            &envelope(&LIB_BAS),
            &addressing,
            Some(&issue(&token())),
            now(),
        )
        .expect("signed");
    assert!(
        matches!(take(&next, now()), Err(NotTakenOnce::Store(_))),
        "it does not forget to make room"
    );
}

/// What a future that waits for nothing brings.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("nothing here waits"),
    }
}

#[test]
fn what_is_shown_of_it_all_is_no_secret() {
    let token = issue(&token());
    let message = request(&LIB_BAS);
    let verifier = request_verifier(&LIB_BAS);
    let verified = verifier
        .verify_request(message.as_bytes(), None, now())
        .expect("verified");
    let signer = MessageSigner::new(&LIB_BAS, pki().caller.key());
    let shown = format!(
        "{token:?} {verified:?} {:?} {signer:?} {verifier:?}",
        verified.get()
    );
    for secret in [
        token.text(),
        &token.token().id,
        "t:Number",
        "MII",
        "PRIVATE",
        ">48<",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let key: String = pki().caller.pkcs8[200..220]
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    assert!(
        !shown.contains(&key) && !shown.contains(&format!("{:?}", &pki().caller.pkcs8[200..210])),
        "{shown}"
    );
}
