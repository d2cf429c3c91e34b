//! List types.

use std::cmp::Ordering;
use std::fmt;

use super::{Bounded, Value, WhiteSpace, to_lexical};
use crate::xml::{Reason, Rule, Scope, Text};

/// Values of one simple type, parted by white space (XML Schema Part 2, section 2.5.1.2).
///
/// ```
/// let weeks: soap::List<u8> = " 1 2\n53 ".parse()?;
/// assert_eq!(*weeks, [1, 2, 53]);
/// assert_eq!(weeks.to_string(), "1 2 53");
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List<T>(Vec<T>);

impl<T> List<T> {
    /// These values.
    pub const fn new(items: Vec<T>) -> Self {
        Self(items)
    }

    /// The values.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self(items)
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T> std::ops::Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Value> Value for List<T> {
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, scope: &Scope<'_>) -> Result<Self, Rule> {
        let mut items = Vec::new();
        for item in lexical.split(' ').filter(|item| !item.is_empty()) {
            if items.len() == scope.most_items() {
                return Err(Rule::limit(Reason::Items, scope.most_items()));
            }
            items.push(T::parse(item, scope)?);
        }
        Ok(Self(items))
    }

    fn write(&self, text: &mut Text<'_>) {
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(" ");
            }
            let before = text.length();
            item.write(text);
            // An empty item, or one with white space in it, would come back as another list.
            if !text.is_one_word(before) {
                text.refuse(Rule::lexical("list item"));
            }
        }
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .zip(other.iter())
                .all(|(left, right)| left.same(right))
    }
}

impl<T: Value> Bounded for List<T> {
    fn length(&self) -> Option<usize> {
        Some(self.0.len())
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.same(other).then_some(Ordering::Equal)
    }
}

impl<T: Value> fmt::Display for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_lexical(self))
    }
}

impl<T: Value> std::str::FromStr for List<T> {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        super::from_lexical(text)
    }
}
