//! `xs:dateTime`.

use std::cmp::Ordering;

use chrono::{Days, FixedOffset, NaiveDate, NaiveDateTime, Utc};

use super::ascii::{Ascii, Scan};
use super::beyond::refused;
use super::date::{check_year, day_seconds, parse_day, write_day};
use super::time::Clock;
use super::zone::{Moment, Zone};
use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A moment with or without an offset (XML Schema Part 2, section 3.2.7), kept as it was written: fraction digits (up to
/// 18), `24:00:00`, and `Z`, `+00:00`, `-00:00` or none.
///
/// Years are those of [`Date`](super::Date). Equality is that of what was written; [`DateTime::compare`] is the order of
/// the standard.
///
/// ```
/// let sent: soap::DateTime = "2026-11-23T10:00:00.1234567+02:00".parse()?;
/// assert_eq!(sent.to_string(), "2026-11-23T10:00:00.1234567+02:00");
/// assert_eq!(sent.to_utc().unwrap().to_rfc3339(), "2026-11-23T08:00:00.123456700+00:00");
/// let back = soap::DateTime::try_from(sent.to_utc().unwrap())?;
/// assert_eq!(back.to_string(), "2026-11-23T08:00:00.1234567Z");
/// assert_eq!(sent.compare(&back), Some(std::cmp::Ordering::Equal));
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    date: NaiveDate,
    clock: Clock,
    zone: Zone,
}

impl DateTime {
    /// A local moment, with an offset if there is one. Fraction digits are as many as needed; a leap second becomes the
    /// second before it.
    ///
    /// # Errors
    /// The year is out of range, or the offset not of whole minutes up to 14 hours.
    pub fn new(local: NaiveDateTime, offset: Option<FixedOffset>) -> Result<Self, Rule> {
        let zone = offset.map_or(Ok(Zone::Unknown), |offset| Zone::from_offset(offset, NAME))?;
        Self::with_zone(local, zone)
    }

    /// The local moment without its offset, cut to nanoseconds; `24:00:00` is the beginning of the next day.
    pub fn naive(&self) -> NaiveDateTime {
        let next_day = if self.clock.is_end_of_day() { 1 } else { 0 };
        // Years are bounded far inside what chrono can hold.
        self.date
            .checked_add_days(Days::new(next_day))
            .unwrap_or(self.date)
            .and_time(self.clock.naive())
    }

    /// The offset, if one was given; `Z` is zero.
    pub fn offset(&self) -> Option<FixedOffset> {
        self.zone.offset()
    }

    /// The moment on the time line, cut to nanoseconds, if an offset was given.
    pub fn to_utc(&self) -> Option<chrono::DateTime<Utc>> {
        self.naive()
            .checked_sub_offset(self.offset()?)
            .map(|utc| utc.and_utc())
    }

    /// How many fraction digits of a second were written.
    pub const fn fraction_digits(&self) -> u8 {
        self.clock.fraction_digits()
    }

    /// The order of the standard: `None` where only one side has an offset and the moments are too close to tell.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        self.moment().compare(other.moment())
    }

    fn with_zone(local: NaiveDateTime, zone: Zone) -> Result<Self, Rule> {
        check_year(local.date(), NAME)?;
        Ok(Self {
            date: local.date(),
            clock: Clock::from_naive(local.time()),
            zone,
        })
    }

    fn moment(&self) -> Moment {
        Moment::new(
            day_seconds(self.date) + self.clock.seconds(),
            self.clock.attoseconds(),
            self.zone,
        )
    }
}

const NAME: &str = "xs:dateTime";

/// Without an offset.
impl TryFrom<NaiveDateTime> for DateTime {
    type Error = Rule;

    fn try_from(local: NaiveDateTime) -> Result<Self, Rule> {
        Self::with_zone(local, Zone::Unknown)
    }
}

/// With the offset of the moment, zero as `Z`.
impl TryFrom<chrono::DateTime<FixedOffset>> for DateTime {
    type Error = Rule;

    fn try_from(moment: chrono::DateTime<FixedOffset>) -> Result<Self, Rule> {
        Self::new(moment.naive_local(), Some(*moment.offset()))
    }
}

