//! The same contracts give the same bytes, and nothing in them tells where or when.

use std::fs;
use std::process::Command;

use codegen::{Builder, Files};
use tests::system::root;

use crate::cargo;

fn generate(wsdl: impl Into<std::path::PathBuf>) -> Files {
    let files = Builder::new(wsdl).generate();
    files.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn two_folders_give_the_same_bytes() {
    let here = root().join("wsdl");
    let there = cargo::folder("deterministic").join("somewhere else/contracts");
    cargo::copy(&here, &there);
    let files = generate(here.join("contracts.toml"));
    assert_eq!(files, generate(there.join("contracts.toml")));
    assert_eq!(files, generate(here.join("contracts.toml")));
}

#[test]
fn the_command_writes_what_the_build_script_wrote() {
    let files = generate(root().join("wsdl/contracts.toml"));
    let built = cargo::built();
    let out = cargo::folder("emitted");
    let emit = Command::new(&built.codegen)
        .args(["emit", "--out"])
        .arg(&out)
        .current_dir(root())
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&emit.stderr);
    assert!(emit.status.success(), "{said}");
    for (path, text) in files.iter() {
        for folder in [&out, &built.emitted] {
            let written = fs::read_to_string(folder.join(path)).expect("an emitted file");
            assert!(written == text, "{path} differs in {}", folder.display());
        }
    }
}

#[test]
fn one_wsdl_is_emitted_on_its_own() {
    let wsdl = root().join("codegen/tests/cases/imported-wsdl/contract.wsdl");
    let files = Builder::of_file("contract", &wsdl).generate();
    let files = files.unwrap_or_else(|error| panic!("{error}"));
    let out = cargo::folder("emitted-alone");
    let emit = Command::new(&cargo::built().codegen)
        .args(["emit", "--wsdl"])
        .arg(&wsdl)
        .arg("--out")
        .arg(&out)
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&emit.stderr);
    assert!(emit.status.success(), "{said}");
    for (path, text) in files.iter() {
        let written = fs::read_to_string(out.join(path)).expect("an emitted file");
        assert!(written == text, "{path} differs");
    }
}

#[test]
fn emitted_code_is_short_and_clean() {
    let files = generate(root().join("wsdl/contracts.toml"));
    let code: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .collect();
    let lines: usize = code.iter().map(|(_, text)| text.lines().count()).sum();
    assert!(lines < 6500, "{lines} lines");
    let root = root();
    let unwanted = [
        "unwrap",
        "expect(",
        "panic!",
        "unsafe",
        "#[allow",
        "#![allow",
        "/home/",
        &root.display().to_string(),
    ];
    for (path, text) in code {
        for (number, line) in text.lines().enumerate() {
            let found = unwanted.iter().find(|unwanted| line.contains(**unwanted));
            assert_eq!(found, None, "{path}:{}: {line}", number + 1);
            assert!(!holds_date(line), "{path}:{}: {line}", number + 1);
        }
    }
}

/// Whether `line` holds a day, as in 2026-11-23.
fn holds_date(line: &str) -> bool {
    line.as_bytes().windows(10).any(|window| {
        window.iter().enumerate().all(|(index, octet)| match index {
            4 | 7 => *octet == b'-',
            _ => octet.is_ascii_digit(),
        })
    })
}
