//! For the tests of this crate: the roles joined without sockets, each hop a real HTTP request handed to a real [`App`].

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::SygefravaerServiceClient;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::{Request, Response, StatusCode, Uri};
use soap::{Reply, Transport, TransportError};
use tempfile::TempDir;

use crate::clearance::Callers;
use crate::config::{Delivery, Limits};
use crate::delivery::schedule::Retry;
use crate::demo::messages;
use crate::endpoint::Endpoint;
use crate::http::{App, Stopper};
use crate::jobcenter::{CaseSystem, Jobcenter, Settings, Unavailable};
use crate::ksd::{self, Ksd};
use crate::message::Message;
use crate::observe::{Event, Observer};
use crate::outgoing::{Advice, Connect, Destination, Failure};
use crate::platform::Platform;
use crate::receipt::Answer;
use crate::roles;
use crate::routing::{self, Bound, Routes, Table};
use crate::store::{Location, Store};

pub(crate) mod log;

/// The municipality that `Nord` serves.
pub(crate) const NORD: &str = "90000001";
/// A municipality that the platform routes to a Jobcenter where nobody answers.
pub(crate) const SILENT: &str = "90000002";
/// A municipality that the platform routes to `Nord`, which has not registered it.
pub(crate) const STRAY: &str = "90000003";
/// A municipality that the platform routes to a Jobcenter that takes no more calls.
pub(crate) const BUSY: &str = "90000004";
/// The system that registers the messages of [`opret`], which is KSD's own.
pub(crate) const KSD_SYSTEM: &str = "5f2090a0-51b7-4c1e-9d0a-0000000000a1";
/// A municipality that no one knows.
pub(crate) const NOWHERE: &str = "90000009";

/// A host that never answers.
pub(crate) const DEAF: &str = "deaf";
/// A host that is called so and then a number asks to be left alone for so many seconds.
pub(crate) const RESTING: &str = "resting";

/// The apps by authority; a host that is not there cannot be reached.
#[derive(Clone, Default)]
pub(crate) struct Wire {
    apps: Arc<Mutex<HashMap<&'static str, Arc<App>>>>,
    /// What was answered, by path.
    sent: Arc<Mutex<Vec<(String, String)>>>,
}

impl Wire {
    pub(crate) fn plug(&self, host: &'static str, app: App) {
        self.apps.lock().unwrap().insert(host, Arc::new(app));
    }

    pub(crate) fn app(&self, host: &str) -> Arc<App> {
        Arc::clone(&self.apps.lock().unwrap()[host])
    }

    /// Posts `body` as a caller would, and returns status and body of the response.
    pub(crate) async fn post(
        &self,
        host: &str,
        endpoint: Endpoint,
        body: impl Into<Bytes>,
    ) -> (StatusCode, String) {
        let request =
            Request::post(endpoint.path()).header(CONTENT_TYPE, "text/xml; charset=utf-8");
        let response = self
            .hand(host, request.body(Full::new(body.into())).unwrap())
            .await
            .unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn hand(
        &self,
        host: &str,
        request: Request<Full<Bytes>>,
    ) -> Option<Response<Full<Bytes>>> {
        if host == DEAF {
            std::future::pending::<()>().await;
        }
        if let Some(seconds) = host.strip_prefix(RESTING) {
            let response = Response::builder().status(StatusCode::SERVICE_UNAVAILABLE);
            return response
                .header(RETRY_AFTER, seconds)
                .body(Full::default())
                .ok();
        }
        let app = self.apps.lock().unwrap().get(host).cloned()?;
        Some(app.answer(request, ([127, 0, 0, 1], 40_000).into()).await)
    }
}

impl Connect for Wire {
    type Transport = Hop;

    fn to(&self, url: &Uri) -> Hop {
        Hop {
            wire: self.clone(),
            url: url.clone(),
            time: None,
            advice: None,
        }
    }

