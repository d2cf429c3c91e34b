//! The machines, in every order of events that a small world allows: two messages of one case and one of another, from KSD to a
//! Jobcenter and back, while messages and receipts are lost, doubled and delayed, leases run out under those who hold them, either
//! side dies between any two steps, and somebody decides by hand about anything that is owed.
//!
//! The search visits every state that can be reached, and checks the promises in each: nothing is acknowledged before it is
//! committed, everything is registered once and in the order of its case, answers count once, and what is dropped and arrives all the
//! same is known to be delivered. Nothing is stuck either unless somebody holds it: regular steps form no loop, since each takes
//! something off the wire or the calls or counts something up, so a state that cannot be completed would lead to one that has no
//! regular step left. Time is not counted: whatever waits may become due at once or after all else.

use std::collections::{BTreeSet, HashSet};

use super::Time;
use super::expected::{self, Expected};
use super::incoming::{self, Digest, Verdict};
use super::schedule::Retry;
use super::task::{Effect, Event, Outcome, Standing, Task};
use crate::routing::Cvr;

mod decisions;
mod promises;

/// The cases of the messages, in the order of their submission.
const CASES: [usize; 3] = [0, 0, 1];

/// Both parties and what is on the wire between them.
#[derive(Clone, Debug, Default)]
struct World {
    /// How many messages are submitted.
    count: usize,
    /// How many mishaps may still come.
    mishaps: u8,
    /// How many decisions may still be made by hand.
    decisions: u8,
    /// Those that were dropped while a request of theirs was on its way: it may overtake nothing, and be overtaken by anything.
    loose: [bool; CASES.len()],
    ksd: Ksd,
    jobcenter: Jobcenter,
    wire: BTreeSet<Packet>,
}

/// What KSD has committed, and the calls that it has under way in memory.
#[derive(Clone, Debug, Default)]
struct Ksd {
    messages: Lanes,
    expected: [Option<Expected>; CASES.len()],
    calls: BTreeSet<Call>,
    /// The submitter's own memory: how many of its messages it knows to be taken over.
    acknowledged: usize,
}

/// The same of the Jobcenter, and its case system, which lives on its own and takes a message that it knows for registered.
#[derive(Clone, Debug, Default)]
struct Jobcenter {
    registrations: Lanes,
    answers: Lanes,
    calls: BTreeSet<Call>,
    cases: Vec<usize>,
}

/// The tasks of one kind, by message; those of one case are a lane.
#[derive(Clone, Debug, Default)]
struct Lanes([Option<Task>; CASES.len()]);

/// An attempt under way: of which task, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Call {
    kind: Kind,
    message: usize,
    attempt: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Message,
    Registration,
    Answer,
}

/// Whether a party lives on after what it has just committed, and carries the effects out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    LivesOn,
    Dies,
}

/// What the wire carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Packet {
    Request { call: Call, copies: u8 },
    Receipt { call: Call, repeat: bool },
}

impl Packet {
    const fn call(self) -> Call {
        match self {
            Self::Request { call, .. } | Self::Receipt { call, .. } => call,
        }
    }
}

const DIGEST: Digest = [0; 32];

/// Numbers are small here.
fn number(number: impl TryInto<u8>) -> u8 {
    number.try_into().unwrap_or(u8::MAX)
}

fn epoch() -> Time {
    Time::from_timestamp(0, 0).unwrap()
}

fn municipality() -> Cvr {
    "90000001".parse().unwrap()
}

impl Lanes {
    /// The digest of a message that is stored; all of them have the same.
    fn digest(&self, message: usize) -> Option<Digest> {
        self.0[message].is_some().then_some(DIGEST)
    }

    fn attempts(&self, message: usize) -> u32 {
        self.0[message].as_ref().map_or(0, |task| task.attempts)
    }

    fn add(&mut self, message: usize) {
        self.0[message] = Some(Task::new(epoch()));
    }

    fn step(&mut self, message: usize, event: Event) -> Option<Effect> {
        self.0[message].as_mut()?.step(event, &Retry::default())
    }

    /// The first open task of each lane.
    fn heads(&self) -> impl Iterator<Item = (usize, &Task)> {
        [0, 1].into_iter().filter_map(|case| {
            let of_case = self.tasks().filter(move |(id, _)| CASES[*id] == case);
            of_case.into_iter().find(|(_, task)| task.is_open())
        })
    }

    fn tasks(&self) -> impl Iterator<Item = (usize, &Task)> {
        let tasks = self.0.iter().enumerate();
        tasks.filter_map(|(id, task)| Some((id, task.as_ref()?)))
    }
}

/// What can happen next, apart by whether it does by itself, or only perhaps: mishaps and decisions.
#[derive(Default)]
struct Next {
    regular: Vec<World>,
    perhaps: Vec<World>,
}

impl World {
    fn next(&self) -> Next {
        let mut next = Next::default();
        self.submit(&mut next);
        self.take(&mut next);
        self.end_calls(&mut next);
        self.carry(&mut next);
        self.die(&mut next);
        self.decide(&mut next);
        next
    }

