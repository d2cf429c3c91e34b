//! What is said of an attempt: by a partner, by a vendor's case system, or by ourselves.

use std::fmt;

use soap::discreet;

/// What was said of an attempt, as it may be kept, logged and shown: each of its lines [discreet], and bounded in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said(String);

impl Said {
    /// How much is kept, in characters: a reason in English, and what is listed in Danish.
    const MOST: usize = 4000;

    /// The lines are ours: what a partner says has come as one of them.
    pub(crate) fn new(text: &str) -> Self {
        let lines: Vec<String> = text
            .lines()
            .map(|line| discreet(line, Self::MOST))
            .collect();
        Self(lines.join("\n").chars().take(Self::MOST).collect())
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
            ("a\0b\u{1b}[2J\t0101010101", "a\u{fffd}b\u{fffd}[2J [CPR]"),
        ] {
            assert_eq!(Said::new(text).as_str(), expected);
        }
        let long = Said::new(&"ø\n".repeat(Said::MOST));
        assert_eq!(long.as_str().chars().count(), Said::MOST);
    }
}
