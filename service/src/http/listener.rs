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
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::App;

/// A bound address that does not accept yet; bound early, so that a taken port is known before any role starts.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds `address`; port 0 takes one that the system chooses.
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
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address in force, with its real port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `app` until `stop` says so; requests under way then have the drain time of the app's limits to end.
    pub async fn serve(self, app: App, stop: Stop) {
        let app = Arc::new(app);
        let connections = GracefulShutdown::new();
        let mut stopped = pin!(stop.stopped());
        loop {
            tokio::select! {
                () = &mut stopped => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => spawn_connection(Arc::clone(&app), stream, peer, &connections),
                    Err(error) => pause_after(&error).await,
                },
            }
        }
        // No new connection is taken while the old ones end.
        drop(self.listener);
        let drain = app.limits().drain;
        if tokio::time::timeout(drain, connections.shutdown())
            .await
            .is_err()
        {
            tracing::warn!(address = %self.address, "requests were still under way after {drain:?} and are cut off");
        }
    }
}

/// HTTP/1.1 with `app` over `io`, whatever that is: poll it until the connection ends.
pub fn connection<I: Read + Write + Unpin + Send + 'static>(
    app: Arc<App>,
    io: I,
    peer: SocketAddr,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let header_timeout = app.limits().request;
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(app.answer(request, peer).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .serve_connection(io, service)
}

fn spawn_connection(
    app: Arc<App>,
    stream: TcpStream,
    peer: SocketAddr,
    connections: &GracefulShutdown,
) {
    // A receipt is one small write; waiting for more to send would only delay it.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "the connection keeps its delay");
    }
    let connection = connections.watch(connection(app, TokioIo::new(stream), peer));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%peer, %error, "the connection broke");
        }
    });
}

/// Accepting fails for one connection (the peer has gone) or for all (no descriptors left): the pause keeps the second kind from
/// spinning, and the listener lives on.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// Tells all holders of its [`Stop`] to stop; dropping it does the same.
#[derive(Debug)]
pub struct Stopper {
    sender: watch::Sender<bool>,
}

/// Waits for its [`Stopper`]; clones wait for the same one.
#[derive(Clone, Debug)]
pub struct Stop {
    receiver: watch::Receiver<bool>,
}

impl Stopper {
    /// A stopper and what waits for it.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self { sender }, Stop { receiver })
    }

    /// Stops all who wait.
    pub fn stop(&self) {
        self.sender.send_replace(true);
    }
}

impl Stop {
    /// Returns once the stopper has spoken or is gone.
    pub async fn stopped(mut self) {
        // An error says that the stopper is gone, which means the same.
        let _ = self.receiver.wait_for(|stopped| *stopped).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn plain_http_is_refused_off_loopback() {
        let error = Listener::bind(([0, 0, 0, 0], 0).into()).await.unwrap_err();
        assert!(error.to_string().contains("loopback only"), "{error}");
    }

    #[tokio::test]
    async fn a_stop_reaches_every_clone() {
        let (stopper, stop) = Stopper::new();
        let other = stop.clone();
        stopper.stop();
        stop.stopped().await;
        other.stopped().await;
    }
}
