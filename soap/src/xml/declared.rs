//! What a contract declares globally, by name: what is looked up where it leaves the name open.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::name::Preset;
use super::text::{check_fixed, process};
use super::{Attribute, Element, Name, Namespace, ReadXml, Reader, Refused, Rule, Scope};
use crate::value::{Value, derived};

/// The global elements, attributes and types of a contract (XML Schema Part 1, section 2.2). A [`Root`](super::Root) that has
/// them checks by them what wildcards and `xs:anyType` let in.
///
/// ```
/// use soap::{DeclaredElement, Declarations, Limits, ProcessContents, Root, Wildcard, WildcardNamespaces};
/// const NS: soap::Namespace = soap::Namespace::new("urn:example", "e");
/// static DECLARED: Declarations = Declarations {
///     elements: &[DeclaredElement::new::<u8>(NS.element("Number"))],
///     ..Declarations::NONE
/// };
///
/// struct Parcel(soap::AnyElement);
/// impl soap::ReadXml for Parcel {
///     fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
///         reader.any(Wildcard::new(WildcardNamespaces::Any, ProcessContents::Lax)).map(Self)
///     }
/// }
/// const PARCEL: Root<Parcel> = Root::new(NS.element("Parcel"), &[NS]).with_declarations(&DECLARED);
///
/// let read = |content| PARCEL.read(format!("<Parcel xmlns='urn:example'>{content}</Parcel>").as_bytes(), &Limits::default());
/// assert!(read("<Number>7</Number>").is_ok() && read("<Unknown/>").is_ok());
/// let error = read("<Unknown><Number>seven</Number></Unknown>").err().map(|found| found.first().path.clone());
/// assert_eq!(error.as_deref(), Some("Parcel/Unknown/Number"));
/// ```
#[derive(Debug)]
pub struct Declarations {
    /// The elements, in the order of their namespaces and local parts: they are looked up by halving.
    pub elements: &'static [DeclaredElement],
    /// The attributes, in the same order.
    pub attributes: &'static [DeclaredAttribute],
    /// The types, in the same order.
    pub types: &'static [DeclaredType],
}

/// Reads attributes and content of the open element, and lets go of what was read.
type Check = fn(&mut Reader<'_>) -> Result<(), Refused>;

/// Reads the element whose tag was looked at, and lets go of what was read.
type CheckElement = fn(&mut Reader<'_>, &Element) -> Result<(), Refused>;

/// A global element.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredElement {
    element: Element,
    read: Option<CheckElement>,
}

/// A global attribute.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredAttribute {
    attribute: Attribute,
    check: fn(Attribute, &str, &Scope<'_>) -> Result<(), Rule>,
}

/// A global type.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredType {
    name: Name,
    read: Option<Check>,
    base: Option<Name>,
    members: &'static [Name],
}

impl Declarations {
    /// No declaration at all.
    pub const NONE: Self = Self {
        elements: &[],
        attributes: &[],
        types: &[],
    };

    pub(super) fn element(&self, namespace: &str, local: &str) -> Option<&'static DeclaredElement> {
        find(self.elements, (namespace, local), |one| one.element.name())
    }

    pub(super) fn attribute(
        &self,
        namespace: &str,
        local: &str,
    ) -> Option<&'static DeclaredAttribute> {
        find(self.attributes, (namespace, local), |one| {
            one.attribute.name()
        })
    }

    pub(super) fn r#type(&self, namespace: &str, local: &str) -> Option<&'static DeclaredType> {
        find(self.types, (namespace, local), |one| one.name)
    }

    /// Whether what is of the simple type `named` may stand where one of the type `own` is declared.
    pub(super) fn stands_for(&self, named: (&str, &str), own: Name) -> bool {
        let (schema, of_own) = (
            Namespace::SCHEMA.uri(),
            (own.namespace().uri(), own.local()),
        );
        let built_in = [named.0, of_own.0] == [schema; 2];
        if named == of_own || built_in && derived(named.1, of_own.1).is_some() {
            return true;
        }
        let base = self.r#type(named.0, named.1).and_then(|one| one.base);
        let above =
            base.is_some_and(|base| self.stands_for((base.namespace().uri(), base.local()), own));
        let members = self.r#type(of_own.0, of_own.1).map(|one| one.members);
        let mut members = members.unwrap_or_default().iter();
        above || members.any(|member| self.stands_for(named, *member))
    }
}

