//! `xs:anyType`: elements of which nothing is known.

use std::collections::BTreeSet;
use std::fmt;

use super::kept::bindings;
use super::name::Preset;
use super::reader::{Next, Reader, Refused};
use super::token::Token;
use super::{AnyAttribute, AnyElement, ProcessContents, ReadXml, Rule, WriteXml, Writer};
use crate::value::QName;

/// The attributes and the content of an element of any type, kept whole (XML Schema Part 1, section 3.4.7).
///
/// ```
/// use soap::{AnyNode, AnyType};
/// let value = AnyType::new(vec![AnyNode::Text("42".to_owned())])
///     .with_type(soap::QName::new("http://www.w3.org/2001/XMLSchema", "int", "xs")?);
/// assert_eq!(value.text(), Some("42"));
/// # Ok::<(), soap::Rule>(())
/// ```
///
/// Two are equal if type, attributes and content are. `Debug` shows the type alone, for the content may be anything.
#[derive(Clone, Default)]
pub struct AnyType {
    r#type: Option<QName>,
    attributes: Vec<AnyAttribute>,
    content: Vec<AnyNode>,
    /// Prefixes that values use, with their namespaces.
    bindings: Vec<(Box<str>, Box<str>)>,
}

/// A part of mixed content.
#[derive(Clone, PartialEq, Eq)]
pub enum AnyNode {
    /// A text; no other text comes before or after it.
    Text(String),
    /// An element.
    Element(AnyElement),
}

impl AnyType {
    /// With this content.
    pub const fn new(content: Vec<AnyNode>) -> Self {
        Self {
            r#type: None,
            attributes: Vec::new(),
            content,
            bindings: Vec::new(),
        }
    }

    /// With these attributes; not with `xsi:type`, for which there is [`AnyType::with_type`].
    #[must_use]
    pub fn with_attributes(mut self, attributes: Vec<AnyAttribute>) -> Self {
        self.attributes = attributes;
        self
    }

    /// With this `xsi:type`.
    #[must_use]
    pub fn with_type(mut self, r#type: QName) -> Self {
        self.r#type = Some(r#type);
        self
    }

