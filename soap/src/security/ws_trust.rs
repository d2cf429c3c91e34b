//! Asking a security token service for a token, and its answer (WS-Trust 1.3, section 4, Issue), as OIO WS-Trust Profile 1.0.1
//! and KOMBIT's service have them.
//!
//! Both are read from bodies; whether the message around them is to be believed is the [`Verifier`](super::Verifier)'s to say.

mod fault;
mod request;
mod response;

pub use self::fault::TokenFault;
pub use self::request::TokenRequest;
pub use self::response::TokenResponse;

use super::Refusal;
use super::fields::text;
use super::vocabulary::SAML_V2;
use super::vocabulary::WSA;
use crate::xml::{ElementId, Name, Namespace, Tree, Writer};

/// WS-Trust 1.3.
pub(super) const WST: Namespace =
    Namespace::new("http://docs.oasis-open.org/ws-sx/ws-trust/200512", "wst");
/// The namespace of `AppliesTo` that is written: that of WS-Policy 1.2, as KOMBIT's service writes it in its answers.
const WSP: Namespace = Namespace::new("http://schemas.xmlsoap.org/ws/2004/09/policy", "wsp");
/// Those that are read: WS-Policy 1.0 as .NET has it, 1.2 and 1.5.
const POLICIES: [&str; 3] = [
    "http://schemas.xmlsoap.org/ws/2002/12/policy",
    "http://schemas.xmlsoap.org/ws/2004/09/policy",
    "http://www.w3.org/ns/ws-policy",
];
/// The claims of WS-Federation 1.2.
const AUTH: Namespace = Namespace::new(
    "http://docs.oasis-open.org/wsfed/authorization/200706",
    "auth",
);
const CLAIMS_DIALECT: &str = "http://docs.oasis-open.org/wsfed/authorization/200706/authclaims";
const ISSUE: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue";
const PUBLIC_KEY: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey";

const ADDRESS: Name = WSA.name("Address");
const ENDPOINT_REFERENCE: Name = WSA.name("EndpointReference");
const TOKEN_TYPE: Name = WST.name("TokenType");
const REQUEST_TYPE: Name = WST.name("RequestType");
const KEY_TYPE: Name = WST.name("KeyType");

/// The one child with this name, wherever it stands; parties differ in the order.
fn child(tree: &Tree<'_>, parent: ElementId, name: Name) -> Result<Option<ElementId>, Refusal> {
    let is = |id: &ElementId| tree.is(*id, name.namespace().uri(), name.local());
    one(tree.children(parent).filter(is), name.local())
}

fn one(
    mut found: impl Iterator<Item = ElementId>,
    about: &'static str,
) -> Result<Option<ElementId>, Refusal> {
    let first = found.next();
    match found.next() {
        Some(_) => Err(Refusal::structure(about)),
        None => Ok(first),
    }
}

fn required(tree: &Tree<'_>, parent: ElementId, name: Name) -> Result<ElementId, Refusal> {
    child(tree, parent, name)?.ok_or_else(|| Refusal::structure(name.local()))
}

/// Refuses a child whose text is another than `value`; one that is missing is taken for it.
fn is(tree: &Tree<'_>, parent: ElementId, name: Name, value: &str) -> Result<(), Refusal> {
    match child(tree, parent, name)? {
        Some(id) if text(tree, id, name)? != value => Err(Refusal::structure(name.local())),
        _ => Ok(()),
    }
}

/// The address in the one `AppliesTo`.
fn applies_to(tree: &Tree<'_>, parent: ElementId) -> Result<Option<String>, Refusal> {
    let is = |id: &ElementId| {
        let (uri, local) = tree.name(*id);
        local == "AppliesTo" && POLICIES.contains(&uri)
    };
    let Some(found) = one(tree.children(parent).filter(is), "AppliesTo")? else {
        return Ok(None);
    };
    let reference = required(tree, found, ENDPOINT_REFERENCE)?;
    let address = text(tree, required(tree, reference, ADDRESS)?, ADDRESS)?;
    Ok(Some(address.into_owned()))
}

fn write_applies_to(writer: &mut Writer, address: &str) {
    let applies_to = writer.start(WSP.name("AppliesTo"));
    let reference = writer.start(ENDPOINT_REFERENCE);
    writer.required(WSA.element("Address"), &address.to_owned());
    writer.end(reference);
    writer.end(applies_to);
}

/// What is asked for and issued: a SAML 2.0 token, bound to a public key.
fn write_kind(writer: &mut Writer) {
    writer.required(WST.element("TokenType"), &SAML_V2.to_owned());
    writer.required(WST.element("RequestType"), &ISSUE.to_owned());
    writer.required(WST.element("KeyType"), &PUBLIC_KEY.to_owned());
}
