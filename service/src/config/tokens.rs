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
    entity_ids: [(Endpoint, String); 3],
}

impl Tokens {
    /// What the service at `endpoint` is called in tokens; empty for one that takes none.
    pub fn entity_id(&self, endpoint: Endpoint) -> &str {
        let mut known = self.entity_ids.iter();
        let found = known.find(|(known, _)| *known == endpoint);
        found.map_or("", |(_, id)| id.as_str())
    }

    /// Which endpoint is called `entity_id`.
    pub fn endpoint(&self, entity_id: &str) -> Option<Endpoint> {
        let mut known = self.entity_ids.iter();
        known
            .find(|(_, id)| id == entity_id)
            .map(|(known, _)| *known)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    sts: String,
    issuer: String,
    signers: Vec<PathBuf>,
    skew_seconds: Option<u64>,
    entity_ids: EntityIds,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityIds {
    #[serde(rename = "EP_FS1")]
    fs1: String,
    #[serde(rename = "EP_JC2")]
    jc2: String,
    #[serde(rename = "EP_FS2")]
    fs2: String,
}

/// Checks the section; paths lead from `folder`, where the configuration file is.
pub(super) fn checked(raw: Raw, folder: &Path) -> Result<Tokens, Wrong> {
    let skew = match raw.skew_seconds {
        None => 60,
        Some(seconds @ 0..=600) => i64::try_from(seconds).unwrap_or_default(),
        Some(_) => return Err(wrong("tokens.skew_seconds", "must lie between 0 and 600")),
    };
    let EntityIds { fs1, jc2, fs2 } = raw.entity_ids;
    let entity_ids = [
        (Endpoint::Fs1, fs1),
        (Endpoint::Jc2, jc2),
        (Endpoint::Fs2, fs2),
    ];
    for (index, (endpoint, id)) in entity_ids.iter().enumerate() {
        let key = format!("tokens.entity_ids.{endpoint}");
        check_uri(&key, id)?;
        if entity_ids[..index].iter().any(|(_, other)| other == id) {
            return Err(wrong(key, "another endpoint has this entity id"));
        }
    }
    check_uri("tokens.issuer", &raw.issuer)?;
    Ok(Tokens {
        sts: endpoint_url(&raw.sts, true).map_err(|reason| wrong("tokens.sts", reason))?,
        issuer: raw.issuer,
        signers: signers(&raw.signers, folder)?,
        skew: TimeDelta::seconds(skew),
        entity_ids,
    })
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
