//! One call, one municipality, proven: who calls may call, and all that the call says of the municipality agrees.
//!
//! The authority of a call is the municipality that its caller proved or declared: that of its token, or in the AuthorityContext of a
//! call by certificate. The message must be that municipality's own (Header/Myndighed): a message read under the authority of another is a
//! data breach. What has passed is `Cleared`, and a role hands on nothing else.

use std::collections::BTreeSet;

use generated::ksd_sygefravaer::SendForretningsSvarRequest;
use soap::security::Certificate;

use crate::call::Context;
use crate::endpoint::Endpoint;
use crate::message::Message;
use crate::refusal::{Code, Refusal};
use crate::routing::{Cvr, Table};
use crate::tls::Credentials;

/// Who may call a role.
#[derive(Clone, Debug)]
pub enum Callers {
    /// Anyone who reaches a plain-HTTP listener on loopback. Nobody proves anything, and a message at EP_FS1 without
    /// AuthorityContext is taken to be sent by its municipality.
    Anyone,
    /// Who proves by certificate to be one of these organisations.
    Only(BTreeSet<Cvr>),
    /// Who proves by certificate to be an organisation that has an agreement for the endpoint and the municipality.
    Agreed(Table),
}

/// What is sent on behalf of a municipality.
pub(crate) trait Addressed {
    /// The municipality that the header names, Myndighed.
    fn municipality(&self) -> Cvr;

    /// The municipality that the AuthorityContext names, where there is one.
    fn authority(&self) -> Option<Cvr>;
}

/// A message whose caller may send it for the one municipality that it names. Only [`Callers::clear`] makes one.
#[derive(Clone, Debug)]
pub(crate) struct Cleared<M> {
    message: M,
    municipality: Cvr,
}

impl<M> Cleared<M> {
    /// The municipality, which is both that of the call and that of the message.
    pub(crate) const fn municipality(&self) -> Cvr {
        self.municipality
    }

    /// The message, to be handed on.
    pub(crate) fn into_message(self) -> M {
        self.message
    }
}

impl Callers {
    /// The organisations with these CVR numbers; anyone where there are none, which a role with TLS never has.
    pub(crate) fn partners(organisations: &BTreeSet<Cvr>) -> Self {
        if organisations.is_empty() {
            Self::Anyone
        } else {
            Self::Only(organisations.clone())
        }
    }

    /// The organisation whose certificate is in `credentials`: its own systems.
    pub(crate) fn holders_like(credentials: &Credentials) -> Self {
        let own = organisation(credentials.current().certificate());
        Self::Only(own.into_iter().collect())
    }

    /// Checks that the caller in `context` may call the endpoint for some municipality, before its message is read.
    ///
    /// # Errors
    /// It may not, or is not known.
    pub(crate) fn greet(&self, context: &Context) -> Result<(), Refusal> {
        let known = match self {
            Self::Anyone => return Ok(()),
            Self::Only(organisations) => organisations.contains(&caller(context)?),
            Self::Agreed(table) => {
                let table = table.current();
                table.agreements().know(context.endpoint, caller(context)?)
            }
        };
        if known {
            return Ok(());
        }
        let (caller, endpoint) = (caller(context)?, context.endpoint);
        let text = format!("The organisation with CVR number {caller} may not call {endpoint}.");
        let danish = format!("Organisationen med CVR-nummer {caller} må ikke kalde {endpoint}.");
        Err(Refusal::new(Code::CallerNotAllowed, text).in_danish(danish))
    }

    /// Clears `message`, which came with `context`.
    ///
    /// # Errors
    /// The caller is not known or may not call for the municipality, or the call names none, or two.
    pub(crate) fn clear<M: Addressed>(
        &self,
        message: M,
        context: &Context,
    ) -> Result<Cleared<M>, Refusal> {
        let municipality = message.municipality();
        if let Some(authority) = message.authority() {
            same_municipality("AuthorityContext", authority, municipality)?;
        }
        agrees(context, municipality)?;
        let named = message.authority().is_some() || context.proof().is_some();
        // Where nothing is proved, the message of KSD stands for the municipality that it names.
        let taken = matches!(self, Self::Anyone) && context.endpoint == Endpoint::Fs1;
        if !named && !taken {
            return Err(no_authority());
        }
        self.admit(context, municipality)?;
        Ok(Cleared {
            message,
            municipality,
        })
    }

