//! Whether two texts are forms of one value, as schemas say.
//!
//! Emitted code writes canonical forms where its types hold values alone, so that `+1` comes back as `1`. Whether that loses
//! nothing is not for the emitted code to say: the schemas are read here once more, and no further than this takes. The types
//! of all elements of one name are taken together, which lets no more pass than what is a form of the same value under one
//! of them.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node, ParsingOptions};

use crate::infoset::Values;

const XSD: &str = "http://www.w3.org/2001/XMLSchema";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The simple types that elements and attributes are declared with.
#[derive(Debug, Default)]
pub struct Types {
    /// The names of built-in types; `list` and `complex` stand for lists and for content without text.
    declared: BTreeMap<String, BTreeSet<String>>,
}

impl Types {
    /// The types in these documents, WSDLs or schemas.
    #[must_use]
    pub fn of<'t>(documents: impl Iterator<Item = &'t str>) -> Self {
        let parsed = |text| {
            let options = ParsingOptions {
                allow_dtd: true,
                ..ParsingOptions::default()
            };
            Document::parse_with_options(text, options).ok()
        };
        let documents: Vec<Document<'t>> = documents.filter_map(parsed).collect();
        let mut named: BTreeMap<&str, Vec<Node<'_, '_>>> = BTreeMap::new();
        let mut types = Self::default();
        for node in documents.iter().flat_map(Document::descendants) {
            if let (true, Some(name)) = (is_type(node), node.attribute("name")) {
                named.entry(name).or_default().push(node);
            }
        }
        for node in documents.iter().flat_map(Document::descendants) {
            let key = match (node.tag_name().name(), node.attribute("name")) {
                ("element", Some(name)) => name.to_owned(),
                ("attribute", Some(name)) => format!("@{name}"),
                (_, Some(name)) if is_type(node) => format!("type {name}"),
                _ => continue,
            };
            let mut found = BTreeSet::new();
            if is_type(node) {
                inside(node, &named, &mut found, 0);
            } else {
                declared(node, "type", &named, &mut found, 0);
            }
            types.declared.entry(key).or_default().extend(found);
        }
        types
    }
}

fn is_type(node: Node<'_, '_>) -> bool {
    node.has_tag_name((XSD, "simpleType")) || node.has_tag_name((XSD, "complexType"))
}

/// The built-in types behind the types that the attribute `key` of `node` names, or behind the one that stands in it.
fn declared(
    node: Node<'_, '_>,
    key: &str,
    named: &BTreeMap<&str, Vec<Node<'_, '_>>>,
    found: &mut BTreeSet<String>,
    depth: usize,
) {
    const DEEP: usize = 50;
    if depth > DEEP {
        return;
    }
    for name in node
        .attribute(key)
        .unwrap_or_default()
        .split_ascii_whitespace()
    {
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, name),
        };
        if node.lookup_namespace_uri(prefix) == Some(XSD) {
            found.insert(local.to_owned());
        } else {
            let types = named.get(local).into_iter().flatten();
            types.for_each(|node| inside(*node, named, found, depth + 1));
        }
    }
    let anonymous = node.children().filter(|child| is_type(*child));
    anonymous.for_each(|node| inside(node, named, found, depth + 1));
}

/// The built-in types behind the type that `node` declares.
fn inside(
    node: Node<'_, '_>,
    named: &BTreeMap<&str, Vec<Node<'_, '_>>>,
    found: &mut BTreeSet<String>,
    depth: usize,
) {
    let mut is_simple = node.has_tag_name((XSD, "simpleType"));
    for child in node
        .descendants()
        .filter(|child| child.parent_element() == Some(node))
    {
        match child.tag_name().name() {
            "simpleContent" => {
                is_simple = true;
                for derivation in child.children() {
                    declared(derivation, "base", named, found, depth);
                }
            }
            "restriction" => declared(child, "base", named, found, depth),
            "union" => declared(child, "memberTypes", named, found, depth),
            "list" => {
                found.insert("list".to_owned());
                declared(child, "itemType", named, found, depth);
            }
            _ => {}
        }
    }
    let is_mixed = matches!(node.attribute("mixed"), Some("true" | "1"));
    if !is_simple && !is_mixed {
        found.insert("complex".to_owned());
    }
}

