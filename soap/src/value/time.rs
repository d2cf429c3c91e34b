//! `xs:time`, and the clock that it shares with `xs:dateTime`.

use std::cmp::Ordering;

use chrono::{FixedOffset, NaiveTime, Timelike};

use super::ascii::{Ascii, Scan, number};
use super::beyond::refused;
use super::zone::{Moment, Zone};
use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A time of day with or without an offset (XML Schema Part 2, section 3.2.8), kept as it was written.
///
/// Equality is that of what was written; [`Time::compare`] is the order of the standard. At most 18 fraction digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    clock: Clock,
    zone: Zone,
}

impl Time {
    /// A time of day, with an offset if there is one. Fraction digits are as many as needed; a leap second becomes the
    /// second before it.
    ///
    /// # Errors
    /// The offset is not of whole minutes up to 14 hours.
    pub fn new(time: NaiveTime, offset: Option<FixedOffset>) -> Result<Self, Rule> {
        let zone = offset.map_or(Ok(Zone::Unknown), |offset| Zone::from_offset(offset, NAME))?;
        Ok(Self {
            clock: Clock::from_naive(time),
            zone,
        })
    }

    /// The time without its offset, cut to nanoseconds; `24:00:00` is midnight.
    pub fn naive(&self) -> NaiveTime {
        self.clock.naive()
    }

    /// The offset, if one was given; `Z` is zero.
    pub fn offset(&self) -> Option<FixedOffset> {
        self.zone.offset()
    }

    /// The order of the standard, both on one day: `None` where only one side has an offset and the times are too close
    /// to tell.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        self.moment().compare(other.moment())
    }

    fn moment(&self) -> Moment {
        // As a time of day `24:00:00` is `00:00:00`.
        Moment::new(
            self.clock.seconds() % 86_400,
            self.clock.attoseconds(),
            self.zone,
        )
    }
}

const NAME: &str = "xs:time";

impl Value for Time {
    const TYPE: Option<Name> = built_in(NAME);
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        parse(lexical).ok_or_else(|| refused(lexical, NAME, |text| parse(text).is_some()))
    }

    fn write(&self, text: &mut Text<'_>) {
        let mut ascii = Ascii::new();
        self.clock.write(&mut ascii);
        self.zone.write(&mut ascii);
        text.push_plain(ascii.as_str());
    }

    fn same(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

impl Bounded for Time {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.compare(other)
    }
}

lexical_text!(Time);

fn parse(lexical: &str) -> Option<Time> {
    let mut scan = Scan::new(lexical);
    let clock = Clock::parse(&mut scan)?;
    let zone = Zone::parse(&mut scan)?;
    Some(Time { clock, zone })
}

/// `HH:MM:SS` and a fraction, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Clock {
    /// 24 only if all else is zero.
    hour: u8,
    minute: u8,
    second: u8,
    fraction_digits: u8,
    fraction: u64,
}

/// Fraction digits that are kept; more are refused.
const MOST_FRACTION_DIGITS: usize = 18;

impl Clock {
    pub(super) fn parse(scan: &mut Scan<'_>) -> Option<Self> {
        let hour = scan.two_digits()?;
        scan.expect(b':')?;
        let minute = scan.two_digits()?;
        scan.expect(b':')?;
        let second = scan.two_digits()?;
        let digits = if scan.take(b'.') {
            Some(scan.digits())
        } else {
            None
        };
        if digits.is_some_and(|digits| digits.is_empty() || digits.len() > MOST_FRACTION_DIGITS) {
            return None;
        }
        let digits = digits.unwrap_or_default();
        let fraction = number(digits).unwrap_or(0);
        let in_day = hour < 24 && minute < 60 && second < 60;
        let end_of_day = hour == 24 && minute == 0 && second == 0 && fraction == 0;
        let fraction_digits = digits.len() as u8;
        (in_day || end_of_day).then_some(Self {
            hour,
            minute,
            second,
            fraction_digits,
            fraction,
        })
    }

    pub(super) fn from_naive(time: NaiveTime) -> Self {
        // chrono shows a leap second as a second of up to two billion nanoseconds.
        let nanoseconds = time.nanosecond().min(999_999_999);
        let (mut fraction, mut fraction_digits) = (u64::from(nanoseconds), 9);
        while fraction_digits > 0 && fraction.is_multiple_of(10) {
            fraction /= 10;
            fraction_digits -= 1;
        }
        let (hour, minute, second) = (time.hour() as u8, time.minute() as u8, time.second() as u8);
        Self {
            hour,
            minute,
            second,
            fraction_digits,
            fraction,
        }
    }

    pub(super) fn write(self, text: &mut Ascii) {
        text.push_number(self.hour.into(), 2);
        text.push(b':');
        text.push_number(self.minute.into(), 2);
        text.push(b':');
        text.push_number(self.second.into(), 2);
        if self.fraction_digits > 0 {
            text.push(b'.');
            text.push_number(self.fraction, self.fraction_digits.into());
        }
    }

    pub(super) fn is_end_of_day(self) -> bool {
        self.hour == 24
    }

    pub(super) const fn fraction_digits(self) -> u8 {
        self.fraction_digits
    }

    /// Whole seconds since the day began.
    pub(super) fn seconds(self) -> i64 {
        i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    pub(super) fn attoseconds(self) -> u64 {
        self.fraction * 10_u64.pow(MOST_FRACTION_DIGITS as u32 - u32::from(self.fraction_digits))
    }

    pub(super) fn naive(self) -> NaiveTime {
        let seconds = (self.seconds() % 86_400) as u32;
        let nanoseconds = (self.attoseconds() / 1_000_000_000) as u32;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        let parsed = from_lexical::<Time>(text);
        assert_eq!(parsed.is_ok(), valid, "{text:?}");
        if let Ok(time) = parsed {
            assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn lexical_space() {
        for valid in [
            "00:00:00",
            "23:59:59",
            "24:00:00",
            "24:00:00.000",
            "12:00:00.1234567",
            "12:00:00.10",
            "12:00:00Z",
            "12:00:00.5-05:30",
            "12:00:00.123456789012345678",
            "00:00:00.000000000000000001",
        ] {
            check(valid, true);
        }
        for invalid in [
            "",
            "24:00:01",
            "24:01:00",
            "24:00:00.1",
            "25:00:00",
            "12:60:00",
            "12:00:60",
            "12:00",
            "1:00:00",
            "12:00:00.",
            "12:00:00,5",
            "-12:00:00",
            "12:00:00.1234567890123456789",
        ] {
            check(invalid, false);
        }
    }

    #[test]
    fn chrono_and_back() {
        let time: Time = "12:34:56.1234567".parse().unwrap();
        assert_eq!(Time::new(time.naive(), None), Ok(time));
        assert_eq!("24:00:00".parse::<Time>().unwrap().naive(), NaiveTime::MIN);
    }
}
