//! `xs:integer` and its unbounded kin.

use std::cmp::Ordering;

use super::ascii::number;
use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A whole number without bound (XML Schema Part 2, section 3.3.13). It is written in canonical form: `+007` as `7`.
///
/// ```
/// let number: soap::Integer = "123456789012345678901234567890".parse()?;
/// assert!(number > soap::Integer::from(u64::MAX));
/// assert!(i128::try_from(&number).is_ok() && i64::try_from(&number).is_err());
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integer(Repr);

/// One form for each number, so that derived equality is that of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Small(i64),
    /// Only what an `i64` cannot hold: no leading zeros.
    Large {
        negative: bool,
        digits: Box<str>,
    },
}

const NAME: &str = "xs:integer";

impl Integer {
    pub(super) const ZERO: Self = Self(Repr::Small(0));

    fn parse_text(text: &str) -> Option<Self> {
        let (negative, digits) = split_sign(text);
        if digits.is_empty() || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        let small = number(digits.as_bytes())
            .map(i128::from)
            .map(|value| if negative { -value } else { value });
        if let Some(small) = small.and_then(|value| i64::try_from(value).ok()) {
            return Some(Self(Repr::Small(small)));
        }
        Some(Self(Repr::Large {
            negative,
            digits: digits.trim_start_matches('0').into(),
        }))
    }

    fn parts(&self) -> (bool, std::borrow::Cow<'_, str>) {
        match &self.0 {
            Repr::Small(small) => (*small < 0, small.unsigned_abs().to_string().into()),
            Repr::Large { negative, digits } => (*negative, (&**digits).into()),
        }
    }
}

/// The sign, and what follows it.
pub(super) fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small(left), Repr::Small(right)) = (&self.0, &other.0) {
            return left.cmp(right);
        }
        let ((left_negative, left), (right_negative, right)) = (self.parts(), other.parts());
        let magnitude = (left.len(), left).cmp(&(right.len(), right));
        match (left_negative, right_negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Value for Integer {
    const TYPE: Option<Name> = built_in(NAME);
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        Self::parse_text(lexical).ok_or(Rule::lexical(NAME))
    }

    fn write(&self, text: &mut Text<'_>) {
        match &self.0 {
            Repr::Small(small) => small.write(text),
            Repr::Large { negative, digits } => {
                text.push(if *negative { "-" } else { "" });
                text.push(digits);
            }
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Bounded for Integer {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn digits(&self) -> Option<(usize, usize)> {
        Some((self.parts().1.len(), 0))
    }
}

lexical_text!(Integer);

/// From every machine integer, and back where it fits.
macro_rules! convert {
    ($($number:ty),+) => {$(
        impl From<$number> for Integer {
            fn from(number: $number) -> Self {
                match i64::try_from(number) {
                    Ok(small) => Self(Repr::Small(small)),
                    Err(_) => {
                        let text = number.to_string();
                        let (negative, digits) = split_sign(&text);
                        Self(Repr::Large { negative, digits: digits.into() })
                    }
                }
            }
        }

        impl TryFrom<&Integer> for $number {
            type Error = Rule;

            /// The number, if it fits.
            fn try_from(integer: &Integer) -> Result<Self, Rule> {
                let number = match &integer.0 {
                    Repr::Small(small) => Self::try_from(*small).ok(),
                    Repr::Large { .. } => integer.to_string().parse().ok(),
                };
                number.ok_or(Rule::lexical(stringify!($number)))
            }
        }
    )+};
}

convert!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check(text: &str, canonical: Option<&str>) {
        assert_eq!(
            from_lexical::<Integer>(text)
                .ok()
                .map(|number| number.to_string())
                .as_deref(),
            canonical,
            "{text:?}"
        );
    }

    #[test]
    fn lexical_space() {
        check("0", Some("0"));
        check("-0", Some("0"));
        check("+007", Some("7"));
        check("-12678967543233", Some("-12678967543233"));
        check("9223372036854775808", Some("9223372036854775808"));
        check("-9223372036854775808", Some("-9223372036854775808"));
        check(
            "-00099999999999999999999999",
            Some("-99999999999999999999999"),
        );
        check(" 1 ", Some("1"));
        for invalid in ["", "+", "-", "1.0", "1e3", "0x1", "--1", "1 2", "١"] {
            check(invalid, None);
        }
    }

    #[test]
    fn order_and_conversion() {
        let mut numbers: Vec<Integer> = [
            "99999999999999999999",
            "-99999999999999999999",
            "5",
            "-5",
            "100000000000000000000",
        ]
        .map(|text| text.parse().unwrap())
        .to_vec();
        numbers.sort();
        let sorted: Vec<String> = numbers.iter().map(Integer::to_string).collect();
        let expected = [
            "-99999999999999999999",
            "-5",
            "5",
            "99999999999999999999",
            "100000000000000000000",
        ];
        assert_eq!(sorted, expected);
        assert_eq!(
            Integer::from(u64::MAX),
            "18446744073709551615".parse().unwrap()
        );
        assert_eq!(u64::try_from(&Integer::from(u64::MAX)), Ok(u64::MAX));
        assert!(u8::try_from(&Integer::from(256)).is_err());
        assert!(u128::try_from(&Integer::from(-1)).is_err());
        assert_eq!(Integer::from(0).digits(), Some((1, 0)));
    }
}
