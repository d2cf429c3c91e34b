//! How much of each partner the platform takes up: a call too many is turned away at once, and told when to come back, instead of
//! waiting behind others until its caller has gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::{Code, RETRY_AFTER, Refusal};
use crate::routing::Bound;

/// The calls under way to each partner; clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    partners: Arc<Mutex<Partners>>,
}

/// By name and bound: one whose bound is changed begins anew.
type Partners = HashMap<(String, usize), Arc<Semaphore>>;

impl Load {
    /// Counts a call to `partner` until what is returned is dropped.
    ///
    /// # Errors
    /// As many calls as `bound` allows are under way.
    pub(super) fn enter(
        &self,
        partner: &str,
        bound: Bound,
    ) -> Result<OwnedSemaphorePermit, Refusal> {
        let semaphore = {
            // The map is whole between any two statements that change it, so a panic elsewhere does not spoil it.
            let mut partners = self.partners.lock().unwrap_or_else(PoisonError::into_inner);
            let free = || Arc::new(Semaphore::new(bound.calls));
            let place = partners.entry((partner.to_owned(), bound.calls));
            Arc::clone(place.or_insert_with(free))
        };
        semaphore.try_acquire_owned().map_err(|_| {
            let text = format!(
                "{partner} is busy: {} calls are under way. Come back in {RETRY_AFTER} seconds.",
                bound.calls
            );
            let pause = Duration::from_secs(RETRY_AFTER.into());
            Refusal::new(Code::Busy, text).asking(Some(pause))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_too_many_is_turned_away_until_another_ends() {
        let (load, bound) = (
            Load::default(),
            Bound {
                calls: 2,
                ..Bound::default()
            },
        );
        let first = load.enter("a", bound).unwrap();
        let _second = load.enter("a", bound).unwrap();
        let refusal = load.enter("a", bound).unwrap_err();
        assert_eq!(refusal.code(), Code::Busy);
        assert!(load.enter("b", bound).is_ok());
        drop(first);
        assert!(load.enter("a", bound).is_ok());
    }
}
