//! Answers that are to come, and what comes.
//!
//! The platform keeps no state, so the sender alone knows which answers it has a right to (integration description 3.1.1).

use super::Time;
use super::incoming::Digest;
use crate::routing::Cvr;

/// The answers to one message that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expected {
    /// The municipality that the message was for.
    pub municipality: Cvr,
    /// When the answer is overdue; `None` once one has come that says the last word.
    pub due: Option<Time>,
    /// The answers so far. There may be several: MODTAGET first, ACCEPTERET later.
    pub answers: Vec<Digest>,
}

/// What an answer is to the one who may have asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The first of its kind: it is stored.
    New,
    /// It has come before, and is acknowledged without more.
    Repeat,
    /// Nothing was sent that it could answer: it is refused, and put on record.
    Unknown,
    /// It speaks for another municipality than this one: it is refused, and put on record.
    OtherMunicipality(Cvr),
}

impl Expected {
    /// Judges an answer of this `digest` for `municipality` to what may be expected, and takes it in where it is new.
    ///
    /// `last` says that no other is to follow.
    pub fn take(
        known: Option<&mut Self>,
        municipality: Cvr,
        digest: Digest,
        last: bool,
    ) -> Verdict {
        let Some(known) = known else {
            return Verdict::Unknown;
        };
        if known.municipality != municipality {
            return Verdict::OtherMunicipality(known.municipality);
        }
        if known.answers.contains(&digest) {
            return Verdict::Repeat;
        }
        known.answers.push(digest);
        if last {
            known.due = None;
        }
        Verdict::New
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_matched_counted_once_and_awaited_until_the_last() {
        let [nord, syd] = ["90000001", "90000002"].map(|cvr| cvr.parse::<Cvr>().unwrap());
        assert_eq!(Expected::take(None, nord, [1; 32], true), Verdict::Unknown);
        let due = Time::from_timestamp(0, 0);
        let mut sent = Expected {
            municipality: nord,
            due,
            answers: Vec::new(),
        };
        let mut take = |municipality, digest, last| {
            let verdict = Expected::take(Some(&mut sent), municipality, digest, last);
            (verdict, sent.due.is_some())
        };
        assert_eq!(
            take(syd, [1; 32], true),
            (Verdict::OtherMunicipality(nord), true)
        );
        assert_eq!(take(nord, [1; 32], false), (Verdict::New, true));
        assert_eq!(take(nord, [1; 32], false), (Verdict::Repeat, true));
        assert_eq!(take(nord, [2; 32], true), (Verdict::New, false));
        assert_eq!(take(nord, [1; 32], false), (Verdict::Repeat, false));
    }
}
