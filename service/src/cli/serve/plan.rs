//! What a process serves: the roles that it was asked for, made from the configuration.

use std::net::SocketAddr;

use super::super::{Error, Exit, Role, Serve};
use crate::clearance::Callers;
use crate::config::{self, Config, Tls};
use crate::http::{App, Client};
use crate::jobcenter::{AcceptAll, Jobcenter, Settings};
use crate::ksd::Ksd;
use crate::logging;
use crate::outgoing::Connect;
use crate::platform::Platform;
use crate::roles;
use crate::routing::Table;
use crate::tls::{Credentials, Dialer};

/// What to serve where, and what to reload.
pub(super) struct Plan {
    pub(super) sites: Vec<Site>,
    /// The roles without TLS, by their sections of the configuration.
    pub(super) plain: Vec<String>,
    pub(super) table: Option<Table>,
    pub(super) credentials: Vec<Credentials>,
}

/// A listener's address, how it proves itself, and what it serves.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    pub(super) credentials: Option<Credentials>,
    pub(super) app: App,
}

impl Plan {
    pub(super) fn new(arguments: &Serve, config: &Config) -> Result<Self, Error> {
        let mut planner = Planner {
            arguments,
            config,
            plan: Self {
                sites: Vec::new(),
                plain: Vec::new(),
                table: None,
                credentials: Vec::new(),
            },
        };
        if matches!(arguments.role, Role::Ksd | Role::All) {
            planner.ksd()?;
        }
        if matches!(arguments.role, Role::Platform | Role::All) {
            planner.platform()?;
        }
        if matches!(arguments.role, Role::Jobcenter | Role::All) {
            planner.jobcenters()?;
        }
        Ok(planner.plan)
    }
}

/// A plan in the making.
struct Planner<'a> {
    arguments: &'a Serve,
    config: &'a Config,
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
        self.plan.credentials.push(credentials.clone());
        Ok(Some(credentials))
    }

    fn site(&mut self, address: SocketAddr, credentials: Option<Credentials>, app: App) {
        self.plan.sites.push(Site {
            address,
            credentials,
            app,
        });
    }

    fn ksd(&mut self) -> Result<(), Error> {
        let ksd = self.config.ksd.as_ref();
        let ksd = ksd.ok_or_else(|| self.missing("[ksd]"))?;
        let credentials = self.credentials("ksd", ksd.tls.as_ref())?;
        let limits = self.config.limits;
        let app = match &credentials {
            None => ksd_app(ksd, Callers::Anyone, Client::new(limits), self.config),
            Some(credentials) => {
                let client = Client::over(Dialer::new(credentials.clone()), limits);
                ksd_app(ksd, Callers::holders_like(credentials), client, self.config)
            }
        };
        self.site(ksd.listen, credentials, app);
        Ok(())
    }

    fn platform(&mut self) -> Result<(), Error> {
        let platform = self.config.platform.as_ref();
        let platform = platform.ok_or_else(|| self.missing("[platform]"))?;
        let credentials = self.credentials("platform", platform.tls.as_ref())?;
        let limits = self.config.limits;
        let table = Table::new(platform.routes.clone());
        let app = match &credentials {
            None => platform_app(platform, &table, Client::new(limits), self.config),
            Some(credentials) => {
                let client = Client::over(Dialer::new(credentials.clone()), limits);
                platform_app(platform, &table, client, self.config)
            }
        };
        self.plan.table = Some(table);
        self.site(platform.listen, credentials, app);
        Ok(())
    }

    fn jobcenters(&mut self) -> Result<(), Error> {
        if self.config.jobcenters.is_empty() {
            return Err(self.missing("[[jobcenter]]"));
        }
        let limits = self.config.limits;
        for (index, jobcenter) in self.config.jobcenters.iter().enumerate() {
            let key = format!("jobcenter[{index}]");
            let credentials = self.credentials(&key, jobcenter.tls.as_ref())?;
            let app = match &credentials {
                None => jobcenter_app(jobcenter, Client::new(limits), self.config),
                Some(credentials) => {
                    let client = Client::over(Dialer::new(credentials.clone()), limits);
                    jobcenter_app(jobcenter, client, self.config)
                }
            };
            self.site(jobcenter.listen, credentials, app);
        }
        Ok(())
    }
}

fn ksd_app<C: Connect>(ksd: &config::Ksd, own: Callers, connect: C, config: &Config) -> App {
    let role = Ksd::new(ksd.platform.clone(), connect, logging::observer());
    let platform = Callers::partners(&ksd.platform_cvr);
    roles::ksd(&role, platform, own, config.limits, logging::observer())
}

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
    );
    roles::platform(&role, config.limits, logging::observer())
}

fn jobcenter_app<C: Connect>(jobcenter: &config::Jobcenter, connect: C, config: &Config) -> App {
    let settings = Settings {
        name: jobcenter.name.clone(),
        municipalities: jobcenter.municipalities.clone(),
        platform: jobcenter.platform.clone(),
    };
    let role = Jobcenter::new(settings, connect, logging::observer(), AcceptAll);
    let platform = Callers::partners(&jobcenter.platform_cvr);
    roles::jobcenter(role, platform, config.limits, logging::observer())
}
