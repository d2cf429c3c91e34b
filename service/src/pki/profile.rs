//! What a certificate says of itself beside names and key: RFC 5280, section 4.2, as OCES uses it.

use x509_cert::TbsCertificate;
use x509_cert::builder::Result;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// The extensions of a certificate, by what it is for.
pub(super) struct Profile {
    issuer: Name,
    subject: Name,
    /// For a holder; an authority has none.
    names: Option<SubjectAltName>,
}

impl Profile {
    pub(super) fn root(subject: Name) -> Self {
        Self::authority(subject.clone(), subject)
    }

    pub(super) const fn authority(issuer: Name, subject: Name) -> Self {
        Self {
            issuer,
            subject,
            names: None,
        }
    }

    pub(super) const fn holder(issuer: Name, subject: Name, names: SubjectAltName) -> Self {
        Self {
            issuer,
            subject,
            names: Some(names),
        }
    }
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        issuer_key: SubjectPublicKeyInfoRef<'_>,
        certificate: &TbsCertificate,
    ) -> Result<Vec<Extension>> {
        let subject = certificate.subject();
        let usage = match self.names {
            None => KeyUsages::KeyCertSign | KeyUsages::CRLSign,
            Some(_) => KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment,
        };
        let constraints = BasicConstraints {
            ca: self.names.is_none(),
            path_len_constraint: None,
        };
        let mut extensions = vec![
            constraints.to_extension(subject, &[])?,
            KeyUsage(usage).to_extension(subject, &[])?,
            SubjectKeyIdentifier::try_from(key)?.to_extension(subject, &[])?,
            AuthorityKeyIdentifier::try_from(issuer_key)?.to_extension(subject, &[])?,
        ];
        if let Some(names) = &self.names {
            extensions.push(names.to_extension(subject, &[])?);
        }
        Ok(extensions)
    }
}
