//! Certificates: whose they are, how long they hold, and their key (X.509, RFC 5280).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{self, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::signature::{ParsedPublicKey, UnparsedPublicKey};
use chrono::{DateTime, Utc};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::asn1_rs::Oid;
use x509_parser::extensions::{KeyUsage, ParsedExtension};
use x509_parser::oid_registry as oid;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey as Spki;

pub use self::subject::HolderKind;
use self::subject::{Holder, shown};
use super::{Cvr, SignatureMethod};
use crate::discreet;

mod subject;

/// An X.509 certificate, and what it says of its holder.
///
/// Cloning is cheap. Two are equal if their octets are.
#[derive(Clone)]
pub struct Certificate(Arc<Facts>);

struct Facts {
    der: CertificateDer<'static>,
    subject: String,
    issuer: String,
    holder: HolderKind,
    /// The number that the subject names, whoever the holder is.
    cvr: Option<Cvr>,
    serial: String,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    subject_key_identifier: Option<Vec<u8>>,
    signs: bool,
    usages: Vec<&'static str>,
    signed_by: &'static str,
    is_authority: bool,
    key: PublicKey,
    /// Made when it is first asked for: most certificates are never spoken of.
    attribution: OnceLock<String>,
}

/// Why octets are no certificate that can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateError {
    /// No PEM block `CERTIFICATE`, or one that is damaged.
    Pem,
    /// Not the DER of one X.509 certificate, or octets after it.
    Der,
    /// The subject names two different CVR numbers.
    TwoCvrNumbers,
    /// A key that nothing here verifies with: RSA under 2048 or over 8192 bits, or another curve than P-256, P-384 and P-521.
    Key,
    /// An RSA key that its certificate lets sign by RSASSA-PSS alone (RFC 4055, section 1.2): the profiles' signatures are PKCS #1.
    PssKey,
}

