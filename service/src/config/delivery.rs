//! `[delivery]`: where what is owed is kept, and how it is seen to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta, Weekday};
use serde::Deserialize;

use super::{Wrong, wrong};
use crate::delivery::schedule::Retry;
use crate::delivery::window::{Window, Windows};
use crate::store::Location;

/// How KSD and the Jobcenters keep and deliver what they owe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where their stores are.
    pub store: Location,
    /// When to try again what failed.
    pub retry: Retry,
    /// When the platform is not there, as announced.
    pub windows: Windows,
    /// How many calls of one kind are under way at once.
    pub concurrency: usize,
    /// How many of them for one municipality; one at a time for one whose last call failed. Half of `concurrency` is for the first call of
    /// each municipality that does not fail.
    pub per_municipality: usize,
    /// How often the store is asked for what other processes put there.
    pub poll: Duration,
    /// How long the case system of a Jobcenter may take for one message.
    pub register: Duration,
    /// How long after its delivery a message must be answered.
    pub answer_within: TimeDelta,
    /// How long the documents of what is over are kept.
    pub keep: TimeDelta,
}

/// Where stores are, unless it is said: beside the configuration.
const DATA: &str = "sf209x-data";

impl Default for Delivery {
    fn default() -> Self {
        Self {
            store: Location::Directory(PathBuf::from(DATA)),
            retry: Retry::default(),
            windows: Windows::default(),
            concurrency: 32,
            per_municipality: 8,
            poll: Duration::from_secs(1),
            register: Duration::from_secs(30),
            answer_within: TimeDelta::days(3),
            keep: TimeDelta::days(90),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    data: Option<PathBuf>,
    store: Option<String>,
    first_pause_millis: Option<u64>,
    longest_pause_seconds: Option<u64>,
    longest_retry_after_seconds: Option<u64>,
    give_up_days: Option<u64>,
    concurrency: Option<u64>,
    per_municipality: Option<u64>,
    poll_millis: Option<u64>,
    register_seconds: Option<u64>,
    answer_within_hours: Option<u64>,
    keep_days: Option<u64>,
    #[serde(default)]
    windows: Vec<RawWindow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWindow {
    weekday: String,
    nth: Option<u8>,
    #[serde(default)]
    months: Vec<u8>,
    from: String,
    to: String,
}

/// Relative paths are relative to `folder`, that of the configuration file.
pub(super) fn checked(raw: Raw, folder: &Path) -> Result<Delivery, Wrong> {
    let default = Delivery::default();
    let days = |key, given, max, default: TimeDelta| {
        let days = number(key, given, 1, max)?;
        Ok::<_, Wrong>(days.map_or(default, |days| TimeDelta::days(days.cast_signed())))
    };
    let give_up = days("give_up_days", raw.give_up_days, 366, default.retry.give_up)?;
    let keep = days("keep_days", raw.keep_days, 3660, default.keep)?;
    if keep < give_up {
        return Err(wrong(
            "delivery.keep_days",
            "must not be less than give_up_days: a partner may repeat a message that long, and then gets its answer again",
        ));
    }
    let first = number("first_pause_millis", raw.first_pause_millis, 1, 60_000)?;
    let cap = number(
        "longest_pause_seconds",
        raw.longest_pause_seconds,
        1,
        86_400,
    )?;
    let asked = number(
        "longest_retry_after_seconds",
        raw.longest_retry_after_seconds,
        1,
        86_400,
    )?;
    let retry = Retry {
        first: first.map_or(default.retry.first, Duration::from_millis),
        cap: cap.map_or(default.retry.cap, Duration::from_secs),
        longest_asked: asked.map_or(default.retry.longest_asked, Duration::from_secs),
        give_up,
    };
    let count = |key, given, default| {
        let count = number(key, given, 1, 1000)?;
        Ok::<_, Wrong>(count.map_or(default, |count| usize::try_from(count).unwrap_or(default)))
    };
    let poll = number("poll_millis", raw.poll_millis, 10, 60_000)?;
    let register = number("register_seconds", raw.register_seconds, 1, 3600)?;
    let hours = number("answer_within_hours", raw.answer_within_hours, 1, 8784)?;
    let windows = raw.windows.iter().enumerate();
    let windows = windows.map(|(index, raw)| window(&format!("delivery.windows[{index}]"), raw));
    Ok(Delivery {
        store: location(raw.data, raw.store, folder)?,
        retry,
        windows: Windows(windows.collect::<Result<_, _>>()?),
        concurrency: count("concurrency", raw.concurrency, default.concurrency)?,
        per_municipality: count(
            "per_municipality",
            raw.per_municipality,
            default.per_municipality,
        )?,
        poll: poll.map_or(default.poll, Duration::from_millis),
        register: register.map_or(default.register, Duration::from_secs),
        answer_within: hours.map_or(default.answer_within, |hours| {
            TimeDelta::hours(hours.cast_signed())
        }),
        keep,
    })
}

fn location(
    data: Option<PathBuf>,
    store: Option<String>,
    folder: &Path,
) -> Result<Location, Wrong> {
    match (data, store) {
        (Some(_), Some(_)) => Err(wrong(
            "delivery.data",
            "stands beside delivery.store; one of them decides",
        )),
        (Some(data), None) => Ok(Location::Directory(folder.join(data))),
        (None, Some(url)) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok(Location::Postgres(url))
        }
        // The value may hold a password, so it is not repeated.
        (None, Some(_)) => Err(wrong(
            "delivery.store",
            "must be a postgres:// URL; a directory goes into data",
        )),
        (None, None) => Ok(Location::Directory(folder.join(DATA))),
    }
}

fn number(key: &str, given: Option<u64>, min: u64, max: u64) -> Result<Option<u64>, Wrong> {
    match given {
        Some(number) if !(min..=max).contains(&number) => Err(wrong(
            format!("delivery.{key}"),
            format!("must lie between {min} and {max}"),
        )),
        given => Ok(given),
    }
}

fn window(key: &str, raw: &RawWindow) -> Result<Window, Wrong> {
    let clock = |name: &str, text: &str| {
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
            wrong(
                format!("{key}.{name}"),
                format!("{text:?} is not a time such as 05:00"),
            )
        })
    };
    let weekday: Weekday = raw.weekday.parse().map_err(|_| {
        wrong(
            format!("{key}.weekday"),
            format!("{:?} is not a day such as monday", raw.weekday),
        )
    })?;
    if raw.nth.is_some_and(|nth| !(1..=5).contains(&nth)) {
        return Err(wrong(format!("{key}.nth"), "must lie between 1 and 5"));
    }
    if raw.months.iter().any(|month| !(1..=12).contains(month)) {
        return Err(wrong(format!("{key}.months"), "must lie between 1 and 12"));
    }
    Ok(Window {
        weekday,
        nth: raw.nth,
        months: raw.months.clone(),
        from: clock("from", &raw.from)?,
        to: clock("to", &raw.to)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<Delivery, &str>) {
        let raw: Raw = toml::from_str(text).unwrap();
        let checked = checked(raw, Path::new("/etc/sf209x"));
        match (checked, expected) {
            (Ok(delivery), Ok(expected)) => assert_eq!(delivery, expected),
            (Err(Wrong { key, .. }), Err(expected)) => assert_eq!(key, expected),
            (checked, expected) => panic!("{:?}, not {expected:?}", checked.map_err(|e| e.reason)),
        }
    }

    #[test]
    fn settings_are_checked() {
        let default = |store: &str| Delivery {
            store: Location::Directory(PathBuf::from(store)),
            ..Delivery::default()
        };
        check("", Ok(default("/etc/sf209x/sf209x-data")));
        check(
            "data = 'x'\npoll_millis = 50",
            Ok(Delivery {
                poll: Duration::from_millis(50),
                ..default("/etc/sf209x/x")
            }),
        );
        check("data = 'x'\nstore = 'postgres://x/y'", Err("delivery.data"));
        check("store = 'mysql://x/y'", Err("delivery.store"));
        check(
            "data = 'x'\nlongest_retry_after_seconds = 28800",
            Ok(Delivery {
                retry: Retry {
                    longest_asked: Duration::from_secs(28_800),
                    ..Retry::default()
                },
                ..default("/etc/sf209x/x")
            }),
        );
        let long = "longest_retry_after_seconds = 86401";
        check(long, Err("delivery.longest_retry_after_seconds"));
        check("keep_days = 3", Err("delivery.keep_days"));
        check("concurrency = 0", Err("delivery.concurrency"));
        let window = |line: &str| {
            format!("[[windows]]\nweekday = 'sunday'\nfrom = '22:00'\nto = '06:00'\n{line}")
        };
        check(&window("nth = 6"), Err("delivery.windows[0].nth"));
        check(&window("months = [0]"), Err("delivery.windows[0].months"));
        let odd = window("").replace("22:00", "10 pm");
        check(&odd, Err("delivery.windows[0].from"));
        let odd = window("").replace("sunday", "søndag");
        check(&odd, Err("delivery.windows[0].weekday"));
    }
}
