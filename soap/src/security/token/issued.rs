//! A token on its own, as its issuer hands it out and its holder keeps it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ReadToken, Token, TokenRules};
use crate::security::vocabulary::SAML;
use crate::security::{Part, Refusal};
use crate::xml::{Limits, Tree};

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
        let tree = Tree::read(assertion.as_bytes(), &Limits::default())?;
        let root = tree.root();
        if !tree.is(root, SAML.uri(), "Assertion") {
            return Err(Refusal::token_structure("Assertion"));
        }
        let token = ReadToken::read(&tree, root)?.token;
        let text = tree.message()[tree.range(root)].to_owned();
        Ok(Self(Arc::new(Issued { text, token })))
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
        let tree = Tree::read(self.0.text.as_bytes(), &Limits::default())?;
        let read = ReadToken::read(&tree, tree.root())?;
        let signer = read.signer(&tree, &rules.trust)?;
        read.verify(&tree, &signer)?;
        let trusted = rules.trust.verify(&signer, time).map_err(Refusal::from);
        trusted.map_err(|refusal| refusal.with_part(Part::IssuedToken))?;
        self.0.token.check(rules, time, skew).collect()
    }

    /// What it says.
    pub fn token(&self) -> &Token {
        &self.0.token
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
