//! Why a call was stopped, and the SOAP fault that says so.
//!
//! Every fault of the service, from a wrong content type to a Jobcenter that does not answer, is made here. SOAP 1.1 has one
//! `faultstring`: it is English, as the platform's own faults have it, tells all that is wrong, and ends with CallUUID and the time
//! received. The declared `ServiceplatformFault` tells the same in Danish, an Error for each thing, with its stable id in ErrorCode.
//! A message that breaks the contract is answered so by the platform; who takes messages over answers by receipt
//! (`receipted.rs`).

use std::fmt;
use std::time::Duration;

use generated::kmd;
use generated::serviceplatformen::{ErrorEntry, ErrorList, ServiceplatformFault};
use soap::{Fault, FaultCode, Rejection, Undeclared, Version};

use crate::call::Context;
use crate::endpoint::Endpoint;
use crate::outgoing::Failure;
use crate::store;

/// When a caller that was turned away is to come back, in seconds: long enough for some of the calls under way to end.
pub(crate) const RETRY_AFTER: u32 = 2;

/// The longest that a partner may have callers sent away for, in seconds: an hour.
const LONGEST: u16 = 3600;

/// The stable ids that stand in a fault's ErrorCode and in an event's code. Schema violations add their rule's own id as a further
/// entry each, and a message that is not believed adds the id of the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// `AuthorityMissing`: the call has no AuthorityContext where it must have one. Caller; do not repeat.
    AuthorityMissing,
    /// `AuthorityMismatch`: AuthorityContext and Myndighed name two municipalities. Caller; do not repeat.
    AuthorityMismatch,
    /// `CallerUnknown`: the caller's certificate names no organisation, or there is none. Caller; do not repeat.
    CallerUnknown,
    /// `CallerNotAllowed`: the caller's organisation may not call this endpoint, or not for the municipality. Caller; repeat once
    /// that is agreed on.
    CallerNotAllowed,
    /// `NotBelieved`: the signature or the token of the message does not hold. Caller; do not repeat.
    NotBelieved,
    /// `UnknownMunicipality`: no Jobcenter is registered for the municipality. Caller; repeat once it is registered.
    UnknownMunicipality,
    /// `PartnerUnavailable`: the next party could not be reached or did not answer in time. Repeat later.
    PartnerUnavailable,
    /// `PartnerFault`: the next party answered with a fault. Caller where that party blames its caller; else repeat later.
    PartnerFault,
    /// `PartnerInvalid`: the next party's answer is no valid answer. Repeat later.
    PartnerInvalid,
    /// `InvalidMessage`: the message is not what the contract says. Caller; do not repeat.
    InvalidMessage,
    /// `MethodNotAllowed`: HTTP 405. Caller.
    MethodNotAllowed,
    /// `NotFound`: HTTP 404. Caller.
    NotFound,
    /// `TooLarge`: HTTP 413. Caller.
    TooLarge,
    /// `MediaType`: HTTP 415. Caller.
    MediaType,
    /// `BadRequest`: HTTP 400. Caller.
    BadRequest,
    /// `Timeout`: the call took longer than this endpoint allows. Repeat later.
    Timeout,
    /// `Busy`: as many calls to the next party are under way as it is to have. HTTP 503; repeat after the time in Retry-After.
    Busy,
    /// `StoreUnavailable`: the message cannot be stored now, so it is not taken over. Repeat later.
    StoreUnavailable,
    /// `Internal`: a defect of this service. Repeat later.
    Internal,
}

