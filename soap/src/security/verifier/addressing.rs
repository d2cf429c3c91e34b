//! What the header blocks and the timestamp must say.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::fields::{Fields, instant, text};
use super::super::layout::{Envelope, Layout};
use super::super::vocabulary::{
    ACTION, ANONYMOUS, FAULT_TO, FRAMEWORK, FROM, MESSAGE_ID, NONE, RELATES_TO, REPLY_TO,
    SB_PROFILE, TO, WSA, WSU,
};
use super::super::{Cause, Hint, Part, Refusal};
use super::{Direction, Rules};
use crate::discreet::plain;
use crate::xml::{ElementId, Name, Tree};

/// What the header says, as text.
#[derive(Default)]
pub(super) struct Headers {
    pub(super) action: Option<String>,
    pub(super) message_id: Option<String>,
    to: Option<String>,
    relates_to: Option<String>,
    framework: Option<ElementId>,
    /// Where the answer and faults are to go.
    replies: [Option<ElementId>; 2],
}

/// All header blocks that must be signed where they are there, whatever the contract says.
pub(in super::super) const ALWAYS_SIGNED: [Name; 8] = [
    ACTION, MESSAGE_ID, TO, FROM, REPLY_TO, FAULT_TO, RELATES_TO, FRAMEWORK,
];

impl Headers {
    /// Reads the header blocks.
    ///
    /// # Errors
    /// One stands twice, or is no text.
    pub(super) fn read(tree: &Tree<'_>, envelope: &Envelope) -> Result<Self, Refusal> {
        envelope.block(tree, FROM)?;
        let read = |name: Name| {
            let block = envelope.block(tree, name)?;
            let value = block.map(|block| text(tree, block, name)).transpose()?;
            let value = value.filter(|value| !value.is_empty());
            if value.as_ref().is_some_and(|value| value.len() > LONGEST) {
                return Err(Refusal::structure(name.local()).with_part(Part::Header(name)));
            }
            Ok(value.map(std::borrow::Cow::into_owned))
        };
        Ok(Self {
            action: read(ACTION)?,
            message_id: read(MESSAGE_ID)?,
            to: read(TO)?,
            relates_to: read(RELATES_TO)?,
            framework: envelope.block(tree, FRAMEWORK)?,
            replies: [
                envelope.block(tree, REPLY_TO)?,
                envelope.block(tree, FAULT_TO)?,
            ],
        })
    }

    /// Whether those of WS-Addressing are what the rules say, each in turn.
    pub(super) fn check(
        &self,
        tree: &Tree<'_>,
        envelope: &Envelope,
        rules: &Rules,
        direction: Direction<'_>,
    ) -> impl Iterator<Item = Result<(), Refusal>> {
        let required = match direction {
            Direction::Request { .. } => rules.profile.request,
            Direction::Response { .. } => rules.profile.response,
        };
        let mut checks = Vec::with_capacity(required.len() + 5);
        checks.push(self.is_named());
        checks.extend(required.iter().map(|name| self.has(tree, envelope, *name)));
        match direction {
            Direction::Request { action } => {
                checks.push(self.is_to(rules));
                checks.push(self.is_answered_here(tree));
                checks.push(self.has_action(action));
            }
            Direction::Response { request } => checks.push(self.relates_to(request)),
        }
        checks.into_iter()
    }

