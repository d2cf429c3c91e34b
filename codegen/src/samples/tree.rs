//! Elements with their declarations, and their text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::load::{QName, XSD};
use crate::model::{ElementUse, TypeId, TypeRef};

/// The namespace of `xsi:type` and `xsi:nil` (XSD 1.0 Part 1, 2.6).
pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element of a message.
#[derive(Clone, Debug)]
pub(super) struct Node<'m> {
    pub(super) name: QName,
    pub(super) attributes: Vec<(QName, String)>,
    pub(super) parts: Vec<Part<'m>>,
    /// None for an element that a wildcard lets in.
    pub(super) declared: Option<&'m ElementUse>,
    /// The type that it has, which `xsi:type` may say.
    pub(super) r#type: Option<TypeRef>,
    /// The type that it is declared in.
    pub(super) parent: Option<TypeId>,
}

/// A part of what an element holds.
#[derive(Clone, Debug)]
pub(super) enum Part<'m> {
    Element(Node<'m>),
    /// Text, which is escaped when it is written.
    Text(String),
    /// Markup, which is written as it is.
    Raw(&'static str),
}

impl<'m> Node<'m> {
    /// An empty element that no one declares.
    pub(super) const fn undeclared(name: QName) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            parts: Vec::new(),
            declared: None,
            r#type: None,
            parent: None,
        }
    }

    /// The node that `path`, a place in the parts of each level, leads to.
    pub(super) fn at(&self, path: &[usize]) -> Option<&Self> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        match self.parts.get(*first) {
            Some(Part::Element(child)) => child.at(rest),
            _ => None,
        }
    }

    /// A copy of this one that `change` has changed at `path`.
    pub(super) fn changed(&self, path: &[usize], change: impl FnOnce(&mut Self)) -> Self {
        let mut copy = self.clone();
        if let Some(node) = copy.at_mut(path) {
            change(node);
        }
        copy
    }

    fn at_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        match self.parts.get_mut(*first) {
            Some(Part::Element(child)) => child.at_mut(rest),
            _ => None,
        }
    }

    /// The paths of all elements, this one's first.
    pub(super) fn paths(&self) -> Vec<Vec<usize>> {
        let mut paths = vec![Vec::new()];
        for (index, part) in self.parts.iter().enumerate() {
            if let Part::Element(child) = part {
                paths.extend(
                    child
                        .paths()
                        .into_iter()
                        .map(|path| [vec![index], path].concat()),
                );
            }
        }
        paths
    }

    /// The message whose root this is.
    pub(super) fn text(&self) -> String {
        let mut prefixes = Prefixes::default();
        prefixes.take(self);
        let mut text = String::new();
        self.write(&prefixes, true, &mut text);
        text
    }

    fn write(&self, prefixes: &Prefixes, root: bool, text: &mut String) {
        let name = prefixes.qualified(&self.name);
        let _ = write!(text, "<{name}");
        if root {
            for (namespace, prefix) in &prefixes.0 {
                let _ = write!(text, " xmlns:{prefix}=\"{}\"", escaped(namespace));
            }
        }
        for (name, value) in &self.attributes {
            let value = prefixes.of_value(value);
            let _ = write!(text, " {}=\"{value}\"", prefixes.qualified(name));
        }
        text.push('>');
        for part in &self.parts {
            match part {
                Part::Element(child) => child.write(prefixes, false, text),
                Part::Text(value) => text.push_str(&prefixes.of_value(value)),
                Part::Raw(markup) => text.push_str(markup),
            }
        }
        let _ = write!(text, "</{name}>");
    }
}

/// The value of a QName, as the model has it; a prefix is found for it when it is written.
pub(super) fn name_value(name: &QName) -> String {
    format!("{{{}}}{}", name.namespace, name.local)
}

/// The QName that a word of a value is.
pub(super) fn name_in(word: &str) -> Option<QName> {
    let (namespace, local) = word.strip_prefix('{')?.split_once('}')?;
    let is_name = local.starts_with(|first: char| first.is_alphabetic() || first == '_');
    is_name.then(|| QName::new(namespace, local))
}

/// Stands before a name in a text as [`marked`] has it.
pub(super) const NAME: char = '\u{E000}';

/// A text in which what will be written as a name is marked, so that it is told from what merely looks like one.
pub(super) fn marked(text: &str) -> String {
    let word = |word: &str| match name_in(word) {
        Some(_) => format!("{NAME}{word}"),
        None => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn escaped(value: &str) -> String {
    let mut text = String::new();
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            // In an attribute the characters themselves would come as spaces (XML 1.0, 3.3.3).
            '\t' | '\n' | '\r' => {
                let _ = write!(text, "&#{};", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text
}

/// A prefix for each namespace of a message; no element is without one unless it has no namespace.
#[derive(Default)]
struct Prefixes(BTreeMap<String, String>);

impl Prefixes {
    fn take(&mut self, node: &Node<'_>) {
        if self.0.is_empty() {
            self.0.insert(XSI.to_owned(), "xsi".to_owned());
            self.0.insert(XSD.to_owned(), "xs".to_owned());
        }
        self.declare(&node.name.namespace);
        for (name, value) in &node.attributes {
            self.declare(&name.namespace);
            self.declare_value(value);
        }
        for part in &node.parts {
            match part {
                Part::Element(child) => self.take(child),
                Part::Text(value) => self.declare_value(value),
                Part::Raw(_) => {}
            }
        }
    }

    fn declare_value(&mut self, value: &str) {
        for name in value.split(' ').filter_map(name_in) {
            self.declare(&name.namespace);
        }
    }

    fn declare(&mut self, namespace: &String) {
        let next = format!("n{}", self.0.len());
        if !namespace.is_empty() && namespace != XML {
            self.0.entry(namespace.clone()).or_insert(next);
        }
    }

    fn qualified(&self, name: &QName) -> String {
        match self.0.get(&name.namespace) {
            Some(prefix) => format!("{prefix}:{}", name.local),
            None if name.namespace == XML => format!("xml:{}", name.local),
            None => name.local.clone(),
        }
    }

    /// A value as it is written, names in it with their prefixes.
    fn of_value(&self, value: &str) -> String {
        let word = |word| match name_in(word) {
            Some(name) => escaped(&self.qualified(&name)),
            None => escaped(word),
        };
        value.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }
}

/// The namespace of `xml:lang` (Namespaces in XML 1.0, 3).
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";
