//! Partners that misbehave: what KSD has taken over is delivered once they behave, and its story tells what they did.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::Uri;
use service::config::{Delivery, Limits};
use service::delivery::schedule::Retry;
use service::endpoint::Endpoint;
use service::http::{Client, Stopper};
use service::ksd::{self, Ksd};
use service::message::Message;
use service::observe::Observer;
use service::store::{Kind, Location, Store, Story};
use tests::system::{KSD_SYSTEM, LIMITS, sample};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use uuid::Uuid;

use crate::cargo;

/// What the platform does to one request.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Takes it in, and never answers.
    Silence,
    /// Sends this, and ends with the request unread, so that the connection is reset.
    Reset(&'static str),
    /// Sends this, and ends.
    Half(&'static str),
    /// Answers with a status, further header fields, a content type, and a body.
    Answer(u16, &'static str, &'static str, &'static str),
}

const BEGUN: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<s:Envelope";
const XML: &str = "text/xml; charset=utf-8";
const BARE_FAULT: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>Out of order.</faultstring></s:Fault></s:Body></s:Envelope>"#;
const OK: &str = include_str!("../../wsdl/samples/Opret.response.xml");
const OTHER: &str = include_str!("../../wsdl/samples/Afslut.response.xml");

/// A platform that does as it is told, one deed a request, and then answers OK.
struct Platform {
    url: Uri,
    deeds: Arc<Mutex<VecDeque<Deed>>>,
}

impl Platform {
    fn start(deeds: &[Deed]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let url = format!("http://{address}{}", Endpoint::Fs1.path());
        let deeds = Arc::new(Mutex::new(VecDeque::from(deeds.to_vec())));
        let script = Arc::clone(&deeds);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let script = Arc::clone(&script);
                // Where the caller is gone, there is nobody left to misbehave to.
                std::thread::spawn(move || serve(stream, &script).unwrap_or_default());
            }
        });
        let url = url.parse().expect("an address and a path");
        Self { url, deeds }
    }

    fn left(&self) -> usize {
        let deeds = self.deeds.lock().unwrap_or_else(PoisonError::into_inner);
        deeds.len()
    }
}

/// Serves the requests of one connection.
fn serve(stream: TcpStream, script: &Mutex<VecDeque<Deed>>) -> std::io::Result<()> {
    let mut answers = stream.try_clone()?;
    let mut requests = BufReader::new(stream);
    // A request is there before it is decided what to do to it: a connection alone is none.
    while requests.get_ref().peek(&mut [0])? > 0 {
        let deed = script
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        match deed.unwrap_or(Deed::Answer(200, "", XML, OK)) {
            Deed::Silence => {
                read(&mut requests)?;
                return requests.read_to_end(&mut Vec::new()).map(drop);
            }
            // What was sent and never read makes a reset of the end.
            Deed::Reset(sent) => return answers.write_all(sent.as_bytes()),
            Deed::Half(sent) => {
                read(&mut requests)?;
                return answers.write_all(sent.as_bytes());
            }
            Deed::Answer(status, fields, media_type, body) => {
                read(&mut requests)?;
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} So\r\n{fields}Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
                );
                answers.write_all(format!("{head}{body}").as_bytes())?;
            }
        }
    }
    Ok(())
}

/// Reads one request to its end.
fn read(requests: &mut impl BufRead) -> std::io::Result<()> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        requests.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(count) = line.strip_prefix("content-length: ") {
            length = count.parse().unwrap_or_default();
        }
        if line.is_empty() {
            return requests.read_exact(&mut vec![0; length]);
        }
    }
}

fn settings(platform: &Platform, limits: Limits) -> ksd::Settings {
    ksd::Settings {
        platform: platform.url.clone(),
        systems: BTreeSet::from([KSD_SYSTEM]),
        delivery: Delivery {
            retry: Retry {
                first: Duration::from_millis(1),
                cap: Duration::from_millis(20),
                longest_asked: Duration::from_millis(20),
                ..Retry::default()
            },
            ..Delivery::default()
        },
        limits,
    }
}

