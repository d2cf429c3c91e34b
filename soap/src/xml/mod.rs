//! Reading and writing elements: names, the cursor, the writer, limits and violations.

mod any;
mod any_attribute;
mod any_type;
mod assess;
mod attributes;
mod boxed;
mod content;
mod declared;
mod escape;
mod kept;
mod limits;
mod locate;
mod misplaced;
mod mixed;
mod name;
mod namespaces;
mod nillable;
mod outline;
mod plain;
mod prefixes;
mod read_back;
mod reader;
mod record;
mod root;
mod rule;
mod scope;
mod slot;
mod stack;
mod text;
mod token;
#[cfg(feature = "security")]
mod tree;
mod violation;
mod wildcard;
mod writer;
mod written;
mod xsi_type;

pub use self::any::AnyElement;
pub use self::any_attribute::AnyAttribute;
pub use self::any_type::{AnyNode, AnyType};
pub use self::boxed::Boxed;
pub use self::declared::{Declarations, DeclaredAttribute, DeclaredElement, DeclaredType};
pub use self::limits::Limits;
pub use self::mixed::Mixed;
pub use self::name::{Attribute, Element, Name, Namespace};
pub use self::nillable::Nillable;
pub use self::reader::{ReadXml, Reader, Refused};
pub use self::root::{AnyRoot, Root};
pub use self::rule::{Class, Danish, Rule};
pub(crate) use self::rule::{Facet, Reason};
pub use self::scope::Scope;
pub use self::slot::Slot;
pub(crate) use self::text::process;
#[cfg(feature = "security")]
pub(crate) use self::tree::{Children, DeclarationId, ElementId, Item, Tree};
pub use self::violation::{Violation, Violations};
pub use self::wildcard::{ProcessContents, Wildcard, WildcardNamespaces};
pub use self::writer::{Unwritable, WriteXml, Writer};
pub use self::written::Text;
pub(crate) use self::written::{lexical, written_out};

#[cfg(feature = "security")]
pub(crate) use self::escape::holds_any;
pub(crate) use self::escape::is_xml_char;
#[cfg(feature = "security")]
pub(crate) use self::name::XSI_NAMESPACE;
pub(crate) use self::name::{XML_NAMESPACE, is_name, is_ncname, is_nmtoken};
pub(crate) use self::outline::Kept;
#[cfg(feature = "security")]
pub(crate) use self::scope::{order, same};
