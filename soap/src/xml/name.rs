//! Names: a namespace with the prefix we write it with, and what a contract declares in it.

use std::fmt;
use std::hash::{Hash, Hasher};

/// The namespace of `xml:lang` and its kin (Namespaces in XML 1.0, section 3).
pub(crate) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace that `xmlns` itself is in; nothing may be declared as it (Namespaces in XML 1.0, section 3).
pub(super) const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";
/// The namespace of `xsi:nil` and `xsi:type` (XML Schema Part 1, section 2.6).
pub(crate) const XSI_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub(super) const XSI: Namespace = Namespace::new(XSI_NAMESPACE, "xsi");

/// A namespace and the prefix that the writer declares for it.
///
/// The prefix plays no part when messages are read, nor when names are compared.
#[derive(Clone, Copy, Debug)]
pub struct Namespace {
    uri: &'static str,
    prefix: &'static str,
}

impl Namespace {
    /// No namespace: what unqualified elements and attributes are in.
    pub const NONE: Self = Self::new("", "");

    /// The namespace of XML Schema, which its built-in types are in.
    pub const SCHEMA: Self = Self::new("http://www.w3.org/2001/XMLSchema", "xs");

    /// The namespace `uri`, written with `prefix`; an empty prefix makes it the default namespace.
    pub const fn new(uri: &'static str, prefix: &'static str) -> Self {
        Self { uri, prefix }
    }

    /// The name `local` in this namespace.
    pub const fn name(self, local: &'static str) -> Name {
        Name {
            namespace: self,
            local,
        }
    }

    /// The element `local` in this namespace.
    pub const fn element(self, local: &'static str) -> Element {
        Element {
            name: self.name(local),
            preset: None,
            only: None,
        }
    }

    /// The qualified attribute `local` in this namespace.
    pub const fn attribute(self, local: &'static str) -> Attribute {
        Attribute {
            name: self.name(local),
            preset: None,
        }
    }

    /// The namespace name; empty for no namespace.
    pub const fn uri(self) -> &'static str {
        self.uri
    }

    /// The prefix that the writer declares.
    pub const fn prefix(self) -> &'static str {
        self.prefix
    }
}

impl PartialEq for Namespace {
    fn eq(&self, other: &Self) -> bool {
        self.uri == other.uri
    }
}

impl Eq for Namespace {}

impl Hash for Namespace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uri.hash(state);
    }
}

/// An expanded name: namespace and local part.
///
/// Two names are equal if namespace and local part are; the prefix does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    namespace: Namespace,
    local: &'static str,
}

impl Name {
    /// The namespace.
    pub const fn namespace(self) -> Namespace {
        self.namespace
    }

    /// The local part.
    pub const fn local(self) -> &'static str {
        self.local
    }

    /// Whether `local` is the local part. Lengths differ most often, so they are compared first.
    #[inline]
    pub(crate) fn is_local(self, local: &str) -> bool {
        self.local.len() == local.len() && self.local == local
    }
}

/// Shows the local part alone, as paths do.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.local)
    }
}

/// The value that a declaration gives where the message has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    /// `default`: stands in for an empty element or an absent attribute.
    Default(&'static str),
    /// `fixed`: the same, and any other value is a violation.
    Fixed(&'static str),
}

impl Preset {
    pub(crate) const fn lexical(self) -> &'static str {
        match self {
            Self::Default(lexical) | Self::Fixed(lexical) => lexical,
        }
    }
}

/// An element as a contract declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    name: Name,
    preset: Option<Preset>,
    only: Option<&'static [Name]>,
}

impl Element {
    /// The element `local` in no namespace.
    pub const fn unqualified(local: &'static str) -> Self {
        Namespace::NONE.element(local)
    }

    /// With a `default`: what an empty element means, in lexical form, names in it as `{namespace}local`.
    #[must_use]
    pub const fn default(self, lexical: &'static str) -> Self {
        Self {
            preset: Some(Preset::Default(lexical)),
            ..self
        }
    }

    /// With a `fixed` value, in lexical form, names in it as `{namespace}local`: an empty element means it, any other value is a violation.
    #[must_use]
    pub const fn fixed(self, lexical: &'static str) -> Self {
        Self {
            preset: Some(Preset::Fixed(lexical)),
            ..self
        }
    }

