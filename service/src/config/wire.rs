//! Where a role listens and whom it calls: over TLS anywhere, over plain HTTP on loopback only.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

use hyper::Uri;

use super::{Tls, Wrong, cvr, tls, wrong};
use crate::routing::Cvr;

/// What a role speaks, which decides on the addresses that it may have.
pub(super) struct Wire {
    pub(super) tls: Option<Tls>,
}

impl Wire {
    /// Checks the section `tls` of the role at `key`, where there is one.
    pub(super) fn checked(key: &str, raw: Option<&tls::Raw>, folder: &Path) -> Result<Self, Wrong> {
        let tls = raw.map(|raw| tls::checked(&format!("{key}.tls"), raw, folder));
        let tls = tls.transpose()?;
        Ok(Self { tls })
    }

    /// A plain-HTTP listener carries personal data in the clear, so it may be reached from this machine only.
    pub(super) fn listen(&self, key: &str, address: &str) -> Result<SocketAddr, Wrong> {
        let address: SocketAddr = address.parse().map_err(|_| {
            let reason =
                format!("{address:?} is not an IP address and a port, such as 127.0.0.1:8090");
            wrong(key, reason)
        })?;
        if self.tls.is_none() && !address.ip().is_loopback() {
            let reason = format!(
                "{address} is not a loopback address: without tls, plain HTTP is served on loopback only"
            );
            return Err(wrong(key, reason));
        }
        Ok(address)
    }

    /// Which organisations the role takes for its partner. Certificates are what tells them, so there are none without TLS.
    pub(super) fn partners(&self, key: &str, numbers: &[String]) -> Result<BTreeSet<Cvr>, Wrong> {
        match (self.tls.is_some(), numbers.is_empty()) {
            (true, true) => {
                let reason = "must name the CVR numbers that the partner's certificates may have";
                return Err(wrong(key, reason));
            }
            (false, false) => {
                let reason = "is checked against certificates: it needs tls";
                return Err(wrong(key, reason));
            }
            _ => {}
        }
        let number = |(index, number): (usize, &String)| cvr(&format!("{key}[{index}]"), number);
        numbers.iter().enumerate().map(number).collect()
    }

    /// The URL of an endpoint to call.
    pub(super) fn url(&self, key: &str, text: &str) -> Result<Uri, Wrong> {
        if self.tls.is_none() && text.starts_with("https:") {
            let role = key.split('.').next().unwrap_or_default();
            let reason = format!("is an https:// URL, and {role}.tls is missing");
            return Err(wrong(key, reason));
        }
        endpoint_url(text, self.tls.is_some()).map_err(|reason| wrong(key, reason))
    }
}

/// A URL that may be called: with `tls` anywhere, without it on this machine.
///
/// # Errors
/// The text is not an absolute `https` or `http` URL, names a user, or plain HTTP would leave the machine.
pub fn endpoint_url(text: &str, tls: bool) -> Result<Uri, String> {
    let url = parse(text, if tls { "https" } else { "http" })?;
    let host = url.host().unwrap_or_default();
    if tls {
        return Ok(url);
    }
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    if host != "localhost" && !address.is_ok_and(|address| address.is_loopback()) {
        return Err(format!(
            "{text:?} is not on a loopback address: plain HTTP is spoken on loopback only"
        ));
    }
    Ok(url)
}

fn parse(text: &str, scheme: &str) -> Result<Uri, String> {
    // A user comes with a password, which is not repeated.
    if text.contains('@') {
        return Err(
            "must name no user: certificates are what parties prove themselves by".to_owned(),
        );
    }
    let url: Uri = text
        .parse()
        .map_err(|error| format!("{text:?} is not a URL: {error}"))?;
    if url.scheme_str() != Some(scheme) {
        return Err(format!("{text:?} is not an {scheme}:// URL"));
    }
    Ok(url)
}
