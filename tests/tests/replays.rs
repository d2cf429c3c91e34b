//! A signed message that comes again: to the same process, to another one, and after one has died.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use generated::sygefravaer::Opret;
use hyper::Uri;
use service::config::Config;
use service::endpoint::Endpoint;
use service::http::Client;
use service::outgoing::Connect;
use service::pki::folder;
use service::tls::{Credentials, Dialer};
use soap::security::{Addressing, IssuedToken, PrivilegeGroup, Token};
use soap::{Operation, Request, Transport, Version};
use tests::postgres::Postgres;
use tests::system::{LIMITS, NORD, sample};
use uuid::Uuid;

use crate::role::{self, Role};
use crate::{cargo, secrets};

/// KSD, as far as it signs messages and sends them: what is sent once can be sent again.
pub(crate) struct Sender {
    pub(crate) credentials: Credentials,
    token: IssuedToken,
    /// The address that the configuration has for the platform.
    to: String,
}

impl Sender {
    /// KSD of the PKI beside the configuration `config`, with a token for the municipality of the samples.
    pub(crate) fn new(config: &Path) -> Self {
        let pki = config.parent().expect("a folder");
        let of = |party| Credentials::load(folder::tls(pki, party)).expect("credentials");
        let tokens = Config::load(Some(config)).expect("a configuration").tokens;
        let tokens = tokens.expect("tokens");
        let to = tokens.addresses(Endpoint::Fs1)[0].clone();
        let privilege = tokens.privilege(Endpoint::Fs1).expect("one").to_owned();
        let municipality = NORD.parse().expect("a CVR number");
        let service = tokens.entity_id(Endpoint::Fs1).to_owned();
        let (credentials, now) = (of("ksd"), now());
        let token = Token {
            id: format!("_{}", Uuid::new_v4()),
            issuer: tokens.issuer,
            issued: now,
            holder: credentials.current().certificate().clone(),
            recipient: service.clone(),
            audiences: vec![service],
            not_before: None,
            not_on_or_after: now + TimeDelta::hours(8),
            municipality,
            privileges: vec![PrivilegeGroup {
                scope: municipality,
                privileges: vec![privilege],
                constraints: Vec::new(),
            }],
        };
        let issuer = of("sts").current();
        let token = IssuedToken::issue(&token, issuer.trust_signer().key()).expect("a token");
        secrets::used_token(token.text());
        Self {
            credentials,
            token,
            to,
        }
    }

    /// The sample of Opret, signed with a MessageID of its own.
    pub(crate) fn sign(&self) -> String {
        let id = format!("urn:uuid:{}", Uuid::new_v4());
        let addressing = Addressing::request(Opret::FACTS.action, &id, &self.to);
        let (current, message) = (self.credentials.current(), sample("Opret.request.xml"));
        let signed = current
            .signer()
            .sign(&message, &addressing, Some(&self.token), now());
        signed.expect("signed")
    }

    /// What the platform at `url` says to `message`, over a connection of its own: the one before may be that of a process that died.
    pub(crate) async fn send(&self, url: &Uri, message: &str) -> String {
        let request = Request {
            operation: &Opret::FACTS,
            version: Version::Soap11,
            body: message.to_owned(),
        };
        let client = Client::over(Dialer::new(self.credentials.clone()), LIMITS);
        let reply = client.to(url).send(request).await;
        String::from_utf8(reply.expect("an answer").body).expect("UTF-8")
    }
}

fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// The platform has believed the message, and then found nobody to hand it to.
#[track_caller]
pub(crate) fn taken(answer: &str) {
    assert!(answer.contains("PartnerUnavailable"), "{answer}");
}

#[track_caller]
fn refused(answer: &str) {
    assert!(
        answer.contains("NotBelieved") && answer.contains("(replay)"),
        "{answer}"
    );
}

/// A configuration beside that at `config`, of another instance of the platform, with its stores as `delivery` says; and where that
/// instance is reached.
pub(crate) fn instance(config: &Path, name: &str, delivery: &str) -> (PathBuf, Uri) {
    let text = std::fs::read_to_string(config).expect("a configuration");
    let (_, platform) = text.split_once("[platform]").expect("a platform");
    let listen = platform.split('"').nth(1).expect("an address").to_owned();
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = port.expect("a free port").to_string();
    let file = config.with_file_name(format!("{name}.toml"));
    // Whoever calls goes on addressing it by what stands in `config`, as one does that calls through a load balancer.
    let listens = |address: &str| format!("listen = {address:?}");
    let text = text.replace(&listens(&listen), &listens(&address));
    std::fs::write(&file, format!("{delivery}\n{text}")).expect("a writable file");
    let url = format!("https://{address}{}", Endpoint::Fs1.path());
    (file, url.parse().expect("a URL"))
}

#[tokio::test]
async fn a_repeat_is_refused_by_another_process_on_the_same_database() {
    let Some(database) = Postgres::find() else {
        return;
    };
    let config = role::pki(&cargo::folder("replays-postgres"));
    let sender = Sender::new(&config);
    let delivery = format!("[delivery]\nstore = {:?}", database.url());
    let [one, other] = ["one", "other"].map(|name| instance(&config, name, &delivery));
    let platform = ["serve", "--role", "platform"];
    let _one = Role::run(&platform, &one.0);
    let mut second = Role::run(&platform, &other.0);

    let message = sender.sign();
    taken(&sender.send(&one.1, &message).await);
    refused(&sender.send(&other.1, &message).await);
    refused(&sender.send(&one.1, &message).await);
    // Its sender, who got no receipt, signs it anew.
    taken(&sender.send(&other.1, &sender.sign()).await);
    second.ends_well();
}

#[tokio::test]
async fn a_repeat_is_refused_by_a_process_that_takes_the_place_of_one_that_was_killed() {
    let folder = cargo::folder("replays-restart");
    let config = role::pki(&folder);
    let _ = std::fs::remove_dir_all(config.with_extension("data"));
    let sender = Sender::new(&config);
    let (file, url) = instance(&config, "one", "");
    let message = sender.sign();
    {
        let _killed = Role::start("platform", &file, &[]);
        taken(&sender.send(&url, &message).await);
    }
    let mut platform = Role::start("platform", &file, &[]);
    refused(&sender.send(&url, &message).await);
    taken(&sender.send(&url, &sender.sign()).await);
    platform.ends_well();

    // Where it is told to keep them in memory, a restart forgets them: the platform then has no store.
    let text = std::fs::read_to_string(&file).expect("a configuration");
    let forgetful = text.replace("[platform]\n", "[platform]\nreplays = \"memory\"\n");
    std::fs::write(&file, forgetful).expect("a writable file");
    let _ = std::fs::remove_dir_all(file.with_extension("data"));
    let mut platform = Role::start("platform", &file, &[]);
    let message = sender.sign();
    taken(&sender.send(&url, &message).await);
    refused(&sender.send(&url, &message).await);
    platform.ends_well();
    assert!(!file.with_extension("data").exists());
}