impl Code {
    /// The id, which never changes.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AuthorityMissing => "AuthorityMissing",
            Self::AuthorityMismatch => "AuthorityMismatch",
            Self::CallerUnknown => "CallerUnknown",
            Self::CallerNotAllowed => "CallerNotAllowed",
            Self::NotBelieved => "NotBelieved",
            Self::UnknownMunicipality => "UnknownMunicipality",
            Self::PartnerUnavailable => "PartnerUnavailable",
            Self::PartnerFault => "PartnerFault",
            Self::PartnerInvalid => "PartnerInvalid",
            Self::InvalidMessage => "InvalidMessage",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::NotFound => "NotFound",
            Self::TooLarge => "TooLarge",
            Self::MediaType => "MediaType",
            Self::BadRequest => "BadRequest",
            Self::Timeout => "Timeout",
            Self::Busy => "Busy",
            Self::StoreUnavailable => "StoreUnavailable",
            Self::Internal => "Internal",
        }
    }

    /// What the id means, in Danish.
    pub const fn danish(self) -> &'static str {
        match self {
            Self::AuthorityMissing => {
                "Kaldet har ingen AuthorityContext, der nævner kommunen, som det sker for."
            }
            Self::AuthorityMismatch => "Kaldet og beskedens Myndighed nævner to kommuner.",
            Self::CallerUnknown => "Kalderens certifikat fortæller ikke, hvem kalderen er.",
            Self::CallerNotAllowed => {
                "Kalderen har ikke lov til kaldet, eller ikke for denne kommune."
            }
            Self::NotBelieved => "Beskedens signatur eller token holder ikke.",
            Self::UnknownMunicipality => "Intet jobcenter er registreret for kommunen.",
            Self::PartnerUnavailable => "Den næste part kunne ikke nås eller svarede ikke i tide.",
            Self::PartnerFault => "Den næste part svarede med en fejl.",
            Self::PartnerInvalid => "Den næste parts svar er ikke et gyldigt svar.",
            Self::InvalidMessage => "Beskeden overholder ikke kontrakten.",
            Self::MethodNotAllowed => "HTTP-metoden bruges ikke her.",
            Self::NotFound => "Der er intet på denne adresse.",
            Self::TooLarge => "Beskeden er for stor.",
            Self::MediaType => "Beskedens Content-Type bliver ikke modtaget her.",
            Self::BadRequest => "HTTP-kaldet er ikke, som det skal være.",
            Self::Timeout => "Kaldet tog længere tid, end der er til det.",
            Self::Busy => "Der er for mange kald i gang. Kom igen om lidt.",
            Self::StoreUnavailable => "Beskeden kan ikke gemmes nu og er ikke modtaget.",
            Self::Internal => "Der er en fejl i denne tjeneste.",
        }
    }

    /// Whether it is that the caller may not do what it asked for, or does not prove that it may.
    const fn denies(self) -> bool {
        matches!(
            self,
            Self::AuthorityMissing
                | Self::AuthorityMismatch
                | Self::CallerUnknown
                | Self::CallerNotAllowed
                | Self::NotBelieved
        )
    }

    /// Whether the fault is the caller's (faultcode Client) or this side's (Server), SOAP 1.1 section 4.4.1.
    const fn blames_caller(self) -> bool {
        match self {
            Self::PartnerUnavailable
            | Self::PartnerFault
            | Self::PartnerInvalid
            | Self::Timeout
            | Self::Busy
            | Self::StoreUnavailable
            | Self::Internal => false,
            Self::AuthorityMissing
            | Self::AuthorityMismatch
            | Self::CallerUnknown
            | Self::CallerNotAllowed
            | Self::NotBelieved
            | Self::UnknownMunicipality
            | Self::InvalidMessage
            | Self::MethodNotAllowed
            | Self::NotFound
            | Self::TooLarge
            | Self::MediaType
            | Self::BadRequest => true,
        }
    }
}

