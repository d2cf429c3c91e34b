//! A vendor's Jobcenter: its case system is a file that it appends to, which every instance of it shares.
//!
//! The TransaktionIdentifikator is the key by which a message that comes again is known: whether it is registered is looked up, and
//! written, under a lock of the file. Calls are counted apart.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use service::clearance::Callers;
use service::config::{self, Config};
use service::http::{App, Client, Listener, Stopper};
use service::jobcenter::{CaseSystem, Jobcenter, Settings, Unavailable};
use service::message::Message;
use service::observe::Observer;
use service::outgoing::Connect;
use service::receipt::Answer;
use service::roles;
use service::secured::{Caller, Taken};
use service::store::{self, Store};
use service::tls::Credentials;
use uuid::Uuid;

/// Runs the Jobcenter of the file `config`, whose case system keeps the file `register`, until it is killed.
pub(crate) fn run(config: &Path, register: &Path) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(serve(config, register)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jobcenter: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: &Path, register: &Path) -> Result<(), Box<dyn std::error::Error>> {
    service::logging::start(service::logging::Format::Json);
    let config = Config::load(Some(config))?;
    let jobcenter = config.jobcenters.first().ok_or("no [[jobcenter]]")?;
    let limits = config.limits;
    let cases = Cases(Arc::new(Mutex::new(Register::open(register)?)));
    let Some((tls, tokens)) = jobcenter.tls.as_ref().zip(config.tokens.as_ref()) else {
        let vendor = Vendor::new(&config, jobcenter, Client::new(limits), cases).await?;
        let listener = Listener::bind(jobcenter.listen).await?;
        let app = vendor.app(Callers::Anyone);
        return Ok(vendor.run(listener, app).await?);
    };
    let credentials = Credentials::load(tls.clone())?;
    let partners = &jobcenter.platform_cvr;
    let caller = Caller::by_token(credentials.clone(), limits, tokens, partners, true);
    let vendor = Vendor::new(&config, jobcenter, caller, cases).await?;
    let listener = Listener::bind_tls(jobcenter.listen, credentials.clone()).await?;
    let taken = Taken::in_store(vendor.store.clone());
    let app = vendor.app(Callers::Only(partners.clone()));
    let app = app.with_tokens(tokens, &credentials, &taken);
    Ok(vendor.run(listener, app).await?)
}

/// The Jobcenter, which calls with a `C`.
struct Vendor<'a, C> {
    config: &'a Config,
    store: Store,
    role: Jobcenter<C, Cases>,
    cases: Cases,
}

impl<'a, C: Connect> Vendor<'a, C> {
    async fn new(
        config: &'a Config,
        jobcenter: &config::Jobcenter,
        connect: C,
        cases: Cases,
    ) -> Result<Self, store::Error> {
        let settings = Settings {
            name: jobcenter.name.clone(),
            municipalities: jobcenter.municipalities.clone(),
            platform: jobcenter.platform.clone(),
            delivery: config.delivery.clone(),
            limits: config.limits,
        };
        let store = Store::serve(&config.delivery.store, &settings.store()).await?;
        let (kept, observer) = (store.clone(), Observer::none());
        let role = Jobcenter::new(settings, kept, connect, observer, cases.clone());
        Ok(Self {
            config,
            store,
            role,
            cases,
        })
    }

    fn app(&self, platform: Callers) -> App {
        let (role, limits) = (self.role.clone(), self.config.limits);
        roles::jobcenter(role, platform, limits, Observer::none())
    }

    /// Says where it is, and goes on until it is killed.
    async fn run(self, listener: Listener, app: App) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let (scheme, address) = (listener.scheme(), listener.address());
        writeln!(out, "EP_JC1 {scheme}://{address}/\nready")?;
        drop(out);
        let (_stopper, stop) = Stopper::new();
        tokio::join!(
            self.role.clone().work(stop.clone()),
            listener.serve(app, stop),
            self.cases
                .answer_later(self.role, self.config.delivery.poll),
        );
        Ok(())
    }
}

/// When the business answer to a message is given, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// ACCEPTERET at once.
    AtOnce,
    /// AFVIST at once.
    Refusing,
    /// ACCEPTERET later.
    Later,
    /// MODTAGET at once, and ACCEPTERET later.
    Twice,
}

impl Manner {
    /// How the message is answered: its own id decides, so that every instance decides the same.
    pub(crate) fn of(transaction: Uuid) -> Self {
        match transaction.as_bytes()[0] % 6 {
            0 => Self::Later,
            1 => Self::Twice,
            2 => Self::Refusing,
            _ => Self::AtOnce,
        }
    }

