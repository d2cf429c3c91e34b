//! The profiles that messages are secured by, as data.

use super::vocabulary::{ACTION, MESSAGE_ID, RELATES_TO};
use crate::operation::Version;
use crate::xml::Name;

/// How messages of one kind are secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called.
    pub name: &'static str,
    /// The version of SOAP.
    pub version: Version,
    /// Whether the Framework header of Liberty Basic SOAP Binding says so.
    pub framework: bool,
    /// Header blocks that a request must have.
    pub request: &'static [Name],
    /// Header blocks that an answer must have.
    pub response: &'static [Name],
    /// Whether a certificate that signs a message, and is in it, must be signed too: else another certificate of the same key
    /// could be put in its place.
    pub protects_certificate: bool,
    /// How times are written; all are read.
    pub times: TimeFormat,
    /// For how many seconds a message that we write holds.
    pub lifetime: u32,
}

/// How many digits of a second are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeFormat {
    /// `2026-11-26T12:00:00Z`.
    Seconds,
    /// `2026-11-26T12:00:00.000Z`.
    Milliseconds,
}

/// Liberty Basic SOAP Binding 1.0 (LIB-BAS, LBSB) as the platform has it: SOAP 1.1 and the Framework header.
pub const LIB_BAS: Profile = Profile {
    name: "Liberty Basic SOAP Binding 1.0",
    version: Version::Soap11,
    framework: true,
    request: &[ACTION, MESSAGE_ID],
    response: &[ACTION, MESSAGE_ID, RELATES_TO],
    protects_certificate: true,
    times: TimeFormat::Milliseconds,
    lifetime: 300,
};

/// OIO IDWS SOAP Profile 1.1: SOAP 1.2, no Framework header, and an action only where one is wanted.
pub const OIO_IDWS: Profile = Profile {
    name: "OIO IDWS SOAP Profile 1.1",
    version: Version::Soap12,
    framework: false,
    request: &[MESSAGE_ID],
    response: &[MESSAGE_ID, RELATES_TO],
    protects_certificate: true,
    times: TimeFormat::Milliseconds,
    lifetime: 300,
};

/// The exchange with the security token service (OIO WS-Trust Profile 1.0.1): SOAP 1.2, whose times have no fractions.
pub const WS_TRUST: Profile = Profile {
    name: "OIO WS-Trust Profile 1.0.1",
    version: Version::Soap12,
    framework: false,
    request: &[ACTION, MESSAGE_ID],
    response: &[ACTION, RELATES_TO],
    protects_certificate: true,
    times: TimeFormat::Seconds,
    lifetime: 300,
};
