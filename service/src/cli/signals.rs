//! The signals that a process which serves listens to.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

/// Returns at the first Ctrl-C; where there are no Unix signals, a reload needs a restart.
#[cfg(not(unix))]
pub(super) async fn until_stopped(_reload: impl Fn()) -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Calls `reload` at each SIGHUP, and returns at the first SIGINT or SIGTERM.
#[cfg(unix)]
pub(super) async fn until_stopped(reload: impl Fn()) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            _ = hangup.recv() => reload(),
        }
    }
}
