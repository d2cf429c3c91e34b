use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::SygefravaerServiceServer;
use http_body_util::BodyExt;
use hyper::header::CONTENT_ENCODING;

use super::*;
use crate::clearance::Callers;
use crate::message::{Inlet, Message, Receive};
use crate::pki::{Authority, Holder, Shape};
use crate::world::{LIMITS, World};

const OPRET: &str = include_str!("../../../../wsdl/samples/Opret.request.xml");
const FS1: &str = "/service/Sygefravaer/Sygefravaer/2";

/// A role that fails as its test wants.
struct Broken {
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    Panics,
    NeverAnswers,
}

impl Receive for Broken {
    async fn receive(
        &self,
        _message: Message,
        _context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        match self.how {
            How::Panics => panic!("as the test wants"),
            How::NeverAnswers => std::future::pending().await,
        }
    }
}

fn broken(how: How) -> App {
    let server = SygefravaerServiceServer::new(Inlet::new(Broken { how }));
    App::new("test", LIMITS, Observer::none()).mount(Endpoint::Fs1, Callers::Anyone, server)
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header(CONTENT_TYPE, "text/xml; charset=utf-8");
    request.body(Full::new(body.into())).unwrap()
}

fn bare(method: &str, path: &str) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "localhost:8090")
        .body(Full::default())
        .unwrap()
}

