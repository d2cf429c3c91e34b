//! One XML document as a tree that remembers where everything stood.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::dtd::Entities;
use crate::diagnostic::{Diagnostic, Place};

/// How deep elements may nest.
const NESTING: usize = 256;
/// How deep entities may refer to each other in an attribute.
const DEPTH: usize = 8;

/// The namespace that the prefix `xml` is bound to (Namespaces in XML 1.0, section 3).
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// An expanded name: namespace name (empty for none) and local name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QName {
    /// The namespace name; empty where there is none.
    pub namespace: String,
    /// The local name.
    pub local: String,
}

impl QName {
    /// The name `local` in `namespace`.
    pub(crate) fn new(namespace: impl Into<String>, local: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            local: local.into(),
        }
    }
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.local)
        } else {
            write!(f, "{{{}}}{}", self.namespace, self.local)
        }
    }
}

/// An attribute as written: its name, its value, and where the value stands.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: QName,
    pub(crate) value: String,
    pub(crate) range: Range<usize>,
}

/// An element, by its index in [`Document::nodes`].
#[derive(Clone, Debug)]
struct Node {
    name: QName,
    attributes: Vec<Attribute>,
    /// Namespace declarations of this element alone: prefix (empty for the default) and name.
    declared: Vec<(String, String)>,
    parent: Option<usize>,
    children: Vec<usize>,
    text: String,
    range: Range<usize>,
    /// Where the start tag's name ends: attributes can be put in here.
    name_end: usize,
}

/// A parsed document, shared by everything that points into it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Absolute, as it was opened.
    pub(crate) path: PathBuf,
    /// Relative to the folder of the contracts, with `/`: what diagnostics and emitted code name.
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) entities: Entities,
    nodes: Vec<Node>,
}

impl Document {
    /// Parses `text`, which was read from `path` and is called `name`.
    pub(crate) fn parse(path: &Path, name: &str, text: &str) -> Result<Arc<Self>, Diagnostic> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut builder = Builder {
            document: Self {
                path: path.to_owned(),
                name: name.into(),
                text: text.into(),
                entities: Entities::default(),
                nodes: Vec::new(),
            },
            open: Vec::new(),
        };
        let mut reader = quick_xml::Reader::from_str(text);
        loop {
            let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event().map_err(|error| {
                let offset = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                builder.malformed(offset, &error.to_string())
            })?;
            let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            if matches!(event, Event::Eof) {
                break;
            }
            builder.event(&event, start..end)?;
        }
        builder.finish()
    }

    /// The document element.
    pub(crate) fn root(self: &Arc<Self>) -> Element {
        Element {
            document: Arc::clone(self),
            index: 0,
        }
    }

    fn place(&self, offset: usize) -> Place {
        Place::new(self.name.clone(), self.text.clone(), offset)
    }
}

/// Builds the tree from events.
struct Builder {
    document: Document,
    open: Vec<usize>,
}

