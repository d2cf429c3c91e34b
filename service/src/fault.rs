//! Places at which the process can be made to die or to stand still, for tests of what survives that.
//!
//! With the feature `fault-points`, the environment variable `SF209X_FAULT` names one and a count: at `submit/after commit=3` the
//! process aborts when it gets there for the third time, as it would by SIGKILL: nothing is unwound, nothing flushed. `SF209X_FREEZE`
//! is the same for SIGSTOP: the process stands still until somebody sends it SIGCONT. Without the feature there is nothing here, and no
//! cost.
//!
//! The places, as `NAME/MOMENT`: each command of the store (`submit`, `take`, `end`, `receive`, `answer`, `take answer`,
//! `decide`, `remember`, `reveal`, `erase`, `release`) has `before commit`, `after commit` and `told`, which is when its caller knows; what goes out (`message`,
//! `registration`, `answer`) has `before send` and `after send`; what comes in (`EP_JC1`, `EP_FS2`, `INTAKE`) has `before receipt`; what the
//! platform passes on (`EP_FS1`, `EP_JC2`) has `before send` and `before receipt`.

/// Dies or stands still here, if this is the place and the time.
#[cfg(feature = "fault-points")]
pub(crate) fn point(name: &str, moment: &str) {
    static DEATH: wanted::Point = wanted::Point::new("SF209X_FAULT");
    static FROST: wanted::Point = wanted::Point::new("SF209X_FREEZE");

    if DEATH.is_now(name, moment) {
        std::process::abort();
    }
    if FROST.is_now(name, moment) {
        let own = std::process::id().to_string();
        // Where there is no such command, nothing stands still, and whoever waits for it finds out.
        let _ = std::process::Command::new("kill")
            .args(["-STOP", &own])
            .status();
    }
}

#[cfg(feature = "fault-points")]
mod wanted {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A place and a count, as an environment variable has them.
    pub(super) struct Point {
        variable: &'static str,
        wanted: OnceLock<Option<(String, u64)>>,
        passed: AtomicU64,
    }

    impl Point {
        pub(super) const fn new(variable: &'static str) -> Self {
            Self {
                variable,
                wanted: OnceLock::new(),
                passed: AtomicU64::new(0),
            }
        }

        pub(super) fn is_now(&self, name: &str, moment: &str) -> bool {
            let wanted = self.wanted.get_or_init(|| {
                let wanted = std::env::var(self.variable).ok()?;
                let (place, count) = wanted.split_once('=')?;
                Some((place.to_owned(), count.parse().ok()?))
            });
            wanted.as_ref().is_some_and(|(place, count)| {
                place.split_once('/') == Some((name, moment))
                    && self.passed.fetch_add(1, Ordering::Relaxed) + 1 == *count
            })
        }
    }
}

/// Does nothing.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub(crate) const fn point(_name: &str, _moment: &str) {}
