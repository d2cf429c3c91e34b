//! Where libxml2 and we differ, and which paragraph of the standard says who is right. Each is bound to the samples that it is
//! about: those of some cases, of some rules, of values of some types, of some texts.

use std::collections::BTreeSet;

use codegen::Sample;
use roxmltree::{Document, Node};

use super::Verdict;

/// Who is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// And the model.
    We,
    /// And the model.
    Libxml2,
    /// What we do not check the model does not hold either.
    Libxml2Alone,
}

/// What we say that libxml2 does not.
#[derive(Clone, Copy)]
enum Ours {
    /// That the message is valid.
    Valid,
    /// That it breaks one of the rules of these ids.
    Breaks(&'static [&'static str]),
}

/// A kind of difference. Where a list is empty it binds to nothing.
pub(crate) struct Difference {
    /// What is judged differently.
    pub(crate) what: &'static str,
    /// Who is right.
    pub(crate) right: Right,
    /// The paragraph.
    pub(crate) says: &'static str,
    ours: Ours,
    /// The cases of the generator.
    cases: &'static [&'static str],
    /// What the samples try.
    rules: &'static [&'static str],
    /// The built-in types that the types of the values come from.
    types: &'static [&'static str],
    /// Whether it is about a text.
    text: fn(&str) -> bool,
    /// Whether it is about a message; about all of them if that is not said.
    message: Option<fn(&Document<'_>) -> bool>,
}

