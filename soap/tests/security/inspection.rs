//! What an inspection looked at, held or not, and what it could not look at.

use soap::security::{Cause, Check, LIB_BAS, Outline, Refusal, Report};

use crate::forge::{insert, replace, swap, text};
use crate::messages::{ACTION, REQUEST_ID, request, request_verifier, response, response_verifier};
use crate::pki::{now, pki};

const ALL: [Check; 8] = [
    Check::Coverage,
    Check::KeyInfo,
    Check::Signer,
    Check::Addressing,
    Check::Framework,
    Check::Timestamp,
    Check::TokenSigner,
    Check::Token,
];

/// Whether a message has these causes against it, and does not hold by `failed` nor was looked at for `unseen`, but is else good.
#[track_caller]
fn check(message: &str, causes: &[Cause], failed: &[Check], unseen: &[Check]) -> Report {
    let report = request_verifier(&LIB_BAS).inspect(message.as_bytes(), None, now());
    let found: Vec<Cause> = report.refusals.iter().map(Refusal::cause).collect();
    assert_eq!(found, causes);
    for check in ALL {
        let expected = (!unseen.contains(&check)).then_some(!failed.contains(&check));
        assert_eq!(report.held(check), expected, "{check:?}");
    }
    report
}

#[test]
fn only_what_was_looked_at_held() {
    let good = request(&LIB_BAS);
    let whole = check(&good, &[], &[], &[]);
    let held = |report: &Report| {
        let references = report.references.iter();
        references
            .filter(|reference| reference.outcome.is_ok())
            .count()
    };
    let all = held(&whole);
    assert!(all > 6 && whole.signature == Some(true));

    let start = good.rfind("<ds:Signature ").expect("a signature");
    let unsigned = [
        &good[..start],
        &replace(&good[start..], "<ds:Signature ", ""),
    ]
    .concat();
    let of_signature = [Check::Coverage, Check::KeyInfo];
    let report = check(&unsigned, &[Cause::NotSigned], &[], &of_signature);
    assert_eq!(
        (report.signature, report.token_signature),
        (None, Some(true))
    );

    let bare = replace(&good, "<wsse:Security ", "");
    let unseen = ALL.map(|check| match check {
        Check::Addressing | Check::Framework => Check::Coverage,
        check => check,
    });
    check(&bare, &[Cause::NotSigned], &[], &unseen);

    // What is wrong before the signature does not end the look at it.
    let end = "</wsse:Security>";
    let stamp = text(&good, "<wsu:Timestamp ").to_owned();
    let second = stamp.replacen("wsu:Id=\"", "wsu:Id=\"x", 1);
    for more in [
        &*second,
        "<wsse:UsernameToken></wsse:UsernameToken>",
        "text",
        "<!-- -->",
    ] {
        let report =
            request_verifier(&LIB_BAS).inspect(insert(&good, end, more).as_bytes(), None, now());
        assert_eq!(
            (held(&report), report.signature),
            (all, Some(true)),
            "{more}"
        );
        let mut causes = report.refusals.iter().map(Refusal::cause);
        let is_of_header = |cause| matches!(cause, Cause::Structure | Cause::Comment);
        assert!(causes.next().is_some_and(is_of_header) && causes.all(is_of_header));
    }
    let header = "</soap:Header>";
    let report = check(
        &insert(
            &good,
            header,
            "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"></wsse:Security>",
        ),
        &[Cause::RepeatedHeader],
        &[],
        &[],
    );
    assert_eq!((held(&report), report.signature), (all, Some(true)));

    let bearer = swap(&good, "cm:holder-of-key", "cm:bearer");
    let unseen = [
        Check::KeyInfo,
        Check::Signer,
        Check::TokenSigner,
        Check::Token,
    ];
    let causes = [Cause::TokenConfirmation, Cause::Digest];
    let report = check(&bearer, &causes, &[], &unseen[1..]);
    assert_eq!((report.signature, report.token_signature), (None, None));

    let turned = swap(&good, text(&good, "<wsa:To "), "");
    check(&turned, &[Cause::ReferenceTarget], &[Check::Coverage], &[]);
}

/// In a message by certificate, nobody signed it whose certificate is not to be found.
#[test]
fn key_info_that_leads_nowhere_did_not_hold() {
    let good = response(&LIB_BAS, &pki().service);
    let verifier = response_verifier(&LIB_BAS);
    let inspect = |message: &str| verifier.inspect(message.as_bytes(), Some(REQUEST_ID), now());
    let report = inspect(&good);
    assert_eq!(report.refusals, []);
    let held = |report: &Report| [Check::KeyInfo, Check::Signer].map(|check| report.held(check));
    assert_eq!(held(&report), [Some(true), Some(true)]);
    let reference = "<wsse:Reference URI=\"#";
    let report = inspect(&swap(&good, reference, &format!("{reference}x")));
    assert_eq!(held(&report), [Some(false), None]);
    assert_eq!(
        report
            .refusals
            .iter()
            .map(Refusal::cause)
            .collect::<Vec<_>>(),
        [Cause::KeyInfo]
    );
    assert_eq!((report.signature, report.certificate), (None, None));
}

#[test]
fn verification_notes_no_checks() {
    let good = request(&LIB_BAS);
    let verifier = request_verifier(&LIB_BAS);
    let verified = verifier.verify_request(good.as_bytes(), Some(ACTION), now());
    assert_eq!(verified.expect("verified").authority().report.checks, []);
}

#[test]
fn an_outline_has_each_token_once() {
    let good = request(&LIB_BAS);
    let others = |message: &str| {
        let outline = Outline::of(message.as_bytes(), &soap::Limits::default());
        let others = outline.expect("an outline").others;
        others
            .into_iter()
            .map(|other| (other.within, other.token.is_ok()))
            .collect::<Vec<_>>()
    };
    assert_eq!(others(&good), []);
    let token = text(&good, "<saml2:Assertion ").to_owned();
    let body = "</soap:Body>";
    let inside = insert(&good, body, &format!("<x>{token}<y>{token}</y></x>"));
    assert_eq!(
        others(&inside),
        [("x".to_owned(), true), ("y".to_owned(), true)]
    );
    let nested = swap(
        &token,
        "<saml2:Subject>",
        &format!("{token}<saml2:Subject>"),
    );
    assert_eq!(
        others(&insert(&good, body, &nested)),
        [("Body".to_owned(), false)]
    );
    let many = insert(&good, body, &token.repeat(40));
    assert_eq!(others(&many).len(), Outline::MOST_OTHERS);
}
