//! Tokens that are kept for as long as they hold, and asked for once however many wait for them.
//!
//! [`Shelf`] knows what is kept and what is being asked for, and neither time nor network; [`TokenCache`] asks.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use soap::security::{Certificate, IssuedToken};
use tokio::sync::watch;

use super::TokenError;
use crate::routing::Cvr;

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Purpose {
    /// The municipality on whose behalf it is used.
    pub municipality: Cvr,
    /// The entity id of the service that it is used at.
    pub audience: String,
    /// The certificate with whose key it is used.
    pub holder: Certificate,
}

/// What is kept, and what is being asked for: `F` is what the answer can be waited for with.
struct Shelf<T, F> {
    places: HashMap<Purpose, Place<T, F>>,
    most: usize,
}

enum Place<T, F> {
    Kept { token: T, until: DateTime<Utc> },
    Asked(F),
}

/// What is there of a purpose.
#[derive(Debug, PartialEq, Eq)]
enum Found<T, F> {
    Kept(T),
    Asked(F),
    Nothing,
}

impl<T: Clone, F: Clone> Shelf<T, F> {
    #[expect(
        clippy::mutable_key_type,
        reason = "a certificate is compared and hashed by its octets, not by what is said of it"
    )]
    fn new(most: usize) -> Self {
        let places = HashMap::new();
        Self { places, most }
    }

    fn find(&self, purpose: &Purpose, time: DateTime<Utc>) -> Found<T, F> {
        match self.places.get(purpose) {
            Some(Place::Kept { token, until }) if time < *until => Found::Kept(token.clone()),
            Some(Place::Asked(answer)) => Found::Asked(answer.clone()),
            Some(Place::Kept { .. }) | None => Found::Nothing,
        }
    }

    fn ask(&mut self, purpose: Purpose, answer: F) {
        self.places.insert(purpose, Place::Asked(answer));
    }

    /// Keeps a token until then. Where there is no room, those that have expired go, or else the one that expires first; never what is
    /// being asked for, which is as bounded as calls are.
    fn keep(&mut self, purpose: Purpose, token: T, until: DateTime<Utc>, time: DateTime<Utc>) {
        self.places.remove(&purpose);
        if self.places.len() >= self.most {
            self.places
                .retain(|_, place| !matches!(place, Place::Kept { until, .. } if *until <= time));
        }
        if self.places.len() >= self.most {
            let kept = self
                .places
                .iter()
                .filter_map(|(purpose, place)| match place {
                    Place::Kept { until, .. } => Some((purpose, until)),
                    Place::Asked(_) => None,
                });
            let first = kept.min_by_key(|(_, until)| **until);
            if let Some(first) = first.map(|(purpose, _)| purpose.clone()) {
                self.places.remove(&first);
            }
        }
        self.places.insert(purpose, Place::Kept { token, until });
    }

    /// Forgets that a token was asked for: the next who wants it asks anew.
    fn forget(&mut self, purpose: &Purpose) {
        if let Some(Place::Asked(_)) = self.places.get(purpose) {
            self.places.remove(purpose);
        }
    }
}

type Outcome = Result<IssuedToken, TokenError>;
type Answer = watch::Receiver<Option<Outcome>>;

/// The tokens of one caller; clones share them.
#[derive(Clone)]
pub struct TokenCache {
    shelf: Arc<Mutex<Shelf<IssuedToken, Answer>>>,
}

/// The most tokens that are kept: several for every municipality.
const MOST: usize = 1024;

impl TokenCache {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            shelf: Arc::new(Mutex::new(Shelf::new(MOST))),
        }
    }

    /// The token for `purpose` that holds at `time`. If there is none, `ask` brings one and says until when to keep it; whoever wants
    /// the same meanwhile shares the answer, good or bad. A caller who gives up does not take it from the others.
    ///
    /// # Errors
    /// As `ask`, also where another asked.
    pub async fn token(
        &self,
        purpose: Purpose,
        time: DateTime<Utc>,
        ask: impl Future<Output = Result<(IssuedToken, DateTime<Utc>), TokenError>> + Send + 'static,
    ) -> Outcome {
        let mut answer = {
            let mut shelf = locked(&self.shelf);
            match shelf.find(&purpose, time) {
                Found::Kept(token) => return Ok(token),
                Found::Asked(answer) => answer,
                Found::Nothing => {
                    let (sender, answer) = watch::channel(None);
                    shelf.ask(purpose.clone(), answer.clone());
                    let request = UnderWay {
                        cache: self.clone(),
                        purpose,
                    };
                    tokio::spawn(async move {
                        let outcome = request.end(ask.await, time);
                        sender.send_replace(Some(outcome));
                    });
                    answer
                }
            }
        };
        let outcome = answer.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| Err(TokenError::unanswered()))
    }
}

/// A request that has not been answered. However it ends, the shelf does not wait for it for ever.
struct UnderWay {
    cache: TokenCache,
    purpose: Purpose,
}

impl UnderWay {
    fn end(
        self,
        answer: Result<(IssuedToken, DateTime<Utc>), TokenError>,
        time: DateTime<Utc>,
    ) -> Outcome {
        let (token, until) = answer?;
        let purpose = self.purpose.clone();
        locked(&self.cache.shelf).keep(purpose, token.clone(), until, time);
        Ok(token)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        locked(&self.cache.shelf).forget(&self.purpose);
    }
}

/// Nothing that is done under the lock can leave the shelf half done.
fn locked<T, F>(shelf: &Mutex<Shelf<T, F>>) -> MutexGuard<'_, Shelf<T, F>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}

/// How many there are, and none of them.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("places", &locked(&self.shelf).places.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
