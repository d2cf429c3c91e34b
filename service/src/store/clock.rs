//! The clock that the times in a store go by: one for all instances that share it.
//!
//! A lease is over when its time has come. Were each instance to look at a clock of its own, one that is fast would take the leases of
//! others for over while they are still trying. So in a database all times are the database's, as far as they can be known from here: it
//! is asked for its time as often as for what is due, and until the next time the own clock runs on from there.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;

use super::row::millis;
use crate::delivery::Time;
use crate::delivery::worker;

/// The time of this machine, set right.
#[derive(Debug)]
pub(super) struct Clock {
    /// This machine's.
    own: fn() -> Time,
    /// By how many milliseconds the database's is ahead of it.
    ahead: AtomicI64,
}

/// A difference that is worth a word, in milliseconds.
const WORTH_A_WORD: i64 = 2000;

impl Clock {
    pub(super) const fn new(own: fn() -> Time) -> Self {
        Self {
            own,
            ahead: AtomicI64::new(0),
        }
    }

    pub(super) fn own(&self) -> Time {
        (self.own)()
    }

    pub(super) fn now(&self) -> Time {
        self.own() + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Learns that the database, asked at `asked` by the own clock, has told the time `told`, which is heard only now.
    ///
    /// It was read at some moment in between, however long that was. What is known to be wrong of the difference is mended, and no more.
    pub(super) fn hear(&self, asked: Time, told: i64) {
        let (asked, heard) = (millis(asked), millis(self.own()));
        let ahead = self.ahead.load(Ordering::Relaxed);
        let mended = ahead.max(told - heard).min(told - asked);
        self.ahead.store(mended, Ordering::Relaxed);
        if (mended - ahead).abs() > WORTH_A_WORD {
            let seconds = mended / 1000;
            tracing::warn!(
                seconds,
                "the database's clock is ahead of this machine's; the database's counts"
            );
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(worker::now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::time;

    const fn own() -> Time {
        Time::from_timestamp_millis(1_000_000).unwrap()
    }

    #[test]
    fn only_what_is_known_to_be_wrong_is_mended() {
        let clock = Clock::new(own);
        for (asked, told, now) in [
            // Both clocks may be the same.
            (900_000, 950_000, 1_000_000),
            // It was read at the latest now, so it is ahead by that at the least.
            (900_000, 1_300_000, 1_300_000),
            // It was read at the earliest when it was asked.
            (999_000, 1_000_000, 1_001_000),
            (999_000, 999_500, 1_000_500),
            (1_000_000, 400_000, 400_000),
            // The own clock was set back in between.
            (1_000_500, 1_000_000, 999_500),
        ] {
            clock.hear(time(asked), told);
            assert_eq!(millis(clock.now()), now, "{told}");
        }
    }
}
