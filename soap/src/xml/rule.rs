//! The rules that a message can break. None of them holds a value of the message.

mod danish;
mod facet;
mod reason;

use std::borrow::Cow;
use std::fmt;

pub use self::danish::Danish;
pub(crate) use self::facet::Facet;
pub(crate) use self::reason::Reason;
use super::{Name, Namespace, WildcardNamespaces};

/// How many codes the message about a value that is none of them tells.
const TOLD: usize = 50;

/// The rule that was broken, with what the schema says of it.
///
/// [`Rule::id`] is stable; the texts, English by `Display` and Danish by [`Rule::danish`], are not. None of them ever shows a
/// value of the message.
///
/// | id | class | what is wrong |
/// |---|---|---|
/// | `malformed` | malformed | not well-formed XML 1.0, or not by its namespaces |
/// | `encoding` | malformed | not UTF-8 |
/// | `doctype` | malformed | a document type declaration |
/// | `limit` | limit | more of something than the reader's [`Limits`](crate::Limits) let in |
/// | `missing-element` | content | an element that must be there is not |
/// | `unexpected-element` | content | an element that cannot stand there, or is in another namespace |
/// | `too-many` | content | an element occurs more often than it may |
/// | `too-few` | content | an element occurs, and less often than it must |
/// | `element-not-allowed` | content | an element where only text may stand |
/// | `text-not-allowed` | content | text where only elements may stand |
/// | `not-empty` | content | text, or white space alone, in an element that must be empty |
/// | `missing-attribute` | content | an attribute that must be there is not |
/// | `undeclared-attribute` | content | an attribute that the contract does not declare |
/// | `not-nillable` | content | `xsi:nil` on an element that must have a value |
/// | `nil-with-content` | content | `xsi:nil` on an element that is not empty |
/// | `xsi-type` | content | `xsi:type` names a type that the element cannot have |
/// | `not-held` | content | `xsi:type` names a type that the element can have, and that adds what the Rust type does not hold |
/// | `abstract-type` | content | an element of an abstract type without an `xsi:type` |
/// | `fixed` | content | another value than the only one there may be |
/// | `lexical` | content | no form of the type's values |
/// | `beyond` | content | a value of the type that is more than this implementation holds, as XSD 1.0 Part 2, section 5.4, allows |
/// | `union` | content | no value of any member of a union |
/// | `enumeration` | content | none of the codes |
/// | `pattern` | content | a form that the pattern does not match |
/// | `length` | content | not exactly so many characters, octets or items |
/// | `digits` | content | not exactly so many digits |
/// | `min-length` | content | fewer of them |
/// | `max-length` | content | more of them |
/// | `min-inclusive` | content | a value below the least |
/// | `max-inclusive` | content | a value above the greatest |
/// | `min-exclusive` | content | a value that is not above the bound |
/// | `max-exclusive` | content | a value that is not below the bound |
/// | `total-digits` | content | more digits |
/// | `fraction-digits` | content | more digits after the point |
/// | `envelope` | content | a reply in an envelope of another version, or with a header that is not understood |
/// | `bare` | content | a part without an element of its own, read or written as a message |
/// | `prefix` | content | written, a prefix in the value would stand for something else |
/// | `member` | content | written, the value would be one of an earlier member of the union |
/// | `default` | content | written, an empty value would be read as the default one |
/// | `character` | content | a character that cannot be written |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(Kind);

