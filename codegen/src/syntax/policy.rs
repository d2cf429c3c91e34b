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

/// The alternatives of the policy that is attached to `binding`; none where no policy is.
pub(crate) fn read(
    binding: &Element,
    links: &[Link],
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Alternative>, Diagnostic> {
    let mut alternatives = Vec::new();
    for child in binding.children() {
        if is_policy(&child, "PolicyReference") {
            let policy = match target(&child, links) {
                Ok(policy) => policy,
                Err(missing) => {
                    warnings.push(missing);
                    continue;
                }
            };
            collect(
                &policy,
                links,
                &mut vec![policy.range().start],
                &mut alternatives,
            )?;
        } else if is_policy(&child, "Policy") {
            collect(
                &child,
                links,
                &mut vec![child.range().start],
                &mut alternatives,
            )?;
        }
    }
    Ok(alternatives)
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

/// Walks `wsp:ExactlyOne`, `wsp:All` and references down to the bindings of WS-SecurityPolicy.
fn collect(
    element: &Element,
    links: &[Link],
    visited: &mut Vec<usize>,
    alternatives: &mut Vec<Alternative>,
) -> Result<(), Diagnostic> {
    let children: Vec<Element> = element.children().collect();
    for child in &children {
        if is_policy(child, "PolicyReference") {
            let policy = target(child, links)?;
            let start = policy.range().start;
            if !visited.contains(&start) {
                visited.push(start);
                collect(&policy, links, visited, alternatives)?;
            }
        } else if ["Policy", "ExactlyOne", "All"]
            .iter()
            .any(|local| is_policy(child, local))
        {
            collect(child, links, visited, alternatives)?;
        } else if assertion(child, "TransportBinding") {
            let certificate = child.descendants().any(|e| {
                assertion(&e, "RequireClientCertificate")
                    || e.attribute("RequireClientCertificate") == Some("true")
            });
            alternatives.push(if certificate {
                Alternative::ClientCertificate
            } else {
                Alternative::Transport
            });
        } else if assertion(child, "AsymmetricBinding") {
            let parts = children.iter().find(|e| assertion(e, "SignedParts"));
            alternatives.push(signed_token(child, parts)?);
        } else if assertion(child, "SymmetricBinding") {
            return Err(Diagnostic::at(
                child.place(),
                "the policy asks for a symmetric binding, which is not supported",
            )
            .help("the platform's contracts use transport and asymmetric bindings"));
        }
    }
    Ok(())
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
