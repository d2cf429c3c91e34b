//! Changing the contract changes the code, and the compiler says where.

use std::fs;
use std::path::Path;

use tests::system::root;

use crate::cargo;

const TYPES: &str = "wsdl/sygefravaer/xsd/SygefravaerServiceTypes.xsd";
const VARIANTS: [&str; 2] = [
    "wsdl/sygefravaer/wsdl/token/SygefravaerService.wsdl",
    "wsdl/sygefravaer/wsdl/context/SygefravaerService.wsdl",
];

#[test]
fn the_compiler_lists_what_no_longer_fits() {
    let workspace = cargo::folder("contract-change");
    take_back(&workspace);

    // An element has another name: the line that uses it is named.
    edit(&workspace.join(TYPES), |text| {
        text.replace("\"BrugtFortrydelsesret\"", "\"FortrydelsesretBrugt\"")
    });
    let build = cargo::cargo(&workspace, &["--lib"]);
    assert!(!build.success, "the build should fail");
    let using = "service/src/demo/messages.rs";
    let source = fs::read_to_string(workspace.join(using)).expect("the source");
    let line = source
        .lines()
        .position(|line| line.contains("brugt_fortrydelsesret"))
        .expect("the line that uses the element");
    for told in [
        format!("{using}:{}:", line + 1),
        "has no field named `brugt_fortrydelsesret`".to_owned(),
    ] {
        assert!(
            build.stderr.contains(&told),
            "no {told} in {}",
            build.stderr
        );
    }
    take_back(&workspace);

    // There is one more operation: the method that is missing is named.
    for variant in VARIANTS {
        edit(&workspace.join(variant), |text| {
            let text = doubled(text, "portType", "Opret", "Genoptag");
            doubled(&text, "binding", "Opret", "Genoptag")
        });
    }
    let build = cargo::cargo(&workspace, &["--lib"]);
    assert!(!build.success, "the build should fail");
    for told in [
        "not all trait items implemented, missing: `genoptag`",
        "service/src/message.rs:",
    ] {
        assert!(build.stderr.contains(told), "no {told} in {}", build.stderr);
    }

    // Both are taken back.
    take_back(&workspace);
    let build = cargo::cargo(&workspace, &["--lib"]);
    assert!(build.success, "{}", build.stderr);
}

/// Makes the copy what the workspace is.
fn take_back(workspace: &Path) {
    let root = root();
    for folder in ["codegen", "generated", "service", "soap", "tests", "wsdl"] {
        cargo::copy(&root.join(folder), &workspace.join(folder));
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        let text = fs::read_to_string(root.join(file)).expect("a readable file");
        let text = renumbered(&text);
        let copy = workspace.join(file);
        if fs::read_to_string(&copy).ok().as_ref() != Some(&text) {
            fs::write(copy, text).expect("a writable file");
        }
    }
}

/// The manifest or the lock file with another version for our own crates. Cargo tells workspaces that share a target folder
/// apart by names and versions, not by where they are.
fn renumbered(text: &str) -> String {
    let version = concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"");
    let copy = concat!("version = \"", env!("CARGO_PKG_VERSION"), "-copy\"");
    let mut ours = false;
    let mut renumbered = String::new();
    for line in text.lines() {
        ours = line == "[workspace.package]" || line.starts_with("name = \"sf209x-") || ours;
        if ours && line == version {
            renumbered.push_str(copy);
            ours = false;
        } else {
            renumbered.push_str(line);
        }
        renumbered.push('\n');
    }
    renumbered
}

#[track_caller]
fn edit(file: &Path, change: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(file).expect("a readable file");
    let changed = change(&text);
    assert_ne!(changed, text, "{} is as before", file.display());
    fs::write(file, changed).expect("a writable file");
}

/// `wsdl` with the operation `name` of its element `parent` once more, as `copy`.
fn doubled(wsdl: &str, parent: &str, name: &str, copy: &str) -> String {
    let from = wsdl.find(&format!("<wsdl:{parent} ")).expect("the parent");
    let start = from
        + wsdl[from..]
            .find(&format!("<wsdl:operation name=\"{name}\""))
            .expect("the operation");
    let end = "</wsdl:operation>";
    let stop = start + wsdl[start..].find(end).expect("its end") + end.len();
    let operation = &wsdl[start..stop];
    let again = operation
        .replacen(&format!("\"{name}\""), &format!("\"{copy}\""), 1)
        .replace(&format!("/{name}\""), &format!("/{copy}\""));
    [&wsdl[..stop], &again, &wsdl[stop..]].concat()
}
