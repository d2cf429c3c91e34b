//! Messages on their way through the platform: what goes to the Jobcenter are the octets that came from KSD (integration
//! description 4.1.2.4-6), with AuthorityContext put in place and nothing else changed.

use generated::serviceplatformen::{AuthorityContext, CallContext, CvrNumber, SygefravaerResponse};
use generated::sygefravaer::{
    Afslut, OpdaterLoenmodtager, OpdaterOphoer, OpdaterPensionskode, OpdaterSelvstaendig,
    OpdaterStatus, Opret,
};
use soap::client::forward;
use soap::{
    Answer, Binding, Call, Document, Name, Namespace, OperationFacts, Place, ReadXml, Rejection,
    Service, Transport,
};

use crate::call::Context;
use crate::message::Message;
use crate::outgoing::Failure;
use crate::routing::Cvr;

/// A message in its own octets, decoded and found valid.
pub(crate) type Payload = soap::Payload<AuthorityContext>;

/// Where AuthorityContext stands in a request: it is the first child but for CallContext.
pub const AUTHORITY: Place<AuthorityContext> = Place::new(
    namespace(AuthorityContext::TYPE).element("AuthorityContext"),
    &[namespace(CallContext::TYPE).name("CallContext")],
);

/// The namespace of a context's type, which is that of its element, as the contract has it.
const fn namespace(name: Option<Name>) -> Namespace {
    match name {
        Some(name) => name.namespace(),
        None => Namespace::NONE,
    }
}

/// A service whose implementation is given each message's payload too, in the call's context.
pub(crate) struct Keeping<S>(pub(crate) S);

impl<S: Service<Context = Context>> Service for Keeping<S> {
    type Context = Context;
    const NAME: &'static str = S::NAME;
    const OPERATIONS: &'static [OperationFacts] = S::OPERATIONS;
    const BINDINGS: &'static [Binding] = S::BINDINGS;
    const DOCUMENTS: &'static [Document] = S::DOCUMENTS;

    async fn call(&self, call: Call<'_>, context: Context) -> Result<Answer, Rejection> {
        let keeper = context.clone();
        let call = call.keeping(AUTHORITY, move |payload| keeper.keep(payload));
        self.0.call(call, context).await
    }
}

impl Message {
    /// Passes the message on in its own octets, which are `payload`, under the authority of `municipality`.
    ///
    /// # Errors
    /// There is no valid receipt: see [`Failure`].
    pub(crate) async fn forward<T: Transport>(
        &self,
        payload: &Payload,
        municipality: Cvr,
        to: &T,
    ) -> Result<SygefravaerResponse, Failure> {
        let authority = AuthorityContext {
            municipality_cvr: CvrNumber::from(municipality),
        };
        macro_rules! pass {
            ($operation:ty) => {
                forward::<$operation, _, _>(to, payload, Some(&authority))
                    .await?
                    .sygefravaer_response
            };
        }
        Ok(match self {
            Self::Opret(_) => pass!(Opret),
            Self::OpdaterSelvstaendig(_) => pass!(OpdaterSelvstaendig),
            Self::OpdaterLoenmodtager(_) => pass!(OpdaterLoenmodtager),
            Self::OpdaterPensionskode(_) => pass!(OpdaterPensionskode),
            Self::OpdaterOphoer(_) => pass!(OpdaterOphoer),
            Self::Afslut(_) => pass!(Afslut),
            Self::OpdaterStatus(_) => pass!(OpdaterStatus),
        })
    }
}
