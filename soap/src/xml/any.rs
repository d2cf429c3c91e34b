//! What a schema leaves open: wildcards, and `xs:anyType` (XML Schema Part 1, sections 3.10 and 3.4.7).

use std::fmt;
use std::ops::RangeBounds;
use std::str::FromStr;

use super::name::XSI_NAMESPACE;
use super::reader::{Next, bounds};
use super::token::Token;
use super::{Limits, ReadXml, Reader, Refused, Rule, Violations, WriteXml, Writer};

/// Which elements or attributes a schema lets stand where it names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wildcard {
    namespaces: WildcardNamespaces,
    process: ProcessContents,
}

/// The namespaces that a wildcard allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WildcardNamespaces {
    /// Every namespace, and none.
    Any,
    /// Every namespace but this one; not none.
    Other(&'static str),
    /// One of these; the empty text is none.
    List(&'static [&'static str]),
}

/// How much of what a wildcard lets in a schema wants checked. What is let in is kept as it came, well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessContents {
    /// Nothing.
    Skip,
    /// What is declared somewhere.
    Lax,
    /// All of it.
    Strict,
}

impl Wildcard {
    /// A wildcard that lets in names of `namespaces`.
    pub const fn new(namespaces: WildcardNamespaces, process: ProcessContents) -> Self {
        Self {
            namespaces,
            process,
        }
    }

    /// How much of what is let in the schema wants checked.
    pub const fn process(&self) -> ProcessContents {
        self.process
    }

    fn allows(&self, uri: &str) -> bool {
        match self.namespaces {
            WildcardNamespaces::Any => true,
            WildcardNamespaces::Other(other) => !uri.is_empty() && uri != other,
            WildcardNamespaces::List(list) => list.contains(&uri),
        }
    }
}

/// One element, kept whole.
///
/// Its text declares every namespace that it uses, so that it means the same wherever it is written.
///
/// ```
/// let element: soap::AnyElement = "<a xmlns='urn:x'>1</a>".parse()?;
/// assert_eq!(element.name(), ("urn:x", "a"));
/// # Ok::<(), soap::Violations>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AnyElement {
    namespace: Box<str>,
    local: Box<str>,
    xml: Box<str>,
}

impl AnyElement {
    /// Namespace (empty for none) and local name.
    pub fn name(&self) -> (&str, &str) {
        (&self.namespace, &self.local)
    }

    /// The element as text that stands on its own.
    pub fn xml(&self) -> &str {
        &self.xml
    }
}

/// Names the element; its content may be personal.
impl fmt::Debug for AnyElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyElement({{{}}}{})", self.namespace, self.local)
    }
}

impl FromStr for AnyElement {
    type Err = Violations;

    fn from_str(xml: &str) -> Result<Self, Violations> {
        const ANY: Wildcard = Wildcard::new(WildcardNamespaces::Any, ProcessContents::Skip);
        let mut reader = Reader::new(xml.as_bytes(), &Limits::default())?;
        let element = reader.any(ANY);
        reader.finish(element)
    }
}

/// One attribute that no schema names.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AnyAttribute {
    namespace: Box<str>,
    local: Box<str>,
    prefix: Box<str>,
    value: Box<str>,
}

impl AnyAttribute {
    pub(super) fn new(namespace: &str, local: &str, prefix: &str, value: &str) -> Self {
        Self {
            namespace: namespace.into(),
            local: local.into(),
            prefix: prefix.into(),
            value: value.into(),
        }
    }

    /// Namespace (empty for none) and local name.
    pub fn name(&self) -> (&str, &str) {
        (&self.namespace, &self.local)
    }

    /// The value, its references resolved.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Names the attribute; its value may be personal.
impl fmt::Debug for AnyAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyAttribute({{{}}}{})", self.namespace, self.local)
    }
}

/// The content of an element of type `xs:anyType`: any attributes, text and elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnyType {
    attributes: Vec<AnyAttribute>,
    content: Vec<AnyContent>,
    /// Prefixes that values in the element may use, where it stood.
    prefixes: Vec<(Box<str>, Box<str>)>,
}

/// A piece of content of any kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum AnyContent {
    /// Text.
    Text(String),
    /// An element.
    Element(AnyElement),
}

/// Leaves text out, which may be personal.
impl fmt::Debug for AnyContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Element(element) => element.fmt(f),
        }
    }
}

impl AnyType {
    /// The attributes, `xsi:type` among them.
    pub fn attributes(&self) -> &[AnyAttribute] {
        &self.attributes
    }

    /// Text and elements in their order.
    pub fn content(&self) -> &[AnyContent] {
        &self.content
    }
}

impl ReadXml for AnyType {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.any_type()
    }
}

