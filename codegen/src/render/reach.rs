//! What the types of a model hold, directly and through others.

use std::collections::BTreeSet;

use super::repr::particles;
use crate::load::QName;
use crate::model::{Content, Definition, Model, TypeId, TypeRef, Variety};

/// What each type holds; everything is by type id.
pub(super) struct Reach<'m> {
    /// The namespaces of the elements and attributes that the type declares.
    namespaces: Vec<Vec<&'m str>>,
    /// The types of what stands right inside.
    inside: Vec<Vec<TypeId>>,
    eq: Vec<bool>,
}

impl<'m> Reach<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        let namespaces = model.ids().map(|id| {
            let mut namespaces: Vec<&str> = own_names(model, id)
                .map(|name| name.namespace.as_str())
                .collect();
            namespaces.sort_unstable();
            namespaces.dedup();
            namespaces
        });
        let mut eq = vec![true; model.types.len()];
        let mut inside = vec![Vec::new(); model.types.len()];
        let mut around = inside.clone();
        let mut pending = Vec::new();
        for id in model.ids() {
            for held in held_types(model, id) {
                match held {
                    TypeRef::Builtin(builtin) if builtin.is_eq() => {}
                    TypeRef::Builtin(_) => pending.push(id),
                    TypeRef::Defined(part) => {
                        inside[id.0].push(part);
                        around[part.0].push(id);
                    }
                }
            }
        }
        while let Some(id) = pending.pop() {
            if std::mem::replace(&mut eq[id.0], false) {
                pending.extend(&around[id.0]);
            }
        }
        Self {
            namespaces: namespaces.collect(),
            inside,
            eq,
        }
    }

    /// Whether values of the type can be compared for equality in full: nothing in them is a floating point number.
    pub(super) fn is_eq(&self, id: TypeId) -> bool {
        self.eq[id.0]
    }

    /// The namespaces of the elements and attributes that the type declares itself.
    pub(super) fn namespaces(&self, id: TypeId) -> &[&'m str] {
        &self.namespaces[id.0]
    }

    /// The namespaces of all elements and attributes that may stand in elements of the types `from`.
    pub(super) fn reached(&self, from: impl Iterator<Item = TypeRef>) -> BTreeSet<&'m str> {
        let defined = from.filter_map(|from| match from {
            TypeRef::Builtin(_) => None,
            TypeRef::Defined(id) => Some(id),
        });
        let mut namespaces = BTreeSet::new();
        let mut seen = vec![false; self.inside.len()];
        let mut pending: Vec<TypeId> = defined.collect();
        while let Some(id) = pending.pop() {
            if !std::mem::replace(&mut seen[id.0], true) {
                namespaces.extend(&self.namespaces[id.0]);
                pending.extend(&self.inside[id.0]);
            }
        }
        namespaces
    }
}

/// The names of the elements and attributes that a type declares.
fn own_names(model: &Model, id: TypeId) -> impl Iterator<Item = &QName> {
    let definition = &model[id].definition;
    let attributes = match definition {
        Definition::Complex(complex) => complex.attributes.as_slice(),
        Definition::Simple(_) | Definition::Union(_) | Definition::Group(_) => &[],
    };
    let elements = particles(definition)
        .iter()
        .filter_map(|particle| particle.term.element())
        .map(|element| &element.name);
    let attributes = attributes.iter().map(|attribute| &attribute.name);
    attributes.chain(elements)
}

/// The types of what a value of the type `id` may hold right inside.
fn held_types(model: &Model, id: TypeId) -> Vec<TypeRef> {
    let definition = &model[id].definition;
    let terms = particles(definition).iter();
    let mut types: Vec<TypeRef> = terms.filter_map(|p| p.term.r#type()).collect();
    match definition {
        Definition::Simple(simple) => types.push(match simple.variety {
            Variety::Atomic(builtin) => TypeRef::Builtin(builtin),
            Variety::List(item) => item,
            Variety::Union(union) => TypeRef::Defined(union),
        }),
        Definition::Union(members) => types.extend(members),
        Definition::Complex(complex) => {
            types.extend(complex.attributes.iter().map(|a| a.r#type));
            match complex.content {
                Content::Simple(text) => types.push(text),
                Content::Mixed(group) => types.push(TypeRef::Defined(group)),
                Content::Empty | Content::Sequence(_) | Content::All(_) => {}
            }
            let derived = model.derived.get(&id).into_iter().flatten();
            types.extend(derived.map(|id| TypeRef::Defined(*id)));
        }
        Definition::Group(_) => {}
    }
    types
}
