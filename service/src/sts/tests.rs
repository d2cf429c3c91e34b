//! Asking for tokens, over TLS on loopback.

use std::net::Ipv4Addr;

use super::*;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::http::{Listener, Stopper};
use crate::pki::folder;
use crate::tokens::TokenSource;

/// A service that runs, and one of its callers.
struct Running {
    source: TokenSource,
    tokens: Tokens,
    _stopper: Stopper,
}

impl Running {
    async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
        folder::mint(&folder).unwrap();
        let of = |party| Credentials::load(folder::tls(&folder, party)).unwrap();
        let config = Config::load(Some(&folder.join(folder::CONFIGURATION_FILE))).unwrap();
        let (ksd, sts) = (of("ksd"), of("sts"));
        std::fs::remove_dir_all(&folder).unwrap();
        let here = (Ipv4Addr::LOCALHOST, 0).into();
        let listener = Listener::bind_open_tls(here, sts.clone()).await.unwrap();
        let mut tokens = config.tokens.unwrap();
        tokens.sts = format!("https://{}/sts", listener.address())
            .parse()
            .unwrap();
        let granted = Granted {
            tokens: tokens.clone(),
            agreements: config.sts.unwrap().agreements,
        };
        let service = SecurityTokenService::new(granted, sts, Limits::DEFAULT);
        let (stopper, stop) = Stopper::new();
        tokio::spawn(listener.serve(service, stop));
        Self {
            source: TokenSource::new(&tokens, &ksd, Limits::DEFAULT),
            tokens,
            _stopper: stopper,
        }
    }

    async fn ask(&self, endpoint: Endpoint, municipality: &str) -> Result<String, String> {
        let municipality = municipality.parse().unwrap();
        let audience = self.tokens.entity_id(endpoint);
        let token = self.source.token(municipality, audience).await;
        token
            .map(|token| token.token().id.clone())
            .map_err(|error| format!("{error} {}", error.retry()))
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_for_each_municipality() {
    let running = Running::start().await;
    let here = || running.ask(Endpoint::Fs1, "90000001");
    let (one, two, three) = tokio::join!(here(), here(), here());
    let one = one.unwrap();
    assert_eq!((two, three), (Ok(one.clone()), Ok(one.clone())));
    let there = running.ask(Endpoint::Fs1, "90000002").await.unwrap();
    assert_ne!(there, one);
    assert_eq!(here().await, Ok(one));
}

#[tokio::test]
async fn what_is_not_granted_is_refused_for_good() {
    let running = Running::start().await;
    for (endpoint, municipality) in [(Endpoint::Fs1, "90000003"), (Endpoint::Fs2, "90000001")] {
        let refused = running.ask(endpoint, municipality).await.unwrap_err();
        assert!(
            refused.contains("(101): The caller") && refused.ends_with("false"),
            "{refused}"
        );
    }
    let municipality = "90000001".parse().unwrap();
    let unknown = running.source.token(municipality, "urn:unknown").await;
    let unknown = unknown.unwrap_err().to_string();
    assert!(
        unknown.contains("(101): The service in AppliesTo is not known."),
        "{unknown}"
    );
}
