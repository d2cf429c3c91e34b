//! Content that contains its own type.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::{Name, ReadXml, Reader, Refused, WriteXml, Writer};

/// A value on the heap, so that a type can contain itself. It stands where `Box` would: the blanket implementations for
/// simple types leave no room for one of `Box`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Boxed<T>(Box<T>);

impl<T> Boxed<T> {
    /// On the heap.
    pub fn new(value: T) -> Self {
        Self(Box::new(value))
    }

    /// Off the heap.
    pub fn into_inner(self) -> T {
        *self.0
    }
}

impl<T> From<T> for Boxed<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> Deref for Boxed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Boxed<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Boxed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: ReadXml> ReadXml for Boxed<T> {
    const TYPE: Option<Name> = T::TYPE;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        T::read(reader).map(Self::new)
    }
}

impl<T: WriteXml> WriteXml for Boxed<T> {
    fn write(&self, writer: &mut Writer) {
        T::write(self, writer);
    }
}
