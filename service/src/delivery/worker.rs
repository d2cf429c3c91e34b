//! Carrying the effects out: takes on what is due, makes the attempts, and commits how they end.
//!
//! What is taken on is committed before it is tried, with a lease that outlasts the attempt. Whoever dies in between leaves a task that
//! becomes due again; whoever cannot commit the end of an attempt goes on trying to, and leaves the same at worst.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use uuid::Uuid;

use super::Time;
use super::room::Room;
use super::task::Outcome;
use super::window::Windows;
use crate::config::Delivery;
use crate::fault;
use crate::http::Stop;
use crate::routing::Cvr;
use crate::store::{Ended, Job, Kind, Policy, Store};

/// Makes attempts of one kind.
pub(crate) trait Attempt: Send + Sync + 'static {
    /// What it is that is owed.
    const KIND: Kind;

    /// Makes one attempt, and says how it ended.
    fn attempt(&self, job: &Job) -> impl Future<Output = Ended> + Send;

    /// Is told that the end of an attempt is committed, with what follows from it.
    fn ended(&self) {}
}

/// What a worker is bound by.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) policy: Policy,
    pub(crate) windows: Windows,
    /// How many attempts are under way at most, all together and for one municipality.
    pub(crate) concurrency: usize,
    pub(crate) per_municipality: usize,
    /// How long one attempt may take.
    pub(crate) patience: Duration,
    /// How long attempts under way may go on once the process is to stop.
    pub(crate) drain: Duration,
    /// How long a lane rests at most before it is looked at: another process may have changed it.
    pub(crate) poll: Duration,
}

impl Terms {
    /// The terms of `delivery`, for attempts that take `patience` at most.
    pub(crate) fn new(
        delivery: &Delivery,
        windows: Windows,
        patience: Duration,
        drain: Duration,
    ) -> Self {
        Self {
            policy: Policy {
                retry: delivery.retry,
                answer_within: None,
            },
            windows,
            concurrency: delivery.concurrency,
            per_municipality: delivery.per_municipality,
            patience,
            drain,
            poll: delivery.poll,
        }
    }
}

/// Sees to all that is owed of one kind until `stop`, and then for the attempts under way.
///
/// `wake` says that there is something new.
pub(crate) async fn work<A: Attempt>(
    store: Store,
    attempt: Arc<A>,
    terms: Terms,
    wake: Arc<Notify>,
    stop: Stop,
) {
    let drain = terms.drain;
    let room = Room::new(terms.concurrency, terms.per_municipality);
    let mut worker = Worker {
        store,
        attempt,
        terms,
        wake,
        running: JoinSet::new(),
        whose: HashMap::new(),
        room,
    };
    let mut stopped = std::pin::pin!(stop.stopped());
    loop {
        let pause = worker.begin().await;
        tokio::select! {
            () = &mut stopped => break,
            () = worker.wake.notified() => {}
            Some(ended) = worker.running.join_next_with_id() => worker.ended(ended),
            () = tokio::time::sleep(pause) => {}
        }
    }
    let ended = async { while worker.running.join_next().await.is_some() {} };
    // What does not end in time is cut off here, and due again when its lease is over.
    let _ = tokio::time::timeout(drain, ended).await;
}

struct Worker<A> {
    store: Store,
    attempt: Arc<A>,
    terms: Terms,
    wake: Arc<Notify>,
    /// The attempts under way; each ends with whether it failed.
    running: JoinSet<bool>,
    /// For which municipality each of them is.
    whose: HashMap<Id, Cvr>,
    room: Room,
}

impl<A: Attempt> Worker<A> {
    /// Begins as many attempts as are due and allowed; how long there is nothing more to do.
    async fn begin(&mut self) -> Duration {
        // Whatever has ended by now makes room, so that one commit takes on as much as there is room for.
        while let Some(ended) = self.running.try_join_next_with_id() {
            self.ended(ended);
        }
        let now = self.store.now();
        if let Some(until) = self.terms.windows.until(now) {
            return (until - now)
                .to_std()
                .unwrap_or_default()
                .min(self.terms.poll.max(MINUTE));
        }
        if self.room.free() == 0 {
            return self.terms.poll;
        }
        match self.take(now).await {
            Ok(pause) => pause.min(self.terms.poll),
            // The store has said so in the log; it is asked again.
            Err(_) => self.terms.poll,
        }
    }

