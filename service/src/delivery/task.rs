//! One thing that is owed, and the attempts to do it.

use std::time::Duration;

use super::Time;
use super::schedule::Retry;

/// A task: what its attempts have come to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// When it was taken on, or last asked for again by hand: from here on the time counts after which it is given up.
    pub since: Time,
    /// How many attempts have begun.
    pub attempts: u32,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a task stands. All but [`Standing::Done`] hold up what comes after it in its lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// To be tried from `due` on, once it is the first of its lane.
    Waiting {
        /// Not before this.
        due: Time,
    },
    /// Being tried. Where nothing has been heard by `until`, whoever tried is gone, and it is due again.
    Trying {
        /// When the attempt is over, however it ends.
        until: Time,
    },
    /// Held until somebody decides.
    Parked(Why),
    /// Over.
    Done(How),
}

/// Why a task is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The receipt said FEJL: the same again would be refused again.
    Refused,
    /// All attempts in the time that is set for them have failed.
    GivenUp,
    /// By hand.
    Asked,
}

/// How a task came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// The receipt said OK.
    Delivered,
    /// The receipt said ADVARSEL: delivered, with something to be known.
    Warned,
    /// By hand, undelivered.
    Dropped,
}

/// What happens to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is due and the first of its lane, and a worker takes it on.
    Taken {
        /// When.
        now: Time,
        /// By when the attempt is over, however it ends.
        until: Time,
    },
    /// An attempt has ended.
    Ended {
        /// When.
        now: Time,
        /// Which one, counted from 1: an attempt that was thought lost may still tell how it ended.
        attempt: u32,
        /// How.
        outcome: Outcome,
        /// How long the partner asked to be left alone.
        asked: Option<Duration>,
        /// A random number, for the jitter of the next one.
        chance: u32,
    },
    /// It has been done, and is asked for once more: the partner repeats the message that this answers.
    Again {
        /// When.
        now: Time,
    },
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// OK.
    Delivered,
    /// ADVARSEL.
    Warned,
    /// FEJL.
    Refused,
    /// A fault, no answer, or none that could be read: whether it arrived is not known.
    Failed,
}

/// What somebody decides about a task, by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is to be tried now, and for as long as if it were new.
    Retry,
    /// It is to be held.
    Park,
    /// It is to be given up.
    Drop,
}

/// Why a decision changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unchanged {
    /// It is being tried, and nobody knows yet how that ends. Until then its lane must not go on, so it can be neither dropped nor put
    /// aside.
    UnderWay {
        /// When the attempt is over, however it ends.
        until: Time,
    },
    /// It is held already.
    Held,
    /// It is over.
    Over(How),
}

/// What is to be done once the new state is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make the attempt.
    Try,
    /// The lane is free: what comes next in it may begin.
    Advance,
}

impl Task {
    /// A task taken on at `now`, due at once.
    pub const fn new(now: Time) -> Self {
        Self {
            since: now,
            attempts: 0,
            standing: Standing::Waiting { due: now },
        }
    }

    /// Whether it still holds up its lane.
    pub const fn is_open(&self) -> bool {
        !matches!(self.standing, Standing::Done(_))
    }

    /// Whether it is known to have been delivered.
    pub const fn is_delivered(&self) -> bool {
        matches!(self.standing, Standing::Done(How::Delivered | How::Warned))
    }

    /// When its lane has something to do: the next attempt, or the end of one that was never heard of again. `None` while it is held.
    pub const fn due(&self) -> Option<Time> {
        match self.standing {
            Standing::Waiting { due } => Some(due),
            Standing::Trying { until } => Some(until),
            Standing::Parked(_) | Standing::Done(_) => None,
        }
    }

    /// What `event` makes of it. An event that does not fit where it stands changes nothing.
    pub fn step(&mut self, event: Event, retry: &Retry) -> Option<Effect> {
        match event {
            Event::Taken { now, until } => {
                if self.due().is_none_or(|due| due > now) {
                    return None;
                }
                self.attempts = self.attempts.saturating_add(1);
                self.standing = Standing::Trying { until };
                Some(Effect::Try)
            }
            Event::Ended {
                now,
                attempt,
                outcome,
                asked,
                chance,
            } => {
                let pause = retry.after(attempt, asked, chance);
                self.ended(now, attempt, outcome, pause, retry)
            }
            Event::Again { now } => {
                if self.is_delivered() {
                    self.since = now;
                    self.standing = Standing::Waiting { due: now };
                }
                None
            }
        }
    }

