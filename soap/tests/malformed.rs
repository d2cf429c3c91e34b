//! What XML 1.0 and Namespaces in XML forbid, and limits.

mod contract;

use contract::{CONTENT, ORDER, order};
use soap::{Class, Limits};

#[track_caller]
fn check(message: impl AsRef<[u8]>, id: &str) {
    let message = message.as_ref();
    let violations = ORDER
        .read(message, &Limits::default())
        .map(|_| ())
        .expect_err("refused");
    let last = violations.iter().last().expect("never empty");
    assert_eq!(
        last.rule.id(),
        id,
        "{}\n{violations}",
        String::from_utf8_lossy(message)
    );
    assert_ne!(violations.class(), Class::Content);
}

/// The valid message with `from` replaced is malformed.
#[track_caller]
fn check_changed(from: &str, to: &str) {
    let valid = order(CONTENT);
    assert!(valid.contains(from), "{from}");
    check(valid.replacen(from, to, 1), "malformed");
}

#[test]
fn not_a_document() {
    for message in [
        "",
        " ",
        "hest",
        "<",
        "<a:Order",
        "<!-- -->",
        "<?xml version='1.0'?>",
        "&amp;",
        "<![CDATA[]]>",
    ] {
        check(message, "malformed");
    }
    let valid = order(CONTENT);
    for end in (1..valid.len())
        .step_by(7)
        .filter(|end| valid.is_char_boundary(*end))
    {
        check(&valid[..end], "malformed");
    }
    for after in [
        "x",
        "<x/>",
        "<![CDATA[ ]]>",
        "&#32;",
        "</a:Order>",
        "<?xml version='1.0'?>",
        "&lt;",
    ] {
        check(format!("{valid}{after}"), "malformed");
    }
    for before in ["x", "&#32;", " <?xml version='1.0'?>", "<![CDATA[]]>"] {
        check(format!("{before}{valid}"), "malformed");
    }
}

#[test]
fn declarations() {
    let valid = order(CONTENT);
    for good in [
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes' ?>",
        "<?xml version = '1.0' ?>",
        "\u{FEFF}<?xml version='1.0' encoding='Utf-8'?>",
    ] {
        assert!(
            ORDER
                .read(format!("{good}{valid}").as_bytes(), &Limits::default())
                .is_ok(),
            "{good}"
        );
    }
    for bad in [
        "<?xml?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml version='1.1'?>",
        "<?xml version='2.0'?>",
        "<?xml version='1.0' standalone='maybe'?>",
        "<?xml version='1.0'encoding='UTF-8'?>",
        "<?xml version='1.0' encoding='UTF-8' x='y'?>",
        "<?XML version='1.0'?>",
        "<?xml version='1.0' ?",
    ] {
        check(format!("{bad}{valid}"), "malformed");
    }
    for other in ["iso-8859-1", "UTF-16", "US-ASCII"] {
        check(
            format!("<?xml version='1.0' encoding='{other}'?>{valid}"),
            "encoding",
        );
    }
    let utf_16: Vec<u8> = "\u{FEFF}<a/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    check(utf_16, "encoding");
    check([valid.as_bytes(), b"<!--\xFF-->"].concat(), "encoding");
    check(
        [valid.as_bytes(), b"<!--\xED\xA0\x80-->"].concat(),
        "encoding",
    );
    check([valid.as_bytes(), b"<!--\xC0\x80-->"].concat(), "encoding");
}

#[test]
fn document_types() {
    let valid = order(CONTENT);
    for doctype in [
        "<!DOCTYPE a>",
        "<!doctype a>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
    ] {
        check(format!("{doctype}{valid}"), "doctype");
        check(
            valid.replacen("<a:Item>", &format!("{doctype}<a:Item>"), 1),
            "doctype",
        );
    }
    check(format!("<!DOCTYPE [{valid}"), "malformed");
}

#[test]
fn tags() {
    check_changed("</a:Header>", "</a:header>");
    check_changed("</a:Header>", "</b:Header>");
    check_changed("</a:Header>", "</a:Header x='1'>");
    check_changed("</a:Header>", "</ a:Header>");
    check_changed("<a:Header>", "<a:Header><a:Id>");
    check_changed("<a:Header>", "< a:Header>");
    check_changed("<a:Header>", "<a:Header/ >");
    check_changed("<a:Header>", "<a:He<ader>");
    check_changed("<a:Header>", "<>");
    check_changed("<a:Header>", "<a:>");
    check_changed("<a:Header>", "<:Header>");
    check_changed("<a:Header>", "<a:b:Header>");
    check_changed("<a:Header>", "<a:1Header>");
    check_changed("<a:Header>", "<c:Header>");
    check_changed("<a:Header>", "<A:Header>");
    check_changed("<a:Header>", "<!ELEMENT x><a:Header>");
    check_changed("<a:Header>", "<![cdata[x]]><a:Header>");
}

