//! Connections that come in over TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use soap::security::Certificate;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Current;

/// Takes the handshake on `stream`, which may last for `limit`, and says who the caller proved to be.
///
/// # Errors
/// The caller did not prove itself, spoke something else, took too long, or has a certificate that names no one identity.
pub(crate) async fn accept(
    current: &Current,
    stream: TcpStream,
    limit: Duration,
) -> io::Result<(TlsStream<TcpStream>, Certificate)> {
    let acceptor = TlsAcceptor::from(Arc::clone(current.server()));
    let stream = tokio::time::timeout(limit, acceptor.accept(stream)).await??;
    let chain = stream.get_ref().1.peer_certificates();
    let shown = chain.and_then(|chain| chain.first()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::PermissionDenied, "no certificate was shown")
    })?;
    let certificate = Certificate::from_der(shown)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok((stream, certificate))
}
