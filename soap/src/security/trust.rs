//! Whose certificates are believed: chains up to trusted roots, and what has been revoked (RFC 5280).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, SignatureVerificationAlgorithm, TrustAnchor,
    UnixTime,
};
use webpki::aws_lc_rs as taken;
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, ExtendedKeyUsageValidator,
    KeyPurposeIdIter, OwnedCertRevocationList, RevocationCheckDepth, RevocationOptionsBuilder,
    UnknownStatusPolicy,
};

use super::{Certificate, CertificateError};

/// Whom to believe, and what is known of revocations.
///
/// A verdict in favour of a certificate is kept for a minute, so that the chain of a peer who calls often is not walked for
/// each message.
pub struct Trust(Box<Known>);

struct Known {
    anchors: Vec<TrustAnchor<'static>>,
    intermediates: Vec<CertificateDer<'static>>,
    revocations: Vec<CertRevocationList<'static>>,
    signers: Vec<Certificate>,
    /// Whether a chain alone makes no one believed.
    only_signers: bool,
    revocation: Revocation,
    verdicts: Mutex<HashMap<Certificate, DateTime<Utc>>>,
}

/// What to think of a certificate for which there is no current revocation list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// It is refused.
    #[default]
    Required,
    /// It is believed; a list that is there is heeded.
    WhereKnown,
}

/// Why a certificate is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustError {
    /// No chain leads to a trusted root, or a link of it is faulty.
    UnknownIssuer,
    /// It, or one above it, has expired.
    Expired,
    /// It, or one above it, is not valid yet.
    NotYetValid,
    /// It, or one above it, has been revoked.
    Revoked,
    /// It is not one to sign with, or one above it none to issue with.
    KeyUsage,
    /// There is no current revocation list.
    NoRevocationList,
    /// An authority that is known should vouch for it, and a signature on the way there, or that of a revocation list, does not hold,
    /// or may not be what it is.
    Unsound,
}

impl Trust {
    /// Believes no one.
    pub fn new() -> Self {
        Self(Box::new(Known {
            anchors: Vec::new(),
            intermediates: Vec::new(),
            revocations: Vec::new(),
            signers: Vec::new(),
            only_signers: false,
            revocation: Revocation::default(),
            verdicts: Mutex::default(),
        }))
    }

    /// Believes what this authority, and those below it, have issued.
    ///
    /// # Errors
    /// It is no certificate that can be an anchor.
    pub fn with_root(mut self, root: &Certificate) -> Result<Self, CertificateError> {
        let anchor = webpki::anchor_from_trusted_cert(root.pki_der());
        let anchor = anchor.map_err(|_| CertificateError::Der)?;
        self.0.anchors.push(anchor.to_owned());
        Ok(self)
    }

    /// Knows an authority that may stand between a root and a signer.
    #[must_use]
    pub fn with_intermediate(mut self, certificate: &Certificate) -> Self {
        self.0.intermediates.push(certificate.pki_der().clone());
        self
    }

    /// Believes this very certificate, whoever issued it, for as long as it is valid.
    #[must_use]
    pub fn with_signer(mut self, certificate: Certificate) -> Self {
        self.0.signers.push(certificate);
        self
    }

    /// Believes no other than those certificates. What is known of authorities and their lists then tells which of them is not
    /// believed any more: one whose chain leads to a root must be as good as any; of one whose chain does not, nobody can say.
    #[must_use]
    pub fn only_signers(mut self) -> Self {
        self.0.only_signers = true;
        self
    }

    /// Knows what a revocation list in DER says.
    ///
    /// # Errors
    /// It is none.
    pub fn with_revocations(mut self, der: &[u8]) -> Result<Self, CertificateError> {
        let list = OwnedCertRevocationList::from_der(der).map_err(|_| CertificateError::Der)?;
        self.0.revocations.push(list.into());
        Ok(self)
    }

    /// Knows what all revocation lists of a PEM text say.
    ///
    /// # Errors
    /// There is none, or one is damaged.
    pub fn with_revocations_pem(mut self, pem: &[u8]) -> Result<Self, CertificateError> {
        let known = self.0.revocations.len();
        for der in CertificateRevocationListDer::pem_slice_iter(pem) {
            self = self.with_revocations(&der.map_err(|_| CertificateError::Pem)?)?;
        }
        if self.0.revocations.len() == known {
            return Err(CertificateError::Pem);
        }
        Ok(self)
    }

