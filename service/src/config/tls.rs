//! What a role proves itself with on the wire, and whom it trusts there: the files, not what stands in them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Wrong, wrong};

/// The TLS of a role: as server towards its callers, as client towards the servers that it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// What the role proves itself with, in both directions.
    pub identity: Identity,
    /// Who may call: whose client certificates are taken.
    pub callers: Trust,
    /// Who may be called: whose server certificates are taken.
    pub servers: Trust,
}

/// Where a certificate with its chain, and its key, stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Two files in PEM.
    Pem {
        /// The certificate, then those of the authorities below the root.
        certificate: PathBuf,
        /// The private key, not encrypted: PKCS#8, PKCS#1 or SEC 1.
        key: PathBuf,
    },
    /// One PKCS#12 file, as OCES3 hands them out.
    #[cfg(feature = "pkcs12")]
    Pkcs12 {
        /// The file.
        file: PathBuf,
        /// A file with the password, on one line.
        password: PathBuf,
    },
}

/// Whose certificates are taken in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The roots, in PEM files.
    pub roots: Vec<PathBuf>,
    /// Authorities below the roots, in PEM files: those of who signs messages, which bring no chain, as TLS does.
    pub intermediates: Vec<PathBuf>,
    /// What is asked about revocation.
    pub revocation: Revocation,
}

/// How revoked certificates are found out. Without a list a revoked certificate passes, so having none is a choice to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// These lists speak for every authority of a chain, and none of them is out of date; otherwise the certificate is refused.
    Required(Vec<PathBuf>),
    /// What these lists name is refused; what an authority without a list, or with an old one, has issued is taken.
    WhereKnown(Vec<PathBuf>),
    /// Nothing is asked.
    Unchecked,
}

impl Tls {
    /// Every file that is read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let trust = [&self.callers, &self.servers].into_iter();
        trust.flat_map(Trust::files).chain(self.identity.files())
    }
}

impl Identity {
    /// The file with the certificate, and the other one.
    pub(crate) fn files(&self) -> [&Path; 2] {
        match self {
            Self::Pem { certificate, key } => [certificate, key],
            #[cfg(feature = "pkcs12")]
            Self::Pkcs12 { file, password } => [file, password],
        }
    }

    /// Those of them that nobody else should read.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Path> {
        let [certificate, key] = self.files();
        let is_open = matches!(self, Self::Pem { .. });
        [certificate, key].into_iter().skip(usize::from(is_open))
    }
}

impl Trust {
    fn files(&self) -> impl Iterator<Item = &Path> {
        let above = self.roots.iter().chain(&self.intermediates);
        above.chain(self.crls()).map(PathBuf::as_path)
    }

    /// The files with revocation lists.
    pub(crate) fn crls(&self) -> &[PathBuf] {
        match &self.revocation {
            Revocation::Required(crls) | Revocation::WhereKnown(crls) => crls,
            Revocation::Unchecked => &[],
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    pkcs12: Option<PathBuf>,
    password_file: Option<PathBuf>,
    callers: RawTrust,
    servers: RawTrust,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrust {
    roots: Vec<PathBuf>,
    #[serde(default)]
    intermediates: Vec<PathBuf>,
    #[serde(default)]
    crls: Vec<PathBuf>,
    #[serde(default)]
    revocation: RawRevocation,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawRevocation {
    #[default]
    Required,
    WhereKnown,
    Unchecked,
}

/// Checks the section at `key`; paths lead from `folder`, where the configuration file is.
pub(super) fn checked(key: &str, raw: &Raw, folder: &Path) -> Result<Tls, Wrong> {
    Ok(Tls {
        identity: checked_identity(key, raw, folder)?,
        callers: checked_trust(&format!("{key}.callers"), &raw.callers, folder)?,
        servers: checked_trust(&format!("{key}.servers"), &raw.servers, folder)?,
    })
}

fn checked_identity(key: &str, raw: &Raw, folder: &Path) -> Result<Identity, Wrong> {
    match (&raw.certificate, &raw.key, &raw.pkcs12, &raw.password_file) {
        (Some(certificate), Some(private), None, None) => Ok(Identity::Pem {
            certificate: folder.join(certificate),
            key: folder.join(private),
        }),
        #[cfg(feature = "pkcs12")]
        (None, None, Some(file), Some(password)) => Ok(Identity::Pkcs12 {
            file: folder.join(file),
            password: folder.join(password),
        }),
        #[cfg(not(feature = "pkcs12"))]
        (None, None, Some(_), _) => Err(wrong(
            format!("{key}.pkcs12"),
            "this build takes PEM only: it was made without the feature pkcs12",
        )),
        _ => Err(wrong(
            key,
            "needs certificate and key, or else pkcs12 and password_file",
        )),
    }
}

fn checked_trust(key: &str, raw: &RawTrust, folder: &Path) -> Result<Trust, Wrong> {
    if raw.roots.is_empty() {
        let nobody = "must name at least one file: without a root nobody is trusted";
        return Err(wrong(format!("{key}.roots"), nobody));
    }
    let all = |paths: &[PathBuf]| paths.iter().map(|path| folder.join(path)).collect();
    let revocation = match (raw.revocation, raw.crls.is_empty()) {
        (RawRevocation::Required, false) => Revocation::Required(all(&raw.crls)),
        (RawRevocation::WhereKnown, false) => Revocation::WhereKnown(all(&raw.crls)),
        (RawRevocation::Unchecked, true) => Revocation::Unchecked,
        (RawRevocation::Unchecked, false) => {
            let both = "revocation = \"unchecked\" would not read them";
            return Err(wrong(format!("{key}.crls"), both));
        }
        (RawRevocation::Required | RawRevocation::WhereKnown, true) => {
            let none =
                "must name the revocation lists; to go without, say revocation = \"unchecked\"";
            return Err(wrong(format!("{key}.crls"), none));
        }
    };
    Ok(Trust {
        roots: all(&raw.roots),
        intermediates: all(&raw.intermediates),
        revocation,
    })
}
