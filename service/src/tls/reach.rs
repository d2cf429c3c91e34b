//! How far credentials reach, so that files that were written in part do not take something away.
//!
//! A file that is cut between two PEM blocks looks whole. What it shows is that there is less than before: a certificate without the
//! authorities above it, or no list of an authority that had one. A process that reads its files by itself leaves such ones alone;
//! whoever means it says so by a hangup, or starts the process again.

use std::collections::BTreeSet;
use std::path::Path;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use soap::security::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode as _, Encode as _};

use super::Error;
use super::files::{Anchors, Material};
use crate::config::Tls;

/// What credentials have that one cut in a file would take away.
#[derive(Debug)]
pub(super) struct Reach {
    /// Authorities above the certificate, as far as each is vouched for by the next.
    above: usize,
    callers: BTreeSet<Vec<u8>>,
    servers: BTreeSet<Vec<u8>>,
}

impl Reach {
    pub(super) fn of(material: &Material) -> Self {
        let authorities = |anchors: &Anchors| anchors.crls.iter().filter_map(issuer).collect();
        Self {
            above: above(&material.chain),
            callers: authorities(&material.callers),
            servers: authorities(&material.servers),
        }
    }

    /// Whether it takes nothing away from what was there `before`.
    ///
    /// # Errors
    /// It does, and may have been read from files that are not whole.
    pub(super) fn covers(&self, before: &Self, settings: &Tls) -> Result<(), Error> {
        let less = |file: Option<&Path>, what: &str| {
            let text = format!("{what} than before: if that is meant, send SIGHUP or start again");
            Err(Error::new(file.unwrap_or(Path::new("")), text))
        };
        if self.above < before.above {
            let [file, _] = settings.identity.files();
            return less(Some(file), "has fewer authorities above the certificate");
        }
        let callers = (&self.callers, &before.callers, &settings.callers);
        let servers = (&self.servers, &before.servers, &settings.servers);
        for (now, before, trust) in [callers, servers] {
            if !now.is_superset(before) {
                let what = "has revocation lists of fewer authorities";
                return less(trust.crls().first().map(AsRef::as_ref), what);
            }
        }
        Ok(())
    }
}

/// How many authorities of `chain` lead up from its first certificate.
fn above(chain: &[CertificateDer<'_>]) -> usize {
    let chain = chain
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok());
    let chain: Vec<Certificate> = chain.collect();
    let next = |at: &&Certificate| {
        let mut others = chain.iter();
        let issuer = at.issuer();
        others.find(|other| other.subject() == issuer && other.issuer() != issuer)
    };
    let path = std::iter::successors(chain.first(), next);
    path.skip(1).take(chain.len()).count()
}

/// The name of the authority that `crl` is from, in DER.
fn issuer(crl: &CertificateRevocationListDer<'_>) -> Option<Vec<u8>> {
    let list: CertificateList = CertificateList::from_der(crl).ok()?;
    list.tbs_cert_list.issuer.to_der().ok()
}
