//! What can be wrong with elements and attributes: each rule is tried at each declaration, once.

mod attributes;
mod children;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Node, Part, XSI, name_in, name_value};
use super::{SampleValue, Try, value, verdict};
use crate::load::{QName, XSD};
use crate::model::{
    Builtin, Complex, Content, Definition, Model, NameKind, Particle, Preset, TypeId, TypeRef,
    Variety,
};

/// Takes a message and what it is made to try.
pub(super) type Take<'t> = dyn FnMut(Try, String) + 't;

/// What has been tried.
#[derive(Default)]
pub(super) struct Tried {
    /// Declarations: the type that each stands in, its name, and the type that it has.
    declarations: BTreeSet<(Option<TypeId>, QName, String)>,
    /// How often the values of a type were tried, in elements and in attributes.
    values: BTreeMap<(String, bool), usize>,
}

impl Tried {
    /// Whether the values of the type are to be tried here too.
    fn values(&mut self, r#type: TypeRef, attribute: bool) -> bool {
        /// At so many places.
        const MOST: usize = 2;
        let count = self
            .values
            .entry((format!("{type:?}"), attribute))
            .or_default();
        *count += 1;
        *count <= MOST
    }
}

/// Makes the messages in which something is tried at each declaration of `tree` where nothing was tried yet.
pub(super) fn broken(model: &Model, tree: &Node<'_>, tried: &mut Tried, take: &mut Take<'_>) {
    for path in tree.paths() {
        let Some(node) = tree.at(&path) else {
            continue;
        };
        let place = (node.parent, node.name.clone(), format!("{:?}", node.r#type));
        if node.declared.is_none() || !tried.declarations.insert(place) {
            continue;
        }
        let mut site = Site {
            model,
            tree,
            path: &path,
            node,
            take: &mut *take,
            tried: &mut *tried,
        };
        site.name();
        site.nil();
        site.types();
        site.undeclared_attributes();
        let complex = node.r#type.and_then(|r#type| complex(model, r#type));
        match complex.map(|complex| (complex, &complex.content)) {
            None => site.text(node.r#type),
            Some((complex, Content::Simple(r#type))) => {
                site.attributes(complex);
                site.text(Some(*r#type));
            }
            Some((complex, Content::Mixed(_))) if site.is_fixed() => {
                site.attributes(complex);
                site.text(Some(TypeRef::Builtin(Builtin::STRING)));
            }
            Some((complex, content)) => {
                site.attributes(complex);
                site.children(content);
            }
        }
    }
}

fn complex(model: &Model, r#type: TypeRef) -> Option<&Complex> {
    match r#type {
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Complex(complex) => Some(complex),
            _ => None,
        },
        TypeRef::Builtin(_) => None,
    }
}

/// An element of a valid message, at which rules are tried.
struct Site<'s, 'm> {
    model: &'m Model,
    tree: &'s Node<'m>,
    path: &'s [usize],
    node: &'s Node<'m>,
    take: &'s mut Take<'s>,
    tried: &'s mut Tried,
}

const NONE: &str = "";
const OTHER: &str = "urn:andet";

impl<'m> Site<'_, 'm> {
    fn with(
        &mut self,
        rule: &'static str,
        valid: Option<bool>,
        change: impl FnOnce(&mut Node<'m>),
    ) {
        let text = self.tree.changed(self.path, change);
        let tried = Try {
            at: Some(self.place()),
            of: global(self.model, self.node.r#type),
            ..Try::new(rule, valid)
        };
        (self.take)(tried, text);
    }

    /// The same for a value of a type.
    fn with_value(&mut self, tried: Try, change: impl FnOnce(&mut Node<'m>, &str)) {
        let value = tried.value.as_ref().map_or("", |value| &value.text);
        let text = self.tree.changed(self.path, |node| change(node, value));
        (self.take)(tried, text);
    }

    /// The trial of a value, of which the model may know whether it is one; `element` where an empty one has the preset value.
    fn value(
        &self,
        rule: &'static str,
        (r#type, preset, element): (TypeRef, Option<&Preset>, bool),
        text: String,
    ) -> Try {
        let valid = match preset {
            _ if name_in(&text).is_some() => None,
            Some(_) if element && text.is_empty() => None,
            Some(Preset::Fixed(fixed)) if *fixed == text => Some(true),
            Some(Preset::Fixed(_)) => {
                verdict::is_value(self.model, r#type, &text).filter(|valid| !valid)
            }
            _ => verdict::is_value(self.model, r#type, &text),
        };
        Try {
            at: Some(self.place()),
            of: global(self.model, Some(r#type)),
            value: Some(SampleValue {
                r#type: value::kind(self.model, r#type),
                text,
            }),
            ..Try::new(rule, valid)
        }
    }

    /// The element's name.
    fn place(&self) -> (String, String) {
        let QName { namespace, local } = &self.node.name;
        (namespace.clone(), local.clone())
    }

    /// Whether there is one value that it may have.
    fn is_fixed(&self) -> bool {
        let declared = self.node.declared;
        declared.is_some_and(|declared| matches!(declared.preset, Some(Preset::Fixed(_))))
    }

    fn is_union(&self, id: TypeId) -> bool {
        match &self.model[id].definition {
            Definition::Union(_) => true,
            Definition::Simple(simple) => matches!(simple.variety, Variety::Union(_)),
            _ => false,
        }
    }

    /// The names of the elements that may stand beside this one, itself included; none where any may.
    fn siblings(&self) -> Option<BTreeSet<&'m QName>> {
        let (_, above) = self.path.split_last()?;
        let above = self.tree.at(above)?.r#type?;
        verdict::names(self.model, &complex(self.model, above)?.content)
    }

    /// Whether the element is valid without any content.
    fn emptied(&self) -> Option<bool> {
        let declared = self.node.declared?;
        let text = |r#type| match declared.preset {
            Some(_) => None,
            None => verdict::is_value(self.model, r#type, ""),
        };
        match complex(self.model, self.node.r#type?) {
            None => text(self.node.r#type?),
            Some(complex) => match &complex.content {
                Content::Simple(r#type) => text(*r#type),
                Content::Empty => Some(true),
                Content::Sequence(particles) | Content::All(particles) => {
                    let required = |particle: &Particle| {
                        particle.occurs.min > 0 && particle.term.element().is_some()
                    };
                    if particles.iter().any(required) {
                        return Some(false);
                    }
                    let optional = particles.iter().all(|particle| particle.occurs.min == 0);
                    optional.then_some(true)
                }
                Content::Mixed(_) => None,
            },
        }
    }

    /// Another name and another namespace than those that are declared.
    fn name(&mut self) {
        if self.path.is_empty() {
            return;
        }
        let name = self.node.name.clone();
        let qualified = !name.namespace.is_empty();
        // Where a wildcard stands, another name may be fine.
        let siblings = self.siblings();
        let told = |other: &QName| {
            let known = siblings.as_ref()?;
            (!known.contains(other)).then_some(false)
        };
        let of = |namespace: &str, local: &str| QName::new(namespace, local);
        let local = format!("{}X", name.local);
        let valid = told(&of(&name.namespace, &local));
        self.with("unknown-element", valid, |node| node.name.local = local);
        let valid = told(&of(OTHER, &name.local));
        self.with("namespace", valid, |node| {
            node.name.namespace = OTHER.to_owned();
        });
        let flipped = if qualified {
            NONE.to_owned()
        } else {
            self.tree.name.namespace.clone()
        };
        let valid = told(&of(&flipped, &name.local));
        self.with("form", valid, |node| node.name.namespace = flipped);
        let lower = name.local.to_lowercase();
        let valid = told(&of(&name.namespace, &lower));
        self.with("name", valid, |node| node.name.local = lower);
    }

    /// `xsi:nil` (XSD 1.0 Part 1, 2.6.2).
    fn nil(&mut self) {
        let nillable = self.node.declared.is_some_and(|declared| declared.nillable);
        let fixed = self.is_fixed();
        let nil = |value: &str| (QName::new(XSI, "nil"), value.to_owned());
        let full = !self.node.parts.is_empty();
        for value in ["true", "1", " true ", "false", "0", "ja", ""] {
            let valid = match value.trim() {
                // On an element that is not nillable it may not stand at all (XSD 1.0 Part 1, 3.3.4, clause 3.1).
                _ if !nillable => false,
                "true" | "1" => !full && !fixed,
                "false" | "0" => true,
                _ => false,
            };
            self.with("nil", Some(valid), |node| node.attributes.push(nil(value)));
        }
        let valid = if nillable && !fixed {
            Some(true)
        } else {
            Some(false)
        };
        for part in [
            None,
            Some(Part::Raw("<!--tom-->")),
            Some(Part::Text(" ".to_owned())),
        ] {
            let valid = valid.filter(|valid| !valid || part.is_none());
            self.with("nil", valid, |node| {
                node.attributes.push(nil("true"));
                node.parts = part.into_iter().collect();
            });
        }
        let valid = self.emptied();
        self.with("empty", valid, |node| node.parts.clear());
    }

    /// `xsi:type` (XSD 1.0 Part 1, 2.6.1).
    fn types(&mut self) {
        let kind = QName::new(XSI, "type");
        if self.node.attributes.iter().any(|(name, _)| *name == kind) {
            self.with("xsi-type", None, |node| {
                node.attributes.retain(|(name, _)| *name != kind);
            });
        }
        // No built-in type comes from one of the contract, though it may be a member of one.
        let own = match self.node.declared.map(|declared| declared.r#type) {
            Some(TypeRef::Defined(id)) if !self.is_union(id) => Some(id),
            _ => None,
        };
        let foreign = own.map(|_| false);
        let mut values: Vec<(Option<bool>, String)> = [
            "string",
            "token",
            "int",
            "decimal",
            "anyType",
            "anySimpleType",
            "date",
            "Ukendt",
        ]
        .map(|local| (foreign, name_value(&QName::new(XSD, local))))
        .to_vec();
        let unknown = ["ukendt:a", "a b", "", "Ukendt"];
        values.extend(unknown.map(|value| (foreign, value.to_owned())));
        let named = self
            .model
            .types
            .iter()
            .filter(|r#type| r#type.name.kind == NameKind::Type && !r#type.made);
        let names = named.filter_map(|r#type| {
            Some(QName::new(
                r#type.name.namespace.clone(),
                r#type.name.path.first()?.clone(),
            ))
        });
        values.extend(names.take(4).map(|name| (None, name_value(&name))));
        if let Some(TypeRef::Defined(id)) = self.node.declared.map(|declared| declared.r#type) {
            let name = &self.model[id].name;
            if let (NameKind::Type, Some(local)) = (name.kind, name.path.first()) {
                let name = QName::new(name.namespace.clone(), local.clone());
                values.push((None, name_value(&name)));
            }
        }
        for (valid, value) in values {
            self.with("xsi-type", valid, |node| {
                node.attributes.retain(|(name, _)| *name != kind);
                node.attributes.push((kind.clone(), value));
            });
        }
    }
}

/// The global type of the contract that `r#type` is; none for a built-in or an anonymous one.
fn global(model: &Model, r#type: Option<TypeRef>) -> Option<(String, String)> {
    let Some(TypeRef::Defined(id)) = r#type else {
        return None;
    };
    let name = &model[id].name;
    let local = name.path.first().filter(|_| name.kind == NameKind::Type)?;
    Some((name.namespace.clone(), local.clone()))
}

fn is_any(r#type: Option<TypeRef>) -> bool {
    matches!(r#type, Some(TypeRef::Builtin(builtin)) if builtin.name() == "anyType")
}
