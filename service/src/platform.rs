//! The platform: hands each message to the Jobcenter that serves its municipality, and each answer to KSD.
//!
//! It transforms nothing, adds nothing and keeps no message (integration description 4.1.2.4-6, 4.1.3.4-6). A message goes out in the
//! octets that it came in, under the authority of the same municipality, as `forwarding.rs` has it. An answer is written
//! anew, value by value: KSD's contract has the same elements in a namespace of its own, so that its octets cannot be the same.
//!
//! It repeats nothing either: its callers do. A partner has a bound, in time and in calls under way at once; a call too many is turned away
//! with HTTP 503, and so is one that the partner turns away, for as long as the partner asks for. Each call is made in less than the time
//! that its caller goes on waiting, so that the answer finds it there.

use generated::kmd;
use generated::ksd_sygefravaer::{
    KsdSygefravaerPortType, SendForretningsSvarRequest, SendForretningsSvarResponse,
};
use generated::serviceplatformen::{ServiceplatformFault, SygefravaerResponse};
use hyper::Uri;
use soap::Fault;

use self::load::Load;
use crate::call::Context;
use crate::clearance::{Callers, Cleared};
use crate::endpoint::{Endpoint, KSD, PLATFORM};
use crate::fault;
use crate::message::{Message, Receive};
use crate::observe::Observer;
use crate::outgoing::{Advice, Connect, Destination, Outgoing, Receipt};
use crate::refusal::{Code, Refusal};
use crate::routing::{Bound, Cvr, Table};

mod load;

/// The name of the platform's store, where it has one: for what tells signed messages from one another, and nothing else.
pub const STORE: &str = "platform";

/// The platform's role: [`Receive`] for EP_FS1, [`KsdSygefravaerPortType`] for EP_JC2.
#[derive(Clone, Debug)]
pub struct Platform<C> {
    table: Table,
    callers: Callers,
    ksd: Uri,
    ksd_bound: Bound,
    load: Load,
    connect: C,
    observer: Observer,
}

impl<C: Connect> Platform<C> {
    /// A platform that is called by `callers`, routes by `table` and delivers answers to EP_FS2 at `ksd`.
    pub fn new(table: Table, callers: Callers, ksd: Uri, connect: C, observer: Observer) -> Self {
        Self {
            table,
            callers,
            ksd,
            ksd_bound: Bound::default(),
            load: Load::default(),
            connect,
            observer,
        }
    }

    /// The same platform, which takes up so much of KSD.
    #[must_use]
    pub fn with_ksd_bound(mut self, bound: Bound) -> Self {
        self.ksd_bound = bound;
        self
    }

    /// Who may call.
    pub const fn callers(&self) -> &Callers {
        &self.callers
    }

    /// Hands a message to the Jobcenter of its municipality.
    async fn forward(
        &self,
        message: Cleared<Message>,
        context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        let municipality = message.municipality();
        let routes = self.table.current();
        let jobcenter = routes
            .route(municipality)
            .ok_or_else(|| unknown(municipality))?;
        let Some(payload) = context.payload() else {
            let text = "This endpoint has not kept the message, and cannot pass it on.";
            return Err(Refusal::new(Code::Internal, text));
        };
        let message = message.into_message();
        let _under_way = self.load.enter(&jobcenter.name, jobcenter.bound)?;
        let advice = Advice::default();
        let transport = self.connect.reach(Destination {
            endpoint: Endpoint::Jc1,
            url: &jobcenter.url,
            municipality,
            time: Some(jobcenter.bound.call.min(context.left())),
            advice: Some(&advice),
        });
        let outgoing = Outgoing {
            from: PLATFORM,
            to: &jobcenter.name,
            endpoint: Endpoint::Jc1,
            operation: message.operation(),
            transaction: message.transaction(),
            municipality,
            answer: None,
        };
        let call = message.forward(payload, municipality, &transport);
        fault::point("EP_FS1", "before send");
        let receipt = outgoing.make(&self.observer, call).await;
        fault::point("EP_FS1", "before receipt");
        receipt
            .map_err(|failure| Refusal::partner(&jobcenter.name, &failure).asking(advice.asked()))
    }

