//! Calling an endpoint over HTTP/1.1, with connections kept open between calls.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use soap::{AnyNode, AnyType, Reply, Root, Transport, TransportError, Version};

use super::body::{self, Unread};
use super::dial::{Dial, Tcp};
use super::pool::{Connection, Pool};
use super::request;
use crate::config::Limits;
use crate::outgoing::{Advice, Connect, Destination};

/// Calls endpoints over connections that it makes with `D`; clones share those that are idle.
pub struct Client<D: Dial = Tcp> {
    shared: Arc<Shared<D>>,
    limits: Limits,
}

struct Shared<D: Dial> {
    dial: D,
    pool: Arc<Pool<D::Io>>,
}

impl Client {
    /// A client over plain TCP, for calls within `limits`.
    pub fn new(limits: Limits) -> Self {
        Self::over(Tcp, limits)
    }
}

impl<D: Dial> Client<D> {
    /// The way to the endpoint at `url`, for a call that may take `time`.
    pub(crate) fn transport(&self, url: &Uri, time: Duration) -> HttpTransport<D> {
        HttpTransport {
            client: self.clone(),
            url: url.clone(),
            time,
            advice: None,
        }
    }

    /// A client over the connections that `dial` makes.
    pub fn over(dial: D, limits: Limits) -> Self {
        let pool = Pool::new();
        Self {
            shared: Arc::new(Shared { dial, pool }),
            limits,
        }
    }
}

impl<D: Dial> Clone for Client<D> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            limits: self.limits,
        }
    }
}

impl<D: Dial> fmt::Debug for Client<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl<D: Dial> Connect for Client<D> {
    type Transport = HttpTransport<D>;

    fn to(&self, url: &Uri) -> HttpTransport<D> {
        self.transport(url, self.limits.call)
    }

    fn within(&self, url: &Uri, time: Duration) -> HttpTransport<D> {
        self.transport(url, time)
    }

    fn reach(&self, destination: Destination<'_>) -> HttpTransport<D> {
        let time = destination.time.unwrap_or(self.limits.call);
        HttpTransport {
            advice: destination.advice.cloned(),
            ..self.transport(destination.url, time)
        }
    }
}

/// The way to one endpoint.
#[derive(Clone, Debug)]
pub struct HttpTransport<D: Dial = Tcp> {
    client: Client<D>,
    url: Uri,
    /// How long a call may take.
    time: Duration,
    advice: Option<Advice>,
}

impl<D: Dial> Transport for HttpTransport<D> {
    async fn send(&self, request: soap::Request<'_>) -> Result<Reply, TransportError> {
        self.send_within(self.time, request).await
    }

    fn limits(&self) -> soap::Limits {
        self.client.limits.reading()
    }
}

/// A call that brought no reply.
struct Failed {
    error: TransportError,
    /// The request, where none of it was sent.
    unsent: Option<Request<Full<Bytes>>>,
}

impl<D: Dial> HttpTransport<D> {
    /// How long a call may take.
    pub(crate) const fn time(&self) -> Duration {
        self.time
    }

    /// Makes a call that has `time` left, of which the other side is told.
    pub(crate) async fn send_within(
        &self,
        time: Duration,
        request: soap::Request<'_>,
    ) -> Result<Reply, TransportError> {
        match tokio::time::timeout(time, self.exchange(request, time)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(TransportError::passing(format!(
                "did not answer within {time:?}"
            ))),
        }
    }

    /// One request and its response, for as long as they take.
    async fn exchange(
        &self,
        request: soap::Request<'_>,
        time: Duration,
    ) -> Result<Reply, TransportError> {
        let version = request.version;
        let mut post = self.post(request, time)?;
        let Shared { dial, pool } = &*self.client.shared;
        // Asked for before a connection is made: at worst it counts as older than it is.
        let generation = dial.generation();
        loop {
            let kept = pool.take(&self.url, generation);
            let is_kept = kept.is_some();
            let mut connection = match kept {
                Some(kept) => kept,
                None => self.connect().await?,
            };
            let reply =
                |sender: &mut SendRequest<_>| self.reply(version, sender.try_send_request(post));
            match connection.drive(reply).await {
                Ok(reply) => {
                    pool.keep(&self.url, generation, connection);
                    return Ok(reply);
                }
                // The other side had closed the connection while it was idle.
                Err(Failed {
                    unsent: Some(unsent),
                    ..
                }) if is_kept => post = unsent,
                Err(failed) => return Err(failed.error),
            }
        }
    }