impl WriteXml for AnyType {
    fn write(&self, writer: &mut Writer) {
        for (prefix, uri) in &self.prefixes {
            let used = |value: &str| !prefix.is_empty() && value.contains(&format!("{prefix}:"));
            let in_attributes = self
                .attributes
                .iter()
                .any(|attribute| used(&attribute.value));
            let in_text = self.content.iter().any(|piece| match piece {
                AnyContent::Text(text) => used(text),
                AnyContent::Element(_) => false,
            });
            if in_attributes || in_text {
                writer.declare_text(prefix, uri);
            }
        }
        writer.any_attributes(&self.attributes);
        for piece in &self.content {
            match piece {
                AnyContent::Text(text) => writer.text(text),
                AnyContent::Element(element) => writer.any(element),
            }
        }
    }
}

impl Reader<'_> {
    /// Whether the next child is an element that `wildcard` lets in.
    pub fn at_wildcard(&mut self, wildcard: Wildcard) -> bool {
        self.next_name()
            .is_some_and(|(uri, _)| wildcard.allows(uri))
    }

    /// Reads an element that must be there.
    ///
    /// # Errors
    /// There is none that `wildcard` lets in, or it is malformed.
    pub fn any(&mut self, wildcard: Wildcard) -> Result<AnyElement, Refused> {
        match self.optional_any(wildcard)? {
            Some(element) => Ok(element),
            None => Err(self.record_open(Rule::MISSING_ANY)),
        }
    }

    /// Reads an element that may be absent.
    ///
    /// # Errors
    /// It is malformed.
    pub fn optional_any(&mut self, wildcard: Wildcard) -> Result<Option<AnyElement>, Refused> {
        let Some((uri, local)) = self.next_name().filter(|(uri, _)| wildcard.allows(uri)) else {
            return if self.fatal {
                Err(Refused::RECORDED)
            } else {
                Ok(None)
            };
        };
        let (namespace, local) = (uri.into(), local.into());
        let xml = self.copy_element()?.into();
        Ok(Some(AnyElement {
            namespace,
            local,
            xml,
        }))
    }

    /// Reads as many elements in a row as `wildcard` lets in.
    ///
    /// # Errors
    /// They are fewer than `occurs` allows, or one is malformed; those beyond the most are left to what follows.
    pub fn repeated_any(
        &mut self,
        wildcard: Wildcard,
        occurs: impl RangeBounds<usize>,
    ) -> Result<Vec<AnyElement>, Refused> {
        let (least, most) = bounds(&occurs);
        let most = most.min(self.limits.items);
        let mut elements = Vec::new();
        while elements.len() < most {
            match self.optional_any(wildcard)? {
                Some(element) => elements.push(element),
                None => break,
            }
        }
        if elements.len() < least {
            return Err(self.record_open(Rule::MISSING_ANY));
        }
        Ok(elements)
    }

    /// Reads a group if `next` says that it begins.
    ///
    /// # Errors
    /// The group's own.
    pub fn optional_group_when<T: ReadXml>(
        &mut self,
        next: impl Fn(&mut Self) -> bool,
    ) -> Result<Option<T>, Refused> {
        if next(self) {
            T::read(self).map(Some)
        } else if self.fatal {
            Err(Refused::RECORDED)
        } else {
            Ok(None)
        }
    }

    /// Reads a group as often as `next` says that it begins.
    ///
    /// # Errors
    /// The groups are fewer or more than `occurs` allows, or one is refused.
    pub fn repeated_group_when<T: ReadXml>(
        &mut self,
        next: impl Fn(&mut Self) -> bool,
        occurs: impl RangeBounds<usize>,
    ) -> Result<Vec<T>, Refused> {
        let (least, most) = bounds(&occurs);
        let most = most.min(self.limits.items);
        let mut groups = Vec::new();
        while groups.len() < most && next(self) {
            let start = self.token_start;
            groups.push(T::read(self)?);
            if self.next == Next::Start && self.token_start == start {
                // A group that took nothing would be met again for ever.
                break;
            }
        }
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        if groups.len() < least {
            return Err(self.record_open(Rule::too_few(least)));
        }
        Ok(groups)
    }

    /// Reads the attributes that are left and that `wildcard` lets in. Call it after the declared ones.
    ///
    /// # Errors
    /// The message was found malformed before.
    pub fn any_attributes(&mut self, wildcard: Wildcard) -> Result<Vec<AnyAttribute>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        Ok(self.take_attributes(|uri| uri != XSI_NAMESPACE && wildcard.allows(uri)))
    }

    fn any_type(&mut self) -> Result<AnyType, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        self.preset = None;
        let prefixes = self.scope.effective(self.scope.mark());
        let prefixes = prefixes
            .map(|(prefix, uri)| (prefix.into(), uri.into()))
            .collect();
        let attributes = self.take_attributes(|_| true);
        let mut content = Vec::new();
        loop {
            match self.next {
                Next::End => break,
                Next::Start => {
                    let (uri, local) = self.next_name().ok_or(Refused::RECORDED)?;
                    let (namespace, local) = (uri.into(), local.into());
                    let xml = self.copy_element()?.into();
                    content.push(AnyContent::Element(AnyElement {
                        namespace,
                        local,
                        xml,
                    }));
                }
                Next::Unread => match self.pull()? {
                    Token::Start => self.next = Next::Start,
                    Token::End | Token::EndOfMessage => self.next = Next::End,
                    Token::Text(text) | Token::CData(text) => {
                        push_text(&mut content, &self.normalised(text));
                    }
                    Token::Character(character) => {
                        push_text(&mut content, character.encode_utf8(&mut [0; 4]));
                    }
                },
            }
        }
        Ok(AnyType {
            attributes,
            content,
            prefixes,
        })
    }
}

