//! What keys and signed tokens are referred to by (WSS SOAP Message Security 1.1.1, section 7).

use std::borrow::Cow;

use super::super::fields::{Fields, attribute, base64, text};
use super::super::vocabulary::{DS, SAML_ID, WSSE, X509_SKI, X509_V3};
use super::super::{Cause, Refusal};
use crate::xml::{ElementId, Name, Tree};

/// What a SecurityTokenReference refers to.
pub(super) enum Referred<'t> {
    /// An assertion by its id.
    Token(Cow<'t, str>),
    /// A BinarySecurityToken by its id.
    Certificate(&'t str),
    /// A certificate by its subject key identifier.
    KeyIdentifier(Vec<u8>),
}

/// The one SecurityTokenReference of a KeyInfo.
pub(super) fn key_reference<'t>(
    tree: &'t Tree<'_>,
    key_info: ElementId,
) -> Result<Referred<'t>, Refusal> {
    let read = || {
        let mut fields = Fields::of(tree, key_info, DS.name("KeyInfo"))?;
        let reference = fields.required(WSSE.name("SecurityTokenReference"))?;
        fields.end()?;
        token_reference(tree, reference)
    };
    read().map_err(|_| Refusal::new(Cause::KeyInfo))
}

pub(super) fn token_reference<'t>(
    tree: &'t Tree<'_>,
    id: ElementId,
) -> Result<Referred<'t>, Refusal> {
    const KEY_IDENTIFIER: Name = WSSE.name("KeyIdentifier");
    let refused = || Refusal::new(Cause::KeyInfo);
    let mut fields = Fields::of(tree, id, WSSE.name("SecurityTokenReference"))?;
    let identifier = fields.optional(KEY_IDENTIFIER);
    let reference = fields.optional(WSSE.name("Reference"));
    fields.end()?;
    match (identifier, reference) {
        (Some(identifier), None) => {
            let value = text(tree, identifier, KEY_IDENTIFIER)?;
            match attribute(tree, identifier, "ValueType")? {
                SAML_ID => Ok(Referred::Token(value)),
                X509_SKI => Ok(Referred::KeyIdentifier(base64(&value, KEY_IDENTIFIER)?)),
                _ => Err(refused()),
            }
        }
        (None, Some(reference)) => {
            let target = attribute(tree, reference, "URI")?.strip_prefix('#');
            let target = target.ok_or_else(refused)?;
            match tree.attribute(reference, "", "ValueType") {
                Some(X509_V3) | None => Ok(Referred::Certificate(target)),
                Some(_) => Err(refused()),
            }
        }
        _ => Err(refused()),
    }
}

pub(super) fn binary_security_token(tree: &Tree<'_>, id: ElementId) -> Result<Vec<u8>, Refusal> {
    const NAME: Name = WSSE.name("BinarySecurityToken");
    if attribute(tree, id, "ValueType")? != X509_V3 {
        return Err(Refusal::structure("ValueType"));
    }
    base64(&text(tree, id, NAME)?, NAME)
}
