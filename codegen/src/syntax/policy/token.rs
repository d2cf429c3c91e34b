//! What messages that are signed with the key of a token must be, by WS-SecurityPolicy 1.2.

use super::normal::Assertion;
use super::{ADDRESSING, Unmet, is_of_versions};
use crate::diagnostic::Diagnostic;
use crate::load::QName;

/// What an `sp:AsymmetricBinding` and the assertions beside it demand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignedToken {
    /// `sp:SignedParts/sp:Body`.
    pub(crate) body: bool,
    /// `sp:SignedParts/sp:Header`; `*` for all of a namespace.
    pub(crate) headers: Vec<QName>,
    /// `sp:IncludeTimestamp`.
    pub(crate) timestamp: bool,
    /// What stands in `sp:AlgorithmSuite`; empty without.
    pub(crate) suite: String,
    /// The types of the tokens that whoever begins has to have.
    pub(crate) initiator: Vec<String>,
    /// The types of the tokens that whoever answers signs with.
    pub(crate) recipient: Vec<String>,
    /// `sp:ProtectTokens`.
    pub(crate) protects_tokens: bool,
    /// The assertions that nothing of this stands for.
    pub(crate) others: Vec<String>,
}

impl SignedToken {
    /// Reads the binding and what stands beside it.
    pub(super) fn read(
        binding: &Assertion,
        beside: &[&Assertion],
        unmet: &mut Unmet,
    ) -> Result<Self, Diagnostic> {
        let mut token = Self::default();
        for demanded in binding.inside.iter().chain(beside.iter().copied()) {
            token.demand(demanded, unmet)?;
        }
        token.others.clone_from(&unmet.names);
        Ok(token)
    }

    fn demand(&mut self, assertion: &Assertion, unmet: &mut Unmet) -> Result<(), Diagnostic> {
        if assertion.is_of(&ADDRESSING) {
            let inside = assertion.inside.iter();
            let other = inside.filter(|a| a.name() != "AnonymousResponses");
            other.for_each(|a| unmet.enter(a));
            return Ok(());
        }
        let inside = &assertion.inside;
        match assertion.security() {
            Some("SignedParts") => self.parts(assertion, unmet)?,
            Some("IncludeTimestamp") => self.timestamp = true,
            Some("ProtectTokens") => self.protects_tokens = true,
            Some("AlgorithmSuite") => inside.iter().for_each(|a| self.algorithm(a, unmet)),
            Some("InitiatorToken" | "InitiatorSignatureToken" | "SignedSupportingTokens") => {
                let ours = ["SamlToken", "IssuedToken"];
                enter_types(&mut self.initiator, ours.as_slice(), inside, unmet);
            }
            Some("RecipientToken" | "RecipientSignatureToken") => {
                enter_types(&mut self.recipient, &["X509Token"], inside, unmet);
            }
            // Entire headers and body are all that is ever signed, and a strict layout is one of the lax ones.
            Some("OnlySignEntireHeadersAndBody") => {}
            Some("Layout") => {
                let ours = [Some("Strict"), Some("Lax")];
                let other = inside.iter().filter(|a| !ours.contains(&a.security()));
                other.for_each(|a| unmet.enter(a));
            }
            _ if is_of_versions(assertion) => {
                // Alone of these, it says what an answer must hold.
                let confirmed = |a: &&Assertion| a.name() == "RequireSignatureConfirmation";
                inside.iter().filter(confirmed).for_each(|a| unmet.enter(a));
            }
            _ => unmet.enter(assertion),
        }
        Ok(())
    }

    fn algorithm(&mut self, assertion: &Assertion, unmet: &mut Unmet) {
        let Some(name) = assertion.security() else {
            return unmet.enter(assertion);
        };
        match name {
            // It is what tokens are referred to by.
            "STRTransform10" => {}
            "InclusiveC14N" | "SoapNormalization10" | "XPath10" | "XPathFilter20" | "AbsXPath" => {
                unmet.enter(assertion);
            }
            suite if self.suite.is_empty() => suite.clone_into(&mut self.suite),
            suite if self.suite == suite => {}
            suite => {
                let both = format!("the algorithm suites {} and {suite} at once", self.suite);
                unmet.enter_as(assertion, &both);
            }
        }
    }

    fn parts(&mut self, signed: &Assertion, unmet: &mut Unmet) -> Result<(), Diagnostic> {
        if signed.inside.is_empty() {
            // Every header block, and the body (WS-SecurityPolicy 1.2, 4.1.1).
            self.body = true;
            unmet.enter_as(signed, "every header block signed");
        }
        for part in &signed.inside {
            match part.security() {
                Some("Body") => self.body = true,
                Some("Header") => {
                    let namespace = part.element.required("Namespace")?;
                    let local = part.element.attribute("Name").unwrap_or("*");
                    let header = QName::new(namespace, local);
                    if !self.headers.contains(&header) {
                        self.headers.push(header);
                    }
                }
                _ => unmet.enter(part),
            }
        }
        Ok(())
    }
}

/// Adds the types that the tokens of `assertions` may have, such as `WssSamlV20Token11`; a token of another kind than `ours` that
/// names no type is its own.
fn enter_types(
    types: &mut Vec<String>,
    ours: &[&str],
    assertions: &[Assertion],
    unmet: &mut Unmet,
) {
    let mut enter = |name: &str| {
        if !types.iter().any(|known| known == name) {
            types.push(name.to_owned());
        }
    };
    for token in assertions {
        if !token.security().is_some_and(|name| name.ends_with("Token")) {
            unmet.enter(token);
            continue;
        }
        let mut typed = token.security().is_some_and(|name| ours.contains(&name));
        for inside in &token.inside {
            match inside.security() {
                Some(name) if name.starts_with("Wss") => {
                    enter(name);
                    typed = true;
                }
                // Parameters, for who gets or issues the token.
                Some("Issuer" | "IssuerName" | "RequestSecurityTokenTemplate") => {}
                _ => unmet.enter(inside),
            }
        }
        if !typed {
            enter(token.name());
        }
    }
}
