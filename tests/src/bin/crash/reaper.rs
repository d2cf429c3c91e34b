//! Who kills: every process lives only for so long, and the next one in its place dies in another way.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use service::store::Location;
use tests::postgres::Postgres;

use super::cast::{Cast, What};
use super::load::Load;
use super::points::{Chance, Deck, Party, Way, ways};
use super::vendor::Register;

/// Kills processes, and counts.
pub(crate) struct Reaper<'a> {
    database: Option<&'a Postgres>,
    restarts: u32,
    chance: Chance,
    decks: BTreeMap<Party, Deck>,
    kills: BTreeMap<(Party, Way), u32>,
    took: Duration,
    /// How many messages were acknowledged and registered, together, when that was last looked at, and when that was more than before.
    done: usize,
    moved: Instant,
    /// How many were killed since, and the most of these.
    idle: u32,
    most_idle: u32,
}

/// Past so many kills in a row with nothing new acknowledged or registered, nobody is killed until there is: a system that does nothing
/// has little to lose.
const IDLE: u32 = 12;

/// Where even that brings nothing for so long, nothing ever will.
const STILL: Duration = Duration::from_secs(300);

/// Where nothing moves for so long, somebody is killed all the same.
const LULL: Duration = Duration::from_secs(2);

/// How many answers, of anybody, a process lives for at most that does not come by its fault point.
const PASSED_BY: usize = 300;

/// How many cases may be begun for each kill.
const CASES: usize = 3;

/// How many messages may be under way: past that none is begun, so that those that are meet their share of deaths.
const UNDER_WAY: usize = 200;

/// The operator is killed once in so many kills.
const OPERATED: u32 = 25;

/// The database crashes, where it is the run's own, and is started again once in so many kills.
const RESTARTED: u32 = 50;

impl<'a> Reaper<'a> {
    pub(crate) fn new(
        chance: Chance,
        location: &Location,
        signed: bool,
        database: Option<&'a Postgres>,
    ) -> Self {
        let parties = [
            Party::Ksd,
            Party::Platform,
            Party::Jobcenter,
            Party::Sts,
            Party::Operator,
        ];
        let deck = |party| (party, Deck::new(ways(party, location, signed)));
        Self {
            database,
            restarts: 0,
            chance,
            decks: parties.map(deck).into(),
            kills: BTreeMap::new(),
            took: Duration::ZERO,
            done: 0,
            moved: Instant::now(),
            idle: 0,
            most_idle: 0,
        }
    }

    fn total(&self) -> u32 {
        self.kills.values().sum()
    }

    /// Kills `wanted` times.
    ///
    /// # Errors
    /// A process ended by itself, or does not start.
    pub(crate) fn reap(&mut self, cast: &mut Cast, load: &Load, wanted: u32) -> Result<(), String> {
        let started = Instant::now();
        load.begin(8 * CASES);
        let failed = |error: std::io::Error| format!("the register: {error}");
        let mut register = Register::open(&cast.register()).map_err(failed)?;
        for slot in 0..cast.slots.len() {
            self.doom(cast, slot)?;
        }
        while self.total() < wanted {
            let mut dying = Vec::new();
            let sparing = self.idle >= IDLE;
            match cast.event(LULL) {
                None if sparing => {}
                None => dying.push((self.chance.below(cast.slots.len()), Way::Anytime)),
                Some(event) => match event.what {
                    What::Ready(_) => {}
                    What::Gone => dying.push((event.slot, cast.slots[event.slot].way)),
                    What::Answered if sparing => {}
                    What::Answered => dying.extend(burn(cast, event.slot)),
                },
            }
            if sparing || !dying.is_empty() {
                self.look(load.acknowledged() + register.count().map_err(failed)?)?;
            }
            for (slot, way) in dying {
                let excused = cast.slots[slot].excused;
                let ended = self.doom(cast, slot)?;
                if excused && ended.is_some_and(|ended| ended.code().is_some()) {
                    // It found no database as it started.
                    continue;
                }
                let party = cast.slots[slot].party;
                check(party, way, ended)?;
                self.count(party, way);
                if load.acknowledged() < register.count().map_err(failed)? + UNDER_WAY {
                    load.begin(CASES);
                }
                if self.total().is_multiple_of(RESTARTED) {
                    self.restart(cast);
                    let (kills, messages) = (self.total(), load.acknowledged());
                    eprintln!("{kills} of {wanted} kills, {messages} messages acknowledged");
                }
                if self.total().is_multiple_of(OPERATED) {
                    self.operate(cast, load)?;
                }
            }
        }
        self.took = started.elapsed();
        Ok(())
    }

    /// Takes note of how much is `done`.
    fn look(&mut self, done: usize) -> Result<(), String> {
        if done > self.done {
            self.done = done;
            self.moved = Instant::now();
            self.idle = 0;
        } else if self.idle >= IDLE && self.moved.elapsed() > STILL {
            return Err(format!(
                "nothing is acknowledged or registered for {STILL:?} though nobody is killed"
            ));
        }
        Ok(())
    }

