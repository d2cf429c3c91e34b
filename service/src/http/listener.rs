//! Accepting connections, and stopping in good order: no new connection, and those under way may finish.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use rustls::ServerConfig;
use soap::security::Certificate;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::Stop;
use crate::config::Limits;
use crate::tls::{self, Credentials, Current};

/// A bound address that does not accept yet; bound early, so that a taken port is known before any role starts.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    door: Door,
}

/// How callers come in.
#[derive(Clone, Debug)]
enum Door {
    /// Over plain HTTP.
    Plain,
    /// Over TLS, by certificate.
    Mutual(Credentials),
    /// Over TLS, and who they are is seen to elsewhere.
    Open(Credentials),
}

/// What a listener serves: a response to each request, whatever happens.
pub trait Respond: Send + Sync + 'static {
    /// The bounds on size and time.
    fn limits(&self) -> &Limits;

    /// Answers one request.
    fn respond(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

impl Listener {
    /// Binds `address` for plain HTTP; port 0 takes one that the system chooses.
    ///
    /// # Errors
    /// The address is not a loopback address, since this speaks plain HTTP, or the system refuses it.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let reason = format!(
                "{address} is not a loopback address: plain HTTP is served on loopback only"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        Self::bound(address, Door::Plain).await
    }

    /// Binds `address` for TLS with client certificates; port 0 takes one that the system chooses.
    ///
    /// # Errors
    /// The system refuses the address.
    pub async fn bind_tls(address: SocketAddr, credentials: Credentials) -> io::Result<Self> {
        Self::bound(address, Door::Mutual(credentials)).await
    }

    /// Binds `address` for TLS without client certificates; port 0 takes one that the system chooses.
    ///
    /// # Errors
    /// The system refuses the address.
    pub async fn bind_open_tls(address: SocketAddr, credentials: Credentials) -> io::Result<Self> {
        Self::bound(address, Door::Open(credentials)).await
    }

    async fn bound(address: SocketAddr, door: Door) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            door,
        })
    }

    /// The address in force, with its real port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The scheme of the URLs that lead here.
    pub const fn scheme(&self) -> &'static str {
        match self.door {
            Door::Plain => "http",
            Door::Mutual(_) | Door::Open(_) => "https",
        }
    }

    /// Serves `app` until `stop` says so; requests under way then have the drain time of the app's limits to end.
    pub async fn serve<A: Respond>(self, app: A, stop: Stop) {
        let app = Arc::new(app);
        // Each connection holds an end of it, so that the last one closes it.
        let (open, mut all_closed) = mpsc::channel::<Infallible>(1);
        let mut stopped = pin!(stop.clone().stopped());
        loop {
            tokio::select! {
                () = &mut stopped => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let visit = Visit { app: Arc::clone(&app), stream, peer, stop: stop.clone() };
                        let (door, open) = (self.door.clone(), open.clone());
                        tokio::spawn(async move {
                            visit.serve(door).await;
                            drop(open);
                        });
                    }
                    Err(error) => pause_after(&error).await,
                },
            }
        }
        // No new connection is taken while the old ones end.
        drop(self.listener);
        drop(open);
        let drain = app.limits().drain;
        if tokio::time::timeout(drain, all_closed.recv())
            .await
            .is_err()
        {
            tracing::warn!(address = %self.address, "requests were still under way after {drain:?} and are cut off");
        }
    }
}

/// A connection that was accepted.
struct Visit<A> {
    app: Arc<A>,
    stream: TcpStream,
    peer: SocketAddr,
    stop: Stop,
}

impl<A: Respond> Visit<A> {
    async fn serve(self, door: Door) {
        let peer = self.peer;
        // A receipt is one small write; waiting for more to send would only delay it.
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "the connection keeps its delay");
        }
        let outcome = match door {
            Door::Plain => self.plain().await,
            Door::Mutual(credentials) => self.tls(&credentials, Current::server).await,
            Door::Open(credentials) => self.tls(&credentials, Current::open_server).await,
        };
        if let Err(error) = outcome {
            tracing::debug!(%peer, %error, "the connection broke");
        }
    }

    async fn plain(self) -> hyper::Result<()> {
        let connection = connection(self.app, TokioIo::new(self.stream), self.peer, None);
        until(connection, self.stop.stopped()).await
    }

    async fn tls(
        self,
        credentials: &Credentials,
        config: fn(&Current) -> &Arc<ServerConfig>,
    ) -> hyper::Result<()> {
        let mut changes = credentials.changes();
        let current = Arc::clone(&changes.borrow_and_update());
        let limit = self.app.limits().request;
        let accepted = tls::accept(config(&current), self.stream, limit).await;
        let (stream, certificate) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(peer = %self.peer, %error, "a caller did not prove itself");
                return Ok(());
            }
        };
        let io = TokioIo::new(stream);
        let ends = certificate.as_ref().map(Certificate::not_after);
        let connection = connection(self.app, io, self.peer, certificate);
        // Whoever is connected by credentials that are no longer in force, or by a certificate that has expired, has to prove itself
        // anew.
        let over = async {
            tokio::select! {
                () = self.stop.stopped() => {}
                _ = changes.changed() => {}
                () = expiry(ends) => {}
            }
        };
        until(connection, over).await
    }
}

