//! What a typed reader takes and what it says of the rest.

mod contract;

use contract::{CONTENT, ORDER, Order, order};
use soap::{Limits, Nillable, Violations};

fn read(message: &str) -> Result<Order, Violations> {
    ORDER.read(message.as_bytes(), &Limits::default())
}

/// The message is refused with exactly these violations: `path rule-id`.
#[track_caller]
fn check(message: &str, expected: &[&str]) {
    let found: Vec<String> = match read(message) {
        Ok(_) => Vec::new(),
        Err(violations) => violations
            .iter()
            .map(|one| format!("{} {}", one.path, one.rule.id()))
            .collect(),
    };
    assert_eq!(found, expected, "{message}");
}

/// What is wrong with an element as a whole is known last, and what an attribute should have been first.
#[test]
fn violations_stand_in_the_order_of_their_places() {
    let message = order(CONTENT)
        .replace("version=\"1\"", "a=\"1\"")
        .replace("<a:Code>0002</a:Code>", "<a:Code b=\"1\">x</a:Code>")
        .replace("currency=\"DKK\"", "c='1'");
    let violations = read(&message).unwrap_err();
    let places: Vec<(usize, usize)> = violations
        .iter()
        .map(|one| (one.line, one.column))
        .collect();
    assert!(places.len() > 4, "{violations}");
    assert!(places.is_sorted(), "{violations}");
}

/// The message, `from` replaced in the valid one, is refused with exactly these violations.
#[track_caller]
fn check_changed(from: &str, to: &str, expected: &[&str]) {
    let valid = order(CONTENT);
    assert!(valid.contains(from), "{from}");
    check(&valid.replacen(from, to, 1), expected);
}

#[test]
fn a_valid_message_comes_back_the_same() {
    let message = order(CONTENT);
    let order = read(&message).unwrap();
    assert_eq!(order.items.len(), 2);
    assert_eq!(order.header.comment.as_deref(), Some(" æ & ø "));
    assert_eq!(ORDER.write(&order).unwrap(), message);
}

#[test]
fn prefixes_white_space_comments_and_cdata_do_not_matter() {
    let message = order(CONTENT);
    let plain = read(&message).unwrap();
    let other = message
        .replace("<a:", "<")
        .replace("</a:", "</")
        .replace("xmlns:a=", "xmlns=")
        .replace("<b:Amount", "<x:Amount xmlns:x='urn:example:b'")
        .replace("</b:", "</x:");
    assert_eq!(read(&other).unwrap(), plain);
    let spaced = message.replace("><a:", ">\r\n  <!-- c --><?p i?>\t<a:");
    assert_eq!(
        read(&format!(
            "\u{FEFF}<?xml version='1.0' encoding='utf-8'?>\n<!-- x -->{spaced}\n<!-- y -->"
        ))
        .unwrap(),
        plain
    );
    let cdata = message
        .replace(
            " \u{e6} &amp; \u{f8} ",
            "<![CDATA[ \u{e6} &]]><!-- c --> &#xF8;<?p i?> ",
        )
        .replace("0001", "&#x30;0<!-- -->0\n1 ".replace('\n', "").as_str());
    assert_eq!(read(&cdata).unwrap(), plain);
}

#[test]
fn line_ends_are_normalised() {
    let message =
        order(CONTENT).replace(" \u{e6} &amp; \u{f8} ", "a\r\nb\rc\nd&#13;<![CDATA[\r\n]]>");
    let read = read(&message).unwrap();
    assert_eq!(read.header.comment.as_deref(), Some("a\nb\nc\nd\r\n"));
    assert!(ORDER.write(&read).unwrap().contains("a\nb\nc\nd&#13;\n"));
}

