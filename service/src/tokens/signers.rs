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
    current: Mutex<Arc<Vec<Certificate>>>,
}

/// Why the certificates cannot be read: the place of the file among those that were given, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Which file it is, from 0.
    pub index: usize,
    reason: String,
}

impl Signers {
    /// Reads a certificate in PEM from each of `files`.
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
    pub fn current(&self) -> Arc<Vec<Certificate>> {
        let current = self.shared.current.lock();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Those, as whom to believe.
    pub(crate) fn trust(&self) -> Trust {
        let signers = self.current();
        signers
            .iter()
            .cloned()
            .fold(Trust::new(), Trust::with_signer)
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

fn read(files: &[PathBuf]) -> Result<Vec<Certificate>, Unread> {
    let read = |(index, file): (usize, &PathBuf)| {
        let unread = |reason: &dyn fmt::Display| Unread {
            index,
            reason: format!("{}{reason}", file.display()),
        };
        let pem = std::fs::read(file)
            .map_err(|error| unread(&format_args!(" cannot be read: {error}")))?;
        Certificate::from_pem(&pem).map_err(|error| unread(&format_args!(": {error}")))
    };
    files.iter().enumerate().map(read).collect()
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
