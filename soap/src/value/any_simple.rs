//! `xs:anySimpleType`.

use std::cmp::Ordering;

use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A value whose type is not known: its text, as it was written (XML Schema Part 1, section 3.14.7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnySimple(String);

impl AnySimple {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for AnySimple {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<AnySimple> for String {
    fn from(value: AnySimple) -> Self {
        value.0
    }
}

impl Value for AnySimple {
    const TYPE: Option<Name> = built_in("xs:anySimpleType");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Preserve;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        Ok(Self(lexical.to_owned()))
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push(&self.0);
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Bounded for AnySimple {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

lexical_text!(AnySimple);
