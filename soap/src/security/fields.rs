//! The children of an element in the order that a profile has them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::Refusal;
use crate::xml::{Children, ElementId, Name, Tree, holds_any};

/// The children of one element, taken from first to last.
pub(super) struct Fields<'t, 'a> {
    tree: &'t Tree<'a>,
    of: Name,
    next: Option<ElementId>,
    after: Children<'t, 'a>,
}

impl<'t, 'a> Fields<'t, 'a> {
    /// Of the element `id`, which is `of`.
    #[inline]
    pub(super) fn of(tree: &'t Tree<'a>, id: ElementId, of: Name) -> Self {
        let mut after = tree.children(id);
        Self {
            tree,
            of,
            next: after.next(),
            after,
        }
    }

    /// Whether the next child is `name`.
    #[inline]
    pub(super) fn next_is(&self, name: Name) -> bool {
        let is = |next| self.tree.is(next, name.namespace().uri(), name.local());
        self.next.is_some_and(is)
    }

    /// The next child if it is `name`.
    #[inline]
    pub(super) fn optional(&mut self, name: Name) -> Option<ElementId> {
        if self.next_is(name) { self.any() } else { None }
    }

    /// The next child, which must be `name`.
    ///
    /// # Errors
    /// It is another, or there is none.
    #[inline]
    pub(super) fn required(&mut self, name: Name) -> Result<ElementId, Refusal> {
        self.optional(name)
            .ok_or_else(|| Refusal::structure(name.local()))
    }

    /// The next child, whatever it is.
    #[inline]
    pub(super) fn any(&mut self) -> Option<ElementId> {
        std::mem::replace(&mut self.next, self.after.next())
    }

    /// Nothing more. Whoever takes fields must ask for it, since it also tells whether they stood alone.
    ///
    /// # Errors
    /// There is another child, or text or a comment stands between them.
    #[inline]
    pub(super) fn end(self) -> Result<(), Refusal> {
        match self.next {
            None if !self.after.among_others() => Ok(()),
            _ => Err(Refusal::structure(self.of.local())),
        }
    }
}

/// The text of an element that has nothing else in it, without white space around it.
///
/// # Errors
/// A child element or a comment stands in it.
pub(super) fn text<'t>(
    tree: &'t Tree<'_>,
    id: ElementId,
    name: Name,
) -> Result<Cow<'t, str>, Refusal> {
    match tree.text(id) {
        // Form feeds, which count as white space here, no message can hold.
        Some(Cow::Borrowed(text)) => Ok(Cow::Borrowed(text.trim_ascii())),
        Some(Cow::Owned(text)) => Ok(Cow::Owned(text.trim_ascii().to_owned())),
        None => Err(Refusal::structure(name.local())),
    }
}

/// An attribute in no namespace that must be there.
#[inline]
pub(super) fn attribute<'t>(
    tree: &'t Tree<'_>,
    id: ElementId,
    local: &'static str,
) -> Result<&'t str, Refusal> {
    tree.attribute(id, "", local)
        .ok_or_else(|| Refusal::structure(local))
}

/// Base64 with white space anywhere, as signers break lines.
///
/// # Errors
/// It is none.
pub(super) fn base64(text: &str, name: Name) -> Result<Vec<u8>, Refusal> {
    let compact: Cow<'_, str> = if holds_any(text.as_bytes(), |octet| octet <= b' ') {
        Cow::Owned(text.split(WHITE).collect())
    } else {
        Cow::Borrowed(text)
    };
    STANDARD
        .decode(compact.as_bytes())
        .map_err(|_| Refusal::structure(name.local()))
}

/// An instant as `xs:dateTime` with a time zone; what others write it without is UTC to no one for sure.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let octets = text.as_bytes();
    let plain = octets.get(10) == Some(&b'T')
        && octets
            .iter()
            .all(|octet| matches!(octet, b'0'..=b'9' | b'T' | b'Z' | b'-' | b'+' | b':' | b'.'));
    if !plain {
        return None;
    }
    let parsed = DateTime::parse_from_rfc3339(text).ok()?;
    Some(parsed.with_timezone(&Utc))
}

pub(super) const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_a_time_zone() {
        let is_one = |text: &str| instant(text).is_some();
        assert!(is_one("2020-07-02T09:42:01.200Z"));
        assert!(is_one("2020-07-02T09:42:01Z"));
        assert!(is_one("2020-07-02T11:42:01+02:00"));
        assert!(!is_one("2020-07-02T09:42:01"));
        assert!(!is_one("2020-07-02 09:42:01Z"));
        assert!(!is_one("2020-07-02t09:42:01z"));
        assert!(!is_one("2020-07-02"));
        assert!(!is_one(""));
    }
}
