//! What can be wrong with elements and attributes: each rule is tried at each declaration, once.

mod attributes;
mod children;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::judge::complex;
use super::tree::{Node, Part, XSI, name_value};
use super::{SampleValue, Try, judge, value};
use crate::load::{QName, XSD};
use crate::model::{Builtin, Content, Model, NameKind, Preset, TypeId, TypeRef};

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
    /// Takes the message in which `change` has changed the element.
    fn with(&mut self, rule: &'static str, change: impl FnOnce(&mut Node<'m>)) {
        self.take(rule, self.node.r#type, None, change);
    }

    /// The same for a value of a type, which `change` puts in its place.
    fn with_value(
        &mut self,
        rule: &'static str,
        r#type: TypeRef,
        text: &str,
        change: impl FnOnce(&mut Node<'m>, &str),
    ) {
        let value = SampleValue {
            r#type: value::kind(self.model, r#type),
            text: text.to_owned(),
        };
        self.take(rule, Some(r#type), Some(value), |node| change(node, text));
    }

    fn take(
        &mut self,
        rule: &'static str,
        r#type: Option<TypeRef>,
        value: Option<SampleValue>,
        change: impl FnOnce(&mut Node<'m>),
    ) {
        let changed = self.tree.changed(self.path, change);
        let tried = Try {
            rule,
            valid: judge::is_valid(self.model, &changed),
            at: Some(self.place()),
            of: global(self.model, r#type),
            value,
        };
        (self.take)(tried, changed.text());
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

    /// Another name and another namespace than those that are declared.
    fn name(&mut self) {
        if self.path.is_empty() {
            return;
        }
        let QName { namespace, local } = self.node.name.clone();
        self.with("unknown-element", |node| node.name.local.push('X'));
        self.with("namespace", |node| {
            node.name.namespace = OTHER.to_owned();
        });
        let flipped = if namespace.is_empty() {
            self.tree.name.namespace.clone()
        } else {
            NONE.to_owned()
        };
        self.with("form", |node| node.name.namespace = flipped);
        self.with("name", |node| node.name.local = local.to_lowercase());
    }

    /// `xsi:nil` (XSD 1.0 Part 1, 2.6.2).
    fn nil(&mut self) {
        let nil = |value: &str| (QName::new(XSI, "nil"), value.to_owned());
        for value in ["true", "1", " true ", "false", "0", "ja", ""] {
            self.with("nil", |node| node.attributes.push(nil(value)));
        }
        for part in [
            None,
            Some(Part::Raw("<!--tom-->")),
            Some(Part::Text(" ".to_owned())),
        ] {
            self.with("nil", |node| {
                node.attributes.push(nil("true"));
                node.parts = part.into_iter().collect();
            });
        }
        self.with("empty", |node| node.parts.clear());
    }

    /// `xsi:type` (XSD 1.0 Part 1, 2.6.1).
    fn types(&mut self) {
        let kind = QName::new(XSI, "type");
        if self.node.attributes.iter().any(|(name, _)| *name == kind) {
            self.with("xsi-type", |node| {
                node.attributes.retain(|(name, _)| *name != kind);
            });
        }
        let mut values: Vec<String> = [
            "string",
            "token",
            "int",
            "decimal",
            "anyType",
            "anySimpleType",
            "date",
            "Ukendt",
        ]
        .map(|local| name_value(&QName::new(XSD, local)))
        .to_vec();
        values.extend(["ukendt:a", "a b", "", "Ukendt"].map(str::to_owned));
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
        values.extend(names.take(4).map(|name| name_value(&name)));
        let own = self.node.declared.map(|declared| declared.r#type);
        if let Some((namespace, local)) = global(self.model, own) {
            values.push(name_value(&QName::new(namespace, local)));
        }
        for value in values {
            self.with("xsi-type", |node| {
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
