//! KSD with a platform that takes everything at once: what is measured is the store.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use generated::kmd::KsdSygefravaerServiceServer;
use hyper::Uri;
use service::call::Context;
use service::config::{Delivery, Limits};
use service::endpoint::Endpoint;
use service::http::Stopper;
use service::ksd::{self, Ksd};
use service::message::Message;
use service::observe::Observer;
use service::outgoing::Connect;
use service::store::{Location, Store};
use soap::{Reply, Request, Transport, TransportError};
use tests::system::{KSD_SYSTEM, sample};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Failure, SUBMITTERS};

/// A KSD that is filled, and then emptied.
pub(crate) struct Bench {
    settings: ksd::Settings,
    store: Store,
    platform: Platform,
    /// What is submitted and not delivered, or delivered and not answered.
    under_way: Mutex<Vec<Uuid>>,
}

impl Bench {
    pub(crate) async fn open(location: &Location) -> Result<Self, Failure> {
        let settings = ksd::Settings {
            platform: Uri::from_static("http://127.0.0.1:1/"),
            systems: BTreeSet::from([KSD_SYSTEM]),
            delivery: Delivery {
                per_municipality: 32,
                ..Delivery::default()
            },
            limits: Limits::default(),
        };
        Ok(Self {
            settings,
            store: Store::open(location, ksd::STORE).await?,
            platform: Platform {
                receipt: sample("Opret.response.xml").into_bytes().into(),
                count: Arc::default(),
                more: Arc::default(),
            },
            under_way: Mutex::default(),
        })
    }

    fn ksd(&self) -> Ksd<Platform> {
        let (settings, store) = (self.settings.clone(), self.store.clone());
        Ksd::new(settings, store, self.platform.clone(), Observer::none())
    }

    /// How many messages a second are taken over, of `count`, each of a case of its own.
    pub(crate) async fn submits(&self, count: usize) -> Result<f64, Failure> {
        let text = sample("Opret.request.xml");
        let mut parts = Vec::new();
        for _ in 0..SUBMITTERS {
            let mut part = Vec::new();
            for _ in 0..count / SUBMITTERS {
                let transaction = Uuid::new_v4();
                self.under_way().push(transaction);
                let text = text.replace(TRANSACTION, &transaction.to_string()).replace(
                    "5f2090a0-3c7f-4a81-8d22-0000000000d4",
                    &Uuid::new_v4().to_string(),
                );
                part.push(Message::read(text.as_bytes(), &soap::Limits::default()).await?);
            }
            parts.push(part);
        }
        let ksd = self.ksd();
        let started = Instant::now();
        let mut submitters = JoinSet::new();
        for part in parts {
            let ksd = ksd.clone();
            submitters.spawn(async move {
                for message in part {
                    let receipt = ksd
                        .submit(message)
                        .await
                        .map_err(|error| error.to_string())?;
                    let code = receipt
                        .transport_kvittering
                        .transport_validerings_kode
                        .code();
                    if code != "OK" {
                        return Err(format!("a message was answered {code}"));
                    }
                }
                Ok(())
            });
        }
        while let Some(ended) = submitters.join_next().await {
            ended??;
        }
        Ok(count as f64 / started.elapsed().as_secs_f64())
    }

    /// How many messages a second are claimed, handed over and noted as delivered, of those that are in the store.
    pub(crate) async fn deliveries(&self) -> Result<f64, Failure> {
        let count = self.under_way().len();
        let (stopper, stop) = Stopper::new();
        let started = Instant::now();
        let working = tokio::spawn(self.ksd().work(stop));
        self.platform.taken(count).await;
        let took = started.elapsed();
        // What is under way is noted before it ends.
        stopper.stop();
        working.await?;
        Ok(count as f64 / took.as_secs_f64())
    }

    /// How many answers a second are taken in, one to each message that is delivered.
    pub(crate) async fn answers(&self) -> Result<f64, Failure> {
        let transactions = std::mem::take(&mut *self.under_way());
        let (count, limits) = (transactions.len(), soap::Limits::default());
        let text = sample("ModtagForretningsSvar.request.xml");
        let mut parts = vec![Vec::new(); SUBMITTERS];
        for (index, transaction) in transactions.iter().enumerate() {
            let text = text.replace(TRANSACTION, &transaction.to_string());
            parts[index % SUBMITTERS].push(text);
        }
        let server = Arc::new(KsdSygefravaerServiceServer::new(self.ksd()));
        let started = Instant::now();
        let mut answering = JoinSet::new();
        for part in parts {
            let server = Arc::clone(&server);
            answering.spawn(async move {
                for text in part {
                    let context = Context::now(Endpoint::Fs2, ([127, 0, 0, 1], 1).into());
                    let handled =
                        soap::server::handle(&*server, text.as_bytes(), None, context, &limits);
                    let answer = handled.await.map_err(|error| error.to_string())?;
                    if !answer.body.contains(">OK<") {
                        return Err(answer.body);
                    }
                }
                Ok(())
            });
        }
        while let Some(ended) = answering.join_next().await {
            ended??;
        }
        Ok(count as f64 / started.elapsed().as_secs_f64())
    }

    fn under_way(&self) -> MutexGuard<'_, Vec<Uuid>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The message of the samples.
const TRANSACTION: &str = "5f2090a0-7d3c-4e5f-8a90-000000000001";

/// A platform that answers OK, and counts.
#[derive(Clone)]
struct Platform {
    receipt: Arc<[u8]>,
    count: Arc<AtomicUsize>,
    more: Arc<Notify>,
}

impl Platform {
    /// Waits until so many messages have come, and counts anew.
    async fn taken(&self, count: usize) {
        while self.count.load(Ordering::Relaxed) < count {
            self.more.notified().await;
        }
        self.count.store(0, Ordering::Relaxed);
    }
}

impl Connect for Platform {
    type Transport = Self;

    fn to(&self, _url: &Uri) -> Self {
        self.clone()
    }
}

impl Transport for Platform {
    async fn send(&self, _request: Request<'_>) -> Result<Reply, TransportError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.more.notify_one();
        Ok(Reply {
            body: self.receipt.to_vec(),
        })
    }
}