    /// Adds the states after `change`: with its effects, and, a mishap, with the party dead between commit and effects.
    fn then(&self, next: &mut Next, change: impl Fn(&mut Self, Then)) {
        let mut world = self.clone();
        change(&mut world, Then::LivesOn);
        next.regular.push(world);
        self.mishap(next, |world| change(world, Then::Dies));
    }

    fn mishap(&self, next: &mut Next, change: impl FnOnce(&mut Self)) {
        if self.mishaps > 0 {
            let mut world = self.clone();
            world.mishaps -= 1;
            change(&mut world);
            next.perhaps.push(world);
        }
    }

    /// KSD commits the next message, and then acknowledges it; who is not told submits again.
    fn submit(&self, next: &mut Next) {
        let message = self.ksd.acknowledged;
        if message == self.count {
            return;
        }
        self.then(next, |world, then| {
            let known = world.ksd.messages.digest(message);
            if incoming::judge(known.as_ref(), &DIGEST) == Verdict::New {
                world.ksd.messages.add(message);
                let expected = Expected {
                    municipality: municipality(),
                    due: Some(epoch()),
                    answers: Vec::new(),
                };
                world.ksd.expected[message] = Some(expected);
            }
            match then {
                Then::LivesOn => world.ksd.acknowledged += 1,
                Then::Dies => world.kill(Kind::Message),
            }
        });
    }

    /// A worker takes on the head of a lane: one that waits, one whose holder is gone, or, a mishap, one whose holder is only slow.
    /// The request then goes out, or, a mishap, goes out twice.
    ///
    /// The case system answers at once, or, a mishap, later: then the registration is a call under way like the others.
    fn take(&self, next: &mut Next) {
        for kind in [Kind::Message, Kind::Registration, Kind::Answer] {
            for (message, task) in self.lanes(kind).heads() {
                let Some(due) = task.due() else { continue };
                let take = |copies| {
                    move |world: &mut Self, then: Then| {
                        let event = Event::Taken {
                            now: due,
                            until: epoch(),
                        };
                        let effect = world.lanes_mut(kind).step(message, event);
                        assert_eq!(effect, Some(Effect::Try));
                        let call = world.last_call(kind, message);
                        if then == Then::Dies {
                            return world.kill(kind);
                        }
                        world.calls_mut(kind).insert(call);
                        match kind {
                            Kind::Message | Kind::Answer => {
                                world.wire.insert(Packet::Request { call, copies });
                            }
                            Kind::Registration if copies == 0 => {
                                world.register(call, Then::LivesOn);
                            }
                            Kind::Registration => {}
                        }
                    }
                };
                let tried = matches!(task.standing, Standing::Trying { .. });
                if tried && self.calls(kind).contains(&self.last_call(kind, message)) {
                    self.mishap(next, |world| take(0)(world, Then::LivesOn));
                } else {
                    self.then(next, take(0));
                    self.mishap(next, |world| take(1)(world, Then::LivesOn));
                }
            }
        }
    }

    /// A case system that took its time answers; a call that nothing can come back from is given up, or, a mishap, another.
    fn end_calls(&self, next: &mut Next) {
        for call in self.ksd.calls.iter().chain(&self.jobcenter.calls) {
            let call = *call;
            if call.kind == Kind::Registration {
                self.then(next, |world, then| world.register(call, then));
                continue;
            }
            let time_out = |world: &mut Self| world.end(call, Outcome::Failed);
            if self.wire.iter().any(|packet| packet.call() == call) {
                self.mishap(next, time_out);
            } else {
                let mut world = self.clone();
                time_out(&mut world);
                next.regular.push(world);
            }
        }
    }

    /// The wire delivers, or, a mishap, loses.
    fn carry(&self, next: &mut Next) {
        for packet in &self.wire {
            let packet = *packet;
            self.mishap(next, |world| {
                world.wire.remove(&packet);
            });
            self.then(next, |world, then| {
                world.wire.remove(&packet);
                world.arrive(packet, then);
            });
        }
    }

    /// Either party dies between two commits.
    fn die(&self, next: &mut Next) {
        for kind in [Kind::Message, Kind::Answer] {
            if !self.calls(kind).is_empty() {
                self.mishap(next, |world| world.kill(kind));
            }
        }
    }

    /// Ends the life of the party that makes calls of this kind: what it has committed stays.
    fn kill(&mut self, kind: Kind) {
        self.calls_mut(kind).clear();
    }

    fn arrive(&mut self, packet: Packet, then: Then) {
        match packet {
            Packet::Receipt { call, repeat } => {
                // A party that does not wait any more hears nothing.
                if self.calls(call.kind).contains(&call) {
                    let outcome = if repeat {
                        Outcome::Warned
                    } else {
                        Outcome::Delivered
                    };
                    self.end(call, outcome);
                }
                if then == Then::Dies {
                    self.kill(call.kind);
                }
            }
            Packet::Request { call, copies } => {
                if let Some(copies) = copies.checked_sub(1) {
                    self.wire.insert(Packet::Request { call, copies });
                }
                let repeat = self.take_in(call);
                match then {
                    Then::LivesOn => _ = self.wire.insert(Packet::Receipt { call, repeat }),
                    Then::Dies if call.kind == Kind::Message => self.kill(Kind::Answer),
                    Then::Dies => self.kill(Kind::Message),
                }
            }
        }
    }