    /// Hands an answer to KSD.
    async fn deliver(
        &self,
        answer: Cleared<SendForretningsSvarRequest>,
        context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        let municipality = answer.municipality();
        // An answer can only come from the Jobcenter that messages of the municipality go to.
        let routes = self.table.current();
        if routes.route(municipality).is_none() {
            return Err(unknown(municipality));
        }
        let _under_way = self.load.enter(KSD, self.ksd_bound)?;
        let advice = Advice::default();
        let transport = self.connect.reach(Destination {
            endpoint: Endpoint::Fs2,
            url: &self.ksd,
            municipality,
            time: Some(self.ksd_bound.call.min(context.left())),
            advice: Some(&advice),
        });
        let client = kmd::KsdSygefravaerServiceClient::new(transport);
        let request = answer.into_message();
        let outgoing = Outgoing {
            from: PLATFORM,
            to: KSD,
            endpoint: Endpoint::Fs2,
            operation: "ModtagForretningsSvar",
            transaction: request.header.transaktion_identifikator.uuid(),
            municipality,
            answer: Some(code(&request)),
        };
        let forwarded = kmd::ModtagForretningsSvarRequest {
            header: request.header.into(),
            forretningskvittering: request.forretningskvittering.into(),
        };
        let call = async {
            Ok(client
                .modtag_forretnings_svar(&forwarded)
                .await?
                .sygefravaer_response)
        };
        fault::point("EP_JC2", "before send");
        let receipt = outgoing.make(&self.observer, call).await;
        fault::point("EP_JC2", "before receipt");
        receipt
            .map(SygefravaerResponse::from)
            .map_err(|failure| Refusal::partner(KSD, &failure).asking(advice.asked()))
    }
}

impl<C: Connect> Receive for Platform<C> {
    async fn receive(
        &self,
        message: Message,
        context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        self.forward(self.callers.clear(message, context)?, context)
            .await
    }
}

impl<C: Connect> KsdSygefravaerPortType for Platform<C> {
    type Context = Context;

    async fn send_forretnings_svar(
        &self,
        request: SendForretningsSvarRequest,
        context: Context,
    ) -> Result<SendForretningsSvarResponse, Fault<ServiceplatformFault>> {
        context.note_message(
            request.header.transaktion_identifikator.uuid(),
            *request.header.myndighed.value(),
        );
        context.note_answer(code(&request));
        let outcome = match self.callers.clear(request, &context) {
            Ok(answer) => self.deliver(answer, &context).await,
            Err(refusal) => Err(refusal),
        };
        match outcome {
            Ok(sygefravaer_response) => {
                context.note_code(sygefravaer_response.code());
                Ok(SendForretningsSvarResponse {
                    sygefravaer_response,
                })
            }
            Err(refusal) => Err(refusal.into_fault(&context)),
        }
    }
}

/// The answer's ForretningsValideringsKode.
const fn code(request: &SendForretningsSvarRequest) -> &'static str {
    let answer = &request.forretningskvittering;
    answer.forretnings_validerings_kode.code()
}

