//! Examinations: what is right and what is wrong with a certificate, a message or an endpoint, in words.
//!
//! Each examination gives a [`Report`] of facts and findings. Nothing in a report is a key or a token. Whose a certificate is stands
//! in it, the name of a person too; what has the shape of a CPR number is hidden there as everywhere ([`soap::discreet`]).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use soap::discreet;
use soap::security::Refusal;

mod cert;
mod endpoint;
mod message;
mod sts;

pub use self::cert::{Certificates, certificates};
pub use self::endpoint::{Unreachable, Visitor};
pub use self::message::{Expected, message};
pub use self::sts::token_service;

/// What came of an examination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One for each thing that was looked at.
    pub sections: Vec<Section>,
}

/// What came of looking at one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What was looked at.
    pub title: String,
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
    /// How it went.
    pub verdict: Verdict,
    /// The stable id of what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// What was found, as a sentence.
    pub text: String,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All is as it should be.
    Ok,
    /// It holds, and someone should know.
    Warning,
    /// It does not hold.
    Wrong,
    /// Whether it holds was not looked at.
    Unknown,
}

impl Report {
    /// Whether nothing is wrong, and all that there was to be looked at was.
    pub fn holds(&self) -> bool {
        let mut findings = self.sections.iter().flat_map(|section| &section.findings);
        let mut all = findings.clone();
        let held = |finding: &Finding| matches!(finding.verdict, Verdict::Ok | Verdict::Warning);
        findings.next().is_some() && all.all(held)
    }
}

impl Section {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            facts: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(crate) fn fact(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        self.facts.push(Fact { name, value });
    }

    /// Each of `values`, which the message or the other side brought, as far as it may be shown.
    pub(crate) fn said(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        for value in values {
            self.fact(name, discreet(value.as_ref(), SAID));
        }
    }

    pub(crate) fn optional_fact(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.fact(name, value);
        }
    }

    pub(crate) fn ok(&mut self, text: impl Into<String>) {
        self.finding(Verdict::Ok, None, text.into());
    }

    pub(crate) fn warning(&mut self, text: impl Into<String>) {
        self.finding(Verdict::Warning, None, text.into());
    }

    /// That a check held, in these words, if it was made and held.
    pub(crate) fn held(&mut self, outcome: Option<bool>, text: &str) {
        if outcome == Some(true) {
            self.ok(text);
        }
    }

    /// Names those checks that were not made, if there are any, in one sentence.
    pub(crate) fn not_looked_at<const N: usize>(&mut self, checks: [(&str, Option<bool>); N]) {
        let missing = checks.into_iter().filter(|(_, outcome)| outcome.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| name).collect();
        if !missing.is_empty() {
            self.unknown(format!(
                "Not looked at, since what it takes is missing or cannot be read: {}.",
                missing.join("; ")
            ));
        }
    }

    /// What was not looked at, and why.
    pub(crate) fn unknown(&mut self, text: impl Into<String>) {
        self.finding(Verdict::Unknown, None, text.into());
    }

    /// What is wrong, by its stable id and as a sentence.
    pub(crate) fn wrong(&mut self, cause: &'static str, text: impl Into<String>) {
        self.finding(Verdict::Wrong, Some(cause), text.into());
    }

    /// What is wrong, in the words of the refusal.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        self.wrong(refusal.id(), sentence(&refusal.to_string()));
    }

    fn finding(&mut self, verdict: Verdict, cause: Option<&'static str>, text: String) {
        self.findings.push(Finding {
            verdict,
            cause,
            text,
        });
    }
}

/// How much of what the other side says is shown, in characters.
const SAID: usize = 300;

/// `text` with a capital at its beginning and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(characters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_brought_forges_no_finding() {
        let mut section = Section::new("message");
        let id = "urn:x\n  ok       The signer is trusted.\n\u{9b}31m\u{202e}311385–0000";
        section.said("message id", [id]);
        let told = &section.facts[0].value;
        assert_eq!(
            told,
            "urn:x   ok       The signer is trusted. \u{fffd}31m[CPR]"
        );
    }
}