/// Hands KSD a message.
async fn submit(ksd: &Ksd<Client>) -> Uuid {
    let text = sample("Opret.request.xml");
    let message = Message::read(text.as_bytes(), &soap::Limits::default()).await;
    let message = message.expect("a message");
    let transaction = message.transaction();
    ksd.submit(message).await.expect("it is taken over");
    transaction
}

/// Lets KSD deliver a message to a platform that does `deeds` to it first; its story, and what `outbox show` tells.
fn story(name: &str, limits: Limits, deeds: &[Deed]) -> (Story, String) {
    let platform = Platform::start(deeds);
    let data = cargo::folder("partners").join(name);
    let _ = std::fs::remove_dir_all(&data);
    let location = Location::Directory(data.clone());
    let settings = settings(&platform, limits);
    let runtime = Runtime::new().expect("a runtime");
    let transaction = runtime.block_on(async {
        let store = Store::serve(&location, ksd::STORE).await.expect("a store");
        let (sender, mut calls) = unbounded_channel();
        // Once the test has seen what it waits for, nobody listens.
        let observer = Observer::new(move |event| drop(sender.send(event)));
        let ksd = Ksd::new(settings, store, Client::new(limits), observer);
        let (stopper, stop) = Stopper::new();
        let working = tokio::spawn(ksd.clone().work(stop));
        let transaction = submit(&ksd).await;
        let delivered = async { while calls.recv().await.is_some_and(|call| call.code != "OK") {} };
        let waited = tokio::time::timeout(Duration::from_secs(60), delivered).await;
        assert!(waited.is_ok(), "it is not delivered within a minute");
        // What has come back is committed before the work ends.
        stopper.stop();
        working.await.expect("it ends");
        transaction
    });
    assert_eq!(platform.left(), 0, "deeds that were not done");
    let stories = runtime.block_on(async {
        let store = Store::open(&location, ksd::STORE).await.expect("a store");
        store.story(Kind::Message, transaction, None).await
    });
    let (_, shown, _) = sf209x(&data, &["outbox", "show", &transaction.to_string()]);
    let [story]: [Story; 1] = stories
        .expect("it is kept")
        .try_into()
        .expect("one message");
    (story, shown)
}

/// Runs `sf209x` on the stores in `data`: its exit code, what it tells, and what it says is wrong.
fn sf209x(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let ended = Command::new(&cargo::built().sf209x)
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the command runs");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (
        ended.status.code(),
        text(&ended.stdout),
        text(&ended.stderr),
    )
}

/// Each of the tries but the last failed and tells of what is expected, and the last delivered.
#[track_caller]
fn check((story, shown): (Story, String), expected: &[&str]) {
    assert_eq!(story.entry.standing, "delivered");
    let (last, failed) = story.tries.split_last().expect("a try");
    assert_eq!(last.outcome, "delivered");
    assert_eq!(failed.len(), expected.len(), "{failed:#?}");
    for (one, expected) in failed.iter().zip(expected) {
        assert_eq!(one.outcome, "failed");
        assert!(
            one.said.contains(expected),
            "{:?}, not {expected:?}",
            one.said
        );
        assert!(shown.contains(expected), "{shown}");
    }
    assert!(
        shown.trim_end().ends_with("delivered") || shown.contains("  delivered\n"),
        "{shown}"
    );
}

