//! Revocation lists, when they are read: a known authority's is signed by it, of several editions of one the newest counts, and from one
//! reading of the files to the next an older one does not take a newer one's place.
//!
//! With an old list put where the one in force was, certificates would be believed again that have been revoked since. Lists of one
//! authority are told apart by their number, which never falls (RFC 5280, section 5.2.3), and by the time at which they were made.

use std::cmp::Ordering;
use std::fmt;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use soap::discreet;
use x509_cert::Certificate;
use x509_cert::crl::{CertificateList, TbsCertList};
use x509_cert::der::asn1::{AnyRef, BitString, Uint};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::rfc5280::{
    ID_CE_CRL_NUMBER, ID_CE_DELTA_CRL_INDICATOR, ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use x509_cert::der::{self, Decode, Encode as _, Reader as _, SliceReader};

/// A list that is older than the one in force.
#[derive(Debug)]
pub(super) struct Outdated(Edition);

/// Which list it is, of whose.
#[derive(Clone, Debug)]
struct Edition {
    issuer: String,
    kind: Kind,
    number: Option<Uint>,
    /// When it was made, in seconds since 1970.
    made: u64,
}

/// What the editions of a list have in common, as webpki tells lists apart: the issuer, and which certificates they are about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    issuer: Vec<u8>,
    extensions: [Option<Vec<u8>>; 2],
}

