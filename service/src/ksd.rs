//! KSD: takes messages over from its own systems, delivers them through EP_FS1, and matches the answers that come in at EP_FS2.
//!
//! A message is KSD's once it is in the store, and is acknowledged then; it goes out by the machines of [`crate::delivery`]. KSD alone
//! keeps what is under way (integration description 3.1.1): a message is known before it is sent, so that an answer that overtakes its
//! receipt finds it.

use std::collections::BTreeSet;
use std::sync::Arc;

use generated::kmd::{
    ForretningsValideringsKode, Forretningskvittering, KsdSygefravaer,
    ModtagForretningsSvarRequest, ModtagForretningsSvarResponse, ServiceplatformFault, elements,
};
use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::SygefravaerServiceClient;
use hyper::Uri;
use soap::Fault;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::call::Context;
use crate::clearance;
use crate::config::{Delivery, Limits};
use crate::delivery::incoming::{Digest, Verdict};
use crate::delivery::worker::{self, Attempt, Terms};
use crate::delivery::{expected, owed};
use crate::endpoint::{Endpoint, KSD, PLATFORM};
use crate::fault;
use crate::http::Stop;
use crate::message::{Message, Receive};
use crate::observe::Observer;
use crate::outgoing::{self, Advice, Connect, Destination, Outgoing, Receipt};
use crate::receipt::{self, Finding};
use crate::refusal::Refusal;
use crate::store::{Answered, Ended, FirstAnswer, Job, Kind, Store};

/// KSD's role: [`Ksd::submit`] for its own systems, [`KsdSygefravaer`] for EP_FS2. Clones are the same KSD.
#[derive(Debug)]
pub struct Ksd<C> {
    shared: Arc<Shared<C>>,
}

#[derive(Debug)]
struct Shared<C> {
    settings: Settings,
    store: Store,
    connect: C,
    observer: Observer,
    /// There is something new to deliver.
    submitted: Arc<Notify>,
    /// An answer has come.
    answered: Notify,
}

/// Whom KSD sends to, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The platform's EP_FS1.
    pub platform: Uri,
    /// The systems, by RegistreringITsystem, that may send the codes which KSD alone sets; where none is named, none may.
    pub systems: BTreeSet<Uuid>,
    /// How messages are kept and delivered.
    pub delivery: Delivery,
    /// The bounds on calls and on messages.
    pub limits: Limits,
}

/// The name of KSD's store.
pub const STORE: &str = "ksd";

impl<C> Clone for Ksd<C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: Connect> Ksd<C> {
    /// A KSD that keeps its messages in `store`. It delivers while [`Ksd::work`] runs.
    pub fn new(settings: Settings, store: Store, connect: C, observer: Observer) -> Self {
        Self {
            shared: Arc::new(Shared {
                settings,
                store,
                connect,
                observer,
                submitted: Arc::default(),
                answered: Notify::new(),
            }),
        }
    }

    /// Takes `message` over, with the codes that KSD keeps to itself replaced: OK once it is stored, ADVARSEL for a repeat, FEJL for what
    /// cannot be taken over.
    ///
    /// # Errors
    /// It is not known to be stored: the same one is to be submitted again.
    pub async fn submit(&self, message: Message) -> Result<SygefravaerResponse, Refusal> {
        let Shared {
            settings, store, ..
        } = &*self.shared;
        if let Some(finding) = settings.objection(&message) {
            return Ok(receipt::failure(NOT_TAKEN_OVER, finding, Vec::new()));
        }
        let message = message.with_public_codes();
        let transaction = message.transaction();
        let task = owed::task(&message)?;
        let verdict = store.submit(task, store.now()).await;
        let verdict = verdict.map_err(|error| Refusal::not_stored(&error))?;
        fault::point("INTAKE", "before receipt");
        Ok(match verdict {
            Verdict::New => {
                self.shared.submitted.notify_one();
                receipt::ok()
            }
            Verdict::Repeat => receipt::repeated(transaction),
            Verdict::Conflict => receipt::reused(NOT_TAKEN_OVER, transaction),
        })
    }

