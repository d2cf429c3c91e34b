//! Lists the cases of the generator: a module of the golden code for each, and a test that runs its messages; the same once
//! more of what is emitted with serde's traits, that of our own contracts included.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let cases = Path::new("../codegen/tests/cases");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", cases.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("set by Cargo"));
    let (mut modules, mut tests, mut table) = (String::new(), String::new(), String::new());
    for folder in sorted(cases) {
        // A new case has no golden code yet; the generator's own test tells how to make it.
        let Ok(code) = fs::read_to_string(folder.join("expected.rs")) else {
            continue;
        };
        let name = file_name(&folder);
        let module = name.replace('-', "_");
        embed(&folder, &out.join(&name), &code);
        let _ = writeln!(
            modules,
            "/// The case `{name}`.\n#[deny(warnings)]\npub mod {module} {{\n    include!(\"{name}/expected.rs\");\n}}"
        );
        let roots: Vec<String> = roots(&code)
            .into_iter()
            .map(|inner| format!("crate::goldens::cases::{module}::{inner}elements::ALL"))
            .collect();
        let _ = writeln!(
            tests,
            "#[test]\nfn {module}() {{\n    check(\"{name}\", &[{}]);\n}}",
            roots.join(", ")
        );
        let _ = writeln!(table, "    (\"{name}\", &[{}]),", roots.join(", "));
    }
    write(&out.join("cases.rs"), &modules);
    write(&out.join("case_tests.rs"), &tests);
    write(
        &out.join("case_roots.rs"),
        &format!(
            "/// The roots of each case.\nstatic CASES: &[(&str, &[&[&dyn AnyRoot]])] = &[\n{table}];\n"
        ),
    );
    serial(cases, &out);
}

/// Emits every case with serde's traits: a module for each, and a test that takes its messages through JSON.
fn serial(cases: &Path, out: &Path) {
    let contracts = Path::new("../wsdl/contracts.toml");
    println!("cargo::rerun-if-changed=../wsdl");
    let inputs = sorted(cases)
        .into_iter()
        .filter_map(|folder| Some((file_name(&folder), input(&folder)?)))
        .chain([("sf2090".to_owned(), codegen::Builder::new(contracts))]);
    let (mut modules, mut tests) = (String::new(), String::new());
    for (name, builder) in inputs {
        // What is wrong with a case, its own test tells.
        let Ok(files) = builder.serde(true).generate() else {
            continue;
        };
        let module = name.replace('-', "_");
        files
            .write(&out.join("serial").join(&name))
            .expect("a writable folder");
        let _ = writeln!(
            modules,
            "/// The case `{name}`.\n#[deny(warnings)]\npub mod {module} {{\n    include!(\"serial/{name}/contracts.rs\");\n}}"
        );
        let emitted = files.iter().filter_map(|(path, code)| {
            let inner = path.strip_suffix(".rs")?;
            Some((inner, code))
        });
        let roots: Vec<String> = emitted
            .flat_map(|(inner, code)| {
                let constants = code.lines().filter_map(|line| {
                    let line = line.trim_start().strip_prefix("pub const ")?;
                    let (constant, r#type) = line.split_once(": ")?;
                    r#type.starts_with("soap::Root<").then_some(constant)
                });
                constants
                    .map(|constant| format!("&serial::{module}::{inner}::elements::{constant}"))
                    .collect::<Vec<_>>()
            })
            .collect();
        let _ = writeln!(
            tests,
            "#[test]\nfn {module}() {{\n    check(\"{name}\", &[{}]);\n}}",
            roots.join(", ")
        );
    }
    write(&out.join("serial.rs"), &modules);
    write(&out.join("serial_tests.rs"), &tests);
}

/// What a case is generated from.
fn input(folder: &Path) -> Option<codegen::Builder> {
    let contracts = folder.join("contracts.toml");
    if contracts.exists() {
        return Some(codegen::Builder::new(contracts));
    }
    let mut files = ["contract.wsdl", "schema.xsd"]
        .into_iter()
        .map(|file| folder.join(file));
    let file = files.find(|file| file.exists())?;
    Some(codegen::Builder::of_file("contract", file))
}

/// Puts the golden code into `target`, and beside it the documents that it embeds, as the generator would.
fn embed(folder: &Path, target: &Path, code: &str) {
    write(&target.join("expected.rs"), code);
    let modules = match fs::read_to_string(folder.join("contracts.toml")) {
        Err(_) => vec!["contract".to_owned()],
        Ok(contracts) => contracts
            .lines()
            .filter_map(|line| line.strip_prefix("module = "))
            .map(|module| module.trim_matches('"').to_owned())
            .collect(),
    };
    for document in documents(folder) {
        // Documents of other encodings are embedded as UTF-8; what their letters are is nothing to these tests.
        let bytes = fs::read(&document).expect("a readable document");
        let text = String::from_utf8_lossy(&bytes);
        let relative = document.strip_prefix(folder).expect("it lies inside");
        for module in &modules {
            write(&target.join(module).join(relative), &text);
        }
    }
}

/// The modules of `code`, each with `::` behind it, that have root elements.
fn roots(code: &str) -> Vec<String> {
    let mut inside = String::new();
    let mut roots = Vec::new();
    for line in code.lines() {
        let module = line
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.strip_suffix(" {"));
        match module {
            Some("elements") => roots.push(inside.clone()),
            Some(module) => inside = format!("{module}::"),
            None => {}
        }
    }
    roots
}

/// All WSDL and schema documents under `folder`.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut documents = Vec::new();
    for path in sorted(folder) {
        if path.is_dir() {
            documents.extend(self::documents(&path));
        } else if path.extension().is_some_and(|e| e == "xsd" || e == "wsdl") {
            documents.push(path);
        }
    }
    documents
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn write(path: &Path, text: &str) {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("a writable folder");
    }
    fs::write(path, text).expect("a writable file");
}
