//! TLS 1.2 and 1.3 under HTTP: what proves this side, whose word it takes, and who the other side is.
//!
//! Callers must show a certificate; a server is taken by the names in its certificate. Whoever calls or is called proves it anew on
//! each connection: sessions are not resumed, so that what was revoked meanwhile stays out.
//!
//! [`Credentials`] are read from files, and read again when those change and then stand still: what is wrong then changes nothing, nor
//! does what takes away, unless somebody asks for it; what is right holds for the next connection, while those that are open end after
//! the call that they are in.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rustls::{ClientConfig, ServerConfig};
use soap::discreet;
use soap::security::{Certificate, LIB_BAS, MessageSigner, Trust, WS_TRUST};
use tokio::sync::watch;

use self::files::{Anchors, Material};
use self::reach::Reach;
use crate::config::Tls;

mod accept;
mod dial;
mod files;
mod lists;
mod reach;
mod verify;
mod watcher;

pub(crate) use self::accept::accept;
pub use self::dial::Dialer;
pub use self::watcher::{Reloaded, Watcher};

/// The credentials of a role, kept up to date; clones share them.
#[derive(Clone)]
pub struct Credentials {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Tls,
    /// Keyed at random, so that a fingerprint tells nothing of a key.
    fingerprints: RandomState,
    current: watch::Sender<Arc<Current>>,
    /// Held while the files are read again, so that what was read last is what stays.
    reloading: Mutex<()>,
    failures: AtomicU64,
}

/// Credentials as they are at one time.
pub struct Current {
    fingerprint: u64,
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    anonymous: Arc<ClientConfig>,
    open_server: Arc<ServerConfig>,
    certificate: Certificate,
    signer: Arc<MessageSigner>,
    trust_signer: Arc<MessageSigner>,
    callers: Anchors,
    servers: Anchors,
    reach: Reach,
}

impl Credentials {
    /// Reads the files of `settings`.
    ///
    /// # Errors
    /// A file cannot be read or holds something else, key and certificate are no pair, or the lists do not fit.
    pub fn load(settings: Tls) -> Result<Self, Error> {
        let fingerprints = RandomState::new();
        let current = Current::load(&settings, &fingerprints, None)?;
        for file in settings.identity.secrets() {
            warn_of_readers(file);
        }
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                fingerprints,
                current: watch::Sender::new(Arc::new(current)),
                reloading: Mutex::new(()),
                failures: AtomicU64::new(0),
            }),
        })
    }

    /// What holds for a connection that is made now.
    pub fn current(&self) -> Arc<Current> {
        Arc::clone(&self.shared.current.borrow())
    }

    /// Changes when the credentials do.
    pub fn changes(&self) -> watch::Receiver<Arc<Current>> {
        self.shared.current.subscribe()
    }

    /// Reads the files again, and says whether that changed anything: for when somebody asks for it.
    ///
    /// # Errors
    /// As [`Credentials::load`]; what was in force stays so, and the failure is counted.
    pub fn reload(&self) -> Result<bool, Error> {
        self.replace(|_, _| Ok(()))
    }

    /// The same for when nobody asks: what takes something away that was there may come from files that are not whole, and changes
    /// nothing.
    ///
    /// # Errors
    /// As [`Credentials::reload`]; or the certificate has fewer authorities above it than before, or an authority that had a revocation
    /// list has none.
    pub fn refresh(&self) -> Result<bool, Error> {
        let settings = &self.shared.settings;
        self.replace(|loaded, current| loaded.reach.covers(&current.reach, settings))
    }

    fn replace(
        &self,
        check: impl Fn(&Current, &Current) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let shared = &self.shared;
        let _alone = shared.reloading.lock();
        let current = self.current();
        let loaded = Current::load(&shared.settings, &shared.fingerprints, Some(&current));
        let loaded = loaded.and_then(|loaded| {
            check(&loaded, &current)?;
            Ok(loaded)
        });
        let loaded = loaded.inspect_err(|_| {
            shared.failures.fetch_add(1, Ordering::Relaxed);
        })?;
        Ok(shared.current.send_if_modified(|current| {
            let changed = current.fingerprint != loaded.fingerprint;
            if changed {
                *current = Arc::new(loaded);
            }
            changed
        }))
    }

    /// How often reading again has failed.
    pub fn failures(&self) -> u64 {
        self.shared.failures.load(Ordering::Relaxed)
    }

    /// The files that are read.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.shared.settings.files()
    }
}

