//! The configuration: one TOML file, read once, and checked into types that cannot say anything wrong.
//!
//! `sf209x.toml` beside this crate's manifest is a complete example that explains every setting ([`SAMPLE`] is its text).

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use hyper::Uri;
use serde::Deserialize;
use uuid::Uuid;

use crate::endpoint::Endpoint;
use crate::routing::{self, Agreements, Bound, Cvr, Routes};

mod delivery;
mod error;
mod limits;
mod raw;
mod tls;
mod tokens;
mod wire;

pub use self::delivery::Delivery;
pub use self::error::Error;
use self::error::{Wrong, located, wrong};
pub use self::limits::Limits;
pub use self::tls::{Identity, Revocation, Tls, Trust};
pub use self::tokens::Tokens;
use self::wire::Wire;
pub use self::wire::endpoint_url;

/// A complete configuration with every setting explained.
pub const SAMPLE: &str = include_str!("../sf209x.toml");

/// What the roles of this process are, where they listen and whom they call.
#[derive(Clone, Debug)]
pub struct Config {
    /// Bounds that all roles share.
    pub limits: Limits,
    /// How KSD and the Jobcenters keep and deliver what they owe.
    pub delivery: Delivery,
    /// The security token service and the services that its tokens are for, where the file has them.
    pub tokens: Option<Tokens>,
    /// Our own security token service, where the file has it.
    pub sts: Option<Sts>,
    /// KSD, where the file has it.
    pub ksd: Option<Ksd>,
    /// The platform, where the file has it.
    pub platform: Option<Platform>,
    /// The Jobcenter solutions, in the order of the file.
    pub jobcenters: Vec<Jobcenter>,
}

/// KSD: sends messages to EP_FS1 and serves EP_FS2.
#[derive(Clone, Debug)]
pub struct Ksd {
    /// Where EP_FS2 and the intake listen.
    pub listen: SocketAddr,
    /// How it proves itself; without, it speaks plain HTTP on loopback.
    pub tls: Option<Tls>,
    /// The platform's EP_FS1.
    pub platform: Uri,
    /// The CVR numbers that the platform's certificates may have; none without TLS.
    pub platform_cvr: BTreeSet<Cvr>,
    /// The systems, by RegistreringITsystem, that may send the codes which KSD alone sets; where none is named, none may.
    pub systems: BTreeSet<Uuid>,
}

/// The platform: serves EP_FS1 and EP_JC2.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Where EP_FS1 and EP_JC2 listen.
    pub listen: SocketAddr,
    /// How it proves itself; without, it speaks plain HTTP on loopback.
    pub tls: Option<Tls>,
    /// KSD's EP_FS2.
    pub ksd: Uri,
    /// How much of KSD it takes up.
    pub ksd_bound: Bound,
    /// The CVR numbers that KSD's certificates may have; none without TLS.
    pub ksd_cvr: BTreeSet<Cvr>,
    /// Which Jobcenter solution serves which municipality, and who may call for it.
    pub routes: Routes,
    /// Where it keeps what tells signed messages from one another.
    pub replays: Replays,
}

/// Where the platform keeps the identities of signed messages while they hold, so that it takes none twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replays {
    /// In a store beside those of [`Delivery::store`], for all instances that share it, and across restarts.
    #[default]
    Store,
    /// In memory: a repeat to another instance, or after a restart, is not known for one.
    Memory,
}

/// A security token service of our own, for development and tests.
#[derive(Clone, Debug)]
pub struct Sts {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it signs with, and whose requests it believes.
    pub tls: Tls,
    /// Who may have tokens, for which endpoint and municipalities.
    pub agreements: Agreements,
}

/// A Jobcenter solution: serves EP_JC1 and answers through EP_JC2.
#[derive(Clone, Debug)]
pub struct Jobcenter {
    /// The name that events and the log use.
    pub name: String,
    /// Where EP_JC1 listens.
    pub listen: SocketAddr,
    /// How it proves itself; without, it speaks plain HTTP on loopback.
    pub tls: Option<Tls>,
    /// The platform's EP_JC2.
    pub platform: Uri,
    /// The CVR numbers that the platform's certificates may have; none without TLS.
    pub platform_cvr: BTreeSet<Cvr>,
    /// The municipalities that it accepts messages for.
    pub municipalities: BTreeSet<Cvr>,
    /// Whether it calls with tokens, where a certificate would do.
    pub by_token: bool,
}

