//! What a process serves: the roles that it was asked for, made from the configuration.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::SystemTime;

use super::super::running::until;
use super::super::{Error, Exit, Role, Serve};
use crate::clearance::Callers;
use crate::config::{self, Config, Replays, Tls};
use crate::delivery::worker;
use crate::endpoint::Endpoint;
use crate::http::{App, Client, Stop};
use crate::jobcenter::{AcceptAll, Jobcenter, Settings, store_of};
use crate::ksd::{self, Ksd};
use crate::logging;
use crate::outgoing::Connect;
use crate::platform::{self, Platform};
use crate::policy::Means;
use crate::roles;
use crate::routing::{Cvr, Table};
use crate::secured::{Caller, Taken};
use crate::store::Store;
use crate::tls::Credentials;

/// What to serve where, what delivers, and what to reload.
pub(super) struct Plan {
    pub(super) sites: Vec<Site>,
    pub(super) workers: Vec<Worker>,
    /// The roles without TLS, by their sections of the configuration.
    pub(super) plain: Vec<String>,
    pub(super) table: Option<Table>,
    pub(super) credentials: Vec<Credentials>,
}

/// What a role does beside answering calls.
pub(super) struct Worker {
    /// What the log calls it.
    pub(super) name: String,
    /// Ends when the process stops, and not before.
    pub(super) task: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// A listener's address, how it proves itself, and what it serves.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    pub(super) credentials: Option<Credentials>,
    pub(super) app: App,
}

impl Plan {
    pub(super) async fn new(
        arguments: &Serve,
        config: &Config,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let mut planner = Planner {
            arguments,
            config,
            stop,
            plan: Self {
                sites: Vec::new(),
                workers: Vec::new(),
                plain: Vec::new(),
                table: None,
                credentials: Vec::new(),
            },
        };
        if matches!(arguments.role, Role::Ksd | Role::All) {
            planner.ksd().await?;
        }
        if matches!(arguments.role, Role::Platform | Role::All) {
            planner.platform().await?;
        }
        if matches!(arguments.role, Role::Jobcenter | Role::All) {
            planner.jobcenters().await?;
        }
        Ok(planner.plan)
    }
}

/// A plan in the making.
struct Planner<'a> {
    arguments: &'a Serve,
    config: &'a Config,
    stop: &'a Stop,
    plan: Plan,
}

