//! Whatever a text is, every built-in type refuses it or reads it; what was read is written so that it is read again as the
//! same value, the order of values is one, and facets agree with what they are made of.
//!
//! A zero octet parts two texts, whose values are compared.

#![no_main]

use std::cmp::Ordering;

use libfuzzer_sys::fuzz_target;
use soap::{
    AnySimple, AnyUri, AsWritten, Base64Binary, Bounded, Date, DateTime, Decimal, Digits, Duration, Entity, Facets, GDay,
    GMonth, GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef, Integer, Language, List, NcName, NegativeInteger, NmToken,
    NonEmptyList, NonNegativeInteger, NonPositiveInteger, NormalizedString, Pattern, PositiveInteger, QName, Time, Token,
    Uuid, Value, XmlName, from_lexical, to_lexical,
};

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else {
        return;
    };
    let (left, right) = text.split_once('\0').unwrap_or((text, "0"));
    macro_rules! all {
        ($($type:ty),+ $(,)?) => {$( values::<$type>(left, right); )+};
    }
    all!(
        AnySimple, AnyUri, AsWritten<i32>, AsWritten<Decimal>, Base64Binary, Date, DateTime, Decimal, Duration, Entity, GDay,
        GMonth, GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef, Integer, Language, List<Token>, List<Decimal>, NcName,
        NegativeInteger, NmToken, NonEmptyList<NmToken>, NonNegativeInteger, NonPositiveInteger, NormalizedString,
        PositiveInteger, QName, String, Time, Token, XmlName, bool, f32, f64, i8, i16, i32, i64, u8, u16, u32, u64,
    );
    again::<Uuid>(left);
    again::<Digits<8>>(left);
    again::<Digits<10>>(left);
    numbers(left);
    facets(left);
});

/// Reads, writes and reads.
fn again<T: Value>(text: &str) -> Option<T> {
    let value: T = from_lexical(text).ok()?;
    let written = to_lexical(&value);
    let read: T = from_lexical(&written).unwrap_or_else(|rule| panic!("{text:?} was written as {written:?}: {rule}"));
    assert_eq!(to_lexical(&read), written, "{text:?}");
    Some(read)
}

fn values<T: Bounded>(left: &str, right: &str) {
    let (Some(left), Some(right)) = (again::<T>(left), from_lexical::<T>(right).ok()) else {
        return;
    };
    assert_ne!(left.compare(&left), Some(Ordering::Less));
    let order = left.compare(&right);
    assert_eq!(order, right.compare(&left).map(Ordering::reverse));
    if left.same(&right) {
        assert!(right.same(&left));
        assert!(matches!(order, Some(Ordering::Equal) | None), "the same, and {order:?}");
    }
    if let (Some(length), true) = (left.length(), left.same(&right)) {
        assert_eq!(right.length(), Some(length));
    }
}

/// What one kind of number takes, the wider one does, and as the same number.
fn numbers(text: &str) {
    let integer = from_lexical::<Integer>(text).ok();
    let decimal = from_lexical::<Decimal>(text).ok();
    if let Some(integer) = &integer {
        let decimal = decimal.as_ref().expect("each integer is a decimal");
        let point = Facets { fraction_digits: Some(0), ..Facets::NONE };
        assert!(point.check(decimal.clone()).is_ok(), "an integer with digits after the point");
        let machine = to_lexical(integer).parse::<i64>().ok();
        assert_eq!(from_lexical::<i64>(text).ok(), machine, "{text:?}");
        let natural = from_lexical::<NonNegativeInteger>(text);
        assert_eq!(natural.is_ok(), !to_lexical(integer).starts_with('-'), "{text:?}");
        assert_eq!(from_lexical::<NegativeInteger>(text).is_err(), natural.is_ok(), "{text:?}");
    } else {
        assert!(from_lexical::<i64>(text).is_err() && from_lexical::<u64>(text).is_err());
    }
    if decimal.is_some() {
        assert!(from_lexical::<f64>(text).is_ok(), "each decimal is a double");
    }
}

static LETTERS: Facets = Facets {
    patterns: &[Pattern::new("[a-zæøå]{1,3}", "^(?:[a-z\\u{E6}\\u{F8}\\u{E5}]{1,3})$")],
    ..Facets::NONE
};
static LENGTH: Facets = Facets { min_length: Some(1), max_length: Some(3), ..Facets::NONE };
static BOUNDS: Facets = Facets { min_inclusive: Some("-5"), max_exclusive: Some("10"), ..Facets::NONE };
static DIGITS: Facets = Facets { total_digits: Some(4), fraction_digits: Some(2), ..Facets::NONE };

fn facets(text: &str) {
    let letters = text.chars().all(|one| one.is_ascii_lowercase() || "æøå".contains(one));
    let length = (1..=3).contains(&text.chars().count());
    let string = || from_lexical::<String>(text).expect("any text is a string");
    assert_eq!(LETTERS.check(string()).is_ok(), letters && length, "{text:?}");
    assert_eq!(LENGTH.check(string()).is_ok(), length, "{text:?}");
    if let Ok(number) = from_lexical::<i64>(text) {
        assert_eq!(BOUNDS.check(number).is_ok(), (-5..10).contains(&number), "{text:?}");
        assert_eq!(DIGITS.check(number).is_ok(), number.unsigned_abs() < 10_000, "{text:?}");
    }
    if let Ok(decimal) = from_lexical::<Decimal>(text) {
        let written = to_lexical(&decimal);
        let (whole, fraction) = written.trim_start_matches(['-', '+']).split_once('.').unwrap_or((&written, ""));
        let fraction = fraction.trim_end_matches('0').len();
        let whole = whole.trim_start_matches(['-', '+', '0']).len();
        let fits = fraction <= 2 && (whole + fraction <= 4 || (whole == 0 && fraction <= 2));
        assert_eq!(DIGITS.check(decimal).is_ok(), fits, "{text:?} as {written:?}");
    }
}
