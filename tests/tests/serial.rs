//! Messages as JSON: every valid message of the generator's cases, and every sample of our contracts, is read, goes through
//! JSON, and is written as it would have been without.

mod written;

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use soap::{AnyRoot, Limits, ReadXml, Root, WriteXml};
use tests::infoset;

use crate::cases::{self, messages};
use crate::goldens::serial;

include!(concat!(env!("OUT_DIR"), "/serial_tests.rs"));

/// A root whose values have a form in JSON.
trait Serial: AnyRoot {
    /// Reads a message, takes it through JSON, and writes it.
    fn through_json(&self, message: &str) -> Result<String, String>;

    /// The form of a message in JSON.
    fn json(&self, message: &str) -> Option<serde_json::Value>;

    /// Writes what such a form says; none if it is no value, or one that cannot be written.
    fn write_json(&self, json: serde_json::Value) -> Option<String>;
}

impl<T: ReadXml + WriteXml + Serialize + DeserializeOwned> Serial for Root<T> {
    fn through_json(&self, message: &str) -> Result<String, String> {
        let limits = Limits::default();
        let read = self.read(message.as_bytes(), &limits);
        let value = read.map_err(|violations| violations.to_string())?;
        let json = serde_json::to_string(&value).map_err(|error| error.to_string())?;
        let value = serde_json::from_str(&json).map_err(|error| format!("{error} in {json}"))?;
        let again = serde_json::to_string::<T>(&value).map_err(|error| error.to_string())?;
        if again != json {
            return Err(format!("{json} became {again}"));
        }
        self.write(&value)
            .map_err(|unwritable| unwritable.to_string())
    }

    fn json(&self, message: &str) -> Option<serde_json::Value> {
        let value = self.read(message.as_bytes(), &Limits::default()).ok()?;
        serde_json::to_value(value).ok()
    }

    fn write_json(&self, json: serde_json::Value) -> Option<String> {
        let value: T = serde_json::from_value(json).ok()?;
        self.write(&value).ok()
    }
}

/// The case whose values are names: JSON keeps what they stand for, and not by which prefix.
const PREFIXES: &str = "names-in-values";

/// Takes the messages of the case `name` through JSON.
#[track_caller]
fn check(name: &str, roots: &[&dyn Serial]) {
    let folder = match name {
        "sf2090" => Path::new(env!("CARGO_MANIFEST_DIR")).join("../wsdl/samples"),
        _ => cases::folder().join(name).join("valid"),
    };
    let (mut failures, mut values) = (Vec::new(), Vec::new());
    for path in messages(&folder) {
        let message = fs::read_to_string(&path).expect("a readable message");
        let body = infoset::body(&message).unwrap_or(message);
        let document = roxmltree::Document::parse(&body).expect("a well-formed message");
        let tag = document.root_element().tag_name();
        let root = roots.iter().find(|root| {
            let name = root.name();
            (name.namespace().uri(), name.local()) == (tag.namespace().unwrap_or(""), tag.name())
        });
        // The samples hold a fault, which is no part of a contract.
        let Some(root) = root else {
            assert_eq!(tag.name(), "Fault", "{}", path.display());
            continue;
        };
        let plain = root.round_trip(body.as_bytes(), &Limits::default());
        let plain = plain.unwrap_or_else(|violations| panic!("{}: {violations}", path.display()));
        let plain = match name {
            PREFIXES => root.through_json(&plain).expect("a valid message"),
            _ => plain,
        };
        values.extend(root.json(&body).map(|value| (*root, value)));
        match root.through_json(&body) {
            Ok(written) => {
                let difference = infoset::difference(&plain, &written);
                failures.extend(difference.map(|told| format!("{}: {told}", path.display())));
            }
            Err(told) => failures.push(format!("{}: {told}", path.display())),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    written::check(name, &values);
}

#[test]
fn names_are_those_of_the_contract() {
    let sample = cases::folder().join("../../../wsdl/samples/Opret.request.xml");
    let message = fs::read_to_string(sample).expect("a sample");
    let body = infoset::body(&message).expect("a body");
    let root = &serial::sf2090::sygefravaer::elements::OPRET_REQUEST;
    let request = root
        .read(body.as_bytes(), &Limits::default())
        .expect("a valid message");
    let json = serde_json::to_value(&request).expect("writable");
    let header = &json["Header"];
    assert_eq!(header["Myndighed"], "90000019");
    assert_eq!(header["SygemeldtePart"]["ObjektType"], "Person");
}

#[test]
fn what_xml_would_not_take_json_does_not_bring() {
    use serial::sf2090::sygefravaer::{CvrNummer, Header};
    let refused = serde_json::from_str::<CvrNummer>("\"9900000A\"");
    assert!(refused.is_err());
    let unknown = serde_json::from_str::<Header>("{\"Unknown\":1}");
    let told = unknown.expect_err("refused").to_string();
    assert!(told.starts_with("unknown field `Unknown`"), "{told}");
}
