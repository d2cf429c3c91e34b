//! A Jobcenter solution: receipts for what it takes over at once, business answers when its case system has dealt with them.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use generated::ksd_sygefravaer::{KsdSygefravaerServiceClient, SendForretningsSvarRequest};
use generated::serviceplatformen::SygefravaerResponse;
use hyper::Uri;
use uuid::Uuid;

use crate::call::Context;
use crate::endpoint::{Endpoint, PLATFORM};
use crate::message::{Message, Receive};
use crate::observe::Observer;
use crate::outgoing::{Connect, Failure, Outgoing};
use crate::receipt::{self, Answer, Finding};
use crate::refusal::Refusal;
use crate::routing::Cvr;

/// A vendor's case system, behind the Jobcenter's endpoint.
///
/// The message is the vendor's once [`CaseSystem::register`] has it: the receipt has gone out, and a repeat is answered without asking
/// again.
pub trait CaseSystem: Send + Sync + 'static {
    /// Registers `message` and says the business answer to it.
    fn register(&self, message: &Message) -> impl Future<Output = Answer> + Send;
}

/// A case system for trying things out: it accepts every message and keeps none.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl CaseSystem for AcceptAll {
    async fn register(&self, _message: &Message) -> Answer {
        Answer::Accepted
    }
}

/// The Jobcenter's role: [`Receive`] for EP_JC1; it answers through EP_JC2.
#[derive(Debug)]
pub struct Jobcenter<C, S> {
    shared: Arc<Shared<C, S>>,
}

#[derive(Debug)]
struct Shared<C, S> {
    settings: Settings,
    connect: C,
    observer: Observer,
    cases: S,
    journal: Mutex<Journal>,
}

/// Who a Jobcenter is and whom it serves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name in events and the log.
    pub name: String,
    /// The municipalities, by CVR number, that it accepts messages for.
    pub municipalities: BTreeSet<Cvr>,
    /// The platform's EP_JC2.
    pub platform: Uri,
}

impl<C: Connect, S: CaseSystem> Jobcenter<C, S> {
    /// A Jobcenter that registers messages in `cases`.
    pub fn new(settings: Settings, connect: C, observer: Observer, cases: S) -> Self {
        Self {
            shared: Arc::new(Shared {
                settings,
                connect,
                observer,
                cases,
                journal: Mutex::default(),
            }),
        }
    }

    /// The name in its settings.
    pub fn name(&self) -> &str {
        &self.shared.settings.name
    }

    /// Sees to the answer after the receipt: that of the case system the first time, the same one again for a repeat.
    fn answer_later(&self, message: Message, known: Option<Answer>) {
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let answer = match known {
                Some(answer) => answer,
                None => {
                    let answer = shared.cases.register(&message).await;
                    shared
                        .journal()
                        .answered(message.transaction(), answer.clone());
                    answer
                }
            };
            // However it ends, the observer is told; the same message again brings the same answer again.
            let _ = shared.send(&message, answer).await;
        });
    }
}

impl<C: Connect, S: CaseSystem> Receive for Jobcenter<C, S> {
    async fn receive(
        &self,
        message: Message,
        _context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        let mut findings = self.shared.settings.objections(&message).into_iter();
        if let Some(first) = findings.next() {
            return Ok(receipt::failure(NOT_TAKEN, first, findings.collect()));
        }
        let transaction = message.transaction();
        let verdict = self.shared.journal().take(&message);
        Ok(match verdict {
            Verdict::New => {
                self.answer_later(message, None);
                receipt::ok()
            }
            Verdict::Repeat(known) => {
                // While the first one is still being registered, its answer serves both.
                if known.is_some() {
                    self.answer_later(message, known);
                }
                let text =
                    format!("Beskeden {transaction} er modtaget før. Den er ikke behandlet igen.");
                receipt::warning(Finding::new(Finding::REPEATED, text))
            }
            Verdict::Conflict => {
                let text = format!(
                    "En anden besked med TransaktionIdentifikator {transaction} er modtaget før."
                );
                receipt::failure(NOT_TAKEN, Finding::new(Finding::REUSED, text), Vec::new())
            }
        })
    }
}