    /// Whether the header block `name` is there, with a text where it is one that has a text.
    fn has(&self, tree: &Tree<'_>, envelope: &Envelope, name: Name) -> Result<(), Refusal> {
        let texts = [
            (ACTION, &self.action),
            (MESSAGE_ID, &self.message_id),
            (TO, &self.to),
            (RELATES_TO, &self.relates_to),
        ];
        let held = match texts.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => text.is_some(),
            None => envelope.block(tree, name)?.is_some(),
        };
        if held {
            return Ok(());
        }
        Err(Refusal::new(Cause::MissingHeader).with_part(Part::Header(name)))
    }

    fn is_named(&self) -> Result<(), Refusal> {
        match self.message_id.as_deref() {
            Some(id) if !is_absolute_iri(id) && !is_uuid(id) => {
                Err(Refusal::new(Cause::MessageId).with_part(Part::Header(MESSAGE_ID)))
            }
            _ => Ok(()),
        }
    }

    /// Whether the header block of Liberty Basic SOAP Binding is there where it is `wanted`, and is that of the version taken.
    pub(super) fn framework(&self, tree: &Tree<'_>, wanted: bool) -> Result<(), Refusal> {
        let part = Part::Header(FRAMEWORK);
        match (self.framework, wanted) {
            (None, false) => Ok(()),
            (None, true) => Err(Refusal::new(Cause::MissingFramework).with_part(part)),
            (Some(_), false) => Err(Refusal::new(Cause::UnexpectedFramework).with_part(part)),
            (Some(framework), true) => {
                let version = tree.attribute(framework, "", "version");
                let profile = tree.attribute(framework, SB_PROFILE, "profile");
                if version == Some("2.0") && profile == Some(BASIC_PROFILE) {
                    return Ok(());
                }
                Err(Refusal::new(Cause::FrameworkVersion).with_part(part))
            }
        }
    }

    /// Whether a request is for an address of this endpoint, where it names one: [`Rules::addresses`].
    fn is_to(&self, rules: &Rules) -> Result<(), Refusal> {
        let Some(to) = self.to.as_deref().filter(|to| *to != ANONYMOUS) else {
            return Ok(());
        };
        let Some(addresses) = &rules.addresses else {
            return Ok(());
        };
        if addresses.iter().any(|address| address == to) {
            return Ok(());
        }
        let mut hints = addresses
            .iter()
            .filter_map(|address| Hint::between(address, to));
        let hint = hints.next();
        Err(Refusal::new(Cause::To)
            .with_part(Part::Header(TO))
            .with_hint(hint))
    }

    /// Whether answer and faults may go back on the connection of the request, which is the only place where they are sent: to the
    /// anonymous address, or to nobody, an address that must be taken where the anonymous one is (Web Services Addressing 1.0 -
    /// Metadata, section 3.1.2).
    fn is_answered_here(&self, tree: &Tree<'_>) -> Result<(), Refusal> {
        const ADDRESS: Name = WSA.name("Address");
        for (name, block) in [REPLY_TO, FAULT_TO].into_iter().zip(self.replies) {
            let Some(block) = block else { continue };
            let mut addresses = tree
                .children(block)
                .filter(|child| tree.is(*child, ADDRESS.namespace().uri(), ADDRESS.local()));
            let here = match (addresses.next(), addresses.next()) {
                (Some(address), None) => {
                    let address = text(tree, address, ADDRESS)?;
                    matches!(&*address, ANONYMOUS | NONE)
                }
                _ => false,
            };
            if !here {
                return Err(Refusal::new(Cause::ReplyTo).with_part(Part::Header(name)));
            }
        }
        Ok(())
    }

    fn has_action(&self, transport: Option<&str>) -> Result<(), Refusal> {
        let transport = transport.unwrap_or_default().trim().trim_matches('"');
        match self.action.as_deref() {
            Some(action) if !transport.is_empty() && action != transport => {
                let hint = Hint::between(transport, action);
                let part = Part::Header(ACTION);
                Err(Refusal::new(Cause::Action).with_part(part).with_hint(hint))
            }
            _ => Ok(()),
        }
    }

    fn relates_to(&self, request: &str) -> Result<(), Refusal> {
        match self.relates_to.as_deref() {
            Some(other) if other != request => {
                Err(Refusal::new(Cause::RelatesTo).with_part(Part::Header(RELATES_TO)))
            }
            // Where it is missing and must be there, that has been said.
            _ => Ok(()),
        }
    }
}

