//! `sf209x demo`: all roles in one process, over real HTTP, with two Jobcenters for different municipalities.
//!
//! KSD sends the seven messages; each is routed to the Jobcenter of its municipality, gets its receipt, and is answered. The demo has
//! succeeded when every receipt is OK and every answer is matched.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use generated::kmd::ForretningsValideringsKode;
use hyper::Uri;
use soap::Rule;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use uuid::Uuid;

use self::show::Show;
use crate::clearance::Callers;
use crate::config::Limits;
use crate::endpoint::{Endpoint, KSD, PLATFORM};
use crate::http::{App, Client, Listener, Stopper};
use crate::jobcenter::{AcceptAll, Jobcenter, Settings};
use crate::ksd::Ksd;
use crate::message::Message;
use crate::observe::{Event, Observer, Side};
use crate::outgoing::Receipt;
use crate::platform::Platform;
use crate::roles;
use crate::routing::{self, Cvr, Routes, Table};

pub(crate) mod messages;
mod show;

/// The whole demo takes milliseconds; a machine that needs longer than this will not get there.
const DEADLINE: Duration = Duration::from_secs(20);

/// Each message is four calls: EP_FS1, EP_JC1, EP_JC2, EP_FS2.
const CALLS: usize = 4;

/// The two Jobcenters and their municipalities.
const JOBCENTERS: [(&str, &str); 2] = [
    ("Jobcenter Nord", "90000001"),
    ("Jobcenter Syd", "90000002"),
];

/// Runs the demo and shows it on standard output, as text or as JSON.
///
/// # Errors
/// Anything that keeps a receipt or an answer from coming back.
pub async fn run(json: bool) -> Result<(), Error> {
    let (observer, mut events) = observed();
    let started = Instant::now();
    let stage = Stage::set(&observer).await?;
    let mut show = Show::new(json, started);
    show.cast(&stage.cast)?;

    let ksd = stage.ksd.clone();
    let mut exchange = tokio::spawn(async move { exchange(&ksd).await });
    let deadline = tokio::time::sleep(DEADLINE);
    tokio::pin!(deadline);
    let mut outcome = None;
    let mut missing = messages::COUNT * CALLS;
    while outcome.is_none() || missing > 0 {
        tokio::select! {
            event = next_call(&mut events) => {
                missing = missing.saturating_sub(1);
                show.call(event)?;
            }
            finished = &mut exchange, if outcome.is_none() => match finished {
                Ok(Ok(matched)) => outcome = Some(matched),
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(Error::Missing("the exchange stopped by a defect".to_owned())),
            },
            () = &mut deadline => return Err(overdue(outcome, missing)),
        }
    }
    stage.clear().await;
    show.summary(outcome.unwrap_or_default())?;
    Ok(())
}

