//! Rust names for XML names: the one place that knows case, keywords and clashes.
//!
//! A name is made from the words of the XML name alone; where two fall together the rule looks at what they name, then at
//! their XML names in order, never at the order of files. An override in `contracts.toml` beats every rule.

use std::collections::{BTreeMap, BTreeSet};

/// `UpperCamelCase`, for types, traits and variants.
pub(crate) fn type_name(xml: &str) -> String {
    let camel = camel_case(xml);
    if RESERVED_TYPES.contains(&camel.as_str()) {
        format!("{camel}_")
    } else {
        camel
    }
}

/// `snake_case`, for fields, methods and modules.
pub(crate) fn field_name(xml: &str) -> String {
    let snake = words(xml)
        .iter()
        .map(|word| word.to_lowercase())
        .collect::<Vec<_>>()
        .join("_");
    let snake = started(snake, 'v');
    if KEYWORDS.contains(&snake.as_str()) {
        format!("{snake}_")
    } else {
        snake
    }
}

/// `UPPER_CASE`, for constants and statics.
pub(crate) fn constant_name(xml: &str) -> String {
    let upper = words(xml)
        .iter()
        .map(|word| word.to_uppercase())
        .collect::<Vec<_>>()
        .join("_");
    started(upper, 'V')
}

/// `UpperCamelCase`, for variants: they are named with their enum before them, so that only `Self` is taken.
pub(crate) fn variant_name(xml: &str) -> String {
    match camel_case(xml).as_str() {
        _ if xml.is_empty() => "Empty".to_owned(),
        "Self" => "Self_".to_owned(),
        name => name.to_owned(),
    }
}

fn camel_case(xml: &str) -> String {
    let camel: String = words(xml).iter().map(|word| capitalized(word)).collect();
    started(camel, 'V')
}

/// The names of `candidates`, each of which is asked for under a rank and a key: of those that want the same name the one
/// with the lowest rank and key keeps it, and each other takes its suffix, then a number.
pub(crate) fn distinct<K: Ord + Clone>(
    candidates: impl IntoIterator<Item = (K, Candidate)>,
) -> BTreeMap<K, String> {
    let mut by_name: BTreeMap<String, Vec<(u8, K, &'static str)>> = BTreeMap::new();
    for (key, candidate) in candidates {
        let entry = (candidate.rank, key, candidate.suffix);
        by_name.entry(candidate.name).or_default().push(entry);
    }
    let mut taken: BTreeSet<String> = by_name.keys().cloned().collect();
    let mut names = BTreeMap::new();
    for (name, mut wanted) in by_name {
        wanted.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        for (index, (_, key, suffix)) in wanted.into_iter().enumerate() {
            let mut given = name.clone();
            if index > 0 {
                // A suffix, or a number where there is none, takes the place of the underscore of a reserved name.
                let stem = format!("{}{suffix}", name.trim_end_matches('_'));
                let numbered = (2..).map(|number| format!("{stem}{number}"));
                let first = (!suffix.is_empty()).then(|| stem.clone());
                given = first
                    .into_iter()
                    .chain(numbered)
                    .find(|name| taken.insert(name.clone()))
                    .unwrap_or_default();
            }
            names.insert(key, given);
        }
    }
    names
}

/// A wish for a name.
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// Lower comes first.
    pub(crate) rank: u8,
    /// What is added where another comes first.
    pub(crate) suffix: &'static str,
}

