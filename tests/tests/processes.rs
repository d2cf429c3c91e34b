//! The roles apart: three processes and the command that sends.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tests::system::{NORD, SYD, root, sample};

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
    let pki = folder.join("pki");
    let _ = std::fs::remove_dir_all(&pki);
    let mint = Command::new(&cargo::built().sf209x)
        .arg("pki")
        .arg(&pki)
        .output()
        .expect("the command runs");
    assert_eq!(mint.status.code(), Some(0));
    let config = pki.join("sf209x.toml");
    std::fs::write(&config, with_free_ports(&config)).expect("a writable file");
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
    let roots = pki.join("roots.pem");
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

/// The configuration in `file` with ports that were free a moment ago.
fn with_free_ports(file: &Path) -> String {
    let reserved: Vec<TcpListener> = (0..5)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"))
        .collect();
    let mut text = std::fs::read_to_string(file).expect("a configuration");
    for (index, listener) in reserved.iter().enumerate() {
        let address = listener.local_addr().expect("a bound address");
        text = text.replace(&format!("127.0.0.1:809{index}"), &address.to_string());
    }
    assert!(!text.contains(":809"), "{text}");
    text
}

/// A process that serves one role; it ends with the test.
struct Role {
    process: Child,
    log: Receiver<String>,
}

impl Role {
    /// Starts the role and waits until it listens.
    fn start(role: &str, config: &Path, flags: &[&str]) -> Self {
        let data = config.with_extension("data");
        let data = data.to_str().expect("a path in UTF-8");
        let command = [&["serve", "--role", role, "--data", data][..], flags].concat();
        Self::run(&command, config)
    }

    /// Starts a process that listens, and waits until it does.
    fn run(command: &[&str], config: &Path) -> Self {
        let mut process = Command::new(&cargo::built().sf209x)
            .args(command)
            .args(["--log-format", "json", "--config"])
            .arg(config)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command runs");
        let announced = lines(process.stdout.take().expect("piped"));
        let log = lines(process.stderr.take().expect("piped"));
        let started = Self { process, log };
        while next(&announced)
            .unwrap_or_else(|| panic!("{command:?} does not get ready: {:?}", next(&started.log)))
            != "ready"
        {}
        started
    }

    /// Waits for the next call in the log that is as `wanted`.
    fn logged(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = next(&self.log).expect("a line within a minute");
            assert_discreet(&line);
            let call: Value = serde_json::from_str(&line).expect("an object a line");
            if wanted(&call) {
                return call;
            }
        }
    }

    /// Asks the process to stop, and sees it stop without complaint.
    fn ends_well(&mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status();
        assert!(asked.is_ok_and(|status| status.success()));
        let status = self.process.wait().expect("it ends");
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !thread::panicking() {
            self.log.iter().for_each(|line| assert_discreet(&line));
        }
    }
}

/// No key, no token, no signed message and no person is in what a process says.
fn assert_discreet(line: &str) {
    let person = sample("Opret.request.xml");
    let (_, person) = person.split_once("Person</").expect("a person");
    let (_, person) = person.split_once("ReferenceID>").expect("a person");
    let person = &person[..10];
    assert!(
        person.bytes().all(|digit| digit.is_ascii_digit()),
        "a CPR number"
    );
    for secret in [
        person,
        "PRIVATE KEY",
        "Assertion",
        "SignatureValue",
        "Envelope",
        "MII",
    ] {
        assert!(!line.contains(secret), "the log holds {secret}");
    }
}

/// The lines of `stream`, as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The next line; what does not come in a minute does not come.
fn next(lines: &Receiver<String>) -> Option<String> {
    lines.recv_timeout(Duration::from_secs(60)).ok()
}
