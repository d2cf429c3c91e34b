//! From an HTTP request to its response: which endpoint, is it well asked, and the call itself.

mod under_way;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Body, Bytes};
use hyper::header::{ALLOW, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER};
use hyper::http::uri::Authority;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use soap::security::{Certificate, Verified};
use soap::{Answer, Binding, Document, Rejection, Service, Version};

use self::under_way::UnderWay;
use super::Respond;
use super::body::{self, Unread};
use super::request::{self, Wanted};
use crate::call::{Context, Ending};
use crate::clearance::Callers;
use crate::config::{Limits, Tokens};
use crate::endpoint::Endpoint;
use crate::observe::Observer;
use crate::refusal::{Code, Refusal};
use crate::secured::{Gate, Kept, Taken};
use crate::tls::Credentials;

/// The endpoints that one listener serves. It needs no socket: tests hand requests to [`App::answer`].
pub struct App {
    served_by: String,
    mounts: Vec<Mount>,
    limits: Limits,
    observer: Observer,
}

struct Mount {
    endpoint: Endpoint,
    callers: Callers,
    gate: Option<Gate>,
    service: Box<dyn Handle>,
}

impl App {
    /// An app without endpoints, served by the party of that name.
    pub fn new(served_by: impl Into<String>, limits: Limits, observer: Observer) -> Self {
        Self {
            served_by: served_by.into(),
            mounts: Vec::new(),
            limits,
            observer,
        }
    }

    /// Serves `service` at the path of `endpoint` for `callers`.
    pub fn mount<S: Service<Context = Context> + 'static>(
        mut self,
        endpoint: Endpoint,
        callers: Callers,
        service: S,
    ) -> Self {
        self.mounts.push(Mount {
            endpoint,
            callers,
            gate: None,
            service: Box::new(service),
        });
        self
    }

    /// Takes signed messages at the endpoints whose contracts want them, by `tokens` and each once by `taken`, and signs the answers
    /// with `credentials`.
    pub fn with_tokens(
        mut self,
        tokens: &Tokens,
        credentials: &Credentials,
        taken: &Taken,
    ) -> Self {
        for mount in &mut self.mounts {
            mount.gate = Gate::at(mount.endpoint, tokens, credentials, taken, self.limits);
        }
        self
    }

    /// The endpoints, in the order in which they were mounted.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        self.mounts.iter().map(|mount| mount.endpoint)
    }

    /// The name of the party that serves them.
    pub fn served_by(&self) -> &str {
        &self.served_by
    }

    /// Answers one request; whatever happens, there is a response. A [`Certificate`] among the extensions of the request is what
    /// its caller proved itself by.
    pub async fn answer<B>(&self, request: Request<B>, peer: SocketAddr) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes>,
    {
        let Some(mount) = self
            .mounts
            .iter()
            .find(|mount| mount.endpoint.path() == request.uri().path())
        else {
            let endpoint = self
                .mounts
                .first()
                .map_or(Endpoint::Fs1, |mount| mount.endpoint);
            let nothing = Stopped::http(
                StatusCode::NOT_FOUND,
                Code::NotFound,
                "Nothing is served at this path.",
            );
            return nothing.response(&Context::now(endpoint, peer));
        };
        let mut context = Context::now(mount.endpoint, peer);
        let time = request::time_left(request.headers()).unwrap_or(Duration::MAX);
        context.time = time.min(self.limits.request);
        context.certificate = request.extensions().get::<Certificate>().cloned();
        let published = (*request.method() == Method::GET).then(|| {
            // Over TLS, nobody calls without one.
            let scheme = context.certificate.as_ref().map_or("http", |_| "https");
            mount.publish(scheme, request.uri().query(), request.headers())
        });
        if let Some(Ok(document)) = published {
            return xml(StatusCode::OK, document);
        }
        let call = UnderWay::new(self, context);
        let context = call.context();
        let outcome = match published {
            Some(Err(stopped)) => Err(stopped),
            _ if *request.method() == Method::POST => self.post(mount, request, context).await,
            _ => Err(Stopped::method()),
        };
        let (operation, response) = match outcome {
            Ok(answer) => {
                if let Some(unwritable) = &answer.unwritable {
                    context.note_reason(format!("the answer could not be written: {unwritable}"));
                }
                (Some(answer.operation), answered(answer, context))
            }
            Err(stopped) => (None, stopped.response(context)),
        };
        call.end(operation);
        response
    }

    async fn post<B>(
        &self,
        mount: &Mount,
        request: Request<B>,
        context: &Context,
    ) -> Result<Answer, Stopped>
    where
        B: Body<Data = Bytes>,
    {
        // Who may not call is not listened to.
        mount.callers.greet(context).map_err(Stopped::refused)?;
        let (head, body) = request.into_parts();
        request::check_media_type(&head.headers, Version::Soap11).map_err(|reason| {
            Stopped::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::MediaType, reason)
        })?;
        let action = request::action(&head.headers).map_err(Stopped::bad_request)?;
        let call = async {
            let message = self.read(body).await?;
            match unwound(self.call(mount, &message, action, context)).await {
                Some(outcome) => outcome,
                None => Err(Stopped::server(
                    Code::Internal,
                    "The service failed in a way that it did not foresee.",
                )),
            }
        };
        match tokio::time::timeout(context.time, call).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Stopped::server(
                Code::Timeout,
                "The call took longer than this endpoint allows.",
            )),
        }
    }

    /// Hands a message to the service, once it is verified where it must be.
    async fn call(
        &self,
        mount: &Mount,
        message: &[u8],
        action: Option<&str>,
        context: &Context,
    ) -> Result<Answer, Stopped> {
        let entered = match &mount.gate {
            None => None,
            Some(gate) => {
                let entered = gate.enter(message, action).await;
                entered.map_err(|kept| Stopped::kept(kept, context))?
            }
        };
        let Some(entered) = entered else {
            let (context, limits) = (context.clone(), self.limits.reading());
            return mount
                .service
                .handle(message, action, context, &limits)
                .await;
        };
        entered.prove(context);
        // Whoever signed the message is of the organisation that the connection is.
        mount.callers.greet(context).map_err(Stopped::refused)?;
        let served = context.clone();
        let answer = mount.service.handle_verified(&entered.request, served);
        let mut answer = answer.await?;
        answer.body = entered.sign(&answer).map_err(|error| {
            context.note_reason(format!("the answer could not be signed: {error}"));
            Stopped::server(Code::Internal, "The answer could not be signed.")
        })?;
        Ok(answer)
    }

    async fn read<B: Body<Data = Bytes>>(&self, body: B) -> Result<Bytes, Stopped> {
        let limit = self.limits.message_bytes;
        body::whole(body, limit)
            .await
            .map_err(|unread| match unread {
                Unread::TooLong => Stopped::http(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    Code::TooLarge,
                    format!("The body is larger than the {limit} bytes that this endpoint takes."),
                ),
                Unread::BrokenOff => Stopped::bad_request("The body broke off."),
            })
    }
}

