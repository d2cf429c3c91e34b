//! The certificates that the security token service signs with, from files that are read again when they change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use soap::discreet;
use soap::security::{Certificate, Trust};

/// The old certificate and the new one while they change; clones share them.
#[derive(Clone)]
pub struct Signers {
    shared: Arc<Shared>,
}

struct Shared {
    files: Vec<PathBuf>,
    current: Mutex<Arc<Known>>,
}

/// What stands in the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Known {
    signers: Vec<Certificate>,
    /// What follows a signer's certificate in its file: those of the authorities above it.
    authorities: Vec<Certificate>,
}

/// Why the certificates cannot be read: the place of the file among those that were given, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Which file it is, from 0.
    pub index: usize,
    reason: String,
}

impl Known {
    /// Whether this certificate is a signer's.
    pub(crate) fn name(&self, certificate: &Certificate) -> bool {
        self.signers.contains(certificate)
    }
}

impl Signers {
    /// Reads a certificate in PEM from each of `files`; those of the authorities above it may follow.
    ///
    /// # Errors
    /// One cannot be read, or holds something else.
    pub fn load(files: Vec<PathBuf>) -> Result<Self, Unread> {
        let current = Mutex::new(Arc::new(read(&files)?));
        Ok(Self {
            shared: Arc::new(Shared { files, current }),
        })
    }

    /// The certificates that are believed now.
    pub fn current(&self) -> Arc<Known> {
        let current = self.shared.current.lock();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Those, as whom to believe, unless by the roots and revocation lists of `callers` they have been revoked: the token service
    /// signs as those do who sign messages, and the same lists speak of it.
    pub(crate) fn trust(&self, callers: Trust) -> Trust {
        let known = self.current();
        let trust = known
            .authorities
            .iter()
            .fold(callers, Trust::with_intermediate);
        let signers = known.signers.iter().cloned();
        signers.fold(trust, Trust::with_signer).only_signers()
    }

    /// Reads the files again, and says whether that changed anything.
    ///
    /// # Errors
    /// As [`Signers::load`]; the certificates stay as they were.
    pub fn reload(&self) -> Result<bool, Unread> {
        let read = read(&self.shared.files)?;
        let mut current = self
            .shared
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let changed = **current != read;
        if changed {
            *current = Arc::new(read);
        }
        Ok(changed)
    }

    /// The files that are read.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.shared.files.iter().map(PathBuf::as_path)
    }
}

fn read(files: &[PathBuf]) -> Result<Known, Unread> {
    let mut known = Known::default();
    for (index, file) in files.iter().enumerate() {
        let unread = |reason: &dyn fmt::Display| Unread {
            index,
            reason: format!("{}{reason}", file.display()),
        };
        let pem = std::fs::read(file)
            .map_err(|error| unread(&format_args!(" cannot be read: {error}")))?;
        let mut all = Certificate::all_from_pem(&pem)
            .map_err(|error| unread(&format_args!(": {error}")))?
            .into_iter();
        known.signers.extend(all.next());
        known.authorities.extend(all);
    }
    Ok(known)
}

impl fmt::Debug for Signers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signers").field(&self.shared.files).finish()
    }
}

/// How much of a reason is shown, in characters: a key may have been put where its file belongs.
const SHOWN: usize = 500;

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&discreet(&self.reason, SHOWN))
    }
}

impl std::error::Error for Unread {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pki::{Authority, Holder, Shape};

    #[test]
    fn what_is_damaged_changes_nothing() {
        let folder = tempfile::TempDir::new().unwrap();
        let authority = Authority::root(Shape::Oces2, "SF209X CA").unwrap();
        let pem = |name| {
            let cvr = "90000094".parse().unwrap();
            let valid = Some(Duration::from_secs(3600));
            let issued = authority.issue(&Holder { name, cvr, valid }).unwrap();
            issued.chain_pem().unwrap()
        };
        let (old, new) = (pem("old"), pem("new"));
        let file = folder.path().join("sts.pem");
        std::fs::write(&file, &old).unwrap();
        let signers = Signers::load(vec![file.clone()]).unwrap();
        let first = signers.current();
        assert_eq!(signers.reload(), Ok(false));

        std::fs::write(&file, &new[..new.len() / 3]).unwrap();
        let error = signers.reload().unwrap_err();
        assert!(error.to_string().contains("sts.pem"), "{error}");
        assert_eq!(signers.current(), first);

        std::fs::write(&file, &new).unwrap();
        assert_eq!(signers.reload(), Ok(true));
        assert_ne!(signers.current(), first);
        std::fs::remove_file(file).unwrap();
        assert!(signers.reload().is_err());
    }
}
