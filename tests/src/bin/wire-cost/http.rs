//! Whole calls over loopback, on connections that stay open: our server and our client, each beside hyper alone.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use service::http::{Listener, Stopper};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::codec::Case;
use crate::exchange::{Wire, answer, app, bare_calls, bare_connection, post, runtime, url};

/// Calls a second, the best turn of each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) server: f64,
    pub(crate) bare_server: f64,
    pub(crate) client: f64,
    pub(crate) bare_client: f64,
    /// The same of the servers in a second of their own thread's time, which the noise of a machine disturbs less; nothing
    /// where the system does not tell.
    pub(crate) server_of_cpu: f64,
    pub(crate) bare_server_of_cpu: f64,
}

impl Rates {
    pub(crate) fn server_ratio(&self) -> f64 {
        self.server / self.bare_server
    }

    pub(crate) fn server_ratio_of_cpu(&self) -> f64 {
        self.server_of_cpu / self.bare_server_of_cpu
    }

    pub(crate) fn client_ratio(&self) -> f64 {
        self.client / self.bare_client
    }
}

/// Measures in short turns, ours and bare one after the other, so that a noisy machine disturbs both alike.
pub(crate) fn measure(case: &Case) -> Rates {
    let answer = answer(case);
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let body = Bytes::from(body.to_owned());
    let ours = Server::start(our_server);
    let bare = Server::start(|bound| bare_server(bound, body));
    let mut best = Rates::default();
    for _ in 0..TURNS {
        for (server, rate, of_cpu) in [
            (&ours, &mut best.server, &mut best.server_of_cpu),
            (&bare, &mut best.bare_server, &mut best.bare_server_of_cpu),
        ] {
            let (found, found_of_cpu) = load(server, case, answer.len());
            *rate = rate.max(found);
            *of_cpu = of_cpu.max(found_of_cpu);
        }
        best.client = best.client.max(our_client(bare.address, case));
        best.bare_client = best.bare_client.max(bare_client(bare.address, case));
    }
    best
}

const TURNS: usize = 5;
const TURN: Duration = Duration::from_millis(300);

/// A server on a thread, hence a core, of its own.
struct Server {
    address: SocketAddr,
    /// Where Linux tells how long the thread has run.
    runs: Option<PathBuf>,
}

impl Server {
    fn start<F: Future<Output = ()>>(
        serve: impl FnOnce(mpsc::Sender<SocketAddr>) -> F + Send + 'static,
    ) -> Self {
        let (bound, address) = mpsc::channel();
        let (tell, thread) = mpsc::channel();
        thread::spawn(move || {
            let _ = tell.send(std::fs::read_link("/proc/thread-self").ok());
            runtime().block_on(serve(bound));
        });
        let thread = thread.recv().ok().flatten();
        Self {
            address: address.recv().expect("a server"),
            runs: thread.map(|thread| PathBuf::from("/proc").join(thread).join("schedstat")),
        }
    }

    /// How long the thread has run so far.
    fn has_run(&self) -> Option<Duration> {
        let told = std::fs::read_to_string(self.runs.as_ref()?).ok()?;
        let nanoseconds = told.split(' ').next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }
}

async fn our_server(bound: mpsc::Sender<SocketAddr>) {
    let loopback = ([127, 0, 0, 1], 0).into();
    let listener = Listener::bind(loopback).await.expect("a free port");
    bound.send(listener.address()).expect("someone waits");
    let (_stopper, stop) = Stopper::new();
    listener.serve(app(), stop).await;
}

async fn bare_server(bound: mpsc::Sender<SocketAddr>, body: Bytes) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    bound.send(address).expect("someone waits");
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).expect("a TCP socket");
        tokio::spawn(bare_connection(TokioIo::new(stream), body.clone()));
    }
}

/// Keeps eight connections busy for a while; answers are `length` octets each. Calls a second, and a second of the server's.
fn load(server: &Server, case: &Case, length: usize) -> (f64, f64) {
    let (address, post) = (server.address, post(case));
    let before = server.has_run();
    let (calls, elapsed) = runtime().block_on(async {
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
                assert!(answer.starts_with(b"HTTP/1.1 200"), "an answer");
                calls
            })
        });
        let connections: Vec<_> = connections.collect();
        let mut calls = 0;
        for connection in connections {
            calls += connection.await.expect("a connection");
        }
        (f64::from(calls), started.elapsed())
    });
    let run = server.has_run().zip(before).map(|(now, then)| now - then);
    let of_cpu = run.map_or(0.0, |run| calls / run.as_secs_f64());
    (calls / elapsed.as_secs_f64(), of_cpu)
}

fn our_client(address: SocketAddr, case: &Case) -> f64 {
    let url = url(address, case.endpoint);
    let started = Instant::now();
    let calls = (case.calls)(Wire::Tcp, &url, case.message, &|_| started.elapsed() < TURN);
    calls as f64 / started.elapsed().as_secs_f64()
}

fn bare_client(address: SocketAddr, case: &Case) -> f64 {
    let url = url(address, case.endpoint);
    runtime().block_on(async {
        let stream = TcpStream::connect(address).await.expect("a server");
        stream.set_nodelay(true).expect("a TCP socket");
        let started = Instant::now();
        let io = TokioIo::new(stream);
        let calls = bare_calls(io, &url, case, &|_| started.elapsed() < TURN).await;
        calls as f64 / started.elapsed().as_secs_f64()
    })
}
