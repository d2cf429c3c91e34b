//! How the attempts that may be under way at once are shared among municipalities, so that some that are silent hold up no other.
//!
//! Which Jobcenter a municipality has is for the platform to know. So half of the room is kept for the first attempt of each
//! municipality that is not known to fail, and the rest is for all others: what a municipality has under way beside its first, and
//! what goes to one whose last attempt failed, which has one at a time until one succeeds. A message for a municipality that answers
//! and has nothing under way thus goes out at once, however much waits for others, unless as many as half of the room, all of them new
//! or just fallen silent, have taken it.

use std::collections::{BTreeMap, BTreeSet};

use crate::routing::Cvr;

/// The attempts under way, and what bounds them.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    /// How many there are at most, all together and for one municipality.
    most: usize,
    per_municipality: usize,
    /// How many there are for each municipality that has any.
    busy: BTreeMap<Cvr, usize>,
    /// The municipalities whose last attempt failed.
    failing: BTreeSet<Cvr>,
}

impl Room {
    /// Room for `most` attempts, and for `per_municipality` of them for one municipality.
    pub(crate) const fn new(most: usize, per_municipality: usize) -> Self {
        Self {
            most,
            per_municipality,
            busy: BTreeMap::new(),
            failing: BTreeSet::new(),
        }
    }

    /// How many more there may be.
    pub(crate) fn free(&self) -> usize {
        self.most.saturating_sub(self.busy.values().sum())
    }

    /// Whether one more may begin for `municipality`.
    pub(crate) fn admits(&self, municipality: Cvr) -> bool {
        let failing = self.failing.contains(&municipality);
        let own = self.busy.get(&municipality).copied().unwrap_or_default();
        let bound = if failing { 1 } else { self.per_municipality };
        let is_first = own == 0 && !failing;
        self.free() > 0 && own < bound && (is_first || self.shared() < self.most.div_ceil(2))
    }

    /// The municipalities for which none may begin, as far as they differ from any other.
    pub(crate) fn full(&self) -> impl Iterator<Item = Cvr> {
        let known: BTreeSet<Cvr> = self.busy.keys().chain(&self.failing).copied().collect();
        known.into_iter().filter(|known| !self.admits(*known))
    }

    /// One begins.
    pub(crate) fn begin(&mut self, municipality: Cvr) {
        *self.busy.entry(municipality).or_default() += 1;
    }

    /// One has ended.
    pub(crate) fn end(&mut self, municipality: Cvr, failed: bool) {
        if let Some(count) = self.busy.get_mut(&municipality) {
            *count -= 1;
            if *count == 0 {
                self.busy.remove(&municipality);
            }
        }
        if failed {
            self.failing.insert(municipality);
        } else {
            self.failing.remove(&municipality);
        }
    }

    /// How many are in the half that is for all.
    fn shared(&self) -> usize {
        let of_one = |(municipality, count): (&Cvr, &usize)| {
            count - usize::from(!self.failing.contains(municipality))
        };
        self.busy.iter().map(of_one).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cvr(number: usize) -> Cvr {
        format!("9{number:07}").parse().unwrap()
    }

    /// Begins as many attempts for `municipality` as may be, and says how many.
    fn fill(room: &mut Room, municipality: Cvr) -> usize {
        let mut begun = 0;
        while room.admits(municipality) {
            room.begin(municipality);
            begun += 1;
        }
        begun
    }

    #[test]
    fn what_is_silent_leaves_room_for_others() {
        let mut room = Room::new(32, 8);
        // None of them is known to fail yet.
        let silent: Vec<_> = (0..6).map(|number| fill(&mut room, cvr(number))).collect();
        assert_eq!(silent, [8, 8, 3, 1, 1, 1]);
        assert_eq!(room.full().count(), 6);
        assert_eq!(fill(&mut room, cvr(99)), 1);
        for (number, count) in silent.into_iter().enumerate() {
            for _ in 0..count {
                room.end(cvr(number), true);
            }
        }
        // One at a time from now on, and half of the room for all of them.
        for number in 0..40 {
            room.end(cvr(number), true);
        }
        let begun: usize = (0..40).map(|number| fill(&mut room, cvr(number))).sum();
        assert_eq!((begun, room.full().count()), (16, 41));
        let healthy: usize = (100..140).map(|number| fill(&mut room, cvr(number))).sum();
        assert_eq!((healthy, room.free()), (15, 0));
    }

    #[test]
    fn one_success_gives_a_municipality_its_whole_share_again() {
        let mut room = Room::new(32, 8);
        room.begin(cvr(1));
        room.end(cvr(1), true);
        assert_eq!(fill(&mut room, cvr(1)), 1);
        room.end(cvr(1), false);
        assert_eq!(fill(&mut room, cvr(1)), 8);
    }

    #[test]
    fn the_least_room_is_for_all() {
        let mut room = Room::new(1, 1);
        room.begin(cvr(1));
        assert!(!room.admits(cvr(1)) && !room.admits(cvr(2)));
        room.end(cvr(1), true);
        assert!(room.admits(cvr(1)) && room.admits(cvr(2)));
    }
}
