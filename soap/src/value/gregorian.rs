//! `xs:gYear`, `xs:gYearMonth`, `xs:gMonth`, `xs:gMonthDay` and `xs:gDay` (XML Schema Part 2, sections 3.2.10 to 3.2.14).

use std::cmp::Ordering;

use chrono::{FixedOffset, NaiveDate};

use super::ascii::{Ascii, Scan};
use super::beyond::refused;
use super::date::{calendar_year, day_seconds, parse_year, write_year};
use super::zone::{Moment, Zone};
use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A leap year to compare days and months in.
const LEAP_YEAR: i32 = 1972;

/// One of the five types: its fields, and how they are scanned, written and put on the time line.
macro_rules! gregorian {
    (
        $(#[$doc:meta])* $type:ident($name:literal) { $($field:ident: $number:ty = $field_doc:literal),+ }
        parse($scan:ident) $parse:block
        write($self:ident, $text:ident) $write:block
        day($day_self:ident) $day:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $type {
            $($field: $number,)+
            zone: Zone,
        }

        impl $type {
            $(
                #[doc = $field_doc]
                pub const fn $field(&self) -> $number {
                    self.$field
                }
            )+

            /// The offset, if one was given; `Z` is zero.
            pub fn offset(&self) -> Option<FixedOffset> {
                self.zone.offset()
            }

            /// The order of the standard: `None` where only one side has an offset and both are too close to tell.
            pub fn compare(&self, other: &Self) -> Option<Ordering> {
                self.moment().compare(other.moment())
            }

            fn moment(&$day_self) -> Moment {
                let day: Option<NaiveDate> = $day;
                Moment::new(day.map_or(0, day_seconds), 0, $day_self.zone)
            }

            fn scan($scan: &mut Scan<'_>) -> Option<Self> {
                let ($($field,)+) = $parse;
                Some(Self { $($field,)+ zone: Zone::parse($scan)? })
            }
        }

        impl Value for $type {
        const TYPE: Option<Name> = built_in($name);
            const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

            fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
                let scan = |text: &str| Self::scan(&mut Scan::new(text));
                scan(lexical).ok_or_else(|| refused(lexical, $name, |text| scan(text).is_some()))
            }

            fn write(&$self, out: &mut Text<'_>) {
                let mut ascii = Ascii::new();
                let $text = &mut ascii;
                $write
                $self.zone.write($text);
                out.push_plain(ascii.as_str());
            }

            fn same(&self, other: &Self) -> bool {
                self.compare(other) == Some(Ordering::Equal)
            }
        }

        impl Bounded for $type {
            fn compare(&self, other: &Self) -> Option<Ordering> {
                self.compare(other)
            }
        }

        lexical_text!($type);
    };
}

gregorian! {
    /// A year, kept as it was written: `2026`, `-0044Z`. There is no year 0.
    GYear("xs:gYear") { year: i32 = "The year; -1 is 1 BC." }
    parse(scan) { (parse_year(scan)?,) }
    write(self, text) { write_year(self.year, text); }
    day(self) NaiveDate::from_ymd_opt(calendar_year(self.year), 1, 1)
}

gregorian! {
    /// A month of a year, kept as it was written: `2026-11`.
    GYearMonth("xs:gYearMonth") { year: i32 = "The year; -1 is 1 BC.", month: u8 = "The month, from 1." }
    parse(scan) {
        let year = parse_year(scan)?;
        scan.expect(b'-')?;
        (year, month(scan)?)
    }
    write(self, text) {
        write_year(self.year, text);
        text.push(b'-');
        text.push_number(self.month.into(), 2);
    }
    day(self) NaiveDate::from_ymd_opt(calendar_year(self.year), self.month.into(), 1)
}