/// Whether `text` is an absolute IRI, as a MessageID must be (Web Services Addressing 1.0 - Core, section 3.1): a scheme, a colon, and
/// something behind it, without white space, control and format characters and what no IRI has (RFC 3987, sections 2.2 and 4.1).
fn is_absolute_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = |octet: u8| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet);
    let is_forbidden = |octet| {
        matches!(
            octet,
            b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`'
        )
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme)
        && !rest.is_empty()
        && !rest.bytes().any(is_forbidden)
        // Most are of ASCII alone.
        && (rest.bytes().all(|octet| octet.is_ascii_graphic())
            || (!rest.contains(char::is_whitespace) && plain(rest).eq(rest.chars())))
}

/// Whether `text` is a bare UUID in its canonical form (RFC 9562, section 4). It is no IRI, but the MessageID in the examples of both
/// profiles (Liberty Basic SOAP Binding 1.0, section 4.1; OIO IDWS SOAP Profile 1.1, on constructing a message).
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, octet)| match at {
            8 | 13 | 18 | 23 => octet == b'-',
            _ => octet.is_ascii_hexdigit(),
        })
}

/// Octets of the longest value of an addressing header.
const LONGEST: usize = 2048;

const BASIC_PROFILE: &str = "urn:liberty:sb:profile:basic";

/// `wsu:Timestamp`.
#[derive(Clone, Copy)]
pub(super) struct Timestamp {
    pub(super) created: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
}

impl Timestamp {
    /// Reads the timestamp of a security header.
    ///
    /// # Errors
    /// There is none, or it is not put together as it should be.
    pub(super) fn read(tree: &Tree<'_>, layout: &Layout<'_>) -> Result<Self, Refusal> {
        let refused = || Refusal::new(Cause::Timestamp).with_part(Part::Timestamp);
        let missing = || Refusal::new(Cause::TimestampMissing).with_part(Part::Timestamp);
        let id = layout.timestamp.ok_or_else(missing)?;
        let read = || {
            let (created, expires) = (WSU.name("Created"), WSU.name("Expires"));
            let mut fields = Fields::of(tree, id, WSU.name("Timestamp"));
            let first = text(tree, fields.required(created)?, created)?;
            let second = fields.optional(expires);
            let second = second.map(|id| text(tree, id, expires)).transpose()?;
            fields.end()?;
            Ok::<_, Refusal>((first, second))
        };
        let (created, expires) = read().map_err(|_| refused())?;
        let created = instant(&created).ok_or_else(refused)?;
        let expires = match expires {
            Some(expires) => Some(instant(&expires).ok_or_else(refused)?),
            None => None,
        };
        Ok(Self { created, expires })
    }

    /// Until when the message holds. Without an end of its own it holds for as long as one that we write.
    pub(super) fn end(&self, rules: &Rules) -> DateTime<Utc> {
        let lifetime = TimeDelta::seconds(rules.profile.lifetime.into());
        self.expires.unwrap_or(self.created + lifetime)
    }

    /// Whether the message holds at `time`, each way in turn.
    pub(super) fn check(
        &self,
        rules: &Rules,
        time: DateTime<Utc>,
    ) -> impl Iterator<Item = Result<(), Refusal>> {
        let refused = |cause, seconds| {
            let refusal = Refusal::new(cause).with_part(Part::Timestamp);
            Err(refusal.with_hint(Hint::Seconds(seconds)))
        };
        let end = self.end(rules);
        let life = end - self.created;
        let unsound = |cause| Err(Refusal::new(cause).with_part(Part::Timestamp));
        let sound = if life <= TimeDelta::zero() {
            unsound(Cause::TimestampReversed)
        } else if life > rules.longest_life {
            unsound(Cause::TimestampLife)
        } else {
            Ok(())
        };
        let early = self.created - time - rules.skew;
        let begun = if early <= TimeDelta::zero() {
            Ok(())
        } else {
            refused(Cause::MessageFromFuture, early.num_seconds() + 1)
        };
        let late = time - rules.skew - end;
        let holds = if late < TimeDelta::zero() {
            Ok(())
        } else {
            refused(Cause::MessageExpired, late.num_seconds() + 1)
        };
        [sound, begun, holds].into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_by_an_absolute_iri() {
        for id in [
            "urn:uuid:5f2090a0-9e1d-4b02-8f33-000000000012",
            "uuid:5f2090a0-9e1d-4b02-8f33-000000000012;id=1",
            "https://example.org/messages/æ?1#x",
        ] {
            assert!(is_absolute_iri(id), "{id}");
        }
        for id in [
            "hello",
            "",
            "urn:",
            ":x",
            "1urn:x",
            "/messages/1",
            "urn:x\n  ok       The signer is trusted.",
            "urn:\u{9b}31m",
            "urn:x\u{202e}evil",
            "urn:<x>",
        ] {
            assert!(!is_absolute_iri(id), "{id:?}");
        }
    }

    #[test]
    fn a_uuid_has_five_groups_of_hexadecimal_digits() {
        assert!(is_uuid("f63d289c-cd9a-4c00-bf87-c4bad0310646"));
        for id in [
            "",
            "f63d289c-cd9a-4c00-bf87-c4bad031064",
            "f63d289c-cd9a-4c00-bf87-c4bad03106466",
            "f63d289ccd9a4c00bf87c4bad0310646",
            "f63d289c-cd9a-4c00-bf87-c4bad031064g",
            "f63d289-ccd9a-4c00-bf87-c4bad0310646",
            "{63d289c-cd9a-4c00-bf87-c4bad031064}",
            "f63d289c-cd9a-4c00-bf87-c4bad03106æ",
        ] {
            assert!(!is_uuid(id), "{id:?}");
        }
    }
}
