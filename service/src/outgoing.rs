//! Calls that a role makes: to whom, how they end, and the event that each leaves.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use generated::kmd;
use generated::serviceplatformen::{
    ServiceplatformFault, SygefravaerResponse, TransportValideringsKode,
};
use hyper::Uri;
use soap::{CallError, Transport, discreet};
use uuid::Uuid;

use crate::config::Limits;
use crate::delivery::said::Said;
use crate::delivery::task::Outcome;
use crate::endpoint::Endpoint;
use crate::observe::{Event, Observer, Side};
use crate::refusal::Code;
use crate::routing::Cvr;
use crate::store::Ended;

/// Makes transports to the endpoints at given URLs: over HTTP, or in process for tests.
pub trait Connect: Send + Sync + 'static {
    /// The transport of one call.
    type Transport: Transport + Send + Sync + 'static;

    /// A transport to the endpoint at `url`.
    fn to(&self, url: &Uri) -> Self::Transport;

    /// The same for a call that may take `time` at most, of which the other side is told.
    fn within(&self, url: &Uri, _time: Duration) -> Self::Transport {
        self.to(url)
    }

    /// A transport for a call to `destination`, by which the call proves what the endpoint's contract demands.
    fn reach(&self, destination: Destination<'_>) -> Self::Transport {
        match destination.time {
            None => self.to(destination.url),
            Some(time) => self.within(destination.url, time),
        }
    }
}

/// Where a call goes, and on whose behalf.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Where it is.
    pub url: &'a Uri,
    /// The municipality.
    pub municipality: Cvr,
    /// How long the call may take at most; as long as any, where nothing is said.
    pub time: Option<Duration>,
    /// Where to note it if the endpoint says when to come back.
    pub advice: Option<&'a Advice>,
}

/// How long the other side of a call asked to be left alone, where it did (Retry-After, RFC 9110 section 10.2.3). Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Advice(Arc<OnceLock<Duration>>);

impl Advice {
    /// It asked for this; what was noted first stays.
    pub(crate) fn note(&self, asked: Duration) {
        let _ = self.0.set(asked);
    }

    /// What it asked for.
    pub fn asked(&self) -> Option<Duration> {
        self.0.get().copied()
    }
}

/// How long an attempt may take that makes one call: somewhat longer than the call, which has its own bound and then says what it was
/// waiting for.
pub(crate) fn patience(limits: &Limits) -> Duration {
    limits.call + Duration::from_secs(1)
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
            caller: None,
            to: self.to.to_owned(),
            endpoint: self.endpoint,
            operation: Some(self.operation),
            transaction: Some(self.transaction),
            municipality: Some(self.municipality),
            answer: self.answer,
            code: outcome
                .as_ref()
                .map_or_else(|failure| failure.code.id(), Receipt::code),
            cause: None,
            reason: None,
            call_id: None,
            started,
            duration: started.elapsed(),
        });
        outcome
    }
}

/// How an attempt ended that brought `receipt`, or none, and perhaps some `advice`.
///
/// A receipt names no message (`TransportKvittering` has no id): it counts for the message whose call it answers. That an answer belongs
/// to its call is what HTTP says, and, in signed messages, RelatesTo. A partner that mixes its answers up within one kind of message is
/// not found out by a receipt; the business answer that is missing tells.
pub(crate) fn ended(receipt: Result<SygefravaerResponse, Failure>, advice: &Advice) -> Ended {
    let asked = advice.asked();
    let (outcome, said) = match receipt {
        Err(failure) => {
            let asked = asked.map(|asked| format!("\nasked to be left alone for {asked:?}"));
            let said = failure.said() + &asked.unwrap_or_default();
            (Outcome::Failed, said)
        }
        Ok(receipt) => {
            let receipt = receipt.transport_kvittering;
            let outcome = match receipt.transport_validerings_kode {
                TransportValideringsKode::Ok => Outcome::Delivered,
                TransportValideringsKode::Advarsel => Outcome::Warned,
                TransportValideringsKode::Fejl => Outcome::Refused,
            };
            let findings = receipt.fejl_liste.into_iter().flat_map(|list| list.fejl);
            let findings = findings.map(|found| {
                let (code, text) = (passable(&found.fejl_kode), passable(&found.fejl_tekst));
                format!("{code}: {text}")
            });
            let reason = receipt.begrundelse.iter().map(|text| passable(text));
            let lines: Vec<String> = reason.chain(findings).collect();
            (outcome, lines.join("\n"))
        }
    };
    Ended {
        outcome,
        said: Said::new(&said),
        asked,
        follows: None,
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
    errors: Vec<(String, String)>,
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

    /// The errors that the partner's fault lists, each with its id and text: at most as many as one of ours does, without CPR numbers.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
    }

    /// The whole of it: the text, and a line for each error.
    fn said(&self) -> String {
        let errors = self.errors.iter();
        let errors = errors.map(|(code, text)| format!("{code}: {text}"));
        let lines: Vec<String> = std::iter::once(self.text.clone()).chain(errors).collect();
        lines.join("\n")
    }
}

