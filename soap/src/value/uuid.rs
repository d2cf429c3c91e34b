//! Strings with the pattern of a UUID.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

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

    /// The text as it was read, in `buffer`.
    fn write_to<'b>(&self, buffer: &'b mut [u8; 36]) -> &'b str {
        let text = self.uuid().hyphenated().encode_lower(buffer);
        if self.upper != 0 {
            for (index, at) in PAIRS.into_iter().enumerate() {
                let upper = self.upper >> (30 - 2 * index) & 0b11;
                for (digit, bit) in [(at, 0b10), (at + 1, 0b01)] {
                    if upper & bit != 0 {
                        text[digit..=digit].make_ascii_uppercase();
                    }
                }
            }
        }
        text
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
        text.push_plain(self.write_to(&mut [0; 36]));
    }
}

/// As the string that it is in the schema: letter case counts.
impl Bounded for Uuid {
    fn length(&self) -> Option<usize> {
        Some(36)
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(
            self.write_to(&mut [0; 36])
                .cmp(other.write_to(&mut [0; 36])),
        )
    }
}

lexical_text!(Uuid);

/// Where the two digits of each octet stand.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

fn parse(text: &[u8]) -> Option<Uuid> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if [text[8], text[13], text[18], text[23]] != [b'-'; 4] {
        return None;
    }
    let mut octets = [0; 16];
    let (mut upper, mut invalid) = (0_u32, 0_u8);
    for (octet, at) in octets.iter_mut().zip(PAIRS) {
        let (high, low) = (
            DIGITS[usize::from(text[at])],
            DIGITS[usize::from(text[at + 1])],
        );
        *octet = high << 4 | low & 0xF;
        upper = upper << 2 | u32::from(high & UPPER) >> 3 | u32::from(low & UPPER) >> 4;
        invalid |= (high | low) & INVALID;
    }
    (invalid == 0).then_some(Uuid {
        value: u128::from_be_bytes(octets),
        upper,
    })
}

const UPPER: u8 = 0x10;
const INVALID: u8 = 0x80;

/// The value of each hexadecimal digit, marked [`UPPER`] or [`INVALID`].
static DIGITS: [u8; 256] = {
    let mut digits = [INVALID; 256];
    let mut octet = 0;
    while octet < 256 {
        if let Some(value) = hex_digit(octet as u8) {
            let upper = (octet as u8).is_ascii_uppercase();
            digits[octet] = if upper { value | UPPER } else { value };
        }
        octet += 1;
    }
    digits
};

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
