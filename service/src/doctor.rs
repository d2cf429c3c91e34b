//! Examinations: what is right and what is wrong with a certificate, a message or an endpoint, in words.
//!
//! Each examination gives a [`Report`]: facts, and findings that say for themselves whether they hold. Nothing in a report is a key, a
//! token or a person.

use serde::Serialize;

mod cert;

pub use self::cert::{Certificates, certificate};

/// What came of an examination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was found, in the order in which people ask for it.
    pub facts: Vec<Fact>,
    /// What was checked.
    pub findings: Vec<Finding>,
}

/// Something that is so, good or bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// How it is.
    pub value: String,
}

/// Something that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether it is as it should be.
    pub holds: bool,
    /// What was found, as a sentence.
    pub text: String,
}

impl Report {
    /// Whether all that was checked holds.
    pub fn holds(&self) -> bool {
        self.findings.iter().all(|finding| finding.holds)
    }

    pub(crate) fn fact(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        self.facts.push(Fact { name, value });
    }

    pub(crate) fn finding(&mut self, holds: bool, text: impl Into<String>) {
        let text = text.into();
        self.findings.push(Finding { holds, text });
    }
}
