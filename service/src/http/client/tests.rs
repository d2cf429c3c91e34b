use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use generated::sygefravaer::{SygefravaerServiceClient, SygefravaerServiceServer};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::{JoinHandle, yield_now};

use super::*;
use crate::call;
use crate::clearance::Callers;
use crate::endpoint::Endpoint;
use crate::http::{App, connection};
use crate::message::{Inlet, Message, Receive};
use crate::observe::Observer;
use crate::outgoing::Failure;
use crate::receipt;
use crate::refusal::Refusal;
use crate::world::{LIMITS, NORD, opret};

/// Connects to a task, and keeps a handle on each of them.
#[derive(Clone)]
struct Tasks {
    serve: Arc<dyn Fn(DuplexStream) -> JoinHandle<()> + Send + Sync>,
    started: Arc<Mutex<Vec<JoinHandle<()>>>>,
    generation: Arc<AtomicU64>,
}

impl Dial for Tasks {
    type Io = TokioIo<DuplexStream>;

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    async fn dial(&self, _: &Uri) -> io::Result<Self::Io> {
        let (here, there) = duplex(64 << 10);
        self.started.lock().unwrap().push((self.serve)(there));
        Ok(TokioIo::new(here))
    }
}

impl Tasks {
    fn new(
        serve: impl Fn(DuplexStream) -> JoinHandle<()> + Send + Sync + 'static,
    ) -> (Self, Client<Self>) {
        let tasks = Self {
            serve: Arc::new(serve),
            started: Arc::default(),
            generation: Arc::default(),
        };
        let client = Client::over(tasks.clone(), LIMITS);
        (tasks, client)
    }

    fn count(&self) -> usize {
        self.started.lock().unwrap().len()
    }

    /// Closes the connections from the other side.
    async fn close(&self) {
        for task in self.started.lock().unwrap().iter() {
            task.abort();
        }
        yield_now().await;
    }
}

struct Takes;

impl Receive for Takes {
    async fn receive(
        &self,
        _: Message,
        _: &call::Context,
    ) -> Result<generated::serviceplatformen::SygefravaerResponse, Refusal> {
        Ok(receipt::ok())
    }
}

/// A Jobcenter that takes everything.
fn jobcenter(stream: DuplexStream) -> JoinHandle<()> {
    let server = SygefravaerServiceServer::new(Inlet::new(Takes));
    let app =
        App::new("test", LIMITS, Observer::none()).mount(Endpoint::Jc1, Callers::Anyone, server);
    let peer = ([127, 0, 0, 1], 1).into();
    tokio::spawn(async move {
        // It ends when the client closes.
        let _ = connection(Arc::new(app), TokioIo::new(stream), peer, None).await;
    })
}

async fn call(client: &Client<Tasks>) -> Result<(), Failure> {
    let url = format!("http://user@nord{}", Endpoint::Jc1.path());
    let client = SygefravaerServiceClient::new(client.to(&url.parse().unwrap()));
    opret(NORD).send(&client).await.map(|_| ())
}

#[tokio::test(start_paused = true)]
async fn one_connection_serves_call_after_call() {
    let (tasks, client) = Tasks::new(jobcenter);
    for _ in 0..3 {
        call(&client).await.unwrap();
    }
    assert_eq!(tasks.count(), 1);
    let clone = client.clone();
    let (here, there) = tokio::join!(call(&client), call(&clone));
    assert!(here.is_ok() && there.is_ok());
    assert_eq!(tasks.count(), 2, "calls at once have a connection each");
    let (here, there) = tokio::join!(call(&client), call(&clone));
    assert!(here.is_ok() && there.is_ok());
    assert_eq!(tasks.count(), 2, "and leave both to later calls");
}

