//! Calls that a role makes: to whom, how they end, and the event that each leaves.

use std::fmt;
use std::future::Future;
use std::time::Instant;

use generated::kmd;
use generated::serviceplatformen::SygefravaerResponse;
use hyper::Uri;
use soap::{CallError, Transport};
use uuid::Uuid;

use crate::endpoint::Endpoint;
use crate::observe::{Event, Observer, Side};
use crate::refusal::Code;
use crate::routing::Cvr;

/// Makes transports to the endpoints at given URLs: over HTTP, or in process for tests.
pub trait Connect: Send + Sync + 'static {
    /// The transport of one call.
    type Transport: Transport + Send + Sync + 'static;

    /// A transport to the endpoint at `url`.
    fn to(&self, url: &Uri) -> Self::Transport;
}

/// A call about to be made, and what its event will say.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) endpoint: Endpoint,
    pub(crate) operation: &'static str,
    pub(crate) transaction: Uuid,
    pub(crate) municipality: Cvr,
    pub(crate) answer: Option<&'static str>,
}

impl Outgoing<'_> {
    /// Makes the call and reports it, however it ends.
    pub(crate) async fn make<R: Receipt>(
        self,
        observer: &Observer,
        call: impl Future<Output = Result<R, Failure>>,
    ) -> Result<R, Failure> {
        let started = Instant::now();
        let outcome = call.await;
        observer.report(Event {
            side: Side::Called,
            from: self.from.to_owned(),
            to: self.to.to_owned(),
            endpoint: self.endpoint,
            operation: Some(self.operation),
            transaction: Some(self.transaction),
            municipality: Some(self.municipality),
            answer: self.answer,
            code: outcome
                .as_ref()
                .map_or_else(|failure| failure.code.id(), Receipt::code),
            call_id: None,
            started,
            duration: started.elapsed(),
        });
        outcome
    }
}

/// What a call returns, in the platform's contract or in KSD's.
pub(crate) trait Receipt {
    /// The receipt's TransportValideringsKode.
    fn code(&self) -> &'static str;
}

impl Receipt for SygefravaerResponse {
    fn code(&self) -> &'static str {
        self.transport_kvittering.transport_validerings_kode.code()
    }
}

impl Receipt for kmd::SygefravaerResponse {
    fn code(&self) -> &'static str {
        self.transport_kvittering.transport_validerings_kode.code()
    }
}

/// Why a call brought no receipt.
#[derive(Clone, Debug)]
pub struct Failure {
    code: Code,
    text: String,
    retry: bool,
}

impl Failure {
    /// `PartnerUnavailable`, `PartnerFault`, `PartnerInvalid`, or `InvalidMessage` where the message itself cannot be written.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Whether the same message may succeed later.
    pub const fn retry(&self) -> bool {
        self.retry
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

/// How much of a partner's reason is passed on, in characters.
const REASON: usize = 1000;

impl<F> From<CallError<F>> for Failure {
    fn from(error: CallError<F>) -> Self {
        let retry = error.retry();
        let (code, text) = match error {
            CallError::Fault(fault) => {
                let reason: String = fault.reason().chars().take(REASON).collect();
                (
                    Code::PartnerFault,
                    format!("answered with a fault: {reason}"),
                )
            }
            CallError::Transport(error) => (Code::PartnerUnavailable, error.to_string()),
            CallError::Reply(violations) => (
                Code::PartnerInvalid,
                format!("answered with an invalid message: {violations}"),
            ),
            CallError::Request(error) => (
                Code::InvalidMessage,
                format!("the message cannot be written: {error}"),
            ),
        };
        Self { code, text, retry }
    }
}