fn push_text(content: &mut Vec<AnyContent>, text: &str) {
    if let Some(AnyContent::Text(last)) = content.last_mut() {
        last.push_str(text);
    } else {
        content.push(AnyContent::Text(text.to_owned()));
    }
}

impl Writer {
    /// Writes an element that is kept whole.
    pub fn any(&mut self, element: &AnyElement) {
        self.verbatim(&element.xml);
    }

    /// Writes an element that may be absent.
    pub fn optional_any(&mut self, element: Option<&AnyElement>) {
        if let Some(element) = element {
            self.any(element);
        }
    }

    /// Writes as many elements as there are; fewer or more than `occurs` allows cannot be written.
    pub fn repeated_any(&mut self, occurs: impl RangeBounds<usize>, elements: &[AnyElement]) {
        self.check_count(occurs, elements.len(), "*");
        for element in elements {
            self.any(element);
        }
    }

    /// Writes attributes that no schema names. Call it before any content.
    pub fn any_attributes(&mut self, attributes: &[AnyAttribute]) {
        for attribute in attributes {
            let AnyAttribute {
                namespace,
                local,
                prefix,
                value,
            } = attribute;
            self.attribute_text(namespace, prefix, local, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Element, Namespace, Root};

    const NS: Namespace = Namespace::new("urn:a", "a");
    const ANY: Root<AnyType> = Root::new(NS.element("Any"), &[NS]);

    #[track_caller]
    fn check(message: &str, expected: &str) {
        let value = ANY
            .read(message.as_bytes(), &Limits::default())
            .expect("any content is taken");
        assert_eq!(ANY.write(&value).as_deref(), Ok(expected));
    }

    #[test]
    fn any_content_comes_back() {
        check("<a:Any xmlns:a='urn:a'/>", "<a:Any xmlns:a=\"urn:a\"/>");
        check(
            "<b:Any xmlns:b='urn:a' k='1'>x<c>&amp;</c>y</b:Any>",
            "<a:Any xmlns:a=\"urn:a\" k=\"1\">x<c xmlns:b=\"urn:a\">&amp;</c>y</a:Any>",
        );
        check(
            "<Any xmlns='urn:a' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:x='urn:x' i:type='x:T'>1</Any>",
            "<a:Any xmlns:a=\"urn:a\" xmlns:x=\"urn:x\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"x:T\">1</a:Any>",
        );
    }

    struct Open(Vec<AnyElement>);

    impl ReadXml for Open {
        fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
            const OTHER: Wildcard =
                Wildcard::new(WildcardNamespaces::Other("urn:a"), ProcessContents::Lax);
            reader.repeated_any(OTHER, 1..=2).map(Self)
        }
    }

    #[track_caller]
    fn check_wildcard(content: &str, expected: Result<usize, &str>) {
        const ROOT: Root<Open> = Root::new(Element::unqualified("R"), &[]);
        let message = format!("<R>{content}</R>");
        let read = ROOT.read(message.as_bytes(), &Limits::default());
        let found = read
            .map(|open| open.0.len())
            .map_err(|all| all.first().rule.id());
        assert_eq!(found, expected);
    }

    #[test]
    fn wildcards_let_in_their_namespaces() {
        check_wildcard("<x xmlns='urn:b'/>", Ok(1));
        check_wildcard("<x xmlns='urn:b'/><y xmlns='urn:c'><z/></y>", Ok(2));
        check_wildcard("", Err("missing-any"));
        check_wildcard("<x/>", Err("missing-any"));
        check_wildcard("<x xmlns='urn:a'/>", Err("missing-any"));
    }
}