impl Builder {
    fn event(&mut self, event: &Event<'_>, range: Range<usize>) -> Result<(), Diagnostic> {
        match event {
            Event::Start(tag) => self.start(tag, range)?,
            Event::Empty(tag) => {
                self.start(tag, range)?;
                self.open.pop();
            }
            Event::End(_) => {
                if let Some(index) = self.open.pop() {
                    self.document.nodes[index].range.end = range.end;
                }
            }
            Event::Text(text) => self.text(&text.xml10_content(), range.start)?,
            Event::CData(text) => self.text(&text.xml10_content(), range.start)?,
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    Ok(None) => {
                        let name = reference.xml10_content();
                        self.document.entities.text(&name).map(str::to_owned)
                    }
                    Err(_) => None,
                };
                let text =
                    text.ok_or_else(|| self.malformed(range.start, "unknown entity reference"))?;
                self.text(&text, range.start)?;
            }
            Event::DocType(declaration) => {
                self.document.entities = Entities::parse(declaration)
                    .map_err(|error| self.malformed(range.start, &error))?;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, range: Range<usize>) -> Result<(), Diagnostic> {
        if self.open.is_empty() && !self.document.nodes.is_empty() {
            return Err(self.malformed(range.start, "a second document element"));
        }
        if self.open.len() >= NESTING {
            let message = format!("elements nest deeper than {NESTING}");
            return Err(self.malformed(range.start, &message));
        }
        let index = self.document.nodes.len();
        let parent = self.open.last().copied();
        let name_end = range.start + 1 + tag.name().as_ref().len();
        self.document.nodes.push(Node {
            name: QName::default(),
            attributes: Vec::new(),
            declared: Vec::new(),
            parent,
            children: Vec::new(),
            text: String::new(),
            range: range.clone(),
            name_end,
        });
        if let Some(parent) = parent {
            self.document.nodes[parent].children.push(index);
        }
        let mut plain = Vec::new();
        for attribute in tag.attributes() {
            let attribute =
                attribute.map_err(|error| self.malformed(range.start, &error.to_string()))?;
            let raw: &str = &attribute.value;
            let value_start = self.offset_of(raw, &range);
            let value = attribute
                .normalized_value_with(XmlVersion::Implicit1_0, DEPTH, |name| {
                    self.document.entities.text(name)
                })
                .map_err(|error| self.malformed(value_start, &error.to_string()))?
                .into_owned();
            let key = attribute.key.as_ref();
            let declared = &mut self.document.nodes[index].declared;
            match key.split_once(':') {
                None if key == "xmlns" => declared.push((String::new(), value)),
                Some(("xmlns", prefix)) => declared.push((prefix.to_owned(), value)),
                _ => plain.push((key.to_owned(), value, value_start..value_start + raw.len())),
            }
        }
        for (key, value, value_range) in plain {
            let name = match key.split_once(':') {
                None => QName::new("", key),
                Some((prefix, local)) => QName::new(self.bound(index, prefix, range.start)?, local),
            };
            self.document.nodes[index].attributes.push(Attribute {
                name,
                value,
                range: value_range,
            });
        }
        let raw_name = tag.name();
        let (prefix, local) = raw_name
            .as_ref()
            .split_once(':')
            .unwrap_or(("", raw_name.as_ref()));
        let namespace = self.bound(index, prefix, range.start)?;
        self.document.nodes[index].name = QName::new(namespace, local);
        self.open.push(index);
        Ok(())
    }

    /// Where `part`, a slice of the tag at `range`, begins in the document.
    fn offset_of(&self, part: &str, range: &Range<usize>) -> usize {
        let tag = &self.document.text[range.clone()];
        // The same value may stand in the tag twice, but never within the same quotes.
        [format!("\"{part}\""), format!("'{part}'")]
            .iter()
            .find_map(|quoted| tag.find(quoted.as_str()))
            .map_or(range.start, |at| range.start + at + 1)
    }

    fn bound(&self, index: usize, prefix: &str, offset: usize) -> Result<String, Diagnostic> {
        lookup(&self.document, index, prefix)
            .map(str::to_owned)
            .ok_or_else(|| {
                self.malformed(offset, &format!("the prefix `{prefix}` is not declared"))
            })
    }

    fn text(&mut self, text: &str, offset: usize) -> Result<(), Diagnostic> {
        match self.open.last() {
            Some(index) => {
                self.document.nodes[*index].text.push_str(text);
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err(self.malformed(offset, "text outside the document element")),
        }
    }

    fn malformed(&self, offset: usize, message: &str) -> Diagnostic {
        let offset = offset.min(self.document.text.len());
        Diagnostic::at(
            self.document.place(offset),
            format!("not well-formed XML: {message}"),
        )
    }

    fn finish(self) -> Result<Arc<Document>, Diagnostic> {
        if let Some(index) = self.open.last() {
            let start = self.document.nodes[*index].range.start;
            return Err(self.malformed(start, "an element that is not closed"));
        }
        if self.document.nodes.is_empty() {
            return Err(self.malformed(0, "no document element"));
        }
        Ok(Arc::new(self.document))
    }
}

/// The namespace that `prefix` is bound to at the element `index`; the empty prefix always is.
fn lookup<'d>(document: &'d Document, index: usize, prefix: &str) -> Option<&'d str> {
    let mut current = Some(index);
    while let Some(index) = current {
        let node = &document.nodes[index];
        if let Some((_, namespace)) = node.declared.iter().find(|(bound, _)| bound == prefix) {
            return Some(namespace);
        }
        current = node.parent;
    }
    match prefix {
        "" => Some(""),
        "xml" => Some(XML),
        _ => None,
    }
}

/// An element of a document: the document and its index there.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    document: Arc<Document>,
    index: usize,
}

impl Element {
    fn node(&self) -> &Node {
        &self.document.nodes[self.index]
    }

    pub(crate) const fn document(&self) -> &Arc<Document> {
        &self.document
    }

    pub(crate) fn name(&self) -> &QName {
        &self.node().name
    }

