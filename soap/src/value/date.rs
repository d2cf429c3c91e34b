//! `xs:date`, and the calendar that all dates share.

use std::cmp::Ordering;

use chrono::{Datelike, FixedOffset, NaiveDate};

use super::ascii::{Ascii, Scan, number};
use super::beyond::refused;
use super::zone::{Moment, Zone};
use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A day with or without an offset (XML Schema Part 2, section 3.2.9), kept as it was written.
///
/// Years go from -200000 to 200000; others are refused, as is the year 0, which XML Schema 1.0 does not have: the year
/// -1 is 1 BC. Equality is that of what was written; [`Date::compare`] is the order of the standard.
///
/// ```
/// let date: soap::Date = "2024-02-29+01:00".parse()?;
/// assert_eq!(date.naive(), chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap());
/// assert_eq!(date.offset(), chrono::FixedOffset::east_opt(3600));
/// assert_eq!(date.to_string(), "2024-02-29+01:00");
/// assert_eq!(soap::Date::try_from(date.naive())?.to_string(), "2024-02-29");
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    date: NaiveDate,
    zone: Zone,
}

impl Date {
    /// A day of the calendar, with an offset if there is one.
    ///
    /// # Errors
    /// The year is out of range, or the offset not of whole minutes up to 14 hours.
    pub fn new(date: NaiveDate, offset: Option<FixedOffset>) -> Result<Self, Rule> {
        check_year(date, NAME)?;
        let zone = offset.map_or(Ok(Zone::Unknown), |offset| Zone::from_offset(offset, NAME))?;
        Ok(Self { date, zone })
    }

    /// The day, without its offset.
    pub const fn naive(&self) -> NaiveDate {
        self.date
    }

    /// The offset, if one was given; `Z` is zero.
    pub fn offset(&self) -> Option<FixedOffset> {
        self.zone.offset()
    }

    /// The order of the standard: by the beginning of the day, `None` where only one side has an offset and the days
    /// are too close to tell.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        self.moment().compare(other.moment())
    }

    fn moment(&self) -> Moment {
        Moment::new(day_seconds(self.date), 0, self.zone)
    }
}

const NAME: &str = "xs:date";

impl TryFrom<NaiveDate> for Date {
    type Error = Rule;

    fn try_from(date: NaiveDate) -> Result<Self, Rule> {
        Self::new(date, None)
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        date.date
    }
}

impl Value for Date {
    const TYPE: Option<Name> = built_in(NAME);
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        parse(lexical).ok_or_else(|| refused(lexical, NAME, |text| parse(text).is_some()))
    }

    fn write(&self, text: &mut Text<'_>) {
        let mut ascii = Ascii::new();
        write_day(self.date, &mut ascii);
        self.zone.write(&mut ascii);
        text.push_plain(ascii.as_str());
    }

    fn same(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

impl Bounded for Date {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.compare(other)
    }
}

lexical_text!(Date);

fn parse(lexical: &str) -> Option<Date> {
    let mut scan = Scan::new(lexical);
    let date = parse_day(&mut scan)?;
    let zone = Zone::parse(&mut scan)?;
    Some(Date { date, zone })
}

/// The greatest year either way: far inside what chrono can hold, so that adding days and offsets cannot overflow.
const MOST_YEARS: i32 = 200_000;

pub(super) fn check_year(date: NaiveDate, type_name: &'static str) -> Result<(), Rule> {
    let year = written_year(date.year());
    if year.abs() > MOST_YEARS {
        Err(Rule::beyond(type_name))
    } else {
        Ok(())
    }
}

/// Takes `YYYY-MM-DD`.
pub(super) fn parse_day(scan: &mut Scan<'_>) -> Option<NaiveDate> {
    let year = parse_year(scan)?;
    scan.expect(b'-')?;
    let month = scan.two_digits()?;
    scan.expect(b'-')?;
    let day = scan.two_digits()?;
    NaiveDate::from_ymd_opt(calendar_year(year), month.into(), day.into())
}