    /// Checks that the caller in `context` may call for `municipality`.
    ///
    /// # Errors
    /// It may not, or is not known.
    pub(crate) fn admit(&self, context: &Context, municipality: Cvr) -> Result<(), Refusal> {
        let endpoint = context.endpoint;
        let allowed = match self {
            Self::Anyone => return Ok(()),
            Self::Only(organisations) => organisations.contains(&caller(context)?),
            Self::Agreed(table) => {
                let table = table.current();
                let agreements = table.agreements();
                agreements.allow(endpoint, caller(context)?, municipality)
            }
        };
        if allowed {
            return Ok(());
        }
        let caller = caller(context)?;
        let text = format!(
            "The organisation with CVR number {caller} may not call {endpoint} for the municipality {municipality}."
        );
        let danish = format!(
            "Organisationen med CVR-nummer {caller} må ikke kalde {endpoint} for kommunen {municipality}."
        );
        Err(Refusal::new(Code::CallerNotAllowed, text).in_danish(danish))
    }
}

/// Checks that the token in `context`, where the call has one, is that of `municipality`.
///
/// # Errors
/// It is that of another.
pub(crate) fn agrees(context: &Context, municipality: Cvr) -> Result<(), Refusal> {
    match context.proof() {
        Some(proof) => same_municipality("token", proof.municipality, municipality),
        None => Ok(()),
    }
}

/// The organisation that the caller proved to be: by TLS, and by the signature of a call by token.
fn caller(context: &Context) -> Result<Cvr, Refusal> {
    let unknown = |text: &str| Refusal::new(Code::CallerUnknown, text);
    let Some(certificate) = &context.certificate else {
        return Err(unknown("The call came without a client certificate."));
    };
    let named = organisation(certificate).ok_or_else(|| {
        unknown(if certificate.holder().is_personal() {
            "The client certificate is that of a person, who does not speak for an organisation."
        } else {
            "The client certificate names no CVR number of an organisation."
        })
    })?;
    let holder = context.proof().map(|proof| organisation(&proof.holder));
    if holder.is_some_and(|holder| holder != Some(named)) {
        let text = "The client certificate and that of the token are not of one organisation.";
        return Err(unknown(text));
    }
    Ok(named)
}

/// The organisation whose certificate it is.
pub(crate) fn organisation(certificate: &Certificate) -> Option<Cvr> {
    certificate.cvr()?.as_str().parse().ok()
}

/// The two names of the municipality must agree.
fn same_municipality(proof: &str, authority: Cvr, municipality: Cvr) -> Result<(), Refusal> {
    if authority == municipality {
        return Ok(());
    }
    let text =
        format!("The {proof} is that of {authority}, but Header/Myndighed is {municipality}.");
    let danish =
        format!("Kaldets {proof} er for {authority}, men Header/Myndighed er {municipality}.");
    Err(Refusal::new(Code::AuthorityMismatch, text).in_danish(danish))
}

fn no_authority() -> Refusal {
    Refusal::new(
        Code::AuthorityMissing,
        "The call has no AuthorityContext, which names the municipality that it is made for.",
    )
}

impl Addressed for Message {
    fn municipality(&self) -> Cvr {
        self.municipality()
    }

    fn authority(&self) -> Option<Cvr> {
        self.authority()
    }
}

impl Addressed for SendForretningsSvarRequest {
    fn municipality(&self) -> Cvr {
        *self.header.myndighed.value()
    }

