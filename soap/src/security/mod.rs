//! Who signed what: certificates, signed messages and the tokens that they carry.
//!
//! Time is a parameter, as everything else is: nothing here looks at a clock, a file or a socket.

mod algorithm;
mod certificate;
mod cvr;

pub use self::algorithm::{DigestMethod, NotTaken, SignatureMethod};
pub use self::certificate::{Certificate, CertificateError, PublicKey};
pub use self::cvr::{Cvr, NotACvr};
