//! Each kind of rule has its row in the table, and its texts.

use super::*;

#[test]
fn a_rule_stays_small() {
    assert!(size_of::<Rule>() <= 40, "{}", size_of::<Rule>());
}

/// One of each kind; a new kind does not compile until it is among them.
fn every() -> Vec<Rule> {
    let name = Namespace::new("urn:a", "a").name("A");
    let each = |rule: fn(&Facet) -> Rule| Facet::ALL.iter().map(rule).collect();
    let kinds = |kind: &Kind| match kind {
        Kind::Malformed(_) => vec![Rule::malformed(Reason::Syntax)],
        Kind::Encoding(_) => vec![Rule::encoding(Reason::Utf16)],
        Kind::Doctype => vec![Rule::DOCTYPE],
        Kind::Limit(..) => vec![Rule::limit(Reason::TextLength, 1)],
        Kind::MissingElement(_) => vec![Rule::missing(&[name]), Rule::missing(&[name, name])],
        Kind::UnexpectedElement(_) => {
            let none = Namespace::NONE.name("A");
            let expected = [vec![], vec![name], vec![name], vec![none]];
            let found = [
                ("urn:a", "B"),
                ("urn:a", "B"),
                ("urn:b", "A"),
                ("urn:b", "A"),
            ];
            let pairs = expected.into_iter().zip(found);
            pairs
                .map(|(expected, found)| Rule::unexpected(expected.into(), found))
                .chain([Rule::too_late("A")])
                .collect()
        }
        Kind::Repeated => vec![Rule::REPEATED],
        Kind::TooMany(_) => vec![Rule::too_many(1)],
        Kind::TooFew(_) => vec![Rule::too_few(2)],
        Kind::ElementNotAllowed => vec![Rule::ELEMENT_NOT_ALLOWED],
        Kind::TextNotAllowed => vec![Rule::TEXT_NOT_ALLOWED],
        Kind::NotEmpty => vec![Rule::NOT_EMPTY],
        Kind::MissingAttribute => vec![Rule::MISSING_ATTRIBUTE],
        Kind::UndeclaredAttribute => vec![Rule::UNDECLARED_ATTRIBUTE],
        Kind::NotNillable => vec![Rule::NOT_NILLABLE],
        Kind::NilWithContent => vec![Rule::NIL_WITH_CONTENT],
        Kind::XsiType => vec![Rule::XSI_TYPE],
        Kind::NotHeld => vec![Rule::NOT_HELD],
        Kind::AbstractType => vec![Rule::ABSTRACT_TYPE],
        Kind::MissingAny(_) => vec![Rule::missing_any(None)],
        Kind::Union => vec![Rule::union()],
        Kind::Bare => vec![Rule::BARE],
        Kind::Prefix => vec![Rule::PREFIX],
        Kind::Member => vec![Rule::MEMBER],
        Kind::Empty => vec![Rule::EMPTY],
        Kind::Fixed(_) => vec![Rule::fixed("1")],
        Kind::Lexical(_) => vec![Rule::lexical("xs:int")],
        Kind::Beyond(_) => vec![Rule::beyond("xs:date")],
        Kind::Facet(..) => each(|facet| Rule::facet(*facet, "1")),
        Kind::Count(..) => each(|facet| Rule::count(*facet, 1)),
        Kind::Enumeration(_) => {
            vec![Rule::enumeration(&["a"]), Rule::codes(vec!["a"; TOLD + 1])]
        }
        Kind::Character => vec![Rule::CHARACTER],
        Kind::Envelope => vec![Rule::ENVELOPE],
    };
    let first = [
        Kind::Malformed(Reason::Syntax),
        Kind::Encoding(Reason::Utf16),
        Kind::Doctype,
        Kind::Limit(Reason::Items, 0),
        Kind::MissingElement(Box::new([])),
        Rule::unexpected(Box::default(), ("", "")).0,
        Kind::Repeated,
        Kind::TooMany(0),
        Kind::TooFew(0),
        Kind::ElementNotAllowed,
        Kind::TextNotAllowed,
        Kind::NotEmpty,
        Kind::MissingAttribute,
        Kind::UndeclaredAttribute,
        Kind::NotNillable,
        Kind::NilWithContent,
        Kind::XsiType,
        Kind::NotHeld,
        Kind::AbstractType,
        Kind::MissingAny(None),
        Kind::Union,
        Kind::Bare,
        Kind::Prefix,
        Kind::Member,
        Kind::Empty,
        Kind::Fixed(""),
        Kind::Lexical(""),
        Kind::Beyond(""),
        Kind::Facet(Facet::Pattern, ""),
        Kind::Count(Facet::Length, 0),
        Kind::Enumeration(Cow::Borrowed(&[])),
        Kind::Character,
        Kind::Envelope,
    ];
    first.iter().flat_map(kinds).collect()
}

#[test]
fn the_table_has_each_rule_once() {
    let table: Vec<(&str, &str)> = include_str!("../rule.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("/// | `")?.split_once("` | "))
        .map(|(id, rest)| (id, rest.split(' ').next().unwrap_or_default()))
        .collect();
    for (index, (id, _)) in table.iter().enumerate() {
        assert!(
            table[..index].iter().all(|(other, _)| other != id),
            "{id} twice"
        );
        assert!(
            every().iter().any(|rule| rule.id() == *id),
            "{id} is no rule"
        );
    }
    for rule in every() {
        let class = format!("{:?}", rule.class()).to_lowercase();
        assert!(
            table.contains(&(rule.id(), class.as_str())),
            "{} is not in the table",
            rule.id()
        );
    }
}

#[test]
fn each_rule_has_texts_of_its_own_in_both_languages() {
    let all = every();
    for (index, rule) in all.iter().enumerate() {
        let (english, danish) = (rule.to_string(), rule.danish().to_string());
        assert!(
            !english.is_empty() && !danish.is_empty() && english != danish,
            "{rule:?}"
        );
        for other in &all[..index] {
            assert_ne!(english, other.to_string());
            assert_ne!(danish, other.danish().to_string());
        }
    }
}

#[test]
fn each_reason_has_a_text_of_its_own_in_both_languages() {
    for (index, reason) in Reason::ALL.iter().enumerate() {
        assert_ne!(reason.english(), reason.danish());
        for other in &Reason::ALL[..index] {
            assert_ne!(reason.english(), other.english());
            assert_ne!(reason.danish(), other.danish());
        }
    }
}

#[test]
fn a_wrong_namespace_is_told_from_a_wrong_name() {
    let expected: Box<[Name]> = Box::new([Namespace::new("urn:a", "a").name("Header")]);
    let rule = Rule::unexpected(expected.clone(), ("urn:b", "Header"));
    assert_eq!(
        rule.to_string(),
        "the element is in another namespace than urn:a"
    );
    let rule = Rule::unexpected(expected, ("urn:a", "Footer"));
    assert_eq!(
        rule.to_string(),
        "the element is not allowed here, expected Header"
    );
}
