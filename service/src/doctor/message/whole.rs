//! The message as a whole: what it is, its signature, and what is held against it.

use chrono::{DateTime, SubsecRound as _, Utc};
use soap::Version;
use soap::security::{Cause, Check, MessageKind, Outline, Profile, Refusal, Report as Verdicts};

use super::super::{Section, cert, shown};
use super::expected::Expected;
use super::token::{is_about_token, is_by_token};

/// The message as a whole, and its signature.
pub(super) fn whole(
    outline: &Outline,
    profile: &Profile,
    expected: &Expected,
    verdicts: &Verdicts,
    time: DateTime<Utc>,
) -> Section {
    let mut section = Section::new("message");
    section.fact("kind", kind(outline));
    section.fact("profile", profile.name);
    let named = [
        ("content", &outline.content),
        ("action", &outline.action),
        ("message id", &outline.message_id),
        ("answers", &outline.relates_to),
        ("to", &outline.to),
    ];
    for (name, value) in named {
        section.said(name, value.as_deref());
    }
    section.optional_fact("created", outline.created.map(shown));
    section.optional_fact("expires", outline.expires.map(shown));
    section.fact("looked at as of", shown(time.trunc_subsecs(0)));
    if let Some(signer) = &verdicts.certificate {
        cert::signer_facts(signer, &mut section);
    }
    section.fact(
        "trusted",
        if expected.trust.is_empty() {
            "the certificates inside the message, for inspection: anyone may have put them there"
        } else {
            "the certificates that were given"
        },
    );
    references(&mut section, verdicts);
    let by_token = is_by_token(outline);
    let is_of_reference = |refusal: &Refusal| {
        let mut outcomes = verdicts.references.iter().map(|r| r.outcome.as_ref());
        outcomes.any(|outcome| outcome == Err(refusal))
    };
    for refusal in &verdicts.refusals {
        // What is wrong with the token of the sender is said of the token.
        let is_told = is_of_reference(refusal) || by_token && is_about_token(refusal);
        if !is_told {
            section.refused(refusal);
        }
    }
    let is_unsigned = |refusal: &Refusal| refusal.cause() == Cause::NotSigned;
    if matches!(outline.kind, MessageKind::Fault) && verdicts.refusals.iter().any(is_unsigned) {
        section.warning("It is a fault that no one signed: anyone may have sent it.");
    }
    checks(&mut section, profile, by_token, expected, verdicts);
    if outline.encrypted_token {
        section
            .unknown("The token is encrypted: only the service that it is for can look into it.");
    }
    section
}

/// What came of each digest, and of the signature over them.
fn references(section: &mut Section, verdicts: &Verdicts) {
    for reference in &verdicts.references {
        let (part, method) = (reference.part, reference.method);
        match &reference.outcome {
            Ok(()) => section.ok(format!("Reference to {part}: its {method} digest holds.")),
            Err(refusal) if refusal.cause() == Cause::Digest => {
                let hint = refusal.hint().map(|hint| format!(": {hint}"));
                let hint = hint.unwrap_or_default();
                let text = format!("Reference to {part}: its {method} digest does not hold{hint}.");
                section.wrong(refusal.id(), text);
            }
            Err(refusal) => section.refused(refusal),
        }
    }
    section.held(
        verdicts.signature,
        "The signature over the references holds.",
    );
}

/// What was looked at and holds, and what was not looked at. What is wrong has been said.
fn checks(
    section: &mut Section,
    profile: &Profile,
    by_token: bool,
    expected: &Expected,
    verdicts: &Verdicts,
) {
    let held = |check| verdicts.held(check);
    // Without lists, who holds a token is left to its issuer.
    let vouched = !expected.trust.is_empty() && (!by_token || !expected.crls.is_empty());
    let signer = match (by_token, vouched) {
        (false, true) => "The signer is trusted.",
        (false, false) => "The signer's certificate is one to sign with, and holds at that time.",
        (true, true) => "The holder of the token is trusted.",
        (true, false) => {
            "The certificate of the token's holder is one to sign with, and holds at that time."
        }
    };
    if profile.framework {
        let text = "The Framework header is that of Liberty Basic SOAP Binding 2.0.";
        section.held(held(Check::Framework), text);
    }
    section.held(
        held(Check::Addressing),
        "The header blocks of WS-Addressing are there and say what they must.",
    );
    section.held(
        held(Check::Coverage),
        "All that must be signed is under a reference.",
    );
    section.held(held(Check::Signer), signer);
    if by_token {
        // The one whose key the signature was verified with is the holder of the token.
        let both = verdicts.signature.zip(held(Check::KeyInfo));
        section.held(
            both.map(|(signature, key_info)| signature && key_info),
            "It is signed with the key that the token is bound to.",
        );
    }
    section.held(
        held(Check::Timestamp),
        "By its timestamp it holds at that time.",
    );
    section.not_looked_at([
        ("the Framework header", held(Check::Framework)),
        (
            "the header blocks of WS-Addressing",
            held(Check::Addressing),
        ),
        ("whether all is signed that must be", held(Check::Coverage)),
        ("the signature", verdicts.signature),
        ("what KeyInfo refers to", held(Check::KeyInfo)),
        ("the signer's certificate", held(Check::Signer)),
        ("the timestamp", held(Check::Timestamp)),
    ]);
}

fn kind(outline: &Outline) -> String {
    let kind = match outline.kind {
        MessageKind::Request => "request",
        MessageKind::Response => "answer",
        MessageKind::Fault => "fault",
        MessageKind::TokenRequest(_) => "request for a token",
        MessageKind::TokenResponse(_) => "answer with a token",
    };
    let version = match outline.version {
        Version::Soap11 => "SOAP 1.1",
        Version::Soap12 => "SOAP 1.2",
    };
    format!("{kind}, {version}")
}
