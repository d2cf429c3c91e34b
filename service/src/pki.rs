//! A PKI of our own making, for the demo, for development and for tests: authorities, the parties' certificates, revocation lists.
//!
//! The certificates have the shapes of the Danish ones, so that what takes these takes those: OCES2 writes the CVR number into a
//! serialNumber that shares its RDN with the common name, OCES3 into organizationIdentifier, and signs by RSASSA-PSS.
//! Every key is made when it is asked for and none is kept anywhere but where its owner puts it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use uuid::Uuid;
use x509_cert::Certificate;
use x509_cert::builder::{Builder, CertificateBuilder, CrlBuilder};
use x509_cert::crl::RevokedCert;
use x509_cert::der::asn1::Ia5String;
use x509_cert::der::{Decode, Encode, EncodePem, pem::LineEnding};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{CrlNumber, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfo;
use x509_cert::time::{Time, Validity};
use zeroize::Zeroizing;

use self::key::Key;
use self::profile::Profile;
use crate::routing::Cvr;

pub mod folder;
mod key;
mod profile;

/// The two generations of OCES certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Issued until 2023: `CVR:…-FID:…` in serialNumber, signed by RSASSA-PKCS1-v1_5.
    Oces2,
    /// Issued since: `NTRDK-…` in organizationIdentifier, signed by RSASSA-PSS.
    Oces3,
}

/// An authority that issues certificates and revokes them.
pub struct Authority {
    shape: Shape,
    certificate: Certificate,
    key: Key,
    /// From the one below the root to this one; empty for a root.
    chain: Vec<Certificate>,
}

/// Whom a certificate is for.
#[derive(Clone, Debug)]
pub struct Holder<'a> {
    /// The function's name, which becomes the common name.
    pub name: &'a str,
    /// The CVR number of the organisation.
    pub cvr: Cvr,
    /// From now on for this long; already over where it is `None`.
    pub valid: Option<Duration>,
}

/// A certificate that was issued, with its key.
pub struct Issued {
    certificate: Certificate,
    chain: Vec<Certificate>,
    key: Key,
}

/// Why a certificate could not be made: a defect of this module, or of the names that it was given.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a certificate could not be made: {}", self.0)
    }
}

impl std::error::Error for Error {}

fn failed(error: impl fmt::Display) -> Error {
    Error(error.to_string())
}

/// Authorities outlive the certificates that they issue.
const AUTHORITY: Duration = Duration::from_secs(10 * 366 * 86_400);

/// Clocks of one machine and its guests differ; a certificate holds from a little before it is made.
const BEFORE: Duration = Duration::from_secs(3600);

impl Authority {
    /// A root, which vouches for itself.
    ///
    /// # Errors
    /// `name` does not fit into a distinguished name.
    pub fn root(shape: Shape, name: &str) -> Result<Self, Error> {
        let key = Key::generate(shape)?;
        let subject = authority_name(shape, name)?;
        let profile = Profile::root(subject);
        let certificate = certify(profile, &key, &key, validity(Some(AUTHORITY))?)?;
        Ok(Self {
            shape,
            certificate,
            key,
            chain: Vec::new(),
        })
    }

    /// An authority below this one.
    ///
    /// # Errors
    /// As [`Authority::root`].
    pub fn below(&self, name: &str) -> Result<Self, Error> {
        let key = Key::generate(self.shape)?;
        let subject = authority_name(self.shape, name)?;
        let profile = Profile::authority(self.certificate_name(), subject);
        let certificate = certify(profile, &key, &self.key, validity(Some(AUTHORITY))?)?;
        let mut chain = vec![certificate.clone()];
        chain.extend(self.chain.iter().cloned());
        Ok(Self {
            shape: self.shape,
            certificate,
            key,
            chain,
        })
    }

    /// A certificate for `holder` with a new key; it serves as client, as server on this machine, and for signing.
    ///
    /// # Errors
    /// The name of `holder` does not fit into a distinguished name.
    pub fn issue(&self, holder: &Holder<'_>) -> Result<Issued, Error> {
        let key = Key::generate(self.shape)?;
        let subject = holder.subject(self.shape)?;
        let profile = Profile::holder(self.certificate_name(), subject, this_machine()?);
        let certificate = certify(profile, &key, &self.key, validity(holder.valid)?)?;
        Ok(Issued {
            certificate,
            chain: self.chain.clone(),
            key,
        })
    }

