//! Whole calls over loopback, on connections that stay open: our server and our client, each beside hyper alone.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::{Opret, SygefravaerServiceClient, SygefravaerServiceServer};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use service::call::Context;
use service::clearance::Callers;
use service::config::Limits;
use service::endpoint::Endpoint;
use service::http::{App, Client, Dial, Listener, Stopper, connection};
use service::logging;
use service::message::{Inlet, Message, Receive};
use service::outgoing::Connect;
use service::receipt;
use service::refusal::Refusal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::codec::{CASES, typed};
use crate::memory::{Answering, Peer};

/// Calls a second.
pub(crate) struct Rates {
    pub(crate) server: f64,
    pub(crate) bare_server: f64,
    pub(crate) client: f64,
    pub(crate) bare_client: f64,
}

/// Measures in short turns, ours and bare one after the other, so that a noisy machine disturbs both alike; the best turn
/// of each counts.
pub(crate) fn measure() -> Rates {
    let message = CASES[0].message;
    let ours = start(|sender| async move { our_server(sender).await });
    let answer = first_answer(ours, message);
    let length = answer.len();
    let body = answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .expect("an answer");
    let bare = start(|sender| async move { bare_server(sender, body).await });
    assert_eq!(first_answer(bare, message).len(), length, "the same sizes");
    let mut rates = Rates {
        server: 0.0,
        bare_server: 0.0,
        client: 0.0,
        bare_client: 0.0,
    };
    for _ in 0..5 {
        rates.server = rates.server.max(load(ours, message, length));
        rates.bare_server = rates.bare_server.max(load(bare, message, length));
        rates.client = rates.client.max(our_client(bare, message));
        rates.bare_client = rates.bare_client.max(bare_client(bare, message));
    }
    rates
}

/// One side of a call, for counting instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    Server,
    BareServer,
    Client,
    BareClient,
}

impl Alone {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("server", Self::Server),
        ("bare-server", Self::BareServer),
        ("client", Self::Client),
        ("bare-client", Self::BareClient),
    ];

    /// Does that side's part of so many calls, on one connection to nobody.
    pub(crate) fn run(self, times: usize) {
        let message = CASES[0].message;
        let answer = answer(message);
        let caller = Peer::client(post(message).into(), times);
        let nowhere = ([127, 0, 0, 1], 1).into();
        runtime().block_on(async {
            match self {
                Self::Server => {
                    let _ = connection(Arc::new(app()), caller, nowhere, None).await;
                }
                Self::BareServer => {
                    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
                    let _ = bare_connection(caller, body.to_owned().into()).await;
                }
                Self::Client => {
                    let client = Client::over(Answering(answer.into()), Limits::default());
                    our_calls(client, nowhere, message, |calls| calls < times).await;
                }
                Self::BareClient => {
                    bare_calls(Peer::server(answer.into()), nowhere, message, |calls| {
                        calls < times
                    })
                    .await;
                }
            }
        });
    }
}

/// The octets of our server's answer, made once.
fn answer(message: &str) -> String {
    first_answer(
        start(|sender| async move { our_server(sender).await }),
        message,
    )
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// Runs a server on a thread, hence a core, of its own and returns its address.
fn start<F: Future<Output = ()>>(
    serve: impl FnOnce(mpsc::Sender<SocketAddr>) -> F + Send + 'static,
) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || runtime().block_on(serve(sender)));
    receiver.recv().expect("a server")
}

/// Gives every message its receipt.
struct Ok;

impl Receive for Ok {
    async fn receive(&self, _: Message, _: &Context) -> Result<SygefravaerResponse, Refusal> {
        Result::Ok(receipt::ok())
    }
}

async fn our_server(address: mpsc::Sender<SocketAddr>) {
    let loopback = ([127, 0, 0, 1], 0).into();
    let listener = Listener::bind(loopback).await.expect("a free port");
    address.send(listener.address()).expect("someone waits");
    let (_stopper, stop) = Stopper::new();
    listener.serve(app(), stop).await;
}

/// With the observer of production, whose log nobody reads.
fn app() -> App {
    let server = SygefravaerServiceServer::new(Inlet::new(Ok));
    let app = App::new("wire-cost", Limits::default(), logging::observer());
    app.mount(Endpoint::Jc1, Callers::Anyone, server)
}

/// hyper alone: it takes the body in and answers with `body`.
async fn bare_server(address: mpsc::Sender<SocketAddr>, body: String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("a free port");
    let bound = listener.local_addr().expect("an address");
    address.send(bound).expect("someone waits");
    let body = Bytes::from(body);
    while let Result::Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).expect("a TCP socket");
        tokio::spawn(bare_connection(TokioIo::new(stream), body.clone()));
    }
}

