//! What is said of an attempt: by a partner, by a vendor's case system, or by ourselves.

use std::fmt;

use crate::outgoing::without_cpr;

/// What was said of an attempt, as it may be kept, logged and shown: without CPR numbers, bounded, and with U+FFFD for each control
/// character but tab and line feed. None of those is for a terminal to obey, and PostgreSQL keeps no NUL in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said(String);

impl Said {
    /// How much is kept, in characters: a reason in English, and what is listed in Danish.
    const MOST: usize = 4000;

    pub(crate) fn new(text: &str) -> Self {
        let plain = |c: char| match c {
            '\n' | '\t' => c,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        let text: String = text.chars().map(plain).collect();
        Self(without_cpr(&text).chars().take(Self::MOST).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_discreet_plain_and_bounded() {
        for (text, expected) in [
            ("no room\nfor 010101-0101", "no room\nfor [CPR]"),
            ("a\0b\u{1b}[2J\t0101010101", "a\u{fffd}b\u{fffd}[2J\t[CPR]"),
        ] {
            assert_eq!(Said::new(text).as_str(), expected);
        }
        let long = Said::new(&"ø".repeat(Said::MOST + 1));
        assert_eq!(long.as_str().chars().count(), Said::MOST);
    }
}
