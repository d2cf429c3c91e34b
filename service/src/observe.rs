//! What the parties report of themselves: one event for each call that they make or serve.
//!
//! An event has no field that could hold a person, so neither the log nor the demo can show one.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::endpoint::Endpoint;
use crate::routing::Cvr;

/// A call, seen by one of its two sides once it is over.
#[derive(Clone, Debug)]
pub struct Event {
    /// Which side reports.
    pub side: Side,
    /// The calling party.
    pub from: String,
    /// The party that is called.
    pub to: String,
    /// The endpoint that is called.
    pub endpoint: Endpoint,
    /// The operation, where the message told it.
    pub operation: Option<&'static str>,
    /// The message's TransaktionIdentifikator.
    pub transaction: Option<Uuid>,
    /// The municipality that the call is for.
    pub municipality: Option<Cvr>,
    /// The business answer that the call carries, by its ForretningsValideringsKode.
    pub answer: Option<&'static str>,
    /// The receipt's TransportValideringsKode, or the id of what stopped the call ([`crate::refusal::Code`]).
    pub code: &'static str,
    /// The served call's CallUUID, which its faults carry too.
    pub call_id: Option<Uuid>,
    /// When the call began.
    pub started: Instant,
    /// How long it took on this side.
    pub duration: Duration,
}

/// The side of a call that reports an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The party that made the call.
    Called,
    /// The party that served it.
    Served,
}

/// Takes events; clones report to the same place.
#[derive(Clone)]
pub struct Observer {
    report: Arc<dyn Fn(Event) + Send + Sync>,
}

impl Observer {
    /// An observer that hands each event to `report`, which must not block.
    pub fn new(report: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self {
            report: Arc::new(report),
        }
    }

    /// An observer that looks away.
    pub fn none() -> Self {
        Self::new(|_| ())
    }

    /// Reports one event.
    pub fn report(&self, event: Event) {
        (self.report)(event);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
