//! RSA keys that sign certificates, behind the traits of the certificate builder.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signature::{Keypair, Signer};
use x509_cert::der::asn1::{Any, BitString};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{self, Decode, Document};
use x509_cert::spki::{
    self, AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SignatureBitStringEncoding,
};
use zeroize::Zeroizing;

use super::{Error, Shape, failed};

/// A key pair, and how it signs.
pub(super) struct Key {
    pair: KeyPair,
    shape: Shape,
}

impl Key {
    pub(super) fn generate(shape: Shape) -> Result<Self, Error> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        #[cfg(test)]
        {
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            crate::secrets::used("key", der.as_ref());
        }
        Ok(Self { pair, shape })
    }

    /// The public key, as SubjectPublicKeyInfo.
    pub(super) fn public(&self) -> Result<Vec<u8>, Error> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().map_err(failed)?;
        Ok(der.as_ref().to_vec())
    }

    /// The private key in PEM (PKCS#8, RFC 7468 section 10).
    pub(super) fn pem(&self) -> Result<Zeroizing<String>, Error> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(failed)?;
        let text = Zeroizing::new(STANDARD.encode(der.as_ref()));
        // Room for all of it at once, so that no copy is left behind by growing.
        let mut pem = Zeroizing::new(String::with_capacity(text.len() * 66 / 64 + 128));
        pem.push_str("-----BEGIN PRIVATE KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().copied().map(char::from));
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok(pem)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The octets of a signature.
pub(super) struct Signature(Vec<u8>);

impl Signer<Signature> for Key {
    fn try_sign(&self, message: &[u8]) -> Result<Signature, signature::Error> {
        let encoding: &'static dyn RsaEncoding = match self.shape {
            Shape::Oces2 => &RSA_PKCS1_SHA256,
            Shape::Oces3 => &RSA_PSS_SHA256,
        };
        let mut octets = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding, &SystemRandom::new(), message, &mut octets)
            .map_err(|_| signature::Error::new())?;
        Ok(Signature(octets))
    }
}

impl SignatureBitStringEncoding for Signature {
    fn to_bitstring(&self) -> der::Result<BitString> {
        BitString::from_bytes(&self.0)
    }
}

/// A public key, as SubjectPublicKeyInfo.
#[derive(Clone, Debug)]
pub(super) struct PublicKey(Vec<u8>);

impl EncodePublicKey for PublicKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl Keypair for Key {
    type VerifyingKey = PublicKey;

    fn verifying_key(&self) -> PublicKey {
        // An empty key is refused by whoever decodes it.
        PublicKey(self.public().unwrap_or_default())
    }
}

/// sha256WithRSAEncryption (RFC 4055, section 5).
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// id-RSASSA-PSS (RFC 4055, section 3).
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// RSASSA-PSS-params for SHA-256, MGF1 with SHA-256 and a salt of 32 octets (RFC 4055, section 3.1).
const PSS_SHA256: [u8; 54] = [
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
    0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0xa2, 0x03, 0x02, 0x01, 0x20,
];

impl DynSignatureAlgorithmIdentifier for Key {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        let (oid, parameters) = match self.shape {
            Shape::Oces2 => (SHA256_WITH_RSA, Any::null()),
            Shape::Oces3 => (RSASSA_PSS, Any::from_der(&PSS_SHA256)?),
        };
        Ok(AlgorithmIdentifierOwned {
            oid,
            parameters: Some(parameters),
        })
    }
}
