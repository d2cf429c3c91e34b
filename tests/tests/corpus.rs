//! Every contract of a folder: generated, compiled, and its messages read and written.
//!
//! The folder is `../shared/corpus`, or what `SF209X_CORPUS` names. `cargo test -p sf209x-tests corpus -- --nocapture` shows
//! the table.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tests::corpus::contracts::{Contract, contracts};
use tests::corpus::emitted::Emitted;
use tests::corpus::expected::{CHANGED, INVALID, Known, REFUSED};
use tests::corpus::lexical::Types;
use tests::corpus::messages::{Job, Message, messages};
use tests::corpus::scratch::Scratch;
use tests::infoset::{self, envelope_difference};
use tests::system::root;

use crate::cargo;

/// What became of one contract.
struct Row {
    contract: Contract,
    /// The crate of its emitted code; contracts whose code is the same have one.
    module: String,
    emitted: Emitted,
    types: Types,
    jobs: Vec<Job>,
    /// Messages that come back as they were, and all.
    messages: [usize; 2],
    /// Whether all messages of a folder come back as they were.
    folders: BTreeMap<String, bool>,
    /// Elements that stand alone in no message of the contract.
    strays: usize,
}

#[test]
fn every_contract_of_the_corpus() {
    let folder = folder();
    if !folder.is_dir() {
        let folder = folder.display();
        let _ = writeln!(std::io::stderr(), "skipped: there is no corpus at {folder}");
        return;
    }
    let mut failures = Vec::new();
    let mut rows = Vec::new();
    for contract in contracts(&folder).into_iter().chain(platform()) {
        match Emitted::of(&contract) {
            Ok(emitted) => rows.push(Row::new(&folder, contract, emitted)),
            Err(error) => {
                let told = &error.diagnostics()[0];
                println!("refused: {}: {}", contract.name, told.message());
                failures.extend(unexpected(REFUSED, &contract.name, told.message()));
            }
        }
    }
    let scratch = workspace(&mut rows);
    let checked = scratch.check();
    failures.extend(checked.objections);
    run(&scratch, &mut rows, &mut failures);
    table(&rows, &checked.took);
    for row in &rows {
        failures.extend(needless(REFUSED, &row.contract.name));
        let is_large = row.contract.name.contains("sf2900") && row.emitted.lines >= 5_000;
        failures.extend(is_large.then(|| format!("{}: too many lines", row.contract.name)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The corpus.
fn folder() -> PathBuf {
    match std::env::var_os("SF209X_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => root().join("../shared/corpus"),
    }
}

/// The contracts of SF2900, a package of the size of SF2090.
fn platform() -> impl Iterator<Item = Contract> {
    contracts(&root().join("../shared/platform-schemas/sf2900"))
        .into_iter()
        .map(|contract| Contract {
            name: format!("sf2900/{}", contract.name),
            ..contract
        })
}

impl Row {
    fn new(corpus: &Path, contract: Contract, emitted: Emitted) -> Self {
        let documents = emitted
            .files
            .iter()
            .filter(|(path, _)| !path.ends_with(".rs"));
        Self {
            module: String::new(),
            types: Types::of(documents.map(|(_, text)| text)),
            jobs: messages(corpus, &contract),
            messages: [0; 2],
            folders: BTreeMap::new(),
            strays: 0,
            contract,
            emitted,
        }
    }
}

/// The workspace in which all is compiled, with a crate for each emitted code.
fn workspace(rows: &mut [Row]) -> Scratch {
    let mut scratch = Scratch::new(&cargo::folder("corpus"));
    let mut modules: BTreeMap<String, String> = BTreeMap::new();
    let mut runs: BTreeMap<String, bool> = BTreeMap::new();
    for row in rows.iter_mut() {
        let code: String = row.emitted.files.iter().map(|(_, text)| text).collect();
        let next = format!("c{}", modules.len());
        row.module.clone_from(modules.entry(code).or_insert(next));
        *runs.entry(row.module.clone()).or_default() |= !row.jobs.is_empty();
    }
    for row in rows {
        if let Some(runs) = runs.remove(&row.module) {
            scratch.add(&row.module, &row.emitted, runs);
        }
    }
    scratch.finish();
    scratch
}

/// Runs all messages and counts those that come back as they were.
fn run(scratch: &Scratch, rows: &mut [Row], failures: &mut Vec<String>) {
    let lines: Vec<Value> = rows
        .iter()
        .flat_map(|row| row.jobs.iter().map(|job| job.line(&row.module)))
        .collect();
    let mut told = scratch.run(&lines).into_iter();
    let mut alone = Vec::new();
    for row in rows.iter_mut() {
        for job in std::mem::take(&mut row.jobs) {
            let told = told.next().unwrap_or_default();
            for (key, message) in job.parts() {
                let told = &told[key];
                if let (true, Some(body)) = (told.is_null(), infoset::body(&message.text)) {
                    // Its request was refused: what is in its body can be read none the less.
                    let body = Message {
                        text: body,
                        ..message.clone()
                    };
                    alone.push((row.contract.name.clone(), Job::Element(body)));
                } else {
                    row.count(message, told, failures);
                }
            }
        }
    }
    let module = |name: &str| {
        let row = rows.iter().find(|row| row.contract.name == name);
        row.map_or("", |row| &row.module)
    };
    let lines: Vec<Value> = alone
        .iter()
        .map(|(name, job)| job.line(module(name)))
        .collect();
    for ((name, job), told) in alone.iter().zip(scratch.run(&lines)) {
        let row = rows.iter_mut().find(|row| row.contract.name == *name);
        for (row, (key, message)) in row.into_iter().zip(job.parts()) {
            row.count(message, &told[key], failures);
        }
    }
}

impl Row {
    /// Counts a message of which the emitted code told this.
    fn count(&mut self, message: &Message, told: &Value, failures: &mut Vec<String>) {
        if told["stray"] == true {
            self.strays += 1;
            return;
        }
        self.messages[1] += 1;
        let whole = self
            .folders
            .entry(message.folder().to_owned())
            .or_insert(true);
        let before = std::mem::replace(whole, false);
        let name = &message.name;
        let Some(written) = told["written"].as_str() else {
            failures.extend(unexpected(INVALID, name, &told["refused"].to_string()));
            return;
        };
        failures.extend(needless(INVALID, name));
        let headers: Vec<(String, String)> =
            serde_json::from_value(told["headers"].clone()).unwrap_or_default();
        let difference = if message.is_element() {
            infoset::difference_by(&message.text, written, &self.types)
        } else {
            envelope_difference(&message.text, written, &headers, &self.types)
        };
        let unstable =
            (told["stable"] != json!(true)).then(|| "it is refused once it is written".to_owned());
        match difference.or(unstable) {
            Some(difference) => failures.extend(unexpected(CHANGED, name, &difference)),
            None => {
                failures.extend(needless(CHANGED, name));
                self.messages[0] += 1;
                *whole = before;
            }
        }
    }
}

/// What is wrong unless it is expected.
fn unexpected(list: &[Known], name: &str, told: &str) -> Option<String> {
    (!is_known(list, name)).then(|| format!("{name}: {told}"))
}

/// What is expected though nothing is wrong.
fn needless(list: &[Known], name: &str) -> Option<String> {
    is_known(list, name).then(|| format!("{name}: is on the list of what fails, and does not"))
}

fn is_known(list: &[Known], name: &str) -> bool {
    let mut names = list.iter().flat_map(|(_, names)| *names);
    names.any(|known| name.starts_with(known))
}

fn table(rows: &[Row], took: &BTreeMap<String, Duration>) {
    println!("operations types lines lines/particle check messages contract");
    for row in rows {
        let Emitted {
            operations,
            types,
            lines,
            ..
        } = &row.emitted;
        let density = row.emitted.density();
        let took = took
            .get(&row.module)
            .map_or(f64::NAN, Duration::as_secs_f64);
        let [same, all] = row.messages;
        let name = &row.contract.name;
        println!(
            "{operations:10} {types:5} {lines:5} {density:14.1} {took:4.1}s {same:4}/{all:<4} {name}"
        );
    }
    for row in rows.iter().filter(|row| row.folders.len() > 1) {
        let whole = row.folders.values().filter(|whole| **whole).count();
        let (name, all) = (&row.contract.name, row.folders.len());
        println!("{name}: all messages of {whole} of {all} folders");
    }
    let sum = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
    println!(
        "{} contracts, {} operations, {} lines, {} of {} messages, {} elements of no message",
        rows.len(),
        sum(|row| row.emitted.operations),
        sum(|row| row.emitted.lines),
        sum(|row| row.messages[0]),
        sum(|row| row.messages[1]),
        sum(|row| row.strays),
    );
}