    /// With this in mind where no revocation list is.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.0.revocation = revocation;
        self
    }

    /// The certificates that are believed as they are.
    pub fn signers(&self) -> &[Certificate] {
        &self.0.signers
    }

    /// Whether a certificate is believed as a signer's at `time`.
    ///
    /// # Errors
    /// It is not, and why.
    pub fn verify(&self, certificate: &Certificate, time: DateTime<Utc>) -> Result<(), TrustError> {
        let held = |seen: &DateTime<Utc>| {
            time <= certificate.not_after()
                && (TimeDelta::zero()..VERDICT_HOLDS).contains(&(time - *seen))
        };
        let lock = || {
            self.0
                .verdicts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if lock().get(certificate).is_some_and(held) {
            return Ok(());
        }
        self.judge(certificate, time)?;
        let mut verdicts = lock();
        if verdicts.len() >= MOST_VERDICTS {
            verdicts.clear();
        }
        verdicts.insert(certificate.clone(), time);
        Ok(())
    }

    fn judge(&self, certificate: &Certificate, time: DateTime<Utc>) -> Result<(), TrustError> {
        if time > certificate.not_after() {
            return Err(TrustError::Expired);
        }
        if time < certificate.not_before() {
            return Err(TrustError::NotYetValid);
        }
        if !certificate.may_sign() {
            return Err(TrustError::KeyUsage);
        }
        let is_signer = self.0.signers.contains(certificate);
        if self.0.only_signers && !is_signer {
            return Err(TrustError::UnknownIssuer);
        }
        match self.chain(certificate, time) {
            Err(TrustError::UnknownIssuer) if is_signer => Ok(()),
            Err(TrustError::NoRevocationList) if is_signer && !self.0.only_signers => Ok(()),
            verdict => verdict,
        }
    }

    fn chain(&self, certificate: &Certificate, time: DateTime<Utc>) -> Result<(), TrustError> {
        let seconds = u64::try_from(time.timestamp()).unwrap_or_default();
        let revocations: Vec<&CertRevocationList<'_>> = self.0.revocations.iter().collect();
        let (status, expired) = match self.0.revocation {
            Revocation::Required => (UnknownStatusPolicy::Deny, ExpirationPolicy::Enforce),
            Revocation::WhereKnown => (UnknownStatusPolicy::Allow, ExpirationPolicy::Ignore),
        };
        let options = RevocationOptionsBuilder::new(&revocations)
            .ok()
            .map(|builder| {
                builder
                    .with_depth(RevocationCheckDepth::Chain)
                    .with_status_policy(status)
                    .with_expiration_policy(expired)
                    .build()
            });
        let without_any = options.is_none() && self.0.revocation == Revocation::Required;
        let end_entity = EndEntityCert::try_from(certificate.pki_der());
        end_entity
            .map_err(|_| TrustError::UnknownIssuer)?
            .verify_for_usage(
                TAKEN,
                &self.0.anchors,
                &self.0.intermediates,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                AnyPurpose,
                options,
                None,
            )
            .map_err(TrustError::from)?;
        if without_any {
            return Err(TrustError::NoRevocationList);
        }
        Ok(())
    }
}

/// How long a verdict is kept, and how many.
const VERDICT_HOLDS: TimeDelta = TimeDelta::minutes(1);
const MOST_VERDICTS: usize = 1024;

/// How certificates and revocation lists may be signed: by RSA with PSS as OCES3 does, with PKCS #1 as OCES2 does, and ECDSA.
const TAKEN: &[&dyn SignatureVerificationAlgorithm] = &[
    taken::RSA_PKCS1_2048_8192_SHA256,
    taken::RSA_PKCS1_2048_8192_SHA384,
    taken::RSA_PKCS1_2048_8192_SHA512,
    taken::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    taken::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    taken::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    taken::ECDSA_P256_SHA256,
    taken::ECDSA_P256_SHA384,
    taken::ECDSA_P384_SHA256,
    taken::ECDSA_P384_SHA384,
    taken::ECDSA_P521_SHA512,
];

/// The certificates of OCES name no extended purpose, or that of a client; none stands for signed messages.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("roots", &self.0.anchors.len())
            .field("intermediates", &self.0.intermediates.len())
            .field("revocation_lists", &self.0.revocations.len())
            .field("signers", &self.0.signers)
            .field("revocation", &self.0.revocation)
            .finish_non_exhaustive()
    }
}

impl From<webpki::Error> for TrustError {
    fn from(error: webpki::Error) -> Self {
        use webpki::Error;
        match error {
            Error::CertExpired { .. } => Self::Expired,
            Error::CertNotValidYet { .. } => Self::NotYetValid,
            Error::CertRevoked => Self::Revoked,
            Error::UnknownRevocationStatus | Error::CrlExpired { .. } => Self::NoRevocationList,
            Error::CaUsedAsEndEntity | Error::EndEntityUsedAsCa | Error::IssuerNotCrlSigner => {
                Self::KeyUsage
            }
            Error::UnknownIssuer => Self::UnknownIssuer,
            _ => Self::Unsound,
        }
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "no trusted authority vouches for it",
            Self::Expired => "it has expired",
            Self::NotYetValid => "it is not valid yet",
            Self::Revoked => "it has been revoked",
            Self::KeyUsage => "it is not one to sign with",
            Self::NoRevocationList => "there is no current revocation list for it",
            Self::Unsound => {
                "the authority that should vouch for it did not sign it, or not its revocation list"
            }
        })
    }
}

impl std::error::Error for TrustError {}
