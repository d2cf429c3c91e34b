//! Whatever the octets of a message are, every root of SF2090 and of the generator's cases refuses it or reads it, and what
//! was read is written so that it is read again as the same.

#![no_main]

use std::fmt::Write as _;

use libfuzzer_sys::fuzz_target;
use soap::{AnyRoot, Limits};

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// Tight enough for a short message to pass each of them.
const TIGHT: Limits = Limits {
    bytes: 4096,
    depth: 6,
    attributes: 3,
    namespaces: 4,
    name_length: 30,
    text_length: 100,
    items: 3,
    violations: 2,
};

fuzz_target!(|message: &[u8]| {
    let Ok(text) = std::str::from_utf8(message) else {
        return;
    };
    let own = [
        generated::sygefravaer::elements::ALL,
        generated::ksd_sygefravaer::elements::ALL,
        generated::kmd::elements::ALL,
        generated::serviceplatformen::elements::ALL,
    ];
    for root in own.iter().chain(CASES).flat_map(|roots| roots.iter()) {
        if text.contains(root.name().local()) {
            check(*root, message);
        }
    }
});

fn check(root: &dyn AnyRoot, message: &[u8]) {
    let limits = Limits::default();
    match root.round_trip(message, &limits) {
        Err(violations) => {
            let count = violations.iter().count();
            assert!((1..=limits.violations).contains(&count), "{count} violations");
            assert!(root.round_trip(message, &TIGHT).is_err(), "tight limits take what is refused");
        }
        Ok(written) => {
            well_formed(message);
            // An element that is kept whole may declare more prefixes once they are there, and then no more.
            // What was read once is longer when defaults and namespaces are written out.
            let again = root.round_trip(written.as_bytes(), &Limits::UNBOUNDED).expect("what is written can be read");
            assert_eq!(infoset(&again), infoset(&written), "written and not read the same");
            let thrice = root.round_trip(again.as_bytes(), &Limits::UNBOUNDED);
            assert_eq!(thrice.as_ref(), Ok(&again), "written and not read the same");
            match root.round_trip(message, &TIGHT) {
                Ok(tight) => {
                    assert_eq!(tight, written);
                    within(message);
                }
                Err(violations) => assert!(violations.iter().count() <= TIGHT.violations),
            }
        }
    }
}

/// Another parser finds it well-formed too.
fn well_formed(message: &[u8]) {
    let text = std::str::from_utf8(message).expect("read as UTF-8");
    let parsed = roxmltree::Document::parse(text);
    assert!(parsed.is_ok(), "{parsed:?}");
}

/// Names, attributes and texts, in order, without prefixes.
fn infoset(message: &str) -> String {
    let document = roxmltree::Document::parse(message).expect("well-formed");
    let mut told = String::new();
    for node in document.descendants().filter(|node| node.is_element() || node.is_text()) {
        let depth = node.ancestors().count();
        let attributes: Vec<_> = node.attributes().map(|one| (one.namespace(), one.name(), one.value())).collect();
        let _ = write!(told, "{depth} {:?} {:?} {attributes:?}", node.tag_name(), node.text().filter(|_| node.is_text()));
    }
    told
}

/// Another parser finds it within [`TIGHT`].
fn within(message: &[u8]) {
    assert!(message.len() <= TIGHT.bytes);
    let text = std::str::from_utf8(message).expect("read as UTF-8");
    let document = roxmltree::Document::parse(text).expect("well-formed");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let depth = node.ancestors().filter(roxmltree::Node::is_element).count();
        assert!(depth <= TIGHT.depth, "depth");
        assert!(node.attributes().len() <= TIGHT.attributes, "attributes");
        assert!(node.tag_name().name().len() <= TIGHT.name_length, "name");
        let value = node.attributes().map(|one| one.value().len()).max();
        assert!(value.unwrap_or(0) <= TIGHT.text_length, "value");
    }
}