    /// The called party commits what came in; whether it was a repeat.
    fn take_in(&mut self, call: Call) -> bool {
        let message = call.message;
        if call.kind == Kind::Message {
            let jobcenter = &mut self.jobcenter;
            let known = jobcenter.registrations.digest(message);
            let verdict = incoming::judge(known.as_ref(), &DIGEST);
            if verdict == Verdict::New {
                jobcenter.registrations.add(message);
            } else if let Some(answer) = &mut jobcenter.answers.0[message] {
                incoming::answer_again(answer, epoch());
            }
            return verdict == Verdict::Repeat;
        }
        let known = self.ksd.expected[message].as_mut();
        let verdict = Expected::take(known, municipality(), DIGEST, true);
        assert!(
            matches!(verdict, expected::Verdict::New | expected::Verdict::Repeat),
            "{verdict:?}"
        );
        verdict == expected::Verdict::Repeat
    }

    /// The case system registers, and the Jobcenter commits that with the answer, unless it dies between.
    fn register(&mut self, call: Call, then: Then) {
        let jobcenter = &mut self.jobcenter;
        if !jobcenter.cases.contains(&call.message) {
            jobcenter.cases.push(call.message);
        }
        if then == Then::Dies {
            return self.kill(call.kind);
        }
        if jobcenter.answers.digest(call.message).is_none() {
            jobcenter.answers.add(call.message);
        }
        self.end(call, Outcome::Delivered);
    }

    fn end(&mut self, call: Call, outcome: Outcome) {
        self.calls_mut(call.kind).remove(&call);
        let event = Event::Ended {
            now: epoch(),
            attempt: call.attempt,
            outcome,
            asked: None,
            chance: 0,
        };
        let lanes = self.lanes_mut(call.kind);
        lanes.step(call.message, event);
        let delivered = matches!(outcome, Outcome::Delivered | Outcome::Warned);
        let known = lanes.0[call.message]
            .as_ref()
            .is_some_and(Task::is_delivered);
        assert!(known || !delivered, "delivered and not known to be");
    }

    /// The last attempt at a task that has begun.
    fn last_call(&self, kind: Kind, message: usize) -> Call {
        Call {
            kind,
            message,
            attempt: self.lanes(kind).attempts(message),
        }
    }

    const fn lanes(&self, kind: Kind) -> &Lanes {
        match kind {
            Kind::Message => &self.ksd.messages,
            Kind::Registration => &self.jobcenter.registrations,
            Kind::Answer => &self.jobcenter.answers,
        }
    }

    const fn lanes_mut(&mut self, kind: Kind) -> &mut Lanes {
        match kind {
            Kind::Message => &mut self.ksd.messages,
            Kind::Registration => &mut self.jobcenter.registrations,
            Kind::Answer => &mut self.jobcenter.answers,
        }
    }

    const fn calls(&self, kind: Kind) -> &BTreeSet<Call> {
        match kind {
            Kind::Message => &self.ksd.calls,
            Kind::Registration | Kind::Answer => &self.jobcenter.calls,
        }
    }

    const fn calls_mut(&mut self, kind: Kind) -> &mut BTreeSet<Call> {
        match kind {
            Kind::Message => &mut self.ksd.calls,
            Kind::Registration | Kind::Answer => &mut self.jobcenter.calls,
        }
    }
}

/// Searches all that can come of `count` messages, `mishaps` mishaps and `decisions` decisions; the number of states tells whether a
/// change makes the search see less.
#[track_caller]
fn check(count: usize, mishaps: u8, decisions: u8, states: usize) {
    let world = World {
        count,
        mishaps,
        decisions,
        ..World::default()
    };
    let mut seen = HashSet::from([world.key()]);
    let mut open = vec![world];
    while let Some(world) = open.pop() {
        world.check();
        let Next { regular, perhaps } = world.next();
        assert!(
            !regular.is_empty() || world.is_complete(),
            "stuck: {world:?}"
        );
        for world in regular.into_iter().chain(perhaps) {
            if seen.insert(world.key()) {
                open.push(world);
            }
        }
    }
    assert_eq!(seen.len(), states);
}

#[test]
fn two_messages_of_a_case_and_one_of_another_with_one_mishap() {
    check(3, 1, 0, 443_636);
}

#[test]
fn two_messages_of_a_case_with_two_mishaps() {
    check(2, 2, 0, 171_102);
}

#[test]
fn two_messages_of_a_case_with_a_mishap_and_two_decisions() {
    check(2, 1, 2, 34_907);
}

#[test]
fn all_three_with_three_decisions() {
    check(3, 0, 3, 18_423);
}
