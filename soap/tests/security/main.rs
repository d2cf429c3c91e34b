//! Security as a caller sees it, with keys and certificates that are minted as the tests run.

mod certificate;
mod pki;
mod vectors;
