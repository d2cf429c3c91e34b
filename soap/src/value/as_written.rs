//! Values that keep the form in which they were written.

use std::cmp::Ordering;
use std::ops::Deref;

use super::{Bounded, Value, WhiteSpace, to_lexical};
use crate::xml::{Rule, Scope, Text};

/// A value together with its form, for types whose patterns allow some forms of a value and not others: a pattern is about
/// the form (XML Schema Part 2, section 4.3.4), so that `007` may be one where `7` is none.
///
/// Two are equal if their values are. One made of a value has the form in which that is written otherwise.
///
/// ```
/// let seven: soap::AsWritten<u8> = soap::from_lexical("007")?;
/// assert_eq!((*seven, soap::to_lexical(&seven).as_str()), (7, "007"));
/// assert_eq!(seven, soap::AsWritten::from(7));
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug)]
pub struct AsWritten<T> {
    value: T,
    /// Only where the value alone would be written otherwise.
    form: Option<Box<str>>,
}

impl<T> Deref for AsWritten<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> From<T> for AsWritten<T> {
    fn from(value: T) -> Self {
        Self { value, form: None }
    }
}

impl<T: PartialEq> PartialEq for AsWritten<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for AsWritten<T> {}

impl<T: Value> Value for AsWritten<T> {
    const WHITE_SPACE: WhiteSpace = T::WHITE_SPACE;

    fn parse(lexical: &str, scope: &Scope<'_>) -> Result<Self, Rule> {
        let value = T::parse(lexical, scope)?;
        let form = (to_lexical(&value) != lexical).then(|| lexical.into());
        Ok(Self { value, form })
    }

    fn write(&self, text: &mut Text<'_>) {
        match &self.form {
            Some(form) => text.push(form),
            None => self.value.write(text),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self.value.same(&other.value)
    }
}

impl<T: Bounded> Bounded for AsWritten<T> {
    fn length(&self) -> Option<usize> {
        self.value.length()
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.value.compare(&other.value)
    }

    fn digits(&self) -> Option<(usize, usize)> {
        self.value.digits()
    }
}
