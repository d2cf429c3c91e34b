//! The WS-SecurityPolicy of an endpoint, down to the two forms that the platform's contracts use, what the second demands, and what
//! is beyond both.

mod normal;

use self::normal::{Conjunction, Normaliser};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, Link, QName};

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

/// One way in which a peer may satisfy an endpoint's policy.
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

/// The alternatives of the policy of an endpoint: of what is attached to `endpoint`, the port and what it stands in and refers to,
/// together with what is attached to each of its operations and their messages (WS-Policy 1.5 Attachment, 4); none where no policy is.
///
/// The facts are those of an endpoint, so the policies of its operations must come to the same. What a message of one direction must
/// have is demanded of both: our answers sign what our requests do. Of what is not known a warning tells.
///
/// # Errors
/// A reference or an assertion lacks what says what it is about, or there is no end to the alternatives.
pub(crate) fn read(
    endpoint: &[Element],
    operations: &[Vec<Element>],
    links: &[Link],
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Alternative>, Diagnostic> {
    let mut normaliser = Normaliser::new(links, warnings);
    let mut shared = normaliser.attached(endpoint)?;
    for apart in normaliser.apart(endpoint) {
        shared = normaliser.both(shared, &[apart])?;
    }
    let mut merged = Vec::new();
    for operation in operations {
        let own = normaliser.attached(operation)?;
        merged.push((operation, normaliser.both(shared.clone(), &own)?));
    }
    let Some(((_, first), others)) = merged.split_first() else {
        return Reading::of(&shared, endpoint, warnings);
    };
    let alternatives = Reading::of(first, endpoint, warnings)?;
    for (operation, other) in others {
        let known = Reading::of(other, endpoint, &mut Vec::new())?;
        if let (true, Some(operation)) = (known != alternatives, operation.first()) {
            let text =
                "the policy of this operation is not that of the first one, which is not carried";
            warnings.push(Diagnostic::at(operation.place(), text).help(UNMET));
            let differing = "policies that differ from operation to operation";
            return Ok(vec![Alternative::Unknown(vec![differing.to_owned()])]);
        }
    }
    Ok(alternatives)
}

/// What becomes of a policy that is not carried.
const UNMET: &str = "who sends and receives has to meet it: a role that has to does not start";

fn is_policy(element: &Element, local: &str) -> bool {
    WSP.iter().any(|namespace| element.is(namespace, local))
}

fn assertion(element: &Element, local: &str) -> bool {
    SP.iter().any(|namespace| element.is(namespace, local))
}

/// The alternatives of a policy, as far as they have been read.
struct Reading<'w> {
    warnings: &'w mut Vec<Diagnostic>,
    alternatives: Vec<Alternative>,
}

impl<'w> Reading<'w> {
    /// Reads the policy of `endpoint`, in normal form.
    fn of(
        policy: &[Conjunction],
        endpoint: &[Element],
        warnings: &'w mut Vec<Diagnostic>,
    ) -> Result<Vec<Alternative>, Diagnostic> {
        let mut reading = Self {
            warnings,
            alternatives: Vec::new(),
        };
        if let ([], Some(at)) = (policy, endpoint.first()) {
            // Whatever one does is not allowed then (WS-Policy 1.5 Framework, 4.3.3).
            let nothing = vec!["one of no alternatives".to_owned()];
            reading.warn(at, &nothing);
            reading.alternatives.push(Alternative::Unknown(nothing));
        }
        for together in policy {
            reading.alternative(together)?;
        }
        Ok(reading.alternatives)
    }

    /// Enters what these assertions demand together; nothing where they demand nothing.
    fn alternative(&mut self, together: &Conjunction) -> Result<(), Diagnostic> {
        let all = together.assertions.as_slice();
        let mut bindings = all.iter().filter(|e| is_binding(e));
        let binding = bindings.next();
        let beside = all.iter().filter(|e| !is_binding(e) && !is_optional(e));
        let beside = beside.filter(|e| !is_met(e, binding));
        let mut unmet: Vec<String> = beside.map(|e| e.name().local.clone()).collect();
        let way = binding.map(|binding| way(binding, all)).transpose()?;
        for other in bindings {
            // One of the two would have to be passed over.
            if way.as_ref() != Some(&self::way(other, all)?) {
                unmet.insert(0, format!("{} beside another", other.name().local));
            }
        }
        if let Some(symmetric) = binding.filter(|e| assertion(e, "SymmetricBinding")) {
            unmet.insert(0, symmetric.name().local.clone());
        }
        if let (Some(at), false) = (binding.or(all.first()), unmet.is_empty()) {
            self.warn(at, &unmet);
        }
        unmet.extend_from_slice(&together.missing);
        let entered = match way {
            _ if !unmet.is_empty() => Alternative::Unknown(unmet),
            Some(way) => way,
            None => return Ok(()),
        };
        if !self.alternatives.contains(&entered) {
            self.alternatives.push(entered);
        }
        Ok(())
    }

    /// Warns of what cannot be met.
    fn warn(&mut self, at: &Element, unmet: &[String]) {
        let text = format!(
            "the policy asks for {}, which is not carried",
            unmet.join(", ")
        );
        self.warnings
            .push(Diagnostic::at(at.place(), text).help(UNMET));
    }
}

/// What `binding` demands, with the assertions beside it.
fn way(binding: &Element, beside: &[Element]) -> Result<Alternative, Diagnostic> {
    if !assertion(binding, "TransportBinding") {
        return SignedToken::read(binding, beside).map(Alternative::SignedToken);
    }
    let certificate = binding.descendants().any(|e| {
        assertion(&e, "RequireClientCertificate")
            || e.attribute("RequireClientCertificate") == Some("true")
    });
    Ok(if certificate {
        Alternative::ClientCertificate
    } else {
        Alternative::Transport
    })
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
                let header = QName::new(namespace, local);
                if !self.headers.contains(&header) {
                    self.headers.push(header);
                }
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
