//! KSD: sends messages through EP_FS1 and matches the answers that come in at EP_FS2.
//!
//! KSD alone keeps what is under way (integration description 3.1.1): a message is known before it is sent, so that an answer that
//! overtakes its receipt finds it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use generated::kmd::{
    Forretningskvittering, KsdSygefravaer, ModtagForretningsSvarRequest,
    ModtagForretningsSvarResponse, ServiceplatformFault,
};
use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::SygefravaerServiceClient;
use hyper::Uri;
use soap::Fault;
use tokio::sync::watch;
use uuid::Uuid;

use crate::call::Context;
use crate::endpoint::{Endpoint, KSD, PLATFORM};
use crate::message::{Message, Receive};
use crate::observe::Observer;
use crate::outgoing::{Connect, Failure, Outgoing, Receipt};
use crate::receipt::{self, Finding};
use crate::refusal::Refusal;
use crate::routing::Cvr;

/// KSD's role: [`Ksd::submit`] for its own systems, [`KsdSygefravaer`] for EP_FS2. Clones are the same KSD.
#[derive(Debug)]
pub struct Ksd<C> {
    shared: Arc<Shared<C>>,
}

#[derive(Debug)]
struct Shared<C> {
    platform: Uri,
    connect: C,
    observer: Observer,
    sent: Mutex<HashMap<Uuid, Sent>>,
}

/// A message that KSD has sent, and the answers to it so far; there may be several (MODTAGET first, ACCEPTERET later).
#[derive(Debug)]
struct Sent {
    municipality: Cvr,
    answers: watch::Sender<Vec<Forretningskvittering>>,
}

impl<C> Clone for Ksd<C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: Connect> Ksd<C> {
    /// A KSD that sends to EP_FS1 at `platform`.
    pub fn new(platform: Uri, connect: C, observer: Observer) -> Self {
        Self {
            shared: Arc::new(Shared {
                platform,
                connect,
                observer,
                sent: Mutex::default(),
            }),
        }
    }

    /// Sends `message` to EP_FS1, with the codes that KSD keeps to itself replaced, and returns the receipt.
    ///
    /// # Errors
    /// There is no receipt; the message may have arrived all the same, so the same one is sent again.
    pub async fn submit(&self, message: Message) -> Result<SygefravaerResponse, Failure> {
        let message = message.with_public_codes();
        let (transaction, municipality) = (message.transaction(), message.municipality());
        self.expect(transaction, municipality);
        let outgoing = Outgoing {
            from: KSD,
            to: PLATFORM,
            endpoint: Endpoint::Fs1,
            operation: message.operation(),
            transaction,
            municipality,
            answer: None,
        };
        let client = SygefravaerServiceClient::new(self.shared.connect.to(&self.shared.platform));
        outgoing
            .make(&self.shared.observer, message.send(&client))
            .await
    }

    /// Waits for the first answer to the message `transaction`; `None` if KSD has not sent it.
    pub async fn answer(&self, transaction: Uuid) -> Option<Forretningskvittering> {
        let mut answers = self.shared.sent().get(&transaction)?.answers.subscribe();
        let answers = answers.wait_for(|answers| !answers.is_empty()).await.ok()?;
        answers.first().cloned()
    }

    fn expect(&self, transaction: Uuid, municipality: Cvr) {
        self.shared
            .sent()
            .entry(transaction)
            .or_insert_with(|| Sent {
                municipality,
                answers: watch::Sender::new(Vec::new()),
            });
    }