/// Takes a year: four digits or more, none of the more a leading zero, never 0.
pub(super) fn parse_year(scan: &mut Scan<'_>) -> Option<i32> {
    let negative = scan.take(b'-');
    let digits = scan.digits();
    if digits.len() < 4 || (digits.len() > 4 && digits[0] == b'0') {
        return None;
    }
    let year = i32::try_from(number(digits)?)
        .ok()
        .filter(|year| (1..=MOST_YEARS).contains(year))?;
    Some(if negative { -year } else { year })
}

pub(super) fn write_day(date: NaiveDate, text: &mut Ascii) {
    write_year(written_year(date.year()), text);
    text.push(b'-');
    text.push_number(date.month().into(), 2);
    text.push(b'-');
    text.push_number(date.day().into(), 2);
}

pub(super) fn write_year(year: i32, text: &mut Ascii) {
    if year < 0 {
        text.push(b'-');
    }
    text.push_number(year.unsigned_abs().into(), 4);
}

/// XML Schema 1.0 has no year 0, chrono has: its 0 is our -1.
pub(super) const fn calendar_year(year: i32) -> i32 {
    if year < 0 { year + 1 } else { year }
}

const fn written_year(year: i32) -> i32 {
    if year <= 0 { year - 1 } else { year }
}

/// Seconds from 1970 to the beginning of a day.
pub(super) fn day_seconds(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days()) * 86_400
}

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        let parsed = from_lexical::<Date>(text);
        assert_eq!(parsed.is_ok(), valid, "{text:?}");
        if let Ok(date) = parsed {
            assert_eq!(date.to_string(), text.trim());
        }
    }

    #[test]
    fn lexical_space() {
        for valid in [
            "2024-02-29",
            "2000-02-29",
            "1999-12-31Z",
            "2024-01-01+14:00",
            "2024-01-01-14:00",
            "2024-01-01-00:00",
            "2024-01-01+00:00",
            "2024-01-01+05:30",
            "12024-01-01",
            "-0001-02-29",
            "-0044-03-15",
            "200000-12-31",
            " 2024-01-01 ",
            "0001-01-01",
        ] {
            check(valid, true);
        }
        for invalid in [
            "",
            "2023-02-29",
            "1900-02-29",
            "0000-01-01",
            "-0000-01-01",
            "+2024-01-01",
            "2024-1-1",
            "24-01-01",
            "02024-01-01",
            "2024-13-01",
            "2024-00-01",
            "2024-01-00",
            "2024-04-31",
            "2024-01-01+14:01",
            "2024-01-01+15:00",
            "2024-01-01+1:00",
            "2024-01-01+01:60",
            "2024-01-01z",
            "2024-01-01 Z",
            "2024-01-01T",
            "20240101",
            "2024-01-01ZZ",
            "-0002-02-29",
            "200001-01-01",
            "99999999999999999999-01-01",
            "２０２４-01-01",
        ] {
            check(invalid, false);
        }
    }

    #[track_caller]
    fn check_order(left: &str, right: &str, expected: Option<Ordering>) {
        let (left, right): (Date, Date) = (left.parse().unwrap(), right.parse().unwrap());
        assert_eq!(left.compare(&right), expected);
        assert_eq!(right.compare(&left), expected.map(Ordering::reverse));
    }

    #[test]
    fn order() {
        check_order("2024-01-01", "2024-01-02", Some(Ordering::Less));
        check_order("2024-01-01Z", "2024-01-01+00:00", Some(Ordering::Equal));
        check_order("2024-01-01+01:00", "2024-01-01Z", Some(Ordering::Less));
        check_order("2024-01-01", "2024-01-01Z", None);
        check_order("2024-01-01", "2024-01-02Z", Some(Ordering::Less));
        check_order("-0002-01-01", "-0001-01-01", Some(Ordering::Less));
        check_order("-0001-12-31", "0001-01-01", Some(Ordering::Less));
    }
}
