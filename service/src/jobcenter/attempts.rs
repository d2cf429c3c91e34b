//! What a Jobcenter owes, attempt by attempt: registrations to its case system, answers to the platform.

use std::sync::Arc;

use generated::ksd_sygefravaer::{
    KsdSygefravaerServiceClient, SendForretningsSvarRequest, elements,
};

use super::{CaseSystem, Shared, Unavailable};
use crate::delivery::owed;
use crate::delivery::said::Said;
use crate::delivery::task::Outcome;
use crate::delivery::worker::Attempt;
use crate::endpoint::{Endpoint, PLATFORM};
use crate::message::Message;
use crate::outgoing::{self, Advice, Connect, Destination, Outgoing, passable};
use crate::receipt::Answer;
use crate::refusal::Refusal;
use crate::store::{Ended, Job, Kind, NewTask};

/// The answer to `message` as what is owed. Its document is kept, so that it goes out the same however often.
pub(super) fn task(message: &Message, answer: Answer) -> Result<NewTask, Refusal> {
    let request = SendForretningsSvarRequest {
        call_context: None,
        authority_context: message.authority_context().cloned(),
        header: message.header().clone().into(),
        forretningskvittering: answer.into(),
    };
    let content = elements::SEND_FORRETNINGS_SVAR_REQUEST.write(&request);
    let content = content.map_err(|error| owed::unwritable(&error))?;
    let answer = &request.forretningskvittering;
    Ok(NewTask {
        transaction: message.transaction(),
        lane: owed::lane(message),
        municipality: message.municipality(),
        operation: OPERATION,
        code: Some(answer.forretnings_validerings_kode.code()),
        digest: owed::sha256(content.as_bytes()),
        content,
    })
}

const OPERATION: &str = "SendForretningsSvar";

/// Registers messages in the case system.
pub(super) struct Registrar<C, S>(pub(super) Arc<Shared<C, S>>);

impl<C: Connect, S: CaseSystem> Attempt for Registrar<C, S> {
    const KIND: Kind = Kind::Registration;

    async fn attempt(&self, job: &Job) -> Ended {
        let Self(shared) = self;
        let message = match Message::read(&job.content, &shared.settings.limits.reading()).await {
            Ok(message) => message,
            Err(error) => return owed::unreadable(error),
        };
        let follows = match shared.cases.register(&message).await {
            Ok(answer) => answer.map(|answer| task(&message, answer)).transpose(),
            Err(Unavailable(reason)) => return Ended::failed(&passable(&reason)),
        };
        match follows {
            Ok(follows) => Ended {
                outcome: Outcome::Delivered,
                said: Said::default(),
                asked: None,
                follows,
            },
            Err(refusal) => Ended::failed(&refusal.to_string()),
        }
    }

    fn ended(&self) {
        self.0.registered.notify_one();
    }
}

/// Hands answers to the platform.
pub(super) struct Answerer<C, S>(pub(super) Arc<Shared<C, S>>);

impl<C: Connect, S: CaseSystem> Attempt for Answerer<C, S> {
    const KIND: Kind = Kind::Answer;

    async fn attempt(&self, job: &Job) -> Ended {
        let Self(shared) = self;
        let limits = shared.settings.limits.reading();
        let request = match elements::SEND_FORRETNINGS_SVAR_REQUEST.read(&job.content, &limits) {
            Ok(request) => request,
            Err(error) => return owed::unreadable(error),
        };
        let code = request.forretningskvittering.forretnings_validerings_kode;
        let outgoing = Outgoing {
            from: &shared.settings.name,
            to: PLATFORM,
            endpoint: Endpoint::Jc2,
            operation: OPERATION,
            transaction: job.transaction,
            municipality: job.municipality,
            answer: Some(code.code()),
        };
        let advice = Advice::default();
        let transport = shared.connect.reach(Destination {
            endpoint: Endpoint::Jc2,
            url: &shared.settings.platform,
            municipality: job.municipality,
            time: None,
            advice: Some(&advice),
        });
        let client = KsdSygefravaerServiceClient::new(transport);
        let call = async {
            let response = client.send_forretnings_svar(&request).await?;
            Ok(response.sygefravaer_response)
        };
        let receipt = outgoing.make(&shared.observer, call).await;
        outgoing::ended(receipt, &advice)
    }
}
