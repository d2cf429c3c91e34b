//! `xs:decimal`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::integer::split_sign;
use super::{Bounded, Integer, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A decimal number without bound and without rounding (XML Schema Part 2, section 3.2.3).
///
/// It is written as it was read, and in canonical form if it came from a number; equality, order and hash are those of the number: `1.0` equals `1`.
///
/// ```
/// let (a, b): (soap::Decimal, soap::Decimal) = ("1.50".parse()?, "+1.5".parse()?);
/// assert_eq!(a, b);
/// assert_eq!(a.to_string(), "1.50");
/// assert!(a < soap::Decimal::from(2));
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decimal(Box<str>);

/// What makes up the number: no zeros without meaning, zero not negative.
#[derive(PartialEq, Eq, Hash)]
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

const NAME: &str = "xs:decimal";

impl Decimal {
    /// The text as it was read, or canonical if it came from a number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> Parts<'_> {
        let (negative, digits) = split_sign(&self.0);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        Parts {
            negative: negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let (_, digits) = split_sign(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
    !(whole.is_empty() && fraction.is_empty()) && all_digits(whole) && all_digits(fraction)
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.parts(), other.parts());
        let magnitude = (left.whole.len(), left.whole, left.fraction).cmp(&(
            right.whole.len(),
            right.whole,
            right.fraction,
        ));
        match (left.negative, right.negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Value for Decimal {
    const TYPE: Option<Name> = built_in(NAME);
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        if is_decimal(lexical) {
            Ok(Self(lexical.into()))
        } else {
            Err(Rule::lexical(NAME))
        }
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push(&self.0);
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Bounded for Decimal {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn digits(&self) -> Option<(usize, usize)> {
        let Parts {
            whole, fraction, ..
        } = self.parts();
        // Zeros right after the point count: the standard bounds the places too (section 4.3.11).
        Some(((whole.len() + fraction.len()).max(1), fraction.len()))
    }
}

lexical_text!(Decimal);

impl From<Integer> for Decimal {
    fn from(number: Integer) -> Self {
        Self(canonical(&number))
    }
}

/// A whole number as section 3.2.3.2 has it: with a point.
fn canonical(number: &impl fmt::Display) -> Box<str> {
    format!("{number}.0").into()
}

/// The number, if it has no fraction.
impl TryFrom<&Decimal> for Integer {
    type Error = Rule;

    fn try_from(decimal: &Decimal) -> Result<Self, Rule> {
        let Parts {
            negative,
            whole,
            fraction,
        } = decimal.parts();
        if !fraction.is_empty() {
            return Err(Rule::lexical("xs:integer"));
        }
        format!("{}0{whole}", if negative { "-" } else { "" }).parse()
    }
}

/// From every machine integer, and back where it fits.
macro_rules! convert {
    ($($number:ty),+) => {$(
        impl From<$number> for Decimal {
            fn from(number: $number) -> Self {
                Self(canonical(&number))
            }
        }

        impl TryFrom<&Decimal> for $number {
            type Error = Rule;

            /// The number, if it has no fraction and fits.
            fn try_from(decimal: &Decimal) -> Result<Self, Rule> {
                Integer::try_from(decimal).and_then(|integer| Self::try_from(&integer))
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
    fn check(text: &str, valid: bool) {
        let parsed = from_lexical::<Decimal>(text);
        assert_eq!(parsed.is_ok(), valid, "{text:?}");
        if let Ok(number) = parsed {
            assert_eq!(number.to_string(), text);
        }
    }

    #[test]
    fn lexical_space() {
        for valid in [
            "0",
            "-1.23",
            "12678967.543233",
            "+100000.00",
            "210",
            ".5",
            "5.",
            "-.0",
            "007.70",
        ] {
            check(valid, true);
        }
        for invalid in [
            "", ".", "+", "-.", "1e5", "1,5", "INF", "NaN", "1.2.3", "--1", "1 000", "½",
        ] {
            check(invalid, false);
        }
    }

    #[track_caller]
    fn check_order(left: &str, right: &str, expected: Ordering) {
        let (left, right): (Decimal, Decimal) = (left.parse().unwrap(), right.parse().unwrap());
        assert_eq!(left.cmp(&right), expected, "{left} and {right}");
        assert_eq!(right.cmp(&left), expected.reverse());
    }

    #[test]
    fn order() {
        check_order("1.0", "1", Ordering::Equal);
        check_order("-0", "+0.00", Ordering::Equal);
        check_order("0.1", "0.09", Ordering::Greater);
        check_order("-0.1", "-0.09", Ordering::Less);
        check_order("10", "9.999999999999999999999999999", Ordering::Greater);
        check_order("-1", "0.5", Ordering::Less);
    }

    #[track_caller]
    fn check_digits(text: &str, total: usize, fraction: usize) {
        assert_eq!(
            text.parse::<Decimal>().unwrap().digits(),
            Some((total, fraction)),
            "{text}"
        );
    }

    #[test]
    fn digits() {
        check_digits("123.45", 5, 2);
        check_digits("00123.4500", 5, 2);
        check_digits("0", 1, 0);
        check_digits("0.001", 3, 3);
        check_digits("100", 3, 0);
    }

    #[test]
    fn conversion() {
        assert_eq!(
            i64::try_from(&"-0042.00".parse::<Decimal>().unwrap()),
            Ok(-42)
        );
        assert_eq!(u8::try_from(&".0".parse::<Decimal>().unwrap()), Ok(0));
        assert!(i64::try_from(&"0.5".parse::<Decimal>().unwrap()).is_err());
    }
}