impl Respond for App {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn respond(
        &self,
        request: Request<hyper::body::Incoming>,
        peer: SocketAddr,
    ) -> Response<Full<Bytes>> {
        self.answer(request, peer).await
    }
}

impl Mount {
    /// The contract at `?wsdl`, or a document that it refers to, with links that lead back to this endpoint.
    fn publish(
        &self,
        scheme: &str,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<String, Stopped> {
        let path = match request::wanted(query) {
            None => return Err(Stopped::method()),
            Some(Wanted::Wsdl) => self.contract().to_owned(),
            Some(Wanted::Document(path)) => path,
        };
        let Some(document) = self
            .service
            .documents()
            .iter()
            .find(|document| document.path == path)
        else {
            return Err(Stopped::http(
                StatusCode::NOT_FOUND,
                Code::NotFound,
                "The contract has no such document.",
            ));
        };
        let host = headers
            .get(HOST)
            .and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let Some(host) = host else {
            return Err(Stopped::bad_request("Host is missing or malformed."));
        };
        Ok(document.publish(&format!("{scheme}://{host}{}", self.endpoint.path())))
    }

    /// The path of the WSDL: that of the endpoint's variant, or the only one.
    fn contract(&self) -> &'static str {
        let mut bindings = self.service.bindings().iter();
        bindings
            .find(|binding| binding.variant == self.endpoint.variant())
            .map_or("", |binding| binding.document)
    }
}