    /// What a decision that is made at `now` makes of it, which is nothing while an attempt is under way.
    ///
    /// # Errors
    /// It changes nothing; why.
    pub fn decide(&mut self, decision: Decision, now: Time) -> Result<Option<Effect>, Unchanged> {
        match (&self.standing, decision) {
            (Standing::Trying { until }, _) if *until > now => {
                return Err(Unchanged::UnderWay { until: *until });
            }
            (Standing::Parked(_), Decision::Park) => return Err(Unchanged::Held),
            (Standing::Done(how), _) => return Err(Unchanged::Over(*how)),
            _ => {}
        }
        Ok(match decision {
            Decision::Retry => {
                self.since = now;
                self.standing = Standing::Waiting { due: now };
                None
            }
            Decision::Park => {
                self.standing = Standing::Parked(Why::Asked);
                None
            }
            Decision::Drop => {
                self.standing = Standing::Done(How::Dropped);
                Some(Effect::Advance)
            }
        })
    }

    /// Takes back that it is dropped where it had been delivered, as `how` says, before it was asked for again: what is given up is the
    /// repeat.
    pub fn keep_delivered(&mut self, how: How) {
        if self.standing == Standing::Done(How::Dropped) {
            self.standing = Standing::Done(how);
        }
    }

    /// A delivery is a fact, whoever tells of it and however late; any other end counts only for the attempt under way.
    fn ended(
        &mut self,
        now: Time,
        attempt: u32,
        outcome: Outcome,
        pause: Duration,
        retry: &Retry,
    ) -> Option<Effect> {
        let how = match outcome {
            Outcome::Delivered => How::Delivered,
            Outcome::Warned => How::Warned,
            Outcome::Refused | Outcome::Failed => {
                let current = attempt == self.attempts;
                if current && matches!(self.standing, Standing::Trying { .. }) {
                    self.standing = match outcome {
                        Outcome::Refused => Standing::Parked(Why::Refused),
                        _ if now - self.since >= retry.give_up => Standing::Parked(Why::GivenUp),
                        _ => Standing::Waiting { due: now + pause },
                    };
                }
                return None;
            }
        };
        let was_open = self.is_open();
        self.standing = Standing::Done(how);
        was_open.then_some(Effect::Advance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry = Retry {
        first: Duration::from_secs(1),
        cap: Duration::from_secs(60),
        longest_asked: Duration::from_secs(60),
        give_up: chrono::TimeDelta::days(7),
    };

    fn at(second: i64) -> Time {
        Time::from_timestamp(1_772_439_327 + second, 0).unwrap()
    }

    fn taken(second: i64) -> Event {
        Event::Taken {
            now: at(second),
            until: at(second + 60),
        }
    }

    fn ended(second: i64, attempt: u32, outcome: Outcome) -> Event {
        Event::Ended {
            now: at(second),
            attempt,
            outcome,
            asked: None,
            chance: u32::MAX,
        }
    }

    #[track_caller]
    fn check(events: &[Event], standing: &Standing, last: Option<Effect>) {
        let mut task = Task::new(at(0));
        let mut effect = None;
        for event in events {
            effect = task.step(*event, &RETRY);
        }
        assert_eq!((&task.standing, effect), (standing, last), "{events:?}");
    }

    #[test]
    fn an_attempt_ends_as_its_receipt_says() {
        for (outcome, standing, effect) in [
            (
                Outcome::Delivered,
                Standing::Done(How::Delivered),
                Some(Effect::Advance),
            ),
            (
                Outcome::Warned,
                Standing::Done(How::Warned),
                Some(Effect::Advance),
            ),
            (Outcome::Refused, Standing::Parked(Why::Refused), None),
            (Outcome::Failed, Standing::Waiting { due: at(2) }, None),
        ] {
            check(&[taken(0), ended(1, 1, outcome)], &standing, effect);
        }
    }

    #[test]
    fn nothing_is_tried_before_its_time_or_while_another_tries() {
        let mut task = Task::new(at(5));
        assert_eq!(task.step(taken(4), &RETRY), None);
        assert_eq!(task.step(taken(5), &RETRY), Some(Effect::Try));
        assert_eq!(task.step(taken(64), &RETRY), None);
        assert_eq!(task.step(taken(65), &RETRY), Some(Effect::Try));
        assert_eq!(task.attempts, 2);
    }

    #[test]
    fn a_lost_attempt_that_is_heard_of_late_counts_where_it_delivered() {
        let late = [taken(0), taken(60)];
        check(
            &[&late[..], &[ended(61, 1, Outcome::Refused)]].concat(),
            &Standing::Trying { until: at(120) },
            None,
        );
        check(
            &[&late[..], &[ended(61, 1, Outcome::Delivered)]].concat(),
            &Standing::Done(How::Delivered),
            Some(Effect::Advance),
        );
        let twice = [
            ended(61, 1, Outcome::Delivered),
            ended(62, 2, Outcome::Warned),
        ];
        check(
            &[&late[..], &twice].concat(),
            &Standing::Done(How::Warned),
            None,
        );
    }

    #[test]
    fn what_fails_for_seven_days_is_held_and_may_be_asked_for_again() {
        let week = 7 * 24 * 3600;
        let mut task = Task::new(at(0));
        for event in [taken(week), ended(week, 1, Outcome::Failed)] {
            task.step(event, &RETRY);
        }
        assert_eq!(task.standing, Standing::Parked(Why::GivenUp));
        assert_eq!(task.decide(Decision::Retry, at(week)), Ok(None));
        for event in [taken(week), ended(week + 1, 2, Outcome::Failed)] {
            task.step(event, &RETRY);
        }
        assert_eq!(task.standing, Standing::Waiting { due: at(week + 3) });
    }

    #[test]
    fn what_is_delivered_may_be_asked_for_again_and_what_is_dropped_not() {
        let again = Event::Again { now: at(9) };
        check(
            &[taken(0), ended(0, 1, Outcome::Delivered), again],
            &Standing::Waiting { due: at(9) },
            None,
        );
        let mut task = Task::new(at(0));
        assert_eq!(
            task.decide(Decision::Drop, at(0)),
            Ok(Some(Effect::Advance))
        );
        assert_eq!(task.step(again, &RETRY), None);
        assert_eq!(task.standing, Standing::Done(How::Dropped));
    }

    const DECISIONS: [Decision; 3] = [Decision::Retry, Decision::Park, Decision::Drop];

    #[test]
    fn a_decision_is_told_what_it_changes() {
        let (waiting, parked) = (
            Standing::Waiting { due: at(5) },
            Standing::Parked(Why::Asked),
        );
        let (retried, dropped) = (
            Standing::Waiting { due: at(1) },
            Standing::Done(How::Dropped),
        );
        let changed = [
            Ok((&retried, None)),
            Ok((&parked, None)),
            Ok((&dropped, Some(Effect::Advance))),
        ];
        let refused = Standing::Parked(Why::Refused);
        let of_held = [changed[0], Err(Unchanged::Held), changed[2]];
        let of_over = |how| [Err(Unchanged::Over(how)); 3];
        for (standing, expected) in [
            (&waiting, changed),
            (&Standing::Trying { until: at(1) }, changed),
            (&refused, of_held),
            (&parked, of_held),
            (&dropped, of_over(How::Dropped)),
            (&Standing::Done(How::Warned), of_over(How::Warned)),
        ] {
            for (decision, expected) in DECISIONS.into_iter().zip(expected) {
                let mut task = Task {
                    standing: standing.clone(),
                    ..Task::new(at(0))
                };
                let effect = task.decide(decision, at(1));
                let told = effect.map(|effect| (&task.standing, effect));
                assert_eq!(told, expected, "{standing:?} {decision:?}");
            }
        }
    }

    #[test]
    fn no_decision_holds_while_an_attempt_is_under_way() {
        let mut task = Task::new(at(0));
        task.step(taken(0), &RETRY);
        let under_way = task.clone();
        for decision in DECISIONS {
            let until = at(60);
            let told = task.decide(decision, at(59));
            assert_eq!(told, Err(Unchanged::UnderWay { until }));
            assert_eq!(task, under_way, "{decision:?}");
        }
    }

    #[test]
    fn an_attempt_that_was_thought_lost_counts_where_it_delivered_whatever_was_decided() {
        for decision in DECISIONS {
            let mut task = Task::new(at(0));
            task.step(taken(0), &RETRY);
            assert!(task.decide(decision, at(60)).is_ok());
            let decided = task.clone();
            task.step(ended(61, 1, Outcome::Failed), &RETRY);
            assert_eq!(task, decided, "{decision:?}");
            let effect = task.step(ended(61, 1, Outcome::Delivered), &RETRY);
            assert!(task.is_delivered(), "{decision:?}");
            // What was dropped let its lane go on then.
            let advances = decision != Decision::Drop;
            assert_eq!(effect, advances.then_some(Effect::Advance));
        }
    }
}
