//! Shapes that contracts leave open: wildcards, any type, mixed content, types told by `xsi:type`, unions.

#[path = "../leeway/mod.rs"]
mod leeway;
mod told_types;
mod wildcards;

use leeway::{PROSE, SIZE, Size, VALUE};
use soap::{AnyNode, Limits, Mixed, Root, Violations};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// `content` in an element `name` of the namespace, with other prefixes than those that are written.
fn message(name: &str, attributes: &str, content: &str) -> String {
    format!(
        "<n:{name} xmlns:n='urn:example' xmlns:x='urn:x' xmlns:i='{XSI}' {attributes}>{content}</n:{name}>"
    )
}

/// The message is written again as the text, which says the same; or it is refused with these violations: `path rule-id`.
#[track_caller]
fn check<T: soap::ReadXml + soap::WriteXml + PartialEq + std::fmt::Debug>(
    root: &Root<T>,
    message: &str,
    expected: Result<&str, &[&str]>,
) {
    let limits = Limits::default();
    match (root.read(message.as_bytes(), &limits), expected) {
        (Ok(value), Ok(text)) => {
            let written = root.write(&value).expect("writable");
            assert_eq!(written, text, "{message}");
            assert_eq!(root.read(written.as_bytes(), &limits), Ok(value), "{text}");
        }
        (found, expected) => assert_eq!(
            found.as_ref().err().map(told),
            expected.err().map(|all| all.join("\n")),
            "{message}"
        ),
    }
}

fn told(violations: &Violations) -> String {
    let each = violations
        .iter()
        .map(|one| format!("{} {}", one.path, one.rule.id()));
    each.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check_value(attributes: &str, content: &str, expected: Result<&str, &[&str]>) {
    let written = expected.map(|inside| format!("<e:Value xmlns:e=\"urn:example\"{inside}"));
    let expected = written.as_ref().map(String::as_str).map_err(|all| *all);
    check(&VALUE, &message("Value", attributes, content), expected);
}

#[test]
fn any_type_keeps_attributes_and_content() {
    check_value("", "", Ok("/>"));
    check_value(
        "",
        " a <x:B/> c ",
        Ok("> a <x:B xmlns:x=\"urn:x\"/> c </e:Value>"),
    );
    check_value(
        "i:type='x:T' a='1' x:b='2'",
        "text",
        Ok(&format!(
            " xmlns:xsi=\"{XSI}\" xmlns:x=\"urn:x\" xsi:type=\"x:T\" a=\"1\" x:b=\"2\">text</e:Value>"
        )),
    );
    check_value("i:nil='true'", "", Err(&["Value/@nil not-nillable"]));
    check_value(
        "a='x:y' i:schemaLocation='u v'",
        "n:z",
        Ok(" xmlns:x=\"urn:x\" xmlns:n=\"urn:example\" a=\"x:y\">n:z</e:Value>"),
    );
    check_value("i:type='z:T'", "", Err(&["Value/@type lexical"]));
    let value = VALUE
        .read(
            message("Value", "i:type='x:T'", "1<x:A/>").as_bytes(),
            &Limits::default(),
        )
        .unwrap();
    assert_eq!(
        value.r#type(),
        Some(&soap::QName::new("urn:x", "T", "").unwrap())
    );
    assert!(matches!(value.content(), [AnyNode::Text(text), AnyNode::Element(_)] if text == "1"));
    assert_eq!(value.text(), None);
}

#[test]
fn a_prefix_that_means_something_else_is_not_lost() {
    let read = |text: &str| VALUE.read(text.as_bytes(), &Limits::default()).unwrap();
    // Elements and xsi:type are independent of the prefixes around them.
    let free = read(
        "<o:Value xmlns:o='urn:example' xmlns:e='urn:x' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
         xsi:type='e:T'><e:A>e:b</e:A></o:Value>",
    );
    let written = VALUE.write(&free).unwrap();
    assert_eq!(read(&written), free, "{written}");
    let bound = read("<o:Value xmlns:o='urn:example' xmlns:e='urn:x'>e:b</o:Value>");
    assert_eq!(VALUE.write(&bound).unwrap_err().rule.id(), "prefix");
}

#[test]
fn mixed_text_keeps_its_place() {
    let prose = |content: &str, expected: Result<&str, &[&str]>| {
        let written = expected.map(|inside| format!("<e:Prose xmlns:e=\"urn:example\"{inside}"));
        let expected = written.as_ref().map(String::as_str).map_err(|all| *all);
        check(&PROSE, &message("Prose", "", content), expected);
    };
    prose("", Ok("/>"));
    prose("a &amp; b", Ok(">a &amp; b</e:Prose>"));
    prose("<n:Word/>", Ok("><e:Word/></e:Prose>"));
    prose(
        "\n a<![CDATA[<]]><!-- c -->b <n:Word>w</n:Word> c<x:A> x </x:A><n:B/>\t",
        Ok(
            ">\n a&lt;b <e:Word>w</e:Word> c<x:A xmlns:x=\"urn:x\"> x </x:A><n:B xmlns:n=\"urn:example\"/>\t</e:Prose>",
        ),
    );
    prose(
        "a<n:Word i:nil='1'/>b",
        Ok(&format!(
            ">a<e:Word xmlns:xsi=\"{XSI}\" xsi:nil=\"true\"/>b</e:Prose>"
        )),
    );
    prose(
        "a<n:Word i:nil='1' i:type='x:T'/>b",
        Err(&["Prose/Word/@type xsi-type"]),
    );
    prose(
        "a<n:Word><x:A/></n:Word>b",
        Err(&["Prose/Word/A element-not-allowed"]),
    );
    let read = PROSE
        .read(
            message("Prose", "", "a<x:A/>b<x:A/>c").as_bytes(),
            &Limits::default(),
        )
        .unwrap();
    let texts = [(0, "a"), (1, "b"), (2, "c")].map(|(at, text)| (at, text.to_owned()));
    assert_eq!(read.text(), texts);
    // In whatever order they are given, and past the last child.
    let value = read.into_value();
    let text = vec![
        (9, "z".to_owned()),
        (1, "b".to_owned()),
        (0, "\u{1}".to_owned()),
    ];
    let bad = Mixed::new(value.clone()).with_text(text.clone());
    assert_eq!(PROSE.write(&bad).unwrap_err().rule.id(), "character");
    let good = Mixed::new(value).with_text(text[..2].to_vec());
    let written = PROSE.write(&good).unwrap();
    assert!(
        written.contains("/>b<x:A") && written.contains("/>z</e:Prose>"),
        "{written}"
    );
}

#[test]
fn the_first_member_that_takes_a_value_has_it() {
    let size = |content: &str, expected: Result<&str, &[&str]>| {
        check(&SIZE, &message("Size", "", content), expected);
    };
    size(" 7\n", Ok("<e:Size xmlns:e=\"urn:example\">7</e:Size>"));
    size(
        " x:a  n:b ",
        Ok("<e:Size xmlns:e=\"urn:example\" xmlns:x=\"urn:x\">x:a e:b</e:Size>"),
    );
    size(
        "a, b ",
        Ok("<e:Size xmlns:e=\"urn:example\">a, b </e:Size>"),
    );
    size(" a, b", Err(&["Size union"]));
    static SIZES: soap::Facets = soap::Facets {
        enumeration: &["1", "large, very"],
        ..soap::Facets::NONE
    };
    assert!(SIZES.check(Size::Number(1)).is_ok());
    assert!(SIZES.check(Size::Text("large".to_owned())).is_err());
}
