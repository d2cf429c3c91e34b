//! The tokens of a message: that of its sender, the one that a token service hands out, and all others.

use soap::security::{
    Cause, Check, MessageKind, Outline, Part, Refusal, Report as Verdicts, Token, TokenRequest,
};

use soap::discreet;

use super::super::{SAID, Section, cert, sentence, shown};
use super::expected::{Expected, own_audience};

/// What a token is held against that it does not say itself.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Given {
    /// Whose certificates are believed.
    pub(in super::super) trust: bool,
    /// Whose token it must be.
    pub(in super::super) issuer: bool,
    /// For whom it must be.
    pub(in super::super) audience: bool,
}

impl Given {
    pub(super) fn of(expected: &Expected) -> Self {
        Self {
            trust: !expected.trust.is_empty(),
            issuer: expected.issuer.is_some(),
            audience: expected.audience.is_some(),
        }
    }
}

/// The token of the sender, in a message by token.
pub(super) fn sender_section(
    outline: &Outline,
    expected: &Expected,
    verdicts: &Verdicts,
) -> Option<Section> {
    if !is_by_token(outline) {
        return None;
    }
    let refusals = verdicts.refusals.iter();
    let refusals = refusals.filter(|refusal| is_about_token(refusal));
    match outline.token.as_ref()? {
        Ok(token) => {
            let given = Given::of(expected);
            Some(token_section("token", token, verdicts, given, refusals))
        }
        Err(_) => {
            let mut section = Section::new("token");
            refusals.for_each(|refusal| section.refused(refusal));
            section.unknown(UNREAD);
            Some(section)
        }
    }
}

/// A token that cannot be read, where none is taken.
pub(super) fn other_section(within: &str, refusal: &Refusal) -> Section {
    let mut section = Section::new(title(within));
    section.unknown(format!("{UNREAD} Of this profile it is not: {refusal}."));
    section
}

/// What is printed above a token that stands in the element `within`.
pub(super) fn title(within: &str) -> String {
    format!("token in {}", discreet(within, SAID))
}

const UNREAD: &str =
    "The token cannot be read: neither what it says nor its issuer's signature was looked at.";

/// Whether the message shows a token of its sender, which is then its signer.
pub(super) fn is_by_token(outline: &Outline) -> bool {
    let asks = matches!(
        outline.kind,
        MessageKind::Request | MessageKind::TokenRequest(_)
    );
    asks && outline.token.is_some()
}

/// What is said of a token by itself, or in the section of the message.
pub(super) fn is_about_token(refusal: &Refusal) -> bool {
    refusal.part() == Some(Part::IssuedToken)
        || matches!(
            refusal.cause(),
            Cause::TokenSignature
                | Cause::TokenStructure
                | Cause::TokenConfirmation
                | Cause::TokenKeyInfo
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

/// A token that could be read; `refusals` are those of `verdicts` that are about it.
pub(in super::super) fn token_section<'r>(
    title: &str,
    token: &Token,
    verdicts: &Verdicts,
    given: Given,
    refusals: impl Iterator<Item = &'r Refusal>,
) -> Section {
    let mut section = Section::new(title);
    section.said("issuer", [&token.issuer]);
    section.fact("issued", shown(token.issued));
    section.optional_fact("holds from", token.not_before.map(shown));
    section.fact("holds until", shown(token.not_on_or_after));
    section.said("audience", &token.audiences);
    section.said("recipient", [&token.recipient]);
    section.fact("municipality", token.municipality.to_string());
    let privileges = token.privileges.iter();
    section.said("privilege", privileges.flat_map(|group| &group.privileges));
    section.said("holder", [token.holder.subject()]);
    section.optional_fact(
        "holder's CVR",
        token.holder.cvr().map(|cvr| cvr.to_string()),
    );
    if let Some(signer) = &verdicts.token_certificate {
        cert::signer_facts(signer, &mut section);
    }
    if !given.audience {
        section.said("held to audience", taken(token));
    }
    if verdicts.token_signature == Some(true) {
        section.ok("The issuer's signature holds.");
    }
    refusals.for_each(|refusal| section.refused(refusal));
    let signer = if given.trust {
        "The issuer's certificate is trusted."
    } else {
        "The issuer's certificate is one to sign with, and holds at that time."
    };
    section.held(verdicts.held(Check::TokenSigner), signer);
    section.held(verdicts.held(Check::Token), said(given));
    let looked_at = [
        ("the issuer's signature", verdicts.token_signature),
        (
            "the issuer's certificate",
            verdicts.held(Check::TokenSigner),
        ),
        ("what the token says", verdicts.held(Check::Token)),
    ];
    section.not_looked_at(looked_at);
    section
}

/// What is true of a token of whose statements none was refused.
fn said(given: Given) -> &'static str {
    match (given.issuer, given.audience) {
        (true, true) => "Issuer, audience, recipient and times are as they should be.",
        (false, true) => {
            "Audience, recipient and times are as they should be; the issuer is whoever it says."
        }
        (true, false) => {
            "Issuer and times are as they should be; its recipient is of its audience, whoever that is."
        }
        (false, false) => {
            "Its times hold, and its recipient is of its audience, whoever that and the issuer are."
        }
    }
}

/// The audience that the recipient was held against, since none was given.
fn taken(token: &Token) -> Option<String> {
    let audience = own_audience(token)?;
    Some(if audience == token.recipient {
        format!("{audience} (none was given: the one that is the recipient)")
    } else {
        format!("{audience} (none was given, and none is the recipient)")
    })
}

pub(super) fn request_section(request: &Result<TokenRequest, Refusal>) -> Section {
    let mut section = Section::new("request for a token");
    match request {
        Ok(request) => {
            section.said("context", request.context.as_deref());
            section.said("applies to", [&request.applies_to]);
            section.fact("municipality", request.municipality.to_string());
            section.said("holder", [request.holder.subject()]);
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