    fn authority(&self) -> Option<Cvr> {
        let authority = self.authority_context.as_ref()?;
        Some(*authority.municipality_cvr.value())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::time::Duration;

    use super::*;
    use crate::pki::{Authority, Holder, Shape};
    use crate::routing::{Agreements, Routes};
    use crate::world::{NORD, SILENT, opret};

    const KSD: &str = "90000051";
    const PLATFORM: &str = "90000035";

    static AUTHORITY: LazyLock<Authority> =
        LazyLock::new(|| Authority::root(Shape::Oces3, "SF209X CA").unwrap());

    fn cvr(digits: &str) -> Cvr {
        digits.parse().unwrap()
    }

    fn context(endpoint: Endpoint, organisation: Option<&str>) -> Context {
        let certificate = organisation.map(|organisation| {
            let holder = Holder {
                name: "caller",
                cvr: cvr(organisation),
                valid: Some(Duration::from_secs(60)),
            };
            let issued = AUTHORITY.issue(&holder).unwrap();
            Certificate::from_der(&issued.certificate_der().unwrap()).unwrap()
        });
        let mut context = Context::now(endpoint, ([127, 0, 0, 1], 1).into());
        context.certificate = certificate;
        context
    }

    fn agreed() -> Callers {
        let mut agreements = Agreements::default();
        agreements.add(Endpoint::Fs1, cvr(KSD), cvr(NORD));
        Callers::Agreed(Table::new(Routes::default().under(agreements)))
    }

    #[track_caller]
    fn check(callers: &Callers, message: Message, context: &Context, expected: Result<(), Code>) {
        let municipality = message.municipality();
        let outcome = callers.clear(message, context);
        match (outcome, expected) {
            (Ok(cleared), Ok(())) => assert_eq!(cleared.municipality(), municipality),
            (Err(refusal), Err(code)) => assert_eq!(refusal.code(), code),
            (outcome, expected) => panic!("{outcome:?}, not {expected:?}"),
        }
    }

    #[test]
    fn an_agreement_is_for_an_endpoint_an_organisation_and_a_municipality() {
        let callers = agreed();
        let here = || opret(NORD).with_authority();
        let at = |endpoint, organisation| context(endpoint, organisation);
        check(&callers, here(), &at(Endpoint::Fs1, Some(KSD)), Ok(()));
        for (message, context, code) in [
            (here(), at(Endpoint::Fs1, None), Code::CallerUnknown),
            (
                here(),
                at(Endpoint::Fs1, Some(PLATFORM)),
                Code::CallerNotAllowed,
            ),
            (here(), at(Endpoint::Jc2, Some(KSD)), Code::CallerNotAllowed),
            (
                opret(SILENT).with_authority(),
                at(Endpoint::Fs1, Some(KSD)),
                Code::CallerNotAllowed,
            ),
            (
                opret(NORD),
                at(Endpoint::Jc2, Some(KSD)),
                Code::AuthorityMissing,
            ),
        ] {
            check(&callers, message, &context, Err(code));
        }
    }

    #[test]
    fn an_employee_does_not_speak_for_the_organisation() {
        let mut context = context(Endpoint::Fs1, Some(KSD));
        for (kind, expected) in [
            ("O", Ok(())),
            ("E", Err(Code::CallerUnknown)),
            ("P", Err(Code::CallerUnknown)),
            ("X", Err(Code::CallerUnknown)),
        ] {
            let mut der = context.certificate.as_ref().unwrap().der().to_vec();
            let at = der.windows(6).position(|octets| octets == b"UI:DK-");
            der[at.unwrap() + 6] = kind.as_bytes()[0];
            context.certificate = Some(Certificate::from_der(&der).unwrap());
            check(&agreed(), opret(NORD).with_authority(), &context, expected);
            let greeted = agreed().greet(&context).map_err(|refusal| refusal.code());
            assert_eq!(greeted, expected, "{kind}");
        }
    }

    #[test]
    fn two_municipalities_in_one_call_are_refused_whoever_calls() {
        let Message::Opret(mut request) = opret(SILENT).with_authority() else {
            panic!("the message is Opret");
        };
        request.header.myndighed = NORD.parse().unwrap();
        for callers in [agreed(), Callers::Anyone, Callers::Only([cvr(KSD)].into())] {
            let message = Message::Opret(request.clone());
            let context = context(Endpoint::Fs1, Some(KSD));
            check(&callers, message, &context, Err(Code::AuthorityMismatch));
        }
    }

    #[test]
    fn a_partner_is_known_by_its_organisation() {
        let callers = Callers::Only([cvr(PLATFORM)].into());
        let message = || opret(NORD).with_authority();
        for (organisation, expected) in [
            (Some(PLATFORM), Ok(())),
            (Some(KSD), Err(Code::CallerNotAllowed)),
            (None, Err(Code::CallerUnknown)),
        ] {
            let context = context(Endpoint::Jc1, organisation);
            check(&callers, message(), &context, expected);
        }
    }

    #[test]
    fn without_tls_a_message_of_ksds_stands_for_its_own_municipality() {
        let at = |endpoint| context(endpoint, None);
        check(&Callers::Anyone, opret(NORD), &at(Endpoint::Fs1), Ok(()));
        let missing = Err(Code::AuthorityMissing);
        check(&Callers::Anyone, opret(NORD), &at(Endpoint::Jc2), missing);
    }
}
