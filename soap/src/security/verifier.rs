//! Verifying a message: every check in its order, and what they bring together.

mod addressing;
mod examination;
mod known;
mod referred;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use self::addressing::ALWAYS_SIGNED;
use self::examination::Examination;
use self::known::KnownToken;
use super::layout::{Envelope, Layout};
use super::{
    Body, Cause, Certificate, Cvr, Profile, Refusal, Report, Token, TokenRules, Trust,
    UnverifiedFault, Verified,
};
use crate::operation::SignedParts;
use crate::xml::{ElementId, Limits, Tree};

/// What an endpoint demands of the messages that it takes.
#[derive(Debug)]
pub struct Rules {
    /// The profile that they follow.
    pub profile: &'static Profile,
    /// What the contract says that the signature must cover. Beside it, it must always cover the body, the timestamp, the
    /// token or certificate, and all header blocks of WS-Addressing and the profile.
    pub parts: SignedParts,
    /// Who may have signed them.
    pub signer: SignerRules,
    /// The addresses that they may be sent to, to the letter, where they name one; without a list, any.
    ///
    /// A request need not name one: the profiles leave To to its sender (Liberty Basic SOAP Binding 1.0, sections 3.1, 3.6 and 4.2;
    /// OIO IDWS SOAP Profile 1.1, on that header), and without it the message is addressed to whoever is at the other end of the
    /// connection, which is also what the anonymous address says. What service it is for is then said by the audience of its token.
    pub addresses: Option<Vec<String>>,
    /// How far clocks may be apart, either way.
    pub skew: TimeDelta,
    /// For how long a message may hold.
    pub longest_life: TimeDelta,
    /// What a message may cost.
    pub limits: Limits,
    /// How many tokens are kept whose issuer's signature has been verified; none makes it be verified for every message.
    pub known_tokens: usize,
}

/// Who may have signed a message.
#[derive(Debug)]
pub enum SignerRules {
    /// The holder of a token that the message carries.
    Token(TokenRules),
    /// The holder of a trusted certificate, which the message carries or refers to.
    Certificate(CertificateRules),
}

/// What a certificate must be for its holder's messages to be believed.
#[derive(Debug)]
pub struct CertificateRules {
    /// Whose certificates are believed.
    pub trust: Trust,
    /// The organisations that are accepted; if there are none, any whose certificate is believed.
    pub organisations: Vec<Cvr>,
}

impl Rules {
    /// Rules with what is usual: five minutes of skew, an hour of life, and nothing more to be signed than always.
    pub fn new(profile: &'static Profile, signer: SignerRules) -> Self {
        Self {
            profile,
            parts: SignedParts {
                body: true,
                headers: &[],
                timestamp: true,
            },
            signer,
            addresses: None,
            skew: TimeDelta::minutes(5),
            longest_life: TimeDelta::hours(1),
            limits: Limits::default(),
            known_tokens: 4096,
        }
    }
}

/// Verifies messages by one set of rules.
///
/// The issuer's signature of a token is verified once; what it says is held against time and rules for every message.
pub struct Verifier {
    rules: Rules,
    tokens: Mutex<HashMap<String, Arc<KnownToken>>>,
    /// Certificates of the holders of believed tokens, by how they are written: reading one takes its time.
    holders: Mutex<HashMap<String, Certificate>>,
}

/// The most certificates of tokens' holders that are kept.
const MOST_HOLDERS: usize = 1024;

/// An answer, as far as it can be believed.
#[derive(Debug)]
pub enum Response<'a> {
    /// It is signed, and the signature holds. It may be a fault.
    Verified(Verified<Body<'a>>),
    /// A fault that no one signed.
    UnverifiedFault(UnverifiedFault),
}

impl Verifier {
    /// A verifier with these rules.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            tokens: Mutex::default(),
            holders: Mutex::default(),
        }
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Verifies a request at `time`. `action` is that of the transport, with or without quotes; if it is missing or empty, the
    /// signed one stands alone.
    ///
    /// What it cannot know is whether the message has been here before: store
    /// [`Authority::replay`](super::Authority::replay) and refuse what is there already.
    ///
    /// # Errors
    /// The message is not to be believed, and why.
    pub fn verify_request<'a>(
        &self,
        message: &'a [u8],
        action: Option<&str>,
        time: DateTime<Utc>,
    ) -> Result<Verified<Body<'a>>, Refusal> {
        let mut examination = Examination::new(self, time, Direction::Request { action });
        examination.verify(message)
    }

    /// Verifies the answer to the request whose MessageID was `request` at `time`.
    ///
    /// # Errors
    /// The message is not to be believed, and why.
    pub fn verify_response<'a>(
        &self,
        message: &'a [u8],
        request: &str,
        time: DateTime<Utc>,
    ) -> Result<Response<'a>, Refusal> {
        let mut examination = Examination::new(self, time, Direction::Response { request });
        let tree = Tree::read(message, &self.rules.limits)?;
        let envelope = Envelope::find(&tree, self.rules.profile.version)?;
        // Some put a timestamp on a fault, and no signature.
        let unsigned = || match Layout::find(&tree, &envelope, &mut Err) {
            Err(refusal) => refusal.cause() == Cause::NotSigned,
            Ok(_) => false,
        };
        if envelope.fault(&tree).is_some() && unsigned() {
            let fault = UnverifiedFault::of(&tree, &envelope, self.rules.limits);
            return Ok(Response::UnverifiedFault(fault));
        }
        examination.tree(&tree).map(Response::Verified)
    }

    /// Looks at a message as [`verify_request`](Self::verify_request) does, but goes on past what is wrong, for people who
    /// look for the cause. `request` is the MessageID of the request if the message is an answer.
    pub fn inspect(&self, message: &[u8], request: Option<&str>, time: DateTime<Utc>) -> Report {
        let direction = match request {
            Some(request) => Direction::Response { request },
            None => Direction::Request { action: None },
        };
        let mut examination = Examination::new(self, time, direction);
        examination.inspect(message)
    }

    fn known_token(&self, tree: &Tree<'_>, element: ElementId) -> Option<Arc<KnownToken>> {
        let id = tree.attribute(element, "", "ID")?;
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tokens.get(id).cloned();
        drop(tokens);
        known.filter(|known| known.is(tree, element))
    }

    /// Keeps a token whose issuer is believed and whose signature holds.
    fn keep_token(
        &self,
        tree: &Tree<'_>,
        element: ElementId,
        token: &Arc<Token>,
        signer: Certificate,
    ) -> Arc<KnownToken> {
        let known = Arc::new(KnownToken::new(tree, element, Arc::clone(token), signer));
        if self.rules.known_tokens > 0 {
            let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            if tokens.len() >= self.rules.known_tokens {
                tokens.clear();
            }
            tokens.insert(token.id.clone(), Arc::clone(&known));
        }
        known
    }

    fn known_holder(&self, written: &str) -> Option<Certificate> {
        let holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        holders.get(written).cloned()
    }

    fn keep_holder(&self, written: &str, holder: &Certificate) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if holders.contains_key(written) {
            return;
        }
        if holders.len() >= MOST_HOLDERS {
            holders.clear();
        }
        holders.insert(written.to_owned(), holder.clone());
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// Which way a message goes.
#[derive(Clone, Copy)]
enum Direction<'m> {
    Request { action: Option<&'m str> },
    Response { request: &'m str },
}
