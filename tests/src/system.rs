//! The whole system in this process: KSD, the platform and two Jobcenters on loopback ports that the system chooses, and a
//! record of what they said to one another.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use generated::kmd::Forretningskvittering;
use hyper::Uri;
use service::clearance::Callers;
use service::config::{Delivery, Limits};
use service::endpoint::Endpoint;
use service::http::{App, Client, HttpTransport, Listener, Stopper};
use service::jobcenter::{CaseSystem, Jobcenter, Settings, Unavailable};
use service::ksd::{self, Ksd};
use service::message::Message;
use service::observe::Observer;
use service::outgoing::Connect;
use service::platform::Platform;
use service::receipt::Answer;
use service::roles;
use service::routing::{self, Bound, Routes, Table};
use service::store::{Location, Store};
use soap::{Reply, Transport, TransportError};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use uuid::Uuid;

use crate::http::{self, Response};

/// The municipality of the samples, which Jobcenter Nord serves.
pub const NORD: &str = "90000019";
/// A municipality that Jobcenter Syd serves.
pub const SYD: &str = "90000002";
/// A municipality that no Jobcenter serves.
pub const NOWHERE: &str = "90000009";
/// The system of KSD's that registered the samples.
pub const KSD_SYSTEM: Uuid = Uuid::from_u128(0x5f2090a0_51b7_4c1e_9d0a_0000000000a1);
/// The endpoints of SF2090.
pub const ENDPOINTS: [Endpoint; 4] = [Endpoint::Fs1, Endpoint::Jc1, Endpoint::Jc2, Endpoint::Fs2];

/// The limits of all roles: time for slow machines, which no test waits for to run out.
pub const LIMITS: Limits = {
    let minute = std::time::Duration::from_secs(60);
    Limits {
        message_bytes: 1 << 20,
        request: minute,
        call: minute,
        drain: minute,
        ..Limits::DEFAULT
    }
};

/// All roles, served until this is dropped.
#[derive(Debug)]
pub struct System {
    /// One or more, of which the first is called.
    ksd: Vec<Ksd<Recorder>>,
    recorder: Recorder,
    cases: Cases,
    at_ksd: SocketAddr,
    at_platform: SocketAddr,
    at_nord: SocketAddr,
    stopper: Stopper,
    runtime: Runtime,
    /// Where the stores are, unless somebody else cares for that; removed last.
    _stores: Option<TempDir>,
}

impl System {
    /// Starts all roles.
    ///
    /// # Panics
    ///
    /// When the machine has no loopback address or no port left.
    #[must_use]
    pub fn start() -> Self {
        let stores = TempDir::new().expect("a directory");
        let mut system = Self::start_on(Location::Directory(stores.path().to_owned()), 1);
        system._stores = Some(stores);
        system
    }

