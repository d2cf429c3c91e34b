//! Dates, times and durations (XSD 1.0 Part 2, 3.2.6 to 3.2.14).

use std::cmp::Ordering;

use regex::Captures;

use super::lexis::compiled;

/// A date or a time on the line of time, from which its kind has left parts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Seconds of a clock that shows what is written.
    local: i128,
    /// Attoseconds beside them.
    fraction: i128,
    /// Minutes east of Greenwich, if that is said.
    offset: Option<i128>,
}

/// The greatest offset in minutes.
const MOST: i128 = 14 * 60;

/// Each kind with its form; the groups are called by their units.
const KINDS: [(&str, &str); 8] = [
    ("date", "(?<y>Y)-(?<m>DD)-(?<d>DD)"),
    ("dateTime", "(?<y>Y)-(?<m>DD)-(?<d>DD)TCLOCK"),
    ("time", "CLOCK"),
    ("gYear", "(?<y>Y)"),
    ("gYearMonth", "(?<y>Y)-(?<m>DD)"),
    // With two dashes more in the first edition, before the erratum E2-12.
    ("gMonth", "--(?<m>DD)(?:--)?"),
    ("gMonthDay", "--(?<m>DD)-(?<d>DD)"),
    ("gDay", "---(?<d>DD)"),
];

impl Moment {
    /// Whether values of the built-in type are such.
    pub(super) fn is_of(kind: &str) -> bool {
        KINDS.iter().any(|(name, _)| *name == kind)
    }

    /// None where the text is no form of the type `kind`.
    pub(super) fn read(kind: &str, text: &str) -> Option<Self> {
        let (_, form) = KINDS.iter().find(|(name, _)| *name == kind)?;
        let made = || {
            let form = form
                .replace("CLOCK", r"(?<h>DD):(?<min>DD):(?<s>DD)(?:\.(?<f>D+))?")
                .replace("DD", "[0-9]{2}")
                .replace("D+", "[0-9]+")
                .replace("Y)", "-?(?:[1-9][0-9]{4,}|[0-9]{4}))");
            Some(format!("^{form}(?<z>Z|[+-][0-9]{{2}}:[0-9]{{2}})?$"))
        };
        let regex = compiled(kind, made)?;
        Self::of(&regex.captures(text)?)
    }

    fn of(captures: &Captures<'_>) -> Option<Self> {
        let part = |name: &str, absent: i128| match captures.name(name) {
            Some(part) => part.as_str().parse().ok(),
            None => Some(absent),
        };
        // In a leap year, and in a month of 31 days, every day that there is has its place.
        let (year, month, day) = (part("y", 2000)?, part("m", 1)?, part("d", 1)?);
        let (hour, minute, second) = (part("h", 0)?, part("min", 0)?, part("s", 0)?);
        let fraction = captures.name("f").map_or("", |part| part.as_str());
        let at_end =
            hour == 24 && minute == 0 && second == 0 && fraction.bytes().all(|digit| digit == b'0');
        // There is no year 0 (3.2.7.1), and the one before 1 is written -1.
        let year = match year {
            0 => return None,
            1.. => year,
            _ => year + 1,
        };
        let in_year = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if !in_year || !(hour < 24 || at_end) || minute > 59 || second > 59 {
            return None;
        }
        Some(Self {
            local: ((days_before(year, month) + day) * 24 + hour) * 3600 + minute * 60 + second,
            fraction: format!("{fraction:0<18}").get(..18)?.parse().ok()?,
            offset: match captures.name("z") {
                Some(zone) => Some(offset(zone.as_str())?),
                None => None,
            },
        })
    }

    /// The order of 3.2.7.4; none where it hangs on an offset that is not said.
    pub(super) fn cmp(&self, other: &Self) -> Option<Ordering> {
        let at = |moment: &Self, offset: i128| (moment.local - offset * 60, moment.fraction);
        match (self.offset, other.offset) {
            (None, None) => Some(at(self, 0).cmp(&at(other, 0))),
            (Some(one), Some(two)) => Some(at(self, one).cmp(&at(other, two))),
            (Some(one), None) => {
                let here = at(self, one);
                let orders = [-MOST, MOST].map(|offset| here.cmp(&at(other, offset)));
                (orders[0] == orders[1]).then_some(orders[0])
            }
            (None, Some(_)) => other.cmp(self).map(Ordering::reverse),
        }
    }
}

