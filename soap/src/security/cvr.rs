//! CVR numbers: what the Danish business register calls an organisation, and a municipality.

use std::fmt;
use std::str::FromStr;

/// A CVR number: eight digits. Without a check of the check digit, which newer numbers do not keep.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cvr([u8; 8]);

/// Says that a text is no CVR number, and nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACvr(());

impl Cvr {
    /// The eight digits.
    pub fn as_str(&self) -> &str {
        // They are ASCII digits by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Cvr {
    type Err = NotACvr;

    fn from_str(text: &str) -> Result<Self, NotACvr> {
        let digits: [u8; 8] = text.as_bytes().try_into().map_err(|_| NotACvr(()))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(NotACvr(()))
        }
    }
}

impl fmt::Display for Cvr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Cvr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cvr({self})")
    }
}

impl fmt::Display for NotACvr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CVR number has eight digits and nothing else")
    }
}

impl std::error::Error for NotACvr {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_one: bool) {
        let parsed = text.parse::<Cvr>();
        assert_eq!(
            parsed.map(|cvr| cvr.to_string()).ok().as_deref(),
            is_one.then_some(text)
        );
    }

    #[test]
    fn eight_digits_and_nothing_else() {
        check("90000001", true);
        check("00000000", true);
        check("9000000", false);
        check("900000011", false);
        check("9000000 ", false);
        check("9000000\u{661}", false);
        check("", false);
    }
}