/// What messages call the configuration file `path`, or the one that is built in.
pub fn named(path: Option<&Path>) -> &Path {
    path.unwrap_or(Path::new("the built-in sf209x.toml"))
}

impl Config {
    /// Reads and checks the file at `path`; without one, [`SAMPLE`] is the configuration.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, has an unknown or missing setting, or a value that breaks a rule.
    pub fn load(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else {
            return Self::parse(SAMPLE, named(None));
        };
        let text = std::fs::read_to_string(path).map_err(|error| Error {
            file: path.to_owned(),
            key: None,
            reason: format!("cannot be read: {error}"),
        })?;
        Self::parse(&text, path)
    }

    /// Checks `text`; `file` is named in errors, and the paths in `text` lead from its folder.
    ///
    /// # Errors
    /// As [`Config::load`], without the reading.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Error> {
        let raw: raw::Config = toml::from_str(text).map_err(|error| Error {
            file: file.to_owned(),
            key: None,
            reason: located(&error, text),
        })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        checked(raw, folder).map_err(|Wrong { key, reason }| Error {
            file: file.to_owned(),
            key: Some(key),
            reason,
        })
    }
}

fn checked(raw: raw::Config, folder: &Path) -> Result<Config, Wrong> {
    let mut jobcenters: Vec<Jobcenter> = Vec::with_capacity(raw.jobcenter.len());
    for (index, jobcenter) in raw.jobcenter.into_iter().enumerate() {
        let key = format!("jobcenter[{index}]");
        let jobcenter = checked_jobcenter(&key, jobcenter, folder)?;
        if jobcenters.iter().any(|other| other.name == jobcenter.name) {
            return Err(wrong(
                format!("{key}.name"),
                "another Jobcenter has this name",
            ));
        }
        jobcenters.push(jobcenter);
    }
    let limits = limits::checked(&raw.limits)?;
    Ok(Config {
        limits,
        delivery: delivery::checked(raw.delivery, folder)?,
        tokens: raw
            .tokens
            .map(|tokens| tokens::checked(tokens, folder))
            .transpose()?,
        sts: raw.sts.map(|sts| checked_sts(&sts, folder)).transpose()?,
        ksd: raw.ksd.map(|ksd| checked_ksd(&ksd, folder)).transpose()?,
        platform: raw
            .platform
            .map(|platform| checked_platform(platform, limits.call, folder))
            .transpose()?,
        jobcenters,
    })
}

fn checked_ksd(raw: &raw::Ksd, folder: &Path) -> Result<Ksd, Wrong> {
    let wire = Wire::checked("ksd", raw.tls.as_ref(), folder)?;
    let systems = raw.systems.iter().enumerate().map(|(index, system)| {
        let reason = format!("{system:?} is not a UUID");
        let parsed = system.parse::<Uuid>();
        parsed.map_err(|_| wrong(format!("ksd.systems[{index}]"), reason))
    });
    Ok(Ksd {
        systems: systems.collect::<Result<_, _>>()?,
        listen: wire.listen("ksd.listen", &raw.listen)?,
        platform: wire.url("ksd.platform", &raw.platform)?,
        platform_cvr: wire.partners("ksd.platform_cvr", &raw.platform_cvr)?,
        tls: wire.tls,
    })
}