/// HTTP/1.1 with `app` over `io`, whatever that is, for a caller that has proved itself by `certificate`: poll it until the connection
/// ends.
pub fn connection<A: Respond, I: Read + Write + Unpin + Send + 'static>(
    app: Arc<A>,
    io: I,
    peer: SocketAddr,
    certificate: Option<Certificate>,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let header_timeout = app.limits().request;
    let service = service_fn(move |mut request: Request<Incoming>| {
        let app = Arc::clone(&app);
        if let Some(certificate) = &certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        let unheard = Unheard(Some((peer, certificate.clone())));
        async move {
            unheard.heard();
            Ok::<_, Infallible>(app.respond(request, peer).await)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .serve_connection(io, service)
}

/// A request that nobody has begun to answer: one that ends together with its connection, which hyper may see at once, is dropped, and
/// leaves a line in the log as any other.
struct Unheard(Option<(SocketAddr, Option<Certificate>)>);

impl Unheard {
    fn heard(mut self) {
        self.0 = None;
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        if let Some((peer, certificate)) = &self.0 {
            let certificate = certificate.as_ref().map(Certificate::attribution);
            tracing::warn!(%peer, certificate, "a caller left before its call was heard");
        }
    }
}

/// Returns once it is `time`; never, where there is none.
async fn expiry(time: Option<DateTime<Utc>>) {
    match time {
        Some(time) => {
            let left = time - DateTime::from(SystemTime::now());
            tokio::time::sleep(left.to_std().unwrap_or_default()).await;
        }
        None => std::future::pending().await,
    }
}

/// Serves `connection` until it ends, which it does after the call that it is in once `over` has come.
async fn until<C: GracefulConnection>(
    connection: C,
    over: impl Future<Output = ()>,
) -> Result<(), C::Error> {
    let mut connection = pin!(connection);
    tokio::select! {
        ended = &mut connection => return ended,
        () = over => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

/// Accepting fails for one connection (the peer has gone) or for all (no descriptors left): the pause keeps the second kind from
/// spinning, and the listener lives on.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use http_body_util::Empty;
    use hyper::client::conn::http1 as client;
    use rustls::pki_types::ServerName;
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::http::Stopper;
    use crate::pki::folder;

    #[tokio::test]
    async fn plain_http_is_refused_off_loopback() {
        let error = Listener::bind(([0, 0, 0, 0], 0).into()).await.unwrap_err();
        assert!(error.to_string().contains("loopback only"), "{error}");
    }

    /// Says who calls.
    struct Mirror(Limits);

    impl Respond for Mirror {
        fn limits(&self) -> &Limits {
            &self.0
        }

        async fn respond(
            &self,
            request: Request<Incoming>,
            _: SocketAddr,
        ) -> Response<Full<Bytes>> {
            let caller = request.extensions().get::<Certificate>();
            let caller = caller.map_or("nobody", Certificate::subject).to_owned();
            Response::new(Full::new(Bytes::from(caller)))
        }
    }

    #[tokio::test]
    async fn a_connection_lasts_no_longer_than_what_it_was_made_with() {
        let now = DateTime::from(SystemTime::now());
        expiry(Some(now)).await;
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for never in [None, Some(now + chrono::TimeDelta::days(9000))] {
            assert!(pin!(expiry(never)).poll(&mut context).is_pending());
        }
    }

    #[tokio::test]
    async fn a_connection_ends_when_what_it_was_made_with_is_replaced() {
        let folder = std::env::temp_dir().join(format!("sf209x-{}", uuid::Uuid::new_v4()));
        folder::mint(&folder).unwrap();
        let of = |party| Credentials::load(folder::tls(&folder, party)).unwrap();
        let (platform, nord) = (of("platform"), of("nord"));
        let here = (Ipv4Addr::LOCALHOST, 0).into();
        let listener = Listener::bind_tls(here, platform.clone()).await.unwrap();
        let address = listener.address();
        let (_stopper, stop) = Stopper::new();
        tokio::spawn(listener.serve(Mirror(Limits::DEFAULT), stop));

        let stream = TcpStream::connect(address).await.unwrap();
        let connector = TlsConnector::from(Arc::clone(nord.current().client()));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::get("/").header("host", "localhost");
        let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap());
        let body = http_body_util::BodyExt::collect(response.await.unwrap().into_body()).await;
        let caller = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
        assert!(caller.contains("NTRDK-90000060"), "{caller}");

        for file in ["pem", "key"] {
            let (new, old) = (
                folder.join(format!("sts.{file}")),
                folder.join(format!("platform.{file}")),
            );
            std::fs::copy(new, old).unwrap();
        }
        assert_eq!(platform.reload(), Ok(true));
        // The client sees the connection end, without a request and without an error.
        connection.await.unwrap().unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_request_that_nobody_began_to_answer_leaves_a_line() {
        let log = crate::world::log::Log::default();
        let _kept = log.keep();
        let text = "a caller left before its call was heard";
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        Unheard(Some((peer, None))).heard();
        assert!(log.lines(text).is_empty());
        drop(Unheard(Some((peer, None))));
        assert_eq!(log.line(text)["peer"], "127.0.0.1:40000");
    }
}
