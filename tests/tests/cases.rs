//! The generator's cases, run: valid messages come back as they were, invalid ones are refused with the very words of the
//! case.
//!
//! A message whose written form differs from the read one (a default filled in, white space collapsed) has what is written
//! beside it, as `NAME.written`.

use std::fs;
use std::path::{Path, PathBuf};

use soap::AnyRoot;
use tests::infoset;
use tests::judges::Xmllint;

use crate::update;

include!(concat!(env!("OUT_DIR"), "/case_tests.rs"));

/// Runs the messages of the case `name`, whose root elements are `roots`.
#[track_caller]
fn check(name: &str, roots: &[&[&dyn AnyRoot]]) {
    let folder = folder().join(name);
    let mut failures = Vec::new();
    for path in messages(&folder.join("valid")) {
        failures.extend(valid(&path, roots).err());
    }
    for path in messages(&folder.join("invalid")) {
        failures.extend(invalid(&path, roots).err());
    }
    assert!(
        failures.is_empty(),
        "{}\n\nif this is meant: UPDATE=1 cargo test -p sf209x-tests cases",
        failures.join("\n")
    );
}

/// The folder of all cases.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/cases")
}

/// The messages in `folder`, sorted.
pub(crate) fn messages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut messages: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .collect();
    messages.sort();
    messages
}

fn valid(path: &Path, roots: &[&[&dyn AnyRoot]]) -> Result<(), String> {
    let message = fs::read_to_string(path).expect("a readable message");
    let written = round_trip(&message, roots)
        .map_err(|violations| format!("{}: refused: {violations}", path.display()))?;
    let beside = path.with_extension("written");
    let expected = fs::read_to_string(&beside).unwrap_or(message);
    match infoset::difference(&expected, &written) {
        None => Ok(()),
        Some(_) if update() => {
            fs::write(&beside, written + "\n").expect("a writable folder");
            Ok(())
        }
        Some(difference) => Err(format!("{}: {difference}", path.display())),
    }
}

fn invalid(path: &Path, roots: &[&[&dyn AnyRoot]]) -> Result<(), String> {
    let message = fs::read_to_string(path).expect("a readable message");
    let Err(violations) = round_trip(&message, roots) else {
        return Err(format!("{}: accepted, should be refused", path.display()));
    };
    let beside = path.with_extension("error");
    let expected = fs::read_to_string(&beside).unwrap_or_default();
    let told = format!("{violations}\n");
    if told == expected {
        return Ok(());
    }
    if update() {
        fs::write(&beside, told).expect("a writable folder");
        return Ok(());
    }
    Err(format!(
        "{}:\n expected: {expected} told:     {told}",
        path.display()
    ))
}

/// Reads the message by the root that it has and writes what was read.
fn round_trip(message: &str, roots: &[&[&dyn AnyRoot]]) -> Result<String, soap::Violations> {
    let document = roxmltree::Document::parse(message).expect("a well-formed message");
    let name = document.root_element().tag_name();
    let root = roots
        .iter()
        .flat_map(|roots| roots.iter())
        .find(|root| {
            root.name().local() == name.name()
                && root.name().namespace().uri() == name.namespace().unwrap_or("")
        })
        .unwrap_or_else(|| panic!("no root element {name:?}"));
    root.round_trip(message.as_bytes(), &soap::Limits::default())
}

/// `xmllint` is asked about every message of every case that is a schema.
#[test]
fn xmllint_agrees() {
    let Some(xmllint) = Xmllint::find() else {
        return;
    };
    let mut failures = Vec::new();
    for case in fs::read_dir(folder()).expect("the cases") {
        let case = case.expect("a case").path();
        let schema = case.join("schema.xsd");
        if !schema.exists() {
            continue;
        }
        for (kind, valid) in [("valid", true), ("invalid", false)] {
            for path in messages(&case.join(kind)) {
                let message = fs::read_to_string(&path).expect("a readable message");
                let verdict = xmllint.validate(&schema, &message);
                let path = path.strip_prefix(folder()).expect("inside").to_owned();
                let mistaken = XMLLINT_IS_MISTAKEN
                    .iter()
                    .any(|(known, _)| path == Path::new(known));
                if (verdict.is_ok() == valid) == mistaken {
                    failures.push(format!("{}: {verdict:?}", path.display()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Messages that `xmllint` is known to judge otherwise, and what the standard says.
const XMLLINT_IS_MISTAKEN: &[(&str, &str)] = &[
    (
        "attributes/valid/fixed-by-value.xml",
        "white space around a number collapses in attributes too (XSD 1.0 Part 2, 4.3.6)",
    ),
    (
        "block/invalid/substitute-of-a-restricted-built-in-type.xml",
        "xs:int is derived from xs:decimal by restriction, which the head blocks (XSD 1.0 Part 1, 3.3.6, clause 2.3)",
    ),
    (
        "declared-content/valid/lax-with-an-unknown-type.xml",
        "what cannot be strictly assessed, since neither name nor xsi:type resolves, is laxly assessed (XSD 1.0 Part 1, 3.3.4)",
    ),
    (
        "declared-content/valid/open-with-white-space.xml",
        "white space collapses in a number whatever names its type (XSD 1.0 Part 2, 4.3.6)",
    ),
    (
        "declared-content/valid/strict-with-a-type.xml",
        "processContents strict asks for a declaration or an xsi:type (XSD 1.0 Part 1, 3.10.1)",
    ),
    (
        "fixed-mixed/invalid/child.xml",
        "where a value is fixed no element may stand beside the text (XSD 1.0 Part 1, 3.3.4, clause 5.2.2.1)",
    ),
    (
        "huge-numbers/valid/fine.xml",
        "a decimal may have any number of digits, at least 18 (XSD 1.0 Part 2, 5); it stops at 24",
    ),
    (
        "huge-numbers/valid/huge.xml",
        "the same, and the schema itself does not load",
    ),
    (
        "lexical-forms/valid/month.xml",
        "the form of xs:gMonth before the erratum E2-12 is XSD 1.0 too (XSD 1.0 Part 2, first edition, 3.2.14)",
    ),
    (
        "lexical-forms/valid/signs.xml",
        "the unsigned types restrict xs:nonNegativeInteger by a bound alone, which takes no form away (XSD 1.0 Part 2, 3.3.20 and 3.3.21)",
    ),
    (
        "list/invalid/no-token.xml",
        "xs:NMTOKENS has one item at least (XSD 1.0 Part 2, 3.3.5)",
    ),
    (
        "names-in-values/valid/defaults.xml",
        "the prefix of a default is that of its schema, not one of the message (XSD 1.0 Part 1, 3.3.4, and Part 2, 3.2.18)",
    ),
    (
        "names-in-values/valid/other-prefixes.xml",
        "names are compared with a fixed one by namespace and local part, whatever the prefix (XSD 1.0 Part 2, 3.2.18)",
    ),
    (
        "optional/invalid/never.xml",
        "an element with maxOccurs 0 is no particle at all (XSD 1.0 Part 1, 3.3.2)",
    ),
];
