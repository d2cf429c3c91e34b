//! Places at which the process can be made to die, for tests of what survives that.
//!
//! With the feature `fault-points`, the environment variable `SF209X_FAULT` names one and a count: at `submit/after commit=3` the
//! process aborts when it gets there for the third time, as it would by SIGKILL: nothing is unwound, nothing flushed. Without the
//! feature there is nothing here, and no cost.
//!
//! The places, as `NAME/MOMENT`: each command of the store (`submit`, `take`, `end`, `receive`, `answer`, `take answer`,
//! `decide`, `remember`, `reveal`, `erase`, `release`) has `before commit`, `after commit` and `told`, which is when its caller knows; what goes out (`message`,
//! `registration`, `answer`) has `before send` and `after send`; what comes in (`EP_JC1`, `EP_FS2`, `INTAKE`) has `before receipt`; what the
//! platform passes on (`EP_FS1`, `EP_JC2`) has `before send` and `before receipt`.

/// Dies here, if this is the place and the time.
#[cfg(feature = "fault-points")]
pub(crate) fn point(name: &str, moment: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    let wanted = WANTED.get_or_init(|| {
        let wanted = std::env::var("SF209X_FAULT").ok()?;
        let (place, count) = wanted.split_once('=')?;
        Some((place.to_owned(), count.parse().ok()?))
    });
    let Some((place, count)) = wanted else { return };
    if place.split_once('/') == Some((name, moment))
        && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *count
    {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub(crate) const fn point(_name: &str, _moment: &str) {}