    fn count(&mut self, party: Party, way: Way) {
        self.idle += 1;
        self.most_idle = self.most_idle.max(self.idle);
        *self.kills.entry((party, way)).or_default() += 1;
    }

    /// Replaces the process in `slot` by one whose death is decided.
    fn doom(&mut self, cast: &mut Cast, slot: usize) -> Result<Option<ExitStatus>, String> {
        let Some(deck) = self.decks.get_mut(&cast.slots[slot].party) else {
            return Ok(None);
        };
        let way = deck.draw(&mut self.chance);
        let count = match way {
            // These come once, as the process starts.
            Way::Point("erase" | "release", _) => 1,
            _ => 1 + self.chance.below(10),
        };
        cast.slots[slot].fuse = match way {
            Way::Point(..) => PASSED_BY,
            Way::Receipt => 1 + self.chance.below(30),
            Way::Anytime => 1 + self.chance.below(150),
            Way::Frozen(..) | Way::Never => usize::MAX,
        };
        cast.replace(slot, way, count)
    }

    /// Restarts the database; a process that is just starting may end over it, as whoever runs it would see.
    fn restart(&mut self, cast: &mut Cast) {
        if self.database.is_some_and(Postgres::restart) {
            self.restarts += 1;
            for slot in &mut cast.slots {
                slot.excused = !slot.ready;
            }
        }
    }

    /// Whoever decides by hand dies as well: what they asked for is done whole or not at all.
    fn operate(&mut self, cast: &Cast, load: &Load) -> Result<(), String> {
        let Some(transaction) = load.latest() else {
            return Ok(());
        };
        let Some(deck) = self.decks.get_mut(&Party::Operator) else {
            return Ok(());
        };
        let way = deck.draw(&mut self.chance);
        let transaction = transaction.to_string();
        let ended = match way {
            Way::Point("reveal", _) => cast.operate(&["show", &transaction, "--reveal"], way)?,
            _ => {
                let decision = ["retry", "park"][self.chance.below(2)];
                cast.operate(&[decision, &transaction], way)?
            }
        };
        self.count(Party::Operator, way);
        check(Party::Operator, way, Some(ended))?;
        let_go(cast, &transaction)
    }
}

/// What was held by hand is let go by hand: nothing else does. One that is over or being tried is not held.
fn let_go(cast: &Cast, transaction: &str) -> Result<(), String> {
    const DONE: i32 = 0;
    const OVER: i32 = 65;
    const UNDER_WAY: i32 = 75;
    // A database that has just crashed takes its time.
    for _ in 0..100 {
        let ended = cast.operate(&["retry", transaction], Way::Never)?;
        if let Some(DONE | OVER | UNDER_WAY) = ended.code() {
            return Ok(());
        }
    }
    Err(format!("{transaction} cannot be let go"))
}

/// An answer of the process in `answered` was passed on: whose time is over by it, and how they die.
fn burn(cast: &mut Cast, answered: usize) -> Vec<(usize, Way)> {
    let mut dying = Vec::new();
    for (index, slot) in cast.slots.iter_mut().enumerate() {
        if slot.way == Way::Receipt && index != answered {
            continue;
        }
        slot.fuse = slot.fuse.saturating_sub(1);
        if slot.fuse == 0 {
            let way = match slot.way {
                Way::Receipt => Way::Receipt,
                _ => Way::Anytime,
            };
            dying.push((index, way));
        }
    }
    dying
}

/// A process dies of what was done to it, and of nothing else.
fn check(party: Party, way: Way, ended: Option<ExitStatus>) -> Result<(), String> {
    const ABORTED: i32 = 6;
    const KILLED: i32 = 9;
    let signal = ended.and_then(|ended| ended.signal());
    match (way, signal) {
        (Way::Point(..), Some(ABORTED)) => Ok(()),
        // It may have come by its point just before it was killed.
        (Way::Receipt | Way::Anytime, Some(KILLED | ABORTED)) => Ok(()),
        _ => {
            let ended = ended.map(|ended| ended.to_string()).unwrap_or_default();
            Err(format!(
                "{party} was to die at {way}, and ended with {ended}"
            ))
        }
    }
}

impl fmt::Display for Reaper<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        writeln!(f, "{} kills in {seconds:.0} s", self.total())?;
        writeln!(
            f,
            "  at most {} in a row with nothing new acknowledged or registered",
            self.most_idle
        )?;
        if self.restarts > 0 {
            writeln!(f, "  the database crashed {} times", self.restarts)?;
        }
        let mut parties: BTreeMap<Party, u32> = BTreeMap::new();
        for ((party, _), count) in &self.kills {
            *parties.entry(*party).or_default() += count;
        }
        for (party, count) in parties {
            writeln!(f, "  {party}: {count}")?;
            let of_party = self.kills.iter().filter(|((whose, _), _)| *whose == party);
            for ((_, way), count) in of_party {
                writeln!(f, "    {way:<28}{count:>5}")?;
            }
        }
        Ok(())
    }
}
