//! `xs:duration`.

use std::cmp::Ordering;

use chrono::TimeDelta;

use super::ascii::{Scan, number};
use super::beyond::refused;
use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A length of time in years, months, days and parts of a day (XML Schema Part 2, section 3.2.6), kept as it was written.
///
/// Each component is at most 10^15, with at most 18 fraction digits of a second; more is refused. Equality is that of
/// what was written; [`Duration::compare`] is the order of the standard.
///
/// ```
/// let week: soap::Duration = "P7D".parse()?;
/// assert_eq!(week.to_time_delta(), Some(chrono::TimeDelta::days(7)));
/// assert_eq!(week.compare(&"PT168H".parse()?), Some(std::cmp::Ordering::Equal));
/// assert_eq!("P1M".parse::<soap::Duration>()?.compare(&"P30D".parse()?), None);
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    written: Box<str>,
    /// Signed, as are the other two.
    months: i128,
    seconds: i128,
    attoseconds: i64,
}

impl Duration {
    /// As chrono's length of time, cut to nanoseconds; `None` if there are years or months in it, or it is too long.
    pub fn to_time_delta(&self) -> Option<TimeDelta> {
        if self.months != 0 {
            return None;
        }
        let whole = TimeDelta::try_seconds(i64::try_from(self.seconds).ok()?)?;
        whole.checked_add(&TimeDelta::nanoseconds(self.attoseconds / 1_000_000_000))
    }

    /// The order of the standard: `None` where it depends on the month that one begins in.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        // The four of section 3.2.6.2, between which all differences of month lengths show.
        const STARTS: [(i128, i128); 4] = [(1696, 9), (1697, 2), (1903, 3), (1903, 7)];
        let mut orders = STARTS
            .iter()
            .map(|start| self.after(*start).cmp(&other.after(*start)));
        let first = orders.next()?;
        orders.all(|order| order == first).then_some(first)
    }

    /// Seconds and attoseconds on the time line, counted from the first day of a month.
    fn after(&self, (year, month): (i128, i128)) -> (i128, i64) {
        let months = year * 12 + (month - 1) + self.months;
        let days = days_before(months.div_euclid(12), months.rem_euclid(12) + 1);
        let (carry, attoseconds) = if self.attoseconds < 0 {
            (-1, self.attoseconds + SECOND)
        } else {
            (0, self.attoseconds)
        };
        (days * 86_400 + self.seconds + carry, attoseconds)
    }
}

/// One second in attoseconds.
const SECOND: i64 = 1_000_000_000_000_000_000;

const NAME: &str = "xs:duration";

/// Days from a fixed day long ago to the first of a month in the Gregorian calendar.
fn days_before(year: i128, month: i128) -> i128 {
    // Years that begin in March have the leap day last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
}

/// As seconds, with as many fraction digits as needed.
impl From<TimeDelta> for Duration {
    fn from(delta: TimeDelta) -> Self {
        let sign = if delta < TimeDelta::zero() { "-" } else { "" };
        let (seconds, nanoseconds) = (delta.num_seconds(), delta.subsec_nanos());
        let fraction = format!("{:09}", nanoseconds.unsigned_abs());
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        Self {
            written: format!("{sign}PT{}{point}{fraction}S", seconds.unsigned_abs()).into(),
            months: 0,
            seconds: seconds.into(),
            attoseconds: i64::from(nanoseconds) * 1_000_000_000,
        }
    }
}

impl Value for Duration {
    const TYPE: Option<Name> = built_in(NAME);
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        parse(lexical).ok_or_else(|| refused(lexical, NAME, |text| parse(text).is_some()))
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push(&self.written);
    }

    fn same(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

impl Bounded for Duration {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.compare(other)
    }
}

lexical_text!(Duration);

