//! Which party's store a command is about.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Error;
use crate::config::Config;
use crate::delivery::Time;
use crate::jobcenter::store_of;
use crate::ksd;
use crate::store::{self, Kind, Location, Store};

/// The store of KSD, or of a Jobcenter.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The configuration file; without it, the one that is built in.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The directory of the stores, whatever the configuration says.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// The Jobcenter of this name instead of KSD: the answers that it owes.
    #[arg(long, value_name = "NAME", global = true)]
    jobcenter: Option<String>,
    /// Of the Jobcenter, what its case system has not registered yet, instead of its answers.
    #[arg(long, requires = "jobcenter", global = true)]
    inbox: bool,
    /// Print one JSON object a line.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

impl Place {
    /// Opens the store, beside the process that serves from it.
    pub(super) async fn open(&self) -> Result<Store, Error> {
        let location = self.location()?;
        let party = self.party();
        let store = Store::open(&location, &party).await;
        store.map_err(|error| Error::store(&location, &party, &error))
    }

    /// What is owed there.
    pub(super) const fn kind(&self) -> Kind {
        match (&self.jobcenter, self.inbox) {
            (None, _) => Kind::Message,
            (Some(_), false) => Kind::Answer,
            (Some(_), true) => Kind::Registration,
        }
    }

    /// The store opened and then failed.
    pub(super) fn failed(&self, error: &store::Error) -> Error {
        match self.location() {
            Ok(location) => Error::store(&location, &self.party(), error),
            Err(error) => error,
        }
    }

    fn location(&self) -> Result<Location, Error> {
        Ok(match &self.data {
            Some(data) => Location::Directory(data.clone()),
            None => Config::load(self.config.as_deref())?.delivery.store,
        })
    }

    fn party(&self) -> String {
        match &self.jobcenter {
            Some(name) => store_of(name),
            None => ksd::STORE.to_owned(),
        }
    }
}

/// Prints `value` as one line of JSON.
pub(super) fn say(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

/// Who gives the command, for the record.
pub(super) fn who() -> String {
    ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// A time for a person: to the second, in UTC.
pub(super) fn clock(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