fn unknown(municipality: Cvr) -> Refusal {
    let text = format!(
        "No Jobcenter is registered for the municipality with CVR number {municipality} in Header/Myndighed."
    );
    Refusal::new(Code::UnknownMunicipality, text).in_danish(format!(
        "Intet jobcenter er registreret for kommunen med CVR-nummer {municipality} i Header/Myndighed."
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use generated::sygefravaer::SygefravaerServiceClient;
    use http_body_util::Full;
    use hyper::body::Bytes;
    use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
    use hyper::{Request, StatusCode};
    use tokio::time::Instant;

    use super::*;
    use crate::config::Limits;
    use crate::outgoing::Failure;
    use crate::roles;
    use crate::routing::{self, Routes};
    use crate::world::{BUSY, DEAF, NORD, NOWHERE, RESTING, SILENT, Wire, World, opret};

    #[track_caller]
    fn refused(outcome: Result<SygefravaerResponse, Failure>, expected: &str) {
        let failure = outcome.unwrap_err();
        assert_eq!(failure.code(), Code::PartnerFault);
        let text = failure.to_string();
        assert!(
            text.contains(expected) && text.contains("CallUUID: ") && text.contains("Received: "),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_message_arrives_as_it_was_sent_under_its_municipalitys_authority() {
        let world = World::new().await;
        let message = opret(NORD);
        let receipt = world.send(&message).await.unwrap();
        assert_eq!(receipt.code(), "OK");
        world.answers(1).await;
        let registered = world.cases.registered.lock().unwrap();
        assert_eq!(*registered, [message.with_authority()]);
    }

    #[tokio::test]
    async fn an_unknown_municipality_is_named() {
        let world = World::new().await;
        let outcome = world.send(&opret(NOWHERE)).await;
        refused(
            outcome,
            "No Jobcenter is registered for the municipality with CVR number 90000009 in Header/Myndighed.",
        );
        assert_eq!(world.codes(), ["EP_FS1 UnknownMunicipality"]);
    }

    #[tokio::test]
    async fn two_municipalities_in_one_message_are_refused() {
        let world = World::new().await;
        let Message::Opret(mut request) = opret(NORD).with_authority() else {
            panic!("the first message is Opret");
        };
        request.header.myndighed = SILENT.parse().unwrap();
        let outcome = world.send(&Message::Opret(request)).await;
        refused(
            outcome,
            "The AuthorityContext is that of 90000001, but Header/Myndighed is 90000002.",
        );
        assert!(world.cases.registered.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_jobcenter_that_does_not_answer_is_named() {
        let world = World::new().await;
        let outcome = world.send(&opret(SILENT)).await;
        assert!(outcome.as_ref().unwrap_err().retry());
        refused(outcome, "silent could not be reached");
        assert_eq!(
            world.codes(),
            ["EP_JC1 PartnerUnavailable", "EP_FS1 PartnerUnavailable"]
        );
    }

    #[tokio::test]
    async fn a_call_too_many_is_told_when_to_come_back() {
        let world = World::new().await;
        let sample = include_str!("../../wsdl/samples/Opret.request.xml");
        let message = sample.replace(">90000019<", &format!(">{BUSY}<"));
        let request = Request::post(Endpoint::Fs1.path()).header(CONTENT_TYPE, "text/xml");
        let request = request.body(Full::new(Bytes::from(message))).unwrap();
        let app = world.wire.app("platform");
        let response = app.answer(request, ([127, 0, 0, 1], 1).into()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(world.codes(), ["EP_FS1 Busy"]);
    }

    /// A platform alone, whose only Jobcenter is at `host`.
    fn before(host: &str) -> Wire {
        let jobcenter = routing::Jobcenter {
            name: host.to_owned(),
            url: format!("http://{host}/").parse().unwrap(),
            bound: Bound::default(),
        };
        let routes = Routes::new([jobcenter], [(NORD.parse().unwrap(), host.to_owned())]);
        let (wire, table) = (Wire::default(), Table::new(routes.unwrap()));
        let ksd = Uri::from_static("http://ksd/");
        let observer = Observer::none();
        let platform = Platform::new(table, Callers::Anyone, ksd, wire.clone(), observer.clone());
        let app = roles::platform(&platform, Limits::DEFAULT, observer);
        wire.plug("platform", app);
        wire
    }

    /// What a call to the platform brings that may take `time`, and whatever advice.
    async fn call(
        wire: &Wire,
        time: Duration,
        advice: &Advice,
    ) -> Result<SygefravaerResponse, Failure> {
        let url = format!("http://platform{}", Endpoint::Fs1.path());
        let transport = wire.reach(Destination {
            endpoint: Endpoint::Fs1,
            url: &url.parse().unwrap(),
            municipality: NORD.parse().unwrap(),
            time: Some(time),
            advice: Some(advice),
        });
        let client = SygefravaerServiceClient::new(transport);
        opret(NORD).send(&client).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_comes_before_its_caller_stops_waiting() {
        let wire = before(DEAF);
        for (waits, answered) in [(20, 18.0), (5, 4.5), (3600, 20.0)] {
            let started = Instant::now();
            let waits = Duration::from_secs(waits);
            let outcome = call(&wire, waits, &Advice::default()).await;
            refused(outcome, "did not answer within");
            // Machines are slow, and what they take of the time is not passed on.
            let took = started.elapsed().as_secs_f64();
            assert!(took <= answered && took > 0.8 * answered, "{took}");
        }
    }

    #[tokio::test]
    async fn a_jobcenter_that_asks_to_be_left_alone_is_heard_by_the_platforms_caller() {
        for (asked, passed_on) in [("600", 600), ("1000000", 3600), ("0", 0)] {
            let wire = before(&format!("{RESTING}{asked}"));
            let advice = Advice::default();
            let outcome = call(&wire, Duration::from_secs(60), &advice).await;
            refused(outcome, "turned away");
            assert_eq!(advice.asked(), Some(Duration::from_secs(passed_on)));
        }
    }

    #[tokio::test]
    async fn an_answer_without_authority_is_refused() {
        let world = World::new().await;
        let answer = include_str!("../../wsdl/samples/SendForretningsSvar.request.xml");
        let (status, body) = world.wire.post("platform", Endpoint::Jc2, answer).await;
        assert_eq!(status, 500);
        assert!(
            body.contains("AuthorityMissing") && body.contains("Client"),
            "{body}"
        );
    }
}
