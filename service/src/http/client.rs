//! Calling an endpoint over HTTP/1.1, with connections kept open between calls.

use std::error::Error;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use soap::{Reply, Transport, TransportError};

use super::request;
use crate::config::Limits;
use crate::outgoing::Connect;

/// Connections idle longer than this are closed here, before the other side does and a call meets a closed one.
const IDLE: Duration = Duration::from_secs(15);

/// A pool of connections; clones share it.
#[derive(Clone, Debug)]
pub struct Client {
    pool: legacy::Client<HttpConnector, Full<Bytes>>,
    limits: Limits,
}

impl Client {
    /// An empty pool, for calls within `limits`. Make it inside a tokio runtime.
    pub fn new(limits: Limits) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limits.call));
        let pool = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { pool, limits }
    }
}

impl Connect for Client {
    type Transport = HttpTransport;

    fn to(&self, url: &Uri) -> HttpTransport {
        HttpTransport {
            client: self.clone(),
            url: url.clone(),
        }
    }
}

/// The way to one endpoint.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: Client,
    url: Uri,
}

impl Transport for HttpTransport {
    async fn send(&self, request: soap::Request<'_>) -> Result<Reply, TransportError> {
        let timeout = self.client.limits.call;
        match tokio::time::timeout(timeout, self.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(TransportError::passing(format!(
                "did not answer within {timeout:?}"
            ))),
        }
    }

    fn limits(&self) -> soap::Limits {
        self.client.limits.reading()
    }
}

impl HttpTransport {
    /// One request and its response, for as long as they take.
    async fn exchange(&self, request: soap::Request<'_>) -> Result<Reply, TransportError> {
        let action =
            HeaderValue::from_str(&format!("\"{}\"", request.operation.action)).map_err(|_| {
                TransportError::lasting("the operation's action does not fit into an HTTP header")
            })?;
        let mut post = Request::new(Full::new(Bytes::from(request.body)));
        *post.method_mut() = Method::POST;
        *post.uri_mut() = self.url.clone();
        post.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/xml; charset=utf-8"),
        );
        post.headers_mut().insert(request::SOAP_ACTION, action);
        let response = self.client.pool.request(post).await.map_err(|error| {
            if error.is_connect() {
                TransportError::passing(format!("could not be reached: {}", innermost(&error)))
            } else {
                TransportError::passing(format!("broke the connection off: {}", innermost(&error)))
            }
        })?;
        self.reply(response).await
    }

    /// Takes a SOAP message whatever the status, since a fault may come with any but 200; a status without one is the failure.
    async fn reply(&self, response: Response<Incoming>) -> Result<Reply, TransportError> {
        let (head, body) = response.into_parts();
        if let Err(reason) = request::check_media_type(&head.headers) {
            let status = head.status;
            return Err(match status {
                StatusCode::OK => {
                    TransportError::passing(format!("answered without a SOAP message: {reason}"))
                }
                _ => TransportError::passing(format!(
                    "answered HTTP {status} without a SOAP message"
                )),
            });
        }
        let limit = self.client.limits.message_bytes;
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Reply {
                body: body.to_bytes().to_vec(),
            }),
            Err(error) if error.is::<LengthLimitError>() => Err(TransportError::passing(format!(
                "answered more than {limit} bytes"
            ))),
            Err(_) => Err(TransportError::passing("broke its answer off".to_owned())),
        }
    }
}

/// The cause that says most: the outer ones only say that the client failed.
fn innermost(error: &dyn Error) -> &dyn Error {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}
