//! Where in a message the parts stand that a signature may be about. They are found by position, never by id alone.

use super::fields::Fields;
use super::vocabulary::{
    ACTION, DS, FAULT_TO, FRAMEWORK, FROM, MESSAGE_ID, RELATES_TO, REPLY_TO, SAML, SECURITY, TO,
    WSSE, WSSE11, WSU,
};
use super::{Cause, Part, Refusal};
use crate::operation::Version;
use crate::xml::{ElementId, Item, Name, Tree, same};

/// An envelope: header blocks and body.
pub(super) struct Envelope {
    pub(super) version: Version,
    pub(super) blocks: Vec<ElementId>,
    pub(super) body: ElementId,
}

/// What a security header holds.
pub(super) struct Layout {
    pub(super) timestamp: Option<ElementId>,
    pub(super) token: Option<ElementId>,
    pub(super) certificate: Option<ElementId>,
    pub(super) signature: ElementId,
    /// All parts that may be signed.
    pub(super) parts: Vec<Place>,
}

/// A part of the message and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) element: ElementId,
}

impl Envelope {
    /// Finds header and body.
    ///
    /// # Errors
    /// The message is no envelope of `version`.
    pub(super) fn find(tree: &Tree<'_>, version: Version) -> Result<Self, Refusal> {
        if tree.has_instructions() {
            return Err(Cause::Instruction.into());
        }
        let namespace = version.namespace();
        let root = tree.root();
        let envelope = namespace.name("Envelope");
        if !tree.is(root, namespace.uri(), envelope.local()) {
            return Err(Cause::Envelope.into());
        }
        let mut fields = Fields::of(tree, root, envelope);
        let header = fields.optional(namespace.name("Header"));
        let body = fields.optional(namespace.name("Body"));
        let (Some(body), Ok(())) = (body, fields.end()) else {
            return Err(Cause::Envelope.into());
        };
        Ok(Self {
            version,
            blocks: header.map_or_else(Vec::new, |header| tree.children(header).collect()),
            body,
        })
    }

    /// The fault that the body holds, if it holds nothing beside it.
    pub(super) fn fault(&self, tree: &Tree<'_>) -> Option<ElementId> {
        let mut elements = tree.children(self.body);
        let fault = elements.next()?;
        let alone = elements.next().is_none();
        let is = tree.is(fault, self.version.namespace().uri(), "Fault");
        (is && alone).then_some(fault)
    }

    /// The header block `name`.
    ///
    /// # Errors
    /// There are two, or a comment stands in it.
    pub(super) fn block(&self, tree: &Tree<'_>, name: Name) -> Result<Option<ElementId>, Refusal> {
        let is = |id: &&ElementId| tree.is(**id, name.namespace().uri(), name.local());
        let mut found = self.blocks.iter().filter(is);
        let first = found.next().copied();
        if found.next().is_some() {
            return Err(Refusal::new(Cause::RepeatedHeader).with_part(Part::Header(name)));
        }
        let is_comment = |item: &Item<'_>| matches!(item, Item::Comment);
        if first.is_some_and(|first| tree.items(first).iter().any(is_comment)) {
            return Err(Refusal::new(Cause::Comment).with_part(Part::Header(name)));
        }
        Ok(first)
    }
}

impl Layout {
    /// Finds the parts of a signed message.
    ///
    /// # Errors
    /// There is no signature, or something stands where the profile has no place for it.
    pub(super) fn find(tree: &Tree<'_>, envelope: &Envelope) -> Result<Self, Refusal> {
        let (_, inside, parts) = Self::parts(tree, envelope)?;
        Ok(Self {
            timestamp: inside.timestamp,
            token: inside.token,
            certificate: inside.certificate,
            signature: inside.signature.ok_or(Cause::NotSigned)?,
            parts,
        })
    }

    /// The security header and the parts of a message that lacks nothing but the signature.
    ///
    /// # Errors
    /// It has one, or something stands where the profile has no place for it.
    pub(super) fn unsigned(
        tree: &Tree<'_>,
        envelope: &Envelope,
    ) -> Result<(ElementId, Vec<Place>), Refusal> {
        let (security, inside, parts) = Self::parts(tree, envelope)?;
        match inside.signature {
            None => Ok((security, parts)),
            Some(_) => Err(Refusal::structure("a second Signature")),
        }
    }

    fn parts(
        tree: &Tree<'_>,
        envelope: &Envelope,
    ) -> Result<(ElementId, Inside, Vec<Place>), Refusal> {
        let security = envelope.block(tree, SECURITY)?;
        let security = security.ok_or(Cause::NotSigned)?;
        for role in ["actor", "role"] {
            let namespace = envelope.version.namespace().uri();
            if tree
                .attribute(security, namespace, role)
                .is_some_and(|role| !role.is_empty())
            {
                return Err(Refusal::structure("actor or role of the security header"));
            }
        }
        // The body, the blocks, and what most security headers hold.
        let mut parts = Vec::with_capacity(envelope.blocks.len() + 4);
        parts.push(Place {
            part: Part::Body,
            element: envelope.body,
        });
        for (index, block) in envelope.blocks.iter().enumerate() {
            let known = KNOWN_BLOCKS
                .iter()
                .find(|name| tree.is(*block, name.namespace().uri(), name.local()));
            if *block != security {
                let part = known.map_or(Part::OtherHeader(index + 1), |name| Part::Header(*name));
                parts.push(Place {
                    part,
                    element: *block,
                });
            }
        }
        let mut inside = Inside::default();
        let mut fields = Fields::of(tree, security, SECURITY);
        let mut index = 0;
        while let Some(element) = fields.any() {
            inside.take(tree, index, element, &mut parts)?;
            index += 1;
        }
        fields.end()?;
        Ok((security, inside, parts))
    }

