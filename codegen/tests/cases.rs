//! Every folder of `tests/cases` is generated and compared with its golden file, every folder of `tests/refused` is refused
//! with its golden diagnostics; what a case is warned of has a golden file too. `UPDATE=1 cargo test -p sf209x-codegen --test cases` rewrites them.
//!
//! A folder is a case: it holds `schema.xsd` or `contract.wsdl`, or a `contracts.toml` that says more. The package
//! `sf209x-tests` compiles the goldens and runs their messages.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use codegen::{Builder, Diagnostic, Error, Files};

/// The module of a case that has no `contracts.toml`.
const MODULE: &str = "contract";

#[test]
fn cases_are_generated_as_expected() {
    check("cases", "expected.rs", |folder| match generate(folder) {
        Ok(files) => Ok(golden(&files)),
        Err(error) => Err(format!("refused:\n{error}")),
    });
}

#[test]
fn refusals_say_what_is_expected() {
    check("refused", "expected.error", |folder| {
        match generate(folder) {
            Ok(_) => Err("generated, should be refused".to_owned()),
            Err(error) => Ok(format!("{error}\n")),
        }
    });
}

#[test]
fn what_is_passed_over_is_told() {
    check("cases", "expected.warnings", |folder| {
        let files = generate(folder).map_err(|error| format!("refused:\n{error}"))?;
        Ok(told(files.warnings()))
    });
}

#[test]
fn strict_makes_warnings_errors() {
    for folder in folders("cases")
        .iter()
        .filter(|folder| folder.join("contract.wsdl").exists())
    {
        let lenient = Builder::of_file(MODULE, folder.join("contract.wsdl")).generate();
        let warnings = lenient
            .map(|files| told(files.warnings()))
            .unwrap_or_default();
        let strict = Builder::of_file(MODULE, folder.join("contract.wsdl"))
            .strict(true)
            .generate();
        let errors = strict
            .err()
            .map(|error| told(error.diagnostics()))
            .unwrap_or_default();
        assert_eq!(warnings, errors, "{}", folder.display());
    }
}

/// Findings as a golden file has them.
fn told(findings: &[Diagnostic]) -> String {
    let lines = findings.iter().map(|finding| {
        let place = finding
            .place()
            .map_or_else(String::new, |place| format!("{place:?}: "));
        let help = finding
            .hint()
            .map_or_else(String::new, |help| format!("\n  help: {help}"));
        format!("{place}{finding}{help}\n")
    });
    lines.collect()
}

/// Makes the golden file `name` of every folder of `area` and compares it with the one that is there.
fn check(area: &str, name: &str, make: impl Fn(&Path) -> Result<String, String>) {
    let folders = folders(area);
    assert!(!folders.is_empty(), "no case in {area}");
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let mut failures = Vec::new();
    for folder in folders {
        let case = folder.file_name().unwrap_or_default().to_string_lossy();
        let path = folder.join(name);
        match make(&folder) {
            Err(failure) => failures.push(format!("{area}/{case}: {failure}")),
            Ok(made) if update && made.is_empty() => {
                let _ = fs::remove_file(&path);
            }
            Ok(made) if update => {
                fs::write(&path, made).unwrap_or_else(|error| panic!("{case}: {error}"));
            }
            Ok(made) => {
                let expected = fs::read_to_string(&path).unwrap_or_default();
                if made != expected {
                    let difference = difference(&expected, &made);
                    failures.push(format!("{area}/{case}/{name}: {difference}"));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{}\n\nif this is meant: UPDATE=1 cargo test -p sf209x-codegen --test cases",
        failures.join("\n")
    );
}

fn folders(area: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(area);
    let entries = fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn generate(folder: &Path) -> Result<Files, Error> {
    let contracts = folder.join("contracts.toml");
    if contracts.exists() {
        return Builder::new(contracts).generate();
    }
    let wsdl = folder.join("contract.wsdl");
    let input = if wsdl.exists() {
        wsdl
    } else {
        folder.join("schema.xsd")
    };
    Builder::of_file(MODULE, input).generate()
}

/// The emitted modules as one text: the only one as it is, several as modules inside each other's reach.
fn golden(files: &Files) -> String {
    let modules: Vec<(&str, &str)> = files
        .iter()
        .filter(|(path, _)| !path.contains('/') && *path != "contracts.rs")
        .collect();
    if let [(_, text)] = modules.as_slice() {
        return (*text).to_owned();
    }
    modules
        .iter()
        .map(|(path, text)| {
            let name = path.trim_end_matches(".rs");
            format!("/// Module `{name}`.\npub mod {name} {{\n{text}}}\n")
        })
        .collect()
}

/// The first line in which the two texts differ.
fn difference(expected: &str, made: &str) -> String {
    let (mut ours, mut theirs) = (expected.lines(), made.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (ours.next(), theirs.next()) {
            (None, None) => return "the texts differ in their last line end".to_owned(),
            (a, b) if a == b => {}
            (a, b) => {
                let shown = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
                return format!(
                    "first difference in line {number}\n  expected: {}\n  made:     {}",
                    shown(a),
                    shown(b)
                );
            }
        }
    }
}
