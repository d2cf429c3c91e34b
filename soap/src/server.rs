//! The server's side: from the octets of a request to those of its answer.

use std::fmt;

use crate::document::Document;
use crate::envelope::{self, NotOpened, Opened};
use crate::fault::{Fault, FaultCode, FaultDetail, Undeclared};
use crate::headers::Headers;
use crate::operation::{Binding, Operation, OperationFacts, Version};
use crate::payload::{Payload, Place};
use crate::value::QName;
use crate::xml::{Class, Kept, Limits, Name, Reader, Unwritable, Violations};

/// A service: hands each call to the implementation of its operation.
pub trait Service: Send + Sync {
    /// What the implementation is told of a call beside the message.
    type Context: Send;
    /// The service's name in the contract.
    const NAME: &'static str;
    /// The operations; [`Call::operation`] counts in this order.
    const OPERATIONS: &'static [OperationFacts];
    /// The ports in every variant of the contract.
    const BINDINGS: &'static [Binding];
    /// The documents of the contract.
    const DOCUMENTS: &'static [Document];

    /// Answers one call.
    fn call(
        &self,
        call: Call<'_>,
        context: Self::Context,
    ) -> impl Future<Output = Result<Answer, Rejection>> + Send;
}

/// Answers one request.
///
/// `action` is that of the transport, with or without quotes: missing or empty, the body decides alone; otherwise it must
/// be an action of the operation that the body names. The envelope must be of a version that one of the service's bindings
/// speaks; a service without bindings takes either.
///
/// # Errors
/// No operation ran: the message is malformed, not what the contract says, or not for this service.
pub async fn handle<S: Service>(
    service: &S,
    message: &[u8],
    action: Option<&str>,
    context: S::Context,
    limits: &Limits,
) -> Result<Answer, Rejection> {
    let call = Call::open::<S>(message, action, limits, Demand::NONE)?;
    service.call(call, context).await
}

/// Answers one request whose signature holds, as [`handle`] does one without: what the implementation gets is decoded from the
/// very element that was verified. The header blocks that verification has looked at are understood.
///
/// # Errors
/// As for [`handle`].
#[cfg(feature = "security")]
pub async fn handle_verified<S: Service>(
    service: &S,
    request: &crate::security::Verified<crate::security::Body<'_>>,
    action: Option<&str>,
    context: S::Context,
) -> Result<Answer, Rejection> {
    let body = request.get();
    let demand = Demand {
        body: Some(body.start()),
        understood: crate::security::UNDERSTOOD,
    };
    let call = Call::open::<S>(body.message(), action, body.limits(), demand)?;
    service.call(call, context).await
}

/// What is known of a message before it is read.
#[derive(Clone, Copy)]
struct Demand {
    /// Where the body must begin.
    body: Option<usize>,
    /// Header blocks that have been understood already.
    understood: &'static [Name],
}

impl Demand {
    const NONE: Self = Self {
        body: None,
        understood: &[],
    };

    /// Opens the envelope up to the body that is demanded.
    fn open<H: Headers>(
        &self,
        reader: &mut Reader<'_>,
        headers: &mut H,
    ) -> Result<Opened, NotOpened> {
        let mut opened = envelope::open(reader, headers)?;
        if self.body.is_some_and(|start| start != reader.open_start()) {
            return Err(reader.refuse_envelope().into());
        }
        let known = |name: &QName| self.understood.iter().any(|known| *name == *known);
        opened.not_understood.retain(|name| !known(name));
        Ok(opened)
    }
}

/// A request whose operation is known and whose body has not been read yet.
pub struct Call<'a> {
    /// Boxed, for it is large and a call is handed from future to future.
    reader: Box<Reader<'a>>,
    demand: Demand,
    version: Version,
    operation: usize,
    operations: &'static [OperationFacts],
    keeping: Option<Keeping<'a>>,
}

/// What is to be kept of the request, and who takes it.
struct Keeping<'a> {
    name: Name,
    after: &'static [Name],
    take: Box<dyn FnOnce(Name, Kept) + Send + 'a>,
}

impl<'a> Call<'a> {
    /// The place of the operation in [`Service::OPERATIONS`].
    pub const fn operation(&self) -> usize {
        self.operation
    }

    /// The version of SOAP that the request speaks, and the answer will.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Reads the request, lets `implementation` answer it, and writes what it answered; for an operation that declares no
    /// headers.
    ///
    /// # Errors
    /// The request is not what the contract says; `implementation` was not called.
    pub async fn answer<O, F, A>(self, implementation: F) -> Result<Answer, Rejection>
    where
        O: Operation<InputHeaders = (), OutputHeaders = ()>,
        F: FnOnce(O::Input) -> A,
        A: Future<Output = Result<O::Output, Fault<O::Fault>>>,
    {
        let version = self.version;
        let (request, ()) = self.read::<O>()?;
        Ok(match implementation(request).await {
            Ok(output) => Answer::output::<O>(version, &output, &()),
            Err(fault) => Answer::fault(version, O::FACTS.name, &fault),
        })
    }