#[test]
fn attributes() {
    for attribute in [
        "x",
        "x=",
        "x=1",
        "x='1",
        "x='1'y='2'",
        "='1'",
        "x='<'",
        "x='&'",
        "x='&nbsp;'",
        "x='&#0;'",
        "x='a&b'",
        "1x='1'",
        "x='1' x='1'",
        "c:x='1'",
        ":x='1'",
        "a:='1'",
        "a:b:c='1'",
        "b:x='1' c:x='2' xmlns:c='urn:example:b'",
        "/",
        "x='1'/",
    ] {
        check_changed("<a:Header>", &format!("<a:Header {attribute}>"));
    }
}

#[test]
fn namespaces() {
    for declaration in [
        "xmlns:c=''",
        "xmlns:xmlns='urn:x'",
        "xmlns:xml='urn:x'",
        "xmlns:c='http://www.w3.org/XML/1998/namespace'",
        "xmlns='http://www.w3.org/XML/1998/namespace'",
        "xmlns:c='http://www.w3.org/2000/xmlns/'",
        "xmlns='http://www.w3.org/2000/xmlns/'",
        "xmlns:c='urn:x' xmlns:c='urn:x'",
        "xmlns='urn:x' xmlns='urn:y'",
        "xmlns:='urn:x'",
        "xmlns:1='urn:x'",
    ] {
        check_changed("<a:Header>", &format!("<a:Header {declaration}>"));
    }
    // Out of scope after its element.
    check_changed("<a:Id>", "<a:Id xmlns:c='urn:c'/><c:Id/><a:Id>");
    let valid = order(CONTENT);
    let harmless = "<a:Header xmlns:xml='http://www.w3.org/XML/1998/namespace' xmlns='' xmlns:b2='urn:example:b'>";
    assert!(
        ORDER
            .read(
                valid.replace("<a:Header>", harmless).as_bytes(),
                &Limits::default()
            )
            .is_ok()
    );
}

#[test]
fn text() {
    let comment = "&amp; \u{f8} </a:Comment>";
    for text in [
        "]]>",
        "&",
        "&amp",
        "&nbsp;",
        "&#0;",
        "&#xFFFE;",
        "&#xD800;",
        "&#x110000;",
        "&#;",
        "&#x;",
        "&#-1;",
        "&;",
        "& amp;",
        "\u{0}",
        "\u{1}",
        "\u{B}",
        "\u{1F}",
        "\u{FFFE}",
        "\u{FFFF}",
        "<!-- -- -->",
        "<!-- --->",
        "<!-- \u{1} -->",
        "<?xml version='1.0'?>",
        "<?Xml x?>",
        "<?1?>",
        "<??>",
        "<? x?>",
        "<?a:b?>",
        "<![CDATA[",
        "<!--",
        "<?a",
    ] {
        check_changed(comment, &format!("{text}{comment}"));
    }
    for text in [
        "]]&gt;",
        "]] >",
        "\u{7F}",
        "\u{FFFD}",
        "\u{FEFF}",
        "&#9;",
        "<!-- - > -->",
        "<?a?>",
    ] {
        let message = order(CONTENT).replace(comment, &format!("{text}{comment}"));
        assert!(
            ORDER.read(message.as_bytes(), &Limits::default()).is_ok(),
            "{text}"
        );
    }
}

#[test]
fn skipped_elements_are_checked_too() {
    check_changed("<a:Header>", "<a:X><a:Y></a:X></a:Y><a:Header>");
    check_changed("<a:Header>", "<a:X><c:Y/></a:X><a:Header>");
    check_changed("<a:Header>", "<a:X><a:1/></a:X><a:Header>");
    check_changed("<a:Header>", "<a:X y='1' y='2'/><a:Header>");
    check_changed("<a:Header>", "<a:X>&x;</a:X><a:Header>");
}

#[track_caller]
fn check_limit(limits: Limits, message: &str, place: &str) {
    let violations = ORDER
        .read(message.as_bytes(), &limits)
        .expect_err("refused");
    let last = violations.iter().last().expect("never empty");
    assert_eq!(
        (last.rule.id(), last.path.as_str()),
        ("limit", place),
        "{violations}"
    );
}

#[test]
fn limits() {
    let all = Limits::default();
    let valid = order(CONTENT);
    check_limit(
        Limits {
            bytes: valid.len() - 1,
            ..all
        },
        &valid,
        "",
    );
    check_limit(Limits { depth: 2, ..all }, &valid, "Order/Header/Id");
    check_limit(
        Limits {
            attributes: 1,
            ..all
        },
        &valid.replacen("version", "x='' version", 1),
        "Order/@version",
    );
    check_limit(
        Limits {
            namespaces: 1,
            ..all
        },
        &valid,
        "Order/@xmlns:b",
    );
    check_limit(
        Limits {
            name_length: 8,
            ..all
        },
        &valid,
        "Order/Header/Comment",
    );
    check_limit(
        Limits {
            text_length: 30,
            ..all
        },
        &valid,
        "Order/Header/Id",
    );
    check_limit(Limits { items: 1, ..all }, &valid, "Order");
    let exact = Limits {
        bytes: valid.len(),
        depth: 4,
        attributes: 1,
        namespaces: 2,
        name_length: 9,
        text_length: 36,
        items: 2,
        violations: 1,
    };
    assert!(ORDER.read(valid.as_bytes(), &exact).is_ok());
}

