//! The lexical spaces of the built-in types, and which forms are of one value: written from XSD 1.0 Part 2, section 3, and not from
//! the code that is judged.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use regex::Regex;

use super::moment::{Moment, is_duration, length_of};
use super::number::Decimal;
use super::tree::{NAME, name_in};
use crate::load::{QName, XSD};
use crate::model::Builtin;
use crate::pattern::Pattern;

/// Whether a text, its white space processed, is a form of the type; none where that is not told here.
pub(super) fn is_form(builtin: Builtin, text: &str) -> Option<bool> {
    let name = builtin.name();
    let is_list = |item: &str| {
        let mut words = text.split(' ');
        words.all(|word| matches(item, word))
    };
    Some(match name {
        "string" | "normalizedString" | "token" | "anySimpleType" | "anyType" => true,
        "boolean" => matches!(text, "true" | "false" | "1" | "0"),
        "decimal" => Decimal::read(text).is_some(),
        "float" | "double" => matches(FLOAT, text),
        "language" => matches("[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", text),
        "Name" => matches(r"\i\c*", text),
        "NCName" | "ID" | "IDREF" | "ENTITY" => matches(NC_NAME, text),
        "IDREFS" | "ENTITIES" => is_list(NC_NAME),
        "NMTOKEN" => matches(r"\c+", text),
        "NMTOKENS" => is_list(r"\c+"),
        "QName" | "NOTATION" => return named(text).map(|name| name.is_some()),
        "hexBinary" => matches("([0-9a-fA-F]{2})*", text),
        "base64Binary" => matches(BASE_64, text),
        "duration" => is_duration(text),
        "date" | "dateTime" | "time" | "gYear" | "gYearMonth" | "gMonth" | "gMonthDay" | "gDay" => {
            Moment::read(name, text).is_some()
        }
        _ if builtin.is_whole() => {
            let (_, least, most) = RANGES.iter().find(|(of, ..)| *of == name)?;
            let number = Decimal::read(text).filter(|_| !text.contains('.'));
            let within = |number: &Decimal<'_>| {
                Decimal::read(least).is_none_or(|least| number.cmp(&least).is_ge())
                    && Decimal::read(most).is_none_or(|most| number.cmp(&most).is_le())
            };
            number.is_some_and(|number| within(&number))
        }
        // What a URI cannot hold is escaped when it is used (3.2.17); an escape is whole, before a first colon stands a scheme, and
        // there is one fragment (RFC 2396, 2.4.1, 3.1 and 4.1).
        "anyURI" => matches(URI, text),
        _ => return None,
    })
}

/// How two forms of the type stand in its value space; none where neither comes before the other, or that is not told here.
pub(super) fn compared(builtin: Builtin, one: &str, other: &str) -> Option<Ordering> {
    match builtin.name() {
        "float" => float::<f32>(one, other),
        "double" => float::<f64>(one, other),
        name if Moment::is_of(name) => Moment::read(name, one)?.cmp(&Moment::read(name, other)?),
        name if name == "decimal" || builtin.is_whole() => {
            Some(Decimal::read(one)?.cmp(&Decimal::read(other)?))
        }
        _ => None,
    }
}

/// Whether two forms of the type are of one value.
pub(super) fn is_same(builtin: Builtin, one: &str, other: &str) -> bool {
    let bare = |text: &str| text.replace(' ', "");
    match builtin.name() {
        _ if one == other => true,
        "boolean" => matches!(
            (one, other),
            ("true", "1") | ("1", "true") | ("false", "0") | ("0", "false")
        ),
        "hexBinary" => one.eq_ignore_ascii_case(other),
        "base64Binary" => bare(one) == bare(other),
        "duration" => length_of(one).is_some() && length_of(one) == length_of(other),
        "QName" | "NOTATION" => {
            matches!((named(one), named(other)), (Some(one), Some(other)) if one == other)
        }
        _ => compared(builtin, one, other) == Some(Ordering::Equal),
    }
}

