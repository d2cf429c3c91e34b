//! The client's side: from a typed request to its typed answer, over a transport that is not ours.

use std::error::Error;
use std::fmt;

use crate::envelope::{self, NotOpened, fault_name};
use crate::fault::{Fault, FaultCode, FaultDetail, HeaderDetail};
use crate::operation::{Operation, OperationFacts, Version};
use crate::payload::Payload;
use crate::value::QName;
use crate::xml::{Limits, ReadXml, Reader, Rule, Unwritable, Violations, WriteXml};

/// Carries one message to the service and its answer back.
pub trait Transport: Send + Sync {
    /// Sends a request. A reply with a fault is a reply, whatever its status code.
    fn send(
        &self,
        request: Request<'_>,
    ) -> impl Future<Output = Result<Reply, TransportError>> + Send;

    /// The version of SOAP to speak; 1.1 unless the transport says otherwise.
    fn version(&self) -> Version {
        Version::Soap11
    }

    /// What a reply may cost.
    fn limits(&self) -> Limits {
        Limits::default()
    }
}

/// A request on its way.
#[derive(Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// The operation: its action goes into the header of the transport.
    pub operation: &'a OperationFacts,
    /// The version of SOAP, which decides the content type.
    pub version: Version,
    /// The message.
    pub body: String,
}

/// Leaves the message out.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.name)
            .field("version", &self.version)
            .field("octets", &self.body.len())
            .finish()
    }
}

/// A reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The message; may be empty for a one-way operation.
    pub body: Vec<u8>,
}

/// Leaves the message out.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("octets", &self.body.len())
            .finish()
    }
}

/// Why a transport brought no reply.
#[derive(Debug)]
pub struct TransportError(Box<Failure>);

#[derive(Debug)]
struct Failure {
    reason: String,
    retry: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl TransportError {
    /// A failure after which sending again may help.
    pub fn passing(reason: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            reason: reason.into(),
            retry: true,
            source: None,
        }))
    }

    /// A failure that will be there the next time too.
    pub fn lasting(reason: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            reason: reason.into(),
            retry: false,
            source: None,
        }))
    }

    /// With what it came from.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Whether sending again may help.
    pub fn retry(&self) -> bool {
        self.0.retry
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.reason)
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// Calls an operation that declares no headers.
///
/// # Errors
/// The service answered with a fault; there was no answer; or the request or the answer breaks the contract.
pub async fn call<O, T>(transport: &T, request: &O::Input) -> Result<O::Output, CallError<O::Fault>>
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    T: Transport,
{
    let (output, ()) = call_with_headers::<O, T>(transport, request, &()).await?;
    Ok(output)
}

/// What a call of an operation brings: the answer with its headers, or why there is none.
pub type Answered<O> = Result<
    (<O as Operation>::Output, <O as Operation>::OutputHeaders),
    CallError<<O as Operation>::Fault>,
>;

/// Calls an operation with the headers of the request; the answer comes with its own.
///
/// # Errors
/// The service answered with a fault; there was no answer; or the request or the answer breaks the contract.
pub async fn call_with_headers<O: Operation, T: Transport>(
    transport: &T,
    request: &O::Input,
    headers: &O::InputHeaders,
) -> Answered<O> {
    let version = transport.version();
    let body = envelope::write(version, headers, |writer| writer.root(&O::INPUT, request))
        .map_err(CallError::Request)?;
    exchange::<O, T>(transport, version, body).await
}

/// Passes on a request that was decoded here, in its own octets, with `value` in the [`Place`](crate::Place) that it was kept
/// for; without one, what its sender put there stays. Header blocks are not passed on.
///
/// # Errors
/// As [`call`]; [`CallError::Request`] also if the payload is that of another operation.
pub async fn forward<O, T, V>(
    transport: &T,
    payload: &Payload<V>,
    value: Option<&V>,
) -> Result<O::Output, CallError<O::Fault>>
where
    O: Operation,
    T: Transport,
    V: WriteXml,
{
    if payload.name() != O::INPUT.name() {
        return Err(CallError::Request(Unwritable {
            path: "Envelope/Body".to_owned(),
            rule: Rule::missing(&[O::INPUT.name()]),
        }));
    }
    let version = transport.version();
    let body = payload.write(version, value).map_err(CallError::Request)?;
    let (output, _) = exchange::<O, T>(transport, version, body).await?;
    Ok(output)
}

