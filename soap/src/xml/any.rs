//! Elements that a wildcard lets in.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::kept::canonical;
use super::reader::{Reader, Refused, Tag};
use super::{Limits, Name, ProcessContents, Violations, Writer};

/// One element kept whole, as a text that stands on its own: whatever prefixes it uses are declared in it.
///
/// Two are equal if they hold the same elements, attributes and texts: prefixes, comments, the order of attributes and the
/// choice of escapes do not count; what a prefix inside a value stands for counts in `xsi:type` alone. `Debug` shows the
/// name alone, for the content may be anything.
///
/// ```
/// let element: soap::AnyElement = r#"<e:Note xmlns:e="urn:example">tak</e:Note>"#.parse()?;
/// assert_eq!(element.name(), ("urn:example", "Note"));
/// assert_eq!(element, r#"<Note xmlns="urn:example">tak</Note>"#.parse()?);
/// # Ok::<(), soap::Violations>(())
/// ```
///
/// An element of a declared name is read and made by its [`Root`](super::Root): `root.read(element.xml().as_bytes(), &limits)`
/// and `root.write(&value)?.parse()`.
#[derive(Clone)]
pub struct AnyElement {
    namespace: Box<str>,
    xml: Box<str>,
    /// Where the local part of the name stands in `xml`.
    local: Range<usize>,
    /// Whether its own tag says what no prefix stands for.
    has_default: bool,
}

impl AnyElement {
    /// Takes the one element of a document.
    ///
    /// # Errors
    /// The text is no well-formed document, or more than the default limits allow; only its length is not limited.
    pub fn parse(text: &str) -> Result<Self, Violations> {
        let mut reader = Reader::new(text.as_bytes(), &Limits::of_any_length())?;
        // No root element is found out at the end.
        let kept = match reader.next_name() {
            Some(_) => reader.keep_element(ProcessContents::Skip),
            None => Err(Refused::RECORDED),
        };
        reader.finish(kept)
    }

    /// The expanded name: namespace, which is empty for none, and local part.
    pub fn name(&self) -> (&str, &str) {
        (
            &self.namespace,
            self.xml.get(self.local.clone()).unwrap_or_default(),
        )
    }

    /// Whether it is the element `name`.
    pub fn is(&self, name: Name) -> bool {
        self.name() == (name.namespace().uri(), name.local())
    }

    /// The element as text.
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// Stands in for one that is checked and thrown away.
    fn nothing() -> Self {
        Self {
            namespace: Box::default(),
            xml: Box::default(),
            local: 0..0,
            has_default: false,
        }
    }

    pub(super) fn write_into(&self, writer: &mut Writer) {
        writer.note_open_content();
        // A name without a prefix must not fall into a default namespace that is declared around it.
        if self.has_default || writer.stands_for("").is_empty() {
            writer.verbatim(&self.xml);
        } else {
            let (name, rest) = self.xml.split_at(self.local.end);
            writer.verbatim_parts(&[name, " xmlns=\"\"", rest]);
        }
    }
}

/// What is known of an element by its tag.
struct Begun<'a> {
    tag: Tag<'a>,
    start: usize,
    namespace: Box<str>,
    has_default: bool,
    /// The prefixes that the tag declares.
    own: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    /// Keeps the element whose tag was looked at, and checks as much of it as `process` says; what is checked alone is not
    /// kept. Wildcards stand in each other, so that what is only done at the beginning and the end has a stack of its own.
    pub(super) fn keep_element(&mut self, process: ProcessContents) -> Result<AnyElement, Refused> {
        if self.assessing {
            self.assess(process)?;
            return Ok(AnyElement::nothing());
        }
        let begun = self.begun()?;
        self.assess(process)?;
        self.keep_begun(*begun)
    }

    /// The same, as its text.
    pub(crate) fn keep_text(&mut self, process: ProcessContents) -> Result<String, Refused> {
        let kept = self.keep_element(process)?;
        Ok(kept.xml.into())
    }

    fn begun(&mut self) -> Result<Box<Begun<'a>>, Refused> {
        let (tag, start) = (self.tag, self.token_start);
        let namespace: Box<str> = self.scope.uri(tag.namespace).into();
        self.charge(namespace.len())?;
        let has_default = self.scope.declares(tag.scope, "")
            || self.scope.resolve("").is_some_and(|uri| !uri.is_empty());
        let own = self.scope.prefixes_since(tag.scope);
        Ok(Box::new(Begun {
            tag,
            start,
            namespace,
            has_default,
            own,
        }))
    }

    fn keep_begun(&mut self, begun: Begun<'a>) -> Result<AnyElement, Refused> {
        let Begun {
            tag,
            start,
            namespace,
            has_default,
            own,
        } = begun;
        let xml = self.declared_text(&tag, start, &own)?;
        Ok(AnyElement {
            namespace,
            xml: xml.into(),
            local: 1 + tag.local..1 + tag.raw.len(),
            has_default,
        })
    }
}

impl PartialEq for AnyElement {
    fn eq(&self, other: &Self) -> bool {
        self.xml == other.xml
            || (self.name() == other.name() && canonical(&self.xml) == canonical(&other.xml))
    }
}

impl Eq for AnyElement {}

impl FromStr for AnyElement {
    type Err = Violations;

    fn from_str(text: &str) -> Result<Self, Violations> {
        Self::parse(text)
    }
}

impl fmt::Debug for AnyElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (namespace, local) = self.name();
        write!(f, "AnyElement({{{namespace}}}{local})")
    }
}
