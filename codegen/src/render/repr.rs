//! How types are held in Rust: which type stands for a simple type, where a `Box` breaks a circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::model::{
    Builtin, Content, Definition, Facets, Model, Occurs, Particle, Simple, TypeId, TypeRef, Variety,
};
use crate::pattern::{Pattern, Shape};

/// How many codes an enum has at most: a longer list, of postal codes or of goods, is data that nobody names in Rust, and a
/// newtype looks it up.
const CODES: usize = 1_000;

/// What an atomic or list type is held in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Repr {
    Builtin(Builtin),
    /// A value whose form counts, since patterns look at it.
    Written(Builtin),
    /// So many digits; no pattern remains to be checked.
    Digits(usize),
    /// A UUID of either case; no pattern remains to be checked.
    Uuid,
    /// A whole number whose bounds fit `i64`.
    Long,
    List(TypeRef),
    /// The enum of a union.
    Union(TypeId),
    /// A Rust enum of the codes.
    Enumeration,
}

impl Repr {
    /// The representation of `simple`.
    pub(super) fn of(simple: &Simple) -> Self {
        let builtin = match simple.variety {
            Variety::List(item) => return Self::List(item),
            Variety::Union(union) => return Self::Union(union),
            Variety::Atomic(builtin) => builtin,
        };
        let facets = &simple.facets;
        if builtin.is_text() && (1..=CODES).contains(&facets.enumeration.len()) {
            return Self::Enumeration;
        }
        if builtin == Builtin::STRING && only_patterns(facets) {
            match shape(facets) {
                Some(Shape::Digits(count)) if count <= 32 => return Self::Digits(count),
                Some(Shape::Uuid) => return Self::Uuid,
                _ => {}
            }
        }
        if !facets.patterns.is_empty() && builtin.has_one_form() {
            return Self::Written(builtin);
        }
        if builtin.is_integer() && bounded(facets) {
            return Self::Long;
        }
        Self::Builtin(builtin)
    }

    /// Whether the representation alone meets the patterns.
    pub(super) const fn implies_patterns(self) -> bool {
        matches!(self, Self::Digits(_) | Self::Uuid)
    }

    /// Whether the Rust type is `Copy`.
    pub(super) fn is_copy(self) -> bool {
        match self {
            Self::Builtin(builtin) => builtin.is_copy(),
            Self::Digits(_) | Self::Uuid | Self::Long | Self::Enumeration => true,
            Self::Written(_) | Self::List(_) | Self::Union(_) => false,
        }
    }
}

fn only_patterns(facets: &Facets) -> bool {
    let others = Facets {
        patterns: facets.patterns.clone(),
        ..Facets::default()
    };
    *facets == others
}

/// The shape that the one pattern of the one step has.
fn shape(facets: &Facets) -> Option<Shape> {
    let [step] = facets.patterns.as_slice() else {
        return None;
    };
    let [pattern] = step.as_slice() else {
        return None;
    };
    Pattern::parse(pattern).ok()?.shape()
}

/// Whether both bounds are there and fit `i64`.
fn bounded(facets: &Facets) -> bool {
    let fits = |bound: Option<&String>| bound.is_some_and(|b| b.trim().parse::<i64>().is_ok());
    fits(
        facets
            .min_inclusive
            .as_ref()
            .or(facets.min_exclusive.as_ref()),
    ) && fits(
        facets
            .max_inclusive
            .as_ref()
            .or(facets.max_exclusive.as_ref()),
    )
}

/// The patterns of `facets`, one a step, as XML Schema writes them and as the `regex` crate does.
pub(super) fn patterns(
    simple: &Simple,
    place: &crate::diagnostic::Place,
) -> Result<Vec<(String, String)>, Diagnostic> {
    let steps = simple.facets.patterns.iter().map(|step| {
        let branches: Result<Vec<String>, Diagnostic> = step
            .iter()
            .map(|source| {
                Pattern::parse(source)
                    .map(|p| p.translated())
                    .map_err(|error| {
                        Diagnostic::at(place.clone(), format!("the pattern `{source}`: {error}"))
                            .help("patterns are read as XSD 1.0 Part 2, appendix F, has them")
                    })
            })
            .collect();
        Ok((step.join("|"), format!("^(?:{})$", branches?.join("|"))))
    });
    steps.collect()
}

/// The types that contain themselves, or stand between types that do: references among them are boxed.
pub(super) struct Recursion {
    circular: BTreeSet<TypeId>,
}

impl Recursion {
    /// Takes away, again and again, what contains nothing that is left, and what nothing left contains.
    pub(super) fn of(model: &Model) -> Self {
        let mut inside: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
        let mut around: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
        for id in model.ids() {
            for part in parts(model, id) {
                inside.entry(id).or_default().push(part);
                around.entry(part).or_default().push(id);
            }
        }
        let mut circular: BTreeSet<TypeId> = model.ids().collect();
        peel(&mut circular, &inside, &around);
        peel(&mut circular, &around, &inside);
        Self { circular }
    }

    /// Whether a reference from `owner` to `part` is boxed.
    pub(super) fn boxed(&self, owner: TypeId, part: TypeRef, occurs: Occurs) -> bool {
        let TypeRef::Defined(part) = part else {
            return false;
        };
        !occurs.repeats() && self.circular.contains(&owner) && self.circular.contains(&part)
    }
}

/// Takes from `left` whatever has no edge in `forward` to what is left, until nothing changes.
fn peel(
    left: &mut BTreeSet<TypeId>,
    forward: &BTreeMap<TypeId, Vec<TypeId>>,
    backward: &BTreeMap<TypeId, Vec<TypeId>>,
) {
    let mut degree: BTreeMap<TypeId, usize> = left
        .iter()
        .map(|id| {
            let edges = forward.get(id).map_or(&[][..], Vec::as_slice);
            (*id, edges.iter().filter(|to| left.contains(to)).count())
        })
        .collect();
    let mut ready: Vec<TypeId> = degree
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| *id)
        .collect();
    while let Some(id) = ready.pop() {
        left.remove(&id);
        for from in backward.get(&id).map_or(&[][..], Vec::as_slice) {
            if let Some(count) = degree.get_mut(from)
                && left.contains(from)
            {
                *count -= 1;
                if *count == 0 {
                    ready.push(*from);
                }
            }
        }
    }
}

/// The types that a value of `id` holds directly, those inside a `Vec` left out.
fn parts(model: &Model, id: TypeId) -> Vec<TypeId> {
    let definition = &model[id].definition;
    let mut parts: Vec<TypeId> = particles(definition)
        .iter()
        .filter(|particle| !particle.occurs.repeats())
        .filter_map(|particle| match particle.term.r#type()? {
            TypeRef::Defined(part) => Some(part),
            TypeRef::Builtin(_) => None,
        })
        .collect();
    if let Definition::Complex(complex) = definition
        && let Content::Mixed(group) = complex.content
    {
        parts.push(group);
    }
    parts.extend(model.derived.get(&id).into_iter().flatten());
    parts
}

/// The particles of a definition; none for a simple one.
pub(super) fn particles(definition: &Definition) -> &[Particle] {
    match definition {
        Definition::Complex(complex) => complex.content.particles(),
        Definition::Group(group) => group.particles(),
        Definition::Simple(_) | Definition::Union(_) => &[],
    }
}