fn find<'d, T>(
    declared: &'d [T],
    sought: (&str, &str),
    name: impl Fn(&T) -> Name,
) -> Option<&'d T> {
    let order = |one: &T| -> Ordering {
        let name = name(one);
        (name.namespace().uri(), name.local()).cmp(&sought)
    };
    let index = declared.binary_search_by(order).ok()?;
    declared.get(index)
}

impl DeclaredElement {
    /// An element whose content is a `T`.
    pub const fn new<T: ReadXml>(element: Element) -> Self {
        Self {
            element,
            read: Some(|reader, element| reader.child::<T>(element).map(drop)),
        }
    }

    /// An element that only others may stand for (XML Schema Part 1, section 3.3.6).
    pub const fn r#abstract(element: Element) -> Self {
        Self {
            element,
            read: None,
        }
    }

    /// Reads the element whose tag was looked at, to its end; none if it is abstract.
    pub(super) fn read(&self, reader: &mut Reader<'_>) -> Option<Result<(), Refused>> {
        self.read.map(|read| read(reader, &self.element))
    }
}

impl DeclaredAttribute {
    /// An attribute whose value is a `T`.
    pub const fn new<T: Value>(attribute: Attribute) -> Self {
        Self {
            attribute,
            check: |attribute, value, scope| {
                let value = T::parse(&process(Cow::Borrowed(value), T::WHITE_SPACE), scope)?;
                match attribute.preset() {
                    Some(Preset::Fixed(fixed)) => check_fixed(value, fixed).map(drop),
                    _ => Ok(()),
                }
            },
        }
    }

    pub(super) const fn name(&self) -> Name {
        self.attribute.name()
    }

    pub(super) fn check(&self, value: &str, scope: &Scope<'_>) -> Result<(), Rule> {
        (self.check)(self.attribute, value, scope)
    }
}

impl DeclaredType {
    /// The type of elements that hold a `T`.
    pub const fn new<T: ReadXml>(name: Name) -> Self {
        Self {
            name,
            read: Some(|reader| T::read(reader).map(drop)),
            base: None,
            members: &[],
        }
    }

    /// Of values of the type `base` alone, some or all of them: elements that are declared to be of that type may say that they
    /// are of this one (XML Schema Part 1, section 3.14.6).
    #[must_use]
    pub const fn derived_from(self, base: Name) -> Self {
        Self {
            base: Some(base),
            ..self
        }
    }

    /// A union of these: elements that are declared to be of it may say that they are of one of these.
    #[must_use]
    pub const fn union_of(self, members: &'static [Name]) -> Self {
        Self { members, ..self }
    }

    /// A type that no element can have.
    pub const fn r#abstract(name: Name) -> Self {
        Self {
            name,
            read: None,
            base: None,
            members: &[],
        }
    }

    /// How attributes and content of the open element are read; none if the type is abstract.
    pub(super) const fn read(&self) -> Option<Check> {
        self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Namespace = Namespace::new("urn:a", "a");
    const B: Namespace = Namespace::new("urn:b", "b");

    #[test]
    fn declarations_are_found_by_namespace_and_local_part() {
        let names = [
            Namespace::NONE.name("Z"),
            A.name("A"),
            A.name("Z"),
            B.name("A"),
        ];
        for name in names {
            let found = find(&names, (name.namespace().uri(), name.local()), |one| *one);
            assert_eq!(found, Some(&name));
        }
        for other in [("", "A"), ("urn:a", "B"), ("urn:b", "Z"), ("urn:c", "A")] {
            assert_eq!(find(&names, other, |one| *one), None, "{other:?}");
        }
    }
}
