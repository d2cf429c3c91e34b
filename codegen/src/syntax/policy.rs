//! The WS-SecurityPolicy of a binding, down to the two forms that the platform's contracts use, and what the second demands.
//!
//! Policies are attached by `wsp:PolicyReference` (WS-Policy 1.5 Attachment, 3.4); both namespaces of WS-Policy are read, and a
//! reference into an imported document finds the policy by its `wsu:Id`.

use crate::diagnostic::Diagnostic;
use crate::load::{Document, Element, Link, QName};
use std::sync::Arc;

const WSP: [&str; 2] = [
    "http://www.w3.org/ns/ws-policy",
    "http://schemas.xmlsoap.org/ws/2004/09/policy",
];
const SP: [&str; 2] = [
    "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702",
    "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy",
];
const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// One way in which a peer may satisfy a binding's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Alternative {
    /// `sp:TransportBinding` with `sp:RequireClientCertificate`: mutual TLS, the message unsigned.
    ClientCertificate,
    /// `sp:TransportBinding` without a client certificate.
    Transport,
    /// `sp:AsymmetricBinding` with an issued SAML 2.0 token: the message is signed.
    SignedToken(SignedToken),
}

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

/// The alternatives of the policy that is attached to `binding`; none where no policy is. An alternative that is not known
/// is left out, with a warning.
pub(crate) fn read(
    binding: &Element,
    links: &[Link],
    warnings: &mut Vec<Diagnostic>,
) -> Vec<Alternative> {
    let mut reading = Reading {
        links,
        warnings,
        visited: Vec::new(),
        alternatives: Vec::new(),
    };
    for child in binding.children() {
        reading.policy(&child);
    }
    reading.alternatives
}

fn is_policy(element: &Element, local: &str) -> bool {
    WSP.iter().any(|namespace| element.is(namespace, local))
}

fn assertion(element: &Element, local: &str) -> bool {
    SP.iter().any(|namespace| element.is(namespace, local))
}

/// The policy that a `wsp:PolicyReference` names by `URI`.
fn target(reference: &Element, links: &[Link]) -> Result<Element, Diagnostic> {
    let uri = reference.required("URI")?;
    let (file, id) = uri.split_once('#').unwrap_or((uri, ""));
    let document: Option<Arc<Document>> = if file.is_empty() {
        Some(Arc::clone(reference.document()))
    } else {
        let folder = reference.document().path.parent();
        let path = folder.map(|folder| folder.join(file));
        links
            .iter()
            .map(|link| &link.target)
            .find(|document| Some(&document.path) == path.as_ref())
            .map(Arc::clone)
    };
    document
        .and_then(|document| {
            document
                .root()
                .descendants()
                .find(|e| is_policy(e, "Policy") && e.attribute_in(WSU, "Id") == Some(id))
        })
        .ok_or_else(|| {
            Diagnostic::at(reference.place(), format!("no policy `{uri}`")).help(
                "the policy's document must be imported by the WSDL, and the policy carry that wsu:Id",
            )
        })
}

/// The policies of a binding, as far as they have been read.
struct Reading<'w> {
    links: &'w [Link],
    warnings: &'w mut Vec<Diagnostic>,
    /// Where the policies begin that references have led to.
    visited: Vec<usize>,
    alternatives: Vec<Alternative>,
}

impl Reading<'_> {
    /// Reads `element` if it is a policy, a reference to one, or an operator of WS-Policy.
    fn policy(&mut self, element: &Element) {
        if is_policy(element, "PolicyReference") {
            match target(element, self.links) {
                Ok(policy) if !self.visited.contains(&policy.range().start) => {
                    self.visited.push(policy.range().start);
                    self.collect(&policy);
                }
                Ok(_) => {}
                Err(missing) => self.warnings.push(missing),
            }
        } else if ["Policy", "ExactlyOne", "All"]
            .iter()
            .any(|local| is_policy(element, local))
        {
            self.collect(element);
        }
    }

    /// Walks operators and references down to the bindings of WS-SecurityPolicy.
    fn collect(&mut self, element: &Element) {
        let children: Vec<Element> = element.children().collect();
        for child in &children {
            if assertion(child, "TransportBinding") {
                let certificate = child.descendants().any(|e| {
                    assertion(&e, "RequireClientCertificate")
                        || e.attribute("RequireClientCertificate") == Some("true")
                });
                self.alternatives.push(if certificate {
                    Alternative::ClientCertificate
                } else {
                    Alternative::Transport
                });
            } else if assertion(child, "AsymmetricBinding") {
                match SignedToken::read(child, &children) {
                    Ok(token) => self.alternatives.push(Alternative::SignedToken(token)),
                    Err(error) => self.warnings.push(error),
                }
            } else if assertion(child, "SymmetricBinding") {
                let text = "the policy asks for a symmetric binding, which is not carried";
                let help = "who sends and receives has to meet it";
                self.warnings
                    .push(Diagnostic::at(child.place(), text).help(help));
            } else {
                self.policy(child);
            }
        }
    }
}

