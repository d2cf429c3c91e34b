//! Who freezes: an instance of several is stopped as a host is that swaps or a virtual machine that is moved, for longer than the
//! database waits for it, and then let go on as if nothing had been. The others go on meanwhile, and it does after.

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use super::cast::{Cast, What};
use super::load::Load;
use super::points::{Chance, Party, Way};
use super::vendor::Register;

/// Where an instance freezes: with locks held, with a lease, or wherever it is.
const PLACES: [(Party, Way); 10] = [
    (Party::Ksd, Way::Frozen("end", "before commit")),
    (Party::Jobcenter, Way::Frozen("end", "before commit")),
    (Party::Ksd, Way::Frozen("take", "before commit")),
    (Party::Jobcenter, Way::Frozen("registration", "after send")),
    (Party::Ksd, Way::Never),
    (Party::Jobcenter, Way::Frozen("receive", "before commit")),
    (Party::Ksd, Way::Frozen("take answer", "before commit")),
    (Party::Jobcenter, Way::Never),
    (Party::Ksd, Way::Frozen("submit", "before commit")),
    (Party::Jobcenter, Way::Frozen("take", "before commit")),
];

/// How long an instance stands still: longer than the database leaves it its locks, and than its leases last.
const STILL: Duration = Duration::from_secs(30);

/// By when the others go on: the database takes locks back after ten seconds, and nobody waits longer for one than fifteen.
const PROMISED: Duration = Duration::from_secs(16);

/// By when whoever is let go on does, or comes by the place where it is to freeze.
const SOON: Duration = Duration::from_secs(30);

/// How many cases are under way meanwhile.
const CASES: usize = 8;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);

/// Freezes instances, and counts.
#[derive(Default)]
pub(crate) struct Freezer {
    frozen: u32,
    /// The longest time for which nobody registered anything while one stood still.
    longest: Duration,
}

impl Freezer {
    /// Freezes `wanted` times, of processes that live.
    ///
    /// # Errors
    /// The others stood still for longer than is promised, or what was frozen does not go on.
    pub(crate) fn freeze(
        &mut self,
        cast: &mut Cast,
        load: &Load,
        chance: &mut Chance,
        wanted: u32,
    ) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("the register: {error}");
        let mut register = Register::open(&cast.register()).map_err(failed)?;
        let mut moved = |load: &Load| -> Result<usize, String> {
            let registered = register.count().map_err(failed)?;
            if load.acknowledged() < registered + CASES {
                load.begin(1);
            }
            Ok(registered)
        };
        for (party, way) in PLACES.into_iter().cycle().take(wanted as usize) {
            let of_party = cast.slots.iter().enumerate();
            let of_party = of_party.filter(|(_, slot)| slot.party == party);
            let slots: Vec<usize> = of_party.map(|(index, _)| index).collect();
            let slot = slots[chance.below(slots.len())];
            let told = format!("{party} frozen at {way}");
            cast.replace(slot, way, 1 + chance.below(5))?;
            let pid = cast.process(slot).ok_or("nothing to freeze")?;
            self.reach(cast, slot, way, pid, chance, || moved(load).map(drop))
                .map_err(|error| format!("{told}: {error}"))?;
            let longest = Self::watch(cast, slot, || moved(load));
            signal("CONT", pid)?;
            let longest = longest.map_err(|error| format!("{told}: {error}"))?;
            eprintln!("{told}: the longest pause of the others was {longest:.1?}");
            self.longest = self.longest.max(longest);
            recovers(cast, slot, || moved(load).map(drop))
                .map_err(|error| format!("{told}: {error}"))?;
            self.frozen += 1;
        }
        Ok(())
    }

    /// Waits until the process stands still.
    fn reach(
        &self,
        cast: &mut Cast,
        slot: usize,
        way: Way,
        pid: u32,
        chance: &mut Chance,
        mut look: impl FnMut() -> Result<(), String>,
    ) -> Result<(), String> {
        let started = Instant::now();
        let mut answers = 20 + chance.below(50);
        while !stands_still(pid)? {
            look()?;
            match cast.event(LOOK) {
                Some(event) if event.slot != slot => {}
                Some(event) if event.what == What::Gone => return Err("it ended".to_owned()),
                Some(event) if event.what == What::Answered => {
                    answers = answers.saturating_sub(1);
                    if answers == 0 && way == Way::Never {
                        signal("STOP", pid)?;
                    }
                }
                _ if started.elapsed() > SOON => return Err("it never came there".to_owned()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Sees that the others go on; the longest time for which they did not.
    fn watch(
        cast: &mut Cast,
        slot: usize,
        mut registered: impl FnMut() -> Result<usize, String>,
    ) -> Result<Duration, String> {
        let started = Instant::now();
        let (mut last, mut count, mut longest) = (started, registered()?, Duration::ZERO);
        while started.elapsed() < STILL {
            if let Some(event) = cast.event(LOOK)
                && event.what == What::Gone
            {
                return Err(format!(
                    "{} ended",
                    if event.slot == slot { "it" } else { "another" }
                ));
            }
            let now = registered()?;
            longest = longest.max(last.elapsed());
            if now > count {
                (last, count) = (Instant::now(), now);
            }
            if last.elapsed() > PROMISED {
                return Err(format!("nothing was registered for {PROMISED:?}"));
            }
        }
        Ok(longest)
    }
}

/// Waits until the process in `slot` answers somebody again.
fn recovers(
    cast: &mut Cast,
    slot: usize,
    mut look: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let started = Instant::now();
    let mut answers = 0;
    while answers < 10 {
        look()?;
        match cast.event(LOOK) {
            Some(event) if event.what == What::Gone => return Err("it ended after".to_owned()),
            Some(event) if event.slot == slot && event.what == What::Answered => answers += 1,
            _ if started.elapsed() > SOON => return Err("it does not go on".to_owned()),
            _ => {}
        }
    }
    Ok(())
}

fn signal(signal: &str, pid: u32) -> Result<(), String> {
    let done = Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .status();
    match done {
        Ok(status) if status.success() => Ok(()),
        done => Err(format!("kill -{signal}: {done:?}")),
    }
}

/// Whether the process is stopped, as `ps` has it.
fn stands_still(pid: u32) -> Result<bool, String> {
    let state = Command::new("ps")
        .args(["-o", "state=", "-p", &pid.to_string()])
        .output();
    let state = state.map_err(|error| format!("ps: {error}"))?;
    Ok(state.stdout.starts_with(b"T"))
}

impl fmt::Display for Freezer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frozen, longest } = self;
        writeln!(
            f,
            "{frozen} frozen for {STILL:?} each; the others paused for {longest:.1?} at most"
        )
    }
}