    /// The list of what this authority has revoked, in PEM, good for as long as `valid`. Its number is the time in seconds, so that a
    /// later one has a higher number.
    ///
    /// # Errors
    /// The list cannot be encoded.
    pub fn crl<'a>(
        &self,
        revoked: impl IntoIterator<Item = &'a Issued>,
        valid: Duration,
    ) -> Result<String, Error> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        self.numbered_crl(now.unwrap_or_default().as_secs(), revoked, valid)
    }

    /// The same with that number (RFC 5280, section 5.2.3).
    ///
    /// # Errors
    /// As [`Authority::crl`].
    pub fn numbered_crl<'a>(
        &self,
        number: u64,
        revoked: impl IntoIterator<Item = &'a Issued>,
        valid: Duration,
    ) -> Result<String, Error> {
        let now = validity(Some(valid))?;
        let number = CrlNumber::try_from(number).map_err(failed)?;
        let list = CrlBuilder::new(&self.certificate, number)
            .map_err(failed)?
            .with_next_update(Some(now.not_after));
        let revoked: Vec<RevokedCert> = revoked
            .into_iter()
            .map(|issued| RevokedCert {
                serial_number: issued.certificate.tbs_certificate().serial_number().clone(),
                revocation_date: now.not_before,
                crl_entry_extensions: None,
            })
            .collect();
        // An empty list is left out altogether (RFC 5280, section 5.1.2.6).
        let list = if revoked.is_empty() {
            list
        } else {
            list.with_certificates(revoked.into_iter())
        };
        let list = list.build(&self.key).map_err(failed)?;
        list.to_pem(LineEnding::LF).map_err(failed)
    }

    /// The authority's own certificate in PEM.
    ///
    /// # Errors
    /// The certificate cannot be encoded.
    pub fn certificate_pem(&self) -> Result<String, Error> {
        self.certificate.to_pem(LineEnding::LF).map_err(failed)
    }

    fn certificate_name(&self) -> Name {
        self.certificate.tbs_certificate().subject().clone()
    }
}

impl Issued {
    /// The certificate and those of the authorities below the root, in PEM.
    ///
    /// # Errors
    /// A certificate cannot be encoded.
    pub fn chain_pem(&self) -> Result<String, Error> {
        let mut pem = String::new();
        for certificate in std::iter::once(&self.certificate).chain(&self.chain) {
            pem.push_str(&certificate.to_pem(LineEnding::LF).map_err(failed)?);
        }
        Ok(pem)
    }

    /// The key in PEM (PKCS#8).
    ///
    /// # Errors
    /// The key cannot be encoded.
    pub fn key_pem(&self) -> Result<Zeroizing<String>, Error> {
        self.key.pem()
    }

    /// The certificate in DER.
    ///
    /// # Errors
    /// The certificate cannot be encoded.
    pub fn certificate_der(&self) -> Result<Vec<u8>, Error> {
        self.certificate.to_der().map_err(failed)
    }
}

impl Holder<'_> {
    fn subject(&self, shape: Shape) -> Result<Name, Error> {
        let Self { name, cvr, .. } = self;
        // RFC 4514 begins with the last RDN.
        let text = match shape {
            Shape::Oces2 => {
                let id = Uuid::new_v4().as_u128() % 100_000_000;
                format!(
                    "CN={name} (funktionscertifikat)+serialNumber=CVR:{cvr}-FID:{id:08},O={name} // CVR:{cvr},C=DK"
                )
            }
            Shape::Oces3 => format!(
                "C=DK,2.5.4.97=NTRDK-{cvr},O={name},serialNumber=UI:DK-O:G:{},CN={name}",
                Uuid::new_v4()
            ),
        };
        Name::from_str(&text).map_err(failed)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authority").field(&self.shape).finish()
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.certificate.tbs_certificate().subject();
        f.debug_tuple("Issued").field(&subject.to_string()).finish()
    }
}

fn authority_name(shape: Shape, name: &str) -> Result<Name, Error> {
    let organisation = match shape {
        Shape::Oces2 => "SF209X TRUST",
        Shape::Oces3 => "SF209X Den Danske Stat",
    };
    Name::from_str(&format!("CN={name},O={organisation},C=DK")).map_err(failed)
}

/// What a server on this machine is called by.
fn this_machine() -> Result<SubjectAltName, Error> {
    Ok(SubjectAltName(vec![
        GeneralName::DnsName(Ia5String::new("localhost").map_err(failed)?),
        GeneralName::from(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    ]))
}

fn validity(valid: Option<Duration>) -> Result<Validity, Error> {
    let now = SystemTime::now();
    let until = valid.map_or(now - BEFORE / 2, |valid| now + valid);
    let time = |time: SystemTime| Time::try_from(time).map_err(failed);
    Ok(Validity::new(time(now - BEFORE)?, time(until)?))
}

fn certify(
    profile: Profile,
    key: &Key,
    issuer: &Key,
    validity: Validity,
) -> Result<Certificate, Error> {
    let serial = SerialNumber::new(&Uuid::new_v4().as_u128().to_be_bytes()).map_err(failed)?;
    let spki = SubjectPublicKeyInfo::from_der(&key.public()?).map_err(failed)?;
    let builder = CertificateBuilder::new(profile, serial, validity, spki).map_err(failed)?;
    builder.build(issuer).map_err(failed)
}
