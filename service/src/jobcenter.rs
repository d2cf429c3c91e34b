//! A Jobcenter solution: receipts for what it takes over, a case system that registers it, and the answers that come of that.
//!
//! A message is the Jobcenter's once it is in the store, and the receipt says so then; registrations and answers are seen to by the
//! machines of [`crate::delivery`], each case in its order.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use generated::serviceplatformen::SygefravaerResponse;
use hyper::Uri;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::call::Context;
use crate::config::{Delivery, Limits};
use crate::delivery::incoming::Verdict;
use crate::delivery::owed;
use crate::delivery::window::Windows;
use crate::delivery::worker::{self, Terms};
use crate::fault;
use crate::http::Stop;
use crate::message::{Message, Receive};
use crate::observe::Observer;
use crate::outgoing::{self, Connect};
use crate::receipt::{self, Answer, Finding};
use crate::refusal::Refusal;
use crate::routing::Cvr;
use crate::store::{self, Kind, Store};

mod attempts;
mod case_system;

pub use case_system::{AcceptAll, CaseSystem, Unavailable};

use attempts::{Answerer, Registrar, task};

/// The Jobcenter's role: [`Receive`] for EP_JC1; it answers through EP_JC2. Clones are the same Jobcenter.
#[derive(Debug)]
pub struct Jobcenter<C, S> {
    shared: Arc<Shared<C, S>>,
}

#[derive(Debug)]
struct Shared<C, S> {
    settings: Settings,
    store: Store,
    connect: C,
    observer: Observer,
    cases: S,
    /// There is something new to register.
    received: Arc<Notify>,
    /// There is something new to answer.
    registered: Arc<Notify>,
}

/// Who a Jobcenter is, whom it serves, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name in events and the log.
    pub name: String,
    /// The municipalities, by CVR number, that it accepts messages for.
    pub municipalities: BTreeSet<Cvr>,
    /// The platform's EP_JC2.
    pub platform: Uri,
    /// How messages and answers are kept and delivered.
    pub delivery: Delivery,
    /// The bounds on calls and on messages.
    pub limits: Limits,
}

impl Settings {
    /// The name of the Jobcenter's store.
    pub fn store(&self) -> String {
        store_of(&self.name)
    }
}

/// The name of the store of the Jobcenter `name`.
pub fn store_of(name: &str) -> String {
    format!("jobcenter {name}")
}

impl<C, S> Clone for Jobcenter<C, S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: Connect, S: CaseSystem> Jobcenter<C, S> {
    /// A Jobcenter that keeps its messages in `store` and registers them in `cases`. It does so, and answers, while
    /// [`Jobcenter::work`] runs.
    pub fn new(settings: Settings, store: Store, connect: C, observer: Observer, cases: S) -> Self {
        Self {
            shared: Arc::new(Shared {
                settings,
                store,
                connect,
                observer,
                cases,
                received: Arc::default(),
                registered: Arc::default(),
            }),
        }
    }

    /// The name in its settings.
    pub fn name(&self) -> &str {
        &self.shared.settings.name
    }

    /// Registers and answers what is in the store, and erases what has been kept long enough, until `stop`.
    pub async fn work(self, stop: Stop) {
        let shared = &self.shared;
        let Settings {
            delivery, limits, ..
        } = &shared.settings;
        let store = &shared.store;
        // The platform's windows are none of the case system's.
        let registering = Terms::new(
            delivery,
            Windows::default(),
            delivery.register,
            limits.drain,
        );
        let answering = Terms::new(
            delivery,
            delivery.windows.clone(),
            outgoing::patience(limits),
            limits.drain,
        );
        let registrar = Arc::new(Registrar(Arc::clone(shared)));
        let answerer = Arc::new(Answerer(Arc::clone(shared)));
        let (received, registered) = (&shared.received, &shared.registered);
        tokio::join!(
            worker::work(
                store.clone(),
                registrar,
                registering,
                Arc::clone(received),
                stop.clone()
            ),
            worker::work(
                store.clone(),
                answerer,
                answering,
                Arc::clone(registered),
                stop.clone()
            ),
            worker::erase(store.clone(), delivery.keep, stop),
        );
    }

    /// Says a business answer to the message `transaction`, after the case system has said that it would come later, or after another
    /// answer. The same answer again changes nothing.
    ///
    /// # Errors
    /// The message is not known, or the answer is not known to be stored.
    pub async fn answer(&self, transaction: Uuid, answer: Answer) -> Result<(), Unanswered> {
        let shared = &self.shared;
        let message = shared
            .store
            .content(Kind::Registration, transaction)
            .await?;
        let message = message.ok_or(Unanswered::Unknown)?;
        let message = Message::read(&message, &shared.settings.limits.reading()).await;
        let message = message.map_err(|_| Unanswered::Unknown)?;
        let task = task(&message, answer).map_err(|_| Unanswered::Unknown)?;
        shared.store.answer(task, shared.store.now()).await?;
        shared.registered.notify_one();
        Ok(())
    }
}

/// Why an answer was not taken over.
#[derive(Clone, Debug)]
pub enum Unanswered {
    /// There is no such message, or it was erased.
    Unknown,
    /// The answer is not known to be stored; say it again.
    NotStored(store::Error),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("no such message is kept"),
            Self::NotStored(error) => write!(f, "the answer is not stored: {error}"),
        }
    }
}

