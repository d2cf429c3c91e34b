//! Strings with the pattern of a UUID.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::ascii::Ascii;
use super::binary::hex_digit;
use super::{Bounded, Value, WhiteSpace, lexical_text};
use crate::xml::{Rule, Scope, Text};

/// A UUID in its five groups of hexadecimal digits, packed; the case of each letter is kept.
///
/// Equality and hash are those of the UUID: letter case does not count.
///
/// ```
/// let (upper, lower) = ("1B4E28BA-2fa1-11d2-883f-0016D3CCA427", "1b4e28ba-2fa1-11d2-883f-0016d3cca427");
/// let id: soap::Uuid = upper.parse()?;
/// assert_eq!(id.to_string(), upper);
/// assert_eq!(id, lower.parse()?);
/// assert_eq!(id.uuid().to_string(), lower);
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Uuid {
    value: u128,
    /// A bit for each digit, the first highest: set if it is a letter in upper case.
    upper: u32,
}

const NAME: &str = "UUID";

impl Uuid {
    /// The UUID without its letter case.
    pub const fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(self.value)
    }

    fn ascii(&self) -> Ascii {
        let mut text = Ascii::new();
        for (index, octet) in self.value.to_be_bytes().into_iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push(b'-');
            }
            let upper = self.upper >> (30 - 2 * index) & 0b11;
            text.push(digit(octet >> 4, upper & 0b10 != 0));
            text.push(digit(octet & 0xF, upper & 0b01 != 0));
        }
        text
    }
}

const fn digit(value: u8, upper: bool) -> u8 {
    let letter = if upper { b'A' } else { b'a' };
    if value < 10 {
        b'0' + value
    } else {
        letter - 10 + value
    }
}

/// In lower case.
impl From<uuid::Uuid> for Uuid {
    fn from(uuid: uuid::Uuid) -> Self {
        Self {
            value: uuid.as_u128(),
            upper: 0,
        }
    }
}

impl From<Uuid> for uuid::Uuid {
    fn from(uuid: Uuid) -> Self {
        uuid.uuid()
    }
}

impl PartialEq for Uuid {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Uuid {}

impl PartialOrd for Uuid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Uuid {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for Uuid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Value for Uuid {
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Preserve;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        parse(lexical.as_bytes()).ok_or(Rule::lexical(NAME))
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push_plain(self.ascii().as_str());
    }
}

/// As the string that it is in the schema: letter case counts.
impl Bounded for Uuid {
    fn length(&self) -> Option<usize> {
        Some(36)
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.ascii().as_str().cmp(other.ascii().as_str()))
    }
}

lexical_text!(Uuid);

fn parse(text: &[u8]) -> Option<Uuid> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let (mut value, mut upper) = (0_u128, 0_u32);
    for (index, &octet) in text.iter().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if octet != b'-' {
                return None;
            }
            continue;
        }
        value = value << 4 | u128::from(hex_digit(octet)?);
        upper = upper << 1 | u32::from(octet.is_ascii_uppercase());
    }
    Some(Uuid { value, upper })
}

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        let parsed = from_lexical::<Uuid>(text);
        assert_eq!(parsed.is_ok(), valid, "{text:?}");
        if let Ok(id) = parsed {
            assert_eq!(id.to_string(), text);
            assert_eq!(id.uuid().to_string(), text.to_lowercase());
        }
    }

    #[test]
    fn lexical_space() {
        check("00000000-0000-0000-0000-000000000000", true);
        check("1b4e28ba-2fa1-11d2-883f-0016d3cca427", true);
        check("1B4e28Ba-2FA1-11D2-883F-0016d3ccA42F", true);
        check("ffffffff-ffff-ffff-ffff-ffffffffffff", true);
        check("", false);
        check("1b4e28ba2fa111d2883f0016d3cca427", false);
        check("{1b4e28ba-2fa1-11d2-883f-0016d3cca427}", false);
        check("1b4e28ba-2fa1-11d2-883f-0016d3cca42g", false);
        check("1b4e28ba-2fa1-11d2-883f-0016d3cca4270", false);
        check(" 1b4e28ba-2fa1-11d2-883f-0016d3cca427", false);
        check("1b4e28ba+2fa1-11d2-883f-0016d3cca427", false);
    }
}
