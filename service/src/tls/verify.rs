//! From certificates and keys to what rustls serves and calls with.

use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::Error;
use super::files::{Anchors, Material};

const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// What HTTP/1.1 is called in ALPN (RFC 7301).
const HTTP: &[u8] = b"http/1.1";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The chain with its key, once they are known to be a pair.
pub(super) fn pair(material: &Material) -> Result<Arc<CertifiedKey>, Error> {
    let wrong = |reason: &str| Error::new(&material.origin, reason);
    let key = aws_lc_rs::sign::any_supported_type(material.key.der())
        .map_err(|_| wrong("holds a key that is damaged or of a kind that is not taken"))?;
    let certified = CertifiedKey::new(material.chain.clone(), key);
    certified
        .keys_match()
        .map_err(|_| wrong("the key is not that of the certificate"))?;
    Ok(Arc::new(certified))
}

/// Serves with `key`, and takes callers with a certificate that leads to `callers`, or, without those, callers without one.
pub(super) fn server(
    key: &Arc<CertifiedKey>,
    callers: Option<&Anchors>,
) -> Result<Arc<ServerConfig>, Error> {
    let verifier = callers.map(client_verifier).transpose()?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(|error| Error::new(Path::new("TLS"), error.to_string()))?;
    let config = match verifier {
        None => config.with_no_client_auth(),
        Some(verifier) => config.with_client_cert_verifier(verifier),
    };
    let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(key))));
    config.alpn_protocols = vec![HTTP.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

fn client_verifier(callers: &Anchors) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(callers)?, provider())
        .with_crls(callers.crls.iter().cloned());
    let verifier = if callers.lenient {
        verifier.allow_unknown_revocation_status()
    } else {
        verifier.enforce_revocation_expiration()
    };
    verifier.build().map_err(|error| unfit(callers, &error))
}

/// Calls servers with a certificate that leads to `servers` and names them, and shows the certificate of `key` to those that ask.
pub(super) fn client(
    key: Option<&Arc<CertifiedKey>>,
    servers: &Anchors,
) -> Result<Arc<ClientConfig>, Error> {
    let verifier = WebPkiServerVerifier::builder_with_provider(roots(servers)?, provider())
        .with_crls(servers.crls.iter().cloned());
    let verifier = if servers.lenient {
        verifier.allow_unknown_revocation_status()
    } else {
        verifier.enforce_revocation_expiration()
    };
    let verifier = verifier.build().map_err(|error| unfit(servers, &error))?;
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(|error| unfit(servers, &error))?
        .with_webpki_verifier(verifier);
    let mut config = match key {
        None => config.with_no_client_auth(),
        Some(key) => {
            let resolver = SingleCertAndKey::from(Arc::clone(key));
            config.with_client_cert_resolver(Arc::new(resolver))
        }
    };
    config.alpn_protocols = vec![HTTP.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn roots(anchors: &Anchors) -> Result<Arc<RootCertStore>, Error> {
    let mut store = RootCertStore::empty();
    for root in &anchors.roots {
        store.add(root.clone()).map_err(|_| {
            Error::new(
                &anchors.origin,
                "this or another root is no X.509 certificate",
            )
        })?;
    }
    Ok(Arc::new(store))
}

fn unfit(anchors: &Anchors, error: &impl std::fmt::Display) -> Error {
    Error::new(
        &anchors.origin,
        format!("roots and revocation lists cannot be used: {error}"),
    )
}
