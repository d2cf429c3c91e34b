//! A recorded message: whether all that its profile demands of it holds, and if not, why.
//!
//! A line that says that something holds is written only of a check that was made and held (what [`Verdicts`] has of it); what could
//! not be looked at is said to be so, and a message of which anything was not looked at does not hold.

use chrono::{DateTime, TimeDelta, Utc};
use soap::security::{
    CertificateError, CertificateRules, IssuedToken, LIB_BAS, MessageKind, OIO_IDWS, Outline,
    Profile, Refusal, Report as Verdicts, Rules, SignerRules, Verifier, WS_TRUST,
};
use soap::{Limits, Version};

pub use self::expected::Expected;
pub(super) use self::token::{Given, token_section};
use self::token::{other_section, request_section, sender_section, title};
use self::whole::whole;
use self::window::window;
use super::{Report, Section};

mod expected;
mod token;
mod whole;
mod window;

/// Examines `message` as it was at `time`.
///
/// # Errors
/// One of the certificates to trust is an authority's that nothing can be judged by, or a revocation list is none.
pub fn message(
    message: &[u8],
    expected: &Expected,
    time: DateTime<Utc>,
) -> Result<Report, CertificateError> {
    let outline = match Outline::of(message, &LIMITS) {
        Ok(outline) => outline,
        Err(refusal) => {
            let section = no_envelope(message, &refusal, expected, time)?;
            return Ok(Report {
                sections: vec![section],
            });
        }
    };
    let profile = profile(&outline);
    let verdicts = inspect(message, &outline, profile, expected, time)?;
    let mut first = whole(&outline, profile, expected, &verdicts, time);
    if let Err(refusal) = Outline::of(message, &Limits::default()) {
        let why = refusal
            .violations()
            .map_or_else(|| refusal.to_string(), ToString::to_string);
        first.warning(format!(
            "A server with the usual limits does not read it: {why}."
        ));
    }
    let mut sections = vec![first];
    if let MessageKind::TokenRequest(request) = &outline.kind {
        sections.push(request_section(request));
    }
    if let MessageKind::TokenResponse(response) = &outline.kind {
        sections.extend(response_section(&outline, response.as_ref().as_ref().err()));
    }
    sections.extend(sender_section(&outline, expected, &verdicts));
    if let Some(issued) = outline.issued() {
        sections.push(alone("token", issued, expected, Given::of(expected), time)?);
    }
    for other in &outline.others {
        sections.push(match &other.token {
            Ok(token) => {
                let given = Given {
                    trust: !expected.trust.is_empty(),
                    ..Given::default()
                };
                alone(&title(&other.within), token, expected, given, time)?
            }
            Err(refusal) => other_section(&other.within, refusal),
        });
    }
    if outline.others.len() == Outline::MOST_OTHERS {
        let mut section = Section::new("other tokens");
        section.unknown("No more tokens than these were looked at.");
        sections.push(section);
    }
    if let Some(section) = window(&outline, &sections, time) {
        sections.push(section);
    }
    Ok(Report { sections })
}

/// What a file at hand may cost: it is no message of a peer, who may send as many as he likes, and whoever looks for the cause of a
/// refusal needs to see into one that a server does not read.
const LIMITS: Limits = Limits {
    bytes: 256 * 1024 * 1024,
    depth: 256,
    attributes: 4096,
    namespaces: 4096,
    name_length: 64 * 1024,
    text_length: 256 * 1024 * 1024,
    items: 1_000_000,
    violations: 20,
};

/// A token that proves nothing of the sender of the message that it stands in, if it stands in one.
fn alone(
    title: &str,
    token: &IssuedToken,
    expected: &Expected,
    given: Given,
    time: DateTime<Utc>,
) -> Result<Section, CertificateError> {
    let rules = expected.token_rules(&token.certificates(), Some(token.token()), given)?;
    let verdicts = token.inspect(&rules, time, TimeDelta::minutes(5));
    let all = verdicts.refusals.iter();
    Ok(token_section(title, token.token(), &verdicts, given, all))
}

