//! Reading and writing elements: names, the cursor, the writer, limits and violations.

mod name;
mod limits;
mod rule;
mod violation;
mod locate;
mod scope;
mod reader;
mod token;
mod attributes;
mod content;
mod text;
mod slot;
mod nillable;
mod writer;
mod escape;
mod root;

pub use self::limits::Limits;
pub use self::name::{Attribute, Element, Name, Namespace};
pub use self::nillable::Nillable;
pub use self::reader::{ReadXml, Reader, Refused};
pub use self::root::{AnyRoot, Root};
pub use self::rule::{Class, Rule};
pub use self::scope::Scope;
pub use self::slot::Slot;
pub use self::violation::{Violation, Violations};
pub use self::writer::{Text, Unwritable, WriteXml, Writer};
pub(crate) use self::text::process;
pub(crate) use self::writer::lexical;

pub(crate) use self::name::{XML_NAMESPACE, XSI_NAMESPACE, is_name, is_ncname, is_nmtoken};
pub(crate) use self::escape::is_xml_char;
