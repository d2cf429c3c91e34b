//! Private keys that messages and tokens are signed with.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use zeroize::Zeroize as _;

use super::certificate::KeyKind;
use super::{Certificate, SignatureMethod};

/// A private key and its certificate.
///
/// The key is held by the cryptographic library, which wipes it when it is dropped; nothing prints it.
pub struct SigningKey {
    certificate: Certificate,
    pair: Pair,
    method: SignatureMethod,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyError {
    /// No PEM block of a private key in the clear, or one that is damaged.
    Pem,
    /// Not a key of the certificate's kind.
    Kind,
    /// Not the key of the certificate.
    Other,
    /// The certificate is not one to sign with.
    Usage,
    /// Not a method that a key of this kind signs with.
    Method,
    /// The cryptographic library could not sign.
    Signing,
}

impl SigningKey {
    /// Takes the first private key of a PEM text: PKCS #8, PKCS #1 or SEC 1, not encrypted. The caller wipes the text itself.
    ///
    /// The octets of the key are wiped, not the buffers through which rustls-pki-types decodes them: whoever wants those wiped too
    /// decodes the key into a buffer of its own and takes [`from_der`](Self::from_der).
    ///
    /// # Errors
    /// There is none, or it is not that of the certificate.
    pub fn from_pem(certificate: Certificate, pem: &[u8]) -> Result<Self, KeyError> {
        let mut der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::Pem)?;
        let key = Self::from_der(certificate, &der);
        der.zeroize();
        key
    }

    /// Takes a private key in DER: PKCS #8.
    ///
    /// # Errors
    /// It is none, or not that of the certificate.
    pub fn from_pkcs8(certificate: Certificate, der: &[u8]) -> Result<Self, KeyError> {
        Self::from_der(certificate, &PrivateKeyDer::Pkcs8(der.into()))
    }

    /// Takes a private key in DER: PKCS #8, PKCS #1 or SEC 1.
    ///
    /// # Errors
    /// It is of another kind than the certificate, or not its key.
    pub fn from_der(certificate: Certificate, der: &PrivateKeyDer<'_>) -> Result<Self, KeyError> {
        let kind = certificate.key().kind();
        let curve = match kind {
            KeyKind::Rsa => None,
            KeyKind::EcdsaP256 => Some(&ECDSA_P256_SHA256_FIXED_SIGNING),
            KeyKind::EcdsaP384 => Some(&ECDSA_P384_SHA384_FIXED_SIGNING),
            KeyKind::EcdsaP521 => Some(&ECDSA_P521_SHA512_FIXED_SIGNING),
        };
        let rsa = |pair: Result<RsaKeyPair, _>| pair.ok().map(Box::new).map(Pair::Rsa);
        let ecdsa = |pair: Result<EcdsaKeyPair, _>| pair.ok().map(Box::new).map(Pair::Ecdsa);
        let pair = match (der, curve) {
            (PrivateKeyDer::Pkcs8(der), None) => {
                rsa(RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()))
            }
            (PrivateKeyDer::Pkcs1(der), None) => rsa(RsaKeyPair::from_der(der.secret_pkcs1_der())),
            (PrivateKeyDer::Pkcs8(der), Some(curve)) => {
                ecdsa(EcdsaKeyPair::from_pkcs8(curve, der.secret_pkcs8_der()))
            }
            (PrivateKeyDer::Sec1(der), Some(curve)) => ecdsa(EcdsaKeyPair::from_private_key_der(
                curve,
                der.secret_sec1_der(),
            )),
            _ => None,
        };
        let key = Self {
            pair: pair.ok_or(KeyError::Kind)?,
            method: SignatureMethod::usual(kind),
            certificate,
        };
        if !key.certificate.may_sign() {
            return Err(KeyError::Usage);
        }
        // What it signs must verify with the certificate.
        const PROBE: &[u8] = b"the key of this certificate";
        let signature = key.sign(PROBE)?;
        if key
            .certificate
            .key()
            .verifies(key.method, PROBE, &signature)
        {
            Ok(key)
        } else {
            Err(KeyError::Other)
        }
    }

    /// With another method than SHA-256, which RSA keys sign with unless told.
    ///
    /// # Errors
    /// The key is of another kind.
    pub fn with_method(mut self, method: SignatureMethod) -> Result<Self, KeyError> {
        if method.key_kind() != self.certificate.key().kind() {
            return Err(KeyError::Method);
        }
        self.method = method;
        Ok(self)
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// How it signs.
    pub fn method(&self) -> SignatureMethod {
        self.method
    }

    /// Signs octets.
    ///
    /// # Errors
    /// The cryptographic library could not.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding = match self.method {
                    SignatureMethod::RsaSha512 => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(padding, &random, message, &mut signature);
                signed.map(|()| signature).map_err(|_| KeyError::Signing)
            }
            Pair::Ecdsa(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| KeyError::Signing)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

/// Names the certificate alone.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("certificate", &self.certificate)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl KeyError {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pem => "key-pem",
            Self::Kind => "key-kind",
            Self::Other => "key-of-another-certificate",
            Self::Usage => "key-usage",
            Self::Method => "key-method",
            Self::Signing => "signing",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => "there is no whole PEM block of a private key that is not encrypted",
            Self::Kind => "the key is not of the kind that the certificate has",
            Self::Other => "the key is not that of the certificate",
            Self::Usage => "the certificate is not one to sign with",
            Self::Method => "the key is not of the kind that signs by this method",
            Self::Signing => "the cryptographic library could not sign",
        })
    }
}

impl std::error::Error for KeyError {}