impl Current {
    /// Reads the files; `before` is what they held, whose revocation lists stay where those that are read are older.
    fn load(
        settings: &Tls,
        fingerprints: &RandomState,
        before: Option<&Self>,
    ) -> Result<Self, Error> {
        let mut material = Material::read(settings)?;
        if let Some(before) = before {
            let authorities = material.authorities();
            for (loaded, in_force) in [
                (&mut material.callers, &before.callers),
                (&mut material.servers, &before.servers),
            ] {
                for list in lists::keep_newer(&mut loaded.crls, &in_force.crls, &authorities) {
                    tracing::warn!(%list, "an older revocation list is not taken: the newer one stays in force");
                }
            }
        }
        let key = verify::pair(&material)?;
        Ok(Self {
            fingerprint: fingerprints.hash_one(&material),
            server: verify::server(&key, Some(&material.callers))?,
            client: verify::client(Some(&key), &material.servers)?,
            anonymous: verify::client(None, &material.servers)?,
            open_server: verify::server(&key, None)?,
            certificate: material.certificate()?,
            signer: Arc::new(MessageSigner::new(&LIB_BAS, material.signing_key()?)),
            trust_signer: Arc::new(MessageSigner::new(&WS_TRUST, material.signing_key()?)),
            reach: Reach::of(&material),
            callers: material.callers,
            servers: material.servers,
        })
    }

    /// For connections that are taken in where who calls is proved by signed messages alone.
    pub fn open_server(&self) -> &Arc<ServerConfig> {
        &self.open_server
    }

    /// Signs calls and their answers.
    pub fn signer(&self) -> &Arc<MessageSigner> {
        &self.signer
    }

    /// Signs what is said to and by the security token service.
    pub fn trust_signer(&self) -> &Arc<MessageSigner> {
        &self.trust_signer
    }

    /// Whose signatures are believed in messages: of those whose client certificates are taken.
    pub fn trust(&self) -> Trust {
        self.callers.trust()
    }

    /// What this side proves itself by.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// For connections that are taken in: the caller must show a certificate.
    pub fn server(&self) -> &Arc<ServerConfig> {
        &self.server
    }

    /// For connections that are made.
    pub fn client(&self) -> &Arc<ClientConfig> {
        &self.client
    }

    /// For connections that are made without a certificate of ours, as to the security token service.
    pub fn anonymous(&self) -> &Arc<ClientConfig> {
        &self.anonymous
    }
}

/// Says so where others than the owner of `file` may read it, by its mode on Unix. It is taken all the same: how a system hands out
/// its secrets is not for a role to decide.
fn warn_of_readers(file: &Path) {
    if let Some(mode) = files::open_to_others(file) {
        let file = discreet(&file.to_string_lossy(), SHOWN);
        tracing::warn!(
            file,
            mode = format!("{mode:04o}"),
            "others than its owner may read a secret"
        );
    }
}

/// Nothing of a key.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials")
            .field(&self.shared.settings)
            .finish()
    }
}

/// Nothing of a key.
impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}

/// What is wrong with a file of the credentials. Nothing in it comes out of the file, and where the file's name may be a key, as one that
/// was put in its place, it is not shown either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    file: PathBuf,
    reason: String,
}

impl Error {
    fn new(file: &Path, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            reason: reason.into(),
        }
    }
}

/// How much of a file's name is shown, in characters.
const SHOWN: usize = 300;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = discreet(&self.file.to_string_lossy(), SHOWN);
        write!(f, "{file}: {}", self.reason)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
