//! Values with something in them changed, as a program might make them: what the types take and the writer lets through is valid
//! to libxml2 too, what stands under wildcards included.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tests::judges::Xmllint;
use tests::schemas::{schema_of, schema_under};

use super::Serial;
use crate::differential::UNREADABLE;
use crate::{cargo, cases};

/// Messages that libxml2 takes for invalid: the case, who is right, and what they hold.
const MISTAKEN: &[(&str, &str, &str)] = &[
    (
        "builtin-types",
        "we: characters that a URI would escape (XSD 1.0 Part 2, 3.2.17)",
        "<c:AnyURI>&lt;",
    ),
    (
        "declared-content",
        "we: what names a type that is not known is laxly assessed (XSD 1.0 Part 1, 3.3.4)",
        "i:type=\"c:None\"",
    ),
    (
        "declared-content",
        "we: what a strict wildcard lets in may name its type instead of being declared (XSD 1.0 Part 1, 3.10.1)",
        "<c:Strict><b",
    ),
    (
        "declared-content",
        "we: white space around numbers collapses (XSD 1.0 Part 2, 4.3.6)",
        "> 7 <",
    ),
    (
        "identity",
        "libxml2: identity constraints are not checked (XSD 1.0 Part 1, 3.11.4)",
        "<c:Order",
    ),
    (
        "names-in-values",
        "we: it looks for the prefixes of fixed names in the message (XSD 1.0 Part 2, 3.2.18)",
        "<c:Message",
    ),
];

/// Changes the values of the case `name` in one place at a time, and asks about all that can be written of them.
pub(super) fn check(name: &str, values: &[(&dyn Serial, Value)]) {
    let unreadable = UNREADABLE.iter().any(|(case, _)| *case == name);
    let Some(xmllint) = Xmllint::find().filter(|_| !unreadable) else {
        return;
    };
    let mut written: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut variants = BTreeSet::new();
    for (_, value) in values {
        collect_variants(value, &mut variants);
    }
    for (root, value) in values {
        let namespace = root.name().namespace().uri();
        let changed = std::iter::once(value.clone()).chain(changed(value, &variants));
        written.extend(changed.filter_map(|value| Some((namespace, root.write_json(value)?))));
    }
    assert!(
        values.is_empty() || !written.is_empty(),
        "{name}: nothing is written"
    );
    let folder = cargo::folder("written").join(name);
    let namespaces: BTreeSet<&str> = written.iter().map(|(namespace, _)| *namespace).collect();
    for namespace in namespaces {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a writable folder");
        let schema = schema(name, namespace, &folder.join("schemas"));
        let messages: Vec<&String> = written
            .iter()
            .filter(|(of, _)| *of == namespace)
            .map(|(_, message)| message)
            .collect();
        let names: Vec<String> = (0..messages.len())
            .map(|number| format!("{number}.xml"))
            .collect();
        for (name, message) in names.iter().zip(&messages) {
            fs::write(folder.join(name), message).expect("a writable folder");
        }
        let valid = xmllint
            .validate_all(&schema, &folder, &names)
            .expect("a schema that it reads");
        let invalid: Vec<&String> = messages
            .into_iter()
            .zip(valid)
            .filter(|(message, valid)| !valid && !is_mistaken(name, message))
            .map(|(message, _)| message)
            .collect();
        assert!(
            invalid.is_empty(),
            "{name}: {} of {}: {invalid:#?}",
            invalid.len(),
            names.len()
        );
    }
    let _ = fs::remove_dir_all(&folder);
}

fn is_mistaken(name: &str, message: &str) -> bool {
    let mut known = MISTAKEN.iter().filter(|(case, ..)| *case == name);
    known.any(|(_, _, held)| message.contains(held))
}

fn schema(name: &str, namespace: &str, to: &std::path::Path) -> PathBuf {
    if name == "sf2090" {
        return schema_of(namespace, to);
    }
    let folder = cases::folder().join(name);
    let schema = folder.join("schema.xsd");
    if schema.exists() {
        return schema;
    }
    schema_under(&folder, namespace, to).expect("a document that declares the namespace")
}

/// The value with something else in each place of it.
fn changed(value: &Value, variants: &BTreeSet<String>) -> Vec<Value> {
    let mut places = Vec::new();
    collect(value, String::new(), &mut places);
    let mut all = Vec::new();
    for place in &places {
        let Some(here) = value.pointer(place) else {
            continue;
        };
        for other in others(here).into_iter().chain(renamed(here, variants)) {
            let mut copy = value.clone();
            if let Some(here) = copy.pointer_mut(place) {
                *here = other;
                all.push(copy);
            }
        }
    }
    all
}

/// Where something stands, as JSON pointers.
fn collect(value: &Value, here: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{here}/{index}"), places);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(field, format!("{here}/{name}"), places);
            }
        }
        _ => {}
    }
    places.push(here);
}

/// The names of what may be variants: alone in an object, and in the case that types have.
fn collect_variants(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_variants(item, names)),
        Value::Object(fields) => {
            names.extend(variant(value).map(|(name, _)| name.clone()));
            for field in fields.values() {
                collect_variants(field, names);
            }
        }
        _ => {}
    }
}

fn variant(value: &Value) -> Option<(&String, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let mut fields = fields.iter();
    fields
        .next()
        .filter(|(name, _)| name.starts_with(char::is_uppercase))
}

/// The same value as that of each other variant.
fn renamed(value: &Value, variants: &BTreeSet<String>) -> Vec<Value> {
    let Some((own, held)) = variant(value) else {
        return Vec::new();
    };
    let others = variants.iter().filter(|name| *name != own);
    others.map(|name| json!({ name.as_str(): held })).collect()
}

/// What might be put in the place of `value`.
fn others(value: &Value) -> Vec<Value> {
    const TEXTS: [&str; 14] = [
        "",
        " a  b\n",
        "5",
        "-1.50",
        "true",
        "2024-02-29",
        "http://www.w3.org/2001/XMLSchema-instance",
        "urn:case",
        "nil",
        "<a/>",
        "<a xmlns='urn:fremmed' b='c'>d</a>",
        "<Message xmlns='urn:case'/>",
        "<Number xmlns='urn:case'>x</Number>",
        "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:x='http://www.w3.org/2001/XMLSchema' i:type='x:int'>x</a>",
    ];
    match value {
        Value::Null => vec![json!("5"), json!(7), json!({})],
        Value::Bool(value) => vec![json!(!value), Value::Null],
        Value::Number(_) => [-1, 0, 8, 300, 70_000].map(|number| json!(number)).to_vec(),
        Value::String(text) => {
            let texts = TEXTS.map(|other| json!(other)).into_iter();
            texts
                .chain([json!(format!("{text}x")), Value::Null])
                .collect()
        }
        Value::Array(items) => {
            let thrice = items.iter().chain(items).chain(items).cloned().collect();
            vec![json!([]), Value::Array(thrice), Value::Null]
        }
        Value::Object(_) => vec![json!({}), Value::Null],
    }
}
