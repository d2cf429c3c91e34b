//! The algorithms that are taken, by their URIs in XML Signature and RFC 6931, and those that are refused by name.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::certificate::{KeyKind, PublicKey};

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureMethod {
    /// `rsa-sha256`: PKCS #1 v1.5.
    RsaSha256,
    /// `rsa-sha512`: PKCS #1 v1.5.
    RsaSha512,
    /// `ecdsa-sha256`, on the curve P-256.
    EcdsaSha256,
    /// `ecdsa-sha384`, on the curve P-384.
    EcdsaSha384,
    /// `ecdsa-sha512`, on the curve P-521.
    EcdsaSha512,
}

/// How octets are digested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestMethod {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// An algorithm that is not taken: its name if it is a known one, which is then a weak one or one of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotTaken(pub Option<&'static str>);

impl SignatureMethod {
    const ALL: [Self; 5] = [
        Self::RsaSha256,
        Self::RsaSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
    ];

    /// The URI.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            Self::EcdsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        }
    }

    /// The method with this URI.
    ///
    /// # Errors
    /// It is not taken.
    pub fn of(uri: &str) -> Result<Self, NotTaken> {
        let known = Self::ALL.into_iter().find(|method| method.uri() == uri);
        known.ok_or_else(|| NotTaken::of(uri))
    }

    /// The method that a key of this kind signs with where nothing else is asked for.
    pub(super) const fn usual(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Rsa => Self::RsaSha256,
            KeyKind::EcdsaP256 => Self::EcdsaSha256,
            KeyKind::EcdsaP384 => Self::EcdsaSha384,
            KeyKind::EcdsaP521 => Self::EcdsaSha512,
        }
    }

    /// The kind of key that it takes.
    pub(super) const fn key_kind(self) -> KeyKind {
        match self {
            Self::RsaSha256 | Self::RsaSha512 => KeyKind::Rsa,
            Self::EcdsaSha256 => KeyKind::EcdsaP256,
            Self::EcdsaSha384 => KeyKind::EcdsaP384,
            Self::EcdsaSha512 => KeyKind::EcdsaP521,
        }
    }

    pub(super) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha512 => &RSA_PKCS1_2048_8192_SHA512,
            // XML Signature has both halves in a row, not in ASN.1 (section 6.4.3).
            Self::EcdsaSha256 => &ECDSA_P256_SHA256_FIXED,
            Self::EcdsaSha384 => &ECDSA_P384_SHA384_FIXED,
            Self::EcdsaSha512 => &ECDSA_P521_SHA512_FIXED,
        }
    }
}

impl DigestMethod {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The URI.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    /// The method with this URI.
    ///
    /// # Errors
    /// It is not taken.
    pub fn of(uri: &str) -> Result<Self, NotTaken> {
        let known = Self::ALL.into_iter().find(|method| method.uri() == uri);
        known.ok_or_else(|| NotTaken::of(uri))
    }

    pub(super) fn digest(self, octets: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, octets)
    }
}

/// The name of the standard.
impl fmt::Display for DigestMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl NotTaken {
    fn of(uri: &str) -> Self {
        let (_, name) = uri.rsplit_once('#').unwrap_or_default();
        Self(KNOWN.iter().find(|known| **known == name).copied())
    }
}

/// What others have been seen to use, or attackers to try.
const KNOWN: [&str; 16] = [
    "dsa-sha1",
    "dsa-sha256",
    "ecdsa-sha1",
    "hmac-md5",
    "hmac-sha1",
    "hmac-sha256",
    "hmac-sha384",
    "hmac-sha512",
    "md5",
    "rsa-md5",
    "rsa-ripemd160",
    "rsa-sha1",
    "rsa-sha224",
    "rsa-sha384",
    "sha1",
    "sha256-rsa-MGF1",
];

impl PublicKey {
    /// Whether `signature` is one over `message`, made by this method with the private half of this key.
    pub fn verifies(&self, method: SignatureMethod, message: &[u8], signature: &[u8]) -> bool {
        if method.key_kind() != self.kind() {
            return false;
        }
        let verified = if method == SignatureMethod::usual(self.kind()) {
            self.usual().verify_sig(message, signature)
        } else {
            UnparsedPublicKey::new(method.verification(), self.info()).verify(message, signature)
        };
        verified.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_is_named_where_it_is_known() {
        for method in SignatureMethod::ALL {
            assert_eq!(SignatureMethod::of(method.uri()), Ok(method));
        }
        for method in DigestMethod::ALL {
            assert_eq!(DigestMethod::of(method.uri()), Ok(method));
        }
        let check = |uri, name| assert_eq!(SignatureMethod::of(uri), Err(NotTaken(name)));
        check(
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Some("rsa-sha1"),
        );
        check(
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            Some("hmac-sha1"),
        );
        check("urn:attacker", None);
        check("", None);
        let sha1 = DigestMethod::of("http://www.w3.org/2000/09/xmldsig#sha1");
        assert_eq!(sha1, Err(NotTaken(Some("sha1"))));
    }
}
