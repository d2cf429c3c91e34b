//! The demo's stage: every role listening, each with a certificate of its own.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use hyper::Uri;
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::messages::SYSTEM;
use super::{DEADLINE, Error, JOBCENTERS};
use crate::clearance::Callers;
use crate::config::{Config, Delivery, Limits, Tokens};
use crate::endpoint::{Endpoint, KSD, PLATFORM};
use crate::http::{App, Listener, Stop, Stopper};
use crate::jobcenter::{AcceptAll, Jobcenter, Settings};
use crate::ksd::{self, Ksd};
use crate::observe::Observer;
use crate::pki::folder;
use crate::platform::{self, Platform};
use crate::roles;
use crate::routing::{self, Agreements, Bound, Cvr, Routes, Table};
use crate::secured::{Caller, Taken};
use crate::store::{Location, Store};
use crate::sts::{Granted, SecurityTokenService};
use crate::tls::Credentials;

/// The roles, listening and delivering.
pub(super) struct Stage {
    pub(super) ksd: Ksd<Caller>,
    pub(super) cast: Vec<Actor>,
    stopper: Stopper,
    running: JoinSet<()>,
    /// Removed with the stage.
    _stores: TempDir,
}

/// A party and where it listens.
pub(super) struct Actor {
    pub(super) name: String,
    pub(super) address: SocketAddr,
    pub(super) municipality: Option<&'static str>,
}

/// The bounds of the demo: it waits for everything, but not for longer than it may last.
const LIMITS: Limits = Limits {
    request: DEADLINE,
    call: DEADLINE,
    ..Limits::DEFAULT
};

impl Stage {
    /// Binds every listener first: the roles then know one another's real ports.
    pub(super) async fn set(observer: &Observer) -> Result<Self, Error> {
        let pki = Pki::mint().await?;
        let (of_ksd, of_platform) = (pki.credentials("ksd")?, pki.credentials("platform")?);
        let (at_ksd, at_platform) = (bind(&of_ksd).await?, bind(&of_platform).await?);
        let stores = TempDir::new()?;
        let (stopper, stop) = Stopper::new();
        let (at_sts, service, tokens) = pki.token_service().await?;
        let (ep_fs1, ep_jc2) = (
            url(&at_platform, Endpoint::Fs1)?,
            url(&at_platform, Endpoint::Jc2)?,
        );
        let ep_fs2 = url(&at_ksd, Endpoint::Fs2)?;
        let tokens = tokens
            .reached_at(Endpoint::Fs1, ep_fs1.to_string())
            .reached_at(Endpoint::Jc2, ep_jc2.to_string())
            .reached_at(Endpoint::Fs2, ep_fs2.to_string());
        let mut running = JoinSet::new();
        running.spawn(at_sts.serve(service, stop.clone()));
        let mut stage = Setting {
            delivery: Delivery {
                store: Location::Directory(stores.path().to_owned()),
                ..Delivery::default()
            },
            stop,
            running,
            tokens,
            sites: Vec::new(),
            cast: vec![Actor::new(KSD, &at_ksd), Actor::new(PLATFORM, &at_platform)],
            jobcenters: Vec::new(),
            routes: Vec::new(),
            agreements: Agreements::default(),
        };
        for jobcenter in JOBCENTERS {
            stage.jobcenter(jobcenter, &pki, &ep_jc2, observer).await?;
        }
        let routes = Routes::new(
            std::mem::take(&mut stage.jobcenters),
            std::mem::take(&mut stage.routes),
        );
        let routes = routes.map_err(|error| Error::Missing(error.to_string()))?;
        let table = Table::new(routes.under(std::mem::take(&mut stage.agreements)));
        let platform = Platform::new(
            table.clone(),
            Callers::Agreed(table),
            ep_fs2,
            stage.caller(&of_platform, folder::KSD, false)?,
            observer.clone(),
        );
        let settings = ksd::Settings {
            platform: ep_fs1,
            systems: BTreeSet::from([SYSTEM]),
            delivery: stage.delivery.clone(),
            limits: LIMITS,
        };
        let store = Store::serve(&stage.delivery.store, ksd::STORE).await?;
        let taken_by_ksd = Taken::in_store(store.clone());
        let taken = Store::open(&stage.delivery.store, platform::STORE).await?;
        let caller = stage.caller(&of_ksd, folder::PLATFORM, false)?;
        let ksd = Ksd::new(settings, store, caller, observer.clone());
        stage.running.spawn(ksd.clone().work(stage.stop.clone()));
        let app = roles::platform(&platform, LIMITS, observer.clone());
        stage.site(at_platform, app, &of_platform, &Taken::in_store(taken));
        let own_systems = Callers::holders_like(&of_ksd);
        let app = roles::ksd(&ksd, the_platform()?, own_systems, LIMITS, observer.clone());
        stage.site(at_ksd, app, &of_ksd, &taken_by_ksd);
        for (listener, app) in stage.sites {
            stage.running.spawn(listener.serve(app, stage.stop.clone()));
        }
        Ok(Self {
            ksd,
            cast: stage.cast,
            stopper,
            running: stage.running,
            _stores: stores,
        })
    }

    pub(super) async fn clear(mut self) {
        self.stopper.stop();
        while self.running.join_next().await.is_some() {}
    }
}

