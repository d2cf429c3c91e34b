//! `sf209x serve`: the roles that the configuration names, until a signal.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use self::plan::Plan;
use super::running::{Running, WATCHER};
use super::signals::Signals;
use super::{Error, Exit, Serve, runtime};
use crate::config::{self, Config};
use crate::http::{App, Listener, Stopper};
use crate::logging;
use crate::routing::Table;
use crate::store::Location;
use crate::tls::{Credentials, Reloaded, Watcher};

mod plan;

pub(super) fn run(arguments: &Serve) -> Result<(), Error> {
    logging::start(arguments.log_format);
    let mut config = Config::load(arguments.config.as_deref())?;
    if let Some(data) = &arguments.data {
        config.delivery.store = Location::Directory(data.clone());
    }
    runtime()?.block_on(serve(arguments, &config))
}

async fn serve(arguments: &Serve, config: &Config) -> Result<(), Error> {
    let (stopper, stop) = Stopper::new();
    let plan = Plan::new(arguments, config, &stop).await?;
    for role in &plan.plain {
        warn_of_plain_http(role, arguments.log_format);
    }
    let mut bound = Vec::with_capacity(plan.sites.len());
    for site in plan.sites {
        let listener = bind(site.address, site.credentials).await?;
        bound.push((listener, site.app));
    }
    let signals = Signals::listen()?;
    announce(&bound)?;
    let mut running = Running::default();
    for (listener, app) in bound {
        let name = format!("the listener at {}", listener.address());
        running.spawn(name, listener.serve(app, stop.clone()));
    }
    for worker in plan.workers {
        running.spawn(worker.name, worker.task);
    }
    let reloads = Reloads {
        file: arguments.config.as_deref(),
        table: plan.table,
        reloaded: Reloaded {
            credentials: plan.credentials,
            signers: config.tokens.as_ref().map(|tokens| tokens.signers.clone()),
        },
    };
    running.spawn_until(stop, WATCHER, reloads.watcher()?.run());
    let stopped = running.until_stopped(signals, || reloads.reload()).await;
    tracing::info!("stopping");
    stopper.stop();
    running.finish().await;
    stopped
}

/// Said where whoever starts a process looks, and where whoever runs it does.
fn warn_of_plain_http(role: &str, format: logging::Format) {
    let text =
        "--insecure: plain HTTP on loopback; nothing is encrypted and nobody proves who they are";
    // Whoever reads JSON from standard error reads nothing else there.
    if format == logging::Format::Text {
        eprintln!("sf209x: {role}: {text}");
    }
    tracing::warn!(role, "{text}");
}

async fn bind(address: SocketAddr, credentials: Option<Credentials>) -> Result<Listener, Error> {
    let listener = match credentials {
        None => Listener::bind(address).await,
        Some(credentials) => Listener::bind_tls(address, credentials).await,
    };
    listener.map_err(|error| Error::new(Exit::Io, format!("{address}: {error}")))
}

/// Tells on standard output where each endpoint is, and then that all of them are there.
fn announce(bound: &[(Listener, App)]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (listener, app) in bound {
        for endpoint in app.endpoints() {
            writeln!(
                out,
                "{endpoint} {}://{}{} ({})",
                listener.scheme(),
                listener.address(),
                endpoint.path(),
                app.served_by()
            )?;
        }
    }
    writeln!(out, "ready")?;
    out.flush()
}

/// What is read again while the process runs.
struct Reloads<'a> {
    file: Option<&'a Path>,
    table: Option<Table>,
    reloaded: Reloaded,
}

impl Reloads<'_> {
    /// Reads certificates, keys and revocation lists again whenever their files change.
    fn watcher(&self) -> Result<Watcher, Error> {
        let watcher = Watcher::new(self.reloaded.clone());
        watcher.map_err(|error| {
            let text = format!("the folders of certificates and keys cannot be watched: {error}");
            Error::new(Exit::Io, text)
        })
    }

    /// Puts the files in force as they are now; one with an error changes nothing.
    fn reload(&self) {
        self.reloaded.reload();
        let Some(table) = &self.table else {
            tracing::warn!("this process has no mapping table to reload");
            return;
        };
        match Config::load(self.file).map(|config| config.platform) {
            Ok(Some(platform)) => {
                let municipalities = platform.routes.iter().count();
                table.replace(platform.routes);
                tracing::info!(municipalities, "the mapping table is reloaded");
            }
            Ok(None) => tracing::error!(
                "the mapping table stays as it is: {}: [platform] is missing",
                config::named(self.file).display()
            ),
            Err(error) => tracing::error!("the mapping table stays as it is: {error}"),
        }
    }
}
