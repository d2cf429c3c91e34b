//! The seven messages of EP_FS1 and EP_JC1 as one type, so that routing, repeats and logging are written once.

use std::future::Future;

use generated::serviceplatformen::{
    AuthorityContext, CallContext, CvrNumber, ServiceplatformFault, SygefravaerResponse,
};
use generated::sygefravaer::{
    AfslutRequest, AfslutResponse, Header, OpdaterLoenmodtagerRequest, OpdaterLoenmodtagerResponse,
    OpdaterOphoerRequest, OpdaterOphoerResponse, OpdaterPensionskodeRequest,
    OpdaterPensionskodeResponse, OpdaterSelvstaendigRequest, OpdaterSelvstaendigResponse,
    OpdaterStatusRequest, OpdaterStatusResponse, OphoersAarsagKode, OpretRequest, OpretResponse,
    SygefravaerPortType, SygefravaerServiceClient,
};
use soap::{Fault, Transport};
use uuid::Uuid;

use crate::call::Context;
use crate::outgoing::{Failure, Receipt};
use crate::refusal::Refusal;
use crate::routing::Cvr;

mod document;

pub use document::Unreadable;

/// A message about a sickness benefit case, from KSD to a Jobcenter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// `Opret`: a new case.
    Opret(OpretRequest),
    /// `OpdaterSelvstaendig`: a self-employed person works again in part.
    OpdaterSelvstaendig(OpdaterSelvstaendigRequest),
    /// `OpdaterLoenmodtager`: an employee works again in part.
    OpdaterLoenmodtager(OpdaterLoenmodtagerRequest),
    /// `OpdaterPensionskode`: the person's pension changes.
    OpdaterPensionskode(OpdaterPensionskodeRequest),
    /// `OpdaterOphoer`: the employer stops paying wages.
    OpdaterOphoer(OpdaterOphoerRequest),
    /// `Afslut`: the case ends.
    Afslut(AfslutRequest),
    /// `OpdaterStatus`: the end of the grant changes.
    OpdaterStatus(OpdaterStatusRequest),
}

/// What is asked of a message of any operation: their requests are types of their own, of like shape.
macro_rules! in_any {
    ($message:expr, $request:ident => $what:expr) => {
        match $message {
            Message::Opret($request) => $what,
            Message::OpdaterSelvstaendig($request) => $what,
            Message::OpdaterLoenmodtager($request) => $what,
            Message::OpdaterPensionskode($request) => $what,
            Message::OpdaterOphoer($request) => $what,
            Message::Afslut($request) => $what,
            Message::OpdaterStatus($request) => $what,
        }
    };
}