#[test]
fn a_partner_that_misbehaves_gets_the_message_once_it_behaves() {
    let deeds = [
        (Deed::Reset(""), "broke the connection off"),
        (Deed::Reset(BEGUN), "broke "),
        (Deed::Half(BEGUN), "broke its answer off"),
        (
            Deed::Answer(200, "", "text/html", "<p>Back soon.</p>"),
            "answered without a SOAP message: Content-Type must be text/xml",
        ),
        (
            Deed::Answer(502, "", "text/html", "<p>Oops.</p>"),
            "answered HTTP 502",
        ),
        (
            Deed::Answer(500, "", XML, BARE_FAULT),
            "answered with a fault: Out of order.",
        ),
        (
            Deed::Answer(503, "", XML, OK),
            "answered HTTP 503 Service Unavailable with no fault",
        ),
        // The receipt for a message of another kind; of the same kind it has nothing to be told apart by.
        (
            Deed::Answer(200, "", XML, OTHER),
            "answered with an invalid message",
        ),
        (
            Deed::Answer(200, "", XML, ""),
            "answered with an invalid message",
        ),
    ];
    let (deeds, expected): (Vec<_>, Vec<_>) = deeds.into_iter().unzip();
    check(story("deeds", LIMITS, &deeds), &expected);
}

#[test]
fn a_partner_that_is_silent_is_asked_again() {
    let limits = Limits {
        call: Duration::from_millis(500),
        ..LIMITS
    };
    let told = story("silence", limits, &[Deed::Silence]);
    check(told, &["did not answer within 500ms"]);
}

/// Nobody knows whether it arrives, so what comes after it in its case must wait.
#[test]
fn what_is_being_tried_is_not_decided_on() {
    let platform = Platform::start(&[Deed::Silence]);
    let data = cargo::folder("partners").join("decided");
    let _ = std::fs::remove_dir_all(&data);
    let limits = Limits {
        call: Duration::from_secs(3600),
        ..LIMITS
    };
    let runtime = Runtime::new().expect("a runtime");
    let (stopper, stop) = Stopper::new();
    let transaction = runtime.block_on(async {
        let location = Location::Directory(data.clone());
        let store = Store::serve(&location, ksd::STORE).await.expect("a store");
        let (settings, client) = (settings(&platform, limits), Client::new(limits));
        let ksd = Ksd::new(settings, store, client, Observer::none());
        let transaction = submit(&ksd).await;
        tokio::spawn(ksd.work(stop));
        transaction.to_string()
    });
    while platform.left() > 0 {
        std::thread::yield_now();
    }
    for decision in ["retry", "park", "drop"] {
        let (code, told, said) = sf209x(&data, &["outbox", decision, &transaction]);
        assert_eq!((code, told.as_str()), (Some(75), ""), "{said}");
        assert!(said.contains("is being tried, until "), "{said}");
    }
    let (code, told, said) = sf209x(&data, &["store", "audit"]);
    assert_eq!((code, told.as_str()), (Some(0), ""), "{said}");
    let (_, told, _) = sf209x(&data, &["outbox", "show", &transaction]);
    assert!(told.contains("  being tried, until "), "{told}");
    stopper.stop();
}

/// What a partner may ask for is bounded; here to a few milliseconds.
#[test]
fn a_partner_that_asks_to_be_left_alone_says_so_in_the_story() {
    const HOUR: &str = "Retry-After: 3600\r\n";
    // Its clock is an hour off, by which both of its times are told.
    const CLOCK: &str =
        "Date: Mon, 02 Mar 2026 13:00:00 GMT\r\nRetry-After: Mon, 02 Mar 2026 13:00:30 GMT\r\n";
    let deeds = [
        (
            Deed::Answer(503, HOUR, XML, BARE_FAULT),
            "asked to be left alone for 3600s",
        ),
        (
            Deed::Answer(503, HOUR, "text/html", "busy"),
            "asked to be left alone for 3600s",
        ),
        (
            Deed::Answer(503, CLOCK, XML, BARE_FAULT),
            "asked to be left alone for 30s",
        ),
    ];
    let (deeds, expected): (Vec<_>, Vec<_>) = deeds.into_iter().unzip();
    check(story("busy", LIMITS, &deeds), &expected);
}