fn parse(lexical: &str) -> Option<Duration> {
    let mut scan = Scan::new(lexical);
    let negative = scan.take(b'-');
    scan.expect(b'P')?;
    let [years, months, days] = components(&mut scan, [b'Y', b'M', b'D'])?.0;
    let mut any = years.or(months).or(days).is_some();
    let (mut seconds, mut attoseconds) = (i128::from(days.unwrap_or(0)) * 86_400, 0);
    if scan.take(b'T') {
        let ([hours, minutes, whole], fraction) = components(&mut scan, [b'H', b'M', b'S'])?;
        hours.or(minutes).or(whole)?;
        any = true;
        let of = |component: Option<u64>, unit: i128| i128::from(component.unwrap_or(0)) * unit;
        seconds += of(hours, 3600) + of(minutes, 60) + of(whole, 1);
        attoseconds = fraction;
    }
    if !any || !scan.is_done() {
        return None;
    }
    let months = i128::from(years.unwrap_or(0)) * 12 + i128::from(months.unwrap_or(0));
    let sign = if negative { -1 } else { 1 };
    Some(Duration {
        written: lexical.into(),
        months: months * sign,
        seconds: seconds * sign,
        attoseconds: attoseconds * sign as i64,
    })
}

/// Takes up to three numbers, each followed by its letter, in order; only seconds have a fraction, in attoseconds.
fn components(scan: &mut Scan<'_>, letters: [u8; 3]) -> Option<([Option<u64>; 3], i64)> {
    const MOST: u64 = 1_000_000_000_000_000;
    let mut values = [None; 3];
    let mut fraction = 0;
    let mut from = 0;
    loop {
        let digits = scan.digits();
        if digits.is_empty() {
            return Some((values, fraction));
        }
        if scan.take(b'.') {
            let digits = scan.digits();
            let places = u32::try_from(digits.len())
                .ok()
                .filter(|places| (1..=18).contains(places))?;
            fraction = i64::try_from(number(digits)?).ok()? * 10_i64.pow(18 - places);
            from = 2;
            if letters[2] != b'S' {
                return None;
            }
        }
        let index = (from..3).find(|index| scan.take(letters[*index]))?;
        values[index] = Some(number(digits).filter(|value| *value <= MOST)?);
        from = index + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        let parsed = from_lexical::<Duration>(text);
        assert_eq!(parsed.is_ok(), valid, "{text:?}");
        if let Ok(duration) = parsed {
            assert_eq!(duration.to_string(), text);
        }
    }

    #[test]
    fn lexical_space() {
        for valid in [
            "P1Y",
            "P1Y2M3DT10H30M",
            "-P120D",
            "P1347M",
            "PT1.5S",
            "P0Y1347M0D",
            "PT0S",
            "P01D",
            "PT1M",
        ] {
            check(valid, true);
        }
        for invalid in [
            "",
            "P",
            "PT",
            "P1",
            "P1S",
            "P1YT",
            "P-1347M",
            "P1M1Y",
            "+P1Y",
            "1Y",
            "P1.5Y",
            "PT1.S",
            "PT.5S",
            "PT1.5M",
            "P1D1D",
            "P1H",
            "p1y",
            "P1Y T1H",
            "P99999999999999999999Y",
            "PT1.5S1S",
        ] {
            check(invalid, false);
        }
    }

    #[track_caller]
    fn check_order(left: &str, right: &str, expected: Option<Ordering>) {
        let (left, right): (Duration, Duration) = (left.parse().unwrap(), right.parse().unwrap());
        assert_eq!(left.compare(&right), expected, "{left} and {right}");
        assert_eq!(right.compare(&left), expected.map(Ordering::reverse));
    }

    // The table of XML Schema Part 2, section 3.2.6.2.
    #[test]
    fn order() {
        check_order("P1Y", "P364D", Some(Ordering::Greater));
        check_order("P1Y", "P365D", None);
        check_order("P1Y", "P366D", None);
        check_order("P1Y", "P367D", Some(Ordering::Less));
        check_order("P1M", "P27D", Some(Ordering::Greater));
        check_order("P1M", "P28D", None);
        check_order("P1M", "P31D", None);
        check_order("P1M", "P32D", Some(Ordering::Less));
        check_order("P5M", "P149D", Some(Ordering::Greater));
        check_order("P5M", "P150D", None);
        check_order("P5M", "P153D", None);
        check_order("P5M", "P154D", Some(Ordering::Less));
        check_order("P12M", "P1Y", Some(Ordering::Equal));
        check_order("-PT0.5S", "-PT0.25S", Some(Ordering::Less));
        check_order("-PT0.5S", "PT0S", Some(Ordering::Less));
    }

    #[test]
    fn from_chrono() {
        let delta = TimeDelta::seconds(-90) - TimeDelta::milliseconds(500);
        assert_eq!(Duration::from(delta).to_string(), "-PT90.5S");
        assert_eq!(Duration::from(delta).to_time_delta(), Some(delta));
    }
}
