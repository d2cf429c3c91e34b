//! The WS-SecurityPolicy of a binding, down to the two forms that the platform's contracts use.
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
    SignedToken {
        /// `sp:SignedParts/sp:Body`.
        body: bool,
        /// `sp:SignedParts/sp:Header`.
        headers: Vec<QName>,
        /// `sp:IncludeTimestamp`.
        timestamp: bool,
    },
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
                let parts = children.iter().find(|e| assertion(e, "SignedParts"));
                match signed_token(child, parts) {
                    Ok(alternative) => self.alternatives.push(alternative),
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

fn signed_token(binding: &Element, parts: Option<&Element>) -> Result<Alternative, Diagnostic> {
    let mut headers = Vec::new();
    let mut body = false;
    for part in parts.iter().flat_map(|parts| parts.children()) {
        if assertion(&part, "Body") {
            body = true;
        } else if assertion(&part, "Header") {
            let namespace = part.required("Namespace")?;
            headers.push(QName::new(namespace, part.attribute("Name").unwrap_or("*")));
        }
    }
    Ok(Alternative::SignedToken {
        body,
        headers,
        timestamp: binding
            .descendants()
            .any(|e| assertion(&e, "IncludeTimestamp")),
    })
}