fn checked_platform(raw: raw::Platform, call: Duration, folder: &Path) -> Result<Platform, Wrong> {
    let wire = Wire::checked("platform", raw.tls.as_ref(), folder)?;
    let mut jobcenters = Vec::with_capacity(raw.jobcenters.len());
    for (index, jobcenter) in raw.jobcenters.into_iter().enumerate() {
        let key = format!("platform.jobcenters[{index}]");
        let url = wire.url(&format!("{key}.url"), &jobcenter.url)?;
        jobcenters.push(routing::Jobcenter {
            name: name(&format!("{key}.name"), jobcenter.name)?,
            url,
            bound: bound(
                &format!("{key}."),
                call,
                jobcenter.call_seconds,
                jobcenter.calls,
            )?,
        });
    }
    let mut pairs = Vec::with_capacity(raw.routes.len());
    for (index, route) in raw.routes.into_iter().enumerate() {
        let municipality = cvr(
            &format!("platform.routes[{index}].municipality"),
            &route.municipality,
        )?;
        pairs.push((municipality, route.jobcenter));
    }
    let routes = Routes::new(jobcenters, pairs).map_err(|error| {
        let key = match &error {
            routing::Error::JobcenterTwice { index, .. } => {
                format!("platform.jobcenters[{index}].name")
            }
            routing::Error::MunicipalityTwice { index, .. } => {
                format!("platform.routes[{index}].municipality")
            }
            routing::Error::UnknownJobcenter { index, .. } => {
                format!("platform.routes[{index}].jobcenter")
            }
        };
        wrong(key, error.to_string())
    })?;
    Ok(Platform {
        listen: wire.listen("platform.listen", &raw.listen)?,
        ksd: wire.url("platform.ksd", &raw.ksd)?,
        ksd_bound: bound("platform.ksd_", call, raw.ksd_call_seconds, raw.ksd_calls)?,
        ksd_cvr: wire.partners("platform.ksd_cvr", &raw.ksd_cvr)?,
        replays: raw.replays,
        routes: routes.under(checked_agreements(
            "platform",
            &[Endpoint::Fs1, Endpoint::Jc2],
            &raw.agreements,
        )?),
        tls: wire.tls,
    })
}

/// How much of a partner is taken up, by the keys that begin with `key`.
fn bound(
    key: &str,
    call: Duration,
    seconds: Option<u64>,
    calls: Option<u64>,
) -> Result<Bound, Wrong> {
    let call = match seconds {
        None => call,
        Some(seconds @ 1..=3600) => Duration::from_secs(seconds),
        Some(_) => {
            return Err(wrong(
                format!("{key}call_seconds"),
                "must lie between 1 and 3600",
            ));
        }
    };
    let calls = match calls.map(usize::try_from) {
        None => Bound::default().calls,
        Some(Ok(calls @ 1..=10_000)) => calls,
        Some(_) => return Err(wrong(format!("{key}calls"), "must lie between 1 and 10000")),
    };
    Ok(Bound { call, calls })
}

fn checked_sts(raw: &raw::Sts, folder: &Path) -> Result<Sts, Wrong> {
    let wire = Wire::checked("sts", raw.tls.as_ref(), folder)?;
    let listen = wire.listen("sts.listen", &raw.listen)?;
    let endpoints = [Endpoint::Fs1, Endpoint::Jc2, Endpoint::Fs2];
    Ok(Sts {
        listen,
        tls: wire
            .tls
            .ok_or_else(|| wrong("sts.tls", "is missing, without which nothing is signed"))?,
        agreements: checked_agreements("sts", &endpoints, &raw.agreements)?,
    })
}

fn checked_agreements(
    section: &str,
    endpoints: &[Endpoint],
    raw: &[raw::Agreement],
) -> Result<Agreements, Wrong> {
    let mut agreements = Agreements::default();
    for (index, agreement) in raw.iter().enumerate() {
        let key = format!("{section}.agreements[{index}]");
        let mut known = endpoints.iter().copied();
        let endpoint = known.find(|endpoint| endpoint.name() == agreement.endpoint);
        let endpoint = endpoint.ok_or_else(|| {
            let names: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.name()).collect();
            wrong(
                format!("{key}.endpoint"),
                format!("must be one of {}", names.join(", ")),
            )
        })?;
        let caller = cvr(&format!("{key}.caller"), &agreement.caller)?;
        for (index, municipality) in agreement.municipalities.iter().enumerate() {
            let key = format!("{key}.municipalities[{index}]");
            if !agreements.add(endpoint, caller, cvr(&key, municipality)?) {
                return Err(wrong(key, "is agreed on already"));
            }
        }
    }
    Ok(agreements)
}

