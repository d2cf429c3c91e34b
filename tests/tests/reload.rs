//! What a running process reads again: at a hangup, and when files change.

use std::path::Path;

use generated::sygefravaer::Opret;
use hyper::Uri;
use serde_json::Value;
use service::http::Client;
use service::outgoing::Connect;
use service::tls::Dialer;
use soap::{Operation, Request, Transport, Version};
use tests::system::LIMITS;

use crate::cargo;
use crate::replays::{Sender, instance, taken};
use crate::role::{self, Role};

/// Whether a caller that shows no certificate gets no answer.
async fn demands_a_certificate(sender: &Sender, url: &Uri) -> bool {
    let client = Client::over(Dialer::anonymous(sender.credentials.clone()), LIMITS);
    let request = Request {
        operation: &Opret::FACTS,
        version: Version::Soap11,
        body: sender.sign(),
    };
    client.to(url).send(request).await.is_err()
}

fn says(text: &str) -> impl Fn(&Value) -> bool {
    move |line| {
        let message = line["message"].as_str();
        message.is_some_and(|message| message.starts_with(text))
    }
}

fn copy(folder: &Path, from: &str, to: &str) {
    std::fs::copy(folder.join(from), folder.join(to)).expect("a file that can be copied");
}

#[tokio::test]
async fn a_hangup_reads_the_mapping_table_again_and_one_with_an_error_changes_nothing() {
    let config = role::pki(&cargo::folder("reload-table"));
    let (file, url) = instance(&config, "one", "");
    let sender = Sender::new(&config);
    let mut platform = Role::start("platform", &file, &[]);
    taken(&sender.send(&url, &sender.sign()).await);

    let text = std::fs::read_to_string(&file).expect("a configuration");
    let route = "[[platform.routes]]\nmunicipality = \"90000019\"\njobcenter = \"Nord\"\n";
    assert!(text.contains(route), "{text}");
    std::fs::write(&file, text.replace(route, "")).expect("a writable file");
    platform.signal("-HUP");
    let said = platform.logged(says("the mapping table is reloaded"));
    assert_eq!(said["municipalities"], 2);
    let answer = sender.send(&url, &sender.sign()).await;
    assert!(answer.contains("UnknownMunicipality"), "{answer}");

    std::fs::write(
        &file,
        text.replace("[[platform.routes]]", "[[platform.ruter]]"),
    )
    .expect("a writable file");
    platform.signal("-HUP");
    platform.logged(says("the mapping table stays as it is"));
    let answer = sender.send(&url, &sender.sign()).await;
    assert!(answer.contains("UnknownMunicipality"), "{answer}");
    platform.ends_well();
}

#[test]
fn the_token_service_reads_again_at_a_hangup_and_ends_well_when_told() {
    let config = role::pki(&cargo::folder("reload-sts"));
    let pki = config.parent().expect("a folder").to_owned();
    let mut sts = Role::run(&["sts"], &config);
    copy(&pki, "nord.key", "sts.key");
    sts.signal("-HUP");
    sts.logged(says(
        "certificates, keys and revocation lists stay as they are",
    ));
    sts.ends_well();
}

#[tokio::test]
async fn certificates_keys_and_signers_are_read_again_and_callers_must_prove_themselves_ever_after()
{
    let config = role::pki(&cargo::folder("reload-keys"));
    let pki = config.parent().expect("a folder").to_owned();
    let (file, url) = instance(&config, "one", "");
    let sender = Sender::new(&config);
    let mut platform = Role::start("platform", &file, &[]);
    taken(&sender.send(&url, &sender.sign()).await);
    assert!(demands_a_certificate(&sender, &url).await);

    // The key of the next pair is there, its certificate is not.
    copy(&pki, "nord.key", "platform.key");
    platform.signal("-HUP");
    platform.logged(says(
        "certificates, keys and revocation lists stay as they are",
    ));
    taken(&sender.send(&url, &sender.sign()).await);
    assert!(demands_a_certificate(&sender, &url).await);

    copy(&pki, "nord.pem", "platform.pem");
    platform.signal("-HUP");
    platform.logged(says("certificates, keys and revocation lists are reloaded"));
    taken(&sender.send(&url, &sender.sign()).await);
    assert!(demands_a_certificate(&sender, &url).await);

    // Tokens of a service that has another certificate from now on, of which nobody has told the process but the file.
    copy(&pki, "ksd.pem", "sts.pem");
    platform.logged(says("the certificates that sign tokens are reloaded"));
    let answer = sender.send(&url, &sender.sign()).await;
    assert!(answer.contains("(signer-not-trusted)"), "{answer}");
    platform.ends_well();
}