    /// Starts all roles with their stores at `location`. KSD and each Jobcenter run in `instances`; the first of them is called, and
    /// the others work.
    ///
    /// # Panics
    ///
    /// When the machine has no loopback address or no port left, or a store does not open.
    #[must_use]
    pub fn start_on(location: Location, instances: usize) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let entered = runtime.enter();
        let bind = || {
            let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into());
            runtime.block_on(listener).expect("a port on loopback")
        };
        let [ksd, platform, nord, syd] = [bind(), bind(), bind(), bind()];
        let recorder = Recorder {
            client: Client::new(LIMITS),
            exchanges: Arc::new(watch::Sender::new(Vec::new())),
        };
        let cases = Cases::default();
        let delivery = Delivery {
            store: location,
            ..Delivery::default()
        };
        let open = |party: &str| {
            let store = runtime.block_on(Store::serve(&delivery.store, party));
            store.expect("a store")
        };
        let (stopper, stop) = Stopper::new();
        let serve = |listener: Listener, app: App| {
            runtime.spawn(listener.serve(app, stop.clone()));
        };
        let observer = Observer::none();
        let (at_ksd, at_platform, at_nord) = (ksd.address(), platform.address(), nord.address());

        let mut reachable = Vec::new();
        let mut routes = Vec::new();
        for (name, municipality, listener) in [("Nord", NORD, nord), ("Syd", SYD, syd)] {
            let municipality = municipality.parse().expect("a CVR number");
            routes.push((municipality, name.to_owned()));
            reachable.push(routing::Jobcenter {
                name: name.to_owned(),
                url: url(listener.address(), Endpoint::Jc1),
                bound: Bound::default(),
            });
            let settings = Settings {
                name: name.to_owned(),
                municipalities: BTreeSet::from([municipality]),
                platform: url(at_platform, Endpoint::Jc2),
                delivery: delivery.clone(),
                limits: LIMITS,
            };
            let register = Register {
                name,
                cases: cases.clone(),
            };
            let jobcenters: Vec<_> = (0..instances)
                .map(|_| {
                    let store = open(&settings.store());
                    let (settings, register) = (settings.clone(), register.clone());
                    let (connect, observer) = (recorder.clone(), observer.clone());
                    let jobcenter = Jobcenter::new(settings, store, connect, observer, register);
                    runtime.spawn(jobcenter.clone().work(stop.clone()));
                    jobcenter
                })
                .collect();
            let called = jobcenters[0].clone();
            serve(
                listener,
                roles::jobcenter(called, Callers::Anyone, LIMITS, observer.clone()),
            );
        }
        let table = Table::new(Routes::new(reachable, routes).expect("a mapping table"));
        let at_fs2 = url(at_ksd, Endpoint::Fs2);
        let role = Platform::new(
            table,
            Callers::Anyone,
            at_fs2,
            recorder.clone(),
            observer.clone(),
        );
        serve(platform, roles::platform(&role, LIMITS, observer.clone()));
        let at_fs1 = url(at_platform, Endpoint::Fs1);
        let settings = ksd::Settings {
            platform: at_fs1,
            systems: BTreeSet::from([KSD_SYSTEM]),
            delivery: delivery.clone(),
            limits: LIMITS,
        };
        let roles: Vec<_> = (0..instances)
            .map(|_| {
                let store = open(ksd::STORE);
                let (settings, connect) = (settings.clone(), recorder.clone());
                let ksd = Ksd::new(settings, store, connect, observer.clone());
                runtime.spawn(ksd.clone().work(stop.clone()));
                ksd
            })
            .collect();
        serve(
            ksd,
            roles::ksd(
                &roles[0],
                Callers::Anyone,
                Callers::Anyone,
                LIMITS,
                observer,
            ),
        );
        drop(entered);
        Self {
            ksd: roles,
            recorder,
            cases,
            at_ksd,
            at_platform,
            at_nord,
            stopper,
            runtime,
            _stores: None,
        }
    }

    /// Where the endpoint is; EP_JC1 is that of Jobcenter Nord.
    #[must_use]
    pub fn url(&self, endpoint: Endpoint) -> String {
        url(self.address(endpoint), endpoint).to_string()
    }

    /// The listener of the endpoint.
    #[must_use]
    pub const fn address(&self, endpoint: Endpoint) -> SocketAddr {
        match endpoint {
            Endpoint::Fs1 | Endpoint::Jc2 => self.at_platform,
            Endpoint::Jc1 => self.at_nord,
            Endpoint::Fs2 | Endpoint::Intake => self.at_ksd,
        }
    }

    /// Posts `message` to the endpoint, without an action.
    #[must_use]
    pub fn post(&self, endpoint: Endpoint, message: impl AsRef<[u8]>) -> Response {
        http::post(
            self.address(endpoint),
            endpoint.path(),
            &[],
            message.as_ref(),
        )
    }

    /// Submits `document` to an instance of KSD: the receipt's code, or why it is not taken over.
    ///
    /// # Errors
    ///
    /// The text of the refusal.
    ///
    /// # Panics
    ///
    /// When the document is no message.
    pub fn submit(&self, instance: usize, document: &str) -> Result<&'static str, String> {
        self.wait(async {
            let message = Message::read(document.as_bytes(), &soap::Limits::default()).await;
            let receipt = self.ksd[instance].submit(message.expect("a message")).await;
            let receipt = receipt.map_err(|refusal| refusal.to_string())?;
            Ok(receipt
                .transport_kvittering
                .transport_validerings_kode
                .code())
        })
    }

    /// Waits for the first answer to the message `transaction`, which KSD has sent.
    ///
    /// # Panics
    ///
    /// When KSD has not sent it.
    #[must_use]
    pub fn answer(&self, transaction: Uuid) -> Forretningskvittering {
        let answer = self.wait(self.ksd[0].answer(transaction));
        answer.expect("a message that KSD has sent")
    }

    /// Waits until the roles have made `count` calls, and returns all of them in the order in which they ended.
    #[must_use]
    pub fn exchanges(&self, count: usize) -> Vec<Exchange> {
        self.exchanges_with(count, |_| true)
    }

    /// The same, of the calls to one endpoint.
    #[must_use]
    pub fn exchanges_to(&self, endpoint: Endpoint, count: usize) -> Vec<Exchange> {
        self.exchanges_with(count, |exchange| exchange.endpoint == endpoint)
    }

    fn exchanges_with(&self, count: usize, of: impl Fn(&Exchange) -> bool) -> Vec<Exchange> {
        let mut exchanges = self.recorder.exchanges.subscribe();
        let wanted = |all: &[Exchange]| all.iter().filter(|e| of(e)).cloned().collect::<Vec<_>>();
        let all = self.wait(async {
            let all = exchanges.wait_for(|all| wanted(all).len() >= count).await;
            all.map(|all| wanted(&all)).unwrap_or_default()
        });
        assert_eq!(all.len(), count, "calls");
        all
    }

    /// What the Jobcenters have registered: the Jobcenter's name and the message.
    #[must_use]
    pub fn registered(&self) -> Vec<(&'static str, Message)> {
        self.cases.registered.borrow().clone()
    }

    /// What does not come in two minutes does not come: a lease is over sooner, and a database that crashes may leave one behind.
    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        let deadline = std::time::Duration::from_secs(120);
        let outcome = self
            .runtime
            .block_on(async { tokio::time::timeout(deadline, future).await });
        outcome.expect("it comes within two minutes")
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.stopper.stop();
    }
}

