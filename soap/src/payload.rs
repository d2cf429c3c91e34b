//! Requests that are passed on in their own octets.
//!
//! A party in between owes its peers what it was sent, not what it would have written itself. It decodes a request, as any
//! server does, and with the decoded value is given a [`Payload`]: the octets of the very element that was decoded. Nothing
//! else makes one, so what was found invalid cannot be passed on.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use crate::envelope;
use crate::operation::Version;
use crate::xml::{Element, Kept, Name, Unwritable, WriteXml};

/// Where an element of the party in between stands in the payload: a child of its root.
pub struct Place<T> {
    element: Element,
    after: &'static [Name],
    content: PhantomData<fn(T)>,
}

impl<T> Place<T> {
    /// The place of `element`, whose content is a `T`: where it already stands, or else right before the first child that is
    /// none of `after`.
    pub const fn new(element: Element, after: &'static [Name]) -> Self {
        Self {
            element,
            after,
            content: PhantomData,
        }
    }

    pub(crate) const fn element(&self) -> Element {
        self.element
    }

    pub(crate) const fn after(&self) -> &'static [Name] {
        self.after
    }
}

impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Place<T> {}

impl<T> fmt::Debug for Place<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.element.name()).finish()
    }
}

/// The element that a request was decoded from, and found valid: its own octets, with the namespace declarations that were in
/// scope where it stood, and room for a `T` in its [`Place`].
///
/// Neither header blocks nor anything else around the element belong to it, but for what the envelope and the body said of
/// language, white space and base ([`xml:`](https://www.w3.org/TR/xml/#sec-lang-tag)), which holds for the element too.
pub struct Payload<T> {
    name: Name,
    place: Place<T>,
    kept: Kept,
}

impl<T> Payload<T> {
    pub(crate) const fn new(name: Name, place: Place<T>, kept: Kept) -> Self {
        Self { name, place, kept }
    }

    /// The name of the element.
    pub const fn name(&self) -> Name {
        self.name
    }
}

impl<T: WriteXml> Payload<T> {
    /// An envelope around the payload with `value` in its place; without one, what the sender put there stays.
    pub(crate) fn write(&self, version: Version, value: Option<&T>) -> Result<String, Unwritable> {
        let Kept {
            text,
            place,
            default_namespace,
            xml_attributes,
        } = &self.kept;
        let room = text.len() + 1024;
        envelope::write_around(version, room, xml_attributes, |writer| {
            let Range { start, end } = place.clone();
            match value {
                None => writer.verbatim(text),
                Some(value) => writer.verbatim_around(
                    [&text[..start], &text[end..]],
                    default_namespace.clone(),
                    |writer| writer.required(self.place.element, value),
                ),
            }
        })
    }
}

impl<T> Clone for Payload<T> {
    fn clone(&self) -> Self {
        Self {
            kept: self.kept.clone(),
            ..*self
        }
    }
}

/// Leaves the octets out.
impl<T> fmt::Debug for Payload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("name", &self.name)
            .field("octets", &self.kept.text.len())
            .finish_non_exhaustive()
    }
}