impl Message {
    /// The operation's name in the contract.
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::Opret(_) => "Opret",
            Self::OpdaterSelvstaendig(_) => "OpdaterSelvstaendig",
            Self::OpdaterLoenmodtager(_) => "OpdaterLoenmodtager",
            Self::OpdaterPensionskode(_) => "OpdaterPensionskode",
            Self::OpdaterOphoer(_) => "OpdaterOphoer",
            Self::Afslut(_) => "Afslut",
            Self::OpdaterStatus(_) => "OpdaterStatus",
        }
    }

    /// The header that all seven share.
    pub const fn header(&self) -> &Header {
        in_any!(self, request => &request.header)
    }

    /// The message's unique id, TransaktionIdentifikator; letter case does not tell two of them apart.
    pub fn transaction(&self) -> Uuid {
        self.header().transaktion_identifikator.uuid()
    }

    /// The municipality that the header names, Myndighed.
    pub fn municipality(&self) -> Cvr {
        *self.header().myndighed.value()
    }

    /// The municipality that the call's AuthorityContext names, where it has one.
    pub fn authority(&self) -> Option<Cvr> {
        self.authority_context()
            .map(|context| *context.municipality_cvr.value())
    }

    /// The AuthorityContext of the call, where it has one.
    pub const fn authority_context(&self) -> Option<&AuthorityContext> {
        self.contexts().1.as_ref()
    }

    /// The message under the authority of its own municipality, as a call with a certificate carries it.
    pub fn with_authority(mut self) -> Self {
        let municipality_cvr = CvrNumber::from(self.municipality());
        *self.contexts_mut().1 = Some(AuthorityContext { municipality_cvr });
        self
    }

    /// The message without what belongs to the call that brought it, and with its id in lower case: two calls brought the same message
    /// if these are equal.
    pub fn content(mut self) -> Self {
        let (call, authority) = self.contexts_mut();
        *call = None;
        *authority = None;
        let id = in_any!(&mut self, request => &mut request.header.transaktion_identifikator);
        *id = id.uuid().into();
        self
    }

    /// Whether it is its own [`Message::content`].
    pub fn is_content(&self) -> bool {
        let (call, authority) = self.contexts();
        let id = self.header().transaktion_identifikator.to_string();
        call.is_none() && authority.is_none() && !id.contains(|c: char| c.is_ascii_uppercase())
    }

    /// Puts 2 for 50, 51 and 52, as KSD does when it talks to others (integration description 3.1.3.2, value list).
    pub fn with_public_codes(mut self) -> Self {
        let reason = match &mut self {
            Self::Opret(request) => &mut request.opret.ophoers_aarsag,
            Self::Afslut(request) => &mut request.afslut.ophoers_aarsag,
            Self::OpdaterStatus(request) => &mut request.opdater_status.ophoers_aarsag,
            Self::OpdaterSelvstaendig(_)
            | Self::OpdaterLoenmodtager(_)
            | Self::OpdaterPensionskode(_)
            | Self::OpdaterOphoer(_) => return self,
        };
        if matches!(
            reason,
            OphoersAarsagKode::Frihedsberoevet
                | OphoersAarsagKode::UdvandretUdenForEuEoes
                | OphoersAarsagKode::NytCprNummer
        ) {
            *reason = OphoersAarsagKode::RaskmeldtAfForvaltningen;
        }
        self
    }

    /// Why the case ends, where the message says it.
    const fn reason(&self) -> Option<OphoersAarsagKode> {
        match self {
            Self::Opret(request) => Some(request.opret.ophoers_aarsag),
            Self::Afslut(request) => Some(request.afslut.ophoers_aarsag),
            Self::OpdaterStatus(request) => Some(request.opdater_status.ophoers_aarsag),
            Self::OpdaterSelvstaendig(_)
            | Self::OpdaterLoenmodtager(_)
            | Self::OpdaterPensionskode(_)
            | Self::OpdaterOphoer(_) => None,
        }
    }

    /// The code in the message, if it has one, that others than KSD may not set (integration description 3.1.3.2, value list).
    pub fn reserved_code(&self) -> Option<&'static str> {
        let code = self.reason()?.code();
        ["10", "60", "61", "62", "63", "64"]
            .contains(&code)
            .then_some(code)
    }

    /// Sends the message to EP_FS1 or EP_JC1 through `client` and returns the receipt.
    ///
    /// # Errors
    /// There is no valid receipt: see [`Failure`].
    pub async fn send<T: Transport>(
        &self,
        client: &SygefravaerServiceClient<T>,
    ) -> Result<SygefravaerResponse, Failure> {
        Ok(match self {
            Self::Opret(request) => client.opret(request).await?.sygefravaer_response,
            Self::OpdaterSelvstaendig(request) => {
                client
                    .opdater_selvstaendig(request)
                    .await?
                    .sygefravaer_response
            }
            Self::OpdaterLoenmodtager(request) => {
                client
                    .opdater_loenmodtager(request)
                    .await?
                    .sygefravaer_response
            }
            Self::OpdaterPensionskode(request) => {
                client
                    .opdater_pensionskode(request)
                    .await?
                    .sygefravaer_response
            }
            Self::OpdaterOphoer(request) => {
                client.opdater_ophoer(request).await?.sygefravaer_response
            }
            Self::Afslut(request) => client.afslut(request).await?.sygefravaer_response,
            Self::OpdaterStatus(request) => {
                client.opdater_status(request).await?.sygefravaer_response
            }
        })
    }

    const fn contexts(&self) -> (&Option<CallContext>, &Option<AuthorityContext>) {
        in_any!(self, request => (&request.call_context, &request.authority_context))
    }

    fn contexts_mut(&mut self) -> (&mut Option<CallContext>, &mut Option<AuthorityContext>) {
        in_any!(self, request => (&mut request.call_context, &mut request.authority_context))
    }
}

