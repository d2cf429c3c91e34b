//! Connections that come in over TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use soap::security::Certificate;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Takes the handshake on `stream`, which may last for `limit`, and says who the caller proved to be, where `config` asks for that.
///
/// # Errors
/// The caller did not prove itself, spoke something else, took too long, or has a certificate that names no one identity
/// or is not one to sign with, as proving oneself in TLS is.
pub(crate) async fn accept(
    config: &Arc<ServerConfig>,
    stream: TcpStream,
    limit: Duration,
) -> io::Result<(TlsStream<TcpStream>, Option<Certificate>)> {
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    let stream = tokio::time::timeout(limit, acceptor.accept(stream)).await??;
    let chain = stream.get_ref().1.peer_certificates();
    let shown = chain.and_then(|chain| chain.first());
    let certificate = shown.map(|shown| Certificate::from_der(shown)).transpose();
    let certificate =
        certificate.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    // rustls asks for the extended key usage alone.
    if certificate.as_ref().is_some_and(|shown| !shown.may_sign()) {
        let text = "the key of its certificate may not sign (key usage)";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok((stream, certificate))
}