    /// Reads the request with its headers, lets `implementation` answer both, and writes what it answered.
    ///
    /// # Errors
    /// The request or a header is not what the contract says; `implementation` was not called.
    pub async fn answer_with_headers<O, F, A>(self, implementation: F) -> Result<Answer, Rejection>
    where
        O: Operation,
        F: FnOnce(O::Input, O::InputHeaders) -> A,
        A: Future<Output = Result<(O::Output, O::OutputHeaders), Fault<O::Fault>>>,
    {
        let version = self.version;
        let (request, headers) = self.read::<O>()?;
        Ok(match implementation(request, headers).await {
            Ok((output, headers)) => Answer::output::<O>(version, &output, &headers),
            Err(fault) => Answer::fault(version, O::FACTS.name, &fault),
        })
    }

    /// Hands `take` the payload too, once it has been decoded and found valid and before the implementation is called: for a
    /// party in between, which passes it on with an element of its own in `place`. A request that has no element of its own in
    /// the body has none to pass on.
    #[must_use]
    pub fn keeping<T: 'a>(
        self,
        place: Place<T>,
        take: impl FnOnce(Payload<T>) + Send + 'a,
    ) -> Self {
        let keeping = Keeping {
            name: place.element().name(),
            after: place.after(),
            take: Box::new(move |name, kept| take(Payload::new(name, place, kept))),
        };
        Self {
            keeping: Some(keeping),
            ..self
        }
    }

    /// For an operation that [`Service::call`] has no arm for.
    pub fn unknown(self) -> Rejection {
        Rejection::new(RejectionKind::UnknownOperation, self.version, None)
    }

    fn open<S: Service>(
        message: &'a [u8],
        action: Option<&str>,
        limits: &Limits,
        demand: Demand,
    ) -> Result<Self, Rejection> {
        let operations = S::OPERATIONS;
        // What an unknown version is answered in (SOAP 1.2 Part 1, appendix A).
        let ours = S::BINDINGS
            .first()
            .map_or(Version::default(), |binding| binding.version);
        let version_mismatch =
            || Rejection::at(RejectionKind::Version, ours, "Envelope".to_owned());
        let mut reader = Reader::new(message, limits)
            .map(Box::new)
            .map_err(|violations| Rejection::invalid(Version::default(), violations))?;
        let Opened {
            version,
            mut not_understood,
        } = match demand.open(&mut reader, &mut ()) {
            Ok(opened) => opened,
            Err(NotOpened::Refused) => {
                return Err(Rejection::invalid(Version::default(), reader.stop()));
            }
            Err(NotOpened::Version) => return Err(version_mismatch()),
        };
        let mut spoken = S::BINDINGS.iter().map(|binding| binding.version);
        if !S::BINDINGS.is_empty() && !spoken.any(|spoken| spoken == version) {
            return Err(version_mismatch());
        }
        let operation = match find(&mut reader, action, operations) {
            Ok(operation) => operation,
            Err(_) if !not_understood.is_empty() => {
                return Err(Rejection::must_understand(version, not_understood));
            }
            Err(RejectionKind::UnknownOperation) => {
                let inputs = operations.iter().flat_map(|operation| operation.inputs);
                let inputs: Vec<Name> = inputs.copied().collect();
                reader.expected(&inputs);
                return Err(Rejection::stopped(
                    RejectionKind::UnknownOperation,
                    version,
                    reader.stop(),
                ));
            }
            Err(kind) => {
                let body = reader.next_name().map_or("", |(_, local)| local);
                let path = format!("Envelope/Body/{}", shown(body));
                return Err(Rejection::at(kind, version, path));
            }
        };
        let understood = operations[operation].headers;
        not_understood.retain(|name| !understood.iter().any(|known| *name == *known));
        if !not_understood.is_empty() {
            return Err(Rejection::must_understand(version, not_understood));
        }
        Ok(Self {
            reader,
            demand,
            version,
            operation,
            operations,
            keeping: None,
        })
    }

    fn read<O: Operation>(self) -> Result<(O::Input, O::InputHeaders), Rejection> {
        let Self {
            mut reader,
            demand,
            version,
            keeping,
            ..
        } = self;
        let mut headers = O::InputHeaders::default();
        if O::INPUT.is_bare() || !O::InputHeaders::NAMES.is_empty() {
            // Now that the operation is known, the envelope is read for what it says of headers and body.
            *reader = reader.again();
            if demand.open(&mut reader, &mut headers).is_err() {
                return Err(Rejection::invalid(version, reader.stop()));
            }
        }
        let keeping = keeping.filter(|_| !O::INPUT.is_bare()).and_then(|keeping| {
            let beginning = reader.begin_kept(keeping.name, keeping.after)?;
            Some((beginning, keeping.take))
        });
        let request = O::INPUT.read_child(&mut reader);
        let kept = keeping
            .filter(|_| request.is_ok())
            .map(|(beginning, take)| (reader.kept(beginning), take));
        let closed = envelope::close(&mut reader);
        let request = reader
            .finish(closed.and(request))
            .map_err(|violations| Rejection::invalid(version, violations))?;
        if let Some((kept, take)) = kept {
            take(O::INPUT.name(), kept);
        }
        Ok((request, headers))
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self
            .operations
            .get(self.operation)
            .map(|operation| operation.name);
        f.debug_struct("Call")
            .field("operation", &name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The operation that body and action name together: the one that the first element of the body names, of several the one
/// with the action. An operation whose body begins with no element that is known in advance goes by the action, and so does
/// every operation where the body names none; without an action it is the only one of its kind.
fn find(
    reader: &mut Reader<'_>,
    action: Option<&str>,
    operations: &[OperationFacts],
) -> Result<usize, RejectionKind> {
    let action = action.unwrap_or_default().trim();
    let action = action
        .strip_prefix('"')
        .and_then(|action| action.strip_suffix('"'))
        .unwrap_or(action);
    let is_meant = |operation: &OperationFacts| action.is_empty() || operation.action == action;
    let mut named = false;
    for (index, operation) in operations.iter().enumerate() {
        if reader.at_any(operation.inputs) {
            if is_meant(operation) {
                return Ok(index);
            }
            named = true;
        }
    }
    let mut by_action = (0..operations.len()).filter(|index| {
        let operation = &operations[*index];
        let open = operation.inputs.is_empty();
        is_meant(operation) && (open || !(named || action.is_empty()))
    });
    match (by_action.next(), by_action.next()) {
        (Some(index), None) => Ok(index),
        (Some(index), Some(_)) if !action.is_empty() => Ok(index),
        _ if named => Err(RejectionKind::ActionMismatch),
        _ => Err(RejectionKind::UnknownOperation),
    }
}

/// What goes back to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The operation that ran.
    pub operation: &'static str,
    /// The version of SOAP, which decides the content type.
    pub version: Version,
    /// The message; empty for a one-way operation that went well.
    pub body: String,
    /// Whether the message is a fault, which decides the status code.
    pub fault: bool,
    /// For the log: why the answer of the implementation could not be written. The caller sees a `Server` fault.
    pub unwritable: Option<Unwritable>,
}

impl Answer {
    /// The answer of an operation that said `output`, for those who answer a [`Rejection`] by it and not by a fault. Where it cannot
    /// be written the caller gets a fault.
    pub fn output<O: Operation>(
        version: Version,
        output: &O::Output,
        headers: &O::OutputHeaders,
    ) -> Self {
        let operation = O::FACTS.name;
        let Some(root) = O::OUTPUT else {
            return Self {
                operation,
                version,
                body: String::new(),
                fault: false,
                unwritable: None,
            };
        };
        match envelope::write(version, headers, |writer| writer.root(&root, output)) {
            Ok(body) => Self {
                operation,
                version,
                body,
                fault: false,
                unwritable: None,
            },
            Err(unwritable) => Self::unwritable(version, operation, unwritable),
        }
    }

    fn fault<D: FaultDetail>(version: Version, operation: &'static str, fault: &Fault<D>) -> Self {
        match fault.try_write(version) {
            Ok(body) => Self {
                operation,
                version,
                body,
                fault: true,
                unwritable: None,
            },
            Err(unwritable) => Self {
                body: fault.write(version),
                ..Self::unwritable(version, operation, unwritable)
            },
        }
    }

    fn unwritable(version: Version, operation: &'static str, unwritable: Unwritable) -> Self {
        let body = Fault::<Undeclared>::server("the answer could not be written").write(version);
        Self {
            operation,
            version,
            body,
            fault: true,
            unwritable: Some(unwritable),
        }
    }
}

/// Why no operation ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// Not namespace-well-formed XML in UTF-8.
    Malformed,
    /// More than the limits allow.
    Limit,
    /// An envelope of a version that the service does not speak.
    Version,
    /// A header block that must be understood and is not.
    MustUnderstand,
    /// The body is that of no operation.
    UnknownOperation,
    /// The action is not one of the operation that the body names.
    ActionMismatch,
    /// Not what the contract says.
    Invalid,
}

