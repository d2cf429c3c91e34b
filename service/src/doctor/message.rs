//! A recorded message: whether all that its profile demands of it holds, and if not, why.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use soap::Version;
use soap::security::{
    Cause, Certificate, CertificateError, CertificateRules, IssuedToken, LIB_BAS, MessageKind,
    OIO_IDWS, Outline, Part, Profile, Refusal, Report as Verdicts, Revocation, Rules, SignerRules,
    Token, TokenRequest, TokenRules, Trust, Verifier, WS_TRUST,
};

use self::window::window;
use super::{Report, Section, sentence, shown};

mod window;

/// What the message is held against; what is not given is taken from the message itself.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Whose signatures are believed: signers, or authorities that vouch for them. If there are none, those inside the message.
    pub trust: Vec<Certificate>,
    /// Revocation lists in PEM; with any, every authority between a signer and what is trusted must have one, and the holder of a
    /// token must be vouched for too.
    pub crls: Vec<Vec<u8>>,
    /// The entity id that a token must be for.
    pub audience: Option<String>,
    /// The entity id that a token must be from.
    pub issuer: Option<String>,
    /// The address that a request must be for.
    pub to: Option<String>,
}

/// Examines `message` as it was at `time`.
///
/// # Errors
/// One of the certificates to trust is an authority's that nothing can be judged by, or a revocation list is none.
pub fn message(
    message: &[u8],
    expected: &Expected,
    time: DateTime<Utc>,
) -> Result<Report, CertificateError> {
    let limits = soap::Limits::default();
    let outline = match Outline::of(message, &limits) {
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
    let mut sections = vec![whole(&outline, profile, expected, &verdicts, time)];
    if let MessageKind::TokenRequest(request) = &outline.kind {
        sections.push(request_section(request));
    }
    if let MessageKind::TokenResponse(response) = &outline.kind
        && let Err(refusal) = &**response
    {
        let mut section = Section::new("answer of the token service");
        // What is encrypted has been said.
        if !outline.encrypted_token {
            section.refused(refusal);
        }
        sections.push(section);
    }
    sections.extend(token(&outline, expected, &verdicts, time)?);
    if let Some(section) = window(&outline, &sections, time) {
        sections.push(section);
    }
    Ok(Report { sections })
}

/// The token that the message brings, or why it cannot be read.
fn token(
    outline: &Outline,
    expected: &Expected,
    verdicts: &Verdicts,
    time: DateTime<Utc>,
) -> Result<Option<Section>, CertificateError> {
    if let Some(issued) = outline.issued() {
        let rules = token_rules(&outline.certificates, Some(issued.token()), expected)?;
        let verdicts = issued.inspect(&rules, time, TimeDelta::minutes(5));
        return Ok(Some(token_section(issued.token(), &verdicts)));
    }
    if let Some(token) = outline.any_token() {
        return Ok(Some(token_section(token, verdicts)));
    }
    Ok(match &outline.token {
        Some(Err(refusal)) if is_about_token(refusal) => {
            let mut section = Section::new("token");
            section.refused(refusal);
            Some(section)
        }
        _ => None,
    })
}

/// What is no envelope may be what people keep of one.
fn no_envelope(
    message: &[u8],
    refusal: &Refusal,
    expected: &Expected,
    time: DateTime<Utc>,
) -> Result<Section, CertificateError> {
    let text = std::str::from_utf8(message).unwrap_or_default();
    if let Ok(token) = IssuedToken::read(text.trim()) {
        let rules = token_rules(&token.certificates(), Some(token.token()), expected)?;
        let verdicts = token.inspect(&rules, time, TimeDelta::minutes(5));
        return Ok(token_section(token.token(), &verdicts));
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
    let signer = match &outline.token {
        Some(token) => {
            let rules = token_rules(&outline.certificates, token.as_ref().ok(), expected)?;
            SignerRules::Token(rules)
        }
        None => SignerRules::Certificate(CertificateRules {
            trust: trust(&outline.certificates, expected)?,
            organisations: Vec::new(),
        }),
    };
    let verifier = Verifier::new(Rules {
        addresses: expected.to.clone().map(|to| vec![to]),
        ..Rules::new(profile, signer)
    });
    let answers = match &outline.kind {
        MessageKind::Request | MessageKind::TokenRequest(_) => None,
        MessageKind::Response | MessageKind::Fault | MessageKind::TokenResponse(_) => {
            Some(outline.relates_to.as_deref().unwrap_or_default())
        }
    };
    Ok(verifier.inspect(message, answers, time))
}

fn trust(inside: &[Certificate], expected: &Expected) -> Result<Trust, CertificateError> {
    let revocation = if expected.crls.is_empty() {
        Revocation::WhereKnown
    } else {
        Revocation::Required
    };
    let mut trust = Trust::new().with_revocation(revocation);
    for crl in &expected.crls {
        trust = trust.with_revocations_pem(crl)?;
    }
    if expected.trust.is_empty() {
        for certificate in inside {
            trust = trust.with_signer(certificate.clone());
        }
        return Ok(trust);
    }
    for certificate in &expected.trust {
        trust = if certificate.is_authority() {
            trust.with_root(certificate)?
        } else {
            trust.with_signer(certificate.clone())
        };
    }
    Ok(trust)
}

/// What a token must be; one that cannot be read is nothing at all, and is held against no more.
fn token_rules(
    inside: &[Certificate],
    token: Option<&Token>,
    expected: &Expected,
) -> Result<TokenRules, CertificateError> {
    let issuer = || token.map(|token| token.issuer.clone());
    let audience = || token?.audiences.first().cloned();
    Ok(TokenRules {
        issuer: expected.issuer.clone().or_else(issuer).unwrap_or_default(),
        trust: trust(inside, expected)?,
        audience: expected
            .audience
            .clone()
            .or_else(audience)
            .unwrap_or_default(),
        holders: match expected.crls.is_empty() {
            true => None,
            false => Some(trust(inside, expected)?),
        },
        privilege: None,
    })
}

/// The message as a whole, and its signature.
fn whole(
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
        certificate_facts(&mut section, signer);
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
    let is_of_reference = |refusal: &Refusal| {
        let mut outcomes = verdicts.references.iter().map(|r| r.outcome.as_ref());
        outcomes.any(|outcome| outcome == Err(refusal))
    };
    for refusal in &verdicts.refusals {
        if !is_about_token(refusal) && !is_of_reference(refusal) {
            section.refused(refusal);
        }
    }
    if matches!(outline.kind, MessageKind::Fault) && refused(verdicts, &[Cause::NotSigned]) {
        section.warning("It is a fault that no one signed: anyone may have sent it.");
    }
    if outline.encrypted_token {
        section
            .warning("The token is encrypted: only the service that it is for can look into it.");
    }
    if verdicts.signature.is_some() {
        let given = !expected.trust.is_empty();
        passed(&mut section, outline, profile, verdicts, given);
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
    if verdicts.signature == Some(true) {
        section.ok("The signature over the references holds.");
    }
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

/// What was looked at and not found fault with.
fn passed(
    section: &mut Section,
    outline: &Outline,
    profile: &Profile,
    verdicts: &Verdicts,
    given: bool,
) {
    const FRAMEWORK: &[Cause] = &[Cause::MissingFramework, Cause::FrameworkVersion];
    const TIMES: &[Cause] = &[
        Cause::Timestamp,
        Cause::MessageExpired,
        Cause::MessageFromFuture,
    ];
    const COVERED: &[Cause] = &[Cause::NotCovered, Cause::ReferenceTarget, Cause::Transform];
    const TRUSTED: &[Cause] = &[
        Cause::UnknownIssuer,
        Cause::SignerExpired,
        Cause::SignerNotYetValid,
        Cause::SignerRevoked,
        Cause::SignerUsage,
        Cause::SignerNotAccepted,
    ];
    if profile.framework && !refused(verdicts, FRAMEWORK) {
        section.ok("The Framework header is that of Liberty Basic SOAP Binding 2.0.");
    }
    if !refused(verdicts, COVERED) {
        section.ok("All that must be signed is.");
    }
    if outline.token.is_none() && !refused(verdicts, TRUSTED) {
        section.ok(if given {
            "The signer is trusted."
        } else {
            "The signer's certificate is one to sign with, and holds at that time."
        });
    }
    if outline.token.is_some() && !refused(verdicts, &[Cause::HolderOfKey, Cause::Signature]) {
        section.ok("It is signed with the key that the token is bound to.");
    }
    if !refused(verdicts, TIMES) {
        section.ok("It holds at that time.");
    }
}

fn refused(verdicts: &Verdicts, causes: &[Cause]) -> bool {
    let mut refusals = verdicts.refusals.iter();
    refusals.any(|refusal| causes.contains(&refusal.cause()))
}

fn is_about_token(refusal: &Refusal) -> bool {
    refusal.part() == Some(Part::IssuedToken)
        || matches!(
            refusal.cause(),
            Cause::TokenSignature
                | Cause::TokenStructure
                | Cause::TokenIssuer
                | Cause::TokenAudience
                | Cause::TokenRecipient
                | Cause::TokenExpired
                | Cause::TokenNotYetValid
                | Cause::Municipality
                | Cause::PrivilegeScope
                | Cause::Privilege
        )
}

pub(super) fn token_section(token: &Token, verdicts: &Verdicts) -> Section {
    let mut section = Section::new("token");
    section.said("issuer", [&token.issuer]);
    section.fact("issued", shown(token.issued));
    section.optional_fact("holds from", token.not_before.map(shown));
    section.fact("holds until", shown(token.not_on_or_after));
    section.said("audience", &token.audiences);
    section.said("recipient", [&token.recipient]);
    section.fact("municipality", token.municipality.to_string());
    let privileges = token.privileges.iter();
    section.said("privilege", privileges.flat_map(|group| &group.privileges));
    section.fact("holder", token.holder.subject());
    section.optional_fact(
        "holder's CVR",
        token.holder.cvr().map(|cvr| cvr.to_string()),
    );
    if let Some(signer) = &verdicts.token_certificate {
        certificate_facts(&mut section, signer);
    }
    if verdicts.token_signature == Some(true) {
        section.ok("The issuer's signature holds.");
    }
    for refusal in &verdicts.refusals {
        if is_about_token(refusal) {
            section.refused(refusal);
        }
    }
    if section
        .findings
        .iter()
        .all(|finding| finding.cause.is_none())
    {
        section.ok("Issuer, audience, recipient and times are as they should be.");
    }
    section
}

fn request_section(request: &Result<TokenRequest, Refusal>) -> Section {
    let mut section = Section::new("request for a token");
    match request {
        Ok(request) => {
            section.said("context", request.context.as_deref());
            section.said("applies to", [&request.applies_to]);
            section.fact("municipality", request.municipality.to_string());
            section.fact("holder", request.holder.subject());
            section.ok("It asks for one service, one municipality and one key.");
            if request.context.is_none() {
                section.warning("It has no Context, which should tell it from all others.");
            }
            if request.applies_to.ends_with('/') {
                section.warning(
                    "AppliesTo ends with a slash: it is compared letter for letter with the service's entity id.",
                );
            }
        }
        Err(refusal) => section.warning(sentence(&format!(
            "KOMBIT's token service does not take it: {refusal}"
        ))),
    }
    section
}

fn certificate_facts(section: &mut Section, signer: &Certificate) {
    section.fact("signer", signer.subject());
    section.optional_fact("signer's CVR", signer.cvr().map(|cvr| cvr.to_string()));
    section.fact("signer's issuer", signer.issuer());
    section.fact("signer's SHA-1", signer.sha1_thumbprint());
}

#[cfg(test)]
mod tests;
