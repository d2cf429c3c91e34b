//! Decimal numbers of any length.

use std::cmp::Ordering;

/// A decimal number, without leading and trailing zeros.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal<'t> {
    negative: bool,
    pub(super) whole: &'t str,
    pub(super) fraction: &'t str,
}

impl<'t> Decimal<'t> {
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: text.starts_with('-') && !zero,
            whole,
            fraction,
        })
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| (number.whole.len(), number.whole.to_owned());
        let sizes = size(self).cmp(&size(other));
        let magnitude = sizes.then_with(|| self.fraction.cmp(other.fraction));
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
        }
    }
}
