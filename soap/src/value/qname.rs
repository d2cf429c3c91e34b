//! `xs:QName` and `xs:NOTATION`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::{Bounded, Value, WhiteSpace, built_in};
use crate::xml::{Name, Rule, Scope, Text, is_ncname};

/// A qualified name (XML Schema Part 2, section 3.2.18).
///
/// Equality and hash are those of namespace and local part. The prefix that it was read with is used again where it is free.
#[derive(Clone, Debug)]
pub struct QName {
    namespace: Box<str>,
    local: Box<str>,
    prefix: Box<str>,
}

impl QName {
    /// The name `local` in `namespace`, which is empty for none; `prefix` is what to write it with if that is free.
    ///
    /// # Errors
    /// `local` or a prefix that is not empty is no NCName.
    pub fn new(namespace: &str, local: &str, prefix: &str) -> Result<Self, Rule> {
        if !is_ncname(local) || !(prefix.is_empty() || is_ncname(prefix)) {
            return Err(Rule::lexical("xs:QName"));
        }
        Ok(Self {
            namespace: namespace.into(),
            local: local.into(),
            prefix: prefix.into(),
        })
    }

    /// The namespace name; empty for none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The local part.
    pub fn local(&self) -> &str {
        &self.local
    }
}

impl From<Name> for QName {
    fn from(name: Name) -> Self {
        let namespace = name.namespace();
        Self {
            namespace: namespace.uri().into(),
            local: name.local().into(),
            prefix: namespace.prefix().into(),
        }
    }
}

impl PartialEq for QName {
    fn eq(&self, other: &Self) -> bool {
        self.local == other.local && self.namespace == other.namespace
    }
}

impl Eq for QName {}

impl PartialEq<Name> for QName {
    fn eq(&self, other: &Name) -> bool {
        *self.local == *other.local() && *self.namespace == *other.namespace().uri()
    }
}

impl Hash for QName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.namespace, &self.local).hash(state);
    }
}

/// Shows `{namespace}local`, or `local` where there is no namespace.
impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            return f.write_str(&self.local);
        }
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

impl Value for QName {
    const TYPE: Option<Name> = built_in("xs:QName");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, scope: &Scope<'_>) -> Result<Self, Rule> {
        const NAME: Rule = Rule::lexical("xs:QName");
        if scope.is_written_out() {
            let (namespace, local) = lexical
                .strip_prefix('{')
                .and_then(|name| name.rsplit_once('}'))
                .ok_or(NAME)?;
            return Self::new(namespace, local, "");
        }
        let (prefix, local) = match lexical.split_once(':') {
            Some(("", _)) => return Err(NAME),
            Some(parts) => parts,
            None => ("", lexical),
        };
        Self::new(scope.resolve(prefix).ok_or(NAME)?, local, prefix)
    }

    fn write(&self, text: &mut Text<'_>) {
        if text.writes_out() {
            text.push("{");
            text.push(&self.namespace);
            text.push("}");
            text.push(&self.local);
            return;
        }
        let prefix = text.prefix(&self.prefix, &self.namespace);
        if !prefix.is_empty() {
            text.push(&prefix);
            text.push(":");
        }
        text.push(&self.local);
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Bounded for QName {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}