    /// The place with this id, by the attribute that ids of such a part have.
    pub(super) fn by_id(&self, tree: &Tree<'_>, id: &str) -> Option<Place> {
        self.parts
            .iter()
            .copied()
            .find(|place| place.id(tree) == Some(id))
    }
}

impl Place {
    pub(super) fn id<'t>(&self, tree: &'t Tree<'_>) -> Option<&'t str> {
        match self.part {
            Part::Token => tree.attribute(self.element, "", "ID"),
            _ => tree.attribute(self.element, WSU.uri(), "Id"),
        }
    }
}

/// Header blocks that have a name of their own where parts are spoken of.
const KNOWN_BLOCKS: [Name; 8] = [
    ACTION, MESSAGE_ID, TO, FROM, REPLY_TO, FAULT_TO, RELATES_TO, FRAMEWORK,
];

/// The security header while it is gone through.
#[derive(Default)]
struct Inside {
    timestamp: Option<ElementId>,
    token: Option<ElementId>,
    certificate: Option<ElementId>,
    reference: Option<ElementId>,
    signature: Option<ElementId>,
}

impl Inside {
    fn take(
        &mut self,
        tree: &Tree<'_>,
        index: usize,
        element: ElementId,
        parts: &mut Vec<Place>,
    ) -> Result<(), Refusal> {
        let (uri, local) = tree.name(element);
        let (slot, part) = match local {
            "Timestamp" if uri == WSU.uri() => (&mut self.timestamp, Part::Timestamp),
            "Assertion" if uri == SAML.uri() => (&mut self.token, Part::Token),
            "BinarySecurityToken" if uri == WSSE.uri() => {
                (&mut self.certificate, Part::BinarySecurityToken)
            }
            "SecurityTokenReference" if uri == WSSE.uri() => {
                (&mut self.reference, Part::ReferencedToken)
            }
            "Signature" if uri == DS.uri() => {
                if self.signature.replace(element).is_some() {
                    return Err(Refusal::structure("a second Signature"));
                }
                return Ok(());
            }
            // What an answer confirms of the request's signature proves nothing that is not proven otherwise.
            "SignatureConfirmation" if uri == WSSE11 => {
                let part = Part::OtherSecurity(index + 1);
                parts.push(Place { part, element });
                return Ok(());
            }
            _ => return Err(Refusal::structure("an element of the security header")),
        };
        if slot.replace(element).is_some() {
            return Err(Refusal::structure("a second token, timestamp or reference"));
        }
        parts.push(Place { part, element });
        Ok(())
    }
}

/// Refuses two elements of one id: attributes that are ids by their standard, anywhere; and whatever is called `Id`, where it
/// has the value of an id that a reference leads to. `passed` are those of the content of an element that was passed over.
///
/// # Errors
/// There are two.
pub(super) fn check_ids<'t>(
    tree: &'t Tree<'_>,
    referenced: impl Iterator<Item = &'t str>,
    passed: Option<(ElementId, &'t [(IdKind, String)])>,
) -> Result<(), Refusal> {
    let mut ids: Vec<(&str, ElementId)> = Vec::with_capacity(FEW);
    let mut others: Vec<&str> = Vec::new();
    let mut take = |kind, id, element| match kind {
        IdKind::Standard => ids.push((id, element)),
        IdKind::Other => others.push(id),
    };
    for element in tree.elements() {
        for (kind, id) in ids_of(tree, element) {
            take(kind, id, element);
        }
    }
    if let Some((element, passed)) = passed {
        for (kind, id) in passed {
            take(*kind, id, element);
        }
    }
    // A few are compared each with each.
    let repeats = if ids.len() <= FEW {
        let of_another = |(id, element): &(&str, ElementId),
                          (other, elsewhere): &(&str, ElementId)| {
            element != elsewhere && same(id, other)
        };
        (1..ids.len()).any(|index| {
            ids[..index]
                .iter()
                .any(|other| of_another(&ids[index], other))
        })
    } else {
        ids.sort_unstable();
        ids.dedup();
        ids.windows(2).any(|pair| pair[0].0 == pair[1].0)
    };
    if repeats {
        return Err(Cause::DuplicateId.into());
    }
    if !others.is_empty() {
        others.sort_unstable();
        for id in referenced {
            if others.binary_search(&id).is_ok() {
                return Err(Cause::DuplicateId.into());
            }
        }
    }
    Ok(())
}

/// More ids than most messages have.
const FEW: usize = 16;

/// What an attribute is that is called `Id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdKind {
    /// An id by its standard.
    Standard,
    /// Whatever.
    Other,
}

/// The attributes of an element that are called `Id`, in whatever case.
pub(super) fn ids_of<'t>(
    tree: &'t Tree<'_>,
    element: ElementId,
) -> impl Iterator<Item = (IdKind, &'t str)> {
    const XML: &str = "http://www.w3.org/XML/1998/namespace";
    let attributes = tree.attributes(element).iter();
    let called = attributes.filter(|attribute| {
        attribute.local.len() == 2 && attribute.local.eq_ignore_ascii_case("id")
    });
    called.map(move |attribute| {
        let namespace = tree.attribute_namespace(attribute);
        let own = tree.name(element).0;
        let is_id = namespace == WSU.uri()
            || namespace == XML
            || (namespace.is_empty() && (own == DS.uri() || own == SAML.uri()));
        let kind = if is_id {
            IdKind::Standard
        } else {
            IdKind::Other
        };
        (kind, &*attribute.value)
    })
}
