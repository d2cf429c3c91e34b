//! Which party's store a command is about.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{Error, Exit, named};
use crate::config::Config;
use crate::delivery::Time;
use crate::delivery::window::Windows;
use crate::jobcenter::store_of;
use crate::ksd;
use crate::store::{self, Kind, Location, Store};

/// The store of KSD, or of a Jobcenter.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The configuration file; without it, the one that is built in.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The directory of the stores, whatever the configuration says; only `serve` makes one.
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
    /// Opens the store, beside the process that serves from it. Only `serve` makes one.
    pub(super) async fn open(&self) -> Result<Store, Error> {
        let location = self.location()?;
        let store = Store::find(&location, &self.party()).await;
        let store = store.map_err(|error| Error::store(&location, &self.party(), &error))?;
        store.ok_or_else(|| {
            let whose = match &self.jobcenter {
                Some(name) => format!("the Jobcenter {name}"),
                None => "KSD".to_owned(),
            };
            let text = format!(
                "no store of {whose} in {}: it has never been served from there",
                named(&location)
            );
            Error::new(Exit::Config, text)
        })
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

    /// When the other side is not there: the platform's windows are none of a case system's.
    pub(super) fn windows(&self) -> Result<Windows, Error> {
        if self.inbox {
            return Ok(Windows::default());
        }
        Ok(Config::load(self.config.as_deref())?.delivery.windows)
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

/// Takes what is beyond `limit` off a list that was asked for with one more, and says on standard error that there is more.
pub(super) fn cut<T>(list: &mut Vec<T>, limit: u32) {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    if list.len() > most {
        list.truncate(most);
        eprintln!("sf209x: there are more than these {limit}; --limit N shows N of them");
    }
}

/// Who gives the command, for the record: the user that the process is, and for whom, where `sudo` tells. The first is what the system
/// knows; the second anybody can claim who may be the first.
pub(super) fn who() -> String {
    let user = user();
    match std::env::var("SUDO_USER") {
        Ok(claimed) => {
            let claimed: String = claimed.chars().filter(|c| !c.is_control()).collect();
            format!("{user} (sudo: {claimed})")
        }
        Err(_) => user,
    }
}

#[cfg(unix)]
fn user() -> String {
    let uid = uzers::get_current_uid();
    match uzers::get_user_by_uid(uid) {
        Some(user) => user.name().to_string_lossy().into_owned(),
        // A container may run as a user that has no name there.
        None => format!("uid {uid}"),
    }
}

#[cfg(not(unix))]
fn user() -> String {
    std::env::var("USERNAME").unwrap_or_else(|_| "unknown".to_owned())
}

/// A time for a person: to the second, in UTC.
pub(super) fn clock(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
