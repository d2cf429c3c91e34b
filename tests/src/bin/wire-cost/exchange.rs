//! The two sides of a call over HTTP: ours with all that production has, and hyper alone with the same octets.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use generated::kmd;
use generated::ksd_sygefravaer::{
    KsdSygefravaerPortType, KsdSygefravaerServiceServer, SendForretningsSvarRequest,
    SendForretningsSvarResponse,
};
use generated::serviceplatformen::{ServiceplatformFault, SygefravaerResponse};
use generated::sygefravaer::SygefravaerServiceServer;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use service::call::Context;
use service::clearance::Callers;
use service::config::Limits;
use service::endpoint::Endpoint;
use service::http::{App, Client, Dial, connection};
use service::logging;
use service::message::{Inlet, Message, Receive};
use service::outgoing::Connect;
use service::receipt;
use service::refusal::Refusal;
use soap::{Fault, Operation};
use tokio::runtime::{Builder, Runtime};

use crate::codec::{Case, typed};
use crate::memory::{Answering, Peer};

pub(crate) const XML: &str = "text/xml; charset=utf-8";

/// Gives every message its receipt.
struct Ok;

impl Receive for Ok {
    async fn receive(&self, _: Message, _: &Context) -> Result<SygefravaerResponse, Refusal> {
        Result::Ok(receipt::ok())
    }
}

impl KsdSygefravaerPortType for Ok {
    type Context = Context;

    async fn send_forretnings_svar(
        &self,
        _: SendForretningsSvarRequest,
        _: Context,
    ) -> Result<SendForretningsSvarResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = receipt::ok();
        Result::Ok(SendForretningsSvarResponse {
            sygefravaer_response,
        })
    }
}

impl kmd::KsdSygefravaer for Ok {
    type Context = Context;

    async fn modtag_forretnings_svar(
        &self,
        _: kmd::ModtagForretningsSvarRequest,
        _: Context,
    ) -> Result<kmd::ModtagForretningsSvarResponse, Fault<kmd::ServiceplatformFault>> {
        Result::Ok(kmd::ModtagForretningsSvarResponse {
            sygefravaer_response: receipt::ok().into(),
        })
    }
}

/// All operations at their endpoints, with the observer of production, whose log nobody reads.
pub(crate) fn app() -> App {
    App::new("wire-cost", Limits::default(), logging::observer())
        .mount(
            Endpoint::Jc1,
            Callers::Anyone,
            SygefravaerServiceServer::new(Inlet::new(Ok)),
        )
        .mount(
            Endpoint::Jc2,
            Callers::Anyone,
            KsdSygefravaerServiceServer::new(Ok),
        )
        .mount(
            Endpoint::Fs2,
            Callers::Anyone,
            kmd::KsdSygefravaerServiceServer::new(Ok),
        )
}

/// hyper alone over `io`: it takes each request in and answers with `body`.
pub(crate) async fn bare_connection<I>(io: I, body: Bytes) -> hyper::Result<()>
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

/// What a client calls over.
pub(crate) enum Wire {
    /// TCP, to a server that is there.
    Tcp,
    /// Nothing: this is the answer.
    Memory(Bytes),
}

/// Makes serial calls of our client, typed in both directions, for as long as `more` says; how many.
pub(crate) fn calls<O>(wire: Wire, url: &Uri, message: &str, more: &dyn Fn(usize) -> bool) -> usize
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
{
    let limits = Limits::default();
    runtime().block_on(async {
        match wire {
            Wire::Tcp => our_calls::<O, _>(Client::new(limits), url, message, more).await,
            Wire::Memory(answer) => {
                let client = Client::over(Answering(answer), limits);
                our_calls::<O, _>(client, url, message, more).await
            }
        }
    })
}

async fn our_calls<O, D>(
    client: Client<D>,
    url: &Uri,
    message: &str,
    more: &dyn Fn(usize) -> bool,
) -> usize
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    D: Dial,
{
    let request = typed::<O>(message);
    let transport = client.to(url);
    let mut calls = 0;
    while more(calls) {
        let answer = soap::client::call::<O, _>(&transport, &request).await;
        assert!(answer.is_ok(), "a receipt");
        calls += 1;
    }
    calls
}

/// Serial calls of hyper's client with the same octets.
pub(crate) async fn bare_calls<I>(
    io: I,
    url: &Uri,
    case: &Case,
    more: &dyn Fn(usize) -> bool,
) -> usize
where
    I: Read + Write + Unpin + Send + 'static,
{
    let message = Bytes::from(case.message);
    let shaken = hyper::client::conn::http1::handshake(io).await;
    let (mut sender, connection) = shaken.expect("a connection");
    tokio::spawn(connection);
    let mut calls = 0;
    while more(calls) {
        let request = Request::post(url)
            .header("host", "127.0.0.1")
            .header(CONTENT_TYPE, XML)
            .header("soapaction", format!("\"{}\"", case.action))
            .body(Full::new(message.clone()));
        let answer = sender.send_request(request.expect("a request")).await;
        let body = answer.expect("an answer").into_body().collect().await;
        assert!(body.is_ok(), "an answer broke off");
        calls += 1;
    }
    calls
}

/// The octets of a request.
pub(crate) fn post(case: &Case) -> String {
    let (path, action, message) = (case.endpoint.path(), case.action, case.message);
    let length = message.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {XML}\r\nsoapaction: \"{action}\"\r\ncontent-length: {length}\r\n\r\n{message}"
    )
}

pub(crate) fn url(address: SocketAddr, endpoint: Endpoint) -> Uri {
    let url = format!("http://{address}{}", endpoint.path());
    url.parse().expect("a URL")
}

pub(crate) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// One side of a call, whose other side is a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    BareServer,
    Client,
    BareClient,
}

impl Side {
    pub(crate) const ALL: [Self; 4] = [
        Self::Server,
        Self::BareServer,
        Self::Client,
        Self::BareClient,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::BareServer => "bare-server",
            Self::Client => "client",
            Self::BareClient => "bare-client",
        }
    }

    /// Does that side's part of so many calls, on one connection.
    pub(crate) fn run(self, case: &Case, times: usize) {
        let peer = ([127, 0, 0, 1], 1).into();
        let url = url(peer, case.endpoint);
        let more = |calls| calls < times;
        let caller = Peer::client(post(case).into(), times);
        let answer = answer(case);
        match self {
            Self::Server => {
                let serve = connection(Arc::new(app()), caller, peer, None);
                let _ = runtime().block_on(serve);
            }
            Self::BareServer => {
                let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
                let _ = runtime().block_on(bare_connection(caller, body.to_owned().into()));
            }
            Self::Client => {
                (case.calls)(Wire::Memory(answer.into()), &url, case.message, &more);
            }
            Self::BareClient => {
                let peer = Peer::server(answer.into());
                runtime().block_on(bare_calls(peer, &url, case, &more));
            }
        }
    }
}

/// The octets of our server's answer.
pub(crate) fn answer(case: &Case) -> String {
    let heard = Arc::default();
    let caller = Peer::client(post(case).into(), 1).listening(&heard);
    let peer = ([127, 0, 0, 1], 1).into();
    let _ = runtime().block_on(connection(Arc::new(app()), caller, peer, None));
    let heard = heard.lock().expect("unspoiled").clone();
    String::from_utf8(heard).expect("text")
}