/// Why the demo did not succeed.
#[derive(Debug)]
pub enum Error {
    /// A port or standard output failed.
    Io(io::Error),
    /// A message of the demo is not what the contract says.
    Message(Rule),
    /// A receipt or an answer is missing or not what it should be.
    Missing(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Message(rule) => {
                write!(f, "a message of the demo does not fit the contract: {rule}")
            }
            Self::Missing(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The roles, listening.
struct Stage {
    ksd: Ksd<Client>,
    cast: Vec<Actor>,
    stopper: Stopper,
    listeners: JoinSet<()>,
}

/// A party and where it listens.
struct Actor {
    name: String,
    address: SocketAddr,
    municipality: Option<&'static str>,
}

impl Stage {
    /// Binds every listener first: the roles then know one another's real ports.
    async fn set(observer: &Observer) -> Result<Self, Error> {
        let limits = Limits {
            request: DEADLINE,
            call: DEADLINE,
            ..Limits::default()
        };
        let client = Client::new(limits);
        let (at_ksd, at_platform) = (bind().await?, bind().await?);
        let (ep_fs1, ep_jc2) = (
            url(&at_platform, Endpoint::Fs1)?,
            url(&at_platform, Endpoint::Jc2)?,
        );
        let ep_fs2 = url(&at_ksd, Endpoint::Fs2)?;

        let mut sites = Vec::new();
        let mut cast = Vec::new();
        let mut reachable = Vec::new();
        let mut routes = Vec::new();
        for (name, municipality) in JOBCENTERS {
            let cvr: Cvr = municipality.parse().map_err(Error::Message)?;
            let listener = bind().await?;
            reachable.push(routing::Jobcenter {
                name: name.to_owned(),
                url: url(&listener, Endpoint::Jc1)?,
            });
            routes.push((cvr, name.to_owned()));
            cast.push(Actor {
                name: name.to_owned(),
                address: listener.address(),
                municipality: Some(municipality),
            });
            let municipalities = BTreeSet::from([cvr]);
            let settings = Settings {
                name: name.to_owned(),
                municipalities,
                platform: ep_jc2.clone(),
            };
            let role = Jobcenter::new(settings, client.clone(), observer.clone(), AcceptAll);
            sites.push((listener, roles::jobcenter(role, limits, observer.clone())));
        }
        let routes =
            Routes::new(reachable, routes).map_err(|error| Error::Missing(error.to_string()))?;
        let platform = Platform::new(
            Table::new(routes),
            Callers::Anyone,
            ep_fs2,
            client.clone(),
            observer.clone(),
        );
        let ksd = Ksd::new(ep_fs1, client, observer.clone());
        cast.insert(
            0,
            Actor {
                name: KSD.to_owned(),
                address: at_ksd.address(),
                municipality: None,
            },
        );
        cast.insert(
            1,
            Actor {
                name: PLATFORM.to_owned(),
                address: at_platform.address(),
                municipality: None,
            },
        );
        sites.push((
            at_platform,
            roles::platform(&platform, limits, observer.clone()),
        ));
        sites.push((at_ksd, roles::ksd(&ksd, limits, observer.clone())));
        Ok(Self::open(ksd, cast, sites))
    }

    fn open(ksd: Ksd<Client>, cast: Vec<Actor>, sites: Vec<(Listener, App)>) -> Self {
        let (stopper, stop) = Stopper::new();
        let mut listeners = JoinSet::new();
        for (listener, app) in sites {
            listeners.spawn(listener.serve(app, stop.clone()));
        }
        Self {
            ksd,
            cast,
            stopper,
            listeners,
        }
    }

    async fn clear(mut self) {
        self.stopper.stop();
        while self.listeners.join_next().await.is_some() {}
    }
}

async fn bind() -> io::Result<Listener> {
    Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).await
}

fn url(listener: &Listener, endpoint: Endpoint) -> Result<Uri, Error> {
    let url = format!("http://{}{}", listener.address(), endpoint.path());
    url.parse()
        .map_err(|error| Error::Missing(format!("{url}: {error}")))
}

fn observed() -> (Observer, UnboundedReceiver<Event>) {
    let (sender, receiver) = unbounded_channel();
    // Once the show is over nobody listens, and the event has no one to go to.
    let observer = Observer::new(move |event| drop(sender.send(event)));
    (observer, receiver)
}

/// The next call, as its caller saw it; the served side would show each a second time.
async fn next_call(events: &mut UnboundedReceiver<Event>) -> Event {
    loop {
        match events.recv().await {
            Some(event) if event.side == Side::Called => return event,
            Some(_) => {}
            // The observer lives as long as the stage, so this waits for the deadline at worst.
            None => std::future::pending().await,
        }
    }
}

/// Sends the seven messages and waits for their answers; returns how many were matched.
async fn exchange(ksd: &Ksd<Client>) -> Result<usize, Error> {
    let messages = messages::seven(JOBCENTERS.map(|(_, municipality)| municipality))
        .map_err(Error::Message)?;
    let mut sent: Vec<(&'static str, Uuid)> = Vec::with_capacity(messages.len());
    for message in messages {
        sent.push((message.operation(), message.transaction()));
        submit(ksd, message).await?;
    }
    for (operation, transaction) in &sent {
        let answer = ksd.answer(*transaction).await;
        match answer.map(|answer| answer.forretnings_validerings_kode) {
            Some(ForretningsValideringsKode::Accepteret) => {}
            Some(other) => {
                return Err(Error::Missing(format!(
                    "{operation} was answered with {}",
                    other.code()
                )));
            }
            None => return Err(Error::Missing(format!("{operation} is not known to KSD"))),
        }
    }
    Ok(sent.len())
}

async fn submit(ksd: &Ksd<Client>, message: Message) -> Result<(), Error> {
    let operation = message.operation();
    match ksd.submit(message).await {
        Ok(receipt) if receipt.code() == "OK" => Ok(()),
        Ok(receipt) => Err(Error::Missing(format!(
            "the receipt for {operation} is {}",
            receipt.code()
        ))),
        Err(failure) => Err(Error::Missing(format!(
            "no receipt for {operation}: {PLATFORM} {failure}"
        ))),
    }
}

fn overdue(outcome: Option<usize>, missing: usize) -> Error {
    let answers = if outcome.is_some() {
        "all answers are matched"
    } else {
        "not all answers are matched"
    };
    Error::Missing(format!(
        "after {DEADLINE:?} {answers} and {missing} calls are missing"
    ))
}