    fn reach(&self, destination: Destination<'_>) -> Hop {
        Hop {
            time: destination.time,
            advice: destination.advice.cloned(),
            ..self.to(destination.url)
        }
    }
}

pub(crate) struct Hop {
    wire: Wire,
    url: Uri,
    /// How long the call may take, where it is bounded.
    time: Option<Duration>,
    advice: Option<Advice>,
}

impl Transport for Hop {
    async fn send(&self, request: soap::Request<'_>) -> Result<Reply, TransportError> {
        let Some(time) = self.time else {
            return self.exchange(request).await;
        };
        let outcome = tokio::time::timeout(time, self.exchange(request)).await;
        let late = |_| TransportError::passing(format!("did not answer within {time:?}"));
        outcome.map_err(late)?
    }
}

impl Hop {
    async fn exchange(&self, request: soap::Request<'_>) -> Result<Reply, TransportError> {
        let sent = request.body.clone();
        let mut post = Request::post(self.url.path())
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", format!("\"{}\"", request.operation.action));
        if let Some(time) = self.time {
            post = post.header("SF209X-Time-Left", time.as_millis().to_string());
        }
        let post = post.body(Full::new(Bytes::from(request.body))).unwrap();
        let response = self.wire.hand(self.url.host().unwrap(), post).await;
        let response = response.ok_or_else(|| TransportError::passing("could not be reached"))?;
        if let (Some(advice), Some(asked)) = (&self.advice, response.headers().get(RETRY_AFTER)) {
            let seconds = asked.to_str().unwrap().parse().unwrap();
            advice.note(Duration::from_secs(seconds));
        }
        if response.headers().get(CONTENT_TYPE).is_none() {
            return Err(TransportError::passing("turned away"));
        }
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let path = self.url.path().to_owned();
        self.wire.sent.lock().unwrap().push((path, sent));
        Ok(Reply {
            body: body.to_vec(),
        })
    }
}

/// Answers by operation, so that tests can tell answers apart, and counts how often it was asked.
#[derive(Clone, Default)]
pub(crate) struct Cases {
    pub(crate) registered: Arc<Mutex<Vec<Message>>>,
    /// Whether answers come later.
    pub(crate) later: Arc<AtomicBool>,
    /// How many times more nothing can be registered.
    pub(crate) absent: Arc<AtomicU32>,
}

impl CaseSystem for Cases {
    async fn register(&self, message: &Message) -> Result<Option<Answer>, Unavailable> {
        let less = |count: u32| count.checked_sub(1);
        let absent = self
            .absent
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        if absent.is_ok() {
            return Err(Unavailable("closed".to_owned()));
        }
        self.registered.lock().unwrap().push(message.clone());
        Ok(match message {
            _ if self.later.load(Ordering::Relaxed) => None,
            Message::Afslut(_) => Some(Answer::Rejected {
                reason: "Borgeren er flyttet.".to_owned(),
            }),
            _ => Some(Answer::Accepted),
        })
    }
}

/// KSD, the platform and the Jobcenter `Nord`.
pub(crate) struct World {
    pub(crate) wire: Wire,
    pub(crate) ksd: Ksd<Wire>,
    pub(crate) jobcenter: Jobcenter<Wire, Cases>,
    pub(crate) cases: Cases,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    _stopper: Stopper,
    _stores: TempDir,
}

pub(crate) const LIMITS: Limits = Limits {
    message_bytes: 64 << 10,
    request: Duration::from_secs(30),
    call: Duration::from_secs(20),
    drain: Duration::from_secs(10),
    ..Limits::DEFAULT
};

