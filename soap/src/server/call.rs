//! A call whose operation is known: reading its request and handing it to the implementation.

use std::fmt;

use super::rejection::shown;
use super::{Answer, Rejection, RejectionKind, Service};
use crate::envelope::{self, NotOpened, Opened};
use crate::fault::Fault;
use crate::headers::{Blocks, Headers, SECURITY};
use crate::operation::{Operation, OperationFacts, Version};
use crate::payload::{Payload, Place};
use crate::value::QName;
use crate::xml::{Kept, Limits, Name, Reader};

/// What is known of a message before it is read.
#[derive(Clone, Copy)]
pub(super) struct Demand<'a> {
    /// The body that was verified, which is to be read in place of that of the message.
    pub(super) body: Option<Signed<'a>>,
    /// Header blocks that have been understood already.
    pub(super) understood: &'static [Name],
    /// Whether a header block of WS-Security, which nobody has looked at, may be passed over.
    pub(super) passes_security: bool,
}

/// A body that was verified.
#[derive(Clone, Copy)]
pub(super) struct Signed<'a> {
    /// The message.
    pub(super) message: &'a [u8],
    /// Where it begins there.
    pub(super) start: usize,
    /// The body as it was digested, alone in an envelope.
    pub(super) alone: &'a [u8],
}

impl<'a> Demand<'a> {
    pub(super) const NONE: Self = Self {
        body: None,
        understood: &[],
        passes_security: true,
    };

    /// Opens the envelope up to the body that is demanded.
    fn open<H: Headers>(
        &self,
        reader: &mut Reader<'a>,
        headers: &mut H,
    ) -> Result<Opened, NotOpened> {
        let mut opened = envelope::open(reader, headers)?;
        if let Some(body) = self.body {
            if body.start != reader.open_start() {
                return Err(reader.refuse_envelope().into());
            }
            *reader = reader.over_another(body.alone)?;
            envelope::open(reader, &mut ())?;
        }
        let known = |name: &QName| self.understood.iter().any(|known| *name == *known);
        opened.blocks.not_understood.retain(|name| !known(name));
        Ok(opened)
    }

    /// A cursor before the root of the message that `reader` is in the body of.
    fn again(&self, reader: &mut Reader<'a>) -> Result<Reader<'a>, NotOpened> {
        match self.body {
            None => Ok(reader.again()),
            Some(body) => Ok(reader.over_another(body.message)?),
        }
    }
}

/// A request whose operation is known and whose body has not been read yet.
pub struct Call<'a> {
    /// Boxed, for it is large and a call is handed from future to future.
    reader: Box<Reader<'a>>,
    demand: Demand<'a>,
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
            Err(fault) => Answer::fault(version, &O::FACTS, &fault),
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
            Err(fault) => Answer::fault(version, &O::FACTS, &fault),
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

    pub(super) fn open<S: Service>(
        message: &'a [u8],
        action: Option<&str>,
        limits: &Limits,
        demand: Demand<'a>,
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
            blocks:
                Blocks {
                    mut not_understood,
                    secured,
                },
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
        if secured && !demand.passes_security && !understood.contains(&SECURITY) {
            let path = format!("Envelope/Header/{}", SECURITY.local());
            return Err(Rejection::at(RejectionKind::Unverified, version, path));
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
            let again = demand.again(&mut reader);
            let opened = again.and_then(|again| {
                *reader = again;
                demand.open(&mut reader, &mut headers)
            });
            if opened.is_err() {
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