/// One call between two roles: the bodies that both sides sent.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The endpoint that was called.
    pub endpoint: Endpoint,
    /// Where it is.
    pub url: String,
    /// The operation, as the contract names it.
    pub operation: &'static str,
    /// The request, an envelope.
    pub request: String,
    /// The response, an envelope.
    pub response: String,
}

/// HTTP with a record.
#[derive(Clone, Debug)]
pub struct Recorder {
    client: Client,
    exchanges: Arc<watch::Sender<Vec<Exchange>>>,
}

impl Connect for Recorder {
    type Transport = Recorded;

    fn to(&self, url: &Uri) -> Recorded {
        Recorded {
            inner: self.client.to(url),
            url: url.clone(),
            exchanges: Arc::clone(&self.exchanges),
        }
    }
}

/// The way to one endpoint, with a record.
#[derive(Debug)]
pub struct Recorded {
    inner: HttpTransport,
    url: Uri,
    exchanges: Arc<watch::Sender<Vec<Exchange>>>,
}

impl Transport for Recorded {
    async fn send(&self, request: soap::Request<'_>) -> Result<Reply, TransportError> {
        let (operation, sent) = (request.operation.name, request.body.clone());
        let reply = self.inner.send(request).await?;
        let endpoint = ENDPOINTS
            .into_iter()
            .find(|endpoint| endpoint.path() == self.url.path());
        let exchange = Exchange {
            endpoint: endpoint.unwrap_or(Endpoint::Intake),
            url: self.url.to_string(),
            operation,
            request: sent,
            response: String::from_utf8_lossy(&reply.body).into_owned(),
        };
        self.exchanges.send_modify(|all| all.push(exchange));
        Ok(reply)
    }

    fn limits(&self) -> soap::Limits {
        self.inner.limits()
    }
}

/// The messages that both Jobcenters have registered.
#[derive(Clone, Debug, Default)]
struct Cases {
    registered: Arc<watch::Sender<Vec<(&'static str, Message)>>>,
}

/// The case system of one Jobcenter.
#[derive(Clone)]
struct Register {
    name: &'static str,
    cases: Cases,
}

impl CaseSystem for Register {
    /// The answer tells who gave it, and to what, so that a wrong match is seen.
    async fn register(&self, message: &Message) -> Result<Option<Answer>, Unavailable> {
        let entry = (self.name, message.clone());
        self.cases.registered.send_modify(|all| all.push(entry));
        let reason = reason(self.name, message.operation());
        Ok(Some(Answer::Rejected { reason }))
    }
}

/// The Begrundelse of the answer that the Jobcenter `name` gives to `operation`.
#[must_use]
pub fn reason(name: &str, operation: &str) -> String {
    format!("{name} afviser {operation} & svarer på dansk: æøå.")
}

/// The message of the file `name` in `wsdl/samples`.
///
/// # Panics
///
/// When there is no such file.
#[must_use]
pub fn sample(name: &str) -> String {
    let path = root().join("wsdl/samples").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

fn url(address: SocketAddr, endpoint: Endpoint) -> Uri {
    let url = format!("http://{address}{}", endpoint.path());
    url.parse().expect("an address and a path")
}
