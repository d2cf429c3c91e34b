//! A platform whose clock is an hour off believes nothing that KSD signs, and signs nothing that KSD believes; nor does KSD believe
//! an answer that does not say what it answers. KSD keeps the message, and delivers it once all is right.

use std::collections::{BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use chrono::TimeDelta;
use generated::sygefravaer::Opret;
use hyper::Response;
use hyper::body::Incoming;
use soap::{Operation, Undeclared, Version};
use tempfile::TempDir;

use super::*;
use crate::config::Delivery;
use crate::delivery::schedule::Retry;
use crate::http::{Listener, Respond, Stopper, whole};
use crate::ksd::{self, Ksd};
use crate::store::Kind;
use crate::sts::{Granted, SecurityTokenService};
use crate::world::{KSD_SYSTEM, opret as message};

/// A platform, and what is wrong at each call; nothing is from then on.
struct Platform {
    made: Made,
    calls: Mutex<VecDeque<Call>>,
}

/// How one call is answered.
#[derive(Clone, Copy)]
enum Call {
    /// The message is held against a clock that is so far ahead.
    Judged(TimeDelta),
    /// The message is taken, and the answer is signed by such a clock.
    Signed(TimeDelta),
    /// The message is taken, and the signed answer has this action, or none.
    Acting(Option<&'static str>),
}

const HOUR: TimeDelta = TimeDelta::hours(1);
const OK: &str = include_str!("../../../../wsdl/samples/Opret.response.xml");

impl Respond for Platform {
    fn limits(&self) -> &Limits {
        &LIMITS
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        _peer: SocketAddr,
    ) -> Response<Full<Bytes>> {
        let call = self.calls.lock().unwrap().pop_front();
        let action = Some(Opret::FACTS.answer_action);
        let (judged, signed, action) = match call.unwrap_or(Call::Acting(action)) {
            Call::Judged(ahead) => (now() + ahead, now(), action),
            Call::Signed(ahead) => (now(), now() + ahead, action),
            Call::Acting(action) => (now(), now(), action),
        };
        let body = whole(request.into_body(), LIMITS.message_bytes).await;
        let body = body.unwrap_or_default();
        let (status, text) = match self.made.verifier.verify_request(&body, None, judged) {
            Err(refusal) => (500, refusal.fault::<Undeclared>().write(Version::Soap11)),
            Ok(request) => {
                let id = request.authority().message_id.as_deref();
                let id = id.unwrap_or_default();
                let addressing = Addressing {
                    action: action.map(str::to_owned),
                    ..Addressing::response("", &fresh(), id)
                };
                let answer = self.made.signer.sign(OK, &addressing, None, signed);
                (200, answer.unwrap())
            }
        };
        let response = Response::builder().status(status);
        let response = response.header(CONTENT_TYPE, "text/xml; charset=utf-8");
        response.body(Full::new(Bytes::from(text))).unwrap()
    }
}

#[tokio::test]
async fn a_platform_whose_clock_is_wrong_gets_the_message_once_it_is_right() {
    delivered_after(&[
        (
            Call::Judged(HOUR),
            "answered with a fault: ",
            "(message-expired)",
        ),
        (
            Call::Judged(-HOUR),
            "answered with a fault: ",
            "(token-not-yet-valid)",
        ),
        (Call::Signed(HOUR), "not to be believed: ", "in the future"),
        (Call::Signed(-HOUR), "not to be believed: ", "has expired"),
    ])
    .await;
}

#[tokio::test]
async fn an_answer_without_the_action_of_an_answer_is_none() {
    let disbelieved = "not to be believed: ";
    delivered_after(&[
        (
            Call::Acting(None),
            disbelieved,
            "a header block that the profile demands is missing (Action)",
        ),
        (
            Call::Acting(Some("")),
            disbelieved,
            "a header block that the profile demands is missing (Action)",
        ),
        (
            Call::Acting(Some(Opret::FACTS.action)),
            disbelieved,
            "the signed action is not that of the call (Action)",
        ),
    ])
    .await;
}

/// Has KSD deliver a message once `calls` have failed in turn, of each of which its store tells who said so and why.
async fn delivered_after(calls: &[(Call, &str, &str)]) {
    let here = (Ipv4Addr::LOCALHOST, 0).into();
    let (stopper, stop) = Stopper::new();
    let mut tokens = PARTIES.tokens.clone();
    let sts = Listener::bind_open_tls(here, PARTIES.sts.clone()).await;
    let sts = sts.unwrap();
    tokens.sts = format!("https://{}/sts", sts.address()).parse().unwrap();
    let mut agreements = Agreements::default();
    let [caller, municipality] = [folder::KSD, NORD].map(|cvr| cvr.parse().unwrap());
    agreements.add(Endpoint::Fs1, caller, municipality);
    let granted = Granted {
        tokens: tokens.clone(),
        agreements,
    };
    let service = SecurityTokenService::new(granted, PARTIES.sts.clone(), LIMITS);
    tokio::spawn(sts.serve(service, stop.clone()));

    let listener = Listener::bind_tls(here, PARTIES.platform.clone()).await;
    let listener = listener.unwrap();
    let url = format!("https://{}{}", listener.address(), Endpoint::Fs1.path());
    let tokens = tokens.reached_at(Endpoint::Fs1, &*url);
    let current = PARTIES.platform.current();
    let rules = request_rules(&tokens, Endpoint::Fs1, LIMITS, &current);
    let platform = Platform {
        made: Made {
            signer: Arc::clone(current.signer()),
            verifier: Verifier::new(rules),
        },
        calls: Mutex::new(calls.iter().map(|(call, ..)| *call).collect()),
    };
    tokio::spawn(listener.serve(platform, stop.clone()));

    let stores = TempDir::new().unwrap();
    let location = Location::Directory(stores.path().to_owned());
    let store = Store::serve(&location, ksd::STORE).await.unwrap();
    let settings = ksd::Settings {
        platform: url.parse().unwrap(),
        systems: BTreeSet::from([KSD_SYSTEM.parse().unwrap()]),
        delivery: Delivery {
            retry: Retry {
                first: Duration::from_millis(1),
                cap: Duration::from_millis(20),
                ..Retry::default()
            },
            ..Delivery::default()
        },
        limits: LIMITS,
    };
    let partners = BTreeSet::from([folder::PLATFORM.parse().unwrap()]);
    let caller = Caller::by_token(PARTIES.ksd.clone(), LIMITS, &tokens, &partners, false);
    let ksd = Ksd::new(settings, store.clone(), caller, Observer::none());
    let working = tokio::spawn(ksd.clone().work(stop));
    let message = message(NORD);
    let transaction = message.transaction();
    ksd.submit(message).await.unwrap();
    let story = loop {
        let story = store.story(Kind::Message, transaction, None).await.unwrap();
        if story[0].entry.standing == "delivered" {
            break story;
        }
    };
    stopper.stop();
    working.await.unwrap();

    let (last, failed) = story[0].tries.split_last().unwrap();
    assert_eq!(last.outcome, "delivered");
    assert_eq!(failed.len(), calls.len());
    for (one, (_, who, why)) in failed.iter().zip(calls) {
        assert_eq!(one.outcome, "failed");
        assert!(
            one.said.contains(who) && one.said.contains(why),
            "{}",
            one.said
        );
    }
}