impl World {
    pub(crate) async fn new() -> Self {
        let stores = TempDir::new().unwrap();
        let delivery = Delivery {
            store: Location::Directory(stores.path().to_owned()),
            retry: Retry {
                first: Duration::from_millis(1),
                ..Retry::default()
            },
            ..Delivery::default()
        };
        let (stopper, stop) = Stopper::new();
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = Arc::clone(&events);
        let observer = Observer::new(move |event| sink.lock().unwrap().push(event));
        let wire = Wire::default();
        let at = |host: &str, endpoint: Endpoint| {
            format!("http://{host}{}", endpoint.path())
                .parse::<Uri>()
                .unwrap()
        };

        let jobcenters = [("nord", 64), ("silent", 64), ("busy", 0)];
        let jobcenters = jobcenters.map(|(name, calls)| routing::Jobcenter {
            name: name.to_owned(),
            url: at(name, Endpoint::Jc1),
            bound: Bound {
                calls,
                ..Bound::default()
            },
        });
        let routes = [
            (NORD, "nord"),
            (SILENT, "silent"),
            (STRAY, "nord"),
            (BUSY, "busy"),
        ]
        .map(|(municipality, name)| (municipality.parse().unwrap(), name.to_owned()));
        let table = Table::new(Routes::new(jobcenters, routes).unwrap());
        let platform = Platform::new(
            table,
            Callers::Anyone,
            at("ksd", Endpoint::Fs2),
            wire.clone(),
            observer.clone(),
        );
        wire.plug(
            "platform",
            roles::platform(&platform, LIMITS, observer.clone()),
        );

        let settings = ksd::Settings {
            platform: at("platform", Endpoint::Fs1),
            systems: BTreeSet::from([KSD_SYSTEM.parse().unwrap()]),
            delivery: delivery.clone(),
            limits: LIMITS,
        };
        let store = Store::serve(&delivery.store, ksd::STORE).await.unwrap();
        let ksd = Ksd::new(settings, store, wire.clone(), observer.clone());
        tokio::spawn(ksd.clone().work(stop.clone()));
        wire.plug(
            "ksd",
            roles::ksd(
                &ksd,
                Callers::Anyone,
                Callers::Anyone,
                LIMITS,
                observer.clone(),
            ),
        );

        let cases = Cases::default();
        let settings = Settings {
            name: "nord".to_owned(),
            municipalities: BTreeSet::from([NORD.parse().unwrap()]),
            platform: at("platform", Endpoint::Jc2),
            delivery: delivery.clone(),
            limits: LIMITS,
        };
        let store = Store::serve(&delivery.store, &settings.store())
            .await
            .unwrap();
        let nord = Jobcenter::new(
            settings,
            store,
            wire.clone(),
            observer.clone(),
            cases.clone(),
        );
        tokio::spawn(nord.clone().work(stop));
        wire.plug(
            "nord",
            roles::jobcenter(nord.clone(), Callers::Anyone, LIMITS, observer),
        );
        Self {
            wire,
            ksd,
            jobcenter: nord,
            cases,
            events,
            _stopper: stopper,
            _stores: stores,
        }
    }

    /// Sends `message` to the platform as KSD would, and returns the receipt.
    pub(crate) async fn send(&self, message: &Message) -> Result<SygefravaerResponse, Failure> {
        let url = format!("http://platform{}", Endpoint::Fs1.path());
        let transport = self.wire.to(&url.parse().unwrap());
        message
            .send(&SygefravaerServiceClient::new(transport))
            .await
    }

    /// Waits until `count` answers have been taken in at EP_JC2, and returns what was sent there.
    pub(crate) async fn answers(&self, count: usize) -> Vec<String> {
        loop {
            let sent = self.wire.sent.lock().unwrap().clone();
            let answers: Vec<_> = sent
                .into_iter()
                .filter(|(path, _)| path == Endpoint::Jc2.path())
                .collect();
            if answers.len() >= count {
                return answers.into_iter().map(|(_, body)| body).collect();
            }
            tokio::task::yield_now().await;
        }
    }

    /// The codes of all events so far, as `ENDPOINT CODE`.
    pub(crate) fn codes(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .map(|event| format!("{} {}", event.endpoint, event.code))
            .collect()
    }
}

/// A message `Opret` for `municipality`.
pub(crate) fn opret(municipality: &str) -> Message {
    let [opret, ..] = messages::seven([municipality; 2]).unwrap();
    opret
}
