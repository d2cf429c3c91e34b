//! Which type may stand in the place of which (XSD 1.0 Part 1, 3.4.6 and 3.14.6).

use super::judge::{complex, is_any};
use crate::load::{QName, XSD};
use crate::model::{Builtin, Content, Definition, Model, NameKind, TypeId, TypeRef, Variety};

/// The global type of that name.
pub(super) fn type_called(model: &Model, name: &QName) -> Option<TypeRef> {
    if name.namespace == XSD {
        return Builtin::named(&name.local).map(TypeRef::Builtin);
    }
    let is = |id: &TypeId| {
        let r#type = &model[*id];
        r#type.name.kind == NameKind::Type
            && !r#type.made
            && r#type.name.namespace == name.namespace
            && r#type.name.path == [name.local.as_str()]
    };
    model.ids().find(is).map(TypeRef::Defined)
}

/// Whether `named` is `declared` or is derived from it.
pub(super) fn is_derived(model: &Model, named: TypeRef, declared: TypeRef) -> bool {
    if named == declared || is_any(declared) {
        return true;
    }
    if let Some(found) = complex(model, named) {
        if let TypeRef::Defined(declared) = declared
            && let TypeRef::Defined(named) = named
            && model
                .derived
                .get(&declared)
                .is_some_and(|derived| derived.contains(&named))
        {
            return true;
        }
        // One with simple content may extend a simple type.
        return complex(model, declared).is_none()
            && matches!(found.content, Content::Simple(r#type) if is_derived(model, r#type, declared));
    }
    if complex(model, declared).is_some() || is_any(named) {
        return false;
    }
    let members = members(model, declared);
    members
        .iter()
        .any(|member| is_derived(model, named, *member))
        || base(model, named).is_some_and(|base| is_derived(model, base, declared))
}

/// The members of a union.
fn members(model: &Model, r#type: TypeRef) -> Vec<TypeRef> {
    let TypeRef::Defined(id) = r#type else {
        return Vec::new();
    };
    match &model[id].definition {
        Definition::Union(members) => members.clone(),
        Definition::Simple(simple) => match simple.variety {
            Variety::Union(union) => members(model, TypeRef::Defined(union)),
            Variety::Atomic(_) | Variety::List(_) => Vec::new(),
        },
        Definition::Complex(_) | Definition::Group(_) => Vec::new(),
    }
}

/// The type that a simple type restricts.
fn base(model: &Model, r#type: TypeRef) -> Option<TypeRef> {
    match r#type {
        TypeRef::Builtin(builtin) => builtin.base().map(TypeRef::Builtin),
        TypeRef::Defined(id) => model.text_base(id),
    }
}