    fn take_answer(&self, request: ModtagForretningsSvarRequest) -> SygefravaerResponse {
        let transaction = request.header.transaktion_identifikator.uuid();
        let municipality = *request.header.myndighed.value();
        let sent = self.shared.sent();
        let verdict = judge(
            sent.get(&transaction),
            municipality,
            &request.forretningskvittering,
        );
        match verdict {
            Verdict::New(sent) => {
                sent.answers
                    .send_modify(|answers| answers.push(request.forretningskvittering));
                receipt::ok()
            }
            Verdict::Repeat => {
                let text = format!("Svaret på beskeden {transaction} er modtaget før.");
                receipt::warning(Finding::new(Finding::REPEATED, text))
            }
            Verdict::Unknown => {
                let text =
                    format!("Ingen besked med TransaktionIdentifikator {transaction} er sendt.");
                receipt::failure(NOT_TAKEN, Finding::new(Finding::UNKNOWN, text), Vec::new())
            }
            Verdict::OtherMunicipality(sent) => {
                let text = format!(
                    "Beskeden {transaction} blev sendt for {}, ikke for {municipality}.",
                    sent.municipality
                );
                receipt::failure(
                    NOT_TAKEN,
                    Finding::new(Finding::AUTHORITY_DIFFERS, text),
                    Vec::new(),
                )
            }
        }
    }
}

const NOT_TAKEN: &str = "Svaret er ikke behandlet.";

/// What an answer is to KSD.
#[derive(Debug)]
enum Verdict<'a> {
    New(&'a Sent),
    Repeat,
    Unknown,
    OtherMunicipality(&'a Sent),
}

fn judge<'a>(
    sent: Option<&'a Sent>,
    municipality: Cvr,
    answer: &Forretningskvittering,
) -> Verdict<'a> {
    match sent {
        None => Verdict::Unknown,
        Some(sent) if sent.municipality != municipality => Verdict::OtherMunicipality(sent),
        Some(sent) if sent.answers.borrow().contains(answer) => Verdict::Repeat,
        Some(sent) => Verdict::New(sent),
    }
}

impl<C> Shared<C> {
    /// The map is whole between any two statements that change it, so a panic elsewhere does not spoil it.
    fn sent(&self) -> MutexGuard<'_, HashMap<Uuid, Sent>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The intake: what `submit` is to a program, this is to another process.
impl<C: Connect> Receive for Ksd<C> {
    async fn receive(
        &self,
        message: Message,
        _context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        let receipt = self.submit(message).await;
        receipt.map_err(|failure| Refusal::partner(PLATFORM, &failure))
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
        let receipt = self.take_answer(request);
        context.note_code(receipt.code());
        Ok(ModtagForretningsSvarResponse {
            sygefravaer_response: receipt.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use generated::sygefravaer::OphoersAarsagKode;

    use super::*;
    use crate::world::{NORD, World, opret};

    const ANSWER: &str = include_str!("../../wsdl/samples/ModtagForretningsSvar.request.xml");
    const OTHER_ANSWER: &str =
        include_str!("../../wsdl/samples/ModtagForretningsSvar.afvist.request.xml");
    const ANSWERED: &str = "5f2090a0-7d3c-4e5f-8a90-000000000001";

    #[tokio::test]
    async fn answers_are_matched_by_transaction_and_municipality() {
        let world = World::new();
        let deliver =
            async |answer: &'static str| world.wire.post("ksd", Endpoint::Fs2, answer).await.1;
        assert!(deliver(ANSWER).await.contains(Finding::UNKNOWN));

        let transaction = ANSWERED.parse().unwrap();
        world.ksd.expect(transaction, NORD.parse().unwrap());
        assert!(deliver(ANSWER).await.contains(Finding::AUTHORITY_DIFFERS));

        world.ksd.shared.sent().clear();
        world.ksd.expect(transaction, "90000019".parse().unwrap());
        assert!(deliver(ANSWER).await.contains(">OK<"));
        assert!(deliver(ANSWER).await.contains(Finding::REPEATED));
        assert!(deliver(OTHER_ANSWER).await.contains(">OK<"));
        let first = world.ksd.answer(transaction).await.unwrap();
        assert_eq!(first.forretnings_validerings_kode.code(), "ACCEPTERET");
    }

    #[tokio::test]
    async fn nothing_is_awaited_that_was_not_sent() {
        assert_eq!(World::new().ksd.answer(Uuid::nil()).await, None);
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
