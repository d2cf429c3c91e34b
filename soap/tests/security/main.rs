//! Security as a caller sees it, with keys and certificates that are minted as the tests run.

mod certificate;
mod messages;
mod pki;
mod trust;
mod vectors;
