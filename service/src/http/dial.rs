//! How the client connects: the one place that knows what lies under its HTTP.

use std::io;

use hyper::Uri;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Makes the connections of a [`Client`](super::Client).
pub trait Dial: Send + Sync + 'static {
    /// What HTTP/1.1 is spoken over.
    type Io: Read + Write + Unpin + Send + 'static;

    /// Which generation of connections one that is made now is of. Those of an earlier one carry no further call.
    fn generation(&self) -> u64 {
        0
    }

    /// Connects to the host and port of `url`; the client bounds how long that may take.
    fn dial(&self, url: &Uri) -> impl Future<Output = io::Result<Self::Io>> + Send;
}

/// Plain TCP.
#[derive(Clone, Copy, Debug)]
pub struct Tcp;

impl Dial for Tcp {
    type Io = TokioIo<TcpStream>;

    async fn dial(&self, url: &Uri) -> io::Result<Self::Io> {
        let host = url.host().unwrap_or_default();
        // An IPv6 address stands in brackets in a URL, and in no other place.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await?;
        // A request is written whole; waiting for more to send would only delay it.
        stream.set_nodelay(true)?;
        Ok(TokioIo::new(stream))
    }
}
