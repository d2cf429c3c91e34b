//! How a process is to die: at a named fault point, once a receipt of its own is out, or at any moment.

use std::fmt;

use service::store::Location;

/// Random numbers, the same for the same seed (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    state: u64,
}

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number below `below`.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % below
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for index in (1..all.len()).rev() {
            all.swap(index, self.below(index + 1));
        }
    }
}

/// Who dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Party {
    Ksd,
    Platform,
    Jobcenter,
    /// The security token service, where messages are signed.
    Sts,
    /// Whoever looks at KSD's outbox, and decides.
    Operator,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ksd => "KSD",
            Self::Platform => "platform",
            Self::Jobcenter => "Jobcenter",
            Self::Sts => "STS",
            Self::Operator => "operator",
        })
    }
}

/// How a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// By itself, at this fault point.
    Point(&'static str, &'static str),
    /// By SIGKILL, as soon as an answer of its own has been passed on.
    Receipt,
    /// By SIGKILL, at any moment.
    Anytime,
    /// Not, but it stands still at this fault point until it is let go on.
    Frozen(&'static str, &'static str),
    /// Not: it is to live.
    Never,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(name, moment) | Self::Frozen(name, moment) => write!(f, "{name}/{moment}"),
            Self::Receipt => f.write_str("after receipt"),
            Self::Anytime => f.write_str("any moment"),
            Self::Never => f.write_str("no place"),
        }
    }
}

const COMMIT: [&str; 3] = ["before commit", "after commit", "told"];
const SEND: [&str; 2] = ["before send", "after send"];

/// Every way in which a process of `party` dies, once but for the moments that are none of the program's. Where messages are signed,
/// what tells them from one another is remembered.
pub(crate) fn ways(party: Party, location: &Location, signed: bool) -> Vec<Way> {
    let (commits, sends, receipts): (&[_], &[_], &[_]) = match party {
        Party::Ksd => (
            &["submit", "take", "end", "take answer", "erase"],
            &["message"],
            &["EP_FS2", "INTAKE"],
        ),
        Party::Platform => (&[], &[], &["EP_FS1", "EP_JC2"]),
        Party::Jobcenter => (
            &["receive", "take", "end", "answer", "erase"],
            &["registration", "answer"],
            &["EP_JC1"],
        ),
        Party::Sts => (&[], &[], &[]),
        Party::Operator => (&["decide", "reveal"], &[], &[]),
    };
    let mut ways = Vec::new();
    let mut points = |name, moments: &[&'static str]| {
        ways.extend(moments.iter().map(|moment| Way::Point(name, moment)));
    };
    commits.iter().for_each(|name| points(name, &COMMIT));
    sends.iter().for_each(|name| points(name, &SEND));
    for name in receipts {
        points(name, &["before receipt"]);
    }
    if signed && matches!(party, Party::Ksd | Party::Platform) {
        points("remember", &COMMIT);
    }
    // The platform has a store for that, and erases what is over.
    if signed && party == Party::Platform {
        points("erase", &COMMIT);
    }
    if party == Party::Platform {
        receipts.iter().for_each(|name| points(name, &SEND[..1]));
    }
    // What a process that is gone had taken on is given back where the store is one process's own.
    if matches!(
        (party, location),
        (Party::Ksd | Party::Jobcenter, Location::Directory(_))
    ) {
        points("release", &COMMIT);
    }
    if party != Party::Operator {
        ways.extend([Way::Receipt; 3]);
        ways.extend([Way::Anytime; 6]);
    }
    ways
}

/// The ways of one party in a random order, again and again, so that each comes as often as any other.
#[derive(Debug)]
pub(crate) struct Deck {
    ways: Vec<Way>,
    next: usize,
}

impl Deck {
    pub(crate) const fn new(ways: Vec<Way>) -> Self {
        Self { ways, next: 0 }
    }

    pub(crate) fn draw(&mut self, chance: &mut Chance) -> Way {
        if self.next == 0 {
            chance.shuffle(&mut self.ways);
        }
        let way = self.ways[self.next];
        self.next = (self.next + 1) % self.ways.len();
        way
    }
}
