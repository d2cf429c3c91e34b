//! Who submits: systems of KSD's own, which hand over the messages of a case one after the other, each until it is acknowledged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use service::endpoint::Endpoint;
use service::message::Message;
use tests::system::sample;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::points::Chance;
use super::setting::{MUNICIPALITIES, Setting, Way};

/// The submitters at work.
pub(crate) struct Load {
    shared: Arc<Shared>,
    submitters: JoinSet<()>,
}

struct Shared {
    intake: Way,
    platform: Way,
    /// How many cases may still be begun.
    cases: Semaphore,
    ledger: Mutex<Ledger>,
}

/// What the submitters know.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The messages that were acknowledged and their cases, those of one case in order.
    pub(crate) acknowledged: Vec<(Uuid, Uuid)>,
    /// How often nobody said whether a message was taken over, so that it was submitted again.
    pub(crate) unheard: usize,
    /// How often a message came again, and was announced as a repeat.
    pub(crate) announced: usize,
    /// How often another message under an id that was taken was refused.
    pub(crate) refused: usize,
    /// The messages that went to the platform beside their way and were taken for new.
    pub(crate) overtaken: BTreeSet<Uuid>,
    /// The promises that were broken.
    pub(crate) breaches: Vec<String>,
}

/// How many cases are under way at once.
const SUBMITTERS: u64 = 12;

/// How long a submitter waits before it asks again.
const PAUSE: Duration = Duration::from_millis(10);

/// What the submitters have not brought in by then, once nobody dies any more, they never will.
const DEADLINE: Duration = Duration::from_secs(600);

/// The operations of a case, in an order that makes sense.
const OPERATIONS: [&str; 5] = [
    "Opret",
    "OpdaterLoenmodtager",
    "OpdaterOphoer",
    "OpdaterStatus",
    "Afslut",
];

impl Load {
    /// Starts submitters, which begin cases as they are let.
    pub(crate) fn start(runtime: &Runtime, setting: &Setting, seed: u64) -> Self {
        let shared = Arc::new(Shared {
            intake: setting.way(Endpoint::Intake),
            platform: setting.way(Endpoint::Fs1),
            cases: Semaphore::new(0),
            ledger: Mutex::default(),
        });
        let mut submitters = JoinSet::new();
        for number in 0..SUBMITTERS {
            let chance = Chance::new(seed ^ (number << 32));
            let shared = Arc::clone(&shared);
            submitters.spawn_on(
                async move { shared.submit_all(chance).await },
                runtime.handle(),
            );
        }
        Self { shared, submitters }
    }

    /// Lets so many more cases begin.
    pub(crate) fn begin(&self, cases: usize) {
        self.shared.cases.add_permits(cases);
    }