    /// Whether this is the element `local` of `namespace`.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        let name = self.name();
        name.namespace == namespace && name.local == local
    }

    pub(crate) fn place(&self) -> Place {
        self.document.place(self.node().range.start)
    }

    /// The bytes from the start tag's `<` to the end tag's `>`.
    pub(crate) fn range(&self) -> Range<usize> {
        self.node().range.clone()
    }

    pub(crate) fn name_end(&self) -> usize {
        self.node().name_end
    }

    pub(crate) fn attributes(&self) -> &[Attribute] {
        &self.node().attributes
    }

    /// The value of the attribute `local` without a namespace.
    pub(crate) fn attribute(&self, local: &str) -> Option<&str> {
        self.attribute_in("", local)
    }

    /// The value of the attribute `local` of `namespace`.
    pub(crate) fn attribute_in(&self, namespace: &str, local: &str) -> Option<&str> {
        self.node()
            .attributes
            .iter()
            .find(|a| a.name.namespace == namespace && a.name.local == local)
            .map(|a| a.value.as_str())
    }

    /// The value of an attribute that must be there.
    pub(crate) fn required(&self, local: &str) -> Result<&str, Diagnostic> {
        self.attribute(local).ok_or_else(|| {
            let name = &self.name().local;
            Diagnostic::at(self.place(), format!("`{name}` has no attribute `{local}`"))
        })
    }

    /// The element around this one.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.node().parent.map(|index| Self {
            document: Arc::clone(&self.document),
            index,
        })
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = Self> + '_ {
        self.node().children.iter().map(|index| Self {
            document: Arc::clone(&self.document),
            index: *index,
        })
    }

    /// The children called `local` in `namespace`.
    pub(crate) fn children_named<'a>(
        &'a self,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = Self> + 'a {
        self.children()
            .filter(move |child| child.is(namespace, local))
    }

    /// This element and all below it, in document order.
    pub(crate) fn descendants(&self) -> impl Iterator<Item = Self> + '_ {
        let nodes = &self.document.nodes;
        let end = self.node().range.end;
        (self.index..nodes.len())
            .take_while(move |index| nodes[*index].range.start < end)
            .map(|index| Self {
                document: Arc::clone(&self.document),
                index,
            })
    }

    /// The text directly inside, entities resolved.
    pub(crate) fn text(&self) -> &str {
        &self.node().text
    }

    /// The namespace that `prefix` is bound to here.
    pub(crate) fn namespace_of(&self, prefix: &str) -> Option<&str> {
        lookup(&self.document, self.index, prefix)
    }

    /// The expanded name that the prefixed `name` stands for here.
    pub(crate) fn expand(&self, name: &str) -> Result<QName, Diagnostic> {
        let name = name.trim();
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        match self.namespace_of(prefix) {
            Some(namespace) => Ok(QName::new(namespace, local)),
            None => Err(Diagnostic::at(
                self.place(),
                format!("the prefix of `{name}` is not declared"),
            )),
        }
    }

    /// The bindings that this element inherits and does not declare anew, inner ones first.
    pub(crate) fn inherited_bindings(&self) -> Vec<(String, String)> {
        let own = &self.node().declared;
        let mut bindings: Vec<(String, String)> = Vec::new();
        let mut current = self.node().parent;
        while let Some(index) = current {
            let node = &self.document.nodes[index];
            for (prefix, namespace) in &node.declared {
                let bound = |(known, _): &(String, String)| known == prefix;
                if !own.iter().any(bound) && !bindings.iter().any(bound) {
                    bindings.push((prefix.clone(), namespace.clone()));
                }
            }
            current = node.parent;
        }
        bindings
    }

    /// Whether the two elements say the same: names, attributes and children in order; `ignored` elements and attributes, white
    /// space around text and prefixes do not count.
    pub(crate) fn same_as(&self, other: &Self, ignored: &dyn Fn(&QName) -> bool) -> bool {
        let kept = |element: &Self| {
            element
                .children()
                .filter(|child| !ignored(child.name()))
                .collect::<Vec<_>>()
        };
        let attributes = |element: &Self| {
            let mut all: Vec<_> = element
                .attributes()
                .iter()
                .filter(|a| !ignored(&a.name))
                .map(|a| (a.name.clone(), a.value.clone()))
                .collect();
            all.sort();
            all
        };
        let (ours, theirs) = (kept(self), kept(other));
        self.name() == other.name()
            && self.text().trim() == other.text().trim()
            && attributes(self) == attributes(other)
            && ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|(a, b)| a.same_as(b, ignored))
    }
}
