//! Names in values: what their prefixes stand for is signed, or they stand for nothing.

use soap::security::{Addressing, LIB_BAS, MessageSigner, Response};
use soap::{Namespace, QName, Root};

use crate::forge::{sign, swap, text};
use crate::messages::{
    ACTION, ENDPOINT, REQUEST_ID, RESPONSE_ID, issue, request_verifier, response_verifier, token,
};
use crate::pki::{now, pki};

const NS: Namespace = Namespace::new("urn:example", "e");
const KIND: Root<QName> = Root::new(NS.element("Kind"), &[NS]);

/// A message that is not signed yet.
fn message(declarations: &str, body: &str) -> String {
    let soap = "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"";
    format!("<soap:Envelope {soap}{declarations}>\n<soap:Body>{body}</soap:Body>\n</soap:Envelope>")
}

fn signed(declarations: &str, body: &str) -> String {
    let addressing = Addressing::request(ACTION, REQUEST_ID, ENDPOINT);
    MessageSigner::new(&LIB_BAS, pki().caller.key())
        .sign(
            &message(declarations, body),
            &addressing,
            Some(&issue(&token())),
            now(),
        )
        .expect("signed")
}

/// The name in a message that verifies; none if it is refused once it is decoded.
#[track_caller]
fn named(message: &str) -> Result<String, String> {
    let verifier = request_verifier(&LIB_BAS);
    let verified = verifier.verify_request(message.as_bytes(), Some(ACTION), now());
    let decoded = verified.expect("verified").decode(&KIND);
    decoded
        .map(|name| name.get().to_string())
        .map_err(|violations| violations.to_string())
}

const GOOD: &str = " xmlns:p=\"urn:good\"";
const EVIL: &str = " xmlns:p=\"urn:evil\"";
const VALUE: &str = "<e:Kind xmlns:e=\"urn:example\">p:one</e:Kind>";

/// The octets of each message are changed where no signature covers them, so that it verifies.
#[test]
fn a_prefix_that_is_not_signed_stands_for_nothing() {
    let open = "<e:Kind xmlns:e=\"urn:example\"";
    for (name, message) in [
        ("signed as it is", signed(GOOD, VALUE)),
        ("rebound", swap(&signed(GOOD, VALUE), GOOD, EVIL)),
        (
            "rebound to what is meant",
            swap(&signed(EVIL, VALUE), EVIL, GOOD),
        ),
        (
            "added on the element",
            swap(&signed("", VALUE), open, &format!("{open}{GOOD}")),
        ),
        (
            "added on the body",
            swap(
                &signed("", VALUE),
                "<soap:Body",
                &format!("<soap:Body{GOOD}"),
            ),
        ),
        (
            "added on the envelope",
            swap(
                &signed("", VALUE),
                "<soap:Envelope",
                &format!("<soap:Envelope{GOOD}"),
            ),
        ),
    ] {
        let refused = named(&message).expect_err(name);
        assert!(refused.contains("line 2"), "{name}: {refused}");
    }
}

#[test]
fn a_default_namespace_that_is_not_signed_is_none() {
    let unprefixed = "<e:Kind xmlns:e=\"urn:example\">one</e:Kind>";
    let control = signed("", unprefixed);
    assert_eq!(named(&control).as_deref(), Ok("one"));
    for element in ["<soap:Body", "<e:Kind"] {
        let added = swap(&control, element, &format!("{element} xmlns=\"urn:evil\""));
        assert_eq!(named(&added).as_deref(), Ok("one"), "{element}");
    }
}

#[test]
fn a_prefix_that_is_signed_stands_for_what_it_stood_for() {
    let used = "<p:Kind xmlns:p=\"urn:example\">p:one</p:Kind>";
    assert_eq!(named(&signed("", used)).as_deref(), Ok("{urn:example}one"));
    let elsewhere = signed(" xmlns:p=\"urn:example\"", "<p:Kind>p:one</p:Kind>");
    assert_eq!(named(&elsewhere).as_deref(), Ok("{urn:example}one"));
    let default = signed("", "<Kind xmlns=\"urn:example\">one</Kind>");
    assert_eq!(named(&default).as_deref(), Ok("{urn:example}one"));

    // In the list of prefixes that the canonical form declares wherever they are used.
    let listed = |prefix: &str| {
        let message = swap(
            &signed("", VALUE),
            "<soap:Body",
            &format!("<soap:Body{GOOD}"),
        );
        let start = message.rfind("<ds:Signature ").expect("a signature");
        let (before, signature) = message.split_at(start);
        let reference = text(signature, "<ds:Reference URI=\"#body");
        let transform = text(reference, "<ds:Transform ");
        let list = format!(
            "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefix}\"></ec:InclusiveNamespaces>"
        );
        let with = swap(
            transform,
            "</ds:Transform>",
            &format!("{list}</ds:Transform>"),
        );
        sign(
            &format!("{before}{}", swap(signature, transform, &with)),
            &pki().caller.key(),
        )
    };
    let message = listed("p");
    assert_eq!(named(&message).as_deref(), Ok("{urn:good}one"));
    let verifier = request_verifier(&LIB_BAS);
    let rebound = swap(&message, GOOD, EVIL);
    let verified = verifier.verify_request(rebound.as_bytes(), Some(ACTION), now());
    let refusal = verified.expect_err("the declaration is signed");
    assert_eq!(refusal.id(), "digest");
}

/// A client reads the answer that its transport verified by itself.
#[test]
fn an_answer_brings_no_declaration_that_is_not_signed() {
    let addressing = Addressing::response(ACTION, RESPONSE_ID, REQUEST_ID);
    let answer = MessageSigner::new(&LIB_BAS, pki().service.key())
        .sign(&message(GOOD, VALUE), &addressing, None, now())
        .expect("signed");
    let verifier = response_verifier(&LIB_BAS);
    let response = verifier.verify_response(answer.as_bytes(), REQUEST_ID, now());
    let Ok(Response::Verified(verified)) = response else {
        panic!("{response:?}")
    };
    let reply = String::from_utf8(verified.reply().body).expect("text");
    assert!(
        reply.contains("p:one") && !reply.contains("urn:good"),
        "{reply}"
    );
    assert!(!reply.contains("Header"), "{reply}");
}
