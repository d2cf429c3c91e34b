//! Keys and certificates for tests, minted as they run.

use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    DistinguishedName, DnType, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, RevokedCertParams, SerialNumber,
};
use soap::security::{Certificate, SigningKey, Trust};

use crate::secrets;

/// A certificate that signs itself, with these attributes of the subject in order, each in a set of its own.
pub(crate) fn self_signed(subject: &[(DnType, &str)]) -> Vec<u8> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let certificate = parameters(subject)
        .self_signed(&key)
        .expect("a certificate");
    certificate.der().to_vec()
}

fn parameters(subject: &[(DnType, &str)]) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        parameters.distinguished_name.push(kind.clone(), *value);
    }
    parameters
}

pub(crate) fn serial_number() -> DnType {
    DnType::CustomDnType(vec![2, 5, 4, 5])
}

pub(crate) fn organization_identifier() -> DnType {
    DnType::CustomDnType(vec![2, 5, 4, 97])
}

/// The instant that the tests play at.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-26T12:00:00Z".parse().expect("a time")
}

/// An authority, and those whom it has given certificates to.
pub(crate) struct Pki {
    pub(crate) root: Certificate,
    /// A sender.
    pub(crate) caller: Identity,
    /// Another sender.
    pub(crate) other: Identity,
    /// The security token service.
    pub(crate) token_service: Identity,
    /// A service that answers.
    pub(crate) service: Identity,
    /// A sender whose certificate has expired.
    pub(crate) expired: Identity,
    /// A sender whose certificate has been revoked.
    pub(crate) revoked: Identity,
    /// Parties whose keys are on the curves P-256, P-384 and P-521.
    pub(crate) elliptic: [Identity; 3],
    /// Employees of the organisation whose service it is: of OCES2 and of OCES3.
    pub(crate) employees: [Identity; 2],
    pub(crate) revocations: Vec<u8>,
}

/// A certificate and its private key in PKCS #8.
pub(crate) struct Identity {
    pub(crate) certificate: Certificate,
    pub(crate) pkcs8: Vec<u8>,
}

impl Identity {
    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_pkcs8(self.certificate.clone(), &self.pkcs8).expect("its key")
    }
}

/// The one authority of a test run: RSA keys take a while to make.
pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(Pki::new)
}

impl Pki {
    /// Another authority with the same names.
    pub(crate) fn new() -> Self {
        let mut root = parameters(&[(DnType::CommonName, "Test Root")]);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(root, rsa()).expect("a root");
        let root = Certificate::from_der(issuer.der()).expect("a certificate");
        let issue_to = |key: KeyPair, subject: &[(DnType, &str)], serial: u64, days: i64| {
            let mut parameters = parameters(subject);
            let time = |time: DateTime<Utc>| {
                rcgen::date_time_ymd(1970, 1, 1)
                    + std::time::Duration::from_secs(time.timestamp().unsigned_abs())
            };
            parameters.not_before = time(now() - TimeDelta::days(400));
            parameters.not_after = time(now() + TimeDelta::days(days));
            parameters.serial_number = Some(SerialNumber::from(serial));
            parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
            secrets::used("key", key.serialized_der());
            Identity {
                certificate: Certificate::from_der(certificate.der()).expect("a certificate"),
                pkcs8: key.serialize_der(),
            }
        };
        let issue_with = |key: KeyPair, cvr: &str, name: &str, serial: u64, days: i64| {
            let organisation = format!("NTRDK-{cvr}");
            let subject = [
                (DnType::CountryName, "DK"),
                (organization_identifier(), &*organisation),
                (DnType::CommonName, name),
            ];
            issue_to(key, &subject, serial, days)
        };
        let issue =
            |cvr: &str, name: &str, serial, days| issue_with(rsa(), cvr, name, serial, days);
        let caller = issue("90000001", "caller", 1, 365);
        let other = issue("90000002", "other", 2, 365);
        let token_service = issue("90000003", "token service", 3, 365);
        let service = issue("90000004", "service", 4, 365);
        let expired = issue("90000001", "expired", 5, -1);
        let revoked = issue("90000001", "revoked", 6, 365);
        let curves = [
            &PKCS_ECDSA_P256_SHA256,
            &PKCS_ECDSA_P384_SHA384,
            &PKCS_ECDSA_P521_SHA512,
        ];
        let elliptic = curves.map(|curve| {
            let key = KeyPair::generate_for(curve).expect("a key");
            issue_with(key, "90000005", "elliptic", 7, 365)
        });
        let id = "UI:DK-E:G:00000000-0000-4000-8000-000000000000";
        let oces2 = [(serial_number(), "CVR:90000004-RID:1234567890123")];
        let oces3 = [
            (organization_identifier(), "NTRDK-90000004"),
            (serial_number(), id),
        ];
        let employees = [
            issue_to(rsa(), &oces2, 8, 365),
            issue_to(rsa(), &oces3, 9, 365),
        ];
        let list = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2026, 11, 1),
            next_update: rcgen::date_time_ymd(2026, 12, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(6_u64),
                revocation_time: rcgen::date_time_ymd(2026, 11, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let revocations = list.signed_by(&issuer).expect("a revocation list");
        Self {
            revocations: revocations.der().to_vec(),
            root,
            caller,
            other,
            token_service,
            service,
            expired,
            revoked,
            elliptic,
            employees,
        }
    }

    /// Believes all of this authority but whom it has revoked.
    pub(crate) fn trust(&self) -> Trust {
        let trust = Trust::new().with_root(&self.root).expect("a root");
        trust
            .with_revocations(&self.revocations)
            .expect("a revocation list")
    }
}

fn rsa() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key")
}
