//! Who signed what: certificates, signed messages and the tokens that they carry.
//!
//! Time is a parameter, as everything else is: nothing here looks at a clock, a file or a socket.
//!
//! # A message's way
//! 1. [`Verifier::verify_request`] reads the message by the tokenizer of the decoder, finds each part by its position, verifies
//!    the issuer's signature of the token, the sender's over `SignedInfo`, then the digests, then times and addressing. What it
//!    demands are [`Rules`], of which a [`Profile`] is one; what it refuses is a [`Refusal`].
//! 2. [`Verified::once`] refuses what has been here before.
//! 3. [`server::handle_verified`](crate::server::handle_verified) or [`Verified::decode`] decodes the very element that was
//!    digested. Only what verification made can be handed to them.
//! 4. [`MessageSigner::sign`] signs the answer; [`Verifier::verify_response`] verifies it where it came from, and
//!    [`Verified::reply`] hands what is left to a client.
//!
//! # Invariants
//! - One parser: what is digested and what is decoded are read by the same tokenizer, and stand at the same place.
//! - A signature holds before a digest is looked at; references are few, lead into the message alone, and to known positions.
//! - No transform runs but exclusive canonicalisation, what STR-Transform and enveloped signatures need, and nothing else.
//! - No key, token or value of a message is in what `Debug` and `Display` show.

mod algorithm;
mod canonical;
mod certificate;
mod cvr;
mod fields;
mod key;
mod layout;
mod outline;
mod profile;
mod refusal;
mod replay;
mod signature;
mod signer;
mod token;
mod trust;
mod verified;
mod verifier;
mod vocabulary;
mod written;
mod ws_trust;

pub use self::algorithm::{DigestMethod, NotTaken, SignatureMethod};
pub use self::certificate::{Certificate, CertificateError, HolderKind, PublicKey};
pub use self::cvr::{Cvr, NotACvr};
pub use self::key::{KeyError, SigningKey};
pub use self::outline::{MessageKind, OtherToken, Outline};
pub use self::profile::{LIB_BAS, OIO_IDWS, Profile, TimeFormat, WS_TRUST};
pub use self::refusal::{Cause, Hint, Part, Refusal};
pub use self::replay::{Full, MemoryReplays, NotTakenOnce, Replays};
pub use self::signer::{Addressing, MessageSigner};
pub use self::token::{IssuedToken, PrivilegeGroup, Token, TokenRules};
pub use self::trust::{Revocation, Trust, TrustError};
pub use self::verified::{
    Authority, Body, Check, ReferenceReport, ReplayIdentity, Report, UnverifiedFault, Verified,
};
pub use self::verifier::{CertificateRules, Response, Rules, SignerRules, Verifier};
pub use self::written::Unsignable;
pub use self::ws_trust::{TokenFault, TokenRequest, TokenResponse};

pub(crate) use self::vocabulary::UNDERSTOOD;
