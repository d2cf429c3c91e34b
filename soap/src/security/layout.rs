//! Where in a message the parts stand that a signature may be about. They are found by position, never by id alone.

use super::fields::Fields;
use super::vocabulary::{DS, SAML, SECURITY, UNDERSTOOD, WSSE, WSSE11, WSU};
use super::{Cause, Part, Refusal};
use crate::headers::is_own_role;
use crate::operation::Version;
use crate::xml::{ElementId, Item, Name, Tree, same};

/// An envelope: header blocks and body.
pub(super) struct Envelope {
    pub(super) version: Version,
    blocks: Vec<Block>,
    pub(super) body: ElementId,
}

/// A header block.
#[derive(Clone, Copy)]
struct Block {
    /// Its name, if it is one of those that verification understands.
    name: Option<Name>,
    element: ElementId,
}

/// What a security header holds.
pub(super) struct Layout<'t> {
    pub(super) timestamp: Option<ElementId>,
    pub(super) token: Option<ElementId>,
    pub(super) certificate: Option<ElementId>,
    /// None only where that it is missing has been noted.
    pub(super) signature: Option<ElementId>,
    /// All parts that may be signed.
    pub(super) parts: Vec<Place<'t>>,
}

/// A part of the message and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'t> {
    pub(super) part: Part,
    pub(super) element: ElementId,
    /// Its id, by the attribute that ids of such a part have.
    pub(super) id: Option<&'t str>,
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
        let block = |element| {
            let is = |name: &&Name| tree.is(element, name.namespace().uri(), name.local());
            let name = UNDERSTOOD.iter().find(is).copied();
            Block { name, element }
        };
        let mut blocks = Vec::with_capacity(USUAL_BLOCKS);
        if let Some(header) = header {
            blocks.extend(tree.children(header).map(block));
        }
        Ok(Self {
            version,
            blocks,
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

    /// The header block `name`, one of those that verification understands.
    ///
    /// # Errors
    /// There are two, or a comment stands in it.
    pub(super) fn block(&self, tree: &Tree<'_>, name: Name) -> Result<Option<ElementId>, Refusal> {
        debug_assert!(UNDERSTOOD.contains(&name), "{name} is not looked for");
        let mut found = self.blocks_named(name);
        let first = found.next();
        if found.next().is_some() {
            return Err(Refusal::new(Cause::RepeatedHeader).with_part(Part::Header(name)));
        }
        let is_comment = |item: &Item<'_>| matches!(item, Item::Comment);
        let holds_one = |first| tree.items(first).iter().any(is_comment);
        if tree.has_comments() && first.is_some_and(holds_one) {
            return Err(Refusal::new(Cause::Comment).with_part(Part::Header(name)));
        }
        Ok(first)
    }

    fn blocks_named(&self, name: Name) -> impl Iterator<Item = ElementId> {
        let is = move |block: &&Block| {
            let held = block.name.filter(|held| held.is_local(name.local()));
            held.is_some_and(|held| held == name)
        };
        self.blocks.iter().filter(is).map(|block| block.element)
    }
}

/// What becomes of something that is wrong: it ends the search, or is noted, and the search goes on without.
type Note<'n> = &'n mut dyn FnMut(Refusal) -> Result<(), Refusal>;

impl<'t> Layout<'t> {
    /// Finds the parts of a signed message.
    ///
    /// # Errors
    /// There is no signature, or something stands where the profile has no place for it, and `note` does not go on past that; or
    /// there is no security header.
    pub(super) fn find(
        tree: &'t Tree<'_>,
        envelope: &Envelope,
        note: Note<'_>,
    ) -> Result<Self, Refusal> {
        let (_, inside, parts) = Self::parts(tree, envelope, note)?;
        if inside.signature.is_none() {
            note(Cause::NotSigned.into())?;
        }
        Ok(Self {
            timestamp: inside.timestamp,
            token: inside.token,
            certificate: inside.certificate,
            signature: inside.signature,
            parts,
        })
    }

    /// The security header and the parts of a message that lacks nothing but the signature.
    ///
    /// # Errors
    /// It has one, or something stands where the profile has no place for it.
    pub(super) fn unsigned(
        tree: &'t Tree<'_>,
        envelope: &Envelope,
    ) -> Result<(ElementId, Vec<Place<'t>>), Refusal> {
        let (security, inside, parts) = Self::parts(tree, envelope, &mut Err)?;
        match inside.signature {
            None => Ok((security, parts)),
            Some(_) => Err(Refusal::structure("a second Signature")),
        }
    }

    fn parts(
        tree: &'t Tree<'_>,
        envelope: &Envelope,
        note: Note<'_>,
    ) -> Result<(ElementId, Inside, Vec<Place<'t>>), Refusal> {
        let security = match envelope.block(tree, SECURITY) {
            Ok(security) => security,
            Err(refusal) => {
                note(refusal)?;
                envelope.blocks_named(SECURITY).next()
            }
        };
        let security = security.ok_or(Cause::NotSigned)?;
        for role in ["actor", "role"] {
            let namespace = envelope.version.namespace().uri();
            if tree
                .attribute(security, namespace, role)
                .is_some_and(|role| !is_own_role(envelope.version, role))
            {
                note(Refusal::structure("actor or role of the security header"))?;
            }
        }
        // The body, the blocks, and what most security headers hold.
        let mut parts = Vec::with_capacity(envelope.blocks.len() + 4);
        parts.push(Place::of(tree, Part::Body, envelope.body));
        for (index, block) in envelope.blocks.iter().enumerate() {
            if block.element != security {
                let part = block
                    .name
                    .map_or(Part::OtherHeader(index + 1), Part::Header);
                parts.push(Place::of(tree, part, block.element));
            }
        }
        let mut inside = Inside::default();
        let mut fields = Fields::of(tree, security, SECURITY);
        let mut index = 0;
        while let Some(element) = fields.any() {
            if let Err(refusal) = inside.take(tree, index, element, &mut parts) {
                note(refusal)?;
                let part = Part::OtherSecurity(index + 1);
                parts.push(Place::of(tree, part, element));
            }
            index += 1;
        }
        if let Err(refusal) = fields.end() {
            note(refusal)?;
        }
        Ok((security, inside, parts))
    }

    /// The place with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<Place<'t>> {
        let is = |place: &&Place<'_>| place.id.is_some_and(|held| same(held, id));
        self.parts.iter().find(is).copied()
    }
}

