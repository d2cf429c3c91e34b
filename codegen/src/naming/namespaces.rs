//! The prefixes that namespaces are written with.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::XML;
use crate::model::{Definition, Model, NameKind, Particle, Type};
use crate::names::{Candidate, constant_name, distinct, words};
use crate::render::signed_headers;

/// A prefix and a constant for each namespace.
pub(super) fn namespace_names(model: &Model) -> BTreeMap<String, (String, String)> {
    let named = namespaces_of(model, &model.types[..model.named]);
    let mut namespaces = namespaces_of(model, &model.types);
    let globals = &model.globals;
    let global = globals.elements.keys().chain(globals.attributes.keys());
    namespaces.extend(global.map(|name| name.namespace.as_str()));
    let wishes = namespaces
        .into_iter()
        .filter(|n| !n.is_empty())
        .map(|namespace| {
            let candidate = Candidate {
                name: prefix(namespace),
                // What no message names takes no prefix away.
                rank: u8::from(!named.contains(namespace)),
                suffix: "",
            };
            (namespace.to_owned(), candidate)
        });
    distinct(wishes)
        .into_iter()
        .map(|(namespace, prefix)| {
            let constant = constant_name(&prefix);
            (namespace, (prefix, constant))
        })
        .collect()
}

/// The namespaces of `types`, of what they hold and of what else `model` names.
fn namespaces_of<'m>(model: &'m Model, types: &'m [Type]) -> BTreeSet<&'m str> {
    let mut namespaces: BTreeSet<&str> = BTreeSet::new();
    let elements = types.iter().flat_map(|t| match &t.definition {
        Definition::Complex(complex) => {
            let attributes = complex.attributes.iter().map(|a| a.name.namespace.as_str());
            let particles = complex.content.particles();
            attributes
                .chain(element_namespaces(particles))
                .collect::<Vec<_>>()
        }
        Definition::Group(group) => element_namespaces(group.particles()).collect(),
        Definition::Simple(_) | Definition::Union(_) => Vec::new(),
    });
    namespaces.extend(elements);
    let named = types.iter().filter(|t| t.name.kind == NameKind::Type);
    namespaces.extend(named.map(|r#type| r#type.name.namespace.as_str()));
    namespaces.extend(
        model
            .roots
            .iter()
            .map(|root| root.element.name.namespace.as_str()),
    );
    let signed = model.contracts.iter().flat_map(signed_headers);
    namespaces.extend(signed.map(|header| header.namespace.as_str()));
    namespaces
}

fn element_namespaces(particles: &[Particle]) -> impl Iterator<Item = &str> {
    particles
        .iter()
        .filter_map(|particle| particle.term.element())
        .map(|element| element.name.namespace.as_str())
}

/// A short prefix out of `namespace`: the first letters of the words of its last part that has any.
fn prefix(namespace: &str) -> String {
    // This one has its prefix everywhere, and no other may have it (Namespaces in XML 1.0, section 3).
    if namespace == XML {
        return "xml".to_owned();
    }
    let part = namespace
        .split(['/', ':', '#', '?', '&', '='])
        .rev()
        .find(|part| part.chars().any(|c| c.is_ascii_alphabetic()))
        .unwrap_or("");
    let initials: String = words(part)
        .iter()
        .filter_map(|word| word.chars().next())
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .take(4)
        .collect();
    // A prefix that begins with `xml` is reserved (Namespaces in XML 1.0, section 3).
    if initials.is_empty() || initials.starts_with("xml") {
        "n".to_owned()
    } else {
        initials
    }
}
