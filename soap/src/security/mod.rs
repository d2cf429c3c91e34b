//! Who signed what: certificates, signed messages and the tokens that they carry.
//!
//! Time is a parameter, as everything else is: nothing here looks at a clock, a file or a socket.

mod algorithm;
mod canonical;
mod certificate;
mod cvr;
mod fields;
mod layout;
mod profile;
mod refusal;
mod signature;
mod token;
mod trust;
mod verified;
mod verifier;
mod vocabulary;

pub use self::algorithm::{DigestMethod, NotTaken, SignatureMethod};
pub use self::certificate::{Certificate, CertificateError, PublicKey};
pub use self::cvr::{Cvr, NotACvr};
pub use self::profile::{LIB_BAS, OIO_IDWS, Profile, TimeFormat, WS_TRUST};
pub use self::refusal::{Cause, Hint, Part, Refusal};
pub use self::token::{IssuedToken, PrivilegeGroup, Token, TokenRules};
pub use self::trust::{Revocation, Trust, TrustError};
pub use self::verified::{Authority, Body, ReferenceReport, ReplayIdentity, Report, Verified};
pub use self::verifier::{CertificateRules, Response, Rules, SignerRules, Verifier};