    fn post(
        &self,
        request: soap::Request<'_>,
        time: Duration,
    ) -> Result<Request<Full<Bytes>>, TransportError> {
        let header = |text: String| HeaderValue::from_maybe_shared(Bytes::from(text));
        let action = header(format!("\"{}\"", request.operation.action)).map_err(|_| {
            TransportError::lasting("the operation's action does not fit into an HTTP header")
        })?;
        let authority = self
            .url
            .authority()
            .map_or("", |authority| authority.as_str());
        // Who calls is not told by the URL.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = HeaderValue::from_str(host).map_err(|_| {
            TransportError::lasting("the endpoint's host does not fit into an HTTP header")
        })?;
        let path = self.url.path_and_query().cloned();
        let mut post = Request::new(Full::new(Bytes::from(request.body)));
        *post.method_mut() = Method::POST;
        *post.uri_mut() = path.map_or_else(Uri::default, Uri::from);
        let headers = post.headers_mut();
        headers.reserve(5);
        headers.insert(HOST, host);
        match request.version {
            Version::Soap11 => {
                headers.insert(CONTENT_TYPE, request::TEXT_XML);
                headers.insert(request::SOAP_ACTION, action);
            }
            // The action stands in the signed header of the message.
            Version::Soap12 => {
                headers.insert(CONTENT_TYPE, request::SOAP_XML);
            }
        }
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        headers.insert(request::TIME_LEFT, HeaderValue::from(millis));
        Ok(post)
    }

    async fn connect(&self) -> Result<Connection<D::Io>, TransportError> {
        let unreachable = |cause: &dyn Error| {
            TransportError::passing(format!("could not be reached: {}", innermost(cause)))
        };
        let io = self.client.shared.dial.dial(&self.url).await;
        let io = io.map_err(|error| unreachable(&error))?;
        Connection::over(io)
            .await
            .map_err(|error| unreachable(&error))
    }

    /// Takes a SOAP message with status 200, and a fault whatever the status; a status without one is the failure.
    async fn reply(
        &self,
        version: Version,
        response: impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>>>,
    ) -> Result<Reply, Failed> {
        let (head, body) = match response.await {
            Ok(response) => response.into_parts(),
            Err(mut error) => {
                let unsent = error.take_message();
                let cause = error.into_error();
                let reason = format!("broke the connection off: {}", innermost(&cause));
                return Err(Failed {
                    error: TransportError::passing(reason),
                    unsent,
                });
            }
        };
        if let (Some(advice), Some(asked)) = (&self.advice, request::retry_after(&head)) {
            advice.note(asked);
        }
        let limit = self.client.limits.message_bytes;
        let reason = match request::check_media_type(&head.headers, version) {
            Ok(()) => match body::whole(body, limit).await {
                Ok(body) => {
                    let limits = self.client.limits.reading();
                    if head.status == StatusCode::OK || is_fault(version, &body, &limits) {
                        return Ok(Reply { body: body.into() });
                    }
                    // Whoever wrote the message did not write the status: it promises nothing.
                    format!("answered HTTP {} with no fault", head.status)
                }
                Err(Unread::TooLong) => format!("answered more than {limit} bytes"),
                Err(Unread::BrokenOff) => "broke its answer off".to_owned(),
            },
            Err(reason) if head.status == StatusCode::OK => {
                format!("answered without a SOAP message: {reason}")
            }
            Err(_) => format!("answered HTTP {} without a SOAP message", head.status),
        };
        Err(Failed {
            error: TransportError::passing(reason),
            unsent: None,
        })
    }
}

/// Whether `message` is a fault (SOAP 1.1, section 4.4; SOAP 1.2 Part 1, section 5.4).
#[cold]
fn is_fault(version: Version, message: &[u8], limits: &soap::Limits) -> bool {
    let namespace = version.namespace();
    let inside = |message: &[u8], element: &'static str, child: &'static str| {
        let root = Root::<AnyType>::new(namespace.element(element), &[]);
        let content = root.read(message, limits).ok()?;
        let mut elements = content.content().iter().filter_map(|node| match node {
            AnyNode::Element(element) => Some(element),
            AnyNode::Text(_) => None,
        });
        elements
            .find(|element| element.is(namespace.name(child)))
            .map(|element| element.xml().to_owned())
    };
    inside(message, "Envelope", "Body")
        .and_then(|body| inside(body.as_bytes(), "Body", "Fault"))
        .is_some()
}

/// The cause that says most: the outer ones only say that the client failed.
fn innermost(error: &dyn Error) -> &dyn Error {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}

#[cfg(test)]
mod tests;
