//! When to try again.

use std::time::Duration;

use chrono::TimeDelta;

/// How often and how long a failing task is tried: each pause is twice the one before, up to a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The pause after the first failure.
    pub first: Duration,
    /// The longest pause.
    pub cap: Duration,
    /// The longest pause that a partner gets by asking for it: nobody silences anybody for longer than that.
    pub longest_asked: Duration,
    /// How long after it was taken on a task that fails once more is given up, and parked.
    pub give_up: TimeDelta,
}

impl Retry {
    /// The pause after the failure of attempt number `attempt`, counted from 1.
    ///
    /// `chance` takes away up to half of it, so that what failed together does not come back together. Where the partner `asked` for a
    /// pause, it gets one that is no shorter, up to [`Retry::longest_asked`], which may lie above the cap.
    pub fn after(&self, attempt: u32, asked: Option<Duration>, chance: u32) -> Duration {
        let jittered = |whole: Duration| {
            let half = whole / 2;
            half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
        };
        let doublings = attempt.saturating_sub(1).min(31);
        let own = jittered(self.first.saturating_mul(1 << doublings).min(self.cap));
        match asked {
            None => own,
            Some(asked) => own.max(asked.min(self.longest_asked) + jittered(self.first)),
        }
    }
}

impl Default for Retry {
    /// From one second to fifteen minutes, or an hour where a partner asks for it, for seven days.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            cap: Duration::from_secs(15 * 60),
            longest_asked: Duration::from_secs(60 * 60),
            give_up: TimeDelta::days(7),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_vary_by_half() {
        let retry = Retry::default();
        let seconds = |attempt, chance| retry.after(attempt, None, chance).as_secs_f64();
        for (attempt, longest) in [
            (0, 1.0),
            (1, 1.0),
            (2, 2.0),
            (5, 16.0),
            (11, 900.0),
            (u32::MAX, 900.0),
        ] {
            assert_eq!(seconds(attempt, u32::MAX), longest);
            assert_eq!(seconds(attempt, 0), longest / 2.0);
            let between = seconds(attempt, u32::MAX / 3);
            assert!(longest / 2.0 < between && between < longest, "{between}");
        }
    }

    #[test]
    fn a_partner_gets_the_pause_that_it_asks_for_up_to_an_hour() {
        let retry = Retry::default();
        for (asked, attempt, chance, pause) in [
            (0, 1, u32::MAX, 1.0),
            (30, 1, 0, 30.5),
            (30, 1, u32::MAX, 31.0),
            (30, 9, u32::MAX, 256.0),
            (1800, 30, u32::MAX, 1801.0),
            (u64::MAX, 1, 0, 3600.5),
        ] {
            let asked = Some(Duration::from_secs(asked));
            assert_eq!(retry.after(attempt, asked, chance).as_secs_f64(), pause);
        }
    }
}
