//! Watching the files of credentials and of signers, and reading them again when they change.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Credentials, Error, files};
use crate::tokens::Signers;

/// How long a folder must be quiet before its files are read, and how long after that they must still be the same: what is written in
/// several steps is then read once.
const QUIET: Duration = Duration::from_millis(250);

/// How many changes are waited out before the files are read all the same: a folder may never be quiet.
const PATIENCE: usize = 20;

/// What a process reads again while it runs.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// The credentials of its roles.
    pub credentials: Vec<Credentials>,
    /// Whose tokens it believes.
    pub signers: Option<Signers>,
}

/// Watches the folders of the files that are reloaded. The folders, not the files: a file that is replaced would no longer be the one that
/// is watched, nor would one behind a link that now leads elsewhere.
#[derive(Debug)]
pub struct Watcher {
    /// Watches for as long as it lives.
    _notify: RecommendedWatcher,
    changes: UnboundedReceiver<()>,
    reloaded: Reloaded,
}

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// The system cannot watch a folder.
    pub fn new(reloaded: Reloaded) -> notify::Result<Self> {
        let (sender, changes) = unbounded_channel();
        let mut notify = notify::recommended_watcher(move |event| {
            if changes_something(&event) {
                // Nobody listens once the watcher is dropped.
                let _ = sender.send(());
            }
        })?;
        for folder in reloaded.folders() {
            notify::Watcher::watch(&mut notify, &folder, RecursiveMode::NonRecursive)?;
        }
        Ok(Self {
            _notify: notify,
            changes,
            reloaded,
        })
    }

    /// Reads the files again whenever they have changed; returns only if the system stops to watch.
    pub async fn run(mut self) {
        // Keyed at random, so that a number tells nothing of a key.
        let hashes = RandomState::new();
        while self.changes.recv().await.is_some() {
            let mut before = None;
            for _ in 0..PATIENCE {
                match tokio::time::timeout(QUIET, self.changes.recv()).await {
                    Ok(Some(())) => continue,
                    Ok(None) => break,
                    Err(_) => {}
                }
                let stands = Some(self.reloaded.content(&hashes));
                if before == stands {
                    break;
                }
                before = stands;
            }
            self.reloaded.refresh();
        }
    }
}

impl Reloaded {
    /// Reads all of it again, as somebody asks, and logs what came of that.
    pub(crate) fn reload(&self) {
        self.read(Credentials::reload);
    }

    /// The same since files have changed.
    fn refresh(&self) {
        self.read(Credentials::refresh);
    }

    fn read(&self, again: fn(&Credentials) -> Result<bool, Error>) {
        for credentials in &self.credentials {
            match again(credentials) {
                Ok(true) => tracing::info!("certificates, keys and revocation lists are reloaded"),
                Ok(false) => {}
                Err(error) => tracing::error!(
                    failures = credentials.failures(),
                    "certificates, keys and revocation lists stay as they are: {error}"
                ),
            }
        }
        match self.signers.as_ref().map(Signers::reload) {
            Some(Ok(true)) => tracing::info!("the certificates that sign tokens are reloaded"),
            Some(Ok(false)) | None => {}
            Some(Err(error)) => {
                tracing::error!("the certificates that sign tokens stay as they are: {error}");
            }
        }
    }

    /// What stands in all the files: a number that differs where that does, but for chance.
    fn content(&self, hashes: &RandomState) -> u64 {
        let mut hasher = hashes.build_hasher();
        for file in self.files() {
            let content = files::read(file).ok();
            content.as_deref().hash(&mut hasher);
        }
        hasher.finish()
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        let files = self.credentials.iter().flat_map(Credentials::files);
        files.chain(self.signers.iter().flat_map(Signers::files))
    }

    fn folders(&self) -> BTreeSet<PathBuf> {
        let folder = |file: &Path| match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        self.files().map(folder).collect()
    }
}

/// Reading the files is an event too, and must not lead to reading them again.
fn changes_something(event: &notify::Result<Event>) -> bool {
    match event {
        Ok(event) => match event.kind {
            EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
            EventKind::Any
            | EventKind::Create(_)
            | EventKind::Modify(_)
            | EventKind::Remove(_)
            | EventKind::Other => true,
        },
        // Events may have been lost.
        Err(_) => true,
    }
}
