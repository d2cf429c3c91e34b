//! The server's side: from the octets of a request to those of its answer.

mod answer;
mod call;
mod rejection;

pub use self::answer::Answer;
#[cfg(feature = "security")]
pub(crate) use self::answer::SOAP_FAULT;
pub use self::call::Call;
use self::call::Demand;
#[cfg(feature = "security")]
use self::call::Signed;
pub use self::rejection::{Rejection, RejectionKind};
use crate::document::Document;
use crate::operation::{Binding, OperationFacts};
use crate::xml::Limits;

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

/// Answers one request for whose sender the transport alone speaks, as [`handle`] does any: a header block of WS-Security, which
/// nobody verifies, is not passed over even where it need not be understood or is for another. It may hold a token, and so say of
/// the sender what the transport does not.
///
/// # Errors
/// As for [`handle`], and for such a block unless the operation declares it.
pub async fn handle_by_transport<S: Service>(
    service: &S,
    message: &[u8],
    action: Option<&str>,
    context: S::Context,
    limits: &Limits,
) -> Result<Answer, Rejection> {
    let demand = Demand {
        passes_security: false,
        ..Demand::NONE
    };
    let call = Call::open::<S>(message, action, limits, demand)?;
    service.call(call, context).await
}

/// Answers one request whose signature holds, as [`handle`] does one without: what the implementation gets is decoded from the
/// very octets that were digested, and the signed action, with which that of the transport agrees, must be one of the operation
/// that the body names. The header blocks that verification has looked at are understood.
///
/// # Errors
/// As for [`handle`].
#[cfg(feature = "security")]
pub async fn handle_verified<S: Service>(
    service: &S,
    request: &crate::security::Verified<crate::security::Body<'_>>,
    context: S::Context,
) -> Result<Answer, Rejection> {
    let body = request.get();
    let alone = body.signed();
    let demand = Demand {
        body: Some(Signed {
            message: body.message(),
            start: body.start(),
            alone: alone.as_bytes(),
        }),
        understood: crate::security::UNDERSTOOD,
        passes_security: true,
    };
    let action = request.authority().action.as_deref();
    let call = Call::open::<S>(body.message(), action, body.limits(), demand)?;
    service.call(call, context).await
}