impl Certificate {
    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// It is none, has a subject of two minds, or a key that is not taken.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| CertificateError::Der)?;
        if !rest.is_empty() {
            return Err(CertificateError::Der);
        }
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(CertificateError::Der);
        let mut subject_key_identifier = None;
        // Without the extension a key may be used for anything (RFC 5280, section 4.2.1.3).
        let mut signs = true;
        let mut usages = Vec::new();
        let mut is_authority = false;
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(identifier) => {
                    subject_key_identifier = Some(identifier.0.to_vec());
                }
                ParsedExtension::KeyUsage(usage) => {
                    signs = usage.digital_signature() || usage.non_repudiation();
                    usages = named_usages(usage);
                }
                ParsedExtension::BasicConstraints(constraints) => is_authority = constraints.ca,
                _ => {}
            }
        }
        let holder = Holder::of(parsed.subject())?;
        Ok(Self(Arc::new(Facts {
            subject: shown(parsed.subject()),
            issuer: shown(parsed.issuer()),
            holder: holder.kind,
            cvr: holder.cvr,
            serial: hexadecimal(parsed.raw_serial()),
            not_before: time(parsed.validity().not_before.timestamp())?,
            not_after: time(parsed.validity().not_after.timestamp())?,
            subject_key_identifier,
            signs,
            usages,
            signed_by: signed_by(&parsed.signature_algorithm.algorithm),
            is_authority,
            key: PublicKey::read(&parsed)?,
            attribution: OnceLock::new(),
            der: CertificateDer::from(der.to_vec()),
        })))
    }

    /// Reads the first certificate of a PEM text (RFC 7468); what stands around it is passed over.
    ///
    /// # Errors
    /// There is none, or it is one that [`from_der`](Self::from_der) refuses.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        let der = CertificateDer::from_pem_slice(pem).map_err(|_| CertificateError::Pem)?;
        Self::from_der(&der)
    }

    /// Reads all certificates of a PEM text, in order; at least one.
    ///
    /// # Errors
    /// There is none, or one that [`from_der`](Self::from_der) refuses.
    pub fn all_from_pem(pem: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let mut all = Vec::new();
        for der in CertificateDer::pem_slice_iter(pem) {
            all.push(Self::from_der(&der.map_err(|_| CertificateError::Pem)?)?);
        }
        if all.is_empty() {
            return Err(CertificateError::Pem);
        }
        Ok(all)
    }

    /// The octets.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    pub(super) fn pki_der(&self) -> &CertificateDer<'static> {
        &self.0.der
    }

    /// The subject for people, in the order of the certificate: `C=DK, O=…, serialNumber=… + CN=…`. Nothing is to be read
    /// out of it: layouts differ, and values may hold the separators.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The issuer for people.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Whose it is, for a log that must say who did something and name no person: the serial number, and the subject where that is an
    /// organisation, else the kind of its holder and the issuer, who knows the holder by that number. It comes through [`discreet`], once for
    /// all clones, and the octets of the serial number stand apart, so that none of it looks like a CPR number.
    ///
    pub fn attribution(&self) -> &str {
        self.0.attribution.get_or_init(|| {
            let serial = self.serial().as_bytes().chunks(2);
            let serial: Vec<_> = serial
                .filter_map(|pair| str::from_utf8(pair).ok())
                .collect();
            let (holder, serial) = (self.holder(), serial.join(":"));
            let said = if holder.speaks_for_organisation() {
                format!("serial {serial}, {}", self.subject())
            } else {
                format!("serial {serial}, {holder}, issued by {}", self.issuer())
            };
            discreet(&said, MOST_SAID)
        })
    }

    /// What kind of holder it has.
    pub fn holder(&self) -> HolderKind {
        self.0.holder
    }

    /// The CVR number of the organisation that the holder speaks for: out of OCES2's serialNumber (`CVR:…-FID:…` or `-UID:`) or
    /// OCES3's organizationIdentifier (`NTRDK-…`), wherever in the subject they stand. People speak for none, whose employees
    /// they may be. What the organisation's name says is no proof and not looked at.
    pub fn cvr(&self) -> Option<Cvr> {
        self.0
            .cvr
            .filter(|_| self.0.holder.speaks_for_organisation())
    }

    /// The CVR number that the subject names, whoever the holder is: for people to look at, and proof of nothing.
    pub fn named_cvr(&self) -> Option<Cvr> {
        self.0.cvr
    }

    /// The serial number in hexadecimal digits, lower case.
    pub fn serial(&self) -> &str {
        &self.0.serial
    }

    /// From when it holds.
    pub fn not_before(&self) -> DateTime<Utc> {
        self.0.not_before
    }

    /// Until when it holds, that second included.
    pub fn not_after(&self) -> DateTime<Utc> {
        self.0.not_after
    }

    /// Days left at `time`, rounded down; negative once it has expired.
    pub fn days_left(&self, time: DateTime<Utc>) -> i64 {
        (self.not_after() - time).num_seconds().div_euclid(86_400)
    }

    /// The SHA-1 digest of the octets, as certificates are listed by; lower case. It identifies nothing against an attacker.
    pub fn sha1_thumbprint(&self) -> String {
        hexadecimal(digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, self.der()).as_ref())
    }

    /// The SHA-256 digest of the octets, lower case.
    pub fn sha256_thumbprint(&self) -> String {
        hexadecimal(digest::digest(&SHA256, self.der()).as_ref())
    }

    /// The subject key identifier (RFC 5280, section 4.2.1.2).
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.0.subject_key_identifier.as_deref()
    }

    /// Whether its key usage lets it sign messages.
    pub fn may_sign(&self) -> bool {
        self.0.signs
    }

    /// What its key may be used for, by the names of RFC 5280 (section 4.2.1.3); without any, for anything.
    pub fn key_usages(&self) -> &[&'static str] {
        &self.0.usages
    }

    /// The algorithm that its issuer signed it by, for people.
    pub fn signed_by(&self) -> &'static str {
        self.0.signed_by
    }

    /// Whether it is a certificate authority's.
    pub fn is_authority(&self) -> bool {
        self.0.is_authority
    }

    /// The public key.
    pub fn key(&self) -> &PublicKey {
        &self.0.key
    }
}

/// Characters of an attribution.
const MOST_SAID: usize = 400;

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

/// By the serial number, which few share: what tells them apart are the octets, and those are many.
impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.serial.hash(state);
    }
}

/// Names the certificate and leaves its octets out.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject())
            .field("serial", &self.serial())
            .finish_non_exhaustive()
    }
}