fn checked_jobcenter(key: &str, raw: raw::Jobcenter, folder: &Path) -> Result<Jobcenter, Wrong> {
    let wire = Wire::checked(key, raw.tls.as_ref(), folder)?;
    let mut municipalities = BTreeSet::new();
    for (index, municipality) in raw.municipalities.iter().enumerate() {
        let key = format!("{key}.municipalities[{index}]");
        if !municipalities.insert(cvr(&key, municipality)?) {
            return Err(wrong(key, "this municipality is listed twice"));
        }
    }
    Ok(Jobcenter {
        name: name(&format!("{key}.name"), raw.name)?,
        listen: wire.listen(&format!("{key}.listen"), &raw.listen)?,
        platform: wire.url(&format!("{key}.platform"), &raw.platform)?,
        platform_cvr: wire.partners(&format!("{key}.platform_cvr"), &raw.platform_cvr)?,
        municipalities,
        by_token: raw.by_token,
        tls: wire.tls,
    })
}

/// Names go into log lines, so they are one printable line of moderate length.
fn name(key: &str, name: String) -> Result<String, Wrong> {
    if name.trim().is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
        return Err(wrong(
            key,
            "must be 1 to 64 bytes long and have no control characters",
        ));
    }
    Ok(name)
}

fn cvr(key: &str, digits: &str) -> Result<Cvr, Wrong> {
    digits
        .parse()
        .map_err(|_| wrong(key, format!("{digits:?} is not a CVR number (8 digits)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(change: (&str, &str), expected: &str) {
        assert!(
            SAMPLE.contains(change.0),
            "the sample has no {:?}",
            change.0
        );
        let text = SAMPLE.replacen(change.0, change.1, 1);
        let error = Config::parse(&text, Path::new("test.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("test.toml: ") && error.contains(expected),
            "{error}"
        );
    }

    #[test]
    fn the_sample_is_a_valid_configuration_of_every_role() {
        let config = Config::parse(SAMPLE, Path::new("sf209x.toml")).unwrap();
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.delivery, Delivery::default());
        assert!(config.ksd.is_some());
        assert_eq!(config.jobcenters.len(), 2);
        let platform = config.platform.unwrap();
        for jobcenter in &config.jobcenters {
            for &municipality in &jobcenter.municipalities {
                let route = platform.routes.route(municipality).unwrap();
                assert_eq!(route.name, jobcenter.name);
            }
        }
    }

    #[test]
    fn errors_name_the_file_and_the_key() {
        refused(
            ("\"127.0.0.1:8090\"", "\"0.0.0.0:8090\""),
            "platform.listen: 0.0.0.0:8090 is not a loopback address",
        );
        refused(("\"127.0.0.1:8090\"", "\"localhost\""), "platform.listen: ");
        refused(
            ("municipality = \"90000001\"", "municipality = \"9000001\""),
            "platform.routes[0].municipality: ",
        );
        refused(
            ("municipality = \"90000002\"", "municipality = \"90000001\""),
            "platform.routes[1].municipality: ",
        );
        refused(
            ("jobcenter = \"Nord\"", "jobcenter = \"Vest\""),
            "platform.routes[0].jobcenter: ",
        );
        refused(("listen = ", "listens = "), "unknown field `listens`");
        refused(("[ksd]", "[ksd"), "line ");
        refused(("replays = \"store\"", "replays = \"disk\""), "`disk`");
        refused(
            ("message_bytes = 1048576", "message_bytes = 1"),
            "limits.message_bytes: ",
        );
        refused(
            ("\"http://127.0.0.1:8091/", "\"https://127.0.0.1:8091/"),
            "platform.ksd: is an https:// URL, and platform.tls is missing",
        );
        refused(
            ("\"http://127.0.0.1:8091/", "\"http://example.org/"),
            "loopback only",
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Config::load(Some(Path::new("no/such/file.toml")))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("no/such/file.toml: cannot be read"),
            "{error}"
        );
    }
}
