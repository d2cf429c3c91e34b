//! Messages that have been here before.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::{Cause, Refusal, ReplayIdentity, Verified};

/// Keeps what tells messages apart for as long as they hold: across all instances of a service, and its restarts, if they share
/// it.
pub trait Replays: Send + Sync {
    /// Why it could not be kept.
    type Error;

    /// Keeps `identity` until it expires and says whether it is new; one that is there and has not expired at `time` is not.
    /// Of two calls at once for the same one, one alone may hear that it is new.
    fn keep(
        &self,
        identity: &ReplayIdentity,
        time: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// Why a verified message is not taken after all.
#[derive(Debug)]
pub enum NotTakenOnce<E> {
    /// It has been here before.
    Repeat(Refusal),
    /// Whether it has could not be found out; sending it again may help.
    Store(E),
}

impl<T> Verified<T> {
    /// The same, if it has not been here before.
    ///
    /// # Errors
    /// It has, or that could not be found out.
    pub async fn once<R: Replays>(
        self,
        replays: &R,
        time: DateTime<Utc>,
    ) -> Result<Self, NotTakenOnce<R::Error>> {
        let kept = replays.keep(&self.authority().replay, time).await;
        if kept.map_err(NotTakenOnce::Store)? {
            Ok(self)
        } else {
            Err(NotTakenOnce::Repeat(Cause::Replay.into()))
        }
    }
}

/// [`Replays`] in memory, for one instance between two starts. When it is full of what has not expired it takes no more: it
/// does not forget.
pub struct MemoryReplays {
    most: usize,
    kept: Mutex<HashMap<String, DateTime<Utc>>>,
}

/// Says that no more can be kept for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full(());

impl MemoryReplays {
    /// Room for `most` messages at once.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            kept: Mutex::default(),
        }
    }
}

impl Replays for MemoryReplays {
    type Error = Full;

    async fn keep(&self, identity: &ReplayIdentity, time: DateTime<Utc>) -> Result<bool, Full> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept
            .get(identity.key())
            .is_some_and(|expires| time < *expires)
        {
            return Ok(false);
        }
        if kept.len() >= self.most {
            kept.retain(|_, expires| time < *expires);
            if kept.len() >= self.most {
                return Err(Full(()));
            }
        }
        kept.insert(identity.key().to_owned(), identity.expires());
        Ok(true)
    }
}

impl fmt::Debug for MemoryReplays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplays")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no room for more messages that have not expired")
    }
}

impl std::error::Error for Full {}

impl<E: fmt::Display> fmt::Display for NotTakenOnce<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeat(refusal) => refusal.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for NotTakenOnce<E> {}
