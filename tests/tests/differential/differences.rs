//! Where libxml2 and we differ, and which paragraph of the standard says who is right.

use super::Verdict;

/// A kind of difference.
pub(crate) struct Difference {
    /// What is judged differently.
    pub(crate) what: &'static str,
    /// Who is right: `we`, or `libxml2`.
    pub(crate) right: &'static str,
    /// The paragraph.
    pub(crate) says: &'static str,
    /// Whether a difference is of this kind.
    pub(crate) is: fn(&Verdict<'_>) -> bool,
}

/// Schemas that libxml2 cannot read though they are fine: a decimal may have any number of digits, at least 18 (XSD 1.0
/// Part 2, 5), and it stops at 24.
pub(crate) const UNREADABLE: [&str; 1] = ["huge-numbers"];

/// All that are known; the first of several that fit counts.
pub(crate) static DIFFERENCES: &[Difference] = &[
    Difference {
        what: "identity constraints are not checked",
        right: "libxml2",
        says: "XSD 1.0 Part 1, 3.11.4",
        is: |verdict| verdict.batch == "identity" && we_take(verdict),
    },
    Difference {
        what: "xsi:type cannot name a simple type of the contract, or a member of a union",
        right: "libxml2",
        says: "XSD 1.0 Part 1, 3.3.4 and 3.14.6",
        is: |verdict| verdict.sample.rule == "xsi-type" && told(verdict, "xsi:type names a type"),
    },
    Difference {
        what: "what a strict wildcard lets in may name its type instead of being declared",
        right: "we",
        says: "XSD 1.0 Part 1, 3.10.1",
        is: |verdict| {
            verdict.batch == "declared-content"
                && verdict.sample.text.contains("Strict><")
                && ["form", "name", "namespace", "unknown-element"].contains(&verdict.sample.rule)
                && we_take(verdict)
        },
    },
    Difference {
        what: "an undeclared prefix",
        right: "we",
        says: "Namespaces in XML 1.0, 5",
        is: |verdict| told(verdict, "an undeclared prefix"),
    },
    Difference {
        what: "white space around numbers and dates, which it does not collapse",
        right: "we",
        says: "XSD 1.0 Part 2, 4.3.6",
        is: |verdict| matches!(verdict.sample.rule, "white-space" | "markup") && we_take(verdict),
    },
    Difference {
        what: "other forms of a fixed number",
        right: "we",
        says: "XSD 1.0 Part 1, 3.3.4, clause 5.2.2.2.2",
        is: |verdict| {
            verdict.batch == "element-default" && is_of(verdict, "decimal") && we_take(verdict)
        },
    },
    Difference {
        what: "lists without an item of the built-in list types",
        right: "we",
        says: "XSD 1.0 Part 2, 3.3.5",
        is: |verdict| verdict.batch == "list" && told(verdict, "min-length 1"),
    },
    Difference {
        what: "decimals of more than 24 digits",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.3 and 5",
        is: |verdict| we_take(verdict) && text(verdict).len() > 24 && is_digits(text(verdict)),
    },
    Difference {
        what: "signs before unsigned numbers, whose bound takes no form away",
        right: "we",
        says: "XSD 1.0 Part 2, 3.3.20 to 3.3.24",
        is: |verdict| {
            kind(verdict).starts_with("unsigned")
                && text(verdict).starts_with(['+', '-'])
                && we_take(verdict)
        },
    },
    Difference {
        what: "an E without an exponent",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.4.1",
        is: |verdict| text(verdict).contains("1e") && !we_take(verdict),
    },
    Difference {
        what: "NaN, which no bound can be compared with",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.4",
        is: |verdict| text(verdict) == "NaN" && told(verdict, "min-exclusive"),
    },
    Difference {
        what: "the 29th of February before our era: the year -1 is 1 BC, so that -2024 is no leap year",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.7, note",
        is: |verdict| text(verdict) == "-2024-02-29" && !we_take(verdict),
    },
    Difference {
        what: "dates that cannot be compared with a bound, since one of both has no offset",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.7.4",
        is: |verdict| {
            verdict.batch == "bounds"
                && is_of(verdict, "date")
                && text(verdict).ends_with("14:00")
                && !we_take(verdict)
        },
    },
    Difference {
        what: "seconds without a digit on either side of the point",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.6.1",
        is: |verdict| {
            is_of(verdict, "duration") && text(verdict).contains('.') && !we_take(verdict)
        },
    },
    Difference {
        what: "the form of xs:gMonth before the erratum E2-12",
        right: "we",
        says: "XSD 1.0 Part 2, first edition, 3.2.14",
        is: |verdict| is_of(verdict, "gMonth") && text(verdict) == "--02--" && we_take(verdict),
    },
    Difference {
        what: "letters that are none of base 64",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.16",
        is: |verdict| {
            is_of(verdict, "base64Binary") && !text(verdict).is_ascii() && !we_take(verdict)
        },
    },
    Difference {
        what: "characters that a URI would escape",
        right: "we",
        says: "XSD 1.0 Part 2, 3.2.17",
        is: |verdict| is_of(verdict, "anyURI") && text(verdict) == "]]>" && we_take(verdict),
    },
    Difference {
        what: "letters of names and digits that Unicode has since it made its tables",
        right: "we",
        says: "XML 1.0, fifth edition, 2.3; XSD 1.0 Part 2, F.1.1",
        is: |verdict| {
            !text(verdict).is_ascii() && we_take(verdict) && NAMES.contains(&kind(verdict))
        },
    },
];

/// Types of names, and of the patterns that speak of letters and digits.
const NAMES: [&str; 7] = [
    "Name", "NCName", "NMTOKEN", "NMTOKENS", "ID", "IDREF", "string",
];

fn we_take(verdict: &Verdict<'_>) -> bool {
    verdict.ours.is_none()
}

fn told(verdict: &Verdict<'_>, part: &str) -> bool {
    verdict
        .ours
        .as_ref()
        .is_some_and(|ours| ours.contains(part))
}

fn kind<'v>(verdict: &Verdict<'v>) -> &'v str {
    verdict
        .sample
        .value
        .as_ref()
        .map_or("", |value| value.r#type)
}

fn is_of(verdict: &Verdict<'_>, name: &str) -> bool {
    kind(verdict) == name
}

fn text<'v>(verdict: &Verdict<'v>) -> &'v str {
    verdict
        .sample
        .value
        .as_ref()
        .map_or("", |value| &value.text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit())
}
