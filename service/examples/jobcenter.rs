//! A vendor's whole Jobcenter: it takes messages in at EP_JC1 and answers them through the platform's EP_JC2.
//!
//! Run it in place of the Jobcenter "Nord" of the sample configuration, beside a platform and KSD, and send it a message:
//!
//! ```text
//! cargo run --example jobcenter
//! cargo run -- serve --role platform --config service/sf209x.toml --insecure
//! cargo run -- serve --role ksd --config service/sf209x.toml --insecure
//! cargo run -- send wsdl/samples/Opret.request.xml --config service/sf209x.toml --insecure
//! ```

use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use service::clearance::Callers;
use service::config::{Delivery, Limits};
use service::http::{Client, Listener, Stopper};
use service::jobcenter::{CaseSystem, Jobcenter, Settings, Unavailable};
use service::message::Message;
use service::receipt::{Answer, Finding};
use service::store::Store;
use service::{logging, roles};
use tokio::task::JoinSet;
use uuid::Uuid;

/// The cases that are open, and the answer to each message: one that comes again is answered as before, and changes nothing.
#[derive(Default)]
struct Cases(Mutex<(HashSet<Uuid>, HashMap<Uuid, Answer>)>);

impl CaseSystem for Cases {
    async fn register(&self, message: &Message) -> Result<Option<Answer>, Unavailable> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (open, answers) = &mut *known;
        let answer = answers.entry(message.transaction());
        Ok(Some(
            answer.or_insert_with(|| decide(open, message)).clone(),
        ))
    }
}

fn decide(open: &mut HashSet<Uuid>, message: &Message) -> Answer {
    let Some(case) = &message.header().sag_identifikator else {
        let reason = "Sagen er ikke angivet.".to_owned();
        return Answer::Rejected { reason };
    };
    let case = case.uuid();
    let known = match message {
        Message::Opret(_) => {
            open.insert(case);
            true
        }
        Message::Afslut(_) => open.remove(&case),
        Message::OpdaterSelvstaendig(_)
        | Message::OpdaterLoenmodtager(_)
        | Message::OpdaterPensionskode(_)
        | Message::OpdaterOphoer(_)
        | Message::OpdaterStatus(_) => open.contains(&case),
    };
    if known {
        return Answer::Accepted;
    }
    let first = Finding::new("SagUkendt", format!("Sagen {case} er ikke åben."));
    let more = Vec::new();
    Answer::Failed { first, more }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    logging::start(logging::Format::Text);
    let (limits, delivery) = (Limits::default(), Delivery::default());
    let settings = Settings {
        name: "Nord".to_owned(),
        municipalities: BTreeSet::from(["90000001".parse()?, "90000019".parse()?]),
        platform: "http://127.0.0.1:8090/service/Sygefravaer/KSDSygefravaer/1".parse()?,
        delivery: delivery.clone(),
        limits,
    };
    let store = Store::serve(&delivery.store, &settings.store()).await?;
    let (client, observer) = (Client::new(limits), logging::observer());
    let jobcenter = Jobcenter::new(settings, store, client, observer, Cases::default());
    let listener = Listener::bind("127.0.0.1:8092".parse()?).await?;
    println!("EP_JC1 at {}", listener.address());

    let (stopper, stop) = Stopper::new();
    let mut running = JoinSet::new();
    running.spawn(jobcenter.clone().work(stop.clone()));
    let app = roles::jobcenter(jobcenter, Callers::Anyone, limits, logging::observer());
    running.spawn(listener.serve(app, stop));
    // One without the other would promise what nobody does: where one ends by a defect, the process ends with an error.
    tokio::select! {
        signal = tokio::signal::ctrl_c() => signal?,
        Some(ended) = running.join_next() => return Ok(ended?),
    }
    stopper.stop();
    running.join_all().await;
    Ok(())
}
