//! A workspace beside this one in which the emitted code of a corpus is compiled and run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::emitted::Emitted;
use crate::system::root;

/// The workspace: a crate for each contract, and one that runs messages.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    members: Vec<String>,
    modules: Vec<String>,
}

/// What the compiler made of the contracts.
#[derive(Debug, Default)]
pub struct Checked {
    /// What `cargo check` took for each contract that compiles without a warning, by the name of its crate.
    pub took: BTreeMap<String, Duration>,
    /// What it says against the others.
    pub objections: Vec<String>,
}

impl Scratch {
    /// An empty workspace in `folder`. What was compiled there before is compiled again only where it differs.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            members: Vec::new(),
            modules: Vec::new(),
        }
    }

    /// Takes in a contract as the crate `name`, and with `runs` as a module of what runs messages too.
    ///
    /// # Panics
    ///
    /// Where the folder cannot be written.
    pub fn add(&mut self, name: &str, emitted: &Emitted, runs: bool) {
        let source = self.folder.join(name).join("src");
        if let Err(error) = emitted.files.write(&source) {
            panic!("{error}");
        }
        let lib =
            "//! A contract.\n#![deny(missing_docs, warnings)]\n\ninclude!(\"contracts.rs\");\n";
        put(&source.join("lib.rs"), lib);
        self.crate_of(name, "");
        self.members.push(name.to_owned());
        if runs {
            let contracts = source.join("contracts.rs");
            let module = format!(
                "include!({contracts:?});\n\nuse crate::relay;\n\n{}",
                emitted.glue()
            );
            put(
                &self.folder.join(format!("messages/src/{name}.rs")),
                &module,
            );
            self.modules.push(name.to_owned());
        }
    }

    /// Writes what all crates have in common.
    ///
    /// # Panics
    ///
    /// Where the folder cannot be written.
    pub fn finish(&self) {
        let relay = root().join("tests/src/corpus/relay.rs");
        let mut main = format!("#[path = {relay:?}]\nmod relay;\n\n");
        let mut table = String::new();
        for module in &self.modules {
            main.push_str(&format!("mod {module};\n"));
            table.push_str(&format!(
                "        relay::Module {{ name: {module:?}, roots: {module}::ROOTS, services: {module}::SERVICES }},\n"
            ));
        }
        main.push_str(&format!(
            "\nfn main() -> std::io::Result<()> {{\n    relay::run(&[\n{table}    ])\n}}\n"
        ));
        put(&self.folder.join("messages/src/main.rs"), &main);
        self.crate_of("messages", "serde_json = \"1\"\n");
        let members: Vec<String> = self
            .members
            .iter()
            .map(|name| format!("    {name:?},\n"))
            .collect();
        put(
            &self.folder.join("Cargo.toml"),
            &format!(
                "[workspace]\nresolver = \"3\"\nmembers = [\n    \"messages\",\n{}]\n\n[profile.dev]\ndebug = 0\nincremental = false\n",
                members.concat()
            ),
        );
        let lock = fs::read_to_string(root().join("Cargo.lock"));
        put(
            &self.folder.join("Cargo.lock"),
            &lock.expect("the versions of this workspace"),
        );
    }

    fn crate_of(&self, name: &str, dependencies: &str) {
        let soap = root().join("soap");
        put(
            &self.folder.join(name).join("Cargo.toml"),
            &format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\nsoap = {{ package = \"sf209x-soap\", path = {soap:?} }}\n{dependencies}"
            ),
        );
    }

    /// Compiles the contracts one after the other, so that the time of each is its own.
    ///
    /// # Panics
    ///
    /// Where Cargo does not run, or the runtime of the contracts does not compile.
    #[must_use]
    pub fn check(&self) -> Checked {
        let runtime = self.cargo(&["check", "-p", "sf209x-soap"]).status();
        assert!(
            runtime.expect("Cargo runs").success(),
            "the runtime does not compile"
        );
        let mut child = self
            .cargo(&[
                "check",
                "--jobs=1",
                "--keep-going",
                "--workspace",
                "--exclude=messages",
                "--message-format=json",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Cargo runs");
        let mut checked = Checked::default();
        let mut before = Instant::now();
        for line in child
            .stdout
            .take()
            .map(BufReader::new)
            .into_iter()
            .flat_map(BufReader::lines)
        {
            let told: Value = line
                .ok()
                .and_then(|line| serde_json::from_str(&line).ok())
                .unwrap_or_default();
            let name = told["target"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if told["reason"] == "compiler-message" {
                let rendered = told["message"]["rendered"].as_str().unwrap_or_default();
                checked.objections.push(format!("{name}: {rendered}"));
            }
            if told["reason"] == "compiler-artifact" && self.members.contains(&name) {
                let took = self.took(&name, before.elapsed(), told["fresh"] == true);
                checked.took.insert(name, took);
            }
            before = Instant::now();
        }
        child.wait().expect("Cargo ends");
        checked
    }

    /// The time that the compiler took for a contract; for one that it did not compile again, the time before.
    fn took(&self, name: &str, now: Duration, fresh: bool) -> Duration {
        let kept = self.folder.join(name).join("milliseconds");
        let before = fs::read_to_string(&kept)
            .ok()
            .and_then(|text| text.parse().ok());
        match before {
            Some(milliseconds) if fresh => Duration::from_millis(milliseconds),
            _ => {
                put(&kept, &now.as_millis().to_string());
                now
            }
        }
    }

    /// Runs `jobs` by the emitted code; what came of each.
    ///
    /// # Panics
    ///
    /// Where the emitted code does not compile, or does not come to its end.
    #[must_use]
    pub fn run(&self, jobs: &[Value]) -> Vec<Value> {
        let built = self.cargo(&["build", "-p", "messages"]).status();
        assert!(
            built.expect("Cargo runs").success(),
            "the messages cannot be run"
        );
        let program = self.folder.join("target/debug/messages");
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a program that was built");
        let mut input = child.stdin.take().expect("a pipe");
        let jobs: String = jobs.iter().map(|job| format!("{job}\n")).collect();
        let feeder = std::thread::spawn(move || input.write_all(jobs.as_bytes()));
        let output = child.wait_with_output().expect("a program that ends");
        assert!(
            output.status.success(),
            "the messages stopped: {}",
            output.status
        );
        let fed = feeder.join().expect("a thread that ends");
        fed.expect("a program that reads");
        let told = String::from_utf8_lossy(&output.stdout);
        told.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = Command::new(cargo);
        cargo
            .args(arguments)
            .args(["--offline", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_TERM_COLOR", "never");
        cargo
    }
}

/// Writes a file where it is not already so.
fn put(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).expect("a writable folder");
    fs::write(path, text).expect("a writable folder");
}