#[test]
fn elements_missing_misplaced_repeated_unknown() {
    let sent = "<a:Sent>2026-11-23T10:00:00.1234567+02:00</a:Sent>";
    check_changed(sent, "", &["Order/Header/Sent missing-element"]);
    check_changed(sent, &sent.repeat(2), &["Order/Header/Sent[2] too-many"]);
    check_changed(
        "<a:Kind>b:odd</a:Kind>",
        "<a:Sort/>",
        &["Order/Header/Sort unexpected-element"],
    );
    check_changed(
        "<a:Comment>",
        "<a:Remark/><a:Comment>",
        &["Order/Header/Remark unexpected-element"],
    );
    check_changed(
        "</a:Comment>",
        "</a:Comment><a:More/>",
        &["Order/Header/More unexpected-element"],
    );
    check_changed(
        "<a:Item>",
        "<b:Item/><a:Item>",
        &["Order/Item unexpected-element"],
    );
    check_changed(
        "<a:Card>1234</a:Card>",
        "<a:Ended>2026-01-01</a:Ended>",
        &[
            "Order/Flags unexpected-element",
            "Order/Amount unexpected-element",
        ],
    );
    check_changed(
        "<a:Card>",
        "<a:Item><a:Code>1111</a:Code></a:Item><a:Item><a:Code>9</a:Code></a:Item><a:Card>",
        &["Order/Item[4] too-many"],
    );
    check(
        &order("<a:Header/>"),
        &[
            "Order/Header/Id missing-element",
            "Order/Header/Sent missing-element",
            "Order/Header/Kind missing-element",
            "Order/Item missing-element",
        ],
    );
    check(
        &order(""),
        &["Order/Header missing-element", "Order/Item missing-element"],
    );
    check(
        &order("<a:X/><a:Y>9</a:Y>"),
        &[
            "Order/X unexpected-element",
            "Order/Y unexpected-element",
            "Order/Item missing-element",
        ],
    );
}

#[test]
fn all_in_any_order() {
    let flags = "<a:Fast>true</a:Fast><a:Gift>false</a:Gift>";
    let swapped = order(CONTENT).replace(flags, "<a:Gift>false</a:Gift><a:Fast>true</a:Fast>");
    assert_eq!(read(&swapped).unwrap(), read(&order(CONTENT)).unwrap());
    check_changed(
        "<a:Fast>true</a:Fast>",
        "",
        &["Order/Flags/Fast missing-element"],
    );
    check_changed(
        "<a:Gift>false",
        "<a:Gift>0</a:Gift><a:Gift>false",
        &["Order/Flags/Gift[2] too-many"],
    );
    check_changed(
        "<a:Gift>false</a:Gift>",
        "<a:Give/>",
        &["Order/Flags/Give unexpected-element"],
    );
    check_changed(
        "<a:Gift>false</a:Gift>",
        "<a:Gift>nej</a:Gift>",
        &["Order/Flags/Gift lexical"],
    );
}

#[test]
fn values_are_all_checked_in_one_pass() {
    let message = order(CONTENT)
        .replace("T10:", "X10:")
        .replace("0002", "0009")
        .replace("0003", "003")
        .replace("b:odd", "c:odd")
        .replace("1.50", "1,50");
    check(
        &message,
        &[
            "Order/Header/Sent lexical",
            "Order/Header/Kind lexical",
            "Order/Item[2]/Code pattern",
            "Order/Item[2]/Part/Code digits",
            "Order/Amount lexical",
        ],
    );
}

#[test]
fn attributes() {
    check_changed(
        " currency=\"DKK\"",
        "",
        &["Order/Amount/@currency missing-attribute"],
    );
    check_changed(
        " currency=\"DKK\"",
        " currency='DKK' x='1'",
        &["Order/Amount/@x undeclared-attribute"],
    );
    check_changed(
        " currency=\"DKK\"",
        " b:currency='DKK'",
        &[
            "Order/Amount/@currency missing-attribute",
            "Order/Amount/@currency undeclared-attribute",
        ],
    );
    check_changed("version=\"1\"", "version='a'", &["Order/@version lexical"]);
    check_changed(
        "<a:Item>",
        "<a:Item x='1'>",
        &["Order/Item/@x undeclared-attribute"],
    );
    check_changed(
        "<a:Code>",
        "<a:Code x='1'>",
        &["Order/Item/Code/@x undeclared-attribute"],
    );
    let message = order(CONTENT).replace(" version=\"1\"", " b:label=' a&#10;b\tc&lt; '");
    let order = read(&message).unwrap();
    assert_eq!(
        (order.version, order.label.as_deref()),
        (1, Some(" a\nb c< "))
    );
    assert!(
        ORDER
            .write(&order)
            .unwrap()
            .contains("b:label=\" a&#10;b c&lt; \"")
    );
}