async fn send(app: &App, request: Request<Full<Bytes>>) -> (StatusCode, HeaderMap, String) {
    let response = app.answer(request, ([127, 0, 0, 1], 40_000).into()).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (
        head.status,
        head.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

/// Sends `request` and expects a fault with that status and ErrorCode.
#[track_caller]
fn refused(app: &App, request: Request<Full<Bytes>>, status: u16, code: &str) -> HeaderMap {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let (found, headers, body) = runtime.block_on(send(app, request));
    assert_eq!(found, status, "{body}");
    assert_eq!(headers[CONTENT_TYPE], "text/xml; charset=utf-8");
    for part in [
        code,
        "Fault>",
        "ServiceplatformFault",
        "CallUUID: ",
        "Received: ",
    ] {
        assert!(body.contains(part), "no {part} in {body}");
    }
    headers
}

#[test]
fn what_http_gets_wrong_is_answered_with_a_soap_fault() {
    let app = broken(How::Panics);
    let headers = refused(&app, bare("PUT", FS1), 405, "MethodNotAllowed");
    assert_eq!(headers[ALLOW], "GET, POST");
    refused(&app, bare("GET", FS1), 405, "MethodNotAllowed");
    refused(&app, bare("GET", "/nothing"), 404, "NotFound");
    refused(
        &app,
        bare("GET", &format!("{FS1}?doc=../Cargo.toml")),
        404,
        "NotFound",
    );

    let mut request = post(FS1, OPRET);
    request.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/soap+xml"),
    );
    refused(&app, request, 415, "MediaType");
    let mut request = post(FS1, OPRET);
    request
        .headers_mut()
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    refused(&app, request, 415, "MediaType");
    let mut request = post(FS1, OPRET);
    request
        .headers_mut()
        .append(request::SOAP_ACTION, HeaderValue::from_static("a"));
    request
        .headers_mut()
        .append(request::SOAP_ACTION, HeaderValue::from_static("b"));
    refused(&app, request, 400, "BadRequest");
    refused(
        &app,
        post(FS1, vec![b' '; LIMITS.message_bytes + 1]),
        413,
        "TooLarge",
    );
    let mut request = bare("GET", &format!("{FS1}?wsdl"));
    request.headers_mut().remove(HOST);
    refused(&app, request, 400, "BadRequest");
}

#[test]
fn a_panic_is_a_fault_and_the_app_lives_on() {
    let app = broken(How::Panics);
    refused(&app, post(FS1, OPRET), 500, "Internal");
    refused(&app, post(FS1, OPRET), 500, "Internal");
}

#[test]
fn a_call_that_does_not_end_is_ended() {
    refused(&broken(How::NeverAnswers), post(FS1, OPRET), 500, "Timeout");
}

#[test]
fn a_message_that_breaks_the_contract_is_told_each_rule() {
    let app = broken(How::Panics);
    let message = OPRET
        .replace("<Myndighed>90000019<", "<Myndighed>9<")
        .replace("<Sagsart>11<", "<Sagsart>99<");
    refused(&app, post(FS1, message.clone()), 500, "InvalidMessage");
    refused(
        &app,
        post(FS1, message.clone()),
        500,
        "OpretRequest/Header/Myndighed",
    );
    refused(&app, post(FS1, message), 500, "OpretRequest/Opret/Sagsart");
    refused(&app, post(FS1, "<a"), 500, "InvalidMessage");
    let mut request = post(FS1, OPRET);
    let other = "http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/Sygefravaer/2/Afslut";
    request
        .headers_mut()
        .insert(request::SOAP_ACTION, HeaderValue::from_static(other));
    refused(&app, request, 500, "InvalidMessage");
}

#[tokio::test]
async fn over_tls_a_contract_leads_back_over_tls() {
    let world = World::new().await;
    let authority = Authority::root(Shape::Oces3, "SF209X CA").unwrap();
    let cvr = "90000060".parse().unwrap();
    let holder = Holder {
        name: "Nord",
        cvr,
        valid: None,
    };
    let caller = authority.issue(&holder).unwrap().certificate_der().unwrap();
    let mut request = bare("GET", &format!("{FS1}?wsdl"));
    let certificate = Certificate::from_der(&caller).unwrap();
    request.extensions_mut().insert(certificate);
    let (status, _, wsdl) = send(&world.wire.app("platform"), request).await;
    assert_eq!(status, 200);
    assert!(
        wsdl.contains(&format!("location=\"https://localhost:8090{FS1}\"")),
        "{wsdl}"
    );
    assert!(!wsdl.contains("http://localhost"), "{wsdl}");
}

#[tokio::test]
async fn contracts_lead_back_to_where_they_are_served() {
    let world = World::new().await;
    for (host, endpoint) in [
        ("platform", Endpoint::Fs1),
        ("nord", Endpoint::Jc1),
        ("platform", Endpoint::Jc2),
        ("ksd", Endpoint::Fs2),
        ("ksd", Endpoint::Intake),
    ] {
        let app = world.wire.app(host);
        let (status, _, wsdl) = send(&app, bare("GET", &format!("{}?wsdl", endpoint.path()))).await;
        assert_eq!(status, 200, "{endpoint}");
        let address = format!("location=\"http://localhost:8090{}\"", endpoint.path());
        assert!(wsdl.contains(&address), "{endpoint}: {wsdl}");
        for link in wsdl.match_indices(&format!("http://localhost:8090{}?doc=", endpoint.path())) {
            let link = wsdl[link.0..]
                .split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&");
            let (status, _, _) = send(
                &app,
                bare("GET", link.strip_prefix("http://localhost:8090").unwrap()),
            )
            .await;
            assert_eq!(status, 200, "{link}");
        }
    }
}

#[tokio::test]
async fn a_call_ends_with_its_callers_patience() {
    // Without it, this would wait for as long as the limits allow.
    let mut request = post(FS1, OPRET);
    let left = HeaderValue::from_static("1");
    request.headers_mut().insert(request::TIME_LEFT, left);
    let (status, _, body) = send(&broken(How::NeverAnswers), request).await;
    assert_eq!(status, 500);
    assert!(body.contains("Timeout"), "{body}");
}

/// Whether a caller waits for its answer or not, a call is told of once.
#[test]
fn a_call_is_reported_whose_caller_goes() {
    let (told, events) = std::sync::mpsc::channel();
    let observer = Observer::new(move |event| drop(told.send(event)));
    let server = SygefravaerServiceServer::new(Inlet::new(Broken {
        how: How::NeverAnswers,
    }));
    let app = App::new("test", LIMITS, observer).mount(Endpoint::Fs1, Callers::Anyone, server);
    let mut call = Box::pin(app.answer(post(FS1, OPRET), ([127, 0, 0, 1], 40_000).into()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let ended = runtime.block_on(poll_fn(|waker| {
        Poll::Ready(call.as_mut().poll(waker).is_ready())
    }));
    assert!(!ended && events.try_recv().is_err());
    drop(call);
    let event = events.try_recv().unwrap();
    assert_eq!(event.code, "BrokenOff");
    assert!(event.reason.is_some() && event.caller.is_some() && event.transaction.is_some());
    assert!(events.try_recv().is_err());
}
