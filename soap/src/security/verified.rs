//! What is left of a message once it is verified: its body, and who stands for it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256};
use chrono::{DateTime, Utc};

use super::certificate::hexadecimal;
use super::layout::Envelope;
use super::vocabulary::ACTION;
use super::{Cause, Certificate, Cvr, DigestMethod, Part, PublicKey, Refusal, Token};
use crate::client::Reply;
use crate::envelope;
use crate::operation::{OperationFacts, Version};
use crate::xml::{ElementId, Limits, ReadXml, Reader, Root, Tree, Violations};

/// A value out of a message whose signature holds, and who stands for it. Only verification makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
    authority: Box<Authority>,
}

impl<T> Verified<T> {
    pub(super) fn new(value: T, authority: Authority) -> Self {
        let authority = Box::new(authority);
        Self { value, authority }
    }

    /// The value.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// Who stands for it.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Both, apart.
    pub fn into_parts(self) -> (T, Authority) {
        (self.value, *self.authority)
    }
}

impl Verified<Body<'_>> {
    /// Decodes what the body holds from the very octets that were digested. Where something is wrong, lines are counted as in the
    /// message, columns in the canonical form.
    ///
    /// # Errors
    /// All that is wrong with it, up to the limit.
    pub fn decode<T: ReadXml>(self, part: &Root<T>) -> Result<Verified<T>, Violations> {
        let value = self.value.decode(part)?;
        let authority = self.authority;
        Ok(Verified { value, authority })
    }

    /// Whether the signed action is that of an answer to `operation`, which every answer but a fault must have.
    ///
    /// # Errors
    /// It is another.
    pub fn answers(&self, operation: &OperationFacts) -> Result<(), Refusal> {
        let said = self.authority.action.as_deref();
        if self.value.is_fault || said == Some(operation.answer_action) {
            return Ok(());
        }
        Err(Refusal::new(Cause::Action).with_part(Part::Header(ACTION)))
    }

    /// The message as a transport hands it to a client: the body as it was digested, and nothing else of the message.
    pub fn reply(&self) -> Reply {
        Reply {
            body: self.value.signed().into_bytes(),
        }
    }
}

/// Shows who stands for it, and nothing of the value: it is a message's content.
impl<T> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// Who stands for a message, and what it says of itself where that is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Authority {
    /// The certificate with whose key it is signed.
    pub certificate: Certificate,
    /// The token that it carries.
    pub token: Option<Arc<Token>>,
    /// Its MessageID.
    pub message_id: Option<String>,
    /// Its Action.
    pub action: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// What it is told from others by, and until when.
    pub replay: ReplayIdentity,
    /// What was found of each reference.
    pub report: Report,
}

impl Authority {
    /// The municipality on whose behalf it was sent, which the token names.
    pub fn municipality(&self) -> Option<Cvr> {
        self.token.as_ref().map(|token| token.municipality)
    }

    /// The organisation whose certificate it is.
    pub fn organisation(&self) -> Option<Cvr> {
        self.certificate.cvr()
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("certificate", &self.certificate)
            .field("token", &self.token)
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}

/// What tells a message from all others of its signer: to be stored until it expires, across instances and restarts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplayIdentity {
    key: String,
    expires: DateTime<Utc>,
}

impl ReplayIdentity {
    pub(super) fn new(signer: &PublicKey, message_id: &str, expires: DateTime<Utc>) -> Self {
        let octets = [signer.fingerprint(), message_id.as_bytes()].concat();
        Self {
            key: hexadecimal(digest::digest(&SHA256, &octets).as_ref()),
            expires,
        }
    }

    /// 64 hexadecimal digits, the same for the same signer's key and MessageID.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// From when on the message is refused anyway, by its timestamp.
    pub fn expires(&self) -> DateTime<Utc> {
        self.expires
    }
}

/// What was found of a message: each reference, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The references of the message's signature, in order; of the assertion the one of its issuer's signature.
    pub references: Vec<ReferenceReport>,
    /// Whether the message's signature holds over the references, where it was looked at.
    pub signature: Option<bool>,
    /// Whether the issuer's signature of the token holds, where it was looked at.
    pub token_signature: Option<bool>,
    /// The certificate with whose key the message is signed.
    pub certificate: Option<Certificate>,
    /// The certificate that the token is signed with.
    pub token_certificate: Option<Certificate>,
    /// What is wrong; empty for a message that is to be believed.
    pub refusals: Vec<Refusal>,
    /// What an inspection looked at as a whole, and whether nothing was found wrong with it. What is missing here was not looked at.
    pub checks: Vec<(Check, bool)>,
}

impl Report {
    /// Whether `check` held, all parts of it, where it was looked at.
    pub fn held(&self, check: Check) -> Option<bool> {
        let parts = self.checks.iter().filter(|(other, _)| *other == check);
        parts.map(|(_, held)| *held).reduce(|all, held| all && held)
    }

    /// That `check` was looked at: it held if there are no more refusals than `before`.
    #[cold]
    pub(super) fn looked_at(&mut self, check: Check, before: usize) {
        self.checks.push((check, self.refusals.len() == before));
    }
}

