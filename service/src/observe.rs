//! What the parties report of themselves: one event for each call that they make or serve.
//!
//! An event has no field that could name a person, so neither the log nor the demo can.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use soap::security::Certificate;
use uuid::Uuid;

use crate::call::{Context, Proof};
use crate::clearance::organisation;
use crate::endpoint::Endpoint;
use crate::routing::Cvr;

/// A call, seen by one of its two sides once it is over.
#[derive(Clone, Debug)]
pub struct Event {
    /// Which side reports.
    pub side: Side,
    /// The calling party: this side's own name, or, of a call that is served, the CVR number that the caller proved to have.
    pub from: String,
    /// Who made the call, where it is served here.
    pub caller: Option<Caller>,
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
    /// The id of what is wrong with the message, where it is not to be believed ([`soap::security::Cause`]) or not what the contract
    /// says ([`soap::RejectionKind`]).
    pub cause: Option<&'static str>,
    /// Why a call was denied, or not served, in full. It may tell more than the caller is told.
    pub reason: Option<String>,
    /// The served call's CallUUID, which its faults carry too.
    pub call_id: Option<Uuid>,
    /// When the call began.
    pub started: Instant,
    /// How long it took on this side.
    pub duration: Duration,
}

/// Who made a call that is served: where it came from, and what of the caller is proven.
#[derive(Clone)]
pub struct Caller {
    peer: SocketAddr,
    certificate: Option<Certificate>,
    proof: Option<Proof>,
}

impl Caller {
    /// The caller of the call in `context`, by all that is known of it now.
    pub(crate) fn of(context: &Context) -> Self {
        Self {
            peer: context.peer,
            certificate: context.certificate.clone(),
            proof: context.proof().cloned(),
        }
    }

    /// The CVR number of the organisation that it proved to be in TLS, or `unknown`.
    pub fn name(&self) -> String {
        let named = self.certificate.as_ref().and_then(organisation);
        named.map_or_else(|| "unknown".to_owned(), |cvr| cvr.to_string())
    }

    /// The other end of the connection.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Whose the certificate is that it showed in TLS: [`Certificate::attribution`].
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_ref().map(Certificate::attribution)
    }

    /// Whose the certificate is that the verified token of its message is bound to, in the same words.
    pub fn holder(&self) -> Option<&str> {
        let proof = self.proof.as_ref();
        proof.map(|proof| proof.holder.attribution())
    }

    /// The municipality that the verified token of its message names.
    pub fn municipality(&self) -> Option<Cvr> {
        self.proof.as_ref().map(|proof| proof.municipality)
    }
}

/// As the log shows it, which names no person.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("peer", &self.peer)
            .field("certificate", &self.certificate())
            .field("holder", &self.holder())
            .field("municipality", &self.municipality())
            .finish()
    }
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
