//! Prefixes, names in values, items of lists.

use super::*;
use crate::value::{List, QName};

const DEFAULT: Namespace = Namespace::new("urn:d", "");
const A: Namespace = Namespace::new("urn:a", "a");
/// Another namespace that wants the same prefix.
const OTHER_A: Namespace = Namespace::new("urn:a2", "a");

#[track_caller]
fn check(write: impl FnOnce(&mut Writer), expected: &str) {
    let mut writer = Writer::new();
    write(&mut writer);
    assert_eq!(writer.finish().as_deref(), Ok(expected));
}

/// An element with these children, each empty.
struct Parent<'a>(&'a [Name]);

impl WriteXml for Parent<'_> {
    fn write(&self, writer: &mut Writer) {
        for name in self.0 {
            let start = writer.start(*name);
            writer.end(start);
        }
    }
}

#[test]
fn prefixes_stand_for_what_they_should() {
    check(
        |writer| {
            writer.required(
                DEFAULT.element("P"),
                &Parent(&[DEFAULT.name("C"), Namespace::NONE.name("C")]),
            );
        },
        "<P xmlns=\"urn:d\"><C/><C xmlns=\"\"/></P>",
    );
    check(
        |writer| {
            writer.required(
                Element::unqualified("P"),
                &Parent(&[Namespace::NONE.name("C"), DEFAULT.name("C")]),
            );
        },
        "<P><C/><C xmlns=\"urn:d\"/></P>",
    );
    check(
        |writer| {
            writer.required(
                A.element("P"),
                &Parent(&[A.name("C"), OTHER_A.name("C"), A.name("C")]),
            );
        },
        "<a:P xmlns:a=\"urn:a\"><a:C/><a:C xmlns:a=\"urn:a2\"/><a:C/></a:P>",
    );
}

#[test]
fn names_in_values_are_declared() {
    let name = |namespace: &str, prefix: &str| QName::new(namespace, "n", prefix).unwrap();
    check(
        |writer| writer.required(A.element("P"), &name("urn:a", "x")),
        "<a:P xmlns:a=\"urn:a\">a:n</a:P>",
    );
    check(
        |writer| writer.required(A.element("P"), &name("", "")),
        "<a:P xmlns:a=\"urn:a\">n</a:P>",
    );
    let names = List::new(vec![
        name("urn:x", "x"),
        name("urn:y", "a"),
        name("urn:x", "x"),
    ]);
    check(
        |writer| writer.required(A.element("P"), &names),
        "<a:P xmlns:a=\"urn:a\" xmlns:x=\"urn:x\" xmlns:a1=\"urn:y\">x:n a1:n x:n</a:P>",
    );
    let mut writer = Writer::new();
    writer.required(DEFAULT.element("P"), &name("", ""));
    assert_eq!(
        writer.finish().map_err(|error| error.path),
        Err("P".to_owned())
    );
}

#[test]
fn list_items_are_words() {
    for items in [vec![""], vec!["a b"], vec!["a", ""]] {
        let mut writer = Writer::new();
        let items: List<String> = items.into_iter().map(str::to_owned).collect();
        writer.required(A.element("P"), &items);
        assert!(writer.finish().is_err());
    }
}

#[test]
fn text_that_is_empty_leaves_an_empty_tag() {
    check(
        |writer| writer.required(A.element("P"), &String::new()),
        "<a:P xmlns:a=\"urn:a\"/>",
    );
}