gregorian! {
    /// A month that recurs every year: `--11`. It is read as `--11--` too, the form of the standard before its erratum E2-12,
    /// and written without.
    GMonth("xs:gMonth") { month: u8 = "The month, from 1." }
    parse(scan) {
        dashes(scan, 2)?;
        let month = month(scan)?;
        let before = *scan;
        if dashes(scan, 2).is_none() {
            *scan = before;
        }
        (month,)
    }
    write(self, text) {
        write_dashes(text, 2);
        text.push_number(self.month.into(), 2);
    }
    day(self) NaiveDate::from_ymd_opt(LEAP_YEAR, self.month.into(), 1)
}

gregorian! {
    /// A day that recurs every year, kept as it was written: `--02-29`.
    GMonthDay("xs:gMonthDay") { month: u8 = "The month, from 1.", day: u8 = "The day of the month, from 1." }
    parse(scan) {
        dashes(scan, 2)?;
        let month = month(scan)?;
        scan.expect(b'-')?;
        let day = scan.two_digits()?;
        NaiveDate::from_ymd_opt(LEAP_YEAR, month.into(), day.into())?;
        (month, day)
    }
    write(self, text) {
        write_dashes(text, 2);
        text.push_number(self.month.into(), 2);
        text.push(b'-');
        text.push_number(self.day.into(), 2);
    }
    day(self) NaiveDate::from_ymd_opt(LEAP_YEAR, self.month.into(), self.day.into())
}

gregorian! {
    /// A day that recurs every month, kept as it was written: `---31`.
    GDay("xs:gDay") { day: u8 = "The day of the month, from 1." }
    parse(scan) {
        dashes(scan, 3)?;
        (scan.two_digits().filter(|day| (1..=31).contains(day))?,)
    }
    write(self, text) {
        write_dashes(text, 3);
        text.push_number(self.day.into(), 2);
    }
    day(self) NaiveDate::from_ymd_opt(LEAP_YEAR, 1, self.day.into())
}

fn month(scan: &mut Scan<'_>) -> Option<u8> {
    scan.two_digits().filter(|month| (1..=12).contains(month))
}

fn dashes(scan: &mut Scan<'_>, count: usize) -> Option<()> {
    (0..count).try_for_each(|_| scan.expect(b'-'))
}

fn write_dashes(text: &mut Ascii, count: usize) {
    (0..count).for_each(|_| text.push(b'-'));
}

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check<T: Value + std::fmt::Display>(valid: &[&str], invalid: &[&str]) {
        for text in valid {
            assert_eq!(from_lexical::<T>(text).unwrap().to_string(), *text);
        }
        for text in invalid {
            assert!(from_lexical::<T>(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn lexical_spaces() {
        check::<GYear>(
            &["2026", "-0044", "12026Z", "2026+01:00"],
            &["", "26", "0000", "+2026", "02026", "2026-11"],
        );
        check::<GYearMonth>(
            &["2026-11", "2026-01-05:00"],
            &["2026", "2026-13", "2026-00", "2026-1", "2026-11-01"],
        );
        check::<GMonth>(
            &["--11", "--01Z"],
            &["11", "-11", "--13", "--00", "---11", "--11-", "--11---"],
        );
        assert_eq!(
            from_lexical::<GMonth>("--11--Z").unwrap().to_string(),
            "--11Z"
        );
        check::<GMonthDay>(
            &["--02-29", "--12-31Z"],
            &["--02-30", "--04-31", "02-29", "--2-29", "--13-01"],
        );
        check::<GDay>(
            &["---31", "---01+14:00"],
            &["---32", "---00", "--31", "31", "---1"],
        );
    }

    #[test]
    fn order() {
        let days: [GMonthDay; 2] = ["--02-28".parse().unwrap(), "--03-01".parse().unwrap()];
        assert_eq!(days[0].compare(&days[1]), Some(Ordering::Less));
        let years: [GYear; 2] = ["2026".parse().unwrap(), "2026Z".parse().unwrap()];
        assert_eq!(years[0].compare(&years[1]), None);
    }
}
