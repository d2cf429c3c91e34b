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
    let certificate = shown.map(|shown| caller(shown)).transpose()?;
    Ok((stream, certificate))
}

/// Who a caller that has shown this certificate proved to be. rustls has asked for the extended key usage alone.
fn caller(shown: &[u8]) -> io::Result<Certificate> {
    let invalid = |error: String| io::Error::new(io::ErrorKind::InvalidData, error);
    let certificate = Certificate::from_der(shown).map_err(|error| invalid(error.to_string()))?;
    if certificate.may_sign() {
        Ok(certificate)
    } else {
        let text = "the key of its certificate may not sign (key usage)";
        Err(invalid(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{Authority, Holder, Shape};

    #[test]
    fn a_caller_proves_itself_by_a_key_that_may_sign() {
        let authority = Authority::root(Shape::Oces3, "SF209X CA").unwrap();
        let cvr = "90000060".parse().unwrap();
        let holder = Holder {
            name: "Nord",
            cvr,
            valid: None,
        };
        let signs = authority.issue(&holder).unwrap().certificate_der().unwrap();
        assert!(caller(&signs).is_ok());
        // An authority's key is for certificates and lists.
        let pem = authority.certificate_pem().unwrap();
        let other = Certificate::from_pem(pem.as_bytes()).unwrap();
        let refused = caller(other.der()).unwrap_err().to_string();
        assert!(refused.contains("key usage"), "{refused}");
    }
}
