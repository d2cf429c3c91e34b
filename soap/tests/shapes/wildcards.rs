//! What wildcards let in, and what they let in it with.

use soap::{AnyAttribute, AnyElement, Limits};

use crate::leeway::{OPEN, Open, PAIRS, VALUE};
use crate::{XSI, check, message, told};

#[track_caller]
fn check_open(attributes: &str, content: &str, expected: Result<&str, &[&str]>) {
    let written =
        expected.map(|inside| format!("<e:Open xmlns:e=\"urn:example\"{inside}</e:Open>"));
    let expected = written.as_ref().map(String::as_str).map_err(|all| *all);
    check(&OPEN, &message("Open", attributes, content), expected);
}

#[test]
fn what_a_wildcard_lets_in_stands_on_its_own() {
    check_open(
        "",
        "<x:A b='n:c'>x:v</x:A>",
        Ok("><x:A xmlns:x=\"urn:x\" xmlns:n=\"urn:example\" b='n:c'>x:v</x:A>"),
    );
    check_open(
        "xmlns='urn:d'",
        "<A><B xmlns=''/> <!-- c --><?p i?><![CDATA[<]]>&amp;</A>",
        Ok("><A xmlns=\"urn:d\"><B xmlns=''/> <!-- c --><?p i?><![CDATA[<]]>&amp;</A>"),
    );
    check_open(
        "",
        "<x:A xmlns:x='urn:own'/><x:B xml:lang='da'>kl. 12:30, see n: x</x:B>",
        Ok(
            "><x:A xmlns:x='urn:own'/><x:B xmlns:x=\"urn:x\" xml:lang='da'>kl. 12:30, see n: x</x:B>",
        ),
    );
    // A reference may hide a prefix.
    check_open(
        "",
        "<x:A>n&#58;q</x:A>",
        Ok(&format!(
            "><x:A xmlns:n=\"urn:example\" xmlns:x=\"urn:x\" xmlns:i=\"{XSI}\">n&#58;q</x:A>"
        )),
    );
    let message = message("Open", "", "<x:A/>");
    let open = OPEN.read(message.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(open.others[0].name(), ("urn:x", "A"));
    assert_eq!(open.others[0].xml(), "<x:A xmlns:x=\"urn:x\"/>");
    assert_eq!(format!("{:?}", open.others), "[AnyElement({urn:x}A)]");
}

#[test]
fn wildcards_let_in_what_their_namespaces_say() {
    check_open(
        "",
        "<n:Known/><x:A/>",
        Ok("><e:Known/><x:A xmlns:x=\"urn:x\"/>"),
    );
    check_open("", "<x:A/><L/>", Ok("><x:A xmlns:x=\"urn:x\"/><L/>"));
    check_open(
        "",
        "<x:A/><x:B/><x:C/><l:L xmlns:l='urn:listed'/>",
        Ok(concat!(
            "><x:A xmlns:x=\"urn:x\"/><x:B xmlns:x=\"urn:x\"/><x:C xmlns:x=\"urn:x\"/>",
            "<l:L xmlns:l='urn:listed'/>",
        )),
    );
    check_open("", "", Err(&["Open missing-element"]));
    check_open("", "<n:A/>", Err(&["Open/A unexpected-element"]));
    check_open("", "<A/>", Err(&["Open missing-element"]));
    check_open("", "<x:A/><x:A/><x:A/><x:A/>", Err(&["Open/A[4] too-many"]));
    check_open("", "<x:A/>text<L/>", Err(&["Open text-not-allowed"]));
}

#[test]
fn groups_may_begin_with_a_wildcard() {
    let pairs = |content: &str, expected: Result<&str, &[&str]>| {
        check(&PAIRS, &message("Pairs", "", content), expected);
    };
    pairs("", Ok("<Pairs xmlns=\"urn:example\"/>"));
    // Without a prefix and a namespace, and yet not in the default one.
    pairs(
        "<n:Key>k</n:Key><x:A><B/></x:A><x:A/>",
        Ok(
            "<Pairs xmlns=\"urn:example\"><Key>k</Key><x:A xmlns=\"\" xmlns:x=\"urn:x\"><B/></x:A>\
            <x:A xmlns=\"\" xmlns:x=\"urn:x\"/></Pairs>",
        ),
    );
    pairs("<n:Key>k</n:Key>", Err(&["Pairs missing-element"]));
    pairs("<x:A/><x:A/><x:A/>", Err(&["Pairs/A[3] too-many"]));
}

#[test]
fn attributes_that_are_let_in() {
    check_open(
        "kind='k' x:a='&lt;&quot;' xml:lang='da'",
        "<x:A/>",
        Ok(
            " kind=\"k\" xmlns:q=\"urn:x\" q:a=\"&lt;&quot;\" xml:lang=\"da\"><x:A xmlns:x=\"urn:x\"/>",
        ),
    );
    check_open(
        "other='k'",
        "<x:A/>",
        Err(&["Open/@other undeclared-attribute"]),
    );
    check_open("n:a='k'", "<x:A/>", Err(&["Open/@a undeclared-attribute"]));
    check_open("i:type='x:T'", "<x:A/>", Err(&["Open/@type xsi-type"]));
    let twice = AnyAttribute::new("", "kind", "v").unwrap();
    let element: AnyElement = "<x xmlns='urn:x'/>".parse().unwrap();
    let open = Open {
        kind: Some("k".to_owned()),
        attributes: vec![twice],
        known: None,
        others: vec![element],
        last: None,
    };
    assert_eq!(OPEN.write(&open).unwrap_err().path, "Open/@kind");
    for (namespace, local) in [
        ("", "xmlns"),
        ("http://www.w3.org/2000/xmlns/", "a"),
        ("", "a b"),
    ] {
        assert!(AnyAttribute::new(namespace, local, "v").is_err(), "{local}");
    }
    let (namespace, local) = (open.attributes[0].namespace(), open.attributes[0].local());
    assert_eq!(
        (namespace, local, open.attributes[0].value()),
        ("", "kind", "v")
    );
    assert_eq!(format!("{:?}", open.attributes), "[AnyAttribute({}kind)]");
}

#[track_caller]
fn check_equal(left: &str, right: &str, expected: bool) {
    let [left, right]: [AnyElement; 2] =
        [left, right].map(|text| text.parse().expect("an element"));
    assert_eq!(left == right, expected, "{} {}", left.xml(), right.xml());
}

#[test]
fn kept_elements_are_compared_by_what_they_hold() {
    let same = "<a xmlns='u' b='1' c=\"&lt;\">x&amp;<d/></a>";
    check_equal(
        same,
        "<p:a xmlns:p='u' c='&#60;' b='1'>x<![CDATA[&]]><!-- c --><p:d></p:d></p:a>",
        true,
    );
    check_equal(same, "<a xmlns='v' b='1' c=\"&lt;\">x&amp;<d/></a>", false);
    check_equal(same, "<a xmlns='u' b='1' c=\"&lt;\">x&amp; <d/></a>", false);
    check_equal(same, "<a xmlns='u' b='1'>x&amp;<d/></a>", false);
    check_equal(
        same,
        "<a xmlns='u' b='1' c=\"&lt;\">x&amp;<d xmlns=''/></a>",
        false,
    );
    // A prefix in a value may be none.
    check_equal("<a xmlns:p='u'>p:x</a>", "<a xmlns:p='v'>p:x</a>", true);
    let typed =
        |namespace: &str| format!("<a xmlns:p='{namespace}' xmlns:i='{XSI}' i:type='p:T'/>");
    check_equal(&typed("u"), &typed("v"), false);
    check_equal(&typed("u"), &typed("u").replace("'/>", "'></a>"), true);
    check_equal("<a xmlns:p='u'>p:x</a>", "<a  xmlns:p='u'>p:x</a>", true);
    check_equal("<a xmlns:p='u'>y</a>", "<a xmlns:p='v'>y</a>", true);
}

#[track_caller]
fn check_parse(text: &str, expected: Option<&str>) {
    let found = text.parse::<AnyElement>();
    assert_eq!(found.as_ref().ok().map(AnyElement::xml), expected, "{text}");
}

#[test]
fn elements_are_parsed_whole() {
    check_parse("<?xml version='1.0'?> <a/> ", Some("<a/>"));
    for text in [
        "",
        "a",
        "<a>",
        "<a/><b/>",
        "<p:a/>",
        "<a/>x",
        "<!DOCTYPE a><a/>",
        "<1/>",
    ] {
        check_parse(text, None);
    }
}

#[track_caller]
fn check_limit(limits: Limits, content: &str, expected: &str) {
    let message = message("Open", "", &format!("<x:A>{content}</x:A>"));
    assert!(OPEN.read(message.as_bytes(), &Limits::default()).is_ok());
    let violations = OPEN.read(message.as_bytes(), &limits).expect_err("refused");
    assert_eq!(told(&violations), expected, "{content}");
}

#[test]
fn limits_hold_inside_what_is_kept() {
    let limits = Limits::default();
    check_limit(
        Limits { depth: 3, ..limits },
        "<b><c/></b>",
        "Open/A/b/c limit",
    );
    check_limit(
        Limits {
            text_length: 80,
            ..limits
        },
        &format!("{}&amp;<![CDATA[{}]]>", "x".repeat(50), "y".repeat(50)),
        "Open/A limit",
    );
    check_limit(
        Limits {
            attributes: 1,
            ..limits
        },
        "<b c='1' d='2'/>",
        "Open/A/b/@d limit",
    );
    check_limit(
        Limits {
            name_length: 10,
            ..limits
        },
        &format!("<{}/>", "b".repeat(20)),
        "Open/A/bbbbbbbbbbbbbbbbbbbb limit",
    );
    check_limit(
        Limits {
            namespaces: 4,
            ..limits
        },
        "<b xmlns='1' xmlns:c='2'/>",
        "Open/A/b/@xmlns:c limit",
    );
    check_limit(
        Limits { items: 3, ..limits },
        "<b/><b/><c/><b/><b/><b/><b/>",
        "Open/A limit",
    );
}

#[test]
fn what_is_kept_is_well_formed() {
    for content in [
        "<x:A>",
        "<x:A><y:B/></x:A>",
        "<x:A b='1' b='2'/>",
        "<x:A>]]></x:A>",
        "<x:A><1/></x:A>",
        "<x:A>&z;</x:A>",
    ] {
        let message = message("Open", "", content);
        let violations = OPEN
            .read(message.as_bytes(), &Limits::default())
            .unwrap_err();
        assert_eq!(violations.class(), soap::Class::Malformed, "{content}");
    }
}

#[test]
fn one_long_namespace_is_not_copied_without_end() {
    let uri = "u".repeat(200_000);
    let message = format!(
        "<Value xmlns='urn:example' xmlns:u='{uri}'>{}</Value>",
        "<u:a/>".repeat(1000)
    );
    let violations = VALUE
        .read(message.as_bytes(), &Limits::default())
        .unwrap_err();
    assert_eq!(told(&violations), "Value limit");
}
