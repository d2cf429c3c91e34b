//! Signed messages, in both directions: what a role calls with, and what its endpoints take.
//!
//! Which endpoint takes what is said by the contracts ([`crate::policy`]); which tokens, whose and from where, by [`Tokens`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use soap::security::{LIB_BAS, MessageSigner, Rules, SignerRules, TokenRules, Verifier};

use crate::config::{Limits, Tokens};
use crate::endpoint::Endpoint;
use crate::policy;
use crate::tls::{Credentials, Current};
use crate::tokens::{Known, Signers};

mod calling;
mod gate;
mod taken;

pub use self::calling::{Call, Caller, TokenTransport};
pub(crate) use self::gate::{Gate, Kept};
pub use self::taken::{Taken, Unknown};

/// The time, for signatures and what they are held against.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from(SystemTime::now())
}

/// A signer and a verifier, made anew when what they are made from changes: the credentials, or the signers of tokens.
pub(crate) struct Pair {
    credentials: Credentials,
    signers: Signers,
    make: Box<dyn Fn(&Current) -> Made + Send + Sync>,
    made: Mutex<(Sources, Arc<Made>)>,
}

/// What a pair was made from.
type Sources = (Arc<Current>, Arc<Known>);

/// What one side of an exchange signs with, and what it demands of the other.
pub(crate) struct Made {
    pub(crate) signer: Arc<MessageSigner>,
    pub(crate) verifier: Verifier,
}

impl Pair {
    pub(crate) fn new(
        credentials: Credentials,
        signers: &Signers,
        make: impl Fn(&Current) -> Made + Send + Sync + 'static,
    ) -> Self {
        let sources = (credentials.current(), signers.current());
        let made = Arc::new(make(&sources.0));
        Self {
            credentials,
            signers: signers.clone(),
            make: Box::new(make),
            made: Mutex::new((sources, made)),
        }
    }

    /// What holds for a message now.
    pub(crate) fn current(&self) -> Arc<Made> {
        let (current, signers) = (self.credentials.current(), self.signers.current());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, from) = &made.0;
        if !Arc::ptr_eq(of, &current) || !Arc::ptr_eq(from, &signers) {
            // Signers that change in between are those of the next message, at the latest.
            let anew = Arc::new((self.make)(&current));
            *made = ((current, signers), anew);
        }
        Arc::clone(&made.1)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pair").field(&self.credentials).finish()
    }
}

/// What requests at `endpoint` must be: signed by the holder of a token for it.
pub(crate) fn request_rules(
    tokens: &Tokens,
    endpoint: Endpoint,
    limits: Limits,
    current: &Current,
) -> Rules {
    let token = TokenRules {
        issuer: tokens.issuer.clone(),
        trust: tokens.signers.trust(current.trust()),
        audience: tokens.entity_id(endpoint).to_owned(),
        holders: Some(current.trust()),
        privilege: tokens.privilege(endpoint).map(str::to_owned),
    };
    let mut rules = Rules::new(&LIB_BAS, SignerRules::Token(token));
    rules.addresses = Some(tokens.addresses(endpoint).to_vec());
    rules.skew = tokens.skew;
    rules.limits = limits.reading();
    if let Some(parts) = policy::signed_parts(endpoint) {
        rules.parts = parts;
    }
    rules
}

#[cfg(test)]
mod tests;