/// The words of an XML name: cut at what is neither letter nor digit, before a capital that follows a small letter or a
/// digit, and before the last of several capitals where a small letter follows.
pub(crate) fn words(xml: &str) -> Vec<String> {
    let characters: Vec<char> = xml.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &c) in characters.iter().enumerate() {
        if !(c.is_alphanumeric() && unicode_ident::is_xid_continue(c)) {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = index.checked_sub(1).map(|i| characters[i]);
        let after = characters.get(index + 1);
        let cut = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if cut {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What a name is about: its words without those that only say that it is a service or a port type, in small letters.
pub(crate) fn stem(xml: &str) -> String {
    const SAYING: [&str; 12] = [
        "api",
        "basic",
        "binding",
        "endpoint",
        "http",
        "interface",
        "port",
        "service",
        "services",
        "soap",
        "type",
        "web",
    ];
    let words: Vec<String> = words(xml).iter().map(|word| word.to_lowercase()).collect();
    // `ICalculator`, as interfaces are called in C#.
    let words = match words.as_slice() {
        [first, rest @ ..] if first == "i" => rest,
        words => words,
    };
    let end = words
        .iter()
        .rposition(|word| !SAYING.contains(&word.as_str()));
    words[..end.map_or(0, |end| end + 1)].concat()
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        let first = first.to_uppercase();
        first
            .chain(characters.flat_map(char::to_lowercase))
            .collect()
    })
}

/// `name`, or with `letter` before it where it does not begin like an identifier.
fn started(name: String, letter: char) -> String {
    if name.starts_with(unicode_ident::is_xid_start) {
        name
    } else {
        format!("{letter}{name}")
    }
}

/// Types and variants of the prelude that emitted code names, and its type parameter.
const RESERVED_TYPES: [&str; 16] = [
    "Box", "Err", "From", "Future", "None", "Ok", "Option", "Result", "Self", "Send", "Some",
    "String", "Sync", "T", "TryFrom", "Vec",
];

/// Strict and reserved keywords (The Rust Reference, Keywords).
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "soap",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, r#type: &str, field: &str) {
        assert_eq!(type_name(xml), r#type);
        assert_eq!(field_name(xml), field);
    }

    #[test]
    fn xml_names_become_rust_names() {
        check("Header", "Header", "header");
        check(
            "TransaktionIdentifikator",
            "TransaktionIdentifikator",
            "transaktion_identifikator",
        );
        check(
            "KMDSagIdentifikator",
            "KmdSagIdentifikator",
            "kmd_sag_identifikator",
        );
        check("JobcenterSagID", "JobcenterSagId", "jobcenter_sag_id");
        check("KSD_os_Service", "KsdOsService", "ksd_os_service");
        check("two-words.three", "TwoWordsThree", "two_words_three");
        check("_leading", "Leading", "leading");
        check("Målgruppe", "Målgruppe", "målgruppe");
        check("ø", "Ø", "ø");
        check("2nd", "V2nd", "v2nd");
        check("type", "Type", "type_");
        check("self", "Self_", "self_");
        check("String", "String_", "string");
        check("Result", "Result_", "result");
        check("a2B", "A2B", "a2_b");
        check("-", "V", "v");
    }

    #[test]
    fn what_names_are_about() {
        for (xml, expected) in [
            ("CalculatorService", "calculator"),
            ("ICalculator", "calculator"),
            ("Calculator_PortType", "calculator"),
            ("CalculatorHttpSoap12Endpoint", "calculatorhttpsoap12"),
            ("KSD_os_Service", "ksdos"),
            ("Soap", ""),
            ("IService", ""),
            ("I", ""),
        ] {
            assert_eq!(stem(xml), expected, "{xml}");
        }
    }

    #[test]
    fn values_become_variants() {
        assert_eq!(variant_name("11"), "V11");
        assert_eq!(variant_name("OK"), "Ok");
        assert_eq!(variant_name("None"), "None");
        assert_eq!(variant_name("self"), "Self_");
        assert_eq!(variant_name(""), "Empty");
        assert_eq!(variant_name("+"), "V");
    }

    #[test]
    fn a_suffix_takes_the_place_of_an_underscore() {
        let wish = |rank, suffix| Candidate {
            name: "type_".to_owned(),
            rank,
            suffix,
        };
        let names = distinct([("a", wish(0, "_")), ("b", wish(1, "_attribute"))]);
        assert_eq!(names["a"], "type_");
        assert_eq!(names["b"], "type_attribute");
    }

    #[test]
    fn clashes_are_settled_by_rank_and_key() {
        let wish = |name: &str, rank, suffix| Candidate {
            name: name.to_owned(),
            rank,
            suffix,
        };
        let names = distinct([
            ("c", wish("A", 1, "Element")),
            ("b", wish("A", 0, "Type")),
            ("a", wish("A", 1, "Element")),
            ("d", wish("AElement", 0, "Type")),
        ]);
        let names: Vec<_> = names.into_iter().collect();
        assert_eq!(
            names,
            [
                ("a", "AElement2".to_owned()),
                ("b", "A".to_owned()),
                ("c", "AElement3".to_owned()),
                ("d", "AElement".to_owned()),
            ]
        );
    }
}
