//! Those who take messages over for good, the Jobcenter at EP_JC1 and KSD at EP_FS2 and its intake, refuse what is not what the
//! contract says by a receipt: FEJL, with all that was found in its FejlListe (integration description 3.1.3.2). The platform, which
//! stops a message before a Jobcenter has seen it, answers by a fault.
//!
//! A receipt is the answer of an operation. Where none is known, or the message is no XML, is over the limits or in another envelope,
//! it is a fault here too.

use generated::kmd::{ModtagForretningsSvar, ModtagForretningsSvarResponse};
use generated::serviceplatformen::{SygefravaerResponse, TransportValideringsKode};
use generated::sygefravaer::{
    Afslut, AfslutResponse, OpdaterLoenmodtager, OpdaterLoenmodtagerResponse, OpdaterOphoer,
    OpdaterOphoerResponse, OpdaterPensionskode, OpdaterPensionskodeResponse, OpdaterSelvstaendig,
    OpdaterSelvstaendigResponse, OpdaterStatus, OpdaterStatusResponse, Opret, OpretResponse,
};
use soap::{
    Answer, Binding, Call, Document, Operation, OperationFacts, Rejection, RejectionKind, Service,
};

use crate::call::{Context, Ending};
use crate::receipt;

/// A service whose invalid messages are answered by a receipt.
pub(crate) struct Receipted<S>(pub(crate) S);

impl<S: Service<Context = Context>> Service for Receipted<S> {
    type Context = Context;
    const NAME: &'static str = S::NAME;
    const OPERATIONS: &'static [OperationFacts] = S::OPERATIONS;
    const BINDINGS: &'static [Binding] = S::BINDINGS;
    const DOCUMENTS: &'static [Document] = S::DOCUMENTS;

    async fn call(&self, call: Call<'_>, context: Context) -> Result<Answer, Rejection> {
        let operation = S::OPERATIONS.get(call.operation());
        let ending = context.ending();
        let outcome = self.0.call(call, context).await;
        match (outcome, operation) {
            (Err(rejection), Some(operation)) => refuse(rejection, operation.name, &ending),
            (outcome, _) => outcome,
        }
    }
}

/// The receipt of `operation` that tells what `rejection` found, where that is a matter of the contract.
#[cold]
fn refuse(rejection: Rejection, operation: &str, ending: &Ending) -> Result<Answer, Rejection> {
    let Some(violations) = rejection
        .violations()
        .filter(|_| rejection.kind() == RejectionKind::Invalid)
    else {
        return Err(rejection);
    };
    let sygefravaer_response = receipt::invalid(violations);
    let Some(answer) = answer(&rejection, operation, sygefravaer_response) else {
        return Err(rejection);
    };
    ending.note_cause(rejection.kind().id());
    ending.note_reason(violations.to_string());
    ending.note_code(TransportValideringsKode::Fejl.code());
    Ok(answer)
}

/// `receipt` as the answer of `operation`.
fn answer(rejection: &Rejection, operation: &str, receipt: SygefravaerResponse) -> Option<Answer> {
    macro_rules! by {
        ($($operation:ident $response:ident)*) => {
            match operation {
                $(name if name == $operation::FACTS.name => {
                    let sygefravaer_response = receipt.into();
                    let output = $response { sygefravaer_response };
                    Some(Answer::output::<$operation>(rejection.version(), &output, &()))
                })*
                _ => None,
            }
        };
    }
    by! {
        Opret OpretResponse
        OpdaterSelvstaendig OpdaterSelvstaendigResponse
        OpdaterLoenmodtager OpdaterLoenmodtagerResponse
        OpdaterPensionskode OpdaterPensionskodeResponse
        OpdaterOphoer OpdaterOphoerResponse
        Afslut AfslutResponse
        OpdaterStatus OpdaterStatusResponse
        ModtagForretningsSvar ModtagForretningsSvarResponse
    }
}
