//! The demo, as its user runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::{SEVEN, cargo};

#[test]
fn the_demo_shows_seven_operations_and_seven_answers() {
    let demo = Command::new(&cargo::built().sf209x)
        .args(["demo", "--json"])
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&demo.stderr);
    assert_eq!(demo.status.code(), Some(0), "{said}");

    let calls: Vec<Value> = String::from_utf8_lossy(&demo.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert_eq!(calls.len(), 4 * SEVEN.len());
    // The endpoints that each transaction went through, in order, and the parties at both ends.
    let mut ways: BTreeMap<&str, Vec<(&str, &str, &str)>> = BTreeMap::new();
    for call in &calls {
        let text = |key: &str| {
            call[key]
                .as_str()
                .unwrap_or_else(|| panic!("no {key}: {call}"))
        };
        assert_eq!(text("code"), "OK", "{call}");
        assert!(call["micros"].is_u64(), "{call}");
        let step = (text("endpoint"), text("from"), text("to"));
        ways.entry(text("transaction")).or_default().push(step);
        let expected = match text("endpoint") {
            "EP_JC2" => "SendForretningsSvar",
            "EP_FS2" => "ModtagForretningsSvar",
            _ => continue,
        };
        assert_eq!(text("operation"), expected);
    }
    let platform = "Serviceplatformen";
    let mut jobcenters = BTreeSet::new();
    for (transaction, way) in &ways {
        let [_, (_, _, jobcenter), ..] = way.as_slice() else {
            panic!("{transaction}: {way:?}");
        };
        jobcenters.insert(*jobcenter);
        let expected = [
            ("EP_FS1", "KSD", platform),
            ("EP_JC1", platform, *jobcenter),
            ("EP_JC2", *jobcenter, platform),
            ("EP_FS2", platform, "KSD"),
        ];
        assert_eq!(way.as_slice(), expected, "{transaction}");
    }
    assert_eq!(ways.len(), SEVEN.len());
    assert_eq!(jobcenters.len(), 2, "{jobcenters:?}");
    let operations: BTreeSet<&str> = calls
        .iter()
        .filter(|call| call["endpoint"] == "EP_FS1")
        .filter_map(|call| call["operation"].as_str())
        .collect();
    assert_eq!(operations, BTreeSet::from(SEVEN));
}

#[test]
fn a_terminal_is_shown_a_table() {
    let demo = Command::new(&cargo::built().sf209x)
        .arg("demo")
        .output()
        .expect("the command runs");
    let shown = String::from_utf8_lossy(&demo.stdout);
    assert_eq!(demo.status.code(), Some(0), "{shown}");
    for operation in SEVEN {
        assert!(shown.contains(operation), "no {operation} in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "colour where no terminal is");
}
