//! `sf209x sts`: a security token service of our own, until SIGINT or SIGTERM; SIGHUP reads certificates again.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::running::{Running, WATCHER};
use super::signals::Signals;
use super::{Error, Exit, runtime};
use crate::config::Config;
use crate::http::{Listener, Stopper};
use crate::logging;
use crate::sts::{Granted, SecurityTokenService};
use crate::tls::{Credentials, Reloaded, Watcher};

#[derive(Debug, Args)]
pub(super) struct Sts {
    /// The configuration file with the sections [sts] and [tokens], as `sf209x pki` makes it.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How log lines look.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) log_format: logging::Format,
}

pub(super) fn run(arguments: &Sts) -> Result<(), Error> {
    logging::start(arguments.log_format);
    runtime()?.block_on(serve(arguments))
}

async fn serve(arguments: &Sts) -> Result<(), Error> {
    let name = arguments.config.display();
    let wrong = |text: String| Error::new(Exit::Config, format!("{name}: {text}"));
    let config = Config::load(Some(&arguments.config))?;
    let missing = |section| wrong(format!("{section} is missing, which this service needs"));
    let tokens = config.tokens.ok_or_else(|| missing("[tokens]"))?;
    let sts = config.sts.ok_or_else(|| missing("[sts]"))?;
    let credentials =
        Credentials::load(sts.tls).map_err(|error| wrong(format!("sts.tls: {error}")))?;
    let signers = tokens.signers.clone();
    if !signers.current().name(credentials.current().certificate()) {
        let text = "tokens.signers does not list the certificate of sts.tls: nobody would believe its tokens";
        return Err(wrong(text.to_owned()));
    }
    let address = sts.listen;
    let listener = Listener::bind_open_tls(address, credentials.clone()).await;
    let listener = listener.map_err(|error| Error::new(Exit::Io, format!("{address}: {error}")))?;
    let path = tokens.sts.path().to_owned();
    let granted = Granted {
        tokens,
        agreements: sts.agreements,
    };
    let service = SecurityTokenService::new(granted, credentials.clone(), config.limits);
    let signals = Signals::listen()?;
    let mut out = io::stdout().lock();
    writeln!(out, "STS https://{}{path}\nready", listener.address())?;
    out.flush()?;
    drop(out);
    let reloaded = Reloaded {
        credentials: vec![credentials],
        signers: Some(signers),
    };
    let watcher = Watcher::new(reloaded.clone());
    let watcher = watcher.map_err(|error| Error::new(Exit::Io, error.to_string()))?;
    let (stopper, stop) = Stopper::new();
    let mut running = Running::default();
    running.spawn("the listener", listener.serve(service, stop.clone()));
    running.spawn_until(stop, WATCHER, watcher.run());
    let stopped = running.until_stopped(signals, || reloaded.reload()).await;
    tracing::info!("stopping");
    stopper.stop();
    running.finish().await;
    stopped
}
