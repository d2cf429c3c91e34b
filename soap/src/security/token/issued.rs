//! A token on its own, as its issuer hands it out and its holder keeps it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ReadToken, Token, TokenRules};
use crate::security::canonical::{Canonicaliser, Form};
use crate::security::vocabulary::SAML;
use crate::security::{Cause, Certificate, Check, Part, Refusal, Report, outline};
use crate::xml::{ElementId, Limits, Tree};

/// An assertion as text, to be put into messages octet for octet. Cloning is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken(Arc<Issued>);

#[derive(PartialEq, Eq)]
struct Issued {
    text: String,
    token: Token,
}

impl IssuedToken {
    /// Takes an element Assertion that declares all the namespaces that it uses.
    ///
    /// # Errors
    /// It is not put together as the profile says.
    pub fn read(assertion: &str) -> Result<Self, Refusal> {
        Self::read_within(assertion, &Limits::default())
    }

    /// The same within other limits.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_within(assertion: &str, limits: &Limits) -> Result<Self, Refusal> {
        let tree = Tree::read(assertion.as_bytes(), limits)?;
        let root = tree.root();
        if !tree.is(root, SAML.uri(), "Assertion") {
            return Err(Refusal::token_structure("Assertion"));
        }
        let token = ReadToken::read(&tree, root)?.token;
        let text = tree.message()[tree.range(root)].to_owned();
        Ok(Self(Arc::new(Issued { text, token })))
    }

    /// Takes the assertion `id` out of a message: octet for octet, where it declares all that it uses, or else with all that is
    /// declared around it, which changes nothing of what is signed.
    pub(in crate::security) fn of(
        tree: &Tree<'_>,
        id: ElementId,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let read = ReadToken::read(tree, id)?;
        let text = &tree.message()[tree.range(id)];
        if let Ok(alone) = Self::read_within(text, limits)
            && alone.0.token == read.token
        {
            return Ok(alone);
        }
        let everything = Form {
            inclusive: tree.prefixes().map(str::to_owned).collect(),
            bare_apex: false,
        };
        let mut canonicaliser = Canonicaliser::default();
        let text = canonicaliser.form(tree, id, None, &everything);
        Self::read_within(text.ok_or(Cause::Comment)?, limits)
    }

    /// Looks at all of it as [`verify`](Self::verify) does, but goes on past what is wrong, for people who look for the cause.
    pub fn inspect(&self, rules: &TokenRules, time: DateTime<Utc>, skew: TimeDelta) -> Report {
        let mut report = Report::default();
        if let Err(refusal) = self.look(rules, time, skew, &mut report) {
            report.refusals.push(refusal);
        }
        report
    }

    fn look(
        &self,
        rules: &TokenRules,
        time: DateTime<Utc>,
        skew: TimeDelta,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        let token = &self.0.token;
        let checks = token.check(rules, time, skew).filter_map(Result::err);
        report.refusals.extend(checks);
        report.looked_at(Check::Token, 0);
        let tree = Tree::read(self.0.text.as_bytes(), &Limits::UNBOUNDED)?;
        let read = ReadToken::read(&tree, tree.root())?;
        let signer = read.signer(&tree, &rules.trust)?;
        report.token_certificate = Some(signer.clone());
        let trusted = rules.trust.verify(&signer, time).map_err(Refusal::from);
        let before = report.refusals.len();
        if let Err(refusal) = trusted {
            report.refusals.push(refusal.with_part(Part::IssuedToken));
        }
        report.looked_at(Check::TokenSigner, before);
        let verified = read.look(&tree, &signer, &mut Canonicaliser::default());
        report.token_signature = Some(verified.is_ok());
        verified
    }

    /// Whether its issuer's signature holds and it is one for `rules` at `time`, with clocks as far apart as `skew`.
    ///
    /// # Errors
    /// What stands against it.
    pub fn verify(
        &self,
        rules: &TokenRules,
        time: DateTime<Utc>,
        skew: TimeDelta,
    ) -> Result<(), Refusal> {
        let tree = Tree::read(self.0.text.as_bytes(), &Limits::UNBOUNDED)?;
        let read = ReadToken::read(&tree, tree.root())?;
        let signer = read.signer(&tree, &rules.trust)?;
        read.verify(&tree, &signer, &mut Canonicaliser::default())?;
        let trusted = rules.trust.verify(&signer, time).map_err(Refusal::from);
        trusted.map_err(|refusal| refusal.with_part(Part::IssuedToken))?;
        self.0.token.check(rules, time, skew).collect()
    }

    /// What it says.
    pub fn token(&self) -> &Token {
        &self.0.token
    }

    /// The certificates in it that can be read, for people who look at one: the issuer's, which is none to be believed by that, and
    /// the holder's.
    pub fn certificates(&self) -> Vec<Certificate> {
        let tree = Tree::read(self.0.text.as_bytes(), &Limits::UNBOUNDED);
        tree.map(|tree| outline::certificates(&tree))
            .unwrap_or_default()
    }

    /// The element as text: a secret of its holder, as far as it can be one.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

/// Leaves the text out.
impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.token.fmt(f)
    }
}
