//! Simple types that are Rust's own: booleans, machine integers, floats.

use std::cmp::Ordering;

use super::ascii::{Ascii, number};
use super::integer::split_sign;
use super::{Bounded, Value, WhiteSpace, built_in};
use crate::xml::{Name, Rule, Scope, Text};

/// `xs:boolean` (XML Schema Part 2, section 3.2.2); written as `true` or `false`.
impl Value for bool {
    const TYPE: Option<Name> = built_in("xs:boolean");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        match lexical {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Rule::lexical("xs:boolean")),
        }
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push_plain(if *self { "true" } else { "false" });
    }
}

impl Bounded for bool {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

/// Machine integers. The unsigned ones take a sign too, where the number is one of theirs: they are derived from
/// `xs:nonNegativeInteger` by a bound, which takes no form away (XML Schema Part 2, sections 3.3.20 to 3.3.24).
macro_rules! integer {
    ($($number:ty = $name:literal;)+) => {$(
        impl Value for $number {
        const TYPE: Option<Name> = built_in($name);
            const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

            fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
                let (negative, digits) = split_sign(lexical);
                if !digits.bytes().all(|octet| octet.is_ascii_digit()) {
                    return Err(Rule::lexical($name));
                }
                number(digits.as_bytes())
                    .map(i128::from)
                    .and_then(|value| Self::try_from(if negative { -value } else { value }).ok())
                    .ok_or(Rule::lexical($name))
            }

            fn write(&self, text: &mut Text<'_>) {
                let value = i128::from(*self);
                let mut ascii = Ascii::new();
                if value < 0 {
                    ascii.push(b'-');
                }
                ascii.push_number(value.unsigned_abs() as u64, 1);
                text.push_plain(ascii.as_str());
            }
        }

        impl Bounded for $number {
            fn compare(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }

            fn digits(&self) -> Option<(usize, usize)> {
                Some((i128::from(*self).unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1), 0))
            }
        }
    )+};
}

integer! {
    i64 = "xs:long";
    i32 = "xs:int";
    i16 = "xs:short";
    i8 = "xs:byte";
    u64 = "xs:unsignedLong";
    u32 = "xs:unsignedInt";
    u16 = "xs:unsignedShort";
    u8 = "xs:unsignedByte";
}

/// Floats. `INF`, `-INF` and `NaN` stand for themselves, `+INF` is none (XML Schema Part 2, sections 3.2.4 and 3.2.5). They are
/// written in canonical form, in which there is one zero.
macro_rules! float {
    ($($number:ty = $name:literal;)+) => {$(
        impl Value for $number {
            const TYPE: Option<Name> = built_in($name);
            const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

            fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
                match lexical {
                    "INF" => Ok(Self::INFINITY),
                    "-INF" => Ok(Self::NEG_INFINITY),
                    "NaN" => Ok(Self::NAN),
                    // Rust takes `inf` and `nan` too.
                    _ if lexical.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) => {
                        lexical.parse().map_err(|_| Rule::lexical($name))
                    }
                    _ => Err(Rule::lexical($name)),
                }
            }

            fn write(&self, text: &mut Text<'_>) {
                if self.is_nan() {
                    text.push("NaN");
                } else if self.is_infinite() {
                    text.push(if *self > 0.0 { "INF" } else { "-INF" });
                } else if *self == 0.0 {
                    text.push("0.0E0");
                } else {
                    let shortest = format!("{self:E}");
                    let (digits, exponent) = shortest.split_once('E').unwrap_or((&shortest, "0"));
                    let point = if digits.contains('.') { "" } else { ".0" };
                    text.push(&format!("{digits}{point}E{exponent}"));
                }
            }

            fn same(&self, other: &Self) -> bool {
                self.compare(other) == Some(Ordering::Equal)
            }
        }

        impl Bounded for $number {
            fn compare(&self, other: &Self) -> Option<Ordering> {
                // In the value space NaN equals itself and is not ordered against the others.
                if self.is_nan() && other.is_nan() { Some(Ordering::Equal) } else { self.partial_cmp(other) }
            }
        }
    )+};
}

float! {
    f32 = "xs:float";
    f64 = "xs:double";
}

#[cfg(test)]
mod tests {
    use super::super::{from_lexical, to_lexical};
    use super::*;

    #[track_caller]
    fn check<T: Value>(valid: &[(&str, &str)], invalid: &[&str]) {
        for (text, canonical) in valid {
            assert_eq!(
                from_lexical::<T>(text)
                    .map(|value| to_lexical(&value))
                    .as_deref(),
                Ok(*canonical),
                "{text:?}"
            );
        }
        for text in invalid {
            assert_eq!(
                from_lexical::<T>(text).err().map(|rule| rule.id()),
                Some("lexical"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn booleans() {
        let valid = [
            ("true", "true"),
            ("1", "true"),
            ("false", "false"),
            (" 0\n", "false"),
        ];
        check::<bool>(&valid, &["", "TRUE", "True", "2", "yes"]);
    }

    #[test]
    fn integers() {
        let valid = [
            ("+5", "5"),
            ("-007", "-7"),
            ("-0", "0"),
            ("-9223372036854775808", "-9223372036854775808"),
        ];
        check::<i64>(&valid, &["", "+", "9223372036854775808", "1.0", "1 0"]);
        check::<i8>(&[("-128", "-128"), ("127", "127")], &["128", "-129"]);
        check::<u64>(
            &[("18446744073709551615", "18446744073709551615")],
            &["18446744073709551616", "-1", "+", "+-1"],
        );
        let valid = [("0", "0"), ("+255", "255"), ("0010", "10"), ("-0", "0")];
        check::<u8>(&valid, &["256", "", "-1", "++1"]);
    }

    #[test]
    fn floats() {
        let valid = [
            ("1", "1.0E0"),
            ("-.5", "-5.0E-1"),
            ("1.5e3", "1.5E3"),
            ("INF", "INF"),
            ("-INF", "-INF"),
            ("NaN", "NaN"),
        ];
        check::<f64>(
            &valid,
            &[
                "", "+INF", "inf", "nan", "infinity", "1e", "0x1", "1_0", ".", "e5", "1 e5",
            ],
        );
        check::<f32>(&[("-0", "0.0E0"), ("12.78e-2", "1.278E-1")], &["-NaN"]);
    }
}
