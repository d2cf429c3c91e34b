//! What the house says of itself: which way the arrows point, and what is absent on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use tests::system::root;

/// Our crates, and which of ours each may depend on (as a build dependency, where said so).
const ARROWS: &[(&str, &[&str])] = &[
    ("soap", &[]),
    ("codegen", &[]),
    ("generated", &["soap", "codegen"]),
    ("service", &["soap", "generated"]),
    ("tests", &["soap", "generated", "service", "codegen"]),
];

#[test]
fn the_arrows_point_one_way() {
    for (name, allowed) in ARROWS {
        let manifest = text(&root().join(name).join("Cargo.toml"));
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let Some((dependency, _)) = line.split_once(".workspace") else {
                continue;
            };
            let ours = ARROWS.iter().any(|(name, _)| *name == dependency);
            if !ours || !section.ends_with("dependencies]") {
                continue;
            }
            assert!(allowed.contains(&dependency), "{name} -> {dependency}");
            // The generator is no part of what is built, but of its tests.
            let at_build_time = section == "[build-dependencies]";
            let generates = dependency == "codegen";
            let expected = generates && (*name == "generated" || at_build_time);
            assert_eq!(at_build_time, expected, "{name} -> {dependency}");
        }
    }
}

#[test]
fn only_the_service_knows_the_network() {
    for (name, words) in [
        (
            "soap",
            &[
                "std::net",
                "std::fs",
                "SystemTime",
                "time::Instant",
                "tokio",
                "hyper",
            ][..],
        ),
        ("codegen", &["std::net", "tokio", "hyper", "SystemTime"]),
    ] {
        for file in sources(&root().join(name).join("src")) {
            for (number, line) in text(&file).lines().enumerate() {
                let code = !line.trim_start().starts_with("//");
                let found = words.iter().find(|word| code && line.contains(**word));
                assert_eq!(found, None, "{}:{}", file.display(), number + 1);
            }
        }
    }
}

/// A party that has other contracts has the same generator.
#[test]
fn the_generator_knows_no_contract() {
    for file in sources(&root().join("codegen/src")) {
        let text = text(&file).to_lowercase();
        for word in ["sygefrav", "serviceplatform", "kombit", "jobcenter"] {
            // Tests of names may take theirs from anywhere.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(!code.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn a_whole_jobcenter_takes_less_than_a_hundred_lines() {
    let lines = text(&root().join("service/examples/jobcenter.rs"))
        .lines()
        .count();
    assert!(lines < 100, "{lines} lines");
}

/// All Rust files under `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
