//! Service windows: the hours, announced beforehand, in which a partner is not there (integration description 1.3.1).
//!
//! They are agreed in Danish local time. Of all time zones only this one is needed, and its rule has one line (directive 2000/84/EC), so it
//! stands here instead of a database of all of them.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use super::Time;

/// A window that returns: "every Wednesday from 05:00 to 06:00", "the second Sunday of each quarter from 22:00 to 06:00".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The day on which it begins.
    pub weekday: Weekday,
    /// Which of these days of the month it is, from 1 to 5; each of them where it is not said.
    pub nth: Option<u8>,
    /// The months, from 1 to 12, in which it occurs; each where none is said.
    pub months: Vec<u8>,
    /// When it begins.
    pub from: NaiveTime,
    /// When it ends: on the day after, where this is not later than `from`.
    pub to: NaiveTime,
}

/// All windows of a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows(pub Vec<Window>);

/// How many windows in a row are taken as one.
const LINKED: usize = 14;

impl Windows {
    /// The end of the window that `now` lies in; of several, the last.
    pub fn until(&self, now: Time) -> Option<Time> {
        let until = |now| self.0.iter().filter_map(|window| window.until(now)).max();
        let mut end = until(now)?;
        // A window may begin as another ends. Windows that leave no time between them at all end nowhere; a week of them is enough.
        for _ in 0..LINKED {
            match until(end) {
                Some(later) => end = later,
                None => break,
            }
        }
        Some(end)
    }
}

impl Window {
    fn until(&self, now: Time) -> Option<Time> {
        let today = local(now).date();
        let yesterday = today.checked_sub_days(Days::new(1))?;
        [yesterday, today]
            .into_iter()
            .filter(|day| self.begins_on(*day))
            .find_map(|day| {
                let over_night = Days::new(u64::from(self.to <= self.from));
                let end = instant(day.checked_add_days(over_night)?.and_time(self.to));
                (instant(day.and_time(self.from)) <= now && now < end).then_some(end)
            })
    }

    fn begins_on(&self, day: NaiveDate) -> bool {
        let nth = day.day0() / 7 + 1;
        day.weekday() == self.weekday
            && self.nth.is_none_or(|wanted| u32::from(wanted) == nth)
            && (self.months.is_empty()
                || self
                    .months
                    .iter()
                    .any(|month| u32::from(*month) == day.month()))
    }
}

/// Danish local time at `time`.
fn local(time: Time) -> NaiveDateTime {
    time.naive_utc() + offset(time)
}

/// The instant at which Danish clocks show `local`: the first of two in the hour that autumn repeats, and for one of the hour that
/// spring leaves out, what the clocks show instead.
fn instant(local: NaiveDateTime) -> Time {
    let summer = (local - TimeDelta::hours(2)).and_utc();
    if offset(summer) == TimeDelta::hours(2) {
        summer
    } else {
        (local - TimeDelta::hours(1)).and_utc()
    }
}

/// Two hours from the last Sunday of March to the last Sunday of October, both at 01:00 UTC, and one hour in winter.
fn offset(time: Time) -> TimeDelta {
    let change = |month| {
        let last = NaiveDate::from_ymd_opt(time.year(), month, 31)?;
        let sunday = last - Days::new(u64::from(last.weekday().num_days_from_sunday()));
        Some(sunday.and_hms_opt(1, 0, 0)?.and_utc())
    };
    let summer = match (change(3), change(10)) {
        (Some(begin), Some(end)) => begin <= time && time < end,
        _ => false,
    };
    TimeDelta::hours(if summer { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn windows() -> Windows {
        let weekly = Window {
            weekday: Weekday::Wed,
            nth: None,
            months: Vec::new(),
            from: clock("05:00:00"),
            to: clock("06:00:00"),
        };
        let monthly = Window {
            weekday: Weekday::Mon,
            nth: Some(1),
            from: clock("03:00:00"),
            ..weekly.clone()
        };
        let quarterly = Window {
            weekday: Weekday::Sun,
            nth: Some(2),
            months: vec![1, 4, 7, 10],
            from: clock("22:00:00"),
            to: clock("06:00:00"),
        };
        Windows(vec![weekly, monthly, quarterly])
    }

    #[test]
    fn windows_are_in_danish_time_winter_and_summer() {
        for (now, until) in [
            // A Wednesday in winter and one in summer.
            ("2026-01-14T03:59:59Z", None),
            ("2026-01-14T04:00:00Z", Some("2026-01-14T05:00:00Z")),
            ("2026-01-14T05:00:00Z", None),
            ("2026-07-15T03:30:00Z", Some("2026-07-15T04:00:00Z")),
            ("2026-07-15T04:00:00Z", None),
            ("2026-01-15T04:30:00Z", None),
            // The first Monday of a month, and the second.
            ("2026-02-02T02:00:00Z", Some("2026-02-02T05:00:00Z")),
            ("2026-02-09T02:00:00Z", None),
            // The second Sunday of a quarter's first month, over midnight.
            ("2026-04-12T20:00:00Z", Some("2026-04-13T04:00:00Z")),
            ("2026-04-13T03:59:59Z", Some("2026-04-13T04:00:00Z")),
            ("2026-05-10T20:00:00Z", None),
        ] {
            assert_eq!(windows().until(utc(now)), until.map(utc), "{now}");
        }
    }

    #[test]
    fn windows_that_touch_are_one() {
        let Windows(mut all) = windows();
        all[1].nth = None;
        all[1].to = clock("22:00:00");
        all[1].weekday = Weekday::Sun;
        let until = Windows(all).until(utc("2026-04-12T10:00:00Z"));
        assert_eq!(until, Some(utc("2026-04-13T04:00:00Z")));
    }

    #[test]
    fn clocks_change_on_the_last_sundays_of_march_and_october() {
        for (time, hours) in [
            ("2026-03-29T00:59:59Z", 1),
            ("2026-03-29T01:00:00Z", 2),
            ("2026-10-25T00:59:59Z", 2),
            ("2026-10-25T01:00:00Z", 1),
        ] {
            assert_eq!(offset(utc(time)), TimeDelta::hours(hours), "{time}");
        }
        let shown = |text: &str| instant(text.parse().unwrap());
        assert_eq!(shown("2026-03-29T02:30:00"), utc("2026-03-29T01:30:00Z"));
        assert_eq!(shown("2026-10-25T02:30:00"), utc("2026-10-25T00:30:00Z"));
    }
}