    /// Waits for the first answer to the message `transaction`; `None` if KSD does not know it, or has erased the answer.
    pub async fn answer(&self, transaction: Uuid) -> Option<Forretningskvittering> {
        loop {
            let answered = self.shared.answered.notified();
            let found = self.shared.store.first_answer(transaction).await;
            match found {
                Ok(FirstAnswer::Here(document)) => {
                    let limits = self.shared.settings.limits.reading();
                    let request =
                        elements::MODTAG_FORRETNINGS_SVAR_REQUEST.read(&document, &limits);
                    return request.ok().map(|request| request.forretningskvittering);
                }
                Ok(FirstAnswer::Never) => return None,
                // Another instance may take the answer in, and a store may come back.
                Ok(FirstAnswer::Awaited) | Err(_) => {
                    let poll = self.shared.settings.delivery.poll;
                    let _ = tokio::time::timeout(poll, answered).await;
                }
            }
        }
    }

    /// Delivers what is in the store, and erases what has been kept long enough, until `stop`.
    pub async fn work(self, stop: Stop) {
        let Settings {
            delivery, limits, ..
        } = &self.shared.settings;
        let store = &self.shared.store;
        let mut terms = Terms::new(
            delivery,
            delivery.windows.clone(),
            outgoing::patience(limits),
            limits.drain,
        );
        terms.policy.answer_within = Some(delivery.answer_within);
        let submitted = Arc::clone(&self.shared.submitted);
        tokio::join!(
            worker::work(
                store.clone(),
                Arc::clone(&self.shared),
                terms,
                submitted,
                stop.clone()
            ),
            worker::erase(store.clone(), delivery.keep, stop),
        );
    }

    async fn take_answer(
        &self,
        request: ModtagForretningsSvarRequest,
        context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        let transaction = request.header.transaktion_identifikator.uuid();
        let municipality = *request.header.myndighed.value();
        let code = request.forretningskvittering.forretnings_validerings_kode;
        let document = elements::MODTAG_FORRETNINGS_SVAR_REQUEST.write(&request);
        let case = request.header.sag_identifikator.as_ref();
        let answer = Answered {
            transaction,
            lane: owed::lane_of(case.map(|case| case.uuid()), transaction),
            municipality,
            code: code.code(),
            last: !matches!(code, ForretningsValideringsKode::Modtaget),
            digest: digest(&request.forretningskvittering),
            content: document.map_err(|error| owed::unwritable(&error))?,
        };
        let store = &self.shared.store;
        let verdict = store.take_answer(answer, store.now()).await;
        let verdict = verdict.map_err(|error| Refusal::not_stored(&error))?;
        fault::point("EP_FS2", "before receipt");
        Ok(match verdict {
            expected::Verdict::New => {
                self.shared.answered.notify_waiters();
                receipt::ok()
            }
            expected::Verdict::Repeat => {
                let text = format!("Svaret på beskeden {transaction} er modtaget før.");
                receipt::warning(Finding::new(Finding::REPEATED, text))
            }
            expected::Verdict::Unknown => {
                let text =
                    format!("Ingen besked med TransaktionIdentifikator {transaction} er sendt.");
                receipt::failure(NOT_TAKEN, Finding::new(Finding::UNKNOWN, text), Vec::new())
            }
            expected::Verdict::OtherMunicipality(sent) => {
                // Whose it is, is not for whoever asks with an id.
                context.note_reason(format!("the message was sent for {sent}"));
                let text = format!("Beskeden {transaction} er ikke sendt for {municipality}.");
                receipt::failure(
                    NOT_TAKEN,
                    Finding::new(Finding::AUTHORITY_DIFFERS, text),
                    Vec::new(),
                )
            }
        })
    }
}

const NOT_TAKEN: &str = "Svaret er ikke behandlet.";
const NOT_TAKEN_OVER: &str = "Beskeden er ikke behandlet.";