impl Difference {
    /// Whether `verdict` is of this kind.
    pub(crate) fn is(&self, verdict: &Verdict<'_>) -> bool {
        let value = verdict.sample.value.as_ref();
        let (r#type, text) = value.map_or(("", ""), |value| (value.r#type, &value.text));
        let within = |list: &[&str], one: &str| list.is_empty() || list.contains(&one);
        let said = match (&verdict.ours, self.ours) {
            (Ok(_), Ours::Valid) => true,
            (Err(violations), Ours::Breaks(rules)) => rules.contains(&violations.first().rule.id()),
            _ => false,
        };
        said && within(self.cases, verdict.batch)
            && within(self.rules, verdict.sample.rule)
            && within(self.types, r#type)
            && (self.text)(text)
            && self.message.is_none_or(|is| {
                Document::parse(&verdict.sample.text).is_ok_and(|message| is(&message))
            })
    }
}

const ANY: fn(&str) -> bool = |_| true;

/// All that are known; the first of several that fit counts.
pub(crate) static DIFFERENCES: &[Difference] = &[
    Difference {
        what: "identity constraints are not checked",
        right: Right::Libxml2Alone,
        says: "XSD 1.0 Part 1, 3.11.4",
        ours: Ours::Valid,
        cases: &["identity"],
        rules: &[],
        types: &[],
        text: ANY,
        message: Some(breaks_identity),
    },
    Difference {
        what: "another form of a fixed number, which it compares as a text",
        right: Right::We,
        says: "XSD 1.0 Part 1, 3.3.4, clause 5.2.2.2.2",
        ours: Ours::Valid,
        cases: &["element-default", "fixed-and-nillable"],
        rules: &["fixed", "lexical"],
        types: &["decimal"],
        text: |text| text.trim().parse() == Ok(1.0),
        message: None,
    },
    Difference {
        what: "xsi:type cannot name any type of a UUID, or a member of a union without a name",
        right: Right::Libxml2,
        says: "XSD 1.0 Part 1, 3.3.4 and 3.14.6",
        ours: Ours::Breaks(&["xsi-type"]),
        cases: &[],
        rules: &["xsi-type"],
        types: &[],
        text: ANY,
        message: None,
    },
    Difference {
        what: "what a strict wildcard lets in may name its type instead of being declared",
        right: Right::We,
        says: "XSD 1.0 Part 1, 3.10.1",
        ours: Ours::Valid,
        cases: &["declared-content"],
        rules: &["form", "name", "namespace", "unknown-element"],
        types: &[],
        text: ANY,
        message: Some(names_a_type_under_strict),
    },
    Difference {
        what: "fixed names, whose prefixes it looks for in the message",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.18",
        ours: Ours::Valid,
        cases: &["names-in-values"],
        rules: &[],
        types: &[],
        text: ANY,
        message: Some(has_a_fixed_name),
    },
    Difference {
        what: "an undeclared prefix",
        right: Right::We,
        says: "Namespaces in XML 1.0, 5",
        ours: Ours::Breaks(&["malformed"]),
        cases: &[],
        rules: &["well-formed"],
        types: &[],
        text: ANY,
        message: None,
    },
    Difference {
        what: "white space around numbers and dates, which it does not collapse",
        right: Right::We,
        says: "XSD 1.0 Part 2, 4.3.6",
        ours: Ours::Valid,
        cases: &[],
        rules: &["white-space", "markup"],
        types: &UNCOLLAPSED,
        text: |text| text.is_empty() || text.trim() != text,
        message: None,
    },
    Difference {
        what: "lists without an item of the built-in list types",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.3.5",
        ours: Ours::Breaks(&["min-length"]),
        cases: &["list"],
        rules: &[],
        types: &[],
        text: |text| text.trim().is_empty(),
        message: None,
    },
    Difference {
        what: "numbers of more than 24 digits",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.3 and 5",
        ours: Ours::Valid,
        cases: &[],
        rules: &["lexical", "list", "union"],
        types: &[],
        text: |text| {
            let digits = text.rsplit(' ').next().unwrap_or(text);
            digits.len() > 24 && digits.bytes().all(|octet| octet.is_ascii_digit())
        },
        message: None,
    },
    Difference {
        what: "signs before unsigned numbers, whose bound takes no form away",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.3.20 to 3.3.24",
        ours: Ours::Valid,
        cases: &[],
        rules: &["lexical"],
        types: &[
            "unsignedLong",
            "unsignedInt",
            "unsignedShort",
            "unsignedByte",
        ],
        text: |text| matches!(text, "+1" | "+0" | "-0"),
        message: None,
    },
    Difference {
        what: "an E without an exponent",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.4.1",
        ours: Ours::Breaks(&["lexical", "union"]),
        cases: &[],
        rules: &["lexical", "list", "union"],
        types: &["float", "double", "list", "union"],
        text: |text| text.ends_with("1e") || text.contains("1e "),
        message: None,
    },
    Difference {
        what: "NaN, which no bound can be compared with",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.4",
        ours: Ours::Breaks(&["min-exclusive"]),
        cases: &["floats"],
        rules: &["lexical"],
        types: &["float"],
        text: |text| text == "NaN",
        message: None,
    },
    Difference {
        what: "the 29th of February before our era: the year -1 is 1 BC, so that -2024 is no leap year",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.7, note",
        ours: Ours::Breaks(&["lexical", "union"]),
        cases: &[],
        rules: &["lexical", "union"],
        types: &["date", "union"],
        text: |text| text == "-2024-02-29",
        message: None,
    },
    Difference {
        what: "dates that cannot be compared with a bound, since one of both has no offset",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.7.4",
        ours: Ours::Breaks(&["min-inclusive", "max-exclusive"]),
        cases: &["bounds"],
        rules: &["min-inclusive", "max-exclusive"],
        types: &["date"],
        text: |text| text.ends_with("14:00"),
        message: None,
    },
    Difference {
        what: "seconds without a digit on either side of the point",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.6.1",
        ours: Ours::Breaks(&["lexical"]),
        cases: &[],
        rules: &["lexical"],
        types: &["duration"],
        text: |text| matches!(text, "PT.5S" | "PT5.S"),
        message: None,
    },
    Difference {
        what: "the form of xs:gMonth before the erratum E2-12",
        right: Right::We,
        says: "XSD 1.0 Part 2, first edition, 3.2.14",
        ours: Ours::Valid,
        cases: &[],
        rules: &["lexical"],
        types: &["gMonth"],
        text: |text| text == "--02--",
        message: None,
    },
    Difference {
        what: "letters that are none of base 64",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.16",
        ours: Ours::Breaks(&["lexical"]),
        cases: &[],
        rules: &["lexical", "white-space"],
        types: &["base64Binary"],
        text: |text| !text.is_ascii(),
        message: None,
    },
    Difference {
        what: "characters that a URI would escape",
        right: Right::We,
        says: "XSD 1.0 Part 2, 3.2.17",
        ours: Ours::Valid,
        cases: &[],
        rules: &["lexical"],
        types: &["anyURI"],
        text: |text| text == "]]>",
        message: None,
    },
    Difference {
        what: "letters of names that XML has since its fifth edition",
        right: Right::We,
        says: "XML 1.0, fifth edition, 2.3",
        ours: Ours::Valid,
        cases: &[],
        rules: &["lexical", "list", "pattern"],
        types: &["Name", "NCName", "NMTOKEN", "NMTOKENS", "ID", "IDREF"],
        text: |text| !text.is_ascii(),
        message: None,
    },
    Difference {
        what: "letters and digits that Unicode has since it made its tables, in patterns",
        right: Right::We,
        says: "XSD 1.0 Part 2, F.1.1",
        ours: Ours::Valid,
        cases: &["pattern", "pattern-of-form"],
        rules: &["lexical", "pattern", "valid"],
        types: &["string"],
        text: |text| !text.is_ascii(),
        message: None,
    },
];

/// Whether a message of the case `identity` breaks its key, its reference to that, or its unique lines.
fn breaks_identity(message: &Document<'_>) -> bool {
    let named = |local: &'static str| {
        let nodes = message.root_element().descendants();
        nodes.filter(move |node| node.tag_name().name() == local)
    };
    let number = |node: &Node<'_, '_>, name: &str| node.attribute(name)?.trim().parse::<i32>().ok();
    let kind = |node: &Node<'_, '_>| {
        let words = node.attribute("kind")?.split_ascii_whitespace();
        Some(words.collect::<Vec<_>>().join(" "))
    };
    let key = |node: Node<'_, '_>| Some((number(&node, "number")?, kind(&node)?));
    let items: Vec<_> = named("Item").map(key).collect();
    let different: BTreeSet<_> = items.iter().flatten().collect();
    let lines: Vec<i32> = named("Note")
        .filter_map(|note| number(&note, "line"))
        .collect();
    let different_lines: BTreeSet<_> = lines.iter().collect();
    different.len() < items.len()
        || different_lines.len() < lines.len()
        || named("Note")
            .filter_map(key)
            .any(|noted| !different.contains(&noted))
}

/// Whether a child of an element `Strict` says of which type it is.
fn names_a_type_under_strict(message: &Document<'_>) -> bool {
    message.descendants().any(|node| {
        let strict = node
            .parent()
            .is_some_and(|parent| parent.has_tag_name(("urn:case", "Strict")));
        strict && node.has_attribute((XSI, "type"))
    })
}

/// Whether a message of the case `names-in-values` holds an element whose value is fixed as a name.
fn has_a_fixed_name(message: &Document<'_>) -> bool {
    let mut children = message.root_element().children();
    children.any(|node| ["Round", "Square", "Either"].contains(&node.tag_name().name()))
}

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The types whose values it reads without collapsing white space; a sample of markup has none.
const UNCOLLAPSED: [&str; 20] = [
    "",
    "QName",
    "byte",
    "date",
    "dateTime",
    "duration",
    "gDay",
    "gMonth",
    "gMonthDay",
    "gYear",
    "gYearMonth",
    "int",
    "long",
    "short",
    "time",
    "union",
    "unsignedByte",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
];

/// Contracts that libxml2 cannot judge, and why.
pub(crate) const UNREADABLE: [(&str, &str); 6] = [
    (
        "catalogue",
        "it refers to schemas of the W3C and of OASIS, which are not fetched",
    ),
    (
        "huge-numbers",
        "its bounds have more than 24 digits, of which a decimal may have any number, at least 18 (XSD 1.0 Part 2, 5)",
    ),
    (
        "import-from-elsewhere",
        "it refers to schemas by addresses on the web, which are not fetched",
    ),
    (
        "import-of-another-namespace",
        "its import names another namespace than the schema has, which we read more kindly",
    ),
    (
        "inline-schemas",
        "its schemas refer to one another without imports, which we read more kindly",
    ),
    (
        "rpc",
        "the wrappers of its operations are declared by no schema (WSDL 1.1, 3.5)",
    ),
];

/// What no message of a case can go against: its only complex type takes any attribute.
pub(crate) const NEVER_BROKEN: &[(&str, &str)] = &[("any-type-extension", "a complex type")];

/// Roots that take everything: elements of `xs:anyType`.
pub(crate) const OPEN_ROOTS: [(&str, &str); 1] = [("any-type", "Other")];

/// Declarations of the contracts of SF2090 that nothing in them refers to.
pub(crate) const UNUSED: [(&str, &str); 1] = [(
    "http://serviceplatformen.dk/xml/schemas/kvittering/1/",
    "Forretningskvittering",
)];

/// A kind of value of which the model does not tell whether it is one.
pub(crate) struct Untold {
    /// Why.
    pub(crate) what: &'static str,
    /// The built-in types that the types of the values come from.
    types: &'static [&'static str],
    text: fn(&str) -> bool,
}

impl Untold {
    /// Whether `sample` tries such a value.
    pub(crate) fn is(&self, sample: &Sample) -> bool {
        let value = sample.value.as_ref();
        value.is_some_and(|value| self.types.contains(&value.r#type) && (self.text)(&value.text))
    }
}

/// All of them; of everything else the model tells.
pub(crate) static UNTOLD: [Untold; 2] = [
    Untold {
        what: "a prefix that is bound without being declared (Namespaces in XML 1.0, 3)",
        types: &["QName", "union"],
        text: |text| text.starts_with("xmlns:"),
    },
    Untold {
        what: "zeros after the point, which count as digits or not (XSD 1.0 Part 2, 4.3.11)",
        types: &["decimal"],
        text: |text| text.starts_with("0.0"),
    },
];