impl Values for Types {
    fn same(
        &self,
        expected: (Node<'_, '_>, &str),
        found: (Node<'_, '_>, &str),
        attribute: Option<&str>,
    ) -> bool {
        let key = match attribute {
            Some("type") => return names(expected) == names(found),
            Some(attribute) => format!("@{attribute}"),
            None => expected.0.tag_name().name().to_owned(),
        };
        let told = expected
            .0
            .attribute((XSI, "type"))
            .filter(|_| attribute.is_none());
        let told = told.map(|name| name.rsplit(':').next().unwrap_or(name));
        let keys = [Some(key), told.map(|name| format!("type {name}"))];
        let mut types: BTreeSet<&str> = keys
            .iter()
            .flatten()
            .filter_map(|key| self.declared.get(key))
            .flatten()
            .map(String::as_str)
            .collect();
        types.extend(told);
        let is_list = types.contains("list")
            || types
                .iter()
                .any(|name| name.ends_with("NS") || name.ends_with("FS"));
        types.iter().any(|name| {
            if is_list {
                let (ours, theirs) = (
                    expected.1.split_ascii_whitespace(),
                    found.1.split_ascii_whitespace(),
                );
                ours.clone().count() == theirs.clone().count()
                    && ours
                        .zip(theirs)
                        .all(|(ours, theirs)| same(name, (expected.0, ours), (found.0, theirs)))
            } else {
                same(name, expected, found)
            }
        })
    }
}

/// Whether both are forms of one value of the built-in type `name` (XML Schema Part 2, sections 3.2 and 3.3).
fn same(name: &str, expected: (Node<'_, '_>, &str), found: (Node<'_, '_>, &str)) -> bool {
    let collapsed = |text: &str| text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let (ours, theirs) = (collapsed(expected.1), collapsed(found.1));
    let (ours, theirs) = (ours.as_str(), theirs.as_str());
    match name {
        "string" | "anySimpleType" | "anyType" => false,
        "normalizedString" => expected.1.replace(['\t', '\n', '\r'], " ") == found.1,
        "complex" => ours.is_empty() && theirs.is_empty(),
        "boolean" => truth(ours).is_some() && truth(ours) == truth(theirs),
        "float" => ours
            .parse::<f32>()
            .is_ok_and(|ours| theirs.parse() == Ok(ours)),
        "double" => ours
            .parse::<f64>()
            .is_ok_and(|ours| theirs.parse() == Ok(ours)),
        "QName" | "NOTATION" => names(expected) == names(found),
        "base64Binary" => ours.replace(' ', "") == theirs.replace(' ', ""),
        "hexBinary" => ours.eq_ignore_ascii_case(theirs),
        "gMonth" => {
            ours.len() > 6
                && ours.get(4..6) == Some("--")
                && [&ours[..4], &ours[6..]].concat() == theirs
                || ours.get(4..) == Some("--") && ours.get(..4) == Some(theirs)
        }
        _ if name.to_ascii_lowercase().ends_with("integer") || MACHINE.contains(&name) => {
            number(ours).is_some() && number(ours) == number(theirs)
        }
        _ => ours == theirs,
    }
}

const MACHINE: [&str; 9] = [
    "decimal",
    "long",
    "int",
    "short",
    "byte",
    "unsignedLong",
    "unsignedInt",
    "unsignedShort",
    "unsignedByte",
];

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Sign, whole digits and fraction of a decimal number, without what means nothing.
fn number(text: &str) -> Option<(bool, &str, &str)> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let negative = text.starts_with('-') && !(whole.is_empty() && fraction.is_empty());
    let holds = digits.bytes().any(|octet| octet.is_ascii_digit())
        && is_number(whole)
        && is_number(fraction);
    holds.then_some((negative, whole, fraction))
}

/// The expanded name that a QName is where it stands.
fn names((node, text): (Node<'_, '_>, &str)) -> (Option<String>, String) {
    let text = text.trim();
    let (prefix, local) = match text.split_once(':') {
        Some((prefix, local)) => (Some(prefix), local),
        None => (None, text),
    };
    (
        node.lookup_namespace_uri(prefix).map(str::to_owned),
        local.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infoset::difference_by;

    #[track_caller]
    fn check(r#type: &str, expected: &str, found: &str, is_same: bool) {
        let schema = format!(
            r#"<x:schema xmlns:x="{XSD}"><x:element name="e" type="{type}"/><x:simpleType name="t"><x:restriction base="x:int"/></x:simpleType></x:schema>"#
        );
        let types = Types::of([schema.as_str()].into_iter());
        let [expected, found] = [("a", expected), ("b", found)]
            .map(|(prefix, text)| format!(r#"<e xmlns:{prefix}="urn:n">{text}</e>"#));
        assert_eq!(
            difference_by(&expected, &found, &types).is_none(),
            is_same,
            "{type}"
        );
    }

    #[test]
    fn forms_of_one_value() {
        check("t", "+01", "1", true);
        check("t", "10", "1", false);
        check("x:string", "+01", "1", false);
        check("x:decimal", "1.50", "01.5", true);
        check("x:decimal", "1.5", "15", false);
        check("x:decimal", "-0", "0", true);
        check("x:double", "12", "1.2E1", true);
        check("x:boolean", "1", "true", true);
        check("x:boolean", "1", "false", false);
        check("x:base64Binary", "YQ = =", "YQ==", true);
        check("x:QName", "a:n", "b:n", true);
        check("x:QName", "a:n", "b:m", false);
        check("x:gMonth", "--04--", "--04", true);
        check("x:token", " a  b", "a b", true);
        check("x:IDREFS", "a  b", "a b", true);
    }
}