/// What kind of trouble a broken rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The message is XML, and the contract does not allow it.
    Content,
    /// The message is more than the reader takes.
    Limit,
    /// The message is not namespace-well-formed XML.
    Malformed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Malformed(Reason),
    Encoding(Reason),
    Doctype,
    Limit(Reason, usize),
    MissingElement(Box<[Name]>),
    UnexpectedElement(Box<Unexpected>),
    Repeated,
    TooMany(usize),
    TooFew(usize),
    ElementNotAllowed,
    TextNotAllowed,
    NotEmpty,
    MissingAttribute,
    UndeclaredAttribute,
    NotNillable,
    NilWithContent,
    XsiType,
    NotHeld,
    AbstractType,
    MissingAny(Option<WildcardNamespaces>),
    Union,
    Bare,
    Prefix,
    Member,
    Empty,
    Fixed(&'static str),
    Lexical(&'static str),
    Beyond(&'static str),
    Facet(Facet, &'static str),
    Count(Facet, usize),
    Enumeration(Cow<'static, [&'static str]>),
    Character,
    Envelope,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Unexpected {
    expected: Box<[Name]>,
    other_namespace: Option<Namespace>,
    /// The sibling that it should have stood before.
    before: Option<Box<str>>,
}

impl Rule {
    /// Not in the lexical space of the type `name`, for example `xs:date`.
    pub const fn lexical(name: &'static str) -> Self {
        Self(Kind::Lexical(name))
    }

    /// A value of the type `name`, as far as can be told, with more digits than its Rust type holds.
    pub(crate) const fn beyond(name: &'static str) -> Self {
        Self(Kind::Beyond(name))
    }

    /// Not one of the codes.
    pub const fn enumeration(codes: &'static [&'static str]) -> Self {
        Self(Kind::Enumeration(Cow::Borrowed(codes)))
    }

    /// A value that none of a union's member types takes.
    pub const fn union() -> Self {
        Self(Kind::Union)
    }

    pub(crate) const fn codes(codes: Vec<&'static str>) -> Self {
        Self(Kind::Enumeration(Cow::Owned(codes)))
    }

    pub(crate) const fn malformed(what: Reason) -> Self {
        Self(Kind::Malformed(what))
    }

    pub(crate) const fn encoding(what: Reason) -> Self {
        Self(Kind::Encoding(what))
    }

    pub(crate) const DOCTYPE: Self = Self(Kind::Doctype);
    pub(crate) const REPEATED: Self = Self(Kind::Repeated);
    pub(crate) const ELEMENT_NOT_ALLOWED: Self = Self(Kind::ElementNotAllowed);
    pub(crate) const TEXT_NOT_ALLOWED: Self = Self(Kind::TextNotAllowed);
    pub(crate) const NOT_EMPTY: Self = Self(Kind::NotEmpty);
    pub(crate) const MISSING_ATTRIBUTE: Self = Self(Kind::MissingAttribute);
    pub(crate) const UNDECLARED_ATTRIBUTE: Self = Self(Kind::UndeclaredAttribute);
    pub(crate) const NOT_NILLABLE: Self = Self(Kind::NotNillable);
    pub(crate) const NIL_WITH_CONTENT: Self = Self(Kind::NilWithContent);
    pub(crate) const XSI_TYPE: Self = Self(Kind::XsiType);
    pub(crate) const NOT_HELD: Self = Self(Kind::NotHeld);
    pub(crate) const ABSTRACT_TYPE: Self = Self(Kind::AbstractType);
    pub(crate) const BARE: Self = Self(Kind::Bare);
    pub(crate) const PREFIX: Self = Self(Kind::Prefix);
    pub(crate) const MEMBER: Self = Self(Kind::Member);
    pub(crate) const EMPTY: Self = Self(Kind::Empty);
    pub(crate) const ENVELOPE: Self = Self(Kind::Envelope);
    pub(crate) const CHARACTER: Self = Self(Kind::Character);

    pub(crate) const fn limit(what: Reason, most: usize) -> Self {
        Self(Kind::Limit(what, most))
    }

    pub(crate) fn missing(expected: &[Name]) -> Self {
        Self(Kind::MissingElement(expected.into()))
    }

    /// What a wildcard of these namespaces would let in; of none where it is not known.
    pub(crate) const fn missing_any(namespaces: Option<WildcardNamespaces>) -> Self {
        Self(Kind::MissingAny(namespaces))
    }

    /// An element that cannot stand where it stands; `found` tells the name that was met.
    pub(crate) fn unexpected(expected: Box<[Name]>, found: (&str, &str)) -> Self {
        let same_local = expected
            .iter()
            .find(|name| name.local() == found.1 && name.namespace().uri() != found.0);
        let other_namespace = same_local.map(|name| name.namespace());
        Self(Kind::UnexpectedElement(Box::new(Unexpected {
            expected,
            other_namespace,
            before: None,
        })))
    }

    /// An element that stands where a wildcard lets in others, and none of its name.
    pub(crate) fn undeclared_element() -> Self {
        Self::unexpected(Box::default(), ("", ""))
    }

    /// An element that comes after the sibling `sibling` and should have come before it.
    pub(crate) fn too_late(sibling: &str) -> Self {
        Self(Kind::UnexpectedElement(Box::new(Unexpected {
            expected: Box::default(),
            other_namespace: None,
            before: Some(sibling.into()),
        })))
    }

    pub(crate) const fn too_many(most: usize) -> Self {
        Self(Kind::TooMany(most))
    }

    pub(crate) const fn too_few(least: usize) -> Self {
        Self(Kind::TooFew(least))
    }

    pub(crate) const fn fixed(value: &'static str) -> Self {
        Self(Kind::Fixed(value))
    }

    /// A facet whose bound is text: `pattern`, `minInclusive` and so on.
    pub(crate) const fn facet(facet: Facet, bound: &'static str) -> Self {
        Self(Kind::Facet(facet, bound))
    }

    /// A facet whose bound is a number: `length`, `totalDigits` and so on.
    pub(crate) const fn count(facet: Facet, bound: usize) -> Self {
        Self(Kind::Count(facet, bound))
    }

    /// A stable name for programs, such as `missing-element` or `pattern`.
    pub const fn id(&self) -> &'static str {
        match &self.0 {
            Kind::Malformed(_) => "malformed",
            Kind::Encoding(_) => "encoding",
            Kind::Doctype => "doctype",
            Kind::Limit(..) => "limit",
            Kind::MissingElement(_) | Kind::MissingAny(_) => "missing-element",
            Kind::UnexpectedElement(_) => "unexpected-element",
            Kind::Repeated | Kind::TooMany(_) => "too-many",
            Kind::TooFew(_) => "too-few",
            Kind::ElementNotAllowed => "element-not-allowed",
            Kind::TextNotAllowed => "text-not-allowed",
            Kind::NotEmpty => "not-empty",
            Kind::MissingAttribute => "missing-attribute",
            Kind::UndeclaredAttribute => "undeclared-attribute",
            Kind::NotNillable => "not-nillable",
            Kind::NilWithContent => "nil-with-content",
            Kind::XsiType => "xsi-type",
            Kind::NotHeld => "not-held",
            Kind::AbstractType => "abstract-type",
            Kind::Union => "union",
            Kind::Bare => "bare",
            Kind::Prefix => "prefix",
            Kind::Member => "member",
            Kind::Empty => "default",
            Kind::Fixed(_) => "fixed",
            Kind::Lexical(_) => "lexical",
            Kind::Beyond(_) => "beyond",
            Kind::Facet(facet, _) | Kind::Count(facet, _) => facet.id(),
            Kind::Enumeration(_) => "enumeration",
            Kind::Character => "character",
            Kind::Envelope => "envelope",
        }
    }

    /// The rule in Danish, as `Display` has it in English.
    ///
    /// ```
    /// let rule = soap::from_lexical::<u8>("x").unwrap_err();
    /// assert_eq!(rule.danish().to_string(), "værdien er ikke en gyldig xs:unsignedByte");
    /// ```
    pub const fn danish(&self) -> Danish<'_> {
        Danish(self)
    }

    /// Whether the message is malformed, too large, or merely not what the contract allows.
    pub const fn class(&self) -> Class {
        match &self.0 {
            Kind::Malformed(_) | Kind::Encoding(_) | Kind::Doctype => Class::Malformed,
            Kind::Limit(..) => Class::Limit,
            _ => Class::Content,
        }
    }

    /// The names that a missing element could have had; none of another rule.
    pub(crate) const fn missing_names(&self) -> &[Name] {
        match &self.0 {
            Kind::MissingElement(names) => names,
            _ => &[],
        }
    }

    /// Whether it is about something that a wildcard lets in and that is missing.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.0, Kind::MissingAny(_))
    }

    /// Whether what is missing could have been an element in `namespace`, by a wildcard.
    pub(crate) fn lets_in(&self, namespace: &str) -> bool {
        matches!(self.0, Kind::MissingAny(Some(namespaces)) if namespaces.admit(namespace))
    }

    /// The names of what should have stood where something is missing or stands wrongly.
    pub(crate) const fn expected(&self) -> &[Name] {
        match &self.0 {
            Kind::MissingElement(names) => names,
            Kind::UnexpectedElement(found) => &found.expected,
            _ => &[],
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Malformed(what) => write!(f, "not well-formed XML: {}", what.english()),
            Kind::Encoding(what) => write!(f, "not UTF-8: {}", what.english()),
            Kind::Doctype => f.write_str("a document type declaration is not allowed"),
            Kind::Limit(what, most) => write!(f, "more than {most} {}", what.english()),
            Kind::MissingElement(names) if names.len() == 1 => {
                f.write_str("the element is missing")
            }
            Kind::MissingElement(names) => write!(f, "one of {} is missing", Names(names)),
            Kind::UnexpectedElement(unexpected) => unexpected.fmt(f),
            Kind::Repeated => f.write_str("the element may not be repeated here"),
            Kind::TooMany(most) => write!(f, "the element occurs more than {most} times"),
            Kind::TooFew(least) => write!(f, "the element occurs fewer than {least} times"),
            Kind::ElementNotAllowed => f.write_str("an element stands where only text is allowed"),
            Kind::TextNotAllowed => f.write_str("text stands where only elements are allowed"),
            Kind::NotEmpty => {
                f.write_str("the element must be empty: not even white space may stand in it")
            }
            Kind::MissingAttribute => f.write_str("the attribute is missing"),
            Kind::UndeclaredAttribute => f.write_str("the attribute is not declared"),
            Kind::NotNillable => f.write_str("xsi:nil stands on an element that is not nillable"),
            Kind::NilWithContent => f.write_str("the element has xsi:nil and is not empty"),
            Kind::XsiType => f.write_str("xsi:type names a type that the element cannot have"),
            Kind::NotHeld => {
                f.write_str("xsi:type names a type with attributes, which are not taken here")
            }
            Kind::AbstractType => {
                f.write_str("the type is abstract: xsi:type must name one derived from it")
            }
            Kind::MissingAny(_) => {
                f.write_str("an element that the contract leaves open is missing")
            }
            Kind::Union => f.write_str("the value is one of no member of the union"),
            Kind::Bare => f.write_str("it is the content of a body and has no element of its own"),
            Kind::Prefix => f.write_str("a prefix in the value stands for something else here"),
            Kind::Empty => f.write_str("the value is empty and stands for the default one"),
            Kind::Member => f.write_str("an earlier member of the union takes the value"),
            Kind::Fixed(value) => write!(f, "the value is fixed as `{value}`"),
            Kind::Lexical(name) => write!(f, "the value is not a valid {name}"),
            Kind::Beyond(name) => write!(f, "the {name} has more digits than are taken here"),
            Kind::Facet(facet, bound) => {
                write!(f, "the value breaks the facet {} `{bound}`", facet.id())
            }
            Kind::Count(facet, bound) => {
                write!(f, "the value breaks the facet {} {bound}", facet.id())
            }
            Kind::Enumeration(codes) => {
                let (told, more) = codes.split_at(codes.len().min(TOLD));
                write!(f, "the value is none of {}", told.join(", "))?;
                match more.len() {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Kind::Envelope => f.write_str(
                "the envelope is of another version, or a header block is not understood",
            ),
            Kind::Character => f.write_str("the value holds a character that XML 1.0 cannot carry"),
        }
    }
}

impl std::error::Error for Rule {}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sibling) = &self.before {
            return write!(
                f,
                "the element is not allowed here, expected before {sibling}"
            );
        }
        match (self.other_namespace, &*self.expected) {
            (Some(namespace), _) if namespace.uri().is_empty() => {
                f.write_str("the element is in a namespace, expected in none")
            }
            (Some(namespace), _) => write!(
                f,
                "the element is in another namespace than {}",
                namespace.uri()
            ),
            (None, []) => f.write_str("the element is not allowed here"),
            (None, names) => write!(
                f,
                "the element is not allowed here, expected {}",
                Names(names)
            ),
        }
    }
}

/// Shows names as a list; long lists are cut.
struct Names<'a>(&'a [Name]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        let mut locals: Vec<&str> = Vec::new();
        for name in self.0 {
            if !locals.contains(&name.local()) {
                locals.push(name.local());
            }
        }
        let shown = &locals[..locals.len().min(SHOWN)];
        f.write_str(&shown.join(", "))?;
        if locals.len() > SHOWN {
            f.write_str(", …")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
