//! A message that comes in: is it new, is it the same again, or is it another under an id that is taken?

use super::Time;
use super::schedule::Retry;
use super::task::{Event, Task};

/// What tells two messages apart: the SHA-256 of their content, without what belongs to the call that brought them.
pub type Digest = [u8; 32];

/// What a message is to a party that may have seen it (integration description 3.2.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Not seen before: it is stored, and taken over with that.
    New,
    /// The same again: nothing is done again.
    Repeat,
    /// Another message under an id that is taken: it is refused, and changes nothing.
    Conflict,
}

/// Judges a message of this `digest` under an id of which `known` has been stored.
pub fn judge(known: Option<&Digest>, digest: &Digest) -> Verdict {
    match known {
        None => Verdict::New,
        Some(known) if known == digest => Verdict::Repeat,
        Some(_) => Verdict::Conflict,
    }
}

/// A repeat is answered as the first time: `answer`, which has been given, is owed again. One that is still owed serves both.
pub fn answer_again(answer: &mut Task, now: Time) {
    // Owing again is no attempt, so no pause matters.
    let _ = answer.step(Event::Again { now }, &Retry::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_new_repeated_or_in_conflict() {
        let digest = [1; 32];
        assert_eq!(judge(None, &digest), Verdict::New);
        assert_eq!(judge(Some(&[1; 32]), &digest), Verdict::Repeat);
        assert_eq!(judge(Some(&[2; 32]), &digest), Verdict::Conflict);
    }
}