/// Takes any of the seven messages; [`Inlet`] makes a port type of it.
pub trait Receive: Send + Sync + 'static {
    /// Takes over `message`, or says in the receipt why not.
    ///
    /// # Errors
    /// What stops the call before a receipt can be given.
    fn receive(
        &self,
        message: Message,
        context: &Context,
    ) -> impl Future<Output = Result<SygefravaerResponse, Refusal>> + Send;
}

/// The port type of EP_FS1 and EP_JC1 over one [`Receive`].
#[derive(Clone, Debug)]
pub struct Inlet<R> {
    receiver: R,
}

impl<R: Receive> Inlet<R> {
    /// Hands all seven operations to `receiver`.
    pub const fn new(receiver: R) -> Self {
        Self { receiver }
    }

    async fn take(
        &self,
        message: Message,
        context: &Context,
    ) -> Result<SygefravaerResponse, Fault<ServiceplatformFault>> {
        context.note_message(message.transaction(), message.municipality());
        match self.receiver.receive(message, context).await {
            Ok(receipt) => {
                context.note_code(receipt.code());
                Ok(receipt)
            }
            Err(refusal) => Err(refusal.into_fault(context)),
        }
    }
}

impl<R: Receive> SygefravaerPortType for Inlet<R> {
    type Context = Context;

    async fn opret(
        &self,
        request: OpretRequest,
        context: Context,
    ) -> Result<OpretResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self.take(Message::Opret(request), &context).await?;
        Ok(OpretResponse {
            sygefravaer_response,
        })
    }

    async fn opdater_selvstaendig(
        &self,
        request: OpdaterSelvstaendigRequest,
        context: Context,
    ) -> Result<OpdaterSelvstaendigResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self
            .take(Message::OpdaterSelvstaendig(request), &context)
            .await?;
        Ok(OpdaterSelvstaendigResponse {
            sygefravaer_response,
        })
    }

    async fn opdater_loenmodtager(
        &self,
        request: OpdaterLoenmodtagerRequest,
        context: Context,
    ) -> Result<OpdaterLoenmodtagerResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self
            .take(Message::OpdaterLoenmodtager(request), &context)
            .await?;
        Ok(OpdaterLoenmodtagerResponse {
            sygefravaer_response,
        })
    }

    async fn opdater_pensionskode(
        &self,
        request: OpdaterPensionskodeRequest,
        context: Context,
    ) -> Result<OpdaterPensionskodeResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self
            .take(Message::OpdaterPensionskode(request), &context)
            .await?;
        Ok(OpdaterPensionskodeResponse {
            sygefravaer_response,
        })
    }

    async fn opdater_ophoer(
        &self,
        request: OpdaterOphoerRequest,
        context: Context,
    ) -> Result<OpdaterOphoerResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self.take(Message::OpdaterOphoer(request), &context).await?;
        Ok(OpdaterOphoerResponse {
            sygefravaer_response,
        })
    }

    async fn afslut(
        &self,
        request: AfslutRequest,
        context: Context,
    ) -> Result<AfslutResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self.take(Message::Afslut(request), &context).await?;
        Ok(AfslutResponse {
            sygefravaer_response,
        })
    }

    async fn opdater_status(
        &self,
        request: OpdaterStatusRequest,
        context: Context,
    ) -> Result<OpdaterStatusResponse, Fault<ServiceplatformFault>> {
        let sygefravaer_response = self.take(Message::OpdaterStatus(request), &context).await?;
        Ok(OpdaterStatusResponse {
            sygefravaer_response,
        })
    }
}
