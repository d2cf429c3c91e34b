//! Emits the cases of the generator, whose types hold all that a contract can say, beside the contracts of SF2090.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::Builder;

fn main() {
    let cases = Path::new("../../codegen/tests/cases");
    println!("cargo::rerun-if-changed={}", cases.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("set by Cargo"));
    let (mut modules, mut roots) = (String::new(), String::new());
    for folder in sorted(cases) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // What is wrong with a case, its own test tells.
        let Some(files) = input(&folder).and_then(|builder| builder.generate().ok()) else {
            continue;
        };
        files.write(&out.join(&name)).expect("a writable folder");
        let module = name.replace('-', "_");
        let _ = writeln!(modules, "pub mod {module} {{ include!(concat!(env!(\"OUT_DIR\"), \"/{name}/contracts.rs\")); }}");
        for (path, code) in files.iter() {
            if let (Some(inner), true) = (path.strip_suffix(".rs"), code.contains("\npub mod elements")) {
                let _ = writeln!(roots, "cases::{module}::{inner}::elements::ALL,");
            }
        }
    }
    let text = format!(
        "#[allow(missing_docs, reason = \"only run\")]\npub mod cases {{\n{modules}}}\nstatic CASES: &[&[&dyn soap::AnyRoot]] = &[\n{roots}];\n"
    );
    fs::write(out.join("cases.rs"), text).expect("a writable folder");
}

/// What a case is generated from.
fn input(folder: &Path) -> Option<Builder> {
    let contracts = folder.join("contracts.toml");
    if contracts.exists() {
        return Some(Builder::new(contracts));
    }
    let mut files = ["contract.wsdl", "schema.xsd"].into_iter().map(|file| folder.join(file));
    files.find(|file| file.exists()).map(|file| Builder::of_file("contract", file))
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("the cases").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
