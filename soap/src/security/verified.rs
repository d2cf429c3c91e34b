//! What is left of a message once it is verified: its body, and who stands for it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256};
use chrono::{DateTime, Utc};

use super::certificate::hexadecimal;
use super::layout::Envelope;
use super::{Certificate, Cvr, DigestMethod, Part, PublicKey, Refusal, Token};
use crate::client::Reply;
use crate::envelope;
use crate::operation::Version;
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
    /// Decodes what the body holds from the very element that was verified.
    ///
    /// # Errors
    /// All that is wrong with it, up to the limit.
    pub fn decode<T: ReadXml>(self, part: &Root<T>) -> Result<Verified<T>, Violations> {
        let value = self.value.decode(part)?;
        let authority = self.authority;
        Ok(Verified { value, authority })
    }

    /// The message as a transport hands it to a client: the body that was verified, and nothing else of the message.
    pub fn reply(&self) -> Reply {
        self.value.reply()
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
        let mut digest = digest::Context::new(&SHA256);
        digest.update(signer.info());
        digest.update(message_id.as_bytes());
        Self {
            key: hexadecimal(digest.finish().as_ref()),
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
#[derive(Clone, PartialEq, Eq)]
pub struct Body<'a> {
    message: &'a str,
    range: Range<usize>,
    /// The start tag and the end tag of the envelope.
    envelope: Range<usize>,
    envelope_end: Range<usize>,
    version: Version,
    limits: Limits,
}

impl<'a> Body<'a> {
    pub(super) fn of(tree: &Tree<'a>, envelope: &Envelope, limits: Limits) -> Self {
        let root = tree.root();
        let (whole, message) = (tree.range(root), tree.message());
        // The first `<` inside is that of a child's tag or of a comment: attributes hold none.
        let inside = message[whole.start + 1..].find('<').unwrap_or_default();
        let tag = &message[..whole.start + 1 + inside];
        let start_end = tag.rfind('>').map_or(whole.start, |end| end + 1);
        Self {
            message,
            range: tree.range(envelope.body),
            envelope: whole.start..start_end,
            envelope_end: message[..whole.end].rfind('<').unwrap_or(whole.end)..whole.end,
            version: envelope.version,
            limits,
        }
    }

    /// The whole message.
    pub fn message(&self) -> &'a [u8] {
        self.message.as_bytes()
    }

    /// The octets of the element Body. Its namespaces may be declared on the envelope.
    pub fn octets(&self) -> &'a [u8] {
        &self.message.as_bytes()[self.range.clone()]
    }

    /// The version of SOAP.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Where it begins.
    pub(crate) fn start(&self) -> usize {
        self.range.start
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn decode<T: ReadXml>(&self, part: &Root<T>) -> Result<T, Violations> {
        let mut reader = Reader::new(self.message(), &self.limits)?;
        if envelope::open(&mut reader, &mut ()).is_err() || reader.open_start() != self.start() {
            reader.refuse_envelope();
            return Err(reader.stop());
        }
        let value = part.read_child(&mut reader);
        let closed = envelope::close(&mut reader);
        reader.finish(closed.and(value))
    }

    /// The body in the envelope's tags, for the namespaces that they declare.
    fn reply(&self) -> Reply {
        let parts = [&self.envelope, &self.range, &self.envelope_end];
        let body = parts.map(|range| &self.message[range.clone()]).concat();
        Reply {
            body: body.into_bytes(),
        }
    }

    /// The element Body in `tree`, which is that of the message.
    pub(super) fn element(&self, tree: &Tree<'_>) -> Option<ElementId> {
        tree.children(tree.root())
            .find(|id| tree.range(*id) == self.range)
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