    /// With the only types that `xsi:type` may name: the element's own, and those derived from it that its `block` lets in
    /// (XML Schema Part 1, section 3.3.4, clause 4.3).
    #[must_use]
    pub const fn only(self, types: &'static [Name]) -> Self {
        Self {
            only: Some(types),
            ..self
        }
    }

    /// The expanded name.
    pub const fn name(self) -> Name {
        self.name
    }

    pub(super) const fn may_name(self) -> Option<&'static [Name]> {
        self.only
    }

    pub(crate) const fn preset(self) -> Option<Preset> {
        self.preset
    }
}

/// An attribute as a contract declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    name: Name,
    preset: Option<Preset>,
}

impl Attribute {
    /// The attribute `local` in no namespace, as most are.
    pub const fn unqualified(local: &'static str) -> Self {
        Namespace::NONE.attribute(local)
    }

    /// With a `default`: what an absent attribute means, in lexical form, names in it as `{namespace}local`.
    #[must_use]
    pub const fn default(self, lexical: &'static str) -> Self {
        Self {
            name: self.name,
            preset: Some(Preset::Default(lexical)),
        }
    }

    /// With a `fixed` value, in lexical form, names in it as `{namespace}local`: an absent attribute means it, any other value is a violation.
    #[must_use]
    pub const fn fixed(self, lexical: &'static str) -> Self {
        Self {
            name: self.name,
            preset: Some(Preset::Fixed(lexical)),
        }
    }

    /// The expanded name.
    pub const fn name(self) -> Name {
        self.name
    }

    pub(crate) const fn preset(self) -> Option<Preset> {
        self.preset
    }
}

/// Whether `text` is an NCName (Namespaces in XML 1.0, section 4).
pub(crate) fn is_ncname(text: &str) -> bool {
    // Most names are ASCII, which is told faster.
    if let [first, rest @ ..] = text.as_bytes()
        && begins_name(*first)
        && rest.iter().all(|octet| IS_PLAIN[usize::from(*octet)])
    {
        return true;
    }
    is_name(text) && !text.as_bytes().contains(&b':')
}

/// Whether it is ASCII that an NCName may begin with.
pub(super) const fn begins_name(octet: u8) -> bool {
    octet.is_ascii_alphabetic() || octet == b'_'
}

/// ASCII that an NCName may go on with.
pub(super) static IS_PLAIN: [bool; 256] = {
    let mut is_plain = [false; 256];
    let mut octet = 0;
    while octet < 128 {
        let ascii = octet as u8;
        is_plain[octet] = ascii.is_ascii_alphanumeric() || matches!(ascii, b'-' | b'_' | b'.');
        octet += 1;
    }
    is_plain
};

/// Whether `text` begins as an NCName does.
pub(super) fn starts_ncname(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|first| first != ':' && is_name_start(first))
}

/// Whether `text` is a Name (XML 1.0, section 2.3).
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_char)
}

/// Whether `text` is an Nmtoken (XML 1.0, section 2.3).
pub(crate) fn is_nmtoken(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_char)
}

/// NameStartChar of XML 1.0 (fifth edition), section 2.3.
fn is_name_start(c: char) -> bool {
    matches!(c,
        'a'..='z' | 'A'..='Z' | '_' | ':'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// NameChar of XML 1.0 (fifth edition), section 2.3.
pub(super) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, ncname: bool, nmtoken: bool) {
        assert_eq!(
            (is_ncname(text), is_nmtoken(text)),
            (ncname, nmtoken),
            "{text:?}"
        );
    }

    #[test]
    fn names_are_told_from_tokens() {
        check("Header", true, true);
        check("Målgruppe", true, true);
        check("_x-1.2", true, true);
        check("1a", false, true);
        check("a:b", false, true);
        check("-a", false, true);
        check("a b", false, false);
        check("", false, false);
        check("a\u{D7}", false, false);
    }

    #[test]
    fn the_prefix_does_not_count() {
        assert_eq!(
            Namespace::new("urn:a", "a").name("X"),
            Namespace::new("urn:a", "b").name("X")
        );
        assert_ne!(
            Namespace::new("urn:a", "a").name("X"),
            Namespace::new("urn:b", "a").name("X")
        );
    }
}
