//! `sf209x serve`: the roles that the configuration names, until a signal.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use super::{Error, Exit, Role, Serve, runtime};
use crate::clearance::Callers;
use crate::config::{self, Config};
use crate::http::{App, Client, Listener, Stopper};
use crate::jobcenter::{AcceptAll, Jobcenter, Settings};
use crate::ksd::Ksd;
use crate::logging;
use crate::platform::Platform;
use crate::roles;
use crate::routing::Table;

pub(super) fn run(arguments: &Serve) -> Result<(), Error> {
    logging::start(arguments.log_format);
    let config = Config::load(arguments.config.as_deref())?;
    runtime()?.block_on(serve(arguments, &config))
}

async fn serve(arguments: &Serve, config: &Config) -> Result<(), Error> {
    let plan = Plan::new(arguments.role, config, arguments.config.as_deref())?;
    let mut bound = Vec::with_capacity(plan.sites.len());
    for (address, app) in plan.sites {
        let listener = Listener::bind(address).await;
        let listener =
            listener.map_err(|error| Error::new(Exit::Io, format!("{address}: {error}")))?;
        bound.push((listener, app));
    }
    announce(&bound)?;
    let (stopper, stop) = Stopper::new();
    let mut listeners = JoinSet::new();
    for (listener, app) in bound {
        listeners.spawn(listener.serve(app, stop.clone()));
    }
    wait_for_signals(arguments.config.as_deref(), plan.table.as_ref()).await?;
    tracing::info!("stopping");
    stopper.stop();
    while listeners.join_next().await.is_some() {}
    Ok(())
}

/// What to serve where, and the mapping table to reload.
struct Plan {
    sites: Vec<(SocketAddr, App)>,
    table: Option<Table>,
}

impl Plan {
    fn new(role: Role, config: &Config, file: Option<&Path>) -> Result<Self, Error> {
        let missing = |section: &str| {
            let text = format!(
                "{}: {section} is missing, which this role needs",
                config::named(file).display()
            );
            Error::new(Exit::Config, text)
        };
        let client = Client::new(config.limits);
        let mut plan = Self {
            sites: Vec::new(),
            table: None,
        };
        if matches!(role, Role::Ksd | Role::All) {
            plan.add_ksd(
                config.ksd.as_ref().ok_or_else(|| missing("[ksd]"))?,
                config,
                &client,
            );
        }
        if matches!(role, Role::Platform | Role::All) {
            plan.add_platform(
                config
                    .platform
                    .as_ref()
                    .ok_or_else(|| missing("[platform]"))?,
                config,
                &client,
            );
        }
        if matches!(role, Role::Jobcenter | Role::All) {
            if config.jobcenters.is_empty() {
                return Err(missing("[[jobcenter]]"));
            }
            for jobcenter in &config.jobcenters {
                plan.add_jobcenter(jobcenter, config, &client);
            }
        }
        Ok(plan)
    }

    fn add_ksd(&mut self, ksd: &config::Ksd, config: &Config, client: &Client) {
        let role = Ksd::new(ksd.platform.clone(), client.clone(), logging::observer());
        self.sites.push((
            ksd.listen,
            roles::ksd(&role, config.limits, logging::observer()),
        ));
    }

    fn add_platform(&mut self, platform: &config::Platform, config: &Config, client: &Client) {
        let table = Table::new(platform.routes.clone());
        let role = Platform::new(
            table.clone(),
            Callers::Anyone,
            platform.ksd.clone(),
            client.clone(),
            logging::observer(),
        );
        self.sites.push((
            platform.listen,
            roles::platform(&role, config.limits, logging::observer()),
        ));
        self.table = Some(table);
    }

    fn add_jobcenter(&mut self, jobcenter: &config::Jobcenter, config: &Config, client: &Client) {
        let settings = Settings {
            name: jobcenter.name.clone(),
            municipalities: jobcenter.municipalities.clone(),
            platform: jobcenter.platform.clone(),
        };
        let role = Jobcenter::new(settings, client.clone(), logging::observer(), AcceptAll);
        self.sites.push((
            jobcenter.listen,
            roles::jobcenter(role, config.limits, logging::observer()),
        ));
    }
}

/// Tells on standard output where each endpoint is, and then that all of them are there.
fn announce(bound: &[(Listener, App)]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (listener, app) in bound {
        for endpoint in app.endpoints() {
            writeln!(
                out,
                "{endpoint} http://{}{} ({})",
                listener.address(),
                endpoint.path(),
                app.served_by()
            )?;
        }
    }
    writeln!(out, "ready")?;
    out.flush()
}

/// Returns at the first Ctrl-C; where there are no Unix signals, a reload needs a restart.
#[cfg(not(unix))]
async fn wait_for_signals(_file: Option<&Path>, _table: Option<&Table>) -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Reloads at each SIGHUP, and returns at the first SIGINT or SIGTERM.
#[cfg(unix)]
async fn wait_for_signals(file: Option<&Path>, table: Option<&Table>) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            _ = hangup.recv() => reload(file, table),
        }
    }
}

/// Puts the mapping table of `file` in force; a file with an error changes nothing.
#[cfg(unix)]
fn reload(file: Option<&Path>, table: Option<&Table>) {
    let Some(table) = table else {
        tracing::warn!("nothing to reload: this process has no mapping table");
        return;
    };
    match Config::load(file).map(|config| config.platform) {
        Ok(Some(platform)) => {
            let municipalities = platform.routes.iter().count();
            table.replace(platform.routes);
            tracing::info!(municipalities, "the mapping table is reloaded");
        }
        Ok(None) => tracing::error!(
            "the mapping table stays as it is: {}: [platform] is missing",
            config::named(file).display()
        ),
        Err(error) => tracing::error!("the mapping table stays as it is: {error}"),
    }
}