/// Whether a list can be read, and is signed by the authority whose it is by its name, if that is one of `authorities`: of one that is not
/// known, nothing is believed either.
///
/// # Errors
/// What it is instead.
pub(super) fn check(
    list: &CertificateRevocationListDer<'_>,
    authorities: &[CertificateDer<'static>],
) -> Result<(), String> {
    let Some(edition) = Edition::of(list) else {
        return Err("a revocation list that cannot be read".to_owned());
    };
    let mut namesakes = namesakes(&edition, authorities).peekable();
    let is_known = namesakes.peek().is_some();
    if is_known && !namesakes.any(|authority| is_signed_by(list, &authority).unwrap_or(false)) {
        let issuer = discreet(&edition.issuer, MOST_SHOWN);
        return Err(format!(
            "a revocation list of {issuer} that it has not signed"
        ));
    }
    Ok(())
}

/// The authorities that have the name of who issued a list.
fn namesakes(
    edition: &Edition,
    authorities: &[CertificateDer<'static>],
) -> impl Iterator<Item = Certificate> {
    let read = authorities
        .iter()
        .filter_map(|authority| Certificate::from_der(authority).ok());
    read.filter(|authority| {
        let name = authority.tbs_certificate().subject().to_der();
        name.is_ok_and(|name| name == edition.kind.issuer)
    })
}

/// Whether a list in DER has a signature by the key of `authority`, in one of the ways in which certificates are signed.
fn is_signed_by(list: &[u8], authority: &Certificate) -> der::Result<bool> {
    let (signed, algorithm, signature) = SliceReader::new(list)?.sequence(|parts| {
        let (signed, algorithm) = (parts.tlv_bytes()?, parts.tlv_bytes()?);
        Ok::<_, der::Error>((signed, algorithm, BitString::decode(parts)?))
    })?;
    let key = authority.tbs_certificate().subject_public_key_info();
    let kind = key.algorithm.to_der()?;
    // As webpki knows algorithms: by what stands in their SEQUENCE.
    let (kind, algorithm) = (AnyRef::from_der(&kind)?, AnyRef::from_der(algorithm)?);
    let known = default_provider().signature_verification_algorithms.all;
    let mut taken = known.iter().filter(|known| {
        known.public_key_alg_id().as_ref() == kind.value()
            && known.signature_alg_id().as_ref() == algorithm.value()
    });
    let (key, signature) = (key.subject_public_key.raw_bytes(), signature.raw_bytes());
    Ok(taken.any(|known| known.verify_signature(key, signed, signature).is_ok()))
}

/// The newest of each list: of several, whoever verifies chains would go by the first.
pub(super) fn newest(
    lists: Vec<CertificateRevocationListDer<'static>>,
) -> Vec<CertificateRevocationListDer<'static>> {
    let mut newest: Vec<(Option<Edition>, CertificateRevocationListDer<'static>)> = Vec::new();
    for list in lists {
        let edition = Edition::of(&list);
        let is_of_its_kind = |held: &Option<Edition>| {
            let both = held.as_ref().zip(edition.as_ref());
            both.is_some_and(|(held, own)| held.kind == own.kind)
        };
        match newest.iter_mut().find(|(held, _)| is_of_its_kind(held)) {
            None => newest.push((edition, list)),
            Some(held) => {
                let ages = held.0.as_ref().zip(edition.as_ref());
                if ages.is_some_and(|(held, own)| held.age(own) == Ordering::Less) {
                    *held = (edition, list);
                }
            }
        }
    }
    newest.into_iter().map(|(_, list)| list).collect()
}

/// Puts what is in force in the place of the lists in `loaded` that are older, and tells of those. There are no two of one kind in either.
/// Lists whose authority is none of `authorities` have proven nothing, and are no newer than any.
pub(super) fn keep_newer(
    loaded: &mut [CertificateRevocationListDer<'static>],
    in_force: &[CertificateRevocationListDer<'static>],
    authorities: &[CertificateDer<'static>],
) -> Vec<Outdated> {
    let read = in_force
        .iter()
        .filter_map(|list| Some((Edition::of(list)?, list)));
    let in_force: Vec<_> = read
        .filter(|(edition, _)| namesakes(edition, authorities).next().is_some())
        .collect();
    let mut outdated = Vec::new();
    for list in loaded {
        let Some(edition) = Edition::of(list) else {
            continue;
        };
        let mut held = in_force.iter();
        let current = held.find(|(held, _)| held.kind == edition.kind);
        if let Some((_, current)) = current.filter(|(held, _)| edition.age(held) == Ordering::Less)
        {
            *list = CertificateRevocationListDer::clone(current);
            outdated.push(Outdated(edition));
        }
    }
    outdated
}

impl Edition {
    /// Of a list in DER that can be read.
    fn of(list: &CertificateRevocationListDer<'_>) -> Option<Self> {
        let list: CertificateList = CertificateList::from_der(list).ok()?;
        let list = list.tbs_cert_list;
        let number = extension(&list, ID_CE_CRL_NUMBER);
        Some(Self {
            issuer: list.issuer.to_string(),
            kind: Kind {
                issuer: list.issuer.to_der().ok()?,
                extensions: [ID_CE_ISSUING_DISTRIBUTION_POINT, ID_CE_DELTA_CRL_INDICATOR]
                    .map(|id| extension(&list, id).map(<[u8]>::to_vec)),
            },
            number: number.and_then(|der| Uint::from_der(der).ok()),
            made: list.this_update.to_unix_duration().as_secs(),
        })
    }

    /// Less where it is older than `other`.
    fn age(&self, other: &Self) -> Ordering {
        let numbers = self.number.as_ref().zip(other.number.as_ref());
        // Numbers have no leading zeros.
        let numbers = numbers.map(|(own, other)| {
            let (own, other) = (own.as_bytes(), other.as_bytes());
            own.len().cmp(&other.len()).then_with(|| own.cmp(other))
        });
        let numbers = numbers.unwrap_or(Ordering::Equal);
        numbers.then_with(|| self.made.cmp(&other.made))
    }
}

fn extension(list: &TbsCertList, id: ObjectIdentifier) -> Option<&[u8]> {
    let mut extensions = list.crl_extensions.iter().flatten();
    let found = extensions.find(|extension| extension.extn_id == id);
    found.map(|extension| extension.extn_value.as_bytes())
}

/// Who made it, and which it is.
impl fmt::Display for Outdated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&discreet(&self.0.issuer, MOST_SHOWN))?;
        if let Some(number) = &self.0.number {
            f.write_str(", number ")?;
            for octet in number.as_bytes() {
                write!(f, "{octet:02x}")?;
            }
        }
        Ok(())
    }
}

/// Characters of an issuer that are shown.
const MOST_SHOWN: usize = 300;