/// A [`Service`] behind a pointer: the mounts of one listener are of several types.
trait Handle: Send + Sync {
    fn handle<'a>(
        &'a self,
        message: &'a [u8],
        action: Option<&'a str>,
        context: Context,
        limits: &'a soap::Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Stopped>> + Send + 'a>>;

    fn handle_verified<'a>(
        &'a self,
        request: &'a Verified<soap::security::Body<'a>>,
        context: Context,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Stopped>> + Send + 'a>>;

    fn bindings(&self) -> &'static [Binding];

    fn documents(&self) -> &'static [Document];
}

impl<S: Service<Context = Context>> Handle for S {
    fn handle<'a>(
        &'a self,
        message: &'a [u8],
        action: Option<&'a str>,
        context: Context,
        limits: &'a soap::Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Stopped>> + Send + 'a>> {
        let ending = context.ending();
        Box::pin(async move {
            let outcome =
                soap::server::handle_by_transport(self, message, action, context, limits).await;
            outcome.map_err(|rejection| Stopped::rejected(&rejection, &ending))
        })
    }

    fn handle_verified<'a>(
        &'a self,
        request: &'a Verified<soap::security::Body<'a>>,
        context: Context,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Stopped>> + Send + 'a>> {
        let ending = context.ending();
        Box::pin(async move {
            let outcome = soap::server::handle_verified(self, request, context).await;
            outcome.map_err(|rejection| Stopped::rejected(&rejection, &ending))
        })
    }

    fn bindings(&self) -> &'static [Binding] {
        S::BINDINGS
    }

    fn documents(&self) -> &'static [Document] {
        S::DOCUMENTS
    }
}

/// A request that ends with a fault from here, not from a role.
struct Stopped {
    status: StatusCode,
    version: Version,
    refusal: Refusal,
}

impl Stopped {
    fn http(status: StatusCode, code: Code, reason: impl Into<String>) -> Self {
        Self {
            status,
            version: Version::Soap11,
            refusal: Refusal::new(code, reason),
        }
    }

    fn method() -> Self {
        let reason = "This endpoint takes POST, and GET with ?wsdl or ?doc= only.";
        Self::http(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::MethodNotAllowed,
            reason,
        )
    }

    fn bad_request(reason: impl Into<String>) -> Self {
        Self::http(StatusCode::BAD_REQUEST, Code::BadRequest, reason)
    }

    fn refused(refusal: Refusal) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            version: Version::Soap11,
            refusal,
        }
    }

    /// The message of the call in `context` was not let in. Why, in full, is for the log.
    fn kept(kept: Kept, context: &Context) -> Self {
        match kept {
            Kept::Out(refusal) => {
                let ending = context.ending();
                ending.note_cause(refusal.id());
                ending.note_reason(refusal.to_string());
                Self::refused(Refusal::disbelieved(&refusal))
            }
            Kept::Waiting => Self::server(
                Code::StoreUnavailable,
                "Nothing was taken over: whether the message has been here before could not be found out.",
            ),
        }
    }

    fn server(code: Code, reason: &str) -> Self {
        Self::http(StatusCode::INTERNAL_SERVER_ERROR, code, reason)
    }

    /// The call that ends so brought no message of the contract.
    fn rejected(rejection: &Rejection, ending: &Ending) -> Self {
        ending.note_cause(rejection.kind().id());
        ending.note_reason(rejection.to_string());
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self {
            status,
            version: rejection.version(),
            refusal: Refusal::rejected(rejection),
        }
    }

    fn response(self, context: &Context) -> Response<Full<Bytes>> {
        let mut response = xml(self.status, self.refusal.write(context, self.version));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, POST"));
        }
        response
    }
}

/// The response with an operation's own answer. A caller that is turned away for a while is told when to come back.
fn answered(answer: Answer, context: &Context) -> Response<Full<Bytes>> {
    if !answer.fault {
        return xml(StatusCode::OK, answer.body);
    }
    let Some(seconds) = context.retry_after() else {
        return xml(StatusCode::INTERNAL_SERVER_ERROR, answer.body);
    };
    let mut response = xml(StatusCode::SERVICE_UNAVAILABLE, answer.body);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn xml(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, request::TEXT_XML);
    response
}

/// Runs `call`; `None` if it panics. A defect in one call must not reach the others on the connection.
async fn unwound<T>(call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}

#[cfg(test)]
mod tests;
