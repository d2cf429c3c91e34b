//! Content that contains its own type.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

use super::{Name, ReadXml, Reader, Refused, WriteXml, Writer};

/// A value on the heap, so that a type can contain itself. It stands where `Box` would: the blanket implementations for
/// simple types leave no room for one of `Box`.
///
/// What it holds is behind a trait object, where the compiler stops to look for what dropping or sending a value touches:
/// it gives up after 128 types that hold each other, and large contracts nest deeper.
pub struct Boxed<T>(Box<dyn Held<T>>);

/// Access to the one value inside.
trait Held<T>: Send + Sync {
    fn value(&self) -> &T;
    fn value_mut(&mut self) -> &mut T;
    fn into_value(self: Box<Self>) -> T;
}

struct Own<T>(T);

impl<T: Send + Sync> Held<T> for Own<T> {
    fn value(&self) -> &T {
        &self.0
    }

    fn value_mut(&mut self) -> &mut T {
        &mut self.0
    }

    fn into_value(self: Box<Self>) -> T {
        self.0
    }
}

impl<T: Send + Sync + 'static> Boxed<T> {
    /// On the heap.
    pub fn new(value: T) -> Self {
        Self(Box::new(Own(value)))
    }
}

impl<T> Boxed<T> {
    /// Off the heap.
    pub fn into_inner(self) -> T {
        self.0.into_value()
    }
}

impl<T: Send + Sync + 'static> From<T> for Boxed<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> Deref for Boxed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.value()
    }
}

impl<T> DerefMut for Boxed<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.value_mut()
    }
}

impl<T: Clone + Send + Sync + 'static> Clone for Boxed<T> {
    fn clone(&self) -> Self {
        Self::new((**self).clone())
    }
}

impl<T: Default + Send + Sync + 'static> Default for Boxed<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: PartialEq> PartialEq for Boxed<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Boxed<T> {}

impl<T: PartialOrd> PartialOrd for Boxed<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(other)
    }
}

impl<T: Ord> Ord for Boxed<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(other)
    }
}

impl<T: Hash> Hash for Boxed<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for Boxed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ReadXml + Send + Sync + 'static> ReadXml for Boxed<T> {
    const TYPE: Option<Name> = T::TYPE;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        T::read(reader).map(Self::new)
    }
}

impl<T: WriteXml> WriteXml for Boxed<T> {
    const SIMPLE: bool = T::SIMPLE;

    fn write(&self, writer: &mut Writer) {
        T::write(self, writer);
    }

    fn is_fixed(&self, fixed: &'static str) -> bool {
        T::is_fixed(self, fixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types that each hold the next.
    macro_rules! circle {
        ($($name:ident => $next:ident,)*) => {
            $(#[allow(dead_code, reason = "the types alone are what is tested")]
            struct $name {
                next: Option<Boxed<$next>>,
            })*
        };
    }

    circle! {
        T0 => T1, T1 => T2, T2 => T3, T3 => T4, T4 => T5, T5 => T6, T6 => T7, T7 => T8, T8 => T9, T9 => T10,
        T10 => T11, T11 => T12, T12 => T13, T13 => T14, T14 => T15, T15 => T16, T16 => T17, T17 => T18, T18
        => T19, T19 => T20, T20 => T21, T21 => T22, T22 => T23, T23 => T24, T24 => T25, T25 => T26, T26 =>
        T27, T27 => T28, T28 => T29, T29 => T30, T30 => T31, T31 => T32, T32 => T33, T33 => T34, T34 => T35,
        T35 => T36, T36 => T37, T37 => T38, T38 => T39, T39 => T40, T40 => T41, T41 => T42, T42 => T43, T43
        => T0,
    }

    /// That this compiles is what is tested.
    #[test]
    fn circles_may_be_long() {
        fn sent(_: impl Send + Sync + 'static) {}
        let inner = T1 { next: None };
        let outer = T0 {
            next: Some(Boxed::new(inner)),
        };
        assert!(
            outer
                .next
                .as_ref()
                .is_some_and(|inner| inner.next.is_none())
        );
        sent(outer);
    }
}