impl Settings {
    /// Codes that KSD alone sets are refused from others (integration description 3.1.3.2, value list).
    fn objection(&self, message: &Message) -> Option<Finding> {
        let code = message.reserved_code()?;
        let system = message.header().registrering_it_system.uuid();
        if self.systems.contains(&system) {
            return None;
        }
        let text = format!("Koden {code} sættes kun af KSD, ikke af systemet {system}.");
        Some(Finding::new(Finding::RESERVED, text))
    }
}

/// What tells two answers to one message apart. Its header does not: it may say anew when it was sent.
fn digest(answer: &Forretningskvittering) -> Digest {
    let mut octets = Vec::new();
    let mut add = |text: &str| {
        octets.extend(text.len().to_be_bytes());
        octets.extend(text.as_bytes());
    };
    add(answer.forretnings_validerings_kode.code());
    add(answer.begrundelse.as_deref().unwrap_or_default());
    for error in answer.fejl_liste.iter().flat_map(|list| &list.fejl) {
        add(&error.fejl_kode);
        add(&error.fejl_tekst);
    }
    owed::sha256(&octets)
}

impl<C: Connect> Attempt for Shared<C> {
    const KIND: Kind = Kind::Message;

    async fn attempt(&self, job: &Job) -> Ended {
        let message = match Message::read(&job.content, &self.settings.limits.reading()).await {
            Ok(message) => message,
            Err(error) => return owed::unreadable(error),
        };
        let outgoing = Outgoing {
            from: KSD,
            to: PLATFORM,
            endpoint: Endpoint::Fs1,
            operation: message.operation(),
            transaction: job.transaction,
            municipality: job.municipality,
            answer: None,
        };
        let advice = Advice::default();
        let destination = Destination {
            endpoint: Endpoint::Fs1,
            url: &self.settings.platform,
            municipality: job.municipality,
            time: None,
            advice: Some(&advice),
        };
        let client = SygefravaerServiceClient::new(self.connect.reach(destination));
        let receipt = outgoing.make(&self.observer, message.send(&client)).await;
        outgoing::ended(receipt, &advice)
    }
}

/// The intake: what `submit` is to a program, this is to another process.
impl<C: Connect> Receive for Ksd<C> {
    async fn receive(
        &self,
        message: Message,
        _context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        self.submit(message).await
    }
}

impl<C: Connect> KsdSygefravaer for Ksd<C> {
    type Context = Context;

    async fn modtag_forretnings_svar(
        &self,
        request: ModtagForretningsSvarRequest,
        context: Context,
    ) -> Result<ModtagForretningsSvarResponse, Fault<ServiceplatformFault>> {
        let header = &request.header;
        context.note_message(
            header.transaktion_identifikator.uuid(),
            *header.myndighed.value(),
        );
        context.note_answer(
            request
                .forretningskvittering
                .forretnings_validerings_kode
                .code(),
        );
        if let Err(refusal) = clearance::agrees(&context, *header.myndighed.value()) {
            return Err(refusal.into_kmd_fault(&context));
        }
        match self.take_answer(request, &context).await {
            Ok(receipt) => {
                context.note_code(receipt.code());
                Ok(ModtagForretningsSvarResponse {
                    sygefravaer_response: receipt.into(),
                })
            }
            Err(refusal) => Err(refusal.into_kmd_fault(&context)),
        }
    }
}

#[cfg(test)]
mod tests {
    use generated::sygefravaer::OphoersAarsagKode;

    use super::*;
    use crate::world::{KSD_SYSTEM, NORD, World, opret};

    const ANSWER: &str = include_str!("../../wsdl/samples/ModtagForretningsSvar.request.xml");
    const OTHER_ANSWER: &str =
        include_str!("../../wsdl/samples/ModtagForretningsSvar.afvist.request.xml");
    /// The municipality that gives these answers.
    const ANSWERING: &str = "90000019";
    const ANSWERED: &str = "5f2090a0-7d3c-4e5f-8a90-000000000001";

