//! The built-in list types: lists that hold one item at least.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::{Bounded, List, Value, WhiteSpace, from_lexical, to_lexical};
use crate::xml::{Facet, Rule, Scope, Text};

/// A list with one item at least: `xs:NMTOKENS`, `xs:IDREFS` and `xs:ENTITIES` (XML Schema Part 2, sections 3.3.5, 3.3.10
/// and 3.3.12).
///
/// ```
/// let names: soap::NonEmptyList<soap::NmToken> = "a b".parse()?;
/// assert_eq!(names.len(), 2);
/// assert_eq!("".parse::<soap::NonEmptyList<soap::NmToken>>().unwrap_err().id(), "min-length");
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NonEmptyList<T>(List<T>);

impl<T> std::ops::Deref for NonEmptyList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> TryFrom<Vec<T>> for NonEmptyList<T> {
    type Error = Rule;

    fn try_from(items: Vec<T>) -> Result<Self, Rule> {
        if items.is_empty() {
            return Err(Rule::count(Facet::MinLength, 1));
        }
        Ok(Self(List::new(items)))
    }
}

impl<T: Value> Value for NonEmptyList<T> {
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, scope: &Scope<'_>) -> Result<Self, Rule> {
        List::<T>::parse(lexical, scope)?.into_vec().try_into()
    }

    fn write(&self, text: &mut Text<'_>) {
        self.0.write(text);
    }

    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0)
    }
}

impl<T: Value> Bounded for NonEmptyList<T> {
    fn length(&self) -> Option<usize> {
        self.0.length()
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.0.compare(&other.0)
    }
}

impl<T: Value> fmt::Display for NonEmptyList<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_lexical(self))
    }
}

impl<T: Value> FromStr for NonEmptyList<T> {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        from_lexical(text)
    }
}