#[test]
fn no_namespace_of_the_sender_is_told() {
    let foreign = "<a:Header xmlns:a='urn:secret'><a:Id>x</a:Id></a:Header>";
    for place in ["<a:Item>", "</a:Header>"] {
        let message = order(CONTENT).replacen(place, &format!("{foreign}{place}"), 1);
        let violations = read(&message).unwrap_err();
        assert!(violations.iter().next().is_some());
        for violation in &violations {
            let told = format!("{violation} {} {:?}", violation.danish(), violation.item);
            assert!(!told.contains("secret"), "{told}");
        }
    }
}

#[test]
fn no_value_but_the_fixed_one_is_written() {
    let mut order = read(&order(CONTENT)).unwrap();
    order.payment = Some(contract::Payment::Cash(false));
    let refused = ORDER.write(&order).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Order/Cash: the value is fixed as `true`"
    );
}

#[test]
fn default_fixed_and_nil() {
    let message = order(CONTENT)
        .replace("<a:Kind>b:odd</a:Kind>", "<a:Kind/>")
        .replace("<a:Card>1234</a:Card>", "<a:Cash></a:Cash>");
    let read_back = read(&message).unwrap();
    assert_eq!(read_back.header.kind.to_string(), "plain");
    assert_eq!(read_back.payment, Some(contract::Payment::Cash(true)));
    check_changed(
        "<a:Card>1234</a:Card>",
        "<a:Cash>0</a:Cash>",
        &["Order/Cash fixed"],
    );
    check_changed("<a:Card>1234</a:Card>", "<a:Cash>1</a:Cash>", &[]);

    const NIL: &str = " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil=";
    let ended = |content: &str| order(&format!("{CONTENT}{content}"));
    let nil = read(&ended(&format!("<a:Ended{NIL}'true'/>"))).unwrap();
    assert_eq!(nil.ended, Some(Nillable::Nil));
    let written = ORDER.write(&nil).unwrap();
    assert_eq!(read(&written).unwrap(), nil);
    assert!(matches!(
        read(&ended(&format!("<a:Ended{NIL}'0'>2026-01-01</a:Ended>")))
            .unwrap()
            .ended,
        Some(Nillable::Value(_))
    ));
    check(
        &ended(&format!("<a:Ended{NIL}'1'> </a:Ended>")),
        &["Order/Ended nil-with-content"],
    );
    check(
        &ended(&format!("<a:Ended{NIL}'1'><a:X/></a:Ended>")),
        &["Order/Ended nil-with-content"],
    );
    check(
        &ended(&format!("<a:Ended{NIL}'ja'/>")),
        &["Order/Ended/@nil lexical"],
    );
    check(&ended("<a:Ended/>"), &["Order/Ended lexical"]);
    check_changed(
        "<a:Code>",
        &format!("<a:Code{NIL}'true'>"),
        &["Order/Item/Code/@nil not-nillable"],
    );
    // There is no value to look at, nor children to miss.
    check_changed(
        "<a:Code>0001</a:Code>",
        &format!("<a:Code{NIL}' 1 '/>"),
        &["Order/Item/Code/@nil not-nillable"],
    );
    check(
        &order(&format!(
            "<a:Header{NIL}'true'/><a:Item><a:Code>0001</a:Code></a:Item>"
        )),
        &["Order/Header/@nil not-nillable"],
    );
    check_changed(
        "<a:Code>0001",
        &format!("<a:Code{NIL}'false'>x"),
        &[
            "Order/Item/Code digits",
            "Order/Item/Code/@nil not-nillable",
        ],
    );
    let hint = " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b'";
    check_changed("<a:Code>", &format!("<a:Code{hint}>"), &[]);
    check_changed(
        "<a:Code>",
        &format!("<a:Code{}>", hint.replace("schemaLocation", "type")),
        &["Order/Item/Code/@type xsi-type"],
    );
}

#[test]
fn text_and_elements_in_the_wrong_place() {
    check_changed("<a:Item>", "hest<a:Item>", &["Order text-not-allowed"]);
    check_changed("<a:Item>", "<![CDATA[ ]]>&#32;<a:Item>", &[]);
    check_changed("<a:Item>", "&#65;<a:Item>", &["Order text-not-allowed"]);
    check_changed(
        "<a:Code>0001",
        "<a:Code>00<a:X>y</a:X>01",
        &["Order/Item/Code/X element-not-allowed"],
    );
}