async fn exchange<O: Operation, T: Transport>(
    transport: &T,
    version: Version,
    body: String,
) -> Answered<O> {
    let reply = transport
        .send(Request {
            operation: &O::FACTS,
            version,
            body,
        })
        .await
        .map_err(CallError::Transport)?;
    read::<O>(&reply.body, version, &transport.limits())
}

fn read<O: Operation>(reply: &[u8], version: Version, limits: &Limits) -> Answered<O> {
    let nothing;
    let message = if reply.is_empty() && O::OUTPUT.is_none() {
        nothing = envelope::write(version, &(), |_| ()).map_err(CallError::Request)?;
        nothing.as_bytes()
    } else {
        reply
    };
    let mut reader = Reader::new(message, limits).map_err(CallError::Reply)?;
    let mut headers = O::OutputHeaders::default();
    match envelope::open(&mut reader, &mut headers) {
        Ok(found)
            if found.version == version && understood::<O::Fault>(&found.blocks.not_understood) => {
        }
        Ok(_) | Err(NotOpened::Version) => {
            reader.refuse_envelope();
            return Err(CallError::Reply(reader.stop()));
        }
        Err(NotOpened::Refused) => return Err(CallError::Reply(reader.stop())),
    }
    if reader.at(fault_name(version)) {
        let mut header = HeaderDetail::None;
        if !O::Fault::HEADERS.is_empty() {
            // What the fault tells about a header stands before it.
            reader = reader.again();
            let opened = envelope::open(&mut reader, &mut header);
            if opened.is_err() || !reader.at(fault_name(version)) {
                return Err(CallError::Reply(reader.stop()));
            }
        }
        let fault = Fault::read(&mut reader, version, header);
        let closed = envelope::close(&mut reader);
        let fault = reader.finish(closed.and(fault)).map_err(CallError::Reply)?;
        return Err(CallError::Fault(fault));
    }
    let output = match O::OUTPUT {
        Some(root) => {
            if root.is_bare() {
                // Looking for a fault has been too much already where the body itself is described.
                reader = reader.again();
                headers = O::OutputHeaders::default();
                if envelope::open(&mut reader, &mut headers).is_err() {
                    return Err(CallError::Reply(reader.stop()));
                }
            }
            root.read_child(&mut reader)
        }
        None => O::Output::read(&mut reader),
    };
    let closed = envelope::close(&mut reader);
    let output = reader
        .finish(closed.and(output))
        .map_err(CallError::Reply)?;
    Ok((output, headers))
}

/// Whether all of `blocks` are details of faults.
fn understood<D: FaultDetail>(blocks: &[QName]) -> bool {
    let detail = |block: &QName| D::HEADERS.iter().any(|name| *block == *name);
    blocks.iter().all(detail)
}

/// Why a call brought no answer.
#[derive(Debug)]
pub enum CallError<F> {
    /// The service answered with a fault.
    Fault(Fault<F>),
    /// There was no reply.
    Transport(TransportError),
    /// The reply is not what the contract says.
    Reply(Violations),
    /// The request cannot be written as the contract says; nothing was sent.
    Request(Unwritable),
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Ours, who call.
    Caller,
    /// The service's.
    Peer,
    /// Of what lies between.
    Transport,
}

impl<F> CallError<F> {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Fault(fault) => match fault.code() {
                FaultCode::Server | FaultCode::Other(_) => Blame::Peer,
                FaultCode::Client
                | FaultCode::ClientCodes(_)
                | FaultCode::VersionMismatch
                | FaultCode::MustUnderstand => Blame::Caller,
            },
            Self::Transport(_) => Blame::Transport,
            Self::Reply(_) => Blame::Peer,
            Self::Request(_) => Blame::Caller,
        }
    }

    /// Whether calling again with the same request may help.
    pub fn retry(&self) -> bool {
        match self {
            Self::Fault(fault) => fault.retry(),
            Self::Transport(error) => error.retry(),
            Self::Reply(_) | Self::Request(_) => false,
        }
    }
}

impl<F> fmt::Display for CallError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fault(_) => "the service answered with a fault",
            Self::Transport(_) => "there was no reply",
            Self::Reply(_) => "the reply is not what the contract says",
            Self::Request(_) => "the request cannot be written as the contract says",
        })
    }
}

impl<F: fmt::Debug + 'static> Error for CallError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Fault(fault) => fault,
            Self::Transport(error) => error,
            Self::Reply(violations) => violations,
            Self::Request(unwritable) => unwritable,
        })
    }
}
