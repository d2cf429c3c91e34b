//! One child of an `xs:all`, which may come in any order.

use super::reader::{Reader, Refused};
use super::{Element, Name, ReadXml};

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

impl Reader<'_> {
    /// Reads one child of an `xs:all` into its slot if it is next; says whether it was. A repeat is a violation.
    pub fn slot<T: ReadXml>(&mut self, element: Element, slot: &mut Slot<T>) -> bool {
        let names = [element.name()];
        self.fill(&names, slot, |reader| reader.child(&element))
    }

    /// Reads one child of an `xs:all` for which a substitution group stands, as [`slot`](Self::slot) does.
    pub fn slot_group<T: ReadXml>(&mut self, names: &[Name], slot: &mut Slot<T>) -> bool {
        self.fill(names, slot, T::read)
    }

    fn fill<T>(
        &mut self,
        names: &[Name],
        slot: &mut Slot<T>,
        read: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> bool {
        if !self.at_any(names) {
            return false;
        }
        if slot.is_filled() {
            // A refusal here is fatal and seen by every later call.
            let _ = self.skip_repeat();
        } else {
            *slot = Slot::filled(read(self));
        }
        !self.fatal
    }
}