/// A stage in the making.
struct Setting {
    delivery: Delivery,
    stop: Stop,
    running: JoinSet<()>,
    tokens: Tokens,
    sites: Vec<(Listener, App)>,
    cast: Vec<Actor>,
    jobcenters: Vec<routing::Jobcenter>,
    routes: Vec<(Cvr, String)>,
    agreements: Agreements,
}

impl Setting {
    /// A Jobcenter, its route, and the agreements that KSD and it have for its municipality.
    async fn jobcenter(
        &mut self,
        (name, municipality, file, vendor): (&'static str, &'static str, &str, &str),
        pki: &Pki,
        ep_jc2: &Uri,
        observer: &Observer,
    ) -> Result<(), Error> {
        let cvr = number(municipality)?;
        self.agreements
            .add(Endpoint::Fs1, number(folder::KSD)?, cvr);
        self.agreements.add(Endpoint::Jc2, number(vendor)?, cvr);
        let credentials = pki.credentials(file)?;
        let listener = bind(&credentials).await?;
        self.jobcenters.push(routing::Jobcenter {
            name: name.to_owned(),
            url: url(&listener, Endpoint::Jc1)?,
            bound: Bound::default(),
        });
        self.routes.push((cvr, name.to_owned()));
        self.cast.push(Actor {
            municipality: Some(municipality),
            ..Actor::new(name, &listener)
        });
        let settings = Settings {
            name: name.to_owned(),
            municipalities: BTreeSet::from([cvr]),
            platform: ep_jc2.clone(),
            delivery: self.delivery.clone(),
            limits: LIMITS,
        };
        let store = Store::serve(&self.delivery.store, &settings.store()).await?;
        // One of the two answers by token, the other by certificate.
        let caller = self.caller(&credentials, folder::PLATFORM, vendor == folder::NORD)?;
        let taken = Taken::in_store(store.clone());
        let role = Jobcenter::new(settings, store, caller, observer.clone(), AcceptAll);
        self.running.spawn(role.clone().work(self.stop.clone()));
        let app = roles::jobcenter(role, the_platform()?, LIMITS, observer.clone());
        self.site(listener, app, &credentials, &taken);
        Ok(())
    }

    fn site(&mut self, listener: Listener, app: App, credentials: &Credentials, taken: &Taken) {
        let app = app.with_tokens(&self.tokens, credentials, taken);
        self.sites.push((listener, app));
    }

    /// What the holder of `credentials` calls with; its partner's answers are signed by `partner`.
    fn caller(&self, of: &Credentials, partner: &str, by_token: bool) -> Result<Caller, Error> {
        let partners = [number(partner)?].into();
        Ok(Caller::by_token(
            of.clone(),
            LIMITS,
            &self.tokens,
            &partners,
            by_token,
        ))
    }
}

impl Actor {
    fn new(name: &str, listener: &Listener) -> Self {
        Self {
            name: name.to_owned(),
            address: listener.address(),
            municipality: None,
        }
    }
}

/// The PKI of the demo, in a folder that is removed once it is read: the certificates hold for as long as the demo does.
struct Pki {
    folder: PathBuf,
}

impl Pki {
    async fn mint() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sf209x-demo-{}", Uuid::new_v4()));
        let pki = Self { folder };
        let folder = pki.folder.clone();
        // Making keys is work for a while, and this is no place to do it.
        let minting = tokio::task::spawn_blocking(move || folder::mint(&folder));
        minting.await.map_err(io::Error::other)??;
        Ok(pki)
    }

    /// The security token service, and the tokens that it hands out.
    async fn token_service(&self) -> Result<(Listener, SecurityTokenService, Tokens), Error> {
        let file = self.folder.join(folder::CONFIGURATION_FILE);
        let config =
            Config::load(Some(&file)).map_err(|error| Error::Missing(error.to_string()))?;
        let missing = || Error::Missing("the configuration of the PKI has no tokens".to_owned());
        let (mut tokens, sts) = config.tokens.zip(config.sts).ok_or_else(missing)?;
        let credentials = self.credentials("sts")?;
        let here = (Ipv4Addr::LOCALHOST, 0).into();
        let listener = Listener::bind_open_tls(here, credentials.clone()).await?;
        let url = format!("https://{}{}", listener.address(), tokens.sts.path());
        tokens.sts = url.parse().map_err(|_| missing())?;
        let granted = Granted {
            tokens: tokens.clone(),
            agreements: sts.agreements,
        };
        let service = SecurityTokenService::new(granted, credentials, LIMITS);
        Ok((listener, service, tokens))
    }

    fn credentials(&self, party: &str) -> Result<Credentials, Error> {
        Credentials::load(folder::tls(&self.folder, party))
            .map_err(|error| Error::Missing(error.to_string()))
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "the keys of the demo are left behind");
        }
    }
}

/// Who a Jobcenter and KSD take for the platform.
fn the_platform() -> Result<Callers, Error> {
    Ok(Callers::Only([number(folder::PLATFORM)?].into()))
}

fn number(digits: &str) -> Result<Cvr, Error> {
    digits.parse().map_err(Error::Message)
}

async fn bind(credentials: &Credentials) -> io::Result<Listener> {
    Listener::bind_tls((Ipv4Addr::LOCALHOST, 0).into(), credentials.clone()).await
}

fn url(listener: &Listener, endpoint: Endpoint) -> Result<Uri, Error> {
    let (scheme, address) = (listener.scheme(), listener.address());
    let url = format!("{scheme}://{address}{}", endpoint.path());
    url.parse()
        .map_err(|error| Error::Missing(format!("{url}: {error}")))
}
