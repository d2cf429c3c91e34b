//! A stack whose first entries need no allocation.

use super::reader::Open;

/// The open elements; messages that are not deeper than `INLINE` take no allocation.
#[derive(Debug)]
pub(super) struct OpenElements<'a> {
    inline: [Open<'a>; INLINE],
    /// Entries past the inline ones.
    spilled: Vec<Open<'a>>,
    length: usize,
}

/// Envelope, body, and six levels of a contract.
const INLINE: usize = 8;

impl<'a> OpenElements<'a> {
    pub(super) const fn new() -> Self {
        Self {
            inline: [Open::NONE; INLINE],
            spilled: Vec::new(),
            length: 0,
        }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.length
    }

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    pub(super) fn push(&mut self, element: Open<'a>) {
        match self.inline.get_mut(self.length) {
            Some(free) => *free = element,
            None => self.spilled.push(element),
        }
        self.length += 1;
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Open<'a>> {
        let last = self.last().copied()?;
        self.length -= 1;
        self.spilled.truncate(self.length.saturating_sub(INLINE));
        Some(last)
    }

    #[inline]
    pub(super) fn last(&self) -> Option<&Open<'a>> {
        let index = self.length.checked_sub(1)?;
        self.inline.get(index).or_else(|| self.spilled.last())
    }

    #[inline]
    pub(super) fn last_mut(&mut self) -> Option<&mut Open<'a>> {
        let index = self.length.checked_sub(1)?;
        self.inline
            .get_mut(index)
            .or_else(|| self.spilled.last_mut())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order_on_both_sides_of_the_border() {
        let mut stack = OpenElements::new();
        for start in 0..20 {
            stack.push(Open {
                start,
                ..Open::NONE
            });
        }
        for start in (0..20).rev() {
            assert_eq!(
                (stack.len(), stack.last().map(|open| open.start)),
                (start + 1, Some(start))
            );
            assert_eq!(stack.last_mut().map(|open| open.start), Some(start));
            assert_eq!(stack.pop().map(|open| open.start), Some(start));
        }
        assert!(stack.is_empty() && stack.pop().is_none());
    }
}