    /// How many messages are acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.shared.ledger().acknowledged.len()
    }

    /// The message that was acknowledged last.
    pub(crate) fn latest(&self) -> Option<Uuid> {
        let ledger = self.shared.ledger();
        ledger
            .acknowledged
            .last()
            .map(|(_, transaction)| *transaction)
    }

    /// Waits until the cases that were let begin are brought in.
    ///
    /// # Errors
    /// They are not, by any reasonable time.
    pub(crate) fn finish(mut self, runtime: &Runtime) -> Result<Ledger, String> {
        let shared = Arc::clone(&self.shared);
        let ended = runtime.block_on(async {
            tokio::time::timeout(DEADLINE, async {
                while shared.cases.available_permits() > 0 {
                    tokio::time::sleep(PAUSE).await;
                }
                shared.cases.close();
                while self.submitters.join_next().await.is_some() {}
            })
            .await
        });
        ended.map_err(|_| format!("not all is taken over within {DEADLINE:?} of the last kill"))?;
        let ledger = std::mem::take(&mut *shared.ledger());
        Ok(ledger)
    }
}

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn submit_all(&self, mut chance: Chance) {
        while let Ok(permit) = self.cases.acquire().await {
            permit.forget();
            self.submit_case(&mut chance).await;
        }
    }

    async fn submit_case(&self, chance: &mut Chance) {
        let case = Uuid::new_v4();
        let municipality = MUNICIPALITIES[chance.below(MUNICIPALITIES.len())];
        let mut first = None;
        for operation in &OPERATIONS[..2 + chance.below(OPERATIONS.len() - 1)] {
            let transaction = Uuid::new_v4();
            let text = text(operation, transaction, case, municipality);
            let message = message(&text).await;
            self.submit(&message).await;
            self.ledger().acknowledged.push((case, transaction));
            match chance.below(8) {
                0 => self.submit_again(&message).await,
                1 => self.submit_other(&text).await,
                // Only the first of its case can come by another way and be in its place.
                2 => self.overtake(first.as_ref().unwrap_or(&message)).await,
                _ => {}
            }
            first.get_or_insert(message);
        }
    }

    /// Submits `message` until somebody says that it is taken over.
    async fn submit(&self, message: &Message) {
        let mut unheard = 0;
        let code = loop {
            match self.send(message, &self.intake).await {
                Some(code) => break code,
                None => unheard += 1,
            }
            tokio::time::sleep(PAUSE).await;
        };
        let mut ledger = self.ledger();
        ledger.unheard += unheard;
        match code {
            "OK" => {}
            "ADVARSEL" if unheard > 0 => ledger.announced += 1,
            code => {
                let text = format!("{} is new, and was answered {code}", message.transaction());
                ledger.breaches.push(text);
            }
        }
    }

    /// Submits what is acknowledged once more: that must be announced.
    async fn submit_again(&self, message: &Message) {
        let code = self.send(message, &self.intake).await;
        let mut ledger = self.ledger();
        match code {
            None => {}
            Some("ADVARSEL") => ledger.announced += 1,
            Some(code) => {
                let text = format!("{} came again: {code}", message.transaction());
                ledger.breaches.push(text);
            }
        }
    }

    /// Submits another message under an id that is taken: that must be refused.
    async fn submit_other(&self, text: &str) {
        let other = with(text, "FoersteFravaersdag", "2026-02-10");
        let code = self.send(&message(&other).await, &self.intake).await;
        let mut ledger = self.ledger();
        match code {
            None => {}
            Some("FEJL") => ledger.refused += 1,
            Some(code) => ledger
                .breaches
                .push(format!("another message under a known id: {code}")),
        }
    }

    /// Hands the first message of a case to the platform beside its way, as a network that doubles messages would.
    async fn overtake(&self, message: &Message) {
        let public = message.clone().with_public_codes();
        let code = self.send(&public, &self.platform).await;
        let mut ledger = self.ledger();
        let transaction = message.transaction();
        match code {
            None => {}
            Some("ADVARSEL") => ledger.announced += 1,
            Some("OK") if ledger.overtaken.insert(transaction) => {}
            Some(code) => ledger
                .breaches
                .push(format!("{transaction} by another way: {code}")),
        }
    }

    /// The code of the receipt for `message`, where there is one.
    async fn send(&self, message: &Message, to: &Way) -> Option<&'static str> {
        let receipt = to.send(message).await.ok()?;
        let receipt = receipt.transport_kvittering;
        Some(receipt.transport_validerings_kode.code())
    }
}

/// The sample of `operation` as a message of its own.
fn text(operation: &str, transaction: Uuid, case: Uuid, municipality: &str) -> String {
    let text = sample(&format!("{operation}.request.xml"));
    let text = with(&text, "TransaktionIdentifikator", &transaction.to_string());
    let text = with(&text, "SagIdentifikator", &case.to_string());
    with(&text, "Myndighed", municipality)
}

/// `text` with `value` in its element `name`.
fn with(text: &str, name: &str, value: &str) -> String {
    let (before, rest) = text.split_once(&format!("<{name}>")).expect("the element");
    let (_, after) = rest.split_once('<').expect("its end");
    format!("{before}<{name}>{value}<{after}")
}

async fn message(text: &str) -> Message {
    let message = Message::read(text.as_bytes(), &soap::Limits::default()).await;
    message.expect("a message of the contract")
}
