//! What a state of the small world is told apart by, and what must hold in each.

use super::{CASES, Expected, Kind, Packet, World, number};
use crate::delivery::task::{How, Standing, Task};

impl World {
    /// The state in octets, but for times: what is due when makes no difference here. Two states with one key have one future.
    pub(super) fn key(&self) -> Vec<u8> {
        let (ksd, jobcenter) = (&self.ksd, &self.jobcenter);
        let loose = self.loose.map(u8::from);
        let mut key = vec![self.mishaps, self.decisions, number(ksd.acknowledged)];
        key.extend(loose);
        for lanes in [&ksd.messages, &jobcenter.registrations, &jobcenter.answers] {
            for task in &lanes.0 {
                key.extend(task.as_ref().map_or([0, 0], |task| {
                    let standing = match task.standing {
                        Standing::Waiting { .. } => 1,
                        Standing::Trying { .. } => 2,
                        Standing::Parked(_) => 3,
                        Standing::Done(How::Delivered) => 4,
                        Standing::Done(How::Warned) => 5,
                        Standing::Done(How::Dropped) => 6,
                    };
                    [standing, number(task.attempts)]
                }));
            }
        }
        let answers = ksd.expected.iter().flatten();
        key.extend(answers.map(|expected| number(expected.answers.len())));
        key.extend(jobcenter.cases.iter().map(|message| number(*message)));
        for call in ksd.calls.iter().chain(&jobcenter.calls) {
            key.extend([
                b'c',
                call.kind as u8,
                number(call.message),
                number(call.attempt),
            ]);
        }
        for packet in &self.wire {
            let call = packet.call();
            let rest = match *packet {
                Packet::Request { copies, .. } => [b'q', copies],
                Packet::Receipt { repeat, .. } => [b'r', u8::from(repeat)],
            };
            key.extend(rest);
            key.extend([call.kind as u8, number(call.message), number(call.attempt)]);
        }
        key
    }

    /// The promises that hold at every moment.
    pub(super) fn check(&self) {
        let (ksd, jobcenter) = (&self.ksd, &self.jobcenter);
        let answers = |expected: &Option<Expected>| {
            expected
                .as_ref()
                .map_or(0, |expected| expected.answers.len())
        };
        let answered = |message: usize| answers(&ksd.expected[message]) > 0;
        assert!(
            ksd.messages.tasks().count() >= ksd.acknowledged,
            "acknowledged before stored"
        );
        for packet in &self.wire {
            if let Packet::Receipt { call, .. } = packet {
                let stored = match call.kind {
                    Kind::Message => jobcenter.registrations.digest(call.message).is_some(),
                    _ => answered(call.message),
                };
                assert!(stored, "a receipt before the commit");
            }
        }
        for (kind, message) in [Kind::Message, Kind::Registration, Kind::Answer]
            .into_iter()
            .flat_map(|kind| self.lanes(kind).tasks().map(move |task| (kind, task)))
            .filter_map(|(kind, (message, task))| task.is_delivered().then_some((kind, message)))
        {
            let kept = match kind {
                Kind::Message => jobcenter.registrations.digest(message).is_some(),
                Kind::Registration => {
                    jobcenter.cases.contains(&message)
                        && jobcenter.answers.digest(message).is_some()
                }
                Kind::Answer => answered(message),
            };
            assert!(kept, "delivered and not there: {kind:?} {message}");
        }
        for (place, message) in jobcenter.cases.iter().enumerate() {
            let before = &jobcenter.cases[..place];
            assert!(!before.contains(message), "registered twice: {message}");
            let earlier = (0..*message).filter(|earlier| CASES[*earlier] == CASES[*message]);
            for earlier in earlier.filter(|earlier| !self.loose[*earlier]) {
                assert!(
                    before.contains(&earlier) || self.is_left_out(earlier),
                    "out of order: {earlier} is not before {message}"
                );
            }
        }
        let once = ksd.expected.iter().all(|expected| answers(expected) <= 1);
        assert!(once, "an answer counted twice");
    }

    /// Whether somebody has dropped the message before the case system had it, so that it never will.
    fn is_left_out(&self, message: usize) -> bool {
        let (sent, registered) = (&self.ksd.messages, &self.jobcenter.registrations);
        let task = registered.0[message].as_ref().or(sent.0[message].as_ref());
        let dropped = task.is_some_and(|task| task.standing == Standing::Done(How::Dropped));
        dropped && !self.jobcenter.cases.contains(&message)
    }

    /// Whether all that is still owed is held, by itself or by what stands before it.
    pub(super) fn is_complete(&self) -> bool {
        let lanes = [
            &self.ksd.messages,
            &self.jobcenter.registrations,
            &self.jobcenter.answers,
        ];
        let is_held = |(_, task): (usize, &Task)| matches!(task.standing, Standing::Parked(_));
        self.ksd.acknowledged == self.count
            && lanes.into_iter().all(|lanes| lanes.heads().all(is_held))
    }
}
