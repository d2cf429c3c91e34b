//! Connections over TLS for the client.

use std::io;
use std::sync::Arc;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Credentials, Current};
use crate::http::Dial;

/// Connects with the credentials that are in force at the time.
#[derive(Clone, Debug)]
pub struct Dialer {
    credentials: Credentials,
    /// Which of the configurations is used.
    config: fn(&Current) -> &Arc<ClientConfig>,
}

impl Dialer {
    /// Shows a certificate to servers that ask for one.
    pub const fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            config: Current::client,
        }
    }

    /// Shows none, as to the security token service.
    pub const fn anonymous(credentials: Credentials) -> Self {
        Self {
            credentials,
            config: Current::anonymous,
        }
    }
}

impl Dial for Dialer {
    type Io = TokioIo<TlsStream<TcpStream>>;

    /// A connection proves what held when it was made.
    fn generation(&self) -> u64 {
        self.credentials.current().fingerprint
    }

    async fn dial(&self, url: &Uri) -> io::Result<Self::Io> {
        let host = url.host().unwrap_or_default();
        // An IPv6 address stands in brackets in a URL, and in no other place.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, "the host has no valid name")
        })?;
        let stream = TcpStream::connect((host, url.port_u16().unwrap_or(443))).await?;
        // A request is written whole; waiting for more to send would only delay it.
        stream.set_nodelay(true)?;
        let config = Arc::clone((self.config)(&self.credentials.current()));
        let stream = TlsConnector::from(config).connect(name, stream).await?;
        Ok(TokioIo::new(stream))
    }
}
