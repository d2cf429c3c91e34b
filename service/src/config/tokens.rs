//! Tokens: who issues them, and what services are called in them.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use hyper::Uri;
use serde::Deserialize;

use super::{Wrong, endpoint_url, wrong};
use crate::endpoint::Endpoint;
use crate::tokens::Signers;

/// The security token service, and the services that its tokens are for. All parties see them alike.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Where tokens are asked for.
    pub sts: Uri,
    /// The entity id that tokens name as their issuer.
    pub issuer: String,
    /// The certificates with which tokens and the service's answers are signed.
    pub signers: Signers,
    /// How far clocks may be apart, either way.
    pub skew: TimeDelta,
    services: [Service; 3],
}

/// A service that tokens are for.
#[derive(Clone, Debug)]
struct Service {
    endpoint: Endpoint,
    entity_id: String,
    addresses: Vec<String>,
    privilege: Option<String>,
}

/// The role that tokens for the platform's services carry.
const ROLE: &str = "http://serviceplatformen.serviceplatformen.dk/roles/servicesystemrole/dummy/1";

impl Tokens {
    fn service(&self, endpoint: Endpoint) -> Option<&Service> {
        let mut known = self.services.iter();
        known.find(|known| known.endpoint == endpoint)
    }

    /// What the service at `endpoint` is called in tokens; empty for one that takes none.
    pub fn entity_id(&self, endpoint: Endpoint) -> &str {
        let service = self.service(endpoint);
        service.map_or("", |service| service.entity_id.as_str())
    }

    /// Which endpoint is called `entity_id`.
    pub fn endpoint(&self, entity_id: &str) -> Option<Endpoint> {
        let mut known = self.services.iter();
        let found = known.find(|known| known.entity_id == entity_id);
        found.map(|known| known.endpoint)
    }

    /// The addresses that messages to the service at `endpoint` may name as the one they are for, to the letter.
    pub fn addresses(&self, endpoint: Endpoint) -> &[String] {
        let service = self.service(endpoint);
        service.map_or(&[], |service| service.addresses.as_slice())
    }

    /// The privilege that tokens for the service at `endpoint` must have, where it demands one.
    pub fn privilege(&self, endpoint: Endpoint) -> Option<&str> {
        self.service(endpoint)?.privilege.as_deref()
    }

    /// The same, with the service at `endpoint` reached at `address` alone.
    #[must_use]
    pub fn reached_at(mut self, endpoint: Endpoint, address: impl Into<String>) -> Self {
        let mut known = self.services.iter_mut();
        if let Some(service) = known.find(|known| known.endpoint == endpoint) {
            service.addresses = vec![address.into()];
        }
        self
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    sts: String,
    issuer: String,
    signers: Vec<PathBuf>,
    skew_seconds: Option<u64>,
    entity_ids: Of<String>,
    #[serde(default)]
    addresses: Of<Option<Vec<String>>>,
    #[serde(default)]
    privileges: Of<Option<String>>,
}

/// Something of each service that tokens are for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Of<T> {
    #[serde(rename = "EP_FS1")]
    fs1: T,
    #[serde(rename = "EP_JC2")]
    jc2: T,
    #[serde(rename = "EP_FS2")]
    fs2: T,
}

impl<T> Of<T> {
    fn all(self) -> [T; 3] {
        [self.fs1, self.jc2, self.fs2]
    }
}

/// Checks the section; paths lead from `folder`, where the configuration file is.
pub(super) fn checked(raw: Raw, folder: &Path) -> Result<Tokens, Wrong> {
    let skew = match raw.skew_seconds {
        None => 60,
        Some(seconds @ 0..=600) => i64::try_from(seconds).unwrap_or_default(),
        Some(_) => return Err(wrong("tokens.skew_seconds", "must lie between 0 and 600")),
    };
    let services = services(raw.entity_ids, raw.addresses, raw.privileges)?;
    check_uri("tokens.issuer", &raw.issuer)?;
    Ok(Tokens {
        sts: endpoint_url(&raw.sts, true).map_err(|reason| wrong("tokens.sts", reason))?,
        issuer: raw.issuer,
        signers: signers(&raw.signers, folder)?,
        skew: TimeDelta::seconds(skew),
        services,
    })
}

fn services(
    entity_ids: Of<String>,
    addresses: Of<Option<Vec<String>>>,
    privileges: Of<Option<String>>,
) -> Result<[Service; 3], Wrong> {
    let [fs1, jc2, fs2] = entity_ids.all();
    let mut services = [
        (Endpoint::Fs1, fs1),
        (Endpoint::Jc2, jc2),
        (Endpoint::Fs2, fs2),
    ]
    .map(|(endpoint, entity_id)| Service {
        endpoint,
        entity_id,
        addresses: Vec::new(),
        privilege: None,
    });
    let said = addresses.all().into_iter().zip(privileges.all());
    for (service, (addresses, privilege)) in services.iter_mut().zip(said) {
        let endpoint = service.endpoint;
        check_uri(&format!("tokens.entity_ids.{endpoint}"), &service.entity_id)?;
        service.addresses = addresses.unwrap_or_default();
        for (index, address) in service.addresses.iter().enumerate() {
            let key = format!("tokens.addresses.{endpoint}[{index}]");
            endpoint_url(address, true).map_err(|reason| wrong(key, reason))?;
        }
        let privilege = privilege.unwrap_or_else(|| ROLE.to_owned());
        if !privilege.is_empty() {
            check_uri(&format!("tokens.privileges.{endpoint}"), &privilege)?;
            service.privilege = Some(privilege);
        }
    }
    for (index, service) in services.iter().enumerate() {
        let mut before = services[..index].iter();
        if before.any(|other| other.entity_id == service.entity_id) {
            let key = format!("tokens.entity_ids.{}", service.endpoint);
            return Err(wrong(key, "another endpoint has this entity id"));
        }
    }
    Ok(services)
}

/// Entity ids are compared as texts, so one that cannot be a URI is a slip.
fn check_uri(key: &str, id: &str) -> Result<(), Wrong> {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"');
    if id.contains(':') && id.chars().all(plain) {
        return Ok(());
    }
    Err(wrong(key, format!("{id:?} is not a URI")))
}

fn signers(files: &[PathBuf], folder: &Path) -> Result<Signers, Wrong> {
    if files.is_empty() {
        let reason = "must name the certificate that tokens are signed with";
        return Err(wrong("tokens.signers", reason));
    }
    let files = files.iter().map(|file| folder.join(file)).collect();
    Signers::load(files).map_err(|unread| {
        let key = format!("tokens.signers[{}]", unread.index);
        wrong(key, unread.to_string())
    })
}