impl<'t> Place<'t> {
    fn of(tree: &'t Tree<'_>, part: Part, element: ElementId) -> Self {
        let id = match part {
            Part::Token => tree.attribute(element, "", "ID"),
            _ => tree.attribute(element, WSU.uri(), "Id"),
        };
        Self { part, element, id }
    }
}

/// As many as most headers have.
const USUAL_BLOCKS: usize = 8;

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
    fn take<'t>(
        &mut self,
        tree: &'t Tree<'_>,
        index: usize,
        element: ElementId,
        parts: &mut Vec<Place<'t>>,
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
                if self.signature.is_some() {
                    return Err(Refusal::structure("a second Signature"));
                }
                self.signature = Some(element);
                return Ok(());
            }
            // What an answer confirms of the request's signature proves nothing that is not proven otherwise.
            "SignatureConfirmation" if uri == WSSE11 => {
                let part = Part::OtherSecurity(index + 1);
                parts.push(Place::of(tree, part, element));
                return Ok(());
            }
            _ => return Err(Refusal::structure("an element of the security header")),
        };
        if slot.is_some() {
            return Err(Refusal::structure("a second token, timestamp or reference"));
        }
        *slot = Some(element);
        parts.push(Place::of(tree, part, element));
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
    /// An id by no standard: it counts where a reference leads to its value, which some reader might then find here.
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
