//! Signed messages, in both directions: what a role calls with, and what its endpoints take.
//!
//! Which endpoint takes what is said by the contracts ([`crate::policy`]); which tokens, whose and from where, by [`Tokens`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use soap::security::{LIB_BAS, MessageSigner, Rules, SignerRules, TokenRules, Trust, Verifier};

use crate::config::{Limits, Tokens};
use crate::endpoint::Endpoint;
use crate::policy;
use crate::tls::{Credentials, Current};

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

/// A signer and a verifier, made anew when the credentials that they are made from change.
pub(crate) struct Pair {
    credentials: Credentials,
    make: Box<dyn Fn(&Current) -> Made + Send + Sync>,
    made: Mutex<(Arc<Current>, Arc<Made>)>,
}

/// What one side of an exchange signs with, and what it demands of the other.
pub(crate) struct Made {
    pub(crate) signer: Arc<MessageSigner>,
    pub(crate) verifier: Verifier,
}

impl Pair {
    pub(crate) fn new(
        credentials: Credentials,
        make: impl Fn(&Current) -> Made + Send + Sync + 'static,
    ) -> Self {
        let current = credentials.current();
        let made = Arc::new(make(&current));
        Self {
            credentials,
            make: Box::new(make),
            made: Mutex::new((current, made)),
        }
    }

    /// What holds for a message now.
    pub(crate) fn current(&self) -> Arc<Made> {
        let current = self.credentials.current();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&made.0, &current) {
            *made = (Arc::clone(&current), Arc::new((self.make)(&current)));
        }
        Arc::clone(&made.1)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pair").field(&self.credentials).finish()
    }
}

/// The certificates that the security token service signs with.
pub(crate) fn signers(tokens: &Tokens) -> Trust {
    let signers = tokens.signers.iter().cloned();
    signers.fold(Trust::new(), Trust::with_signer)
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
        trust: signers(tokens),
        audience: tokens.entity_id(endpoint).to_owned(),
        holders: Some(current.trust()),
        privilege: None,
    };
    let mut rules = Rules::new(&LIB_BAS, SignerRules::Token(token));
    rules.skew = tokens.skew;
    rules.limits = limits.reading();
    if let Some(parts) = policy::signed_parts(endpoint) {
        rules.parts = parts;
    }
    rules
}

#[cfg(test)]
mod tests;