/// Something that an inspection looks at as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The references lead to all that must be signed, each to a part of its own.
    Coverage,
    /// KeyInfo refers to the token, or to the certificate of the signer.
    KeyInfo,
    /// The signer of the message is to be believed: its certificate, what it is for, and who holds it.
    Signer,
    /// The header blocks of WS-Addressing are there and say what they must.
    Addressing,
    /// The header block of Liberty Basic SOAP Binding is there if the profile has it.
    Framework,
    /// The message holds by its timestamp.
    Timestamp,
    /// The certificate that the token is signed with is to be believed.
    TokenSigner,
    /// The token is from the issuer, for the receiver and of the time that the rules name.
    Token,
}

/// What was found of one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceReport {
    /// What it leads to.
    pub part: Part,
    /// How it was digested.
    pub method: DigestMethod,
    /// Whether its digest is that of the part; where it is not, why that might be.
    pub outcome: Result<(), Refusal>,
}

/// The body of a message that has not been decoded yet.
///
/// What is decoded of it are the octets that were digested, its canonical form: of namespaces this declares those that the form
/// renders, so that no declaration that is not signed decides what a name in a value means.
#[derive(Clone, PartialEq, Eq)]
pub struct Body<'a> {
    message: &'a str,
    range: Range<usize>,
    /// The octets that were digested.
    canonical: String,
    version: Version,
    is_fault: bool,
    limits: Limits,
}

impl<'a> Body<'a> {
    /// The body of a message, with its canonical form as it was digested.
    pub(super) fn of(
        tree: &Tree<'a>,
        envelope: &Envelope,
        canonical: String,
        limits: Limits,
    ) -> Self {
        Self {
            message: tree.message(),
            range: tree.range(envelope.body),
            canonical,
            version: envelope.version,
            is_fault: envelope.fault(tree).is_some(),
            limits,
        }
    }

    /// The whole message.
    pub fn message(&self) -> &'a [u8] {
        self.message.as_bytes()
    }

    /// The octets of the element Body in the message. Its namespaces may be declared on the envelope.
    pub fn octets(&self) -> &'a [u8] {
        &self.message.as_bytes()[self.range.clone()]
    }

    /// The version of SOAP.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Where it begins in the message.
    pub(crate) fn start(&self) -> usize {
        self.range.start
    }

    /// The body as it was digested, alone in an envelope of the same prefix, on the line on which it stands in the message.
    pub(crate) fn signed(&self) -> String {
        let canonical = &self.canonical;
        let name = canonical.trim_start_matches('<').split([' ', '>']).next();
        let prefix = name.and_then(|name| name.split_once(':'));
        let prefix = prefix.map_or("", |(prefix, _)| prefix);
        let colon = if prefix.is_empty() { "" } else { ":" };
        let namespace = self.version.namespace().uri();
        let before = &self.message.as_bytes()[..self.range.start];
        let lines = "\n".repeat(memchr::memchr_iter(b'\n', before).count());
        format!(
            "<{prefix}{colon}Envelope xmlns{colon}{prefix}=\"{namespace}\"{lines}>{canonical}</{prefix}{colon}Envelope>"
        )
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn decode<T: ReadXml>(&self, part: &Root<T>) -> Result<T, Violations> {
        let signed = self.signed();
        let mut reader = Reader::new(signed.as_bytes(), &self.limits)?;
        if envelope::open(&mut reader, &mut ()).is_err() {
            reader.refuse_envelope();
            return Err(reader.stop());
        }
        let value = part.read_child(&mut reader);
        let closed = envelope::close(&mut reader);
        reader.finish(closed.and(value))
    }

    /// The element Body in `tree`, which is that of the message.
    pub(super) fn element(&self, tree: &Tree<'_>) -> Option<ElementId> {
        tree.children(tree.root())
            .find(|id| tree.range(*id) == self.range)
    }
}

/// A fault that no one signed, alone in its body: anyone may have sent it. It says no more than that a call did not go well, and
/// becomes nothing but an error.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedFault {
    /// The body in the envelope's tags, for the namespaces that they declare.
    message: String,
    version: Version,
    limits: Limits,
}

impl UnverifiedFault {
    /// The fault in a message whose body holds nothing else.
    pub(super) fn of(tree: &Tree<'_>, envelope: &Envelope, limits: Limits) -> Self {
        let (whole, message) = (tree.range(tree.root()), tree.message());
        // The first `<` inside is that of a child's tag or of a comment: attributes hold none.
        let inside = message[whole.start + 1..].find('<').unwrap_or_default();
        let tag = &message[..whole.start + 1 + inside];
        let start = whole.start..tag.rfind('>').map_or(whole.start, |end| end + 1);
        let end = message[..whole.end].rfind('<').unwrap_or(whole.end)..whole.end;
        let parts = [start, tree.range(envelope.body), end];
        Self {
            message: parts.map(|range| &message[range]).concat(),
            version: envelope.version,
            limits,
        }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The message as a transport hands it to a client: the fault, and nothing else of the message.
    pub fn reply(&self) -> Reply {
        Reply {
            body: self.message.clone().into_bytes(),
        }
    }
}

/// Leaves the message out.
impl fmt::Debug for UnverifiedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedFault")
            .field("octets", &self.message.len())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Leaves the message out.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("octets", &self.range.len())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
