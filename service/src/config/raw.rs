//! The configuration file as it is written: names and shapes, nothing checked beyond TOML.

use serde::Deserialize;

use super::{delivery, tls, tokens};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) delivery: delivery::Raw,
    pub(super) tokens: Option<tokens::Raw>,
    pub(super) sts: Option<Sts>,
    pub(super) ksd: Option<Ksd>,
    pub(super) platform: Option<Platform>,
    #[serde(default)]
    pub(super) jobcenter: Vec<Jobcenter>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) message_bytes: Option<u64>,
    pub(super) depth: Option<u64>,
    pub(super) attributes: Option<u64>,
    pub(super) namespaces: Option<u64>,
    pub(super) name_bytes: Option<u64>,
    pub(super) text_bytes: Option<u64>,
    pub(super) items: Option<u64>,
    pub(super) violations: Option<u64>,
    pub(super) request_seconds: Option<u64>,
    pub(super) call_seconds: Option<u64>,
    pub(super) drain_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ksd {
    pub(super) listen: String,
    pub(super) tls: Option<tls::Raw>,
    pub(super) platform: String,
    #[serde(default)]
    pub(super) platform_cvr: Vec<String>,
    #[serde(default)]
    pub(super) systems: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Platform {
    pub(super) listen: String,
    pub(super) tls: Option<tls::Raw>,
    pub(super) ksd: String,
    pub(super) ksd_call_seconds: Option<u64>,
    pub(super) ksd_calls: Option<u64>,
    #[serde(default)]
    pub(super) replays: super::Replays,
    #[serde(default)]
    pub(super) ksd_cvr: Vec<String>,
    #[serde(default)]
    pub(super) jobcenters: Vec<Reachable>,
    #[serde(default)]
    pub(super) routes: Vec<Route>,
    #[serde(default)]
    pub(super) agreements: Vec<Agreement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reachable {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) call_seconds: Option<u64>,
    pub(super) calls: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    pub(super) municipality: String,
    pub(super) jobcenter: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sts {
    pub(super) listen: String,
    pub(super) tls: Option<tls::Raw>,
    #[serde(default)]
    pub(super) agreements: Vec<Agreement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreement {
    pub(super) endpoint: String,
    pub(super) caller: String,
    pub(super) municipalities: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jobcenter {
    pub(super) name: String,
    pub(super) listen: String,
    pub(super) tls: Option<tls::Raw>,
    pub(super) platform: String,
    #[serde(default)]
    pub(super) platform_cvr: Vec<String>,
    pub(super) municipalities: Vec<String>,
    #[serde(default)]
    pub(super) by_token: bool,
}
