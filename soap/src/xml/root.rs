//! Global elements: what a whole message can be.

use std::fmt;
use std::marker::PhantomData;

use super::{
    Element, Limits, Name, Namespace, ReadXml, Reader, Refused, Unwritable, Violations, WriteXml,
    Writer,
};

/// A global element of a contract and the type of its content.
///
/// ```
/// const NS: soap::Namespace = soap::Namespace::new("urn:example", "e");
/// const NOTE: soap::Root<String> = soap::Root::new(NS.element("Note"), &[NS]);
///
/// let text = NOTE.write(&"æ & ø".to_owned())?;
/// assert_eq!(text, r#"<e:Note xmlns:e="urn:example">æ &amp; ø</e:Note>"#);
/// assert_eq!(NOTE.read(text.as_bytes(), &soap::Limits::default())?, "æ & ø");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Root<T> {
    element: Element,
    namespaces: &'static [Namespace],
    bare: bool,
    content: PhantomData<fn() -> T>,
}

impl<T> Root<T> {
    /// The element, and the namespaces that are declared on it when it is written.
    pub const fn new(element: Element, namespaces: &'static [Namespace]) -> Self {
        Self {
            element,
            namespaces,
            bare: false,
            content: PhantomData,
        }
    }

    /// A body without an element of its own: what the type reads and writes stands right in the envelope's body (WSDL 1.1,
    /// section 3.5).
    pub const fn bare(namespaces: &'static [Namespace]) -> Self {
        Self {
            element: Element::unqualified("Body"),
            namespaces,
            bare: true,
            content: PhantomData,
        }
    }

    /// Whether it was made by [`Root::bare`].
    pub const fn is_bare(&self) -> bool {
        self.bare
    }

    /// The expanded name.
    pub const fn name(&self) -> Name {
        self.element.name()
    }

    /// The namespaces that are declared on the element when it is written.
    pub const fn namespaces(&self) -> &'static [Namespace] {
        self.namespaces
    }
}

impl<T: ReadXml> Root<T> {
    /// Reads a whole message whose root is this element.
    ///
    /// # Errors
    /// All that is wrong with the message, up to the limit.
    pub fn read(&self, message: &[u8], limits: &Limits) -> Result<T, Violations> {
        Reader::new(message, limits)?.document(self.element)
    }

    /// Reads this element as the next child, for instance of a fault's detail.
    ///
    /// # Errors
    /// The next child is another, or its content is refused.
    pub fn read_child(&self, reader: &mut Reader<'_>) -> Result<T, Refused> {
        if self.bare {
            reader.group()
        } else {
            reader.required(self.element)
        }
    }
}

impl<T: WriteXml> Root<T> {
    /// Writes a whole message whose root is this element, without an XML declaration.
    ///
    /// # Errors
    /// The value breaks an occurrence that the contract demands, or holds a character that XML cannot carry.
    pub fn write(&self, value: &T) -> Result<String, Unwritable> {
        let mut writer = Writer::new();
        writer.root(self, value);
        writer.finish()
    }
}

impl<T> Clone for Root<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Root<T> {}

impl<T> fmt::Debug for Root<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root").field(&self.element.name()).finish()
    }
}

/// A global element whose type is not known to the caller.
pub trait AnyRoot: Send + Sync {
    /// The expanded name.
    fn name(&self) -> Name;

    /// Reads a whole message and writes what was read.
    ///
    /// # Errors
    /// All that is wrong with the message, up to the limit. What was read can always be written.
    fn round_trip(&self, message: &[u8], limits: &Limits) -> Result<String, Violations>;
}

impl<T: ReadXml + WriteXml> AnyRoot for Root<T> {
    fn name(&self) -> Name {
        self.element.name()
    }

    fn round_trip(&self, message: &[u8], limits: &Limits) -> Result<String, Violations> {
        let value = self.read(message, limits)?;
        self.write(&value).map_err(Violations::from)
    }
}