impl RejectionKind {
    /// The stable id, which stands where a violation has that of its [`Rule`](crate::Rule).
    pub const fn id(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Limit => "limit",
            Self::Version => "version",
            Self::MustUnderstand => "must-understand",
            Self::UnknownOperation => "unknown-operation",
            Self::ActionMismatch => "action-mismatch",
            Self::Invalid => "invalid",
        }
    }
}

/// A request that no operation ran for; always the caller's fault, and never worth sending again as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection(Box<Reasons>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Reasons {
    kind: RejectionKind,
    version: Version,
    violations: Option<Violations>,
    not_understood: Vec<QName>,
    path: Option<String>,
}

/// Names are the caller's own; no more of them than tells which.
fn shown(name: &str) -> &str {
    name.char_indices()
        .nth(200)
        .map_or(name, |(end, _)| &name[..end])
}

impl Rejection {
    fn new(kind: RejectionKind, version: Version, violations: Option<Violations>) -> Self {
        Self(Box::new(Reasons {
            kind,
            version,
            violations,
            not_understood: Vec::new(),
            path: None,
        }))
    }

    fn at(kind: RejectionKind, version: Version, path: String) -> Self {
        let mut rejection = Self::new(kind, version, None);
        rejection.0.path = Some(path);
        rejection
    }