    async fn take(&mut self, now: Time) -> Result<Duration, crate::store::Error> {
        let due = self.store.due(A::KIND).await?;
        let Some(due) = due else {
            return Ok(self.terms.poll);
        };
        if due > now {
            return Ok((due - now).to_std().unwrap_or_default());
        }
        // Twice as long as an attempt may take: its end must be committed as well.
        let until = now + 2 * self.terms.patience + Duration::from_secs(5);
        let jobs = self.store.take(A::KIND, now, until, &self.room).await?;
        // Where one municipality has come to its bound, there may be lanes of others behind its own.
        let pause = if jobs.is_empty() || jobs.len() == self.room.free() {
            self.terms.poll
        } else {
            Duration::ZERO
        };
        for job in jobs {
            let municipality = job.municipality;
            self.room.begin(municipality);
            let (store, attempt) = (self.store.clone(), Arc::clone(&self.attempt));
            let (terms, wake) = (self.terms.clone(), Arc::clone(&self.wake));
            let carried = async move { carry(&store, attempt.as_ref(), &terms, &wake, job).await };
            let id = self.running.spawn(carried).id();
            self.whose.insert(id, municipality);
        }
        Ok(pause)
    }

    fn ended(&mut self, ended: Result<(Id, bool), JoinError>) {
        let (id, failed) = match ended {
            Ok(ended) => ended,
            // A defect stopped the attempt: it is due again when its lease is over.
            Err(error) => (error.id(), true),
        };
        if let Some(municipality) = self.whose.remove(&id) {
            self.room.end(municipality, failed);
        }
    }
}

/// Erases what has been kept for `keep`, once an hour until `stop`.
pub(crate) async fn erase(store: Store, keep: TimeDelta, stop: Stop) {
    let mut stopped = std::pin::pin!(stop.stopped());
    loop {
        let now = store.now();
        match store.erase(now - keep, now).await {
            Ok(0) => {}
            Ok(documents) => tracing::info!(documents, "erased what has been kept long enough"),
            // The store has said so in the log; there is another hour.
            Err(_) => {}
        }
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(60 * MINUTE) => {}
        }
    }
}

/// Windows are looked at again this often, so that a clock that is set right counts.
const MINUTE: Duration = Duration::from_secs(60);

/// Makes one attempt and commits its end, however often that takes; whether it failed.
async fn carry<A: Attempt>(
    store: &Store,
    attempt: &A,
    terms: &Terms,
    wake: &Notify,
    job: Job,
) -> bool {
    fault::point(A::KIND.name(), "before send");
    let ended = tokio::time::timeout(terms.patience, attempt.attempt(&job)).await;
    fault::point(A::KIND.name(), "after send");
    let ended =
        ended.unwrap_or_else(|_| Ended::failed(&format!("no answer within {:?}", terms.patience)));
    if ended.outcome != Outcome::Delivered {
        let (what, said) = (A::KIND.name(), ended.said.as_str());
        tracing::warn!(what, transaction = %job.transaction, said, "an attempt did not end with OK");
    }
    let failed = ended.outcome == Outcome::Failed;
    let mut pause = Duration::from_millis(100);
    loop {
        let end = store
            .end(&job, ended.clone(), store.now(), chance(), terms.policy)
            .await;
        match end {
            Ok(more) => {
                if more {
                    wake.notify_one();
                }
                attempt.ended();
                return failed;
            }
            Err(error) if !error.retry() => return failed,
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (2 * pause).min(Duration::from_secs(5));
    }
}

/// The time of this machine.
pub(crate) fn now() -> Time {
    SystemTime::now().into()
}

/// A random number: a version 4 UUID is 122 random bits.
fn chance() -> u32 {
    let [a, b, c, d, ..] = Uuid::new_v4().into_bytes();
    u32::from_ne_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests;