const NOT_TAKEN: &str = "Beskeden er ikke behandlet.";

impl Settings {
    /// Why `message` may not be taken over: the authority of the call, the municipality of the message, and the register.
    fn objections(&self, message: &Message) -> Vec<Finding> {
        let municipality = message.municipality();
        let mut findings = Vec::new();
        if !self.municipalities.contains(&municipality) {
            let text = format!(
                "Kommunen med CVR-nummer {municipality} er ikke registreret hos jobcenterløsningen."
            );
            findings.push(Finding::new(Finding::NOT_REGISTERED, text));
        }
        match message.authority() {
            None => findings.push(Finding::new(
                Finding::AUTHORITY_MISSING,
                "Kaldet har ingen AuthorityContext.",
            )),
            Some(authority) if authority != municipality => {
                let text = format!(
                    "Headerens Myndighed er {municipality}, men kaldets AuthorityContext er {authority}."
                );
                findings.push(Finding::new(Finding::AUTHORITY_DIFFERS, text));
            }
            Some(_) => {}
        }
        findings
    }
}

impl<C: Connect, S> Shared<C, S> {
    async fn send(&self, message: &Message, answer: Answer) -> Result<(), Failure> {
        let municipality = message.municipality();
        let request = SendForretningsSvarRequest {
            call_context: None,
            authority_context: message.authority_context().cloned(),
            header: message.header().clone().into(),
            forretningskvittering: answer.into(),
        };
        let outgoing = Outgoing {
            from: &self.settings.name,
            to: PLATFORM,
            endpoint: Endpoint::Jc2,
            operation: "SendForretningsSvar",
            transaction: message.transaction(),
            municipality,
            answer: Some(
                request
                    .forretningskvittering
                    .forretnings_validerings_kode
                    .code(),
            ),
        };
        let client = KsdSygefravaerServiceClient::new(self.connect.to(&self.settings.platform));
        let call = async {
            Ok(client
                .send_forretnings_svar(&request)
                .await?
                .sygefravaer_response)
        };
        outgoing.make(&self.observer, call).await.map(|_| ())
    }
}

impl<C, S> Shared<C, S> {
    /// The journal is whole between any two statements that change it, so a panic elsewhere does not spoil it.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a Jobcenter has taken over, and what it answered.
#[derive(Debug, Default)]
struct Journal {
    entries: HashMap<Uuid, Entry>,
}

#[derive(Debug)]
struct Entry {
    content: Message,
    answer: Option<Answer>,
}

/// What a message is to a Jobcenter that may have seen it (integration description 3.2.3.4).
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Not seen before.
    New,
    /// The same message again, with the answer if there is one already.
    Repeat(Option<Answer>),
    /// Another message under an id that is taken.
    Conflict,
}

impl Journal {
    /// Judges `message` and keeps its content where it is new; what is known is never overwritten.
    fn take(&mut self, message: &Message) -> Verdict {
        let content = message.clone().content();
        let verdict = judge(self.entries.get(&content.transaction()), &content);
        if verdict == Verdict::New {
            self.entries.insert(
                content.transaction(),
                Entry {
                    content,
                    answer: None,
                },
            );
        }
        verdict
    }

    fn answered(&mut self, transaction: Uuid, answer: Answer) {
        if let Some(entry) = self.entries.get_mut(&transaction) {
            entry.answer = Some(answer);
        }
    }
}

