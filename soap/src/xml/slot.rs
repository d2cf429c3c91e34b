//! One child of an `xs:all`, which may come in any order.

use super::reader::{Reader, Refused};
use super::{Element, Name};

/// Holds one child of an `xs:all` while the others are read; see [`Reader::slot`].
#[derive(Debug)]
pub struct Slot<T>(Option<Result<T, Refused>>);

impl<T> Slot<T> {
    /// A slot that nothing has been read into.
    pub const fn new() -> Self {
        Self(None)
    }

    pub(super) const fn filled(value: Result<T, Refused>) -> Self {
        Self(Some(value))
    }

    pub(super) const fn is_filled(&self) -> bool {
        self.0.is_some()
    }

    /// The child, which must have been there.
    ///
    /// # Errors
    /// It is missing, which the reader now records, or was refused.
    pub fn required(self, reader: &mut Reader<'_>, element: Element) -> Result<T, Refused> {
        self.required_group(reader, &[element.name()])
    }

    /// The child, one of `names`, which must have been there.
    ///
    /// # Errors
    /// It is missing, which the reader now records, or was refused.
    pub fn required_group(self, reader: &mut Reader<'_>, names: &[Name]) -> Result<T, Refused> {
        self.0.unwrap_or_else(|| Err(reader.expected(names)))
    }

    /// The child, if it was there.
    ///
    /// # Errors
    /// It was refused.
    pub fn optional(self) -> Result<Option<T>, Refused> {
        self.0.transpose()
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}
