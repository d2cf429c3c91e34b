//! Watching the files of credentials, and reading them again when they change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::Credentials;

/// How long a folder must be quiet before its files are read: what is written in several steps is then read once.
const QUIET: Duration = Duration::from_millis(250);

/// How many changes are waited out before the files are read all the same: a folder may never be quiet.
const PATIENCE: usize = 20;

/// Watches the folders of the credentials' files. The folders, not the files: a file that is replaced would no longer be the one that
/// is watched, nor would one behind a link that now leads elsewhere.
#[derive(Debug)]
pub struct Watcher {
    /// Watches for as long as it lives.
    _notify: RecommendedWatcher,
    changes: UnboundedReceiver<()>,
    credentials: Vec<Credentials>,
}

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// The system cannot watch a folder.
    pub fn new(credentials: Vec<Credentials>) -> notify::Result<Self> {
        let (sender, changes) = unbounded_channel();
        let mut notify = notify::recommended_watcher(move |event| {
            if changes_something(&event) {
                // Nobody listens once the watcher is dropped.
                let _ = sender.send(());
            }
        })?;
        for folder in folders(&credentials) {
            notify::Watcher::watch(&mut notify, &folder, RecursiveMode::NonRecursive)?;
        }
        Ok(Self {
            _notify: notify,
            changes,
            credentials,
        })
    }

    /// Reads the files again whenever they have changed; returns only if the system stops to watch.
    pub async fn run(mut self) {
        while self.changes.recv().await.is_some() {
            for _ in 0..PATIENCE {
                match tokio::time::timeout(QUIET, self.changes.recv()).await {
                    Ok(Some(())) => {}
                    Ok(None) | Err(_) => break,
                }
            }
            reload(&self.credentials);
        }
    }
}

/// Reads all of `credentials` again and logs what came of it.
pub(crate) fn reload(credentials: &[Credentials]) {
    for credentials in credentials {
        match credentials.reload() {
            Ok(true) => tracing::info!("certificates, keys and revocation lists are reloaded"),
            Ok(false) => {}
            Err(error) => tracing::error!(
                failures = credentials.failures(),
                "certificates, keys and revocation lists stay as they are: {error}"
            ),
        }
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

fn folders(credentials: &[Credentials]) -> BTreeSet<PathBuf> {
    let files = credentials.iter().flat_map(Credentials::files);
    let folder = |file: &Path| match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    files.map(folder).collect()
}
