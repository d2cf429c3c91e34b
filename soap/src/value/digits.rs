//! Strings of a fixed number of digits.

use std::cmp::Ordering;
use std::fmt;

use super::{Bounded, Value, WhiteSpace};
use crate::xml::{Facet, Rule, Scope, Text};

/// A string of exactly `N` decimal digits, packed; leading zeros count.
///
/// ```
/// let code: soap::Digits<4> = "0123".parse()?;
/// assert_eq!(code.as_str(), "0123");
/// assert!("123".parse::<soap::Digits<4>>().is_err());
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digits<const N: usize>([u8; N]);

impl<const N: usize> Digits<N> {
    /// The digits as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever let in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> AsRef<str> for Digits<N> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> TryFrom<&str> for Digits<N> {
    type Error = Rule;

    fn try_from(text: &str) -> Result<Self, Rule> {
        let octets: [u8; N] = text
            .as_bytes()
            .try_into()
            .map_err(|_| Rule::count(Facet::Digits, N))?;
        if octets.iter().all(u8::is_ascii_digit) {
            Ok(Self(octets))
        } else {
            Err(Rule::count(Facet::Digits, N))
        }
    }
}

impl<const N: usize> Value for Digits<N> {
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Preserve;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        lexical.try_into()
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push_plain(self.as_str());
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl<const N: usize> Bounded for Digits<N> {
    fn length(&self) -> Option<usize> {
        Some(N)
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> fmt::Display for Digits<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> std::str::FromStr for Digits<N> {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        text.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        assert_eq!(text.parse::<Digits<3>>().is_ok(), valid, "{text:?}");
    }

    #[test]
    fn lexical_space() {
        check("000", true);
        check("789", true);
        check("12", false);
        check("1234", false);
        check("12a", false);
        check(" 12", false);
        check("１2", false);
    }
}
