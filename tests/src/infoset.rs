//! XML documents compared by what they say: expanded names, attributes, text, and children in order.

use roxmltree::{Document, Node};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What is the first difference between the documents; none where their infosets are equal.
///
/// Prefixes, the order of attributes, comments, processing instructions, hints at schema locations and white space between
/// elements do not count.
pub fn difference(expected: &str, found: &str) -> Option<String> {
    difference_by(expected, found, &Exact)
}

/// As [`difference`], but texts and values of attributes may be different forms of one value.
pub fn difference_by(expected: &str, found: &str, values: &dyn Values) -> Option<String> {
    let (expected, found) = match (Document::parse(expected), Document::parse(found)) {
        (Ok(expected), Ok(found)) => (expected, found),
        (Err(error), _) => return Some(format!("what is expected is not XML: {error}")),
        (_, Err(error)) => return Some(format!("what was found is not XML: {error}")),
    };
    compare(expected.root_element(), found.root_element(), values, "")
}

/// What forms of values are the same.
pub trait Values {
    /// Whether two texts that are not equal are the same value: texts of elements, or of their attribute `attribute`.
    fn same(
        &self,
        expected: (Node<'_, '_>, &str),
        found: (Node<'_, '_>, &str),
        attribute: Option<&str>,
    ) -> bool;
}

/// None are.
struct Exact;

impl Values for Exact {
    fn same(&self, _: (Node<'_, '_>, &str), _: (Node<'_, '_>, &str), _: Option<&str>) -> bool {
        false
    }
}

/// The first difference between what two envelopes of one version say: their bodies, and those header blocks that `headers`
/// names by namespace and name.
pub fn envelope_difference(
    expected: &str,
    found: &str,
    headers: &[(String, String)],
    values: &dyn Values,
) -> Option<String> {
    let [expected, found] = [expected, found].map(Document::parse);
    let (Ok(expected), Ok(found)) = (&expected, &found) else {
        return Some("one of the messages is not XML".to_owned());
    };
    let parts = [expected, found].map(|document| {
        let envelope = document.root_element();
        let part = |name: &'static str| {
            let children = envelope
                .children()
                .filter(move |part| part.tag_name().name() == name);
            children
                .flat_map(|part| part.children())
                .filter(Node::is_element)
        };
        let blocks = part("Header").filter(|block| {
            let block = name(*block);
            headers
                .iter()
                .any(|(namespace, name)| block == (namespace.as_str(), name.as_str()))
        });
        blocks.chain(part("Body")).collect::<Vec<_>>()
    });
    let [ours, theirs] = &parts;
    if name(expected.root_element()) != name(found.root_element()) || ours.len() != theirs.len() {
        return Some(format!(
            "expected {} elements, found {}",
            ours.len(),
            theirs.len()
        ));
    }
    ours.iter()
        .zip(theirs)
        .find_map(|(ours, theirs)| compare(*ours, *theirs, values, ""))
}

/// The element `local` with all that is in it as a document of its own, in order and without prefixes; none where the
/// document has no such element.
///
/// Two elements are equal if and only if their canonical texts are.
pub fn canonical(document: &str, local: &str) -> Option<String> {
    let document = Document::parse(document).ok()?;
    let element = document
        .descendants()
        .find(|node| node.is_element() && node.tag_name().name() == local)?;
    let mut text = String::new();
    write(element, &mut text);
    Some(text)
}

/// The child of the SOAP body of `envelope` as a document that declares all that it uses.
///
/// None where the message is not an envelope with one body child.
pub fn body(envelope: &str) -> Option<String> {
    let document = Document::parse(envelope).ok()?;
    let body = document
        .root_element()
        .children()
        .find(|node| node.is_element() && node.tag_name().name() == "Body")?;
    let element = body.first_element_child()?;
    let mut text = String::new();
    write(element, &mut text);
    Some(text)
}

fn compare(
    expected: Node<'_, '_>,
    found: Node<'_, '_>,
    values: &dyn Values,
    parent: &str,
) -> Option<String> {
    let path = format!("{parent}/{}", expected.tag_name().name());
    let (ours, theirs) = (name(expected), name(found));
    if ours != theirs {
        let shown = |(namespace, local): (&str, &str)| format!("{{{namespace}}}{local}");
        return Some(format!(
            "{path}: expected {}, found {}",
            shown(ours),
            shown(theirs)
        ));
    }
    let (ours, theirs) = (attributes(expected), attributes(found));
    let same = ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(ours, theirs)| {
            let name = (ours.0, ours.1) == (theirs.0, theirs.1);
            let same = || values.same((expected, ours.2), (found, theirs.2), Some(ours.1));
            name && (ours.2 == theirs.2 || same())
        });
    if !same {
        return Some(format!(
            "{path}: expected attributes {ours:?}, found {theirs:?}"
        ));
    }
    let (ours, theirs) = (text(expected), text(found));
    if ours != theirs && !values.same((expected, &ours), (found, &theirs), None) {
        return Some(format!("{path}: expected {ours:?}, found {theirs:?}"));
    }
    let ours: Vec<_> = expected.children().filter(Node::is_element).collect();
    let theirs: Vec<_> = found.children().filter(Node::is_element).collect();
    if ours.len() != theirs.len() {
        return Some(format!(
            "{path}: expected {} children, found {}",
            ours.len(),
            theirs.len()
        ));
    }
    ours.into_iter()
        .zip(theirs)
        .find_map(|(ours, theirs)| compare(ours, theirs, values, &path))
}

