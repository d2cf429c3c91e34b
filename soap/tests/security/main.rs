//! Security as a caller sees it, with keys and certificates that are minted as the tests run.

#![expect(clippy::panic, reason = "a panic is the verdict of a test")]

mod addressing;
mod algorithms;
mod attacks;
mod calls;
mod certificate;
mod forge;
mod inspection;
mod key_info;
mod known;
mod messages;
mod pki;
mod secrets;
mod trust;
mod values;
mod vectors;
mod ws_trust;
