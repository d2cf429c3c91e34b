//! Global elements: what a whole message can be.

use std::fmt;
use std::marker::PhantomData;

use super::{
    Declarations, Element, Limits, Name, Namespace, ReadXml, Reader, Refused, Rule, Unwritable,
    Violations, WriteXml, Writer,
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
    bare: bool,
    namespaces: &'static [Namespace],
    declarations: Option<&'static Declarations>,
    content: PhantomData<fn() -> T>,
}

impl<T> Root<T> {
    /// The element, and the namespaces that are declared on it when it is written.
    pub const fn new(element: Element, namespaces: &'static [Namespace]) -> Self {
        Self {
            element,
            bare: false,
            namespaces,
            declarations: None,
            content: PhantomData,
        }
    }

    /// A message part that has no element of its own: it is the content of the body, with the body's attributes (WSDL 1.1,
    /// section 3.5). With it go the namespaces that are declared on the body when it is written.
    pub const fn bare(namespaces: &'static [Namespace]) -> Self {
        Self {
            element: Element::unqualified(""),
            bare: true,
            namespaces,
            declarations: None,
            content: PhantomData,
        }
    }

    /// With what the contract declares globally, by which what wildcards and `xs:anyType` let in is checked.
    #[must_use]
    pub const fn with_declarations(self, declarations: &'static Declarations) -> Self {
        Self {
            declarations: Some(declarations),
            ..self
        }
    }

    /// Whether it has no element of its own.
    pub const fn is_bare(&self) -> bool {
        self.bare
    }

    /// The expanded name; without a local part for a bare one.
    pub const fn name(&self) -> Name {
        self.element.name()
    }

    pub(super) const fn element(&self) -> Element {
        self.element
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
    /// All that is wrong with the message, up to the limit; or the root is bare, which no message alone can be.
    pub fn read(&self, message: &[u8], limits: &Limits) -> Result<T, Violations> {
        if self.bare {
            return Err(BARE.into());
        }
        let mut reader = Reader::new(message, limits)?;
        reader.declared = self.declarations;
        reader.document(self.element)
    }

    /// Reads this element as the next child, for instance of a fault's detail. A bare one is read in place, as a group.
    ///
    /// # Errors
    /// The next child is another, or its content is refused.
    pub fn read_child(&self, reader: &mut Reader<'_>) -> Result<T, Refused> {
        reader.declared = self.declarations;
        if self.bare {
            return reader.group();
        }
        reader.required(self.element)
    }
}

impl<T: ReadXml + WriteXml> Root<T> {
    /// Writes a whole message whose root is this element, without an XML declaration.
    ///
    /// What wildcards, `xs:anyType` and nil elements hold is read back before it is written, for it may be anything; a message
    /// without such content costs no more.
    ///
    /// # Errors
    /// The value breaks an occurrence that the contract demands, holds a character that XML cannot carry, or what it holds where
    /// the contract leaves the name open would be refused when it is read; or the root is bare, which no message alone can be.
    pub fn write(&self, value: &T) -> Result<String, Unwritable> {
        if self.bare {
            return Err(BARE);
        }
        let mut writer = Writer::new();
        writer.root(self, value);
        writer.finish()
    }
}

/// Why a bare root is no message of its own.
const BARE: Unwritable = Unwritable {
    path: String::new(),
    rule: Rule::BARE,
};

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
    /// The expanded name; without a local part for a bare one.
    fn name(&self) -> Name;

    /// Reads a whole message and writes what was read.
    ///
    /// # Errors
    /// All that is wrong with the message, up to the limit. What was read can be written, but for a value of unknown type
    /// whose prefix means something else where it is written, and for one of a union whose canonical form an earlier member
    /// takes. A bare root is refused.
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
