//! Tokens whose issuer's signature has been verified before: callers use one for hours.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::Digest;

use super::super::canonical::Canonicaliser;
use super::super::layout::{IdKind, ids_of};
use super::super::signature::{Reference, Transform};
use super::super::vocabulary::{SAML, SECURITY};
use super::super::{Certificate, DigestMethod, Token};
use crate::xml::{ElementId, Tree};

/// A token that has been verified, octet for octet, with all that its canonical forms depend on.
pub(super) struct KnownToken {
    octets: String,
    /// The namespaces in scope where it stood.
    inherited: Vec<(String, String)>,
    pub(super) token: Arc<Token>,
    pub(super) signer: Certificate,
    digests: Mutex<Vec<(Transform, DigestMethod, Digest)>>,
    /// The ids of the elements in it, of which no other element of a message may have one.
    pub(super) ids: Vec<(IdKind, String)>,
}

/// The most ways of being referred to that are kept for one token.
const MOST_DIGESTS: usize = 4;

impl KnownToken {
    pub(super) fn new(
        tree: &Tree<'_>,
        element: ElementId,
        token: Arc<Token>,
        signer: Certificate,
    ) -> Self {
        let inherited = tree.inherited(element);
        let owned = |(prefix, uri): (&str, &str)| (prefix.to_owned(), uri.to_owned());
        Self {
            octets: tree.message()[tree.range(element)].to_owned(),
            inherited: inherited.map(owned).collect(),
            token,
            signer,
            digests: Mutex::default(),
            ids: tree
                .elements_in(element)
                .flat_map(|inside| ids_of(tree, inside))
                .map(|(kind, id)| (kind, id.to_owned()))
                .collect(),
        }
    }

    /// Whether `element`, whose end need not have been read, is this token, with the same namespaces in scope. If so, it would
    /// be read again as it was read then.
    pub(super) fn is(&self, tree: &Tree<'_>, element: ElementId) -> bool {
        let inherited = self.inherited.iter();
        tree.message_from(element).starts_with(&self.octets)
            && inherited
                .map(|(prefix, uri)| (prefix.as_str(), uri.as_str()))
                .eq(tree.inherited(element))
    }

    /// How many octets it has.
    pub(super) fn octets(&self) -> usize {
        self.octets.len()
    }

    /// Whether the digest of a reference to it, which stands as `element`, is its digest.
    pub(super) fn has_digest(
        &self,
        reference: &Reference<'_>,
        tree: &Tree<'_>,
        element: ElementId,
        canonicaliser: &mut Canonicaliser,
    ) -> bool {
        let mut digests = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = digests.iter().find(|(transform, method, _)| {
            *transform == reference.transform && *method == reference.method
        });
        if let Some((_, _, digest)) = kept {
            return reference.has(digest);
        }
        let Some(digest) = reference.digest(tree, element, canonicaliser) else {
            return false;
        };
        let has = reference.has(&digest);
        if digests.len() < MOST_DIGESTS {
            digests.push((reference.transform.clone(), reference.method, digest));
        }
        has
    }
}

/// Whether an element is the token of a message, by where it stands.
pub(super) fn is_token_of_message(tree: &Tree<'_>, element: ElementId) -> bool {
    let facts = tree.element(element);
    let parent = facts.parent;
    facts.raw.ends_with("Assertion")
        && tree.is(element, SAML.uri(), "Assertion")
        && parent.is_some_and(|parent| tree.is(parent, SECURITY.namespace().uri(), "Security"))
        && tree.depth(element) == 3
}