impl std::error::Error for Unanswered {}

impl From<store::Error> for Unanswered {
    fn from(error: store::Error) -> Self {
        Self::NotStored(error)
    }
}

impl<C: Connect, S: CaseSystem> Receive for Jobcenter<C, S> {
    async fn receive(
        &self,
        message: Message,
        _context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        let shared = &self.shared;
        let mut findings = shared.settings.objections(&message).into_iter();
        if let Some(first) = findings.next() {
            return Ok(receipt::failure(NOT_TAKEN, first, findings.collect()));
        }
        let transaction = message.transaction();
        let task = owed::task(&message)?;
        let verdict = shared.store.receive(task, shared.store.now()).await;
        let verdict = verdict.map_err(|error| Refusal::not_stored(&error))?;
        fault::point("EP_JC1", "before receipt");
        Ok(match verdict {
            Verdict::New => {
                shared.received.notify_one();
                receipt::ok()
            }
            Verdict::Repeat => {
                shared.registered.notify_one();
                receipt::repeated(transaction)
            }
            Verdict::Conflict => receipt::reused(NOT_TAKEN, transaction),
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

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
        let world = World::new().await;
        let message = opret(NORD);
        let first = world.ksd.submit(message.clone()).await.unwrap();
        assert_eq!(verdict(first), ("OK", None));
        world.answers(1).await;
        let again = world.send(&message).await.unwrap();
        assert_eq!(verdict(again), ("ADVARSEL", found(Finding::REPEATED)));
        let answers = world.answers(2).await;
        // The same to the last octet.
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].contains("ACCEPTERET"), "{}", answers[0]);
        assert_eq!(world.cases.registered.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn an_id_in_other_letters_is_the_same_id() {
        let world = World::new().await;
        let Message::Opret(mut request) = opret(NORD) else {
            panic!("the first message is Opret");
        };
        for (id, code) in [
            ("5f2090a0-7d3c-4e5f-8a90-0000000000ab", "OK"),
            ("5F2090A0-7D3C-4E5F-8A90-0000000000AB", "ADVARSEL"),
            ("5f2090a0-7d3c-4e5f-8a90-0000000000aB", "ADVARSEL"),
        ] {
            request.header.transaktion_identifikator = id.parse().unwrap();
            let receipt = world.send(&Message::Opret(request.clone())).await.unwrap();
            assert_eq!(verdict(receipt).0, code, "{id}");
        }
        request.opret.brugt_fortrydelsesret = true;
        let receipt = world.send(&Message::Opret(request)).await.unwrap();
        assert_eq!(verdict(receipt), ("FEJL", found(Finding::REUSED)));
    }

    #[tokio::test]
    async fn another_message_under_a_known_id_changes_nothing() {
        let world = World::new().await;
        let message = opret(NORD);
        world.send(&message).await.unwrap();
        let Message::Opret(mut other) = message else {
            panic!("the first message is Opret");
        };
        other.opret.brugt_fortrydelsesret = true;
        let receipt = world.send(&Message::Opret(other)).await.unwrap();
        assert_eq!(verdict(receipt), ("FEJL", found(Finding::REUSED)));
        assert!(world.cases.registered.lock().unwrap().len() <= 1);
    }

    #[tokio::test]
    async fn only_registered_municipalities_are_served() {
        let world = World::new().await;
        let receipt = world.send(&opret(STRAY)).await.unwrap();
        assert_eq!(verdict(receipt), ("FEJL", found(Finding::NOT_REGISTERED)));
        assert!(world.cases.registered.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_answer_may_come_later_and_be_followed_by_another() {
        let world = World::new().await;
        let message = opret(NORD);
        world.cases.later.store(true, Ordering::Relaxed);
        world.ksd.submit(message.clone()).await.unwrap();
        let transaction = message.transaction();
        while world.cases.registered.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        for (answer, count) in [
            (Answer::Received, 1),
            (Answer::Received, 1),
            (Answer::Accepted, 2),
        ] {
            world.jobcenter.answer(transaction, answer).await.unwrap();
            assert_eq!(world.answers(count).await.len(), count);
        }
        let unknown = world.jobcenter.answer(Uuid::nil(), Answer::Accepted).await;
        assert!(matches!(unknown, Err(Unanswered::Unknown)));
    }

    #[tokio::test]
    async fn a_case_system_that_is_not_there_is_asked_again() {
        let world = World::new().await;
        world.cases.absent.store(2, Ordering::Relaxed);
        let message = opret(NORD);
        world.ksd.submit(message.clone()).await.unwrap();
        assert!(world.ksd.answer(message.transaction()).await.is_some());
        assert_eq!(world.cases.registered.lock().unwrap().len(), 1);
    }

    #[test]
    fn authority_must_be_there_and_equal() {
        let settings = Settings {
            name: "nord".to_owned(),
            municipalities: BTreeSet::from([NORD.parse().unwrap()]),
            platform: Uri::from_static("http://127.0.0.1:1/"),
            delivery: Delivery::default(),
            limits: Limits::default(),
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
}
