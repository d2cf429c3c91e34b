//! The profiles that messages are secured by, as data.

use super::verifier::ALWAYS_SIGNED;
use super::vocabulary::{ACTION, MESSAGE_ID, RELATES_TO};
use crate::operation::{SignedToken, Version};
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
    /// Whether a message may have the certificate of its signer in its KeyInfo alone, where no signature covers it.
    pub certificate_in_key_info: bool,
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
    certificate_in_key_info: false,
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
    certificate_in_key_info: false,
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
    // As the example in section 3.5 of KOMBIT's description of the service has it.
    certificate_in_key_info: true,
    times: TimeFormat::Seconds,
    lifetime: 300,
};

impl Profile {
    /// What `policy` demands and messages of this profile do not do, in words; nothing where they meet it.
    ///
    /// Of the suite of algorithms, the digest counts: no other part of it is used but the signature by the key of a certificate, for
    /// which WS-SecurityPolicy 1.2 (7.1) has RSA with SHA-1 in every suite, and nobody takes that any more.
    pub fn misses(&self, policy: &SignedToken) -> Vec<String> {
        let mut missed = Vec::new();
        if !(policy.suite.is_empty() || policy.suite.contains("Sha256")) {
            missed.push(format!("the algorithm suite {}", policy.suite));
        }
        for (tokens, ours, of) in [
            (policy.initiator, "WssSamlV20Token11", "requests"),
            (policy.recipient, "WssX509V3Token10", "answers"),
        ] {
            let foreign = tokens.iter().filter(|token| **token != ours);
            missed.extend(foreign.map(|token| format!("{of} signed with a {token}")));
        }
        if policy.protects_tokens && !self.protects_certificate {
            missed.push("signatures that cover their token".to_owned());
        }
        let unsigned = policy.parts.headers.iter().filter(|header| {
            let mut signed = ALWAYS_SIGNED.iter();
            !signed.any(|signed| {
                signed == *header
                    || (header.local() == "*" && signed.namespace() == header.namespace())
            })
        });
        missed.extend(unsigned.map(|header| {
            let (namespace, local) = (header.namespace().uri(), header.local());
            format!("the header {{{namespace}}}{local} signed")
        }));
        missed.extend(policy.others.iter().map(|other| (*other).to_owned()));
        missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::SignedParts;
    use crate::xml::Namespace;

    const PLATFORM: SignedToken = SignedToken {
        parts: SignedParts {
            body: true,
            headers: &[ACTION, MESSAGE_ID],
            timestamp: true,
        },
        suite: "Basic256Sha256",
        initiator: &["WssSamlV20Token11"],
        recipient: &["WssX509V3Token10"],
        protects_tokens: true,
        others: &[],
    };

    #[test]
    fn a_policy_that_asks_for_more_is_not_met() {
        assert!(LIB_BAS.misses(&PLATFORM).is_empty());
        let all = ACTION.namespace().name("*");
        let parts = |headers| SignedParts {
            headers,
            ..PLATFORM.parts
        };
        let leaked = |name| -> &'static [Name] { Box::leak(Box::new([name])) };
        let every_header = SignedToken {
            parts: parts(leaked(all)),
            ..PLATFORM
        };
        assert!(LIB_BAS.misses(&every_header).is_empty());
        let demanding = SignedToken {
            parts: parts(leaked(Namespace::new("urn:a", "a").name("Journal"))),
            suite: "Basic256",
            initiator: &["WssSamlV11Token11"],
            recipient: &["WssX509PkiPathV1Token11"],
            others: &["EncryptedParts"],
            ..PLATFORM
        };
        let unprotected = Profile {
            protects_certificate: false,
            ..LIB_BAS
        };
        assert_eq!(
            unprotected.misses(&demanding),
            [
                "the algorithm suite Basic256",
                "requests signed with a WssSamlV11Token11",
                "answers signed with a WssX509PkiPathV1Token11",
                "signatures that cover their token",
                "the header {urn:a}Journal signed",
                "EncryptedParts",
            ]
        );
    }
}
