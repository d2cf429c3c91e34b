//! What was promised, held against the stores and the case system's own file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use service::jobcenter::store_of;
use service::ksd;
use service::store::{Kind, Location, Store, Story};
use uuid::Uuid;

use super::load::Ledger;
use super::setting::JOBCENTER;
use super::vendor::{Manner, Register};

/// Where nothing has come to its end for so long, what is left is stuck.
const DEADLINE: Duration = Duration::from_secs(120);

/// More than a run leaves open.
const MANY: u32 = 1_000_000;

/// How often the stores are asked meanwhile.
const POLL: Duration = Duration::from_millis(100);

/// Waits until nothing is owed any more, and judges what came of it; the promises that were broken.
pub(crate) async fn judge(
    location: &Location,
    register: &Path,
    ledger: Ledger,
) -> Result<(), Vec<String>> {
    let failed = |error: &dyn std::fmt::Display| vec![format!("the verdict: {error}")];
    let ksd = Store::open(location, ksd::STORE).await;
    let ksd = ksd.map_err(|error| failed(&error))?;
    let jobcenter = Store::open(location, &store_of(JOBCENTER)).await;
    let jobcenter = jobcenter.map_err(|error| failed(&error))?;
    let own: BTreeSet<Uuid> = ledger.acknowledged.iter().map(|(_, id)| *id).collect();
    let mut case = Case {
        ledger,
        breaches: Vec::new(),
        own,
    };
    case.breaches.append(&mut case.ledger.breaches);
    let outcome = async {
        case.settle(&ksd, &jobcenter).await?;
        let register = Register::open(register)?;
        case.registered(&register);
        let told = stories(&ksd, &case.own).await?;
        case.delivered(&told);
        case.answered(&told);
        let told = stories(&jobcenter, &case.own).await?;
        case.taken_in(&told, &register);
        for store in [&ksd, &jobcenter] {
            let findings = store.check().await?;
            let of = |finding| format!("the store {}: {finding}", store.name());
            case.breaches.extend(findings.into_iter().map(of));
        }
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    outcome.await.map_err(|error| failed(&error))?;
    if case.breaches.is_empty() {
        println!("nothing is lost, nothing is twice, nothing is stuck");
        Ok(())
    } else {
        Err(case.breaches)
    }
}

/// The stories of the messages of this run.
async fn stories(
    store: &Store,
    own: &BTreeSet<Uuid>,
) -> Result<Vec<Told>, Box<dyn std::error::Error>> {
    let mut told = Vec::new();
    let mut after = 0;
    loop {
        let page = store.page(after, None, SystemTime::now().into()).await?;
        let Some((last, _)) = page.last() else {
            return Ok(told);
        };
        after = *last;
        for (_, story) in page {
            let transaction: Uuid = story.entry.transaction.parse()?;
            if own.contains(&transaction) {
                told.push(Told { transaction, story });
            }
        }
    }
}

/// What a store tells of a message.
struct Told {
    transaction: Uuid,
    story: Story,
}

impl Told {
    fn outcomes(&self, outcome: &str) -> usize {
        let tries = self.story.tries.iter();
        tries.filter(|one| one.outcome == outcome).count()
    }
}

struct Case {
    ledger: Ledger,
    breaches: Vec<String>,
    /// The messages of this run: a database that others use may hold more.
    own: BTreeSet<Uuid>,
}

impl Case {
    fn broken(&mut self, breach: String) {
        self.breaches.push(breach);
    }

    /// Nothing is stuck.
    async fn settle(
        &mut self,
        ksd: &Store,
        jobcenter: &Store,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let mut moved = (usize::MAX, Instant::now());
        loop {
            // How much is left to do: each step makes it less, though a message that is delivered makes a registration.
            let mut left = 0;
            let mut open = Vec::new();
            for (entries, steps) in [
                (ksd.open_tasks(Kind::Message, MANY).await?, 5),
                (jobcenter.open_tasks(Kind::Registration, MANY).await?, 3),
                (jobcenter.open_tasks(Kind::Answer, MANY).await?, 1),
                (ksd.unanswered(MANY).await?, 1),
            ] {
                let own = entries.into_iter().filter(|entry| {
                    let transaction = entry.transaction.parse();
                    transaction.is_ok_and(|transaction| self.own.contains(&transaction))
                });
                let before = open.len();
                open.extend(own);
                left += steps * (open.len() - before);
            }
            if open.is_empty() {
                return Ok(());
            }
            if left < moved.0 {
                moved = (left, Instant::now());
            }
            if moved.1.elapsed() > DEADLINE {
                for entry in open {
                    let (id, standing) = (entry.transaction, entry.standing);
                    self.broken(format!("{id} of case {} is stuck: {standing}", entry.case));
                }
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Every message that was acknowledged is registered once, and those of a case in their order.
    fn registered(&mut self, register: &Register) {
        let by_case = |all: &[(Uuid, Uuid)]| {
            let mut cases: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
            for (case, transaction) in all {
                cases.entry(*case).or_default().push(*transaction);
            }
            cases
        };
        let registered: Vec<_> = register
            .registered()
            .iter()
            .map(|(id, case)| (*case, *id))
            .collect();
        let (acknowledged, registered) = (by_case(&self.ledger.acknowledged), by_case(&registered));
        for (case, messages) in &acknowledged {
            let found = registered.get(case).map(Vec::as_slice).unwrap_or_default();
            if found != messages {
                self.broken(format!(
                    "case {case}: acknowledged {messages:?}, registered {found:?}"
                ));
            }
        }
        for case in registered
            .keys()
            .filter(|case| !acknowledged.contains_key(case))
        {
            self.breaches.push(format!(
                "case {case} is registered, and nobody submitted it"
            ));
        }
        let calls: usize = register.calls().values().sum();
        println!(
            "{} messages of {} cases acknowledged; {} submissions unheard of and repeated; {} messages under a known id refused",
            self.ledger.acknowledged.len(),
            acknowledged.len(),
            self.ledger.unheard,
            self.ledger.refused
        );
        println!(
            "{} registrations by {calls} calls of the case system",
            register.registered().len()
        );
    }

    /// KSD handed every message over, and was told of each repeat.
    fn delivered(&mut self, told: &[Told]) {
        let of_kind = |told: &Told| told.story.kind == "message";
        let messages: Vec<&Told> = told.iter().filter(|told| of_kind(told)).collect();
        if messages.len() != self.own.len() {
            self.broken(format!("{} messages in KSD's store", messages.len()));
        }
        let announced: usize = messages.iter().map(|told| told.outcomes("warned")).sum();
        for told in messages {
            let elsewhere = usize::from(self.ledger.overtaken.contains(&told.transaction));
            self.announced(told, elsewhere);
        }
        println!(
            "repeats announced: {} to submitters, {announced} to KSD",
            self.ledger.announced
        );
    }

    /// Of all receipts for one message one says OK, and the others ADVARSEL.
    fn announced(&mut self, told: &Told, elsewhere: usize) {
        let (id, kind) = (told.transaction, &told.story.kind);
        let new = told.outcomes("delivered") + elsewhere;
        if new > 1 {
            self.broken(format!("{kind} {id} was taken for new {new} times"));
        }
        let standing = &told.story.entry.standing;
        if !["delivered", "warned"].contains(&standing.as_str()) {
            self.broken(format!("{kind} {id} is {standing}"));
        }
        if told.outcomes("refused") > 0 {
            self.broken(format!("{kind} {id} was refused"));
        }
    }

    /// Every answer reached KSD, and counted once.
    fn answered(&mut self, told: &[Told]) {
        let mut count = 0;
        for told in told {
            let answers = told.story.answers.iter();
            let mut codes: Vec<&str> = answers.map(|answer| answer.code.as_str()).collect();
            codes.sort_unstable();
            let expected: &[&str] = match Manner::of(told.transaction) {
                Manner::AtOnce | Manner::Later => &["ACCEPTERET"],
                Manner::Refusing => &["AFVIST"],
                Manner::Twice => &["ACCEPTERET", "MODTAGET"],
            };
            count += codes.len();
            if codes != expected {
                self.broken(format!(
                    "{} was answered {codes:?}, not {expected:?}",
                    told.transaction
                ));
            }
        }
        println!("{count} answers taken in");
    }

    /// The Jobcenter took in what was submitted, called its case system once an attempt, and was told of repeated answers.
    fn taken_in(&mut self, told: &[Told], register: &Register) {
        let mut announced = 0;
        for told in told {
            if told.story.kind == "registration" {
                let calls = register
                    .calls()
                    .get(&told.transaction)
                    .copied()
                    .unwrap_or_default();
                let attempts = told.story.entry.attempts;
                if i64::try_from(calls).is_ok_and(|calls| calls > attempts) {
                    let id = told.transaction;
                    self.broken(format!("{id}: {calls} calls in {attempts} attempts"));
                }
            } else {
                announced += told.outcomes("warned");
                self.announced(told, 0);
            }
        }
        println!("repeats announced: {announced} to the Jobcenter");
    }
}