impl SignedToken {
    /// Reads the binding and what stands beside it.
    fn read(binding: &Element, beside: &[Element]) -> Result<Self, Diagnostic> {
        let mut token = Self::default();
        let mut inside = Vec::new();
        assertions_in(binding, &mut inside);
        for demanded in inside.iter().chain(beside).filter(|e| !is_optional(e)) {
            if SP.contains(&demanded.name().namespace.as_str()) {
                token.demand(demanded)?;
            }
        }
        Ok(token)
    }

    fn demand(&mut self, assertion: &Element) -> Result<(), Diagnostic> {
        match assertion.name().local.as_str() {
            "SignedParts" => self.parts(assertion)?,
            "IncludeTimestamp" => self.timestamp = true,
            "ProtectTokens" => self.protects_tokens = true,
            "AlgorithmSuite" => {
                let mut suite = Vec::new();
                assertions_in(assertion, &mut suite);
                let named = suite.first().map(|suite| suite.name().local.clone());
                self.suite = named.unwrap_or_default();
            }
            "InitiatorToken" | "InitiatorSignatureToken" | "SignedSupportingTokens" => {
                enter(&mut self.initiator, token_types(assertion));
            }
            "RecipientToken" | "RecipientSignatureToken" => {
                enter(&mut self.recipient, token_types(assertion));
            }
            // Entire headers and body are all that is ever signed, and a strict layout is one of the lax ones.
            "Layout" => {
                let mut layout = Vec::new();
                assertions_in(assertion, &mut layout);
                let other = |e: &&Element| !["Strict", "Lax"].contains(&e.name().local.as_str());
                let others = layout.iter().filter(other);
                enter(&mut self.others, others.map(|e| e.name().local.clone()));
            }
            // What may be referred to how, and what versions are spoken: nothing that a message must do.
            "AsymmetricBinding"
            | "OnlySignEntireHeadersAndBody"
            | "Wss10"
            | "Wss11"
            | "Trust10"
            | "Trust13" => {}
            other => enter(&mut self.others, [other.to_owned()]),
        }
        Ok(())
    }

    fn parts(&mut self, signed: &Element) -> Result<(), Diagnostic> {
        for part in signed.children() {
            if assertion(&part, "Body") {
                self.body = true;
            } else if assertion(&part, "Header") {
                let namespace = part.required("Namespace")?;
                let local = part.attribute("Name").unwrap_or("*");
                self.headers.push(QName::new(namespace, local));
            } else {
                enter(&mut self.others, [part.name().local.clone()]);
            }
        }
        Ok(())
    }
}

/// Adds what is not there yet, in the order in which it comes.
fn enter(known: &mut Vec<String>, new: impl IntoIterator<Item = String>) {
    for name in new {
        if !known.contains(&name) {
            known.push(name);
        }
    }
}

/// The assertions in `element`, through the operators of WS-Policy.
fn assertions_in(element: &Element, found: &mut Vec<Element>) {
    for child in element.children() {
        if WSP.contains(&child.name().namespace.as_str()) {
            assertions_in(&child, found);
        } else {
            found.push(child);
        }
    }
}

/// The types that the tokens in `element` may have, such as `WssSamlV20Token11`.
fn token_types(element: &Element) -> impl Iterator<Item = String> {
    let types = element.descendants().filter(|e| {
        let name = e.name();
        SP.contains(&name.namespace.as_str()) && name.local.starts_with("Wss")
    });
    let names: Vec<String> = types.map(|e| e.name().local.clone()).collect();
    names.into_iter()
}

fn is_optional(assertion: &Element) -> bool {
    let mut said = WSP
        .iter()
        .filter_map(|ns| assertion.attribute_in(ns, "Optional"));
    said.any(|optional| matches!(optional, "true" | "1"))
}
