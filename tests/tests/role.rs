//! A process of `sf209x`, and what it says.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tests::system::sample;

use crate::{cargo, secrets};

/// A development PKI in `folder`, made anew, with a configuration whose ports were free a moment ago: where that is.
pub(crate) fn pki(folder: &Path) -> PathBuf {
    let pki = folder.join("pki");
    let _ = std::fs::remove_dir_all(&pki);
    let mint = Command::new(&cargo::built().sf209x)
        .arg("pki")
        .arg(&pki)
        .output()
        .expect("the command runs");
    assert_eq!(mint.status.code(), Some(0));
    for party in ["sts", "platform", "ksd", "nord", "syd"] {
        let pem = std::fs::read_to_string(pki.join(format!("{party}.key"))).expect("a key");
        let key: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        secrets::used("key", &STANDARD.decode(key).expect("base64"));
    }
    let config = pki.join("sf209x.toml");
    std::fs::write(&config, with_free_ports(&config)).expect("a writable file");
    config
}

/// The configuration in `file` with ports that were free a moment ago.
pub(crate) fn with_free_ports(file: &Path) -> String {
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
pub(crate) struct Role {
    process: Child,
    log: Receiver<String>,
}

impl Role {
    /// Starts the role and waits until it listens.
    pub(crate) fn start(role: &str, config: &Path, flags: &[&str]) -> Self {
        let data = config.with_extension("data");
        let data = data.to_str().expect("a path in UTF-8");
        let command = [&["serve", "--role", role, "--data", data][..], flags].concat();
        Self::run(&command, config)
    }

    /// Starts a process that listens, and waits until it does.
    pub(crate) fn run(command: &[&str], config: &Path) -> Self {
        Self::spawn(Command::new(&cargo::built().sf209x).args(command), config)
    }

    /// The same of any `program` that takes the arguments of `sf209x`.
    pub(crate) fn spawn(program: &mut Command, config: &Path) -> Self {
        let mut process = program
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
            .unwrap_or_else(|| panic!("{program:?} does not get ready: {:?}", next(&started.log)))
            != "ready"
        {}
        started
    }

    /// Waits for the next call in the log that is as `wanted`.
    pub(crate) fn logged(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = next(&self.log).expect("a line within a minute");
            assert_discreet(&line);
            let call: Value = serde_json::from_str(&line).expect("an object a line");
            if wanted(&call) {
                return call;
            }
        }
    }

    /// Sends the process a signal, as `kill` calls it.
    pub(crate) fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks the process to stop, and sees it stop without complaint.
    pub(crate) fn ends_well(&mut self) {
        self.signal("-TERM");
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
    let (date, serial) = person.split_at(6);
    let spelled = ["-", " ", ".", "–"].map(|between| [date, serial].join(between));
    for secret in [
        person,
        &spelled[0],
        &spelled[1],
        &spelled[2],
        &spelled[3],
        "PRIVATE KEY",
        "<Assertion",
        ":Assertion",
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
            // For whoever looks for the cause of a failure, or for what must not be said.
            eprintln!("{line}");
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
