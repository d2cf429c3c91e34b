//! The roles apart: three processes and the command that sends.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::system::{NORD, SYD, root, sample};

use crate::role::{self, Role, with_free_ports};
use crate::{SEVEN, cargo};

#[test]
fn seven_messages_go_round_between_three_processes() {
    let folder = cargo::folder("processes");
    let config = folder.join("sf209x.toml");
    let sample = root().join("service/sf209x.toml");
    std::fs::write(&config, with_free_ports(&sample)).expect("a writable file");
    go_round(&folder, &config, &["--insecure"]);
}

#[test]
fn seven_messages_go_round_over_tls() {
    let folder = cargo::folder("processes-tls");
    let config = role::pki(&folder);
    let _sts = Role::run(&["sts"], &config);
    go_round(&folder, &config, &[]);
    let (config, text) = (config.to_string_lossy(), text(&config));
    doctor(&["sts", "--config", &config, "--municipality", NORD], 0);
    let refused = doctor(
        &["sts", "--config", &config, "--municipality", "90000003"],
        65,
    );
    assert!(
        refused.to_string().contains("service agreement"),
        "{refused}"
    );
    let sts = url(&text, "sts = ");
    let roots = folder.join("pki/roots.pem");
    let found = doctor(&["endpoint", sts, "--roots", &roots.to_string_lossy()], 0);
    assert!(found.to_string().contains("\"not asked for\""), "{found}");
    // The platform has stopped.
    doctor(&["endpoint", url(&text, "platform = ")], 69);
}

/// What the doctor says about `arguments`, having ended with `code`.
fn doctor(arguments: &[&str], code: i32) -> Value {
    let output = Command::new(&cargo::built().sf209x)
        .args(["doctor", "--json"])
        .args(arguments)
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// The URL after the first `key` in a configuration.
fn url<'a>(configuration: &'a str, key: &str) -> &'a str {
    let (_, rest) = configuration.split_once(key).expect("the key");
    rest.split('"').nth(1).expect("a URL")
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).expect("a readable file")
}

/// Runs each role in a process of its own with `flags`, sends the seven messages, and waits for their answers.
fn go_round(folder: &Path, config: &Path, flags: &[&str]) {
    // What an earlier run left would be known already.
    let _ = std::fs::remove_dir_all(config.with_extension("data"));
    // Those who are called first, first: a message finds all of them there.
    let _jobcenter = Role::start("jobcenter", config, flags);
    let _platform = Role::start("platform", config, flags);
    let mut ksd = Role::start("ksd", config, flags);

    if flags.is_empty() {
        let (fs1, config) = (text(config), config.to_string_lossy());
        let visit = ["endpoint", url(&fs1, "platform = "), "--config", &config];
        let found = doctor(&[&visit[..], &["--role", "ksd"]].concat(), 0).to_string();
        for part in [
            "asked for, and shown",
            "It has our operations",
            "not-signed",
        ] {
            assert!(found.contains(part), "{part} in {found}");
        }
    }
    let mut transactions = Vec::new();
    for (index, operation) in SEVEN.iter().enumerate() {
        let municipality = if index % 2 == 0 { NORD } else { SYD };
        let message = sample(&format!("{operation}.request.xml")).replace(
            &format!("<Myndighed>{NORD}<"),
            &format!("<Myndighed>{municipality}<"),
        );
        let file = folder.join(format!("{operation}.xml"));
        std::fs::write(&file, message).expect("a writable file");
        let send = Command::new(&cargo::built().sf209x)
            .arg("send")
            .args(flags)
            .arg(&file)
            .arg("--config")
            .arg(config)
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&send.stderr);
        assert_eq!(send.status.code(), Some(0), "{operation}: {said}");
        let receipt = String::from_utf8_lossy(&send.stdout);
        assert!(receipt.starts_with("OK "), "{operation}: {receipt}");
        assert!(receipt.contains(operation), "{operation}: {receipt}");
        transactions.extend(receipt.split_whitespace().last().map(str::to_owned));
    }

    // KSD says OK to an answer that it can match, and to no other.
    let mut answered: Vec<String> = (0..SEVEN.len())
        .map(|_| {
            let call = ksd.logged(|call| call["endpoint"] == "EP_FS2");
            assert_eq!(
                (&call["code"], &call["answer"]),
                (&"OK".into(), &"ACCEPTERET".into())
            );
            call["transaction"].as_str().unwrap_or_default().to_owned()
        })
        .collect();
    answered.sort();
    transactions.sort();
    assert_eq!(answered, transactions);
    ksd.ends_well();
}

#[test]
fn without_tls_a_role_starts_only_where_that_is_asked_for() {
    let sample = root().join("service/sf209x.toml");
    let serve = Command::new(&cargo::built().sf209x)
        .args(["serve", "--role", "all", "--config"])
        .arg(sample)
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&serve.stderr);
    assert_eq!(serve.status.code(), Some(78), "{said}");
    assert!(said.contains("ksd.tls is missing"), "{said}");
}

#[test]
fn a_role_that_does_not_know_its_own_address_does_not_start() {
    let config = role::pki(&cargo::folder("unaddressed"));
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let (before, rest) = text.split_once("EP_FS2 = [").expect("an address");
    let (_, after) = rest.split_once('\n').expect("a line");
    std::fs::write(&config, format!("{before}{after}")).expect("a writable file");
    let serve = Command::new(&cargo::built().sf209x)
        .args(["serve", "--role", "ksd", "--config"])
        .arg(&config)
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&serve.stderr);
    assert_eq!(serve.status.code(), Some(78), "{said}");
    assert!(
        said.contains("tokens.addresses.EP_FS2 is missing"),
        "{said}"
    );
}

#[test]
fn plain_http_off_loopback_is_refused() {
    let folder = cargo::folder("processes");
    let config = folder.join("open.toml");
    let open = with_free_ports(&root().join("service/sf209x.toml")).replacen(
        "listen = \"127.0.0.1:",
        "listen = \"0.0.0.0:",
        1,
    );
    std::fs::write(&config, open).expect("a writable file");
    let serve = Command::new(&cargo::built().sf209x)
        .args(["serve", "--insecure", "--role", "all", "--config"])
        .arg(&config)
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&serve.stderr);
    assert_eq!(serve.status.code(), Some(78), "{said}");
    assert!(said.contains("loopback"), "{said}");
}
