//! Tokens that have been seen before: what a verifier knows of them must change no verdict.

use chrono::{DateTime, TimeDelta, Utc};
use soap::security::{Cause, LIB_BAS, Refusal, Verifier};

use crate::forge::{insert, replace, sign, sign_token, swap, text};
use crate::messages::{ACTION, request, request_verifier};
use crate::pki::{now, pki};

const TOKEN: &str = "<saml2:Assertion ";

/// Asserts that a verifier that has seen `control` thinks of `message` as one does that has seen nothing; what both think.
#[track_caller]
fn check(control: &str, message: &str, time: DateTime<Utc>) -> Result<(), Refusal> {
    let verdict = |verifier: &Verifier, message: &str, time| {
        let verified = verifier.verify_request(message.as_bytes(), Some(ACTION), time);
        verified.map(|verified| {
            let (body, authority) = verified.into_parts();
            (body.octets().to_vec(), authority)
        })
    };
    let (fresh, seen) = (request_verifier(&LIB_BAS), request_verifier(&LIB_BAS));
    for _ in 0..2 {
        assert!(verdict(&seen, control, now()).is_ok(), "the control");
    }
    let expected = verdict(&fresh, message, time);
    assert_eq!(verdict(&seen, message, time), expected);
    expected.map(|_| ())
}

#[track_caller]
fn check_refused(control: &str, message: &str, cause: Cause) {
    let refusal = check(control, message, now()).expect_err("not to be believed");
    assert_eq!(refusal.cause(), cause, "{refusal}");
}

#[test]
fn a_known_token_verifies_again_and_in_other_surroundings() {
    let control = request(&LIB_BAS);
    assert_eq!(check(&control, &control, now()), Ok(()));
    // What the envelope declares besides is not visibly used, and no part of what is signed.
    let declared = swap(
        &control,
        "<soap:Envelope ",
        "<soap:Envelope xmlns:x=\"urn:x\" ",
    );
    assert_eq!(check(&control, &declared, now()), Ok(()));
    let later = now() + TimeDelta::minutes(2);
    assert_eq!(check(&control, &control, later), Ok(()));
}

#[test]
fn every_octet_of_a_known_token_counts() {
    let control = request(&LIB_BAS);
    let start = control.find(TOKEN).expect("a token");
    for offset in (0..text(&control, TOKEN).len()).step_by(41) {
        let at = start + offset;
        let other = if &control[at..=at] == "a" { "b" } else { "a" };
        let changed = [&control[..at], other, &control[at + 1..]].concat();
        assert!(check(&control, &changed, now()).is_err(), "octet {offset}");
    }
    // One octet more, before its end and behind it.
    let comment = insert(&control, "</saml2:Assertion>", "<!---->");
    check_refused(&control, &comment, Cause::Comment);
    let behind = swap(&control, "</saml2:Assertion>", "</saml2:Assertion>x");
    check_refused(&control, &behind, Cause::Structure);
}

#[test]
fn a_known_token_counts_where_tokens_stand_alone() {
    let control = request(&LIB_BAS);
    let token = text(&control, TOKEN);
    let without = replace(&control, TOKEN, "");
    let wrapped = format!("<x:W xmlns:x=\"urn:x\">{token}</x:W>");
    for (message, cause) in [
        // In a header block of its own, in another one, in the body, and a second time where it stands.
        (
            insert(&without, "</soap:Header>", token),
            Cause::TokenMissing,
        ),
        (
            insert(&without, "</soap:Header>", &wrapped),
            Cause::TokenMissing,
        ),
        (insert(&without, "</t:Week>", token), Cause::TokenMissing),
        (
            insert(&control, "</soap:Header>", &wrapped),
            Cause::DuplicateId,
        ),
        (insert(&control, "</t:Week>", token), Cause::DuplicateId),
        (insert(&control, TOKEN, token), Cause::Structure),
    ] {
        let refusal = check(&control, &message, now()).expect_err("not to be believed");
        let causes = [cause, Cause::ReferenceTarget, Cause::Structure];
        assert!(causes.contains(&refusal.cause()), "{cause:?}: {refusal}");
    }
    // A second security header, which is known by its name alone.
    let security = text(&control, "<wsse:Security ").to_owned();
    let second = insert(&control, "</soap:Header>", &security);
    check_refused(&control, &second, Cause::RepeatedHeader);
}

#[test]
fn ids_in_a_known_token_are_seen() {
    let plain = request(&LIB_BAS);
    let token = text(&plain, TOKEN).to_owned();
    let named = swap(&token, "<saml2:Subject>", "<saml2:Subject ID=\"inner\">");
    let named = sign_token(&named, &pki().token_service.key());
    let control = sign(&swap(&plain, &token, &named), &pki().caller.key());
    assert_eq!(check(&control, &control, now()), Ok(()));
    let block = "<x:B xmlns:x=\"urn:x\" xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" u:Id=\"inner\"/>";
    let collides = insert(&control, "</soap:Header>", block);
    check_refused(&control, &collides, Cause::DuplicateId);
    let other = insert(&control, "</soap:Header>", &swap(block, "inner", "outer"));
    assert_eq!(check(&control, &other, now()), Ok(()));
}

#[test]
fn times_are_looked_at_each_time() {
    let control = request(&LIB_BAS);
    for (time, cause) in [
        (now() + TimeDelta::hours(9), Cause::TokenExpired),
        (now() - TimeDelta::hours(1), Cause::TokenNotYetValid),
        // The certificates of issuer and holder hold for a year.
        (now() + TimeDelta::days(366), Cause::SignerExpired),
    ] {
        let refusal = check(&control, &control, time).expect_err("out of time");
        assert_eq!(refusal.cause(), cause, "{refusal}");
    }
}
