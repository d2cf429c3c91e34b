//! Time zones of dates and times, and the order of what may have none (XML Schema Part 2, sections 3.2.7.3 and 3.2.7.4).

use std::cmp::Ordering;

use chrono::FixedOffset;

use super::ascii::{Ascii, Scan};
use crate::xml::Rule;

/// The zone as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Zone {
    /// None.
    Unknown,
    /// `Z`.
    Utc,
    /// `+HH:MM` in minutes.
    East(u16),
    /// `-HH:MM` in minutes.
    West(u16),
}

/// The greatest offset, `14:00`.
const MOST_MINUTES: u16 = 14 * 60;

impl Zone {
    /// Takes what is left: a zone or nothing.
    pub(super) fn parse(scan: &mut Scan<'_>) -> Option<Self> {
        let zone = if scan.is_done() {
            Self::Unknown
        } else if scan.take(b'Z') {
            Self::Utc
        } else if scan.take(b'+') {
            Self::East(minutes(scan)?)
        } else {
            scan.expect(b'-')?;
            Self::West(minutes(scan)?)
        };
        scan.is_done().then_some(zone)
    }

    pub(super) fn write(self, text: &mut Ascii) {
        let (sign, minutes) = match self {
            Self::Unknown => return,
            Self::Utc => return text.push(b'Z'),
            Self::East(minutes) => (b'+', minutes),
            Self::West(minutes) => (b'-', minutes),
        };
        text.push(sign);
        text.push_number(u64::from(minutes / 60), 2);
        text.push(b':');
        text.push_number(u64::from(minutes % 60), 2);
    }

    /// Seconds east of Greenwich.
    pub(super) fn seconds(self) -> Option<i32> {
        match self {
            Self::Unknown => None,
            Self::Utc => Some(0),
            Self::East(minutes) => Some(i32::from(minutes) * 60),
            Self::West(minutes) => Some(-i32::from(minutes) * 60),
        }
    }

    pub(super) fn offset(self) -> Option<FixedOffset> {
        self.seconds().and_then(FixedOffset::east_opt)
    }

    /// An offset of whole minutes, at most 14 hours either way; zero becomes `Z`, as in canonical forms.
    pub(super) fn from_offset(offset: FixedOffset, type_name: &'static str) -> Result<Self, Rule> {
        let seconds = offset.local_minus_utc();
        let minutes = u16::try_from(seconds.unsigned_abs() / 60).unwrap_or(u16::MAX);
        if seconds % 60 != 0 || minutes > MOST_MINUTES {
            return Err(Rule::lexical(type_name));
        }
        Ok(match seconds {
            0 => Self::Utc,
            1.. => Self::East(minutes),
            _ => Self::West(minutes),
        })
    }
}

fn minutes(scan: &mut Scan<'_>) -> Option<u16> {
    let hours = u16::from(scan.two_digits()?);
    scan.expect(b':')?;
    let minutes = u16::from(scan.two_digits()?);
    (minutes < 60 && hours * 60 + minutes <= MOST_MINUTES).then_some(hours * 60 + minutes)
}

/// A point on the time line; without a zone it is known to 14 hours either way only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Seconds since 1970, of the local clock if the zone is unknown.
    seconds: i64,
    /// Billionths of a billionth of a second.
    attoseconds: u64,
    zoned: bool,
}

impl Moment {
    pub(super) fn new(local_seconds: i64, attoseconds: u64, zone: Zone) -> Self {
        let offset = zone.seconds();
        Self {
            seconds: local_seconds - i64::from(offset.unwrap_or(0)),
            attoseconds,
            zoned: offset.is_some(),
        }
    }

    /// The order of the standard: `None` where it is indeterminate.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        const SLACK: i64 = MOST_MINUTES as i64 * 60;
        let at = |moment: Self, shift: i64| (moment.seconds + shift, moment.attoseconds);
        match (self.zoned, other.zoned) {
            (true, false) if at(self, 0) < at(other, -SLACK) => Some(Ordering::Less),
            (true, false) if at(self, 0) > at(other, SLACK) => Some(Ordering::Greater),
            (true, false) => None,
            (false, true) => other.compare(self).map(Ordering::reverse),
            _ => Some(at(self, 0).cmp(&at(other, 0))),
        }
    }
}
