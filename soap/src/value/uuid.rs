//! Strings with the pattern of a UUID.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

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
    let mut digits = [0; 32];
    digits[..8].copy_from_slice(&text[..8]);
    digits[8..12].copy_from_slice(&text[9..13]);
    digits[12..16].copy_from_slice(&text[14..18]);
    digits[16..20].copy_from_slice(&text[19..23]);
    digits[20..].copy_from_slice(&text[24..]);
    let (mut value, mut upper) = (0_u128, 0_u32);
    for eight in digits.chunks_exact(8) {
        let (number, capitals) = eight_digits(u64::from_be_bytes(eight.try_into().ok()?))?;
        value = value << 32 | u128::from(number);
        upper = upper << 8 | u32::from(capitals);
    }
    Some(Uuid { value, upper })
}

/// The number that eight hexadecimal digits stand for, and a bit for each: set if it is a letter in upper case. All eight are
/// worked on at once, each in its octet of a word; no step carries from one octet into the next.
#[inline]
fn eight_digits(text: u64) -> Option<(u32, u8)> {
    const fn each(octet: u8) -> u64 {
        u64::from_ne_bytes([octet; 8])
    }
    // Letters have the bit 0x40, digits do not; letters in lower case have the bit 0x20 too.
    let letter = text >> 6 & each(1);
    let letters = letter * 0xFF;
    let lower = text | letters & each(b'a' ^ b'A');
    // What each octet is above `0` or `a`, with the high bit set unless it is below.
    let above = (lower | each(0x80)) - (each(b'0') + letter * u64::from(b'a' - b'0'));
    let above_first = above & each(0x7F);
    // The high bit is set where the octet is above `9` or `f`.
    let past_last = above_first + each(0x7F - 9) + letter * 4;
    if (text | !above | past_last) & each(0x80) != 0 {
        return None;
    }
    let digits = above_first + letter * 10;
    let pairs = (digits | digits >> 4) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    let number = (fours | fours >> 16) as u32;
    // The product gathers the lowest bit of each octet in the highest octet.
    let capitals = letter & !(text >> 5);
    let gathered = capitals.wrapping_mul(0x0102_0408_1020_4080) >> 56;
    Some((number, gathered as u8))
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

    #[test]
    fn every_octet_is_a_digit_or_none() {
        for octet in 0..=u8::MAX {
            for digit in 0..8 {
                let mut text = *b"9aF0fA09";
                text[digit] = octet;
                let parsed = eight_digits(u64::from_be_bytes(text));
                let valid = octet.is_ascii_hexdigit();
                let expected = valid.then(|| {
                    let text = std::str::from_utf8(&text).unwrap();
                    let capitals = text.bytes().fold(0, |capitals, octet| {
                        capitals << 1 | u8::from(octet.is_ascii_uppercase())
                    });
                    (u32::from_str_radix(text, 16).unwrap(), capitals)
                });
                assert_eq!(parsed, expected, "{octet} at {digit}");
            }
        }
    }
}