/// The name that a QName stands for, where one does; none where that hangs on what else the message declares.
pub(super) fn named(text: &str) -> Option<Option<QName>> {
    if let Some(name) = text.strip_prefix(NAME) {
        return Some(name_in(name).filter(|name| matches(NC_NAME, &name.local)));
    }
    let (prefix, local) = text.split_once(':').unwrap_or(("", text));
    let namespace = match prefix {
        "" if text.starts_with(':') => return Some(None),
        "" => "",
        "xs" => XSD,
        "xml" => super::tree::XML,
        "xsi" => super::tree::XSI,
        // It may be bound though no one declares it (Namespaces in XML 1.0, 3).
        "xmlns" => return None,
        _ => return Some(None),
    };
    Some(matches(NC_NAME, local).then(|| QName::new(namespace, local)))
}

fn float<T: std::str::FromStr + PartialOrd>(one: &str, other: &str) -> Option<Ordering> {
    let read = |text: &str| text.replace("INF", "inf").parse::<T>().ok();
    // NaN equals itself and is not ordered (3.2.4).
    if one == "NaN" && other == "NaN" {
        return Some(Ordering::Equal);
    }
    read(one)?.partial_cmp(&read(other)?)
}

fn matches(pattern: &str, text: &str) -> bool {
    is_match(pattern, text) == Some(true)
}

/// Whether the whole text matches a pattern of XML Schema; none where that cannot be read.
pub(super) fn is_match(pattern: &str, text: &str) -> Option<bool> {
    let regex = compiled(pattern, || {
        let translated = Pattern::parse(pattern).ok()?.translated();
        Some(format!("^(?:{translated})$"))
    });
    Some(regex?.is_match(text))
}

/// The regular expression that is known as `key`, made once for all samples.
pub(super) fn compiled(key: &str, make: impl FnOnce() -> Option<String>) -> Option<Arc<Regex>> {
    static COMPILED: Mutex<BTreeMap<String, Option<Arc<Regex>>>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().ok()?;
    if let Some(regex) = compiled.get(key) {
        return regex.clone();
    }
    let regex = make().and_then(|source| Regex::new(&source).ok().map(Arc::new));
    compiled.insert(key.to_owned(), regex.clone());
    regex
}

/// 3.2.4.1.
const FLOAT: &str = r"[+\-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+\-]?[0-9]+)?|-?INF|NaN";
/// 3.3.7.
const NC_NAME: &str = r"[\i-[:]][\c-[:]]*";
/// 3.2.16; of the last letter before `=` some bits are none.
const BASE_64: &str = "(([A-Za-z0-9+/] ?){4})*(([A-Za-z0-9+/] ?){3}[A-Za-z0-9+/]|([A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|[A-Za-z0-9+/] ?[AQgw] ?= ?=)?";

/// A scheme and the rest, or a first part without a colon and the rest; and a fragment.
const URI: &str = r"([A-Za-z][A-Za-z0-9+.\-]*:([^%#]|%[0-9a-fA-F]{2})*|([^%#:/?]|%[0-9a-fA-F]{2})*([/?]([^%#]|%[0-9a-fA-F]{2})*)?)(#([^%#]|%[0-9a-fA-F]{2})*)?";

/// The bounds of the whole numbers (3.3.13 to 3.3.25); empty where there is none.
const RANGES: [(&str, &str, &str); 13] = [
    ("integer", "", ""),
    ("nonNegativeInteger", "0", ""),
    ("positiveInteger", "1", ""),
    ("nonPositiveInteger", "", "0"),
    ("negativeInteger", "", "-1"),
    ("long", "-9223372036854775808", "9223372036854775807"),
    ("int", "-2147483648", "2147483647"),
    ("short", "-32768", "32767"),
    ("byte", "-128", "127"),
    ("unsignedLong", "0", "18446744073709551615"),
    ("unsignedInt", "0", "4294967295"),
    ("unsignedShort", "0", "65535"),
    ("unsignedByte", "0", "255"),
];
