//! What the fields of structs and the variants of enums are called.

use super::names_type;
use crate::config::Names;
use crate::model::{Content, Definition, Group, Model, Particle, Term, TypeId, TypeRef};
use crate::names::{Candidate, distinct, field_name, variant_name};

/// The fields of a struct, or the variants of an enum.
pub(super) fn member_names(model: &Model, id: TypeId, overrides: &Names) -> Vec<String> {
    let r#type = &model[id];
    let key = r#type.name.key();
    let mut wishes: Vec<(String, bool, String)> = Vec::new();
    let mut variants = false;
    match &r#type.definition {
        Definition::Simple(simple) => {
            variants = true;
            for value in &simple.facets.enumeration {
                wishes.push((value.value.clone(), false, variant_name(&value.value)));
            }
        }
        Definition::Union(union) => {
            variants = true;
            for member in union {
                let xml = member_name(model, *member);
                wishes.push((xml.to_owned(), false, variant_name(xml)));
            }
        }
        Definition::Complex(complex) => {
            for attribute in &complex.attributes {
                let local = &attribute.name.local;
                wishes.push((format!("@{local}"), true, field_name(local)));
            }
            if complex.any_attributes.is_some() {
                let name = "any_attributes".to_owned();
                wishes.push(("@*".to_owned(), true, name));
            }
            match &complex.content {
                Content::Empty => {}
                Content::Simple(_) => {
                    wishes.push(("value".to_owned(), false, "value".to_owned()));
                }
                Content::Mixed(_) => {
                    wishes.push(("content".to_owned(), false, "content".to_owned()));
                }
                Content::Sequence(particles) | Content::All(particles) => {
                    wishes.extend(
                        particles
                            .iter()
                            .map(|p| particle_wish(model, p, field_name)),
                    );
                }
            }
        }
        Definition::Group(Group::Choice(particles)) => {
            variants = true;
            wishes.extend(
                particles
                    .iter()
                    .map(|p| particle_wish(model, p, variant_name)),
            );
        }
        Definition::Group(Group::All(particles) | Group::Sequence(particles)) => {
            wishes.extend(
                particles
                    .iter()
                    .map(|p| particle_wish(model, p, field_name)),
            );
        }
    }
    let wishes = wishes
        .into_iter()
        .enumerate()
        .map(|(index, (xml, attribute, name))| {
            let given = overrides.get(&format!("{key}/{xml}"));
            let given = given.filter(|name| variants || !names_type(name));
            let candidate = Candidate {
                rank: if given.is_some() {
                    0
                } else {
                    1 + u8::from(attribute)
                },
                name: given.cloned().unwrap_or(name),
                suffix: match (attribute, variants) {
                    (true, _) => "_attribute",
                    (false, true) => "",
                    (false, false) => "_",
                },
            };
            // What is alike but for its place is told apart by that.
            ((xml, index), candidate)
        });
    let mut names: Vec<_> = distinct(wishes)
        .into_iter()
        .map(|((_, index), name)| (index, name))
        .collect();
    names.sort_unstable();
    names.into_iter().map(|(_, name)| name).collect()
}

/// What a member of a union is called: its type's name.
fn member_name(model: &Model, member: TypeRef) -> &str {
    match member {
        TypeRef::Builtin(builtin) => builtin.name(),
        TypeRef::Defined(id) => model[id].name.path.last().map_or("", String::as_str),
    }
}

/// The XML name of a particle and the name it would like, which `case` makes.
fn particle_wish(
    model: &Model,
    particle: &Particle,
    case: fn(&str) -> String,
) -> (String, bool, String) {
    let xml = match &particle.term {
        Term::Element(element) => element.name.local.clone(),
        Term::Group(id) => model[*id].name.path.last().cloned().unwrap_or_default(),
        Term::Any(_) => "any".to_owned(),
    };
    let name = case(&xml);
    (xml, false, name)
}