fn judge(known: Option<&Entry>, content: &Message) -> Verdict {
    match known {
        None => Verdict::New,
        Some(entry) if entry.content == *content => Verdict::Repeat(entry.answer.clone()),
        Some(_) => Verdict::Conflict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{NORD, STRAY, World, opret};

    /// The FejlKode of the receipt's first entry, and the receipt's own code.
    #[track_caller]
    fn verdict(receipt: SygefravaerResponse) -> (&'static str, Option<String>) {
        let receipt = receipt.transport_kvittering;
        let finding = receipt
            .fejl_liste
            .map(|list| list.fejl[0].fejl_kode.clone());
        (receipt.transport_validerings_kode.code(), finding)
    }

    fn found(code: &str) -> Option<String> {
        Some(code.to_owned())
    }

    #[tokio::test]
    async fn a_repeat_is_announced_and_answered_again_without_registering() {
        let world = World::new();
        let message = opret(NORD);
        assert_eq!(
            verdict(world.ksd.submit(message.clone()).await.unwrap()),
            ("OK", None)
        );
        let first = world.ksd.answer(message.transaction()).await.unwrap();
        let again = world.ksd.submit(message.clone()).await.unwrap();
        assert_eq!(verdict(again), ("ADVARSEL", found(Finding::REPEATED)));
        while !world.codes().contains(&"EP_FS2 ADVARSEL".to_owned()) {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            world.ksd.answer(message.transaction()).await.unwrap(),
            first
        );
        assert_eq!(world.cases.registered.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn another_message_under_a_known_id_changes_nothing() {
        let world = World::new();
        let message = opret(NORD);
        world.ksd.submit(message.clone()).await.unwrap();
        let Message::Opret(mut other) = message else {
            panic!("the first message is Opret");
        };
        other.opret.brugt_fortrydelsesret = true;
        let receipt = world.ksd.submit(Message::Opret(other)).await.unwrap();
        assert_eq!(verdict(receipt), ("FEJL", found(Finding::REUSED)));
        assert!(world.cases.registered.lock().unwrap().len() <= 1);
    }

    #[tokio::test]
    async fn only_registered_municipalities_are_served() {
        let world = World::new();
        let receipt = world.ksd.submit(opret(STRAY)).await.unwrap();
        assert_eq!(verdict(receipt), ("FEJL", found(Finding::NOT_REGISTERED)));
        assert!(world.cases.registered.lock().unwrap().is_empty());
    }

    #[test]
    fn authority_must_be_there_and_equal() {
        let settings = Settings {
            name: "nord".to_owned(),
            municipalities: BTreeSet::from([NORD.parse().unwrap()]),
            platform: Uri::from_static("http://127.0.0.1:1/"),
        };
        let codes = |message: &Message| {
            settings
                .objections(message)
                .into_iter()
                .map(|found| found.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(&opret(NORD)), [Finding::AUTHORITY_MISSING]);
        assert_eq!(codes(&opret(NORD).with_authority()), [""; 0]);
        let Message::Opret(mut request) = opret(STRAY).with_authority() else {
            panic!("the first message is Opret");
        };
        request.header.myndighed = NORD.parse().unwrap();
        assert_eq!(
            codes(&Message::Opret(request)),
            [Finding::AUTHORITY_DIFFERS]
        );
    }

    #[test]
    fn the_journal_tells_new_repeated_and_conflicting_messages() {
        let mut journal = Journal::default();
        let message = opret(NORD);
        assert_eq!(journal.take(&message), Verdict::New);
        assert_eq!(
            journal.take(&message.clone().with_authority()),
            Verdict::Repeat(None)
        );
        journal.answered(message.transaction(), Answer::Accepted);
        assert_eq!(
            journal.take(&message),
            Verdict::Repeat(Some(Answer::Accepted))
        );
        let Message::Opret(mut other) = message else {
            panic!("the first message is Opret");
        };
        other.opret.pensionskode = Some(generated::sygefravaer::Pensionskode::IkkePensionist);
        assert_eq!(journal.take(&Message::Opret(other)), Verdict::Conflict);
    }
}