/// A stopped call: what the caller may read of it.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    text: String,
    /// Overrides the faultcode that `code` implies: a [`Rejection`] may be VersionMismatch or MustUnderstand.
    fault_code: Option<FaultCode>,
    /// The errors that the detail lists, each with its id and its Danish text; that of `code` comes first.
    errors: Vec<(String, String)>,
    /// When to come back, in seconds.
    again: Option<u16>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// A refusal for `code`, explained in English by `text`, which never holds a CPR number; in Danish by [`Code::danish`].
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            fault_code: None,
            errors: vec![(code.id().to_owned(), code.danish().to_owned())],
            again: None,
        }
    }

    /// With the time to come back after, in whole seconds and up to an hour, where one is given.
    #[must_use]
    pub(crate) fn asking(mut self, pause: Option<Duration>) -> Self {
        let seconds = |pause: Duration| pause.as_secs_f64().ceil() as u16;
        self.again = pause.map(|pause| seconds(pause).min(LONGEST));
        self
    }

    /// With a Danish text that says more than [`Code::danish`] does, and no CPR number either.
    #[must_use]
    pub fn in_danish(mut self, text: impl Into<String>) -> Self {
        self.errors[0].1 = text.into();
        self
    }

    /// The refusal of a message that `soap` rejected, with an entry for each violation.
    pub(crate) fn rejected(rejection: &Rejection) -> Self {
        let violations = rejection.violations().into_iter().flatten();
        let paths = rejection.paths();
        let whole = paths.iter().map(|path| {
            (
                rejection.kind().id().to_owned(),
                format!("{path}: {}", rejection.danish()),
            )
        });
        let violations =
            violations.map(|violation| (violation.rule.id().to_owned(), violation.danish()));
        let mut refusal = Self::new(Code::InvalidMessage, rejection.to_string());
        refusal.fault_code = Some(rejection.fault::<Undeclared>().code().clone());
        refusal.errors.extend(violations.chain(whole));
        refusal
    }

    /// The refusal of a message whose signature or token does not hold: its cause, by the id that the English text has and in
    /// Danish. Where in the message, and what came near, is for the log.
    pub(crate) fn disbelieved(refusal: &soap::security::Refusal) -> Self {
        let (fault, cause) = (refusal.fault::<Undeclared>(), refusal.cause());
        let mut disbelieved = Self::new(Code::NotBelieved, fault.reason());
        disbelieved.fault_code = Some(fault.code().clone());
        let told = (cause.id().to_owned(), cause.danish().to_owned());
        disbelieved.errors.push(told);
        disbelieved
    }

    /// The refusal of a call that could not be handed on to `partner`.
    ///
    /// What the partner's fault lists goes on, so that the caller reads it too. What a partner will refuse again is the caller's fault, so that the caller learns not to repeat it, however many hops away.
    pub(crate) fn partner(partner: &str, failure: &Failure) -> Self {
        let mut refusal = Self::new(failure.code(), format!("{partner} {failure}"));
        refusal.fault_code =
            (failure.code() == Code::PartnerFault && !failure.retry()).then_some(FaultCode::Client);
        refusal.errors.extend_from_slice(failure.errors());
        refusal
    }

    /// The refusal of a message that could not be stored.
    pub(crate) fn not_stored(error: &store::Error) -> Self {
        Self::new(
            Code::StoreUnavailable,
            format!("Nothing was taken over: {error}."),
        )
    }

    /// The id of the refusal.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The typed fault of an operation, and a note of the refusal in the call's record.
    pub(crate) fn into_fault(self, context: &Context) -> Fault<ServiceplatformFault> {
        self.note(context);
        let detail = self.detail();
        self.plain(context).with_detail(detail)
    }

    /// As [`Refusal::into_fault`], in KSD's own contract, which has its own copy of the fault.
    pub(crate) fn into_kmd_fault(self, context: &Context) -> Fault<kmd::ServiceplatformFault> {
        self.note(context);
        let detail = kmd::ServiceplatformFault::from(self.detail());
        self.plain(context).with_detail(detail)
    }

    /// The whole envelope, for where no operation runs.
    pub(crate) fn write(self, context: &Context, version: Version) -> String {
        match context.endpoint {
            Endpoint::Fs2 => self.into_kmd_fault(context).write(version),
            Endpoint::Fs1 | Endpoint::Jc1 | Endpoint::Jc2 | Endpoint::Intake => {
                self.into_fault(context).write(version)
            }
        }
    }

    fn note(&self, context: &Context) {
        context.note_code(self.code.id());
        if self.code.denies() {
            // Unless more has been said of it than the caller may read.
            context.note_reason(&*self.text);
        }
        if let Some(seconds) = self.again {
            context.note_retry_after(seconds.into());
        }
    }

    fn plain<D>(self, context: &Context) -> Fault<D> {
        let reason = context.sign(&self.text);
        match self.fault_code {
            Some(code) => Fault::new(code, reason),
            None if self.code.blames_caller() => Fault::client(reason),
            None => Fault::server(reason),
        }
    }

    fn detail(&self) -> ServiceplatformFault {
        let errors = self.errors.iter();
        let error = errors.map(|(code, text)| ErrorEntry {
            error_code: code.clone(),
            error_text: text.clone(),
        });
        ServiceplatformFault {
            error_list: Some(ErrorList {
                error: error.collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(endpoint: Endpoint, refusal: Refusal, parts: &[&str]) {
        let context = Context::now(endpoint, ([127, 0, 0, 1], 1).into());
        let id = refusal.code().id();
        let fault = refusal.write(&context, Version::Soap11);
        let call = context.id.to_string();
        for part in parts.iter().chain(&[id, call.as_str()]) {
            assert!(fault.contains(part), "no {part} in {fault}");
        }
        assert_eq!(context.code(), Some(id));
    }

    #[test]
    fn each_contract_has_its_own_detail() {
        let platform = "http://serviceplatformen.dk/xml/schemas/ServiceplatformFault/1/";
        let ksd = "http://kmd.dk/ksd/serviceplatform/jobcenter/ksdsygefravaerservice";
        for (endpoint, namespace) in [
            (Endpoint::Fs1, platform),
            (Endpoint::Jc1, platform),
            (Endpoint::Jc2, platform),
            (Endpoint::Fs2, ksd),
        ] {
            check(
                endpoint,
                Refusal::new(Code::Internal, "No."),
                &[
                    namespace,
                    "faultstring>No.\n",
                    "ErrorText>Der er en fejl i denne tjeneste.<",
                ],
            );
        }
    }

    #[test]
    fn what_is_not_believed_has_the_fault_code_of_its_standard() {
        use soap::security::Cause;

        for (cause, code) in [
            (
                Cause::ReplyTo,
                "=\"http://www.w3.org/2005/08/addressing\">wsa:OnlyAnonymousAddressSupported</faultcode>",
            ),
            (
                Cause::MissingFramework,
                "=\"urn:liberty:sb:2006-08\">sbf:FrameworkVersionMismatch</faultcode>",
            ),
            (Cause::Digest, ">soap:Client</faultcode>"),
        ] {
            let refusal = Refusal::disbelieved(&cause.into());
            check(Endpoint::Fs1, refusal, &[code, cause.danish()]);
        }
    }

    #[test]
    fn the_fault_code_says_whose_fault_it_is() {
        check(
            Endpoint::Fs1,
            Refusal::new(Code::UnknownMunicipality, ""),
            &[":Client<"],
        );
        check(
            Endpoint::Fs1,
            Refusal::new(Code::PartnerUnavailable, ""),
            &[":Server<"],
        );
    }
}
