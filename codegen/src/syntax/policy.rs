//! The WS-SecurityPolicy of a binding, down to the two forms that the platform's contracts use, what the second demands, and what is
//! beyond both.
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
/// The metadata of Web Services Addressing, whose header blocks every signed message has.
const ADDRESSING: [&str; 3] = [
    "http://www.w3.org/2007/05/addressing/metadata",
    "http://www.w3.org/2007/02/addressing/metadata",
    "http://www.w3.org/2006/05/addressing/wsdl",
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
    /// Assertions that nothing of this stands for, by their names: whoever has to meet them cannot.
    Unknown(Vec<String>),
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

/// The alternatives of the policy that is attached to `binding`; none where no policy is. Of what is not known a warning tells.
///
/// # Errors
/// A reference or an assertion lacks what says what it is about.
pub(crate) fn read(
    binding: &Element,
    links: &[Link],
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Alternative>, Diagnostic> {
    let mut reading = Reading {
        links,
        warnings,
        visited: Vec::new(),
        alternatives: Vec::new(),
    };
    for child in binding.children() {
        reading.policy(&child, &[])?;
    }
    Ok(reading.alternatives)
}

fn is_policy(element: &Element, local: &str) -> bool {
    WSP.iter().any(|namespace| element.is(namespace, local))
}

fn assertion(element: &Element, local: &str) -> bool {
    SP.iter().any(|namespace| element.is(namespace, local))
}

/// The policy that a `wsp:PolicyReference` names by `URI`: one with that `wsu:Id` in its document, or with that `Name` in any.
fn target(reference: &Element, links: &[Link]) -> Result<Element, Diagnostic> {
    let uri = reference.required("URI")?;
    let (file, id) = uri.split_once('#').unwrap_or((uri, ""));
    let own = reference.document();
    let folder = own.path.parent();
    let path = match file {
        "" => Some(own.path.clone()),
        file => folder.map(|folder| folder.join(file)),
    };
    let linked = links.iter().map(|link| &link.target);
    let documents: Vec<&Arc<Document>> = std::iter::once(own).chain(linked).collect();
    let policy = |document: &Arc<Document>, is: &dyn Fn(&Element) -> bool| {
        let root = document.root();
        let mut all = root.descendants();
        all.find(|e| is_policy(e, "Policy") && is(e))
    };
    let by_id = |e: &Element| e.attribute_in(WSU, "Id") == Some(id);
    let by_name = |e: &Element| e.attribute("Name") == Some(uri);
    let here = |document: &&&Arc<Document>| Some(&document.path) == path.as_ref();
    let found = documents
        .iter()
        .find(here)
        .and_then(|document| policy(document, &by_id));
    let found = found.or_else(|| {
        documents
            .iter()
            .find_map(|document| policy(document, &by_name))
    });
    found.ok_or_else(|| {
        Diagnostic::at(reference.place(), format!("no policy `{uri}`")).help(
            "the policy's document must be imported by the WSDL, and the policy carry that wsu:Id; as it is, a role that has to meet it does not start",
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
    /// Reads `element` if it is a policy, a reference to one, or an operator of WS-Policy; `outer` are the assertions that hold
    /// beside it.
    fn policy(&mut self, element: &Element, outer: &[Element]) -> Result<(), Diagnostic> {
        if is_policy(element, "PolicyReference") {
            let policy = match target(element, self.links) {
                Ok(policy) => policy,
                Err(missing) => {
                    // Deployed contracts have such references. What they ask for is not known, and so met by nobody.
                    let uri = element.required("URI")?;
                    self.warnings.push(missing);
                    let unknown = Alternative::Unknown(vec![format!("the policy {uri}")]);
                    self.alternatives.push(unknown);
                    return Ok(());
                }
            };
            if self.visited.contains(&policy.range().start) {
                return Ok(());
            }
            self.visited.push(policy.range().start);
            return self.collect(&policy, outer);
        }
        if is_operator(element) {
            return self.collect(element, outer);
        }
        Ok(())
    }

    /// Walks operators and references down to the assertions of each alternative.
    fn collect(&mut self, element: &Element, outer: &[Element]) -> Result<(), Diagnostic> {
        let (operators, assertions): (Vec<Element>, Vec<Element>) = element
            .children()
            .partition(|child| is_operator(child) || is_policy(child, "PolicyReference"));
        if is_policy(element, "ExactlyOne") {
            for assertion in assertions {
                self.alternative(&[outer, &[assertion]].concat())?;
            }
            return operators
                .iter()
                .try_for_each(|child| self.policy(child, outer));
        }
        let all = [outer, &assertions].concat();
        if operators.is_empty() || all.iter().any(is_binding) {
            self.alternative(&all)?;
        }
        operators
            .iter()
            .try_for_each(|child| self.policy(child, &all))
    }

    /// Enters what these assertions demand together; nothing where they demand nothing.
    fn alternative(&mut self, all: &[Element]) -> Result<(), Diagnostic> {
        let bindings: Vec<&Element> = all.iter().filter(|e| is_binding(e)).collect();
        let beside = |binding: Option<&Element>| {
            let mandatory = all.iter().filter(|e| !is_binding(e) && !is_optional(e));
            let unmet = mandatory.filter(|e| !is_met(e, binding));
            unmet.map(|e| e.name().local.clone()).collect::<Vec<_>>()
        };
        for binding in &bindings {
            let mut unmet = beside(Some(binding));
            if assertion(binding, "SymmetricBinding") {
                unmet.insert(0, binding.name().local.clone());
            }
            if !unmet.is_empty() {
                self.unknown(binding, unmet);
            } else if assertion(binding, "TransportBinding") {
                let certificate = binding.descendants().any(|e| {
                    assertion(&e, "RequireClientCertificate")
                        || e.attribute("RequireClientCertificate") == Some("true")
                });
                self.alternatives.push(if certificate {
                    Alternative::ClientCertificate
                } else {
                    Alternative::Transport
                });
            } else {
                let token = SignedToken::read(binding, all)?;
                self.alternatives.push(Alternative::SignedToken(token));
            }
        }
        let unmet = beside(None);
        if let (true, Some(first), false) = (bindings.is_empty(), all.first(), unmet.is_empty()) {
            self.unknown(first, unmet);
        }
        Ok(())
    }

    /// Enters an alternative that cannot be met, and warns of it.
    fn unknown(&mut self, at: &Element, unmet: Vec<String>) {
        let text = format!(
            "the policy asks for {}, which is not carried",
            unmet.join(", ")
        );
        let help = "who sends and receives has to meet it: a role that has to does not start";
        let warning = Diagnostic::at(at.place(), text).help(help);
        self.warnings.push(warning);
        self.alternatives.push(Alternative::Unknown(unmet));
    }
}

fn is_operator(element: &Element) -> bool {
    let operators = ["Policy", "ExactlyOne", "All"];
    operators.iter().any(|local| is_policy(element, local))
}

fn is_binding(element: &Element) -> bool {
    let bindings = ["TransportBinding", "AsymmetricBinding", "SymmetricBinding"];
    bindings.iter().any(|local| assertion(element, local))
}

/// Whether what stands beside `binding` is met by it, or demands nothing of a message. What is asked of signed messages is entered
/// into the fact of the binding, which tells what of it is met.
fn is_met(beside: &Element, binding: Option<&Element>) -> bool {
    let is_binding = |local| binding.is_some_and(|binding| assertion(binding, local));
    let name = beside.name();
    if !SP.contains(&name.namespace.as_str()) {
        return is_binding("AsymmetricBinding") && ADDRESSING.contains(&name.namespace.as_str());
    }
    match name.local.as_str() {
        "Wss10" | "Wss11" | "Trust10" | "Trust13" => true,
        // All of a message, on its way.
        "SignedParts" | "EncryptedParts" | "SignedElements" | "EncryptedElements" => {
            is_binding("TransportBinding") || is_binding("AsymmetricBinding")
        }
        _ => is_binding("AsymmetricBinding"),
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
        .flat_map(|ns| ["Optional", "Ignorable"].map(|said| assertion.attribute_in(ns, said)))
        .flatten();
    said.any(|optional| matches!(optional, "true" | "1"))
}
