//! The signals that a process which serves listens to.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals, kept for whoever waits for them from now on. Where there are no Unix signals, there is Ctrl-C, and a reload needs a restart.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    hangup: Signal,
}

impl Signals {
    /// Listens from now on: a process that says that it is ready must not die of a hangup.
    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Listens from now on: a process that says that it is ready must not die of a hangup.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Returns at the first Ctrl-C.
    #[cfg(not(unix))]
    pub(super) async fn until_stopped(self, _reload: impl Fn()) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }

    /// Calls `reload` at each SIGHUP, and returns at the first SIGINT or SIGTERM.
    #[cfg(unix)]
    pub(super) async fn until_stopped(mut self, reload: impl Fn()) -> io::Result<()> {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return Ok(()),
                _ = self.terminate.recv() => return Ok(()),
                _ = self.hangup.recv() => reload(),
            }
        }
    }
}