/// With `Z`.
impl TryFrom<chrono::DateTime<Utc>> for DateTime {
    type Error = Rule;

    fn try_from(moment: chrono::DateTime<Utc>) -> Result<Self, Rule> {
        Self::with_zone(moment.naive_utc(), Zone::Utc)
    }
}

impl Value for DateTime {
    const TYPE: Option<Name> = built_in(NAME);
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        parse(lexical).ok_or_else(|| refused(lexical, NAME, |text| parse(text).is_some()))
    }

    fn write(&self, text: &mut Text<'_>) {
        let mut ascii = Ascii::new();
        write_day(self.date, &mut ascii);
        ascii.push(b'T');
        self.clock.write(&mut ascii);
        self.zone.write(&mut ascii);
        text.push_plain(ascii.as_str());
    }

    fn same(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

impl Bounded for DateTime {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.compare(other)
    }
}

lexical_text!(DateTime);

fn parse(lexical: &str) -> Option<DateTime> {
    let mut scan = Scan::new(lexical);
    let date = parse_day(&mut scan)?;
    scan.expect(b'T')?;
    let clock = Clock::parse(&mut scan)?;
    let zone = Zone::parse(&mut scan)?;
    Some(DateTime { date, clock, zone })
}

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        let parsed = from_lexical::<DateTime>(text);
        assert_eq!(parsed.is_ok(), valid, "{text:?}");
        if let Ok(moment) = parsed {
            assert_eq!(moment.to_string(), text);
        }
    }

    #[test]
    fn lexical_space() {
        for valid in [
            "2026-11-23T10:00:00",
            "2026-11-23T10:00:00Z",
            "2026-11-23T10:00:00.1234567+02:00",
            "2026-11-23T10:00:00.100-05:30",
            "2026-11-23T24:00:00",
            "-0001-12-31T23:59:59.9Z",
            "2026-11-23T10:00:00-00:00",
        ] {
            check(valid, true);
        }
        for invalid in [
            "",
            "2026-11-23",
            "2026-11-23 10:00:00",
            "2026-11-23T10:00",
            "2026-11-23t10:00:00",
            "2026-02-29T10:00:00",
            "2026-11-23T10:00:00.",
            "2026-11-23T10:00:00+2:00",
            "2026-11-23T10:00:00+0200",
            "2026-11-23T24:00:00.1",
            "2026-11-23T10:00:00 Z",
            "0000-01-01T00:00:00",
        ] {
            check(invalid, false);
        }
    }

    #[track_caller]
    fn check_order(left: &str, right: &str, expected: Option<Ordering>) {
        let (left, right): (DateTime, DateTime) = (left.parse().unwrap(), right.parse().unwrap());
        assert_eq!(left.compare(&right), expected);
        assert_eq!(right.compare(&left), expected.map(Ordering::reverse));
    }

    // The table of XML Schema Part 2, section 3.2.7.4.
    #[test]
    fn order() {
        check_order(
            "2000-01-15T00:00:00",
            "2000-02-15T00:00:00",
            Some(Ordering::Less),
        );
        check_order(
            "2000-01-15T12:00:00",
            "2000-01-16T12:00:00Z",
            Some(Ordering::Less),
        );
        check_order("2000-01-01T12:00:00", "1999-12-31T23:00:00Z", None);
        check_order("2000-01-16T12:00:00", "2000-01-16T12:00:00Z", None);
        check_order("2000-01-16T00:00:00", "2000-01-16T12:00:00Z", None);
        check_order(
            "2000-01-16T24:00:00",
            "2000-01-17T00:00:00",
            Some(Ordering::Equal),
        );
        check_order(
            "2000-01-16T10:00:00.10Z",
            "2000-01-16T11:00:00.1+01:00",
            Some(Ordering::Equal),
        );
    }

    #[test]
    fn chrono_sees_the_next_day_at_24() {
        let moment: DateTime = "2026-12-31T24:00:00Z".parse().unwrap();
        assert_eq!(
            moment.to_utc().unwrap().to_rfc3339(),
            "2027-01-01T00:00:00+00:00"
        );
    }
}