    /// The type that `xsi:type` names.
    pub const fn r#type(&self) -> Option<&QName> {
        self.r#type.as_ref()
    }

    /// The attributes other than `xsi:type`.
    pub fn attributes(&self) -> &[AnyAttribute] {
        &self.attributes
    }

    /// The content in its order.
    pub fn content(&self) -> &[AnyNode] {
        &self.content
    }

    /// The content, if it is text alone.
    pub fn text(&self) -> Option<&str> {
        match self.content.as_slice() {
            [] => Some(""),
            [AnyNode::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// What is known of an element of any type before its content is read.
struct Begun {
    r#type: Result<Option<QName>, Refused>,
    /// Whether the type that it names says more than `xs:anyType`, once the element has been checked by it.
    named: Result<bool, Refused>,
    assessed: Result<(), Refused>,
    attributes: Vec<AnyAttribute>,
    preset: Option<Preset>,
    /// How much of the content is left to check.
    process: ProcessContents,
}

impl ReadXml for AnyType {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        // Elements of any type stand in each other: what is done before and after the content has a stack of its own.
        let r#type = reader.take_xsi_type();
        let named = reader.assess_any(&r#type);
        let begun = reader.begun_any(r#type, named);
        let content = reader.mixed_content(begun.process);
        begun.end(reader, content)
    }
}

impl Begun {
    fn end(
        self,
        reader: &mut Reader<'_>,
        content: Result<Vec<AnyNode>, Refused>,
    ) -> Result<AnyType, Refused> {
        let Self {
            r#type,
            named,
            assessed,
            attributes,
            preset,
            ..
        } = self;
        assessed?;
        let (named, mut content) = (named?, content?);
        match preset {
            Some(preset) if content.is_empty() => {
                content.push(AnyNode::Text(preset.lexical().to_owned()));
            }
            Some(Preset::Fixed(fixed))
                if !named && content != [AnyNode::Text(fixed.to_owned())] =>
            {
                return Err(reader.record_open(Rule::fixed(fixed)));
            }
            _ => {}
        }
        let mut bound = Vec::new();
        let texts = content.iter().filter_map(|node| match node {
            AnyNode::Text(text) => Some(text.as_str()),
            AnyNode::Element(_) => None,
        });
        for value in attributes.iter().map(AnyAttribute::value).chain(texts) {
            bindings(&reader.scope, value, &mut bound);
        }
        let copied = bound.iter().map(|(_, uri)| uri.len());
        let names = attributes.iter().map(|one| one.namespace().len());
        reader.charge(copied.chain(names).sum())?;
        Ok(AnyType {
            r#type: r#type?,
            attributes,
            content,
            bindings: bound,
        })
    }
}

impl Reader<'_> {
    fn assess_any(&mut self, named: &Result<Option<QName>, Refused>) -> Result<bool, Refused> {
        match named {
            Ok(Some(named)) => self.assess_named(named),
            Ok(None) | Err(_) => Ok(false),
        }
    }

    fn begun_any(
        &mut self,
        r#type: Result<Option<QName>, Refused>,
        named: Result<bool, Refused>,
    ) -> Box<Begun> {
        let preset = self.preset.take();
        let process = match named {
            Ok(false) => ProcessContents::Lax,
            Ok(true) | Err(_) => ProcessContents::Skip,
        };
        let assessed = self.assess_attributes(|_| true, process);
        let attributes = self.take_attributes(|_| true);
        Box::new(Begun {
            r#type,
            named,
            assessed,
            attributes,
            preset,
            process,
        })
    }

    /// The content of the open element, up to its end; as much is checked as `process` says.
    fn mixed_content(&mut self, process: ProcessContents) -> Result<Vec<AnyNode>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        self.begin_content();
        let mut content = Vec::new();
        let mut valid = Ok(());
        let mut text = String::new();
        let mut in_a_row = [0];
        while self.next != Next::End {
            match self.pull()? {
                Token::End | Token::EndOfMessage => self.next = Next::End,
                Token::Text(part) | Token::CData(part) => text.push_str(&self.normalised(part)),
                Token::Character(character) => text.push(character),
                Token::Start => {
                    self.next = Next::Start;
                    if !text.is_empty() {
                        content.push(AnyNode::Text(std::mem::take(&mut text)));
                    }
                    self.count_occurrence(&mut in_a_row)?;
                    match self.keep_element(process) {
                        Ok(element) => content.push(AnyNode::Element(element)),
                        Err(refusal) if self.fatal => return Err(refusal),
                        Err(refusal) => valid = Err(refusal),
                    }
                }
            }
            self.check_text_length(text.len())?;
        }
        if !text.is_empty() {
            content.push(AnyNode::Text(text));
        }
        valid.map(|()| content)
    }
}

impl WriteXml for AnyType {
    fn write(&self, writer: &mut Writer) {
        writer.note_open_content();
        if let Some(named) = &self.r#type {
            writer.name_type(named);
        }
        writer.bind(&self.bindings);
        writer.attributes_as_given(&self.attributes);
        for node in &self.content {
            match node {
                AnyNode::Text(text) => writer.text(text),
                AnyNode::Element(element) => element.write_into(writer),
            }
        }
    }
}

impl Writer {
    /// Makes the prefixes that values use stand for their namespaces on the open tag.
    fn bind(&mut self, bindings: &[(Box<str>, Box<str>)]) {
        let mut taken = None;
        for (prefix, uri) in bindings {
            if self.stands_for(prefix) == &**uri {
                continue;
            }
            let taken = taken.get_or_insert_with(|| self.open_tag_prefixes());
            if !taken.insert(prefix.to_string()) {
                self.fail(Rule::PREFIX, None);
                return;
            }
            self.declare_as(prefix.to_string().into(), uri.to_string().into());
        }
    }

    /// The prefixes that the open tag uses or declares.
    fn open_tag_prefixes(&self) -> BTreeSet<String> {
        let mut prefixes = BTreeSet::new();
        for name in self.open_tag_names() {
            let (before, local) = name.split_once(':').unwrap_or(("", name));
            prefixes.insert(before.to_owned());
            if before == "xmlns" {
                prefixes.insert(local.to_owned());
            }
        }
        prefixes
    }
}

impl PartialEq for AnyType {
    fn eq(&self, other: &Self) -> bool {
        self.r#type == other.r#type
            && self.attributes == other.attributes
            && self.content == other.content
    }
}

impl Eq for AnyType {}

impl fmt::Debug for AnyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyType")
            .field("type", &self.r#type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AnyNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Element(element) => element.fmt(f),
        }
    }
}