    fn invalid(version: Version, violations: Violations) -> Self {
        Self::stopped(RejectionKind::Invalid, version, violations)
    }

    /// Malformed XML and limits go before what else was wrong.
    fn stopped(kind: RejectionKind, version: Version, violations: Violations) -> Self {
        let kind = match violations.class() {
            Class::Malformed => RejectionKind::Malformed,
            Class::Limit => RejectionKind::Limit,
            Class::Content => kind,
        };
        Self::new(kind, version, Some(violations))
    }

    fn must_understand(version: Version, names: Vec<QName>) -> Self {
        let kind = RejectionKind::MustUnderstand;
        Self(Box::new(Reasons {
            kind,
            version,
            violations: None,
            not_understood: names,
            path: None,
        }))
    }

    /// What kind of trouble it was.
    pub fn kind(&self) -> RejectionKind {
        self.0.kind
    }

    /// The version of SOAP that the request spoke; the service's own where it speaks another (SOAP 1.2 Part 1, appendix A).
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// What is wrong with the message, where that is why.
    pub fn violations(&self) -> Option<&Violations> {
        self.0.violations.as_ref()
    }

    /// The header blocks that are not understood.
    pub fn not_understood(&self) -> &[QName] {
        &self.0.not_understood
    }

    /// The paths of the elements at fault where no violation tells them: the envelope, header blocks, or the body's element.
    pub fn paths(&self) -> Vec<String> {
        let blocks = self.0.not_understood.iter();
        blocks
            .map(|name| format!("Envelope/Header/{}", shown(name.local())))
            .chain(self.0.path.clone())
            .collect()
    }

    /// The plain fault that tells the caller, in English and Danish; dress it with a detail by [`Fault::with_detail`] on a fault of
    /// its own.
    pub fn fault<D>(&self) -> Fault<D> {
        let code = match self.0.kind {
            RejectionKind::Version => FaultCode::VersionMismatch,
            RejectionKind::MustUnderstand => FaultCode::MustUnderstand,
            _ => FaultCode::Client,
        };
        Fault::new(code, self.to_string()).with_reason_in("da", self.danish())
    }

    /// The rejection in Danish, as `Display` has it in English.
    pub fn danish(&self) -> String {
        if let Some(violations) = &self.0.violations {
            return format!("beskeden blev afvist: {}", violations.danish());
        }
        let mut text = match self.0.kind {
            RejectionKind::Version => "kuverten er af en version, der ikke bruges her",
            RejectionKind::ActionMismatch => {
                "SOAPAction er ikke den, der hører til operationen i beskedens body"
            }
            RejectionKind::UnknownOperation => "beskedens body hører ikke til nogen operation",
            RejectionKind::MustUnderstand => "headerblokke bliver ikke forstået:",
            RejectionKind::Malformed | RejectionKind::Limit | RejectionKind::Invalid => {
                "beskeden blev afvist"
            }
        }
        .to_owned();
        for name in &self.0.not_understood {
            text.push(' ');
            text.push_str(shown(&name.to_string()));
        }
        text
    }
}

/// Safe for the caller and for logs: it holds no value of the message.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(violations) = &self.0.violations {
            return write!(f, "the message was refused: {violations}");
        }
        f.write_str(match self.0.kind {
            RejectionKind::Version => "the envelope is of a version that is not spoken here",
            RejectionKind::ActionMismatch => {
                "the action is not one of the operation that the body names"
            }
            RejectionKind::UnknownOperation => "the body is that of no operation",
            RejectionKind::MustUnderstand => "header blocks are not understood:",
            RejectionKind::Malformed | RejectionKind::Limit | RejectionKind::Invalid => {
                "the message was refused"
            }
        })?;
        for name in &self.0.not_understood {
            write!(f, " {}", shown(&name.to_string()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Rejection {}