/// Namespace, empty for none, and local name.
fn name<'a>(node: Node<'a, '_>) -> (&'a str, &'a str) {
    let name = node.tag_name();
    (name.namespace().unwrap_or(""), name.name())
}

/// Namespace, local name and value, sorted.
fn attributes<'a>(node: Node<'a, '_>) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut attributes: Vec<_> = node
        .attributes()
        .map(|a| (a.namespace().unwrap_or(""), a.name(), a.value()))
        .filter(|(namespace, name, _)| *namespace != XSI || *name == "nil" || *name == "type")
        .collect();
    attributes.sort_unstable();
    attributes
}

/// The element's own text, a mark where each child stands; white space alone does not count beside elements.
fn text(node: Node<'_, '_>) -> String {
    let text: String = node
        .children()
        .filter_map(|child| {
            if child.is_element() {
                return Some(CHILD);
            }
            child.is_text().then(|| child.text()).flatten()
        })
        .collect();
    let white = [' ', '\t', '\n', '\r', '\u{FFFC}'];
    if text.contains(CHILD) && text.chars().all(|c| white.contains(&c)) {
        return String::new();
    }
    text
}

/// The object replacement character.
const CHILD: &str = "\u{FFFC}";

fn write(node: Node<'_, '_>, out: &mut String) {
    let (namespace, local) = name(node);
    let inherited = node.parent_element().map(|parent| name(parent).0);
    let first = out.is_empty();
    out.push('<');
    out.push_str(local);
    if first || inherited != Some(namespace) {
        out.push_str(&format!(" xmlns=\"{}\"", escaped(namespace)));
    }
    for (index, (namespace, local, value)) in attributes(node).into_iter().enumerate() {
        let value = escaped(value);
        if namespace.is_empty() {
            out.push_str(&format!(" {local}=\"{value}\""));
        } else {
            let namespace = escaped(namespace);
            out.push_str(&format!(
                " xmlns:n{index}=\"{namespace}\" n{index}:{local}=\"{value}\""
            ));
        }
    }
    out.push('>');
    out.push_str(&escaped(&text(node).replace(CHILD, "")));
    for child in node.children().filter(Node::is_element) {
        write(child, out);
    }
    out.push_str("</");
    out.push_str(local);
    out.push('>');
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\t', "&#9;")
        .replace('\n', "&#10;")
        .replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, expected: &str) {
        assert_eq!(difference(a, b).unwrap_or_default(), expected);
    }

    #[test]
    fn prefixes_do_not_count() {
        check(
            r#"<a:x xmlns:a="urn:a"><a:y/></a:x>"#,
            r#"<x xmlns="urn:a"><b:y xmlns:b="urn:a"/></x>"#,
            "",
        );
        check(
            r#"<x xmlns="urn:a"/>"#,
            r#"<x xmlns="urn:b"/>"#,
            "/x: expected {urn:a}x, found {urn:b}x",
        );
    }

    #[test]
    fn order_counts() {
        check(
            "<x><a/><b/></x>",
            "<x><b/><a/></x>",
            "/x/a: expected {}a, found {}b",
        );
        check(
            "<x><a/></x>",
            "<x><a/><a/></x>",
            "/x: expected 1 children, found 2",
        );
        check("<x a='1' b='2'/>", "<x b='2' a='1'/>", "");
    }

    #[test]
    fn text_counts_to_the_last_character() {
        check("<x>&#xE6;<!-- --><![CDATA[<]]></x>", "<x>æ&lt;</x>", "");
        check("<x> 1</x>", "<x>1</x>", "/x: expected \" 1\", found \"1\"");
        check("<x>\n <a/>\n</x>", "<x><a/></x>", "");
        check(
            "<x>t<a/></x>",
            "<x><a/>t</x>",
            "/x: expected \"t\u{FFFC}\", found \"\u{FFFC}t\"",
        );
    }

    #[test]
    fn a_body_stands_alone() {
        let envelope = r#"<s:Envelope xmlns:s="urn:s" xmlns:a="urn:a"><s:Body><a:x><y>8 &amp; 9</y></a:x></s:Body></s:Envelope>"#;
        let alone = r#"<x xmlns="urn:a"><y xmlns="">8 &amp; 9</y></x>"#;
        assert_eq!(body(envelope).as_deref(), Some(alone));
        assert_eq!(canonical(envelope, "x").as_deref(), Some(alone));
    }
}