#[test]
fn places_are_those_of_people() {
    let message = order(CONTENT)
        .replace("<a:Item>", "\n<a:Item>")
        .replace("0002", "x");
    let violations = read(&message).unwrap_err();
    assert_eq!(
        violations.to_string(),
        "Order/Item[2]/Code (line 3, column 9): the value breaks the facet digits 4 \
         [{urn:example:a}Code]"
    );
    let item = |message: &str| {
        let violations = read(message).unwrap_err();
        violations.first().item.as_ref().map(ToString::to_string)
    };
    let changed = |from: &str, to: &str| item(&order(CONTENT).replacen(from, to, 1));
    for (from, to, expected) in [
        ("0001", "x", "{urn:example:a}Code"),
        ("DKK\"", "DKK\" x=''", "{urn:example:b}Amount"),
        ("currency=\"DKK\"", "", "currency"),
        ("version=\"1\"", "b:label='' version='x'", "version"),
        (
            "<a:Card>",
            "<a:Card>1</a:Card><a:Card>",
            "{urn:example:a}Card",
        ),
        (
            "</a:Comment>",
            "</a:Comment><a:More/>",
            "{urn:example:a}Header",
        ),
        ("<a:Sent>", "<a:X/><a:Sent>", "{urn:example:a}Sent"),
        ("<a:Item>", "text<a:Item>", "{urn:example:a}Order"),
        ("0001", "<a:X/>", "{urn:example:a}Code"),
        (
            "<a:Code>",
            "<a:Code xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='x'>",
            "{urn:example:a}Code",
        ),
        (
            "<a:Code>",
            "<a:Code xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='1'>",
            "{urn:example:a}Code",
        ),
    ] {
        assert_eq!(changed(from, to).as_deref(), Some(expected), "{from} {to}");
    }
    assert_eq!(changed("</a:Card>", "</a:Kard>"), None);
    let missing = read(&order("")).unwrap_err();
    assert_eq!(
        missing.first().danish(),
        "Order/Header (linje 1, kolonne 70): elementet mangler [{urn:example:a}Header]"
    );
    assert_eq!(
        missing.first().item,
        Some(contract::ns::A.name("Header").into())
    );
    let wrong = order(CONTENT)
        .replace("<a:Header>", "<b:Header>")
        .replace("</a:Header>", "</b:Header>");
    assert_eq!(
        read(&wrong).unwrap_err().to_string(),
        "Order/Header (line 1, column 70): the element is in another namespace than urn:example:a \
         [{urn:example:a}Header]"
    );
}

#[test]
fn no_value_of_the_message_is_shown() {
    let message = order(CONTENT)
        .replace("0001", "SECRET")
        .replace("DKK", " SECRET\u{1F980} ")
        .replace("1.50", "SECRET")
        .replace("<a:Card>1234</a:Card>", "<a:Cash>SECRET</a:Cash>SECRET")
        .replace("b:odd", "SECRET:SECRET");
    let violations = read(&message).unwrap_err();
    assert_eq!(violations.iter().count(), 5);
    assert!(
        !violations.to_string().contains("SECRET") && !format!("{violations:?}").contains("SECRET")
    );
}

#[test]
fn violations_stop_at_the_limit() {
    let limits = Limits {
        violations: 3,
        ..Limits::default()
    };
    let message = order(
        &CONTENT
            .replace("0001", "x")
            .replace("0002", "x")
            .replace("0003", "x")
            .replace("1.50", "x"),
    );
    assert_eq!(
        ORDER
            .read(message.as_bytes(), &limits)
            .unwrap_err()
            .iter()
            .count(),
        3
    );
}

#[test]
fn what_cannot_be_read_back_is_not_written() {
    let mut order = read(&order(CONTENT)).unwrap();
    order.header.comment = Some("a\u{1}".to_owned());
    let unwritable = ORDER.write(&order).unwrap_err();
    assert_eq!(
        (unwritable.path.as_str(), unwritable.rule.id()),
        ("Order/Header/Comment", "character")
    );
    order.header.comment = None;
    order.items.clear();
    let unwritable = ORDER.write(&order).unwrap_err();
    assert_eq!(
        (unwritable.path.as_str(), unwritable.rule.id()),
        ("Order/Item", "too-few")
    );
}