/// What is wrong with the answer of a token service, and whether a token is in it that no one else can read.
fn response_section(outline: &Outline, refusal: Option<&Refusal>) -> Option<Section> {
    let mut section = Section::new("answer of the token service");
    if outline.content.as_deref() == Some("RequestSecurityTokenResponse") {
        section.warning(
            "It stands alone: WS-Trust 1.3 has it in a RequestSecurityTokenResponseCollection (section 4.3), and our client takes no other.",
        );
    }
    // That there is no token to be read is said of one that is encrypted.
    if let Some(refusal) = refusal.filter(|_| !outline.encrypted_token) {
        section.refused(refusal);
    }
    (!section.findings.is_empty()).then_some(section)
}

/// What is no envelope may be what people keep of one.
fn no_envelope(
    message: &[u8],
    refusal: &Refusal,
    expected: &Expected,
    time: DateTime<Utc>,
) -> Result<Section, CertificateError> {
    let text = std::str::from_utf8(message).unwrap_or_default();
    if let Ok(token) = IssuedToken::read_within(text.trim(), &LIMITS) {
        return alone("token", &token, expected, Given::of(expected), time);
    }
    let mut section = Section::new("message");
    section.refused(refusal);
    let first = text.lines().next().unwrap_or_default();
    if first.starts_with("HTTP/") || first.contains(" HTTP/") {
        section.warning("It begins with what HTTP says of it: keep the envelope alone.");
    } else if first.starts_with("--") {
        section.warning(
            "It is MIME in parts, as MTOM and SOAP with Attachments have it, and those are not taken: keep the envelope alone.",
        );
    }
    Ok(section)
}

/// The profile that a message of this kind follows. Only in SOAP 1.1 outside the token service must there be a Framework header;
/// elsewhere that it is there decides.
fn profile(outline: &Outline) -> &'static Profile {
    const SOAP_11: Profile = Profile {
        version: Version::Soap11,
        ..WS_TRUST
    };
    const LIBERTY: Profile = Profile {
        framework: true,
        ..WS_TRUST
    };
    const LIBERTY_11: Profile = Profile {
        framework: true,
        ..SOAP_11
    };
    // As the municipalities' common infrastructure has it where its services speak SOAP 1.2.
    const LIB_BAS_12: Profile = Profile {
        version: Version::Soap12,
        ..LIB_BAS
    };
    let action = outline.action.as_deref().unwrap_or_default();
    let trusts = matches!(
        outline.kind,
        MessageKind::TokenRequest(_) | MessageKind::TokenResponse(_)
    ) || action.starts_with("http://docs.oasis-open.org/ws-sx/ws-trust/");
    match (trusts, outline.version, outline.framework) {
        (false, Version::Soap11, _) => &LIB_BAS,
        (false, Version::Soap12, false) => &OIO_IDWS,
        (false, Version::Soap12, true) => &LIB_BAS_12,
        (true, Version::Soap12, false) => &WS_TRUST,
        (true, Version::Soap12, true) => &LIBERTY,
        (true, Version::Soap11, false) => &SOAP_11,
        (true, Version::Soap11, true) => &LIBERTY_11,
    }
}

fn inspect(
    message: &[u8],
    outline: &Outline,
    profile: &'static Profile,
    expected: &Expected,
    time: DateTime<Utc>,
) -> Result<Verdicts, CertificateError> {
    let answers = match &outline.kind {
        MessageKind::Request | MessageKind::TokenRequest(_) => None,
        MessageKind::Response | MessageKind::Fault | MessageKind::TokenResponse(_) => {
            Some(outline.relates_to.as_deref().unwrap_or_default())
        }
    };
    let inside = &outline.certificates;
    // No answer is by a token: one that has one is refused as a caller refuses it.
    let signer = match outline.token.as_ref().filter(|_| answers.is_none()) {
        Some(token) => {
            let given = Given::of(expected);
            SignerRules::Token(expected.token_rules(inside, token.as_ref().ok(), given)?)
        }
        None => SignerRules::Certificate(CertificateRules {
            trust: expected.trust_in(inside)?,
            organisations: Vec::new(),
        }),
    };
    let verifier = Verifier::new(Rules {
        addresses: expected.to.clone().map(|to| vec![to]),
        limits: LIMITS,
        ..Rules::new(profile, signer)
    });
    Ok(verifier.inspect(message, answers, time))
}

#[cfg(test)]
mod tests;