async fn bare_connection<I>(io: I, body: Bytes) -> hyper::Result<()>
where
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let body = body.clone();
        async move {
            let _ = request.into_body().collect().await;
            let response = Response::builder().header(CONTENT_TYPE, XML);
            let response = response.body(Full::new(body));
            Result::<_, Infallible>::Ok(response.expect("a response"))
        }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    connection.serve_connection(io, service).await
}

const XML: &str = "text/xml; charset=utf-8";

/// The octets of a request.
fn post(message: &str) -> String {
    let (path, action) = (Endpoint::Jc1.path(), action());
    let length = message.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {XML}\r\nsoapaction: \"{action}\"\r\ncontent-length: {length}\r\n\r\n{message}"
    )
}

fn action() -> &'static str {
    <Opret as soap::Operation>::FACTS.action
}

/// What the first request is answered with.
fn first_answer(address: SocketAddr, message: &str) -> String {
    runtime().block_on(async {
        let mut stream = TcpStream::connect(address).await.expect("a server");
        let post = post(message).replace("content-length", "connection: close\r\ncontent-length");
        stream.write_all(post.as_bytes()).await.expect("a server");
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer).await;
        read.expect("an answer");
        answer.replace("connection: close\r\n", "")
    })
}

/// Keeps eight connections busy for a while; answers are `length` octets each. Calls a second.
fn load(address: SocketAddr, message: &str, length: usize) -> f64 {
    let post = post(message);
    runtime().block_on(async {
        let started = Instant::now();
        let connections = (0..8).map(|_| {
            let post = post.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a server");
                stream.set_nodelay(true).expect("a TCP socket");
                let mut answer = vec![0; length];
                let mut calls = 0_u32;
                while started.elapsed() < TURN {
                    stream.write_all(post.as_bytes()).await.expect("a server");
                    stream.read_exact(&mut answer).await.expect("an answer");
                    calls += 1;
                }
                calls
            })
        });
        let connections: Vec<_> = connections.collect();
        let mut calls = 0;
        for connection in connections {
            calls += connection.await.expect("a connection");
        }
        f64::from(calls) / started.elapsed().as_secs_f64()
    })
}

const TURN: Duration = Duration::from_millis(800);

fn url(address: SocketAddr) -> Uri {
    let url = format!("http://{address}{}", Endpoint::Jc1.path());
    url.parse().expect("a URL")
}

/// Serial calls of our client, typed in both directions.
fn our_client(address: SocketAddr, message: &str) -> f64 {
    runtime().block_on(async {
        let client = Client::new(Limits::default());
        let started = Instant::now();
        let calls = our_calls(client, address, message, |_| started.elapsed() < TURN).await;
        calls as f64 / started.elapsed().as_secs_f64()
    })
}

async fn our_calls<D: Dial>(
    client: Client<D>,
    address: SocketAddr,
    message: &str,
    more: impl Fn(usize) -> bool,
) -> usize {
    let request = typed::<Opret>(message);
    let client = SygefravaerServiceClient::new(client.to(&url(address)));
    let mut calls = 0;
    while more(calls) {
        client.opret(&request).await.expect("a receipt");
        calls += 1;
    }
    calls
}

/// Serial calls of hyper's client with the same octets.
fn bare_client(address: SocketAddr, message: &str) -> f64 {
    runtime().block_on(async {
        let stream = TcpStream::connect(address).await.expect("a server");
        stream.set_nodelay(true).expect("a TCP socket");
        let io = TokioIo::new(stream);
        let started = Instant::now();
        let calls = bare_calls(io, address, message, |_| started.elapsed() < TURN).await;
        calls as f64 / started.elapsed().as_secs_f64()
    })
}

async fn bare_calls<I>(
    io: I,
    address: SocketAddr,
    message: &str,
    more: impl Fn(usize) -> bool,
) -> usize
where
    I: Read + Write + Unpin + Send + 'static,
{
    let message = Bytes::from(message.to_owned());
    let shaken = hyper::client::conn::http1::handshake(io).await;
    let (mut sender, connection) = shaken.expect("a connection");
    tokio::spawn(connection);
    let mut calls = 0;
    while more(calls) {
        let request = Request::post(url(address))
            .header("host", "127.0.0.1")
            .header(CONTENT_TYPE, XML)
            .header("soapaction", format!("\"{}\"", action()))
            .body(Full::new(message.clone()));
        let answer = sender.send_request(request.expect("a request")).await;
        let body = answer.expect("an answer").into_body().collect().await;
        assert!(body.is_ok(), "an answer broke off");
        calls += 1;
    }
    calls
}