/// What the fault of either contract lists.
pub(crate) trait Listed {
    /// ErrorCode and ErrorText of each error.
    fn errors(self) -> Vec<(String, String)>;
}

impl Listed for ServiceplatformFault {
    fn errors(self) -> Vec<(String, String)> {
        let errors = self.error_list.into_iter().flat_map(|list| list.error);
        errors
            .map(|error| (error.error_code, error.error_text))
            .collect()
    }
}

impl Listed for kmd::ServiceplatformFault {
    fn errors(self) -> Vec<(String, String)> {
        let errors = self.error_list.into_iter().flat_map(|list| list.error);
        errors
            .map(|error| (error.error_code, error.error_text))
            .collect()
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
/// How many of the errors that a partner's fault lists are: as many as a fault of ours has, which is `limits.violations` and one that
/// says what they are.
const ERRORS: usize = 21;

/// What may be passed on of a partner's free text.
pub(crate) fn passable(text: &str) -> String {
    discreet(text, REASON)
}

impl<F: Listed> From<CallError<F>> for Failure {
    fn from(error: CallError<F>) -> Self {
        let retry = error.retry();
        let mut errors = Vec::new();
        let (code, text) = match error {
            CallError::Fault(fault) => {
                let reason = passable(fault.reason());
                let listed = fault.into_detail().map(Listed::errors);
                let listed = listed.into_iter().flatten().take(ERRORS);
                errors.extend(listed.map(|(code, text)| (passable(&code), passable(&text))));
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
        Self {
            code,
            text,
            retry,
            errors,
        }
    }
}

#[cfg(test)]
mod tests {
    use generated::serviceplatformen::{ErrorEntry, ErrorList};
    use generated::sygefravaer::SygefravaerServiceClient;
    use soap::{Fault, Reply, TransportError};

    use super::*;
    use crate::receipt::{self, Finding};
    use crate::world::{NORD, World, opret};

    /// Breaks what goes out, on its way.
    struct Breaking<T>(T);

    impl<T: Transport + Sync> Transport for Breaking<T> {
        async fn send(&self, mut request: soap::Request<'_>) -> Result<Reply, TransportError> {
            request.body = request.body.replacen("Myndighed>9", "Myndighed>", 1);
            self.0.send(request).await
        }
    }

    #[tokio::test]
    async fn what_a_broken_message_brings_is_kept_with_its_attempt() {
        let world = World::new().await;
        let said = async |host: &str, endpoint: Endpoint| {
            let url = format!("http://{host}{}", endpoint.path());
            let transport = Breaking(world.wire.to(&url.parse().unwrap()));
            let client = SygefravaerServiceClient::new(transport);
            let receipt = opret(NORD).with_authority().send(&client).await;
            ended(receipt, &Advice::default())
        };
        let danish = "værdien bryder facetten digits 8";
        for (host, endpoint, outcome, begins) in [
            (
                "platform",
                Endpoint::Fs1,
                Outcome::Failed,
                "answered with a fault: the message was refused: ",
            ),
            (
                "nord",
                Endpoint::Jc1,
                Outcome::Refused,
                "Beskeden overholder ikke kontrakten.\n",
            ),
        ] {
            let Ended {
                outcome: found,
                said,
                ..
            } = said(host, endpoint).await;
            assert_eq!(found, outcome, "{said}");
            let said = said.as_str();
            assert!(said.starts_with(begins), "{said}");
            let listed = said.lines().find(|line| line.starts_with("digits: "));
            let listed = listed.expect("the violation");
            assert!(
                listed.contains("Header/Myndighed (linje ") && listed.contains(danish),
                "{listed}"
            );
            assert!(!said.contains(&NORD[1..]), "{said}");
        }
        assert_eq!(world.codes(), ["EP_FS1 InvalidMessage", "EP_JC1 FEJL"]);
    }

    /// What a partner may say that neither log nor store is to keep, and how it is kept.
    const QUOTING: &str = "of 311385–0000,\n2026 INFO CPR3113850000x <saml2:Assertion>3113850000";
    const KEPT: &str = "of [CPR], 2026 INFO CPR[CPR]x […]";

    #[test]
    fn a_partners_fault_is_passed_on_without_what_it_quotes() {
        let detail = ServiceplatformFault {
            error_list: Some(ErrorList {
                error: vec![ErrorEntry {
                    error_code: QUOTING.to_owned(),
                    error_text: QUOTING.to_owned(),
                }],
            }),
        };
        let fault = Fault::<ServiceplatformFault>::server(QUOTING).with_detail(detail);
        let failure = Failure::from(CallError::Fault(fault));
        let kept = KEPT.to_owned();
        assert_eq!(failure.errors(), [(kept.clone(), kept)]);
        assert_eq!(
            failure.to_string(),
            format!("answered with a fault: {KEPT}")
        );
    }

    #[test]
    fn a_partners_receipt_is_kept_without_what_it_quotes() {
        let finding = Finding::new(QUOTING, QUOTING);
        let receipt = receipt::failure(QUOTING, finding, Vec::new());
        let ended = ended(Ok(receipt), &Advice::default());
        assert_eq!(ended.said.as_str(), format!("{KEPT}\n{KEPT}: {KEPT}"));
    }
}
