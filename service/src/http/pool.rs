//! Connections of the client: each carries one call at a time, and is kept for the next.
//!
//! A connection has no task of its own: the call that it carries drives it, so that no call waits for another task to wake.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http_body_util::Full;
use hyper::Uri;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::http::uri::{Authority, Scheme};
use hyper::rt::{Read, Write};
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep};

/// Connections idle longer than this are closed here, before the other side does and a call meets a closed one.
const IDLE: Duration = Duration::from_secs(15);

/// How many idle connections are kept to one host and port.
const MOST_IDLE: usize = 32;

/// The idle connections to each host and port.
#[derive(Debug)]
pub(super) struct Pool<Io: Read + Write> {
    idle: Mutex<Idle<Io>>,
}

#[derive(Debug)]
struct Idle<Io: Read + Write> {
    /// The one that was used last stands last.
    connections: HashMap<Place, Vec<Kept<Io>>>,
    /// Whether a task is there that closes what is idle for too long.
    swept: bool,
}

#[derive(Debug)]
struct Kept<Io: Read + Write> {
    since: Instant,
    generation: u64,
    connection: Connection<Io>,
}

type Place = (Option<Scheme>, Option<Authority>);

impl<Io: Read + Write + Unpin + Send + 'static> Pool<Io> {
    pub(super) fn new() -> Arc<Self> {
        let idle = Mutex::new(Idle {
            connections: HashMap::new(),
            swept: false,
        });
        Arc::new(Self { idle })
    }

    /// An idle connection of `generation` to the host and port of `url`, the one that was used last. Those of other generations
    /// that it meets are closed.
    pub(super) fn take(&self, url: &Uri, generation: u64) -> Option<Connection<Io>> {
        let mut idle = self.idle();
        let connections = idle.connections.get_mut(&place(url))?;
        loop {
            let kept = connections.pop()?;
            if kept.generation == generation {
                return (kept.since.elapsed() < IDLE).then_some(kept.connection);
            }
        }
    }

    /// Keeps `connection`, which is of `generation`, for the next call to the host and port of `url`, if it is fit for one.
    pub(super) fn keep(
        self: &Arc<Self>,
        url: &Uri,
        generation: u64,
        mut connection: Connection<Io>,
    ) {
        if !connection.is_ready() {
            return;
        }
        let mut idle = self.idle();
        let kept = idle.connections.entry(place(url)).or_default();
        if kept.len() < MOST_IDLE {
            kept.push(Kept {
                since: Instant::now(),
                generation,
                connection,
            });
        }
        if !std::mem::replace(&mut idle.swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// The map is whole between any two statements that change it, so a panic elsewhere does not spoil it.
    fn idle(&self) -> MutexGuard<'_, Idle<Io>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(url: &Uri) -> Place {
    (url.scheme().cloned(), url.authority().cloned())
}

/// Closes what is idle for too long, for as long as there is a pool and anything idle in it.
async fn sweep<Io: Read + Write + Unpin + Send + 'static>(pool: Weak<Pool<Io>>) {
    loop {
        sleep(IDLE).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.idle();
        idle.connections.retain(|_, kept| {
            kept.retain(|kept| kept.since.elapsed() < IDLE);
            !kept.is_empty()
        });
        if idle.connections.is_empty() {
            idle.swept = false;
            return;
        }
    }
}

/// An HTTP/1.1 connection and what sends requests on it.
#[derive(Debug)]
pub(super) struct Connection<Io: Read + Write> {
    sender: SendRequest<Full<Bytes>>,
    /// None once it is closed.
    driver: Option<http1::Connection<Io, Full<Bytes>>>,
}

impl<Io: Read + Write + Unpin + Send + 'static> Connection<Io> {
    pub(super) async fn over(io: Io) -> hyper::Result<Self> {
        let (sender, driver) = http1::handshake(io).await?;
        Ok(Self {
            sender,
            driver: Some(driver),
        })
    }

    /// Does `work`, which may wait for this connection and for nothing else. Where it is given up, the connection is closed.
    pub(super) async fn drive<T, W: Future<Output = T>>(
        &mut self,
        work: impl FnOnce(&mut SendRequest<Full<Bytes>>) -> W,
    ) -> T {
        // Whatever `work` waits for is done by the driver, after which `work` is asked: nobody has to wake it, and nobody could
        // where tokio's budget for one task made it wait.
        let mut work = pin!(unconstrained(work(&mut self.sender)));
        let driver = &mut self.driver;
        poll_fn(|context| {
            if step(driver, context).is_ready() {
                // All that is still waited for ends with the driver, if only by an error.
                *driver = None;
                return work.as_mut().poll(context);
            }
            work.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        })
        .await
    }

    /// Whether the next request can be sent.
    fn is_ready(&mut self) -> bool {
        // Also leaves nobody to be woken while it is idle.
        let mut nobody = Context::from_waker(Waker::noop());
        step(&mut self.driver, &mut nobody).is_pending() && self.sender.is_ready()
    }
}

fn step<Io: Read + Write + Unpin + Send + 'static>(
    driver: &mut Option<http1::Connection<Io, Full<Bytes>>>,
    context: &mut Context<'_>,
) -> Poll<hyper::Result<()>> {
    match driver {
        Some(driver) => Pin::new(driver).poll(context),
        None => Poll::Ready(Ok(())),
    }
}
