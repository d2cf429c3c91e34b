//! What somebody may decide by hand, at any moment, about whatever is owed.

use super::{Call, Kind, Next, Packet, World, epoch};
use crate::delivery::task::{Decision, Effect, Standing, Task, Unchanged};

impl World {
    /// Adds the states after each decision about each task. One about what is being tried counts only once its lease is over: then whoever
    /// tried is gone, or, a mishap, only slow.
    pub(super) fn decide(&self, next: &mut Next) {
        for kind in [Kind::Message, Kind::Registration, Kind::Answer] {
            for (message, task) in self.lanes(kind).tasks() {
                for decision in [Decision::Retry, Decision::Park, Decision::Drop] {
                    never_under_way(task, decision);
                    let change = |world: &mut Self| world.decide_on(kind, message, decision);
                    // What waits may be tried at any moment as it is.
                    let waits = matches!(task.standing, Standing::Waiting { .. });
                    if self.decisions == 0 || (waits && decision == Decision::Retry) {
                        continue;
                    }
                    let tried = matches!(task.standing, Standing::Trying { .. });
                    if tried && self.calls(kind).contains(&self.last_call(kind, message)) {
                        self.mishap(next, change);
                    } else {
                        let mut world = self.clone();
                        change(&mut world);
                        next.perhaps.push(world);
                    }
                }
            }
        }
    }

    fn decide_on(&mut self, kind: Kind, message: usize, decision: Decision) {
        self.decisions -= 1;
        let Some(task) = &mut self.lanes_mut(kind).0[message] else {
            return;
        };
        // A lane goes on at what it finds next: nobody needs to be told.
        if task.decide(decision, epoch()) == Ok(Some(Effect::Advance)) {
            // A case system that takes its time is on its way by itself.
            let on_its_way = |call: &Call| (call.kind, call.message) == (kind, message);
            let requests = self.wire.iter().filter_map(|packet| match packet {
                Packet::Request { call, .. } => Some(call),
                Packet::Receipt { .. } => None,
            });
            let registering = self.calls(Kind::Registration).iter();
            let registering = registering.filter(|call| call.kind == Kind::Registration);
            self.loose[message] |= requests.chain(registering).any(on_its_way);
        }
    }
}

/// While an attempt may be under way, no decision changes anything.
fn never_under_way(task: &Task, decision: Decision) {
    let Standing::Trying { until } = task.standing else {
        return;
    };
    let mut decided = task.clone();
    let told = decided.decide(decision, until - chrono::TimeDelta::milliseconds(1));
    assert_eq!(told, Err(Unchanged::UnderWay { until }));
    assert_eq!(&decided, task, "{decision:?}");
}
