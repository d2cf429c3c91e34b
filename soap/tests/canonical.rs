//! The canonical forms of the simple types: what values that were made in Rust are written as, and what those that were read are.

use chrono::{DateTime as Moment, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use soap::{
    Base64Binary, Date, DateTime, Decimal, Duration, GYear, HexBinary, Integer, List, QName, Time,
    Uuid, Value, from_lexical, to_lexical,
};

/// A value is written as `canonical`, which is read as the same value.
#[track_caller]
fn made<T: Value + PartialEq + std::fmt::Debug>(value: &T, canonical: &str) {
    assert_eq!(to_lexical(value), canonical);
    assert_eq!(from_lexical(canonical).as_ref(), Ok(value));
}

/// Forms of one value, of which the first is how each is written.
#[track_caller]
fn canonical<T: Value>(forms: &[&str]) {
    for form in forms {
        let value: T = from_lexical(form).expect("a form of the type");
        assert_eq!(to_lexical(&value), forms[0], "{form}");
    }
}

/// Forms that stay as they were read, though there are others of the same value.
#[track_caller]
fn kept<T: Value>(forms: &[&str]) {
    for form in forms {
        let value: T = from_lexical(form).expect("a form of the type");
        assert_eq!(to_lexical(&value), *form);
    }
}

fn offset(seconds: i32) -> FixedOffset {
    FixedOffset::east_opt(seconds).expect("less than a day")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 26).expect("a day")
}

fn clock(nanoseconds: u32) -> NaiveTime {
    NaiveTime::from_hms_nano_opt(8, 30, 0, nanoseconds).expect("a time")
}

/// XSD 1.0 Part 2, 3.2.2.2.
#[test]
fn booleans() {
    made(&true, "true");
    made(&false, "false");
    canonical::<bool>(&["true", "1"]);
    canonical::<bool>(&["false", "0"]);
}

/// 3.2.3.2: a point, and a digit on either side of it. What was read keeps its digits.
#[test]
fn decimals() {
    made(&Decimal::from(1), "1.0");
    made(&Decimal::from(-10_i64), "-10.0");
    made(&Decimal::from(0_u8), "0.0");
    made(
        &Decimal::from(u128::MAX),
        "340282366920938463463374607431768211455.0",
    );
    made(&Decimal::from(Integer::from(7)), "7.0");
    kept::<Decimal>(&["1", "1.0", "+1.50", ".5", "5.", "007"]);
}

/// 3.3.13.2 and those derived from it: no point, no `+`, no zero before another digit.
#[test]
fn integers() {
    made(&Integer::from(1), "1");
    made(&-42_i64, "-42");
    made(&u64::MAX, "18446744073709551615");
    canonical::<Integer>(&["7", "+7", "007"]);
    canonical::<Integer>(&["0", "-0", "+0", "000"]);
    canonical::<Integer>(&["123456789012345678901", "+00123456789012345678901"]);
    canonical::<i32>(&["-7", "-007"]);
    canonical::<u8>(&["0", "-0", "+0"]);
}

/// 3.2.4.2 and 3.2.5.2: one digit that is not zero before the point, one or more after it, one zero.
#[test]
fn floats() {
    made(&1.0_f64, "1.0E0");
    made(&-0.5_f64, "-5.0E-1");
    made(&1_267.432_33E12_f64, "1.26743233E15");
    made(&f64::MIN_POSITIVE, "2.2250738585072014E-308");
    made(&0.1_f32, "1.0E-1");
    made(&f32::MAX, "3.4028235E38");
    made(&f64::INFINITY, "INF");
    made(&f32::NEG_INFINITY, "-INF");
    assert_eq!(to_lexical(&f64::NAN), "NaN");
    canonical::<f64>(&["1.0E0", "1", "+1.00", "01e0", "10E-1"]);
    canonical::<f64>(&["0.0E0", "0", "-0", "0E5"]);
    canonical::<f32>(&["1.278E-1", "12.78e-2"]);
}

/// 3.2.7.2 and 3.2.8.2: `Z` for no offset, no zeros at the end of a fraction. An offset that a caller gives is part of what it
/// says, and stays.
#[test]
fn moments_and_times() {
    let local = day().and_time(clock(120_000_000));
    let utc: Moment<Utc> = local.and_utc();
    made(
        &DateTime::try_from(utc).expect("in range"),
        "2026-11-26T08:30:00.12Z",
    );
    made(
        &DateTime::try_from(local).expect("in range"),
        "2026-11-26T08:30:00.12",
    );
    made(
        &DateTime::new(local, Some(offset(0))).expect("in range"),
        "2026-11-26T08:30:00.12Z",
    );
    made(
        &DateTime::new(local, Some(offset(3600))).expect("in range"),
        "2026-11-26T08:30:00.12+01:00",
    );
    kept::<DateTime>(&[
        "2026-11-26T08:30:00.1200Z",
        "2026-11-26T08:30:00+00:00",
        "2026-11-26T24:00:00-05:30",
    ]);
    made(&Time::new(clock(0), None).expect("in range"), "08:30:00");
    made(
        &Time::new(clock(1), Some(offset(0))).expect("in range"),
        "08:30:00.000000001Z",
    );
    kept::<Time>(&["08:30:00.0", "24:00:00", "08:30:00-00:00"]);
}

/// 3.2.9.2. Of dates and their parts the standard leaves the rest open.
#[test]
fn dates() {
    made(&Date::new(day(), None).expect("in range"), "2026-11-26");
    made(
        &Date::new(day(), Some(offset(0))).expect("in range"),
        "2026-11-26Z",
    );
    made(
        &Date::new(day(), Some(offset(-3600))).expect("in range"),
        "2026-11-26-01:00",
    );
    kept::<Date>(&["2026-11-26+00:00", "-0044-03-15"]);
    kept::<GYear>(&["2026", "2026Z", "2026+00:00"]);
}

/// Durations have no canonical form (3.2.6).
#[test]
fn durations() {
    let delta = TimeDelta::milliseconds(90_500);
    assert_eq!(to_lexical(&Duration::from(delta)), "PT90.5S");
    assert_eq!(to_lexical(&Duration::from(-delta)), "-PT90.5S");
    assert_eq!(to_lexical(&Duration::from(TimeDelta::zero())), "PT0S");
    kept::<Duration>(&["P1Y2M3DT4H5M6.70S", "P0D", "PT0S"]);
}

/// 3.2.15.2 and 3.2.16: upper case; no white space.
#[test]
fn octets() {
    made(&HexBinary::new(vec![0x0F, 0xB8]), "0FB8");
    kept::<HexBinary>(&["0FB8", "0fb8", "0Fb8"]);
    made(&Base64Binary::new(b"canonical".to_vec()), "Y2Fub25pY2Fs");
    made(&Base64Binary::new(vec![0]), "AA==");
    canonical::<Base64Binary>(&["Y2Fub25p", "Y2Fu b25p", "Y 2 F u b 2 5 p"]);
    made(
        &Uuid::from(uuid::Uuid::from_u128(0xAB)),
        "00000000-0000-0000-0000-0000000000ab",
    );
}

/// 2.5.1.2: one space between the items of a list. A text is its own form, and that of a name hangs on prefixes (3.2.18).
#[test]
fn lists_texts_and_names() {
    made(&List::new(vec![1.0_f32, 2.5]), "1.0E0 2.5E0");
    canonical::<List<u8>>(&["1 2", " 01\n\t2 "]);
    kept::<String>(&["", " a\n", "æ"]);
    let name = QName::new("urn:x", "n", "x").expect("a name");
    assert_eq!(to_lexical(&name), "x:n");
}
