//! `sf209x demo`: all roles in one process, over TLS and by token with a PKI that is made for it, with two Jobcenters for different municipalities.
//!
//! KSD sends the seven messages; each is routed to the Jobcenter of its municipality, gets its receipt, and is answered. The demo has
//! succeeded when every receipt is OK and every answer is matched.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use generated::kmd::ForretningsValideringsKode;
use soap::Rule;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

use self::show::Show;
use self::stage::Stage;
use crate::ksd::Ksd;
use crate::message::Message;
use crate::observe::{Event, Observer, Side};
use crate::outgoing::Receipt;
use crate::pki::folder;
use crate::secured::Caller;
use crate::store;

pub(crate) mod messages;
mod show;
mod stage;

/// The whole demo takes milliseconds; a machine that needs longer than this will not get there.
const DEADLINE: Duration = Duration::from_secs(20);

/// Each message is four calls: EP_FS1, EP_JC1, EP_JC2, EP_FS2.
const CALLS: usize = 4;

/// The two Jobcenters, their municipalities, and their files and organisations in the PKI.
const JOBCENTERS: [(&str, &str, &str, &str); 2] = [
    ("Jobcenter Nord", "90000001", "nord", folder::NORD),
    ("Jobcenter Syd", "90000002", "syd", folder::SYD),
];

/// Runs the demo and shows it on standard output, as text or as JSON.
///
/// # Errors
/// Anything that keeps a receipt or an answer from coming back.
pub async fn run(json: bool) -> Result<(), Error> {
    let (observer, mut events) = observed();
    let stage = Stage::set(&observer).await?;
    let started = Instant::now();
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
    /// A port, a store or standard output failed.
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

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Io(io::Error::other(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
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
async fn exchange(ksd: &Ksd<Caller>) -> Result<usize, Error> {
    let messages = messages::seven(JOBCENTERS.map(|(_, municipality, ..)| municipality))
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

async fn submit(ksd: &Ksd<Caller>, message: Message) -> Result<(), Error> {
    let operation = message.operation();
    match ksd.submit(message).await {
        Ok(receipt) if receipt.code() == "OK" => Ok(()),
        Ok(receipt) => Err(Error::Missing(format!(
            "the receipt for {operation} is {}",
            receipt.code()
        ))),
        Err(refusal) => Err(Error::Missing(format!(
            "no receipt for {operation}: {refusal}"
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