    fn at_once(self) -> Option<Answer> {
        match self {
            Self::AtOnce => Some(Answer::Accepted),
            Self::Refusing => Some(Answer::Rejected {
                reason: "Borgeren er flyttet.".to_owned(),
            }),
            Self::Later => None,
            Self::Twice => Some(Answer::Received),
        }
    }

    const fn has_more(self) -> bool {
        matches!(self, Self::Later | Self::Twice)
    }
}

#[derive(Clone)]
struct Cases(Arc<Mutex<Register>>);

impl CaseSystem for Cases {
    async fn register(&self, message: &Message) -> Result<Option<Answer>, Unavailable> {
        let transaction = message.transaction();
        let case = message
            .header()
            .sag_identifikator
            .as_ref()
            .map_or(transaction, |case| case.uuid());
        let registered = self.with(|register| register.register(transaction, case));
        match registered {
            Ok(()) => Ok(Manner::of(transaction).at_once()),
            Err(error) => Err(Unavailable(format!("the register: {error}"))),
        }
    }
}

impl Cases {
    /// The register is a file, and a file makes its caller wait.
    fn with<T>(&self, work: impl FnOnce(&mut Register) -> io::Result<T>) -> io::Result<T> {
        tokio::task::block_in_place(|| {
            let mut register = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut register)
        })
    }

    /// Says the answers that were left for later.
    async fn answer_later<C: Connect>(&self, role: Jobcenter<C, Self>, poll: Duration) {
        loop {
            // What fails now is tried again in a moment.
            for transaction in self.with(Register::unanswered).unwrap_or_default() {
                if role.answer(transaction, Answer::Accepted).await.is_ok() {
                    let _ = self.with(|register| register.write("answered", transaction, ""));
                }
            }
            tokio::time::sleep(poll).await;
        }
    }
}

/// What the file says, a line each: `called ID`, `registered ID CASE`, `answered ID`.
#[derive(Debug)]
pub(crate) struct Register {
    file: File,
    read: u64,
    calls: BTreeMap<Uuid, usize>,
    registered: Vec<(Uuid, Uuid)>,
    known: BTreeMap<Uuid, bool>,
}

impl Register {
    /// Opens the file, which is made where it is missing.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).read(true).append(true).open(path)?;
        let mut register = Self {
            file,
            read: 0,
            calls: BTreeMap::new(),
            registered: Vec::new(),
            known: BTreeMap::new(),
        };
        register.locked(|_| Ok(()))?;
        Ok(register)
    }

    /// How often each message came.
    pub(crate) const fn calls(&self) -> &BTreeMap<Uuid, usize> {
        &self.calls
    }

    /// The messages and their cases, in the order of registration.
    pub(crate) fn registered(&self) -> &[(Uuid, Uuid)] {
        &self.registered
    }

    /// How many messages are registered by now.
    pub(crate) fn count(&mut self) -> io::Result<usize> {
        self.locked(|_| Ok(()))?;
        Ok(self.registered.len())
    }

    fn register(&mut self, transaction: Uuid, case: Uuid) -> io::Result<()> {
        self.locked(|register| {
            register.append(&format!("called {transaction}\n"))?;
            if !register.known.contains_key(&transaction) {
                register.append(&format!("registered {transaction} {case}\n"))?;
            }
            Ok(())
        })
    }

    fn write(&mut self, what: &str, transaction: Uuid, more: &str) -> io::Result<()> {
        self.locked(|register| register.append(&format!("{what} {transaction}{more}\n")))
    }

    /// What is registered and has an answer left to be said.
    fn unanswered(&mut self) -> io::Result<Vec<Uuid>> {
        self.locked(|_| Ok(()))?;
        let open = self
            .known
            .iter()
            .filter(|(transaction, answered)| !**answered && Manner::of(**transaction).has_more());
        Ok(open.map(|(transaction, _)| *transaction).collect())
    }

    /// Does `work` on the file as it is now, alone.
    fn locked(&mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.file.lock()?;
        let outcome = self.catch_up().and_then(|()| work(self));
        self.file.unlock()?;
        outcome
    }

    /// Reads what has been written since; a line that somebody died over is cut off.
    fn catch_up(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut text = String::new();
        self.file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole].lines().for_each(|line| self.learn(line));
        self.read += whole as u64;
        if whole < text.len() {
            self.file.set_len(self.read)?;
        }
        Ok(())
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.catch_up()
    }

    fn learn(&mut self, line: &str) {
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        let mut id = || words.next().and_then(|word| word.parse::<Uuid>().ok());
        let Some(transaction) = id() else { return };
        match what {
            "called" => *self.calls.entry(transaction).or_default() += 1,
            "registered" => {
                self.registered
                    .push((transaction, id().unwrap_or_default()));
                self.known.insert(transaction, false);
            }
            _ => _ = self.known.insert(transaction, true),
        }
    }
}