#[tokio::test(start_paused = true)]
async fn connections_of_an_earlier_generation_carry_no_further_call() {
    let (tasks, client) = Tasks::new(jobcenter);
    let (here, there) = tokio::join!(call(&client), call(&client));
    assert!(here.is_ok() && there.is_ok());
    tasks.generation.store(1, Ordering::Relaxed);
    for _ in 0..2 {
        call(&client).await.unwrap();
    }
    assert_eq!(tasks.count(), 3, "one was made, and used again");
    yield_now().await;
    let started = tasks.started.lock().unwrap();
    let closed = started.iter().filter(|task| task.is_finished()).count();
    assert_eq!(closed, 2, "the others are closed");
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let (tasks, client) = Tasks::new(jobcenter);
    let (here, there) = tokio::join!(call(&client), call(&client));
    assert!(here.is_ok() && there.is_ok());
    tasks.close().await;
    call(&client).await.unwrap();
    assert_eq!(
        tasks.count(),
        3,
        "both old ones were tried, and a new one made"
    );
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_in_time() {
    let (tasks, client) = Tasks::new(jobcenter);
    call(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    call(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(14)).await;
    call(&client).await.unwrap();
    assert_eq!(tasks.count(), 1);
    tokio::time::sleep(Duration::from_secs(40)).await;
    assert!(
        tasks.started.lock().unwrap()[0].is_finished(),
        "closed though nobody calls"
    );
    call(&client).await.unwrap();
    assert_eq!(tasks.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_given_up_closes_its_connection() {
    let (tasks, client) = Tasks::new(|stream| {
        tokio::spawn(async move {
            let mut stream = stream;
            let mut request = Vec::new();
            // It never answers, and ends when the client closes.
            let _ = stream.read_to_end(&mut request).await;
        })
    });
    let failure = call(&client).await.unwrap_err();
    assert!(failure.retry());
    assert_eq!(failure.to_string(), "did not answer within 20s");
    yield_now().await;
    assert!(tasks.started.lock().unwrap()[0].is_finished());
}

/// Calls a server that says `answer` and closes, and expects the call to fail so.
#[track_caller]
fn check(serve: fn(DuplexStream) -> JoinHandle<()>, expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (tasks, client) = Tasks::new(serve);
        let failure = call(&client).await.unwrap_err();
        assert!(failure.retry());
        assert!(failure.to_string().contains(expected), "{failure}");
        assert_eq!(
            tasks.count(),
            1,
            "what may have been sent is not sent again"
        );
    });
}

fn say(mut stream: DuplexStream, answer: &str) -> JoinHandle<()> {
    let answer = answer.to_owned();
    tokio::spawn(async move {
        let mut request = vec![0; 1024];
        stream.read_exact(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
}

/// What is said about an answer with this status and this message.
async fn told(status: &'static str, message: &str) -> Result<(), Failure> {
    let length = message.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n{message}"
    );
    let (_, client) = Tasks::new(move |stream| say(stream, &answer));
    call(&client).await
}

#[tokio::test(start_paused = true)]
async fn a_receipt_counts_with_status_200_alone_and_a_fault_with_any() {
    const RECEIPT: &str = include_str!("../../../../wsdl/samples/Opret.response.xml");
    const FAULT: &str = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/><e:Body><e:Fault><faultcode>e:Server</faultcode><faultstring>Out of order.</faultstring></e:Fault></e:Body></e:Envelope>"#;
    assert!(told("200 OK", RECEIPT).await.is_ok());
    for status in [
        "201 Created",
        "202 Accepted",
        "400 Bad Request",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ] {
        let failure = told(status, RECEIPT).await.unwrap_err();
        assert!(failure.retry());
        let expected = format!("answered HTTP {status} with no fault");
        assert_eq!(failure.to_string(), expected);
        let failure = told(status, FAULT).await.unwrap_err();
        assert!(failure.to_string().contains("Out of order."), "{failure}");
    }
}

#[test]
fn what_is_no_soap_message_is_a_failure() {
    check(|stream| say(stream, ""), "broke the connection off");
    check(
        |stream| {
            say(
                stream,
                "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            )
        },
        "answered HTTP 404 Not Found without a SOAP message",
    );
    check(
        |stream| say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        "answered without a SOAP message: Content-Type is missing",
    );
    check(
        |stream| {
            say(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 9\r\n\r\n<a>",
            )
        },
        "broke its answer off",
    );
    check(
        |stream| {
            say(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 65537\r\n\r\n",
            )
        },
        "answered more than 65536 bytes",
    );
}