    #[tokio::test]
    async fn answers_are_matched_by_transaction_and_municipality() {
        let world = World::new().await;
        let deliver =
            async |answer: &'static str| world.wire.post("ksd", Endpoint::Fs2, answer).await.1;
        assert!(deliver(ANSWER).await.contains(Finding::UNKNOWN));

        let transaction = ANSWERED.parse().unwrap();
        for (municipality, expected) in [(NORD, Finding::AUTHORITY_DIFFERS), (ANSWERING, ">OK<")] {
            let world = World::new().await;
            let Message::Opret(mut request) = opret(municipality) else {
                panic!("the first message is Opret");
            };
            request.header.transaktion_identifikator = soap::Uuid::from(transaction);
            world.ksd.submit(Message::Opret(request)).await.unwrap();
            let said = world.wire.post("ksd", Endpoint::Fs2, ANSWER).await.1;
            assert!(said.contains(expected), "{said}");
            // Another's message is not for whoever knows its id.
            assert!(!said.contains(NORD), "{said}");
            if expected != ">OK<" {
                continue;
            }
            let deliver =
                async |answer: &'static str| world.wire.post("ksd", Endpoint::Fs2, answer).await.1;
            assert!(deliver(ANSWER).await.contains(Finding::REPEATED));
            assert!(deliver(OTHER_ANSWER).await.contains(">OK<"));
            let first = world.ksd.answer(transaction).await.unwrap();
            assert_eq!(first.forretnings_validerings_kode.code(), "ACCEPTERET");
        }
    }

    #[tokio::test]
    async fn codes_of_ksds_own_are_refused_from_other_systems() {
        let world = World::new().await;
        let coded = |system: &str, code: OphoersAarsagKode| {
            let Message::Opret(mut request) = opret(NORD) else {
                panic!("the first message is Opret");
            };
            request.header.registrering_it_system = system.parse().unwrap();
            request.opret.ophoers_aarsag = code;
            Message::Opret(request)
        };
        let own = KSD_SYSTEM;
        let other = "5f2090a0-51b7-4c1e-9d0a-0000000000a2";
        for code in OphoersAarsagKode::ALL {
            let reserved = ["10", "60", "61", "62", "63", "64"].contains(&code.code());
            let receipt = world.ksd.submit(coded(own, code)).await.unwrap();
            assert_eq!(receipt.code(), "OK");
            let receipt = world.ksd.submit(coded(other, code)).await.unwrap();
            assert_eq!(
                receipt.code(),
                if reserved { "FEJL" } else { "OK" },
                "{code:?}"
            );
        }
    }

    #[test]
    fn codes_of_ksds_own_are_refused_from_all_where_no_system_is_named() {
        let settings = Settings {
            platform: Uri::from_static("http://127.0.0.1:1/"),
            systems: BTreeSet::new(),
            delivery: Delivery::default(),
            limits: Limits::default(),
        };
        let Message::Opret(mut request) = opret(NORD) else {
            panic!("the first message is Opret");
        };
        for code in OphoersAarsagKode::ALL {
            request.opret.ophoers_aarsag = code;
            let message = Message::Opret(request.clone());
            let objection = settings.objection(&message).map(|finding| finding.code);
            let reserved = message.reserved_code().map(|_| Finding::RESERVED);
            assert_eq!(objection.as_deref(), reserved, "{code:?}");
        }
    }

    #[tokio::test]
    async fn nothing_is_awaited_that_was_not_sent() {
        assert_eq!(World::new().await.ksd.answer(Uuid::nil()).await, None);
    }

    #[test]
    fn codes_that_ksd_keeps_to_itself_go_out_as_2() {
        let reason = |given: OphoersAarsagKode| {
            let Message::Opret(mut request) = opret(NORD) else {
                panic!("the first message is Opret");
            };
            request.opret.ophoers_aarsag = given;
            let Message::Opret(request) = Message::Opret(request).with_public_codes() else {
                panic!("the operation stays");
            };
            request.opret.ophoers_aarsag.code()
        };
        for given in OphoersAarsagKode::ALL {
            let expected = if ["50", "51", "52"].contains(&given.code()) {
                "2"
            } else {
                given.code()
            };
            assert_eq!(reason(given), expected);
        }
    }
}
