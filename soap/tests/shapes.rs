//! Shapes that contracts leave open: wildcards, any type, mixed content, types told by `xsi:type`, unions.

mod leeway;

use leeway::{ANIMAL, COUNT, COW, HERD, OPEN, Open, PAIRS, PROSE, SIZE, Size, VALUE};
use soap::{AnyAttribute, AnyElement, AnyNode, Limits, Mixed, Root, Violations};

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
        "a<n:Word i:nil='1' i:type='x:T'/>b",
        Ok(&format!(
            ">a<e:Word xmlns:xsi=\"{XSI}\" xsi:nil=\"true\"/>b</e:Prose>"
        )),
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
fn elements_say_of_which_type_they_are() {
    let xsi = format!(" xmlns:xsi=\"{XSI}\" xsi:type=");
    check(
        &ANIMAL,
        &message("Animal", "i:type=' n:Cow ' name='Rosa'", ""),
        Ok(&format!(
            "<e:Animal xmlns:e=\"urn:example\"{xsi}\"e:Cow\" name=\"Rosa\"/>"
        )),
    );
    check(
        &ANIMAL,
        &message("Animal", "i:type='n:Hen'", "<n:Eggs>2</n:Eggs>"),
        Ok(&format!(
            "<e:Animal xmlns:e=\"urn:example\"{xsi}\"e:Hen\"><e:Eggs>2</e:Eggs></e:Animal>"
        )),
    );
    check(
        &ANIMAL,
        &message("Animal", "", ""),
        Err(&["Animal abstract-type"]),
    );
    for (r#type, rule) in [
        ("n:Dog", "xsi-type"),
        ("x:Cow", "xsi-type"),
        ("Cow", "xsi-type"),
        ("z:Cow", "lexical"),
    ] {
        let attribute = format!("i:type='{type}'");
        check(
            &ANIMAL,
            &message("Animal", &attribute, ""),
            Err(&[&format!("Animal/@type {rule}")]),
        );
    }
    check(
        &HERD,
        &message("Animal", "i:nil='true' i:type='n:Hen'", ""),
        Ok(&format!(
            "<e:Animal xmlns:e=\"urn:example\" xmlns:xsi=\"{XSI}\" xsi:nil=\"true\"/>"
        )),
    );
}

#[test]
fn saying_the_declared_type_tells_nothing_new() {
    let cow = Ok("<e:Cow xmlns:e=\"urn:example\" name=\"Rosa\"/>");
    check(&COW, &message("Cow", "i:type='n:Cow' name='Rosa'", ""), cow);
    check(
        &COW,
        &message("Cow", "i:type='n:Hen' name='Rosa'", ""),
        Err(&["Cow/@type xsi-type"]),
    );
    let count = |r#type: &str, expected| {
        let attributes = format!("xmlns:s='http://www.w3.org/2001/XMLSchema' i:type='{type}'");
        check(&COUNT, &message("Count", &attributes, " 7 "), expected);
    };
    count("s:int", Ok("<e:Count xmlns:e=\"urn:example\">7</e:Count>"));
    count("s:string", Err(&["Count/@type xsi-type"]));
    count("x:int", Err(&["Count/@type xsi-type"]));
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
