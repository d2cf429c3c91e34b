//! Values with more digits than their Rust types hold: XML Schema Part 2, section 5.4, lets years, seconds and lengths of time
//! have a bound, and asks that it is documented. They are told apart from what is no value at all.

use crate::xml::Rule;

/// Digits of a fraction, and of a component of a duration, that are held.
const FRACTION: usize = 18;
const COMPONENT: usize = 15;

/// Why `lexical` is no value of the type `name`: it would be one, by `is_one`, if it had fewer digits, or it would not.
#[cold]
pub(super) fn refused(lexical: &str, name: &'static str, is_one: impl Fn(&str) -> bool) -> Rule {
    if is_one(&shortened(lexical)) {
        Rule::beyond(name)
    } else {
        Rule::lexical(name)
    }
}

/// The same form with few enough digits wherever there may be any number of them.
fn shortened(lexical: &str) -> String {
    let mut short = String::with_capacity(lexical.len());
    let mut rest = lexical;
    while !rest.is_empty() {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, behind) = rest.split_at(length);
        match short.as_str() {
            _ if short.ends_with('.') => short.push_str(&digits[..length.min(FRACTION)]),
            "" | "-" if length > 4 && !digits.starts_with('0') => {
                // The calendar repeats itself every 400 years, of which 10,000 are a multiple.
                let last: u32 = digits[length - 4..].parse().unwrap_or(0);
                short.push_str(&(2000 + last % 400).to_string());
            }
            _ if length > COMPONENT => short.push('1'),
            _ => short.push_str(digits),
        }
        let next = behind.chars().next();
        short.extend(next);
        rest = &behind[next.map_or(0, char::len_utf8)..];
    }
    short
}

#[cfg(test)]
mod tests {
    use super::super::{Date, DateTime, Duration, GYear, GYearMonth, Time, Value, from_lexical};

    #[track_caller]
    fn check<T: Value>(beyond: &[&str], invalid: &[&str]) {
        let id = |text: &str| from_lexical::<T>(text).err().map(|rule| rule.id());
        for text in beyond {
            assert_eq!(id(text), Some("beyond"), "{text}");
        }
        for text in invalid {
            assert_eq!(id(text), Some("lexical"), "{text}");
        }
    }

    #[test]
    fn too_many_digits_are_told_from_wrong_forms() {
        check::<DateTime>(
            &[
                "2026-11-23T10:00:00.1234567890123456789Z",
                "20261123000000-11-23T10:00:00",
                "-200001-01-01T24:00:00",
                "99999999999999999996-02-29T00:00:00.0000000000000000000+01:00",
            ],
            &[
                "2026-11-23T10:00:60.1234567890123456789Z",
                "20261123000001-02-29T10:00:00",
                "020261-01-01T10:00:00",
                "2026-11-23T10:00:00.",
            ],
        );
        check::<Date>(&["200001-01-01Z"], &["200001-13-01", "2026-1-1"]);
        check::<GYear>(&["1000000"], &["0000000", "26"]);
        check::<GYearMonth>(&["1000000-12"], &["1000000-13"]);
        check::<Time>(&["10:00:00.0000000000000000001"], &["10:00:000"]);
        check::<Duration>(
            &["P10000000000000000Y", "PT0.1234567890123456789S"],
            &["P10000000000000000", "PT0.1234567890123456789M"],
        );
    }
}