/// Minutes east of Greenwich.
fn offset(zone: &str) -> Option<i128> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone[1..].split_once(':')?;
    let (hours, minutes): (i128, i128) = (hours.parse().ok()?, minutes.parse().ok()?);
    let east = hours * 60 + minutes;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    (minutes < 60 && east <= MOST).then_some(sign * east)
}

fn is_leap(year: i128) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn days_in(year: i128, month: i128) -> i128 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before(year: i128, month: i128) -> i128 {
    let years = year - 1;
    let days = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    days + (1..month).map(|month| days_in(year, month)).sum::<i128>()
}

/// 3.2.6.1: at least one part, and one after a `T`.
pub(super) fn is_duration(text: &str) -> bool {
    duration(text).is_some()
}

/// Months, and attoseconds, of a duration.
pub(super) fn length_of(text: &str) -> Option<(i128, i128)> {
    let captures = duration(text)?;
    let part = |name: &str| {
        captures
            .name(name)
            .map_or(Some(0), |part| part.as_str().parse().ok())
    };
    let sign: i128 = if text.starts_with('-') { -1 } else { 1 };
    let months: i128 = part("y")? * 12 + part("mo")?;
    let seconds: i128 = ((part("d")? * 24 + part("h")?) * 60 + part("mi")?) * 60 + part("s")?;
    let fraction = captures.name("f").map_or("", |part| part.as_str());
    let fraction: i128 = format!("{fraction:0<18}").get(..18)?.parse().ok()?;
    Some((
        sign * months,
        sign * (seconds * 1_000_000_000_000_000_000 + fraction),
    ))
}

fn duration(text: &str) -> Option<Captures<'_>> {
    const FORM: &str = r"^-?P(?:(?<y>\d+)Y)?(?:(?<mo>\d+)M)?(?:(?<d>\d+)D)?(?<t>T(?:(?<h>\d+)H)?(?:(?<mi>\d+)M)?(?:(?<s>\d+)(?:\.(?<f>\d+))?S)?)?$";
    let regex = compiled("duration", || Some(FORM.replace(r"\d", "[0-9]")))?;
    let captures = regex.captures(text)?;
    let has = |names: &[&str]| names.iter().any(|name| captures.name(name).is_some());
    let in_day = has(&["h", "mi", "s"]);
    let any = in_day || has(&["y", "mo", "d"]);
    (any && (in_day || !has(&["t"]))).then_some(captures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, one: &str, other: &str, expected: Option<Ordering>) {
        let read = |text| Moment::read(kind, text).expect("a form");
        assert_eq!(read(one).cmp(&read(other)), expected, "{one} {other}");
    }

    /// The table of 3.2.7.4.
    #[test]
    fn moments_are_in_order() {
        check(
            "dateTime",
            "2000-01-15T00:00:00",
            "2000-02-15T00:00:00",
            Some(Ordering::Less),
        );
        check(
            "dateTime",
            "2000-01-15T12:00:00",
            "2000-01-16T12:00:00Z",
            Some(Ordering::Less),
        );
        check(
            "dateTime",
            "2000-01-01T12:00:00",
            "1999-12-31T23:00:00Z",
            None,
        );
        check(
            "dateTime",
            "2000-01-16T24:00:00",
            "2000-01-17T00:00:00.0",
            Some(Ordering::Equal),
        );
        check("date", "-0001-12-31", "0001-01-01", Some(Ordering::Less));
        check("time", "12:00:00+01:00", "11:00:00Z", Some(Ordering::Equal));
    }

    #[test]
    fn durations_have_parts() {
        for text in ["P1Y", "-PT0.5S", "P1DT1M"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["P", "PT", "P1DT", "PT.5S", "PT1.S", "P1M1Y", "+P1D"] {
            assert!(!is_duration(text), "{text}");
        }
        assert_eq!(length_of("P1DT1H"), length_of("PT25H"));
    }
}
