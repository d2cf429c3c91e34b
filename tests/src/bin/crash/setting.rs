//! What the processes are told: who is where, and by what they prove themselves; and the ways in for who submits.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::SygefravaerServiceClient;
use hyper::Uri;
use service::config::{Config, Limits};
use service::endpoint::Endpoint;
use service::http::Client;
use service::message::Message;
use service::outgoing::{Connect, Destination, Failure};
use service::pki::folder;
use service::secured::Caller;
use service::store::Location;
use service::tls::Credentials;
use tests::system::KSD_SYSTEM;

/// The municipalities of the Jobcenter.
pub(crate) const MUNICIPALITIES: [&str; 3] = ["90000001", "90000002", "90000019"];

/// The Jobcenter's name.
pub(crate) const JOBCENTER: &str = "Nord";

/// A configuration, and what belongs to it.
pub(crate) struct Setting {
    /// The file.
    pub(crate) config: PathBuf,
    parties: Parties,
    by: By,
}

/// Where the parties are reached.
#[derive(Clone, Copy)]
pub(crate) struct Parties {
    pub(crate) ksd: SocketAddr,
    pub(crate) platform: SocketAddr,
    pub(crate) jobcenter: SocketAddr,
    pub(crate) sts: SocketAddr,
}

/// What KSD's own systems call with.
#[derive(Clone)]
enum By {
    Plain(Client),
    Secure(Caller),
}

/// The way of KSD's own systems to one endpoint.
pub(crate) struct Way {
    endpoint: Endpoint,
    url: Uri,
    by: By,
}

/// Who submits waits for no longer.
const LIMITS: Limits = Limits {
    call: Duration::from_secs(3),
    ..Limits::DEFAULT
};

impl Setting {
    /// Writes a configuration into `folder`; with `secure`, beside a PKI that is made for it.
    pub(crate) fn make(
        folder: &Path,
        location: &Location,
        parties: Parties,
        secure: bool,
    ) -> Result<Self, String> {
        let failed = |error: &dyn Display| format!("{}: {error}", folder.display());
        if !secure {
            let config = folder.join("sf209x.toml");
            let text = shared(location) + &plain(parties);
            std::fs::write(&config, text).map_err(|error| failed(&error))?;
            let by = By::Plain(Client::new(LIMITS));
            return Ok(Self {
                config,
                parties,
                by,
            });
        }
        let pki = folder.join("pki");
        folder::mint(&pki).map_err(|error| failed(&error))?;
        let config = pki.join(folder::CONFIGURATION_FILE);
        let text = shared(location) + &signed(parties);
        std::fs::write(&config, text).map_err(|error| failed(&error))?;
        let read = Config::load(Some(&config)).map_err(|error| failed(&error))?;
        let (tokens, ksd) = read.tokens.zip(read.ksd).ok_or("no tokens, or no KSD")?;
        let credentials = Credentials::load(folder::tls(&pki, "ksd"));
        let credentials = credentials.map_err(|error| failed(&error))?;
        let caller = Caller::by_token(credentials, LIMITS, &tokens, &ksd.platform_cvr, false);
        Ok(Self {
            config,
            parties,
            by: By::Secure(caller),
        })
    }

    /// Whether messages are signed, and connections encrypted.
    pub(crate) const fn secure(&self) -> bool {
        matches!(self.by, By::Secure(_))
    }

    /// The way to KSD's intake, or to the platform's EP_FS1.
    pub(crate) fn way(&self, endpoint: Endpoint) -> Way {
        let address = match endpoint {
            Endpoint::Intake => self.parties.ksd,
            _ => self.parties.platform,
        };
        let scheme = if self.secure() { "https" } else { "http" };
        Way {
            endpoint,
            url: url(scheme, address, endpoint).parse().expect("a URL"),
            by: self.by.clone(),
        }
    }
}

impl Way {
    /// Sends `message` there.
    pub(crate) async fn send(&self, message: &Message) -> Result<SygefravaerResponse, Failure> {
        let destination = Destination {
            endpoint: self.endpoint,
            url: &self.url,
            municipality: message.municipality(),
            time: None,
            advice: None,
        };
        match &self.by {
            By::Plain(client) => {
                let client = SygefravaerServiceClient::new(client.reach(destination));
                message.send(&client).await
            }
            By::Secure(caller) => {
                let client = SygefravaerServiceClient::new(caller.reach(destination));
                message.send(&client).await
            }
        }
    }
}

fn url(scheme: &str, address: SocketAddr, endpoint: Endpoint) -> String {
    format!("{scheme}://{address}{}", endpoint.path())
}

/// Where the stores are, and that everything is tried again soon: there are many deaths to wait for.
fn shared(location: &Location) -> String {
    let store = match location {
        Location::Directory(directory) => format!("data = {:?}", directory.display().to_string()),
        Location::Postgres(url) => format!("store = {url:?}"),
    };
    format!(
        r#"[limits]
request_seconds = 3
call_seconds = 2
drain_seconds = 1

[delivery]
{store}
first_pause_millis = 20
longest_pause_seconds = 1
longest_retry_after_seconds = 1
poll_millis = 20
register_seconds = 2

"#
    )
}

/// The parties over plain HTTP.
fn plain(parties: Parties) -> String {
    let url = |address, endpoint| url("http", address, endpoint);
    let fs1 = url(parties.platform, Endpoint::Fs1);
    let jc2 = url(parties.platform, Endpoint::Jc2);
    let fs2 = url(parties.ksd, Endpoint::Fs2);
    let jc1 = url(parties.jobcenter, Endpoint::Jc1);
    let routes = MUNICIPALITIES.map(|municipality| {
        format!("[[platform.routes]]\nmunicipality = {municipality:?}\njobcenter = {JOBCENTER:?}\n")
    });
    let routes = routes.concat();
    format!(
        r#"[ksd]
listen = "127.0.0.1:0"
systems = ["{KSD_SYSTEM}"]
platform = "{fs1}"

[platform]
listen = "127.0.0.1:0"
ksd = "{fs2}"

[[platform.jobcenters]]
name = {JOBCENTER:?}
url = "{jc1}"

{routes}
[[jobcenter]]
name = {JOBCENTER:?}
listen = "127.0.0.1:0"
platform = "{jc2}"
municipalities = {MUNICIPALITIES:?}
"#
    )
}

/// The configuration of the PKI, with one Jobcenter for all municipalities, and where the parties are in this run.
fn signed(parties: Parties) -> String {
    let Parties {
        ksd,
        platform,
        jobcenter,
        sts,
    } = parties;
    let mut text = folder::CONFIGURATION.to_owned();
    let addresses = [platform, ksd, jobcenter, jobcenter, sts];
    for (index, address) in addresses.iter().enumerate() {
        let (listens, called) = (
            format!("\"127.0.0.1:809{index}\""),
            format!("127.0.0.1:809{index}/"),
        );
        text = text.replace(&listens, "\"127.0.0.1:0\"");
        text = text.replace(&called, &format!("{address}/"));
    }
    text.replace("jobcenter = \"Syd\"", &format!("jobcenter = {JOBCENTER:?}"))
        .replace(
            "municipalities = [\"90000001\", \"90000019\"]",
            &format!("municipalities = {MUNICIPALITIES:?}"),
        )
}
