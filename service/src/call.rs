//! What a role knows of a call beside its message: the context of the emitted port types.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use soap::security::Certificate;
use uuid::Uuid;

use crate::endpoint::Endpoint;
use crate::forwarding::Payload;
use crate::routing::Cvr;

/// One served call.
#[derive(Clone, Debug)]
pub struct Context {
    /// The CallUUID: made here, named by faults, events and the log.
    pub id: Uuid,
    /// When the request came in.
    pub received: DateTime<Utc>,
    /// The same instant, for measuring.
    pub started: Instant,
    /// How long the call may take here, from when it came in: the caller does not wait for longer.
    pub time: Duration,
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// What the other end proved itself with in TLS; nothing over plain HTTP.
    pub certificate: Option<Certificate>,
    /// The endpoint that was called.
    pub endpoint: Endpoint,
    record: Arc<Record>,
}

/// What a verified token says of a call.
#[derive(Clone, Debug)]
pub struct Proof {
    /// On whose behalf it is made.
    pub municipality: Cvr,
    /// Whose key signed the message: the holder of the token.
    pub holder: Certificate,
}

/// What was found out about the call; each fact is set once.
#[derive(Debug, Default)]
struct Record {
    proof: OnceLock<Proof>,
    transaction: OnceLock<Uuid>,
    municipality: OnceLock<Cvr>,
    answer: OnceLock<&'static str>,
    code: OnceLock<&'static str>,
    cause: OnceLock<&'static str>,
    reason: OnceLock<String>,
    retry_after: OnceLock<u32>,
    payload: OnceLock<Payload>,
}

impl Context {
    /// A call that comes in now.
    pub fn now(endpoint: Endpoint, peer: SocketAddr) -> Self {
        Self {
            id: Uuid::new_v4(),
            received: DateTime::from(SystemTime::now()),
            started: Instant::now(),
            time: Duration::MAX,
            peer,
            certificate: None,
            endpoint,
            record: Arc::default(),
        }
    }

    /// How long a call may take that is made to answer this one: some of the time is left for the way back.
    pub(crate) fn left(&self) -> Duration {
        self.time.saturating_sub(self.started.elapsed()) / 10 * 9
    }

    /// `text` with the two facts that a support desk asks for, in the layout of the platform's own faults.
    pub fn sign(&self, text: &str) -> String {
        let received = self.received.to_rfc3339_opts(SecondsFormat::Millis, true);
        format!(
            "{text}\n    CallUUID: {}\n    Received: {received}",
            self.id
        )
    }

    /// Notes which message the call carries and whose it is.
    pub(crate) fn note_message(&self, transaction: Uuid, municipality: Cvr) {
        // A second note would repeat the first: a call carries one message.
        let _ = self.record.transaction.set(transaction);
        let _ = self.record.municipality.set(municipality);
    }

    /// Notes what the token of the call says, once that is verified.
    pub(crate) fn note_proof(&self, proof: Proof) {
        let _ = self.record.proof.set(proof);
    }

    /// Notes the business answer that the call carries.
    pub(crate) fn note_answer(&self, code: &'static str) {
        let _ = self.record.answer.set(code);
    }

    /// Notes how the call ended.
    pub(crate) fn note_code(&self, code: &'static str) {
        let _ = self.record.code.set(code);
    }

    /// Notes why the call is not served, in words for the log.
    pub(crate) fn note_reason(&self, reason: impl Into<String>) {
        self.ending().note_reason(reason);
    }

    /// Where to note how the call ended once the context is handed on.
    pub(crate) fn ending(&self) -> Ending {
        Ending {
            record: Arc::clone(&self.record),
        }
    }

    /// Notes when the caller is to come back, in seconds.
    pub(crate) fn note_retry_after(&self, seconds: u32) {
        let _ = self.record.retry_after.set(seconds);
    }

    /// Keeps the message in its own octets.
    pub(crate) fn keep(&self, payload: Payload) {
        let _ = self.record.payload.set(payload);
    }

    /// The message in its own octets, where the endpoint keeps them.
    pub(crate) fn payload(&self) -> Option<&Payload> {
        self.record.payload.get()
    }

    pub(crate) fn transaction(&self) -> Option<Uuid> {
        self.record.transaction.get().copied()
    }

    pub(crate) fn municipality(&self) -> Option<Cvr> {
        self.record.municipality.get().copied()
    }

    /// What its token says, where it is a call by token; verified.
    pub fn proof(&self) -> Option<&Proof> {
        self.record.proof.get()
    }

    pub(crate) fn answer(&self) -> Option<&'static str> {
        self.record.answer.get().copied()
    }

    pub(crate) fn code(&self) -> Option<&'static str> {
        self.record.code.get().copied()
    }

    pub(crate) fn cause(&self) -> Option<&'static str> {
        self.record.cause.get().copied()
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        self.record.reason.get().map(String::as_str)
    }

    pub(crate) fn retry_after(&self) -> Option<u32> {
        self.record.retry_after.get().copied()
    }
}

/// How a call ends whose context somebody else has by now.
#[derive(Debug)]
pub(crate) struct Ending {
    record: Arc<Record>,
}

impl Ending {
    /// As [`Context::note_code`].
    pub(crate) fn note_code(&self, code: &'static str) {
        let _ = self.record.code.set(code);
    }

    /// Notes the id of what is wrong with the call's message: of a cause not to believe it, or of a kind of rejection.
    pub(crate) fn note_cause(&self, cause: &'static str) {
        let _ = self.record.cause.set(cause);
    }

    /// As [`Context::note_reason`].
    pub(crate) fn note_reason(&self, reason: impl Into<String>) {
        let _ = self.record.reason.set(reason.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_answered_before_its_caller_stops_waiting() {
        let mut context = Context::now(Endpoint::Fs1, ([127, 0, 0, 1], 1).into());
        context.time = Duration::from_secs(3600);
        let left = context.left();
        assert!(left <= Duration::from_secs(3240) && left > Duration::from_secs(1800));
        context.time = Duration::ZERO;
        assert_eq!(context.left(), Duration::ZERO);
    }

    #[test]
    fn a_signed_text_ends_as_the_platforms_do() {
        let mut context = Context::now(Endpoint::Fs1, ([127, 0, 0, 1], 1).into());
        context.id = Uuid::nil();
        context.received = DateTime::from_timestamp(1_772_439_327, 512_999_999).unwrap();
        let expected = "No.\n    CallUUID: 00000000-0000-0000-0000-000000000000\n    Received: 2026-03-02T08:15:27.512Z";
        assert_eq!(context.sign("No."), expected);
    }
}
