//! Keys and certificates for tests.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};

/// A certificate that signs itself, with these attributes of the subject in order, each in a set of its own.
pub(crate) fn self_signed(subject: &[(DnType, &str)]) -> Vec<u8> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        parameters.distinguished_name.push(kind.clone(), *value);
    }
    let certificate = parameters.self_signed(&key).expect("a certificate");
    certificate.der().to_vec()
}

pub(crate) fn serial_number() -> DnType {
    DnType::CustomDnType(vec![2, 5, 4, 5])
}

pub(crate) fn organization_identifier() -> DnType {
    DnType::CustomDnType(vec![2, 5, 4, 97])
}