impl CertificateError {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pem => "certificate-pem",
            Self::Der => "certificate-der",
            Self::TwoCvrNumbers => "certificate-two-cvr-numbers",
            Self::Key => "certificate-key",
            Self::PssKey => "certificate-key-pss",
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => "there is no whole PEM block of a certificate",
            Self::Der => "the octets are not those of one X.509 certificate",
            Self::TwoCvrNumbers => "the subject names two different CVR numbers",
            Self::Key => {
                "the key is neither RSA of 2048 to 8192 bits nor on one of the curves P-256, P-384 and P-521"
            }
            Self::PssKey => {
                "the key may sign by RSASSA-PSS alone, and messages are signed by RSA as PKCS #1 v1.5 has it"
            }
        })
    }
}

impl std::error::Error for CertificateError {}

/// A public key that signatures can be verified with.
#[derive(Clone)]
pub struct PublicKey {
    kind: KeyKind,
    bits: usize,
    /// The SubjectPublicKeyInfo, by which keys are compared.
    info: Vec<u8>,
    /// Its SHA-256 digest.
    fingerprint: Digest,
    /// The key, taken in for the algorithm that most signatures have.
    usual: Arc<ParsedPublicKey>,
}

/// The kinds of keys that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum KeyKind {
    Rsa,
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
}

impl PublicKey {
    pub(super) const fn kind(&self) -> KeyKind {
        self.kind
    }

    pub(super) fn usual(&self) -> &ParsedPublicKey {
        &self.usual
    }

    pub(super) fn info(&self) -> &[u8] {
        &self.info
    }

    /// 32 octets that no other key has.
    pub(super) fn fingerprint(&self) -> &[u8] {
        self.fingerprint.as_ref()
    }

    fn read(certificate: &X509Certificate<'_>) -> Result<Self, CertificateError> {
        let info = certificate.public_key();
        if info.algorithm.algorithm == oid::OID_PKCS1_RSASSAPSS {
            return Err(CertificateError::PssKey);
        }
        let curve = || {
            let parameters = info.algorithm.parameters.as_ref();
            parameters.and_then(|parameters| parameters.as_oid().ok())
        };
        let parsed = info.parsed().map_err(|_| CertificateError::Key)?;
        let bits = parsed.key_size();
        let kind = match parsed {
            Spki::RSA(_) if (2048..=8192).contains(&bits) => KeyKind::Rsa,
            Spki::EC(_) if curve() == Some(oid::OID_EC_P256) => KeyKind::EcdsaP256,
            Spki::EC(_) if curve() == Some(oid::OID_NIST_EC_P384) => KeyKind::EcdsaP384,
            Spki::EC(_) if curve() == Some(oid::OID_NIST_EC_P521) => KeyKind::EcdsaP521,
            _ => return Err(CertificateError::Key),
        };
        let info = info.raw.to_vec();
        let usual = UnparsedPublicKey::new(SignatureMethod::usual(kind).verification(), &info)
            .parse()
            .map_err(|_| CertificateError::Key)?;
        Ok(Self {
            kind,
            bits,
            fingerprint: digest::digest(&SHA256, &info),
            info,
            usual: Arc::new(usual),
        })
    }
}

/// Kind and size.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            KeyKind::Rsa => write!(f, "RSA, {} bits", self.bits),
            KeyKind::EcdsaP256 => f.write_str("EC, P-256"),
            KeyKind::EcdsaP384 => f.write_str("EC, P-384"),
            KeyKind::EcdsaP521 => f.write_str("EC, P-521"),
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.info == other.info
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.kind).finish()
    }
}

fn named_usages(usage: &KeyUsage) -> Vec<&'static str> {
    let all = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    let set = all.into_iter().filter(|(set, _)| *set);
    set.map(|(_, name)| name).collect()
}

fn signed_by(algorithm: &Oid<'_>) -> &'static str {
    match algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.5" => "RSASSA-PKCS1-v1_5 with SHA-1",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "RSASSA-PKCS1-v1_5 with SHA-256",
        "1.2.840.113549.1.1.12" => "RSASSA-PKCS1-v1_5 with SHA-384",
        "1.2.840.113549.1.1.13" => "RSASSA-PKCS1-v1_5 with SHA-512",
        "1.2.840.10045.4.3.2" => "ECDSA with SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA with SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA with SHA-512",
        _ => "an algorithm that is not known here",
    }
}

pub(super) fn hexadecimal(octets: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    digits.map(digit).collect()
}
