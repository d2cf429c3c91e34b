//! What may help whoever looks for the cause of a refusal.

use std::fmt;

/// What came out when neighbours of what should have been were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hint {
    /// The digest is that of inclusive canonicalisation.
    InclusiveCanonicalisation,
    /// The digest is that of exclusive canonicalisation without the prefixes that the transform lists.
    WithoutPrefixes,
    /// The digest is that of the octets as they stand.
    NotCanonicalised,
    /// It would hold if there were no white space between the elements: someone has indented them.
    WhiteSpace,
    /// It is that of the key of another certificate, which is trusted as a signer's.
    AnotherKey,
    /// The values differ in a slash at the end alone.
    TrailingSlash,
    /// The values differ in the case of letters alone.
    LetterCase,
    /// It would have held within this many more seconds of clock skew.
    Seconds(i64),
    /// An algorithm by its name.
    Algorithm(&'static str),
    /// What it is about.
    About(&'static str),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InclusiveCanonicalisation => {
                f.write_str("it is that of inclusive canonicalisation")
            }
            Self::WithoutPrefixes => f.write_str(
                "it is that of canonicalisation without the prefixes of InclusiveNamespaces",
            ),
            Self::NotCanonicalised => f.write_str("it is that of the octets as they stand"),
            Self::WhiteSpace => f.write_str(
                "it holds without the white space between the elements, which was put there later",
            ),
            Self::AnotherKey => f.write_str("it is that of another certificate's key"),
            Self::TrailingSlash => f.write_str("a slash at the end makes the difference"),
            Self::LetterCase => f.write_str("upper and lower case make the difference"),
            Self::Seconds(seconds) => write!(f, "by {seconds} s past the skew that is allowed"),
            Self::Algorithm(name) | Self::About(name) => f.write_str(name),
        }
    }
}

impl Hint {
    pub(super) fn danish(self) -> String {
        match self {
            Self::InclusiveCanonicalisation => "den passer til inklusiv kanonisering".to_owned(),
            Self::WithoutPrefixes => {
                "den passer til kanonisering uden præfikserne i InclusiveNamespaces".to_owned()
            }
            Self::NotCanonicalised => "den passer til teksten, som den står".to_owned(),
            Self::WhiteSpace => {
                "den passer uden mellemrummene mellem elementerne, som er sat ind senere".to_owned()
            }
            Self::AnotherKey => "den passer til et andet certifikats nøgle".to_owned(),
            Self::TrailingSlash => "forskellen er en skråstreg til sidst".to_owned(),
            Self::LetterCase => "forskellen er store og små bogstaver".to_owned(),
            Self::Seconds(seconds) => format!("{seconds} s ud over den tilladte urafvigelse"),
            Self::Algorithm(name) | Self::About(name) => name.to_owned(),
        }
    }

    /// What makes the difference between two names that should be the same.
    pub(in crate::security) fn between(expected: &str, found: &str) -> Option<Self> {
        if expected.trim_end_matches('/') == found.trim_end_matches('/') {
            Some(Self::TrailingSlash)
        } else if expected.eq_ignore_ascii_case(found) {
            Some(Self::LetterCase)
        } else {
            None
        }
    }
}
