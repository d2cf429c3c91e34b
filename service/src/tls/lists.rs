//! Revocation lists from one reading of the files to the next: an older one does not take a newer one's place.
//!
//! With an old list put where the one in force was, certificates would be believed again that have been revoked since. Lists of one
//! authority are told apart by their number, which never falls (RFC 5280, section 5.2.3), and by the time at which they were made.

use std::cmp::Ordering;
use std::fmt;

use rustls::pki_types::CertificateRevocationListDer;
use soap::discreet;
use x509_cert::crl::{CertificateList, TbsCertList};
use x509_cert::der::asn1::Uint;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_DELTA_CRL_INDICATOR,
    ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use x509_cert::der::{Decode as _, Encode as _};

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

/// What the editions of a list have in common: the issuer and its key, and which certificates they are about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    issuer: Vec<u8>,
    extensions: [Option<Vec<u8>>; 3],
}

/// Puts what is in force in the place of the lists in `loaded` that are older, and tells of those.
pub(super) fn keep_newer(
    loaded: &mut [CertificateRevocationListDer<'static>],
    in_force: &[CertificateRevocationListDer<'static>],
) -> Vec<Outdated> {
    let editions: Vec<Edition> = loaded.iter().filter_map(Edition::of).collect();
    let in_force: Vec<_> = in_force
        .iter()
        .filter_map(|list| Some((Edition::of(list)?, list)))
        .collect();
    let mut outdated = Vec::new();
    for list in loaded {
        let Some(edition) = Edition::of(list) else {
            continue;
        };
        let newest = editions.iter().filter(|other| other.kind == edition.kind);
        let newest = newest.max_by(|one, other| one.age(other));
        let current = in_force
            .iter()
            .filter(|(other, _)| other.kind == edition.kind);
        let current = current.max_by(|(one, _), (other, _)| one.age(other));
        if let (Some(newest), Some((current, its))) = (newest, current)
            && newest.age(current) == Ordering::Less
        {
            *list = CertificateRevocationListDer::clone(its);
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
                extensions: [
                    ID_CE_AUTHORITY_KEY_IDENTIFIER,
                    ID_CE_ISSUING_DISTRIBUTION_POINT,
                    ID_CE_DELTA_CRL_INDICATOR,
                ]
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