#[test]
fn faults_in_a_start_tag_name_its_element() {
    let check = |from: &str, to: &str, place: &str| {
        let message = order(CONTENT).replacen("<a:Item>", "\n<a:Item>", 1);
        assert!(message.contains(from), "{from}");
        let message = message.replacen(from, to, 1);
        let violations = ORDER
            .read(message.as_bytes(), &Limits::default())
            .expect_err("refused");
        let told = violations.first().to_string();
        assert_eq!(told.split("):").next(), Some(place), "{told}");
    };
    let code = "<a:Code>0002";
    for (tag, place) in [
        ("<a:Code x=1>", "Code/@x (line 2, column 55"),
        ("<a:Code x>", "Code/@x (line 2, column 55"),
        ("<a:Code x='<'>", "Code/@x (line 2, column 58"),
        ("<a:Code x='&y;'>", "Code/@x (line 2, column 58"),
        (
            "<a:Code a:x='' b:x='' a:x=''>",
            "Code/@x (line 2, column 69",
        ),
        ("<a:Code y='' c:x=''>", "Code/@x (line 2, column 60"),
        ("<a:Code xmlns:c=''>", "Code/@xmlns:c (line 2, column 55"),
        ("<a:Code 1='2'>", "Code/@? (line 2, column 55"),
        ("<a:Code x=''y=''>", "Code (line 2, column 59"),
        ("<c:Code>", "Code (line 2, column 47"),
    ] {
        check(
            code,
            &format!("{tag}0002"),
            &format!("Order/Item[2]/{place}"),
        );
    }
}

#[test]
fn a_prefix_is_declared_once_in_a_tag() {
    let limits = Limits {
        namespaces: 200,
        ..Limits::default()
    };
    let read = |count: usize, again: usize| {
        let many = (0..count).map(|index| format!(" xmlns:p{index}='urn:p'"));
        let tag = format!(
            "<a:Code{} xmlns:p{again}='urn:q'>",
            many.collect::<String>()
        );
        let message = order(CONTENT).replacen("<a:Code>", &tag, 1);
        ORDER.read(message.as_bytes(), &limits).map(|_| ())
    };
    for count in [1, 31, 32, 33, 34, 100] {
        assert_eq!(read(count, count), Ok(()), "{count}");
        for again in [0, count / 2, count - 1] {
            let violations = read(count, again).expect_err("refused");
            let place = format!("Order/Item/Code/@xmlns:p{again}");
            assert_eq!(violations.first().path, place);
        }
    }
}

/// References and line ends count as what they stand for, in texts as in attributes.
#[test]
fn the_limit_of_texts_counts_what_is_read() {
    let limits = Limits {
        text_length: 40,
        ..Limits::default()
    };
    let fits = |from: &str, to: &str, place: &str| {
        let message = order(CONTENT);
        assert!(message.contains(from), "{from}");
        let told = match ORDER.read(message.replacen(from, to, 1).as_bytes(), &limits) {
            Ok(_) => None,
            Err(violations) => {
                let last = violations.iter().last().expect("never empty");
                assert_eq!((last.rule.id(), last.path.as_str()), ("limit", place));
                Some(())
            }
        };
        told.is_none()
    };
    for (one, octets) in [
        ("a", 1),
        ("&amp;", 1),
        ("&#230;", 2),
        ("\u{e6}", 2),
        ("\r\n", 1),
        ("\r", 1),
    ] {
        let exactly = one.repeat(40 / octets);
        let more = format!("{exactly}a");
        let text = |value: &str| {
            let value = format!("<a:Comment>{value}<");
            let from = "<a:Comment> \u{e6} &amp; \u{f8} <";
            fits(from, &value, "Order/Header/Comment")
        };
        let attribute = |value: &str| {
            fits(
                "version",
                &format!("b:label='{value}' version"),
                "Order/@label",
            )
        };
        for taken in [text(&exactly), attribute(&exactly)] {
            assert!(taken, "{one:?}");
        }
        for taken in [text(&more), attribute(&more)] {
            assert!(!taken, "{one:?}");
        }
    }
}

/// Messages that grow in one dimension, under limits that let them in. Quadratic cost would take minutes.
#[test]
fn hostile_sizes_are_read_without_recursion_and_in_linear_time() {
    let open = Limits {
        bytes: usize::MAX,
        depth: usize::MAX,
        attributes: usize::MAX,
        namespaces: usize::MAX,
        ..Limits::default()
    };
    let deep = order(&format!(
        "{}{}",
        "<a:X>".repeat(100_000),
        "</a:X>".repeat(100_000)
    ));
    let unclosed = "<a>".repeat(100_000);
    let many: String = (0..60_000).map(|index| format!(" a{index}='v'")).collect();
    let wide = order(&format!("<a:X{many}/>"));
    let same = order(&format!("<a:X{}/>", " a='v'".repeat(60_000)));
    for message in [&deep, &unclosed, &wide, &same] {
        assert!(ORDER.read(message.as_bytes(), &Limits::default()).is_err());
        assert!(ORDER.read(message.as_bytes(), &open).is_err());
    }
}
