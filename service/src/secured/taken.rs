//! Which signed messages have been taken, so that none is taken twice.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use soap::security::{MemoryReplays, ReplayIdentity, Replays};

use crate::store::Store;

/// Where it is kept what tells messages from one another; clones are the same place.
#[derive(Clone, Debug)]
pub struct Taken(Place);

#[derive(Clone, Debug)]
enum Place {
    Memory(Arc<MemoryReplays>),
    Store(Store),
}

/// How many messages are remembered at once in memory. More than any peer sends in the minutes that one holds.
const REMEMBERED: usize = 100_000;

/// How much longer than it holds a message is kept in a store: no instance that shares it has a clock that is further behind that
/// of the one that erases.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(10);

impl Taken {
    /// In the memory of this process: a repeat to another instance, or after a restart, is not known for one.
    pub fn in_memory() -> Self {
        Self(Place::Memory(Arc::new(MemoryReplays::new(REMEMBERED))))
    }

    /// In `store`: a repeat is known to all instances that share it, and after a restart.
    pub const fn in_store(store: Store) -> Self {
        Self(Place::Store(store))
    }
}

/// It could not be found out whether a message has been here before; why is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown(());

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whether the message has been here before could not be found out")
    }
}

impl std::error::Error for Unknown {}

impl Replays for Taken {
    type Error = Unknown;

    /// What is kept is committed before this says that it is new: a message that was taken when the process died is known, and its
    /// sender, who has no answer, sends it again with a MessageID of its own.
    async fn keep(&self, identity: &ReplayIdentity, time: DateTime<Utc>) -> Result<bool, Unknown> {
        let kept = match &self.0 {
            Place::Memory(memory) => memory.keep(identity, time).await.map_err(|full| {
                tracing::error!("a signed message is not taken: {full}");
            }),
            Place::Store(store) => {
                let until = identity.expires() + CLOCKS_APART;
                let kept = store.remember(identity.key().to_owned(), until).await;
                // The store has said so in the log.
                kept.map_err(drop)
            }
        };
        kept.map_err(|()| Unknown(()))
    }
}