impl Planner<'_> {
    fn wrong(&self, text: &str) -> Error {
        let file = config::named(self.arguments.config.as_deref());
        Error::new(Exit::Config, format!("{}: {text}", file.display()))
    }

    fn missing(&self, section: &str) -> Error {
        self.wrong(&format!("{section} is missing, which this role needs"))
    }

    /// The credentials of the role at `key`; none only where plain HTTP was asked for.
    fn credentials(&mut self, key: &str, tls: Option<&Tls>) -> Result<Option<Credentials>, Error> {
        let Some(tls) = tls else {
            if !self.arguments.insecure {
                let text = format!(
                    "{key}.tls is missing; without it the role speaks plain HTTP on loopback, which only --insecure allows"
                );
                return Err(self.wrong(&text));
            }
            self.plan.plain.push(key.to_owned());
            return Ok(None);
        };
        let credentials = Credentials::load(tls.clone())
            .map_err(|error| self.wrong(&format!("{key}.tls: {error}")))?;
        warn_of_expiry(key, &credentials);
        self.plan.credentials.push(credentials.clone());
        Ok(Some(credentials))
    }

    /// Checks that the role at `key` can serve and call these endpoints as their contracts demand; the log tells of the ways that are
    /// not open to it.
    fn meet(&self, key: &str, tls: bool, endpoints: &[Endpoint]) -> Result<(), Error> {
        let tokens = self.config.tokens.is_some();
        let means = Means { tls, tokens };
        for endpoint in endpoints {
            let closed = means
                .meet(*endpoint)
                .map_err(|unmet| self.wrong(&format!("{key}: {unmet}")))?;
            if let Some(unmet) = closed {
                tracing::info!(role = key, reason = %unmet, "a way of the contract is not open");
            }
        }
        Ok(())
    }

    /// Checks that the role at `key` knows where callers reach what it serves of these endpoints, so that it can tell messages that
    /// are for others.
    fn reached(&self, key: &str, endpoints: &[Endpoint]) -> Result<(), Error> {
        let Some(tokens) = &self.config.tokens else {
            return Ok(());
        };
        let unknown = |endpoint: &&Endpoint| tokens.addresses(**endpoint).is_empty();
        match endpoints.iter().find(unknown) {
            None => Ok(()),
            Some(endpoint) => Err(self.wrong(&format!(
                "tokens.addresses.{endpoint} is missing: {key} serves it, and takes signed messages that are addressed (wsa:To) to it alone"
            ))),
        }
    }

    /// What the role with `credentials` calls `partners` with.
    fn caller(
        &self,
        credentials: &Credentials,
        partners: &BTreeSet<Cvr>,
        by_token: bool,
    ) -> Caller {
        let (credentials, limits) = (credentials.clone(), self.config.limits);
        match &self.config.tokens {
            None => Caller::by_certificate(credentials, limits),
            Some(tokens) => Caller::by_token(credentials, limits, tokens, partners, by_token),
        }
    }

    fn site(
        &mut self,
        address: SocketAddr,
        credentials: Option<Credentials>,
        taken: &Taken,
        app: App,
    ) {
        let app = match (&credentials, &self.config.tokens) {
            (Some(credentials), Some(tokens)) => app.with_tokens(tokens, credentials, taken),
            _ => app,
        };
        self.plan.sites.push(Site {
            address,
            credentials,
            app,
        });
    }

    async fn ksd(&mut self) -> Result<(), Error> {
        let ksd = self.config.ksd.as_ref();
        let ksd = ksd.ok_or_else(|| self.missing("[ksd]"))?;
        let credentials = self.credentials("ksd", ksd.tls.as_ref())?;
        let limits = self.config.limits;
        let store = self.store(ksd::STORE).await?;
        let taken = Taken::in_store(store.clone());
        let app = match &credentials {
            None => self.ksd_app(ksd, store, Callers::Anyone, Client::new(limits)),
            Some(credentials) => {
                self.meet("ksd", true, &[Endpoint::Fs1, Endpoint::Fs2])?;
                self.reached("ksd", &[Endpoint::Fs2])?;
                let caller = self.caller(credentials, &ksd.platform_cvr, false);
                self.ksd_app(ksd, store, Callers::holders_like(credentials), caller)
            }
        };
        self.site(ksd.listen, credentials, &taken, app);
        Ok(())
    }

    async fn platform(&mut self) -> Result<(), Error> {
        let platform = self.config.platform.as_ref();
        let platform = platform.ok_or_else(|| self.missing("[platform]"))?;
        let credentials = self.credentials("platform", platform.tls.as_ref())?;
        let limits = self.config.limits;
        let table = Table::new(platform.routes.clone());
        let app = match &credentials {
            None => platform_app(platform, &table, Client::new(limits), self.config),
            Some(credentials) => {
                let all = [Endpoint::Fs1, Endpoint::Jc1, Endpoint::Jc2, Endpoint::Fs2];
                self.meet("platform", true, &all)?;
                self.reached("platform", &[Endpoint::Fs1, Endpoint::Jc2])?;
                let caller = self.caller(credentials, &platform.ksd_cvr, false);
                platform_app(platform, &table, caller, self.config)
            }
        };
        self.plan.table = Some(table);
        let taken = self.platform_taken(platform.replays).await?;
        self.site(platform.listen, credentials, &taken, app);
        Ok(())
    }

    /// Where the platform remembers signed messages. Instances on one machine may share a file: none works on what is in it.
    async fn platform_taken(&mut self, replays: Replays) -> Result<Taken, Error> {
        if replays == Replays::Memory || self.config.tokens.is_none() {
            return Ok(Taken::in_memory());
        }
        let delivery = &self.config.delivery;
        let store = Store::open(&delivery.store, platform::STORE).await;
        let store =
            store.map_err(|error| Error::store(&delivery.store, platform::STORE, &error))?;
        let erasing = worker::erase(store.clone(), delivery.keep, self.stop.clone());
        self.worker("the worker of the platform", erasing);
        self.mind(&store, platform::STORE);
        Ok(Taken::in_store(store))
    }

    async fn jobcenters(&mut self) -> Result<(), Error> {
        if self.config.jobcenters.is_empty() {
            return Err(self.missing("[[jobcenter]]"));
        }
        let limits = self.config.limits;
        for (index, jobcenter) in self.config.jobcenters.iter().enumerate() {
            let key = format!("jobcenter[{index}]");
            let credentials = self.credentials(&key, jobcenter.tls.as_ref())?;
            let store = self.store(&store_of(&jobcenter.name)).await?;
            let taken = Taken::in_store(store.clone());
            let app = match &credentials {
                None => self.jobcenter_app(jobcenter, store, Client::new(limits)),
                Some(credentials) => {
                    self.meet(&key, true, &[Endpoint::Jc1, Endpoint::Jc2])?;
                    if jobcenter.by_token && self.config.tokens.is_none() {
                        return Err(
                            self.wrong(&format!("{key}.by_token: the section [tokens] is missing"))
                        );
                    }
                    let partners = &jobcenter.platform_cvr;
                    let caller = self.caller(credentials, partners, jobcenter.by_token);
                    self.jobcenter_app(jobcenter, store, caller)
                }
            };
            self.site(jobcenter.listen, credentials, &taken, app);
        }
        Ok(())
    }

    /// The store of `party`, for this process to serve from.
    async fn store(&mut self, party: &str) -> Result<Store, Error> {
        let location = &self.config.delivery.store;
        let store = Store::serve(location, party).await;
        let store = store.map_err(|error| Error::store(location, party, &error))?;
        self.mind(&store, party);
        Ok(store)
    }

    fn worker(&mut self, name: impl Into<String>, task: impl Future<Output = ()> + Send + 'static) {
        self.plan.workers.push(Worker {
            name: name.into(),
            task: Box::pin(task),
        });
    }

    /// Has the process end with what commits to `store`.
    fn mind(&mut self, store: &Store, party: &str) {
        let store = store.clone();
        let closed = until(self.stop.clone(), async move { store.closed().await });
        self.worker(format!("the store of {party}"), closed);
    }

    fn ksd_app<C: Connect>(
        &mut self,
        ksd: &config::Ksd,
        store: Store,
        own: Callers,
        connect: C,
    ) -> App {
        let limits = self.config.limits;
        let settings = ksd::Settings {
            platform: ksd.platform.clone(),
            systems: ksd.systems.clone(),
            delivery: self.config.delivery.clone(),
            limits,
        };
        let role = Ksd::new(settings, store, connect, logging::observer());
        let platform = Callers::partners(&ksd.platform_cvr);
        let app = roles::ksd(&role, platform, own, limits, logging::observer());
        self.worker("the worker of KSD", role.work(self.stop.clone()));
        app
    }

    fn jobcenter_app<C: Connect>(
        &mut self,
        jobcenter: &config::Jobcenter,
        store: Store,
        connect: C,
    ) -> App {
        let limits = self.config.limits;
        let settings = Settings {
            name: jobcenter.name.clone(),
            municipalities: jobcenter.municipalities.clone(),
            platform: jobcenter.platform.clone(),
            delivery: self.config.delivery.clone(),
            limits,
        };
        let role = Jobcenter::new(settings, store, connect, logging::observer(), AcceptAll);
        let worker = role.clone().work(self.stop.clone());
        self.worker(format!("the worker of {}", jobcenter.name), worker);
        let platform = Callers::partners(&jobcenter.platform_cvr);
        roles::jobcenter(role, platform, limits, logging::observer())
    }
}

/// Whoever runs the process learns in time that a new certificate is needed: to get one takes weeks.
fn warn_of_expiry(role: &str, credentials: &Credentials) {
    let current = credentials.current();
    let days = current.certificate().days_left(SystemTime::now().into());
    if days < EXPIRY {
        tracing::warn!(role, days, "the certificate expires soon, or has expired");
    }
}

/// How many days before its end a certificate is warned of.
const EXPIRY: i64 = 30;

fn platform_app<C: Connect + Clone>(
    platform: &config::Platform,
    table: &Table,
    connect: C,
    config: &Config,
) -> App {
    let callers = match &platform.tls {
        None => Callers::Anyone,
        Some(_) => Callers::Agreed(table.clone()),
    };
    let role = Platform::new(
        table.clone(),
        callers,
        platform.ksd.clone(),
        connect,
        logging::observer(),
    )
    .with_ksd_bound(platform.ksd_bound);
    roles::platform(&role, config.limits, logging::observer())
}
