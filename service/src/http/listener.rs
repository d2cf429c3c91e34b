//! Accepting connections, and stopping in good order: no new connection, and those under way may finish.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use soap::security::Certificate;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{App, Stop};
use crate::tls::{self, Credentials};

/// A bound address that does not accept yet; bound early, so that a taken port is known before any role starts.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    /// Without, it speaks plain HTTP.
    credentials: Option<Credentials>,
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
        Self::bound(address, None).await
    }

    /// Binds `address` for TLS with client certificates; port 0 takes one that the system chooses.
    ///
    /// # Errors
    /// The system refuses the address.
    pub async fn bind_tls(address: SocketAddr, credentials: Credentials) -> io::Result<Self> {
        Self::bound(address, Some(credentials)).await
    }

    async fn bound(address: SocketAddr, credentials: Option<Credentials>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            credentials,
        })
    }

    /// The address in force, with its real port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The scheme of the URLs that lead here.
    pub const fn scheme(&self) -> &'static str {
        if self.credentials.is_some() {
            "https"
        } else {
            "http"
        }
    }

    /// Serves `app` until `stop` says so; requests under way then have the drain time of the app's limits to end.
    pub async fn serve(self, app: App, stop: Stop) {
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
                        let (credentials, open) = (self.credentials.clone(), open.clone());
                        tokio::spawn(async move {
                            visit.serve(credentials).await;
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
struct Visit {
    app: Arc<App>,
    stream: TcpStream,
    peer: SocketAddr,
    stop: Stop,
}

impl Visit {
    async fn serve(self, credentials: Option<Credentials>) {
        let peer = self.peer;
        // A receipt is one small write; waiting for more to send would only delay it.
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "the connection keeps its delay");
        }
        let outcome = match credentials {
            None => self.plain().await,
            Some(credentials) => self.tls(&credentials).await,
        };
        if let Err(error) = outcome {
            tracing::debug!(%peer, %error, "the connection broke");
        }
    }

    async fn plain(self) -> hyper::Result<()> {
        let connection = connection(self.app, TokioIo::new(self.stream), self.peer, None);
        until(connection, self.stop.stopped()).await
    }

    async fn tls(self, credentials: &Credentials) -> hyper::Result<()> {
        let mut changes = credentials.changes();
        let current = Arc::clone(&changes.borrow_and_update());
        let limit = self.app.limits().request;
        let (stream, certificate) = match tls::accept(&current, self.stream, limit).await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(peer = %self.peer, %error, "a caller did not prove itself");
                return Ok(());
            }
        };
        let io = TokioIo::new(stream);
        let connection = connection(self.app, io, self.peer, Some(certificate));
        // Whoever is connected by credentials that are no longer in force has to prove itself by the new ones.
        let over = async {
            tokio::select! {
                () = self.stop.stopped() => {}
                _ = changes.changed() => {}
            }
        };
        until(connection, over).await
    }
}

/// HTTP/1.1 with `app` over `io`, whatever that is, for a caller that has proved itself by `certificate`: poll it until the connection
/// ends.
pub fn connection<I: Read + Write + Unpin + Send + 'static>(
    app: Arc<App>,
    io: I,
    peer: SocketAddr,
    certificate: Option<Certificate>,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let header_timeout = app.limits().request;
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        let app = Arc::clone(&app);
        if let Some(certificate) = &certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        async move { Ok::<_, Infallible>(app.answer(request, peer).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .serve_connection(io, service)
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
    use super::*;

    #[tokio::test]
    async fn plain_http_is_refused_off_loopback() {
        let error = Listener::bind(([0, 0, 0, 0], 0).into()).await.unwrap_err();
        assert!(error.to_string().contains("loopback only"), "{error}");
    }
}
