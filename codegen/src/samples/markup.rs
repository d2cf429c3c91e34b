//! What can be wrong with elements and attributes: each rule is tried at each declaration, once.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Node, Part, XML, XSI, name_value};
use super::value;
use super::{SampleValue, Try};
use crate::load::{QName, XSD};
use crate::model::{
    Complex, Content, Definition, Model, NameKind, Occurs, Preset, Term, TypeId, TypeRef,
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
        (self.take)(Try::new(rule, valid), text);
    }

    /// The same for a value of a type.
    fn with_value(&mut self, tried: Try, change: impl FnOnce(&mut Node<'m>, &str)) {
        let value = tried.value.as_ref().map_or("", |value| &value.text);
        let text = self.tree.changed(self.path, |node| change(node, value));
        (self.take)(tried, text);
    }

    fn value(&self, rule: &'static str, r#type: TypeRef, text: String) -> Try {
        let r#type = value::kind(self.model, r#type);
        Try {
            value: Some(SampleValue { r#type, text }),
            ..Try::new(rule, None)
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
        self.with("unknown-element", None, |node| node.name.local.push('X'));
        self.with("namespace", None, |node| {
            node.name.namespace = OTHER.to_owned();
        });
        let flipped = if qualified {
            NONE.to_owned()
        } else {
            self.tree.name.namespace.clone()
        };
        self.with("form", None, |node| node.name.namespace = flipped);
        self.with("name", None, |node| {
            node.name.local = node.name.local.to_lowercase();
        });
    }

    /// `xsi:nil` (XSD 1.0 Part 1, 2.6.2).
    fn nil(&mut self) {
        let nillable = self.node.declared.is_some_and(|declared| declared.nillable);
        let fixed = self
            .node
            .declared
            .is_some_and(|declared| matches!(declared.preset, Some(Preset::Fixed(_))));
        let nil = |value: &str| (QName::new(XSI, "nil"), value.to_owned());
        for value in ["true", "1", " true ", "false", "0", "ja", ""] {
            self.with("nil", None, |node| node.attributes.push(nil(value)));
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
        self.with("empty", None, |node| node.parts.clear());
    }

    /// `xsi:type` (XSD 1.0 Part 1, 2.6.1).
    fn types(&mut self) {
        let kind = QName::new(XSI, "type");
        if self.node.attributes.iter().any(|(name, _)| *name == kind) {
            self.with("xsi-type", None, |node| {
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
        if let Some(TypeRef::Defined(id)) = self.node.declared.map(|declared| declared.r#type) {
            let name = &self.model[id].name;
            if let (NameKind::Type, Some(local)) = (name.kind, name.path.first()) {
                values.push(name_value(&QName::new(
                    name.namespace.clone(),
                    local.clone(),
                )));
            }
        }
        for value in values {
            self.with("xsi-type", None, |node| {
                node.attributes.retain(|(name, _)| *name != kind);
                node.attributes.push((kind.clone(), value));
            });
        }
    }

    /// Attributes that nothing declares, and those of XML Schema's own that may stand anywhere.
    fn undeclared_attributes(&mut self) {
        let open = match self
            .node
            .r#type
            .and_then(|r#type| complex(self.model, r#type))
        {
            Some(complex) => complex.any_attributes.is_some(),
            None => self.node.r#type.is_some_and(
                |r#type| matches!(r#type, TypeRef::Builtin(b) if b.name() == "anyType"),
            ),
        };
        let valid = (!open).then_some(false);
        let own = self.tree.name.namespace.clone();
        for (namespace, local) in [
            (NONE, "ukendt"),
            (OTHER, "ukendt"),
            (own.as_str(), "ukendt"),
            (XML, "lang"),
            (XSI, "ukendt"),
        ] {
            let declared = self
                .node
                .attributes
                .iter()
                .any(|(name, _)| name.namespace == namespace && name.local == local);
            let told = valid.filter(|_| namespace != XML && namespace != OTHER);
            if !declared {
                self.with("undeclared-attribute", told, |node| {
                    node.attributes
                        .push((QName::new(namespace, local), "da".to_owned()));
                });
            }
        }
        for (local, value) in [
            ("schemaLocation", "urn:a a.xsd"),
            ("noNamespaceSchemaLocation", "a.xsd"),
        ] {
            self.with("schema-location", None, |node| {
                node.attributes
                    .push((QName::new(XSI, local), value.to_owned()));
            });
        }
    }

    fn attributes(&mut self, complex: &'m Complex) {
        for attribute in &complex.attributes {
            let is = |name: &QName| *name == attribute.name;
            let present = self.node.attributes.iter().any(|(name, _)| is(name));
            if !present {
                continue;
            }
            let valid = Some(!attribute.required);
            self.with("attribute", valid, |node| {
                node.attributes.retain(|(name, _)| !is(name));
            });
            let flipped = if attribute.name.namespace.is_empty() {
                self.tree.name.namespace.clone()
            } else {
                String::new()
            };
            for namespace in [flipped, OTHER.to_owned()] {
                self.with("attribute-namespace", None, |node| {
                    for (name, _) in &mut node.attributes {
                        if is(name) {
                            name.namespace.clone_from(&namespace);
                        }
                    }
                });
            }
            if !self.tried.values(attribute.r#type, true) && attribute.preset.is_none() {
                continue;
            }
            for (rule, text) in
                value::tried(self.model, attribute.r#type, attribute.preset.as_ref())
            {
                let tried = self.value(rule, attribute.r#type, text);
                self.with_value(tried, |node, text| {
                    for (name, value) in &mut node.attributes {
                        if is(name) {
                            text.clone_into(value);
                        }
                    }
                });
            }
        }
    }

    /// Everything that the text of the element can be.
    fn text(&mut self, r#type: Option<TypeRef>) {
        let preset = self
            .node
            .declared
            .and_then(|declared| declared.preset.as_ref());
        let Some(r#type) = r#type else {
            return;
        };
        if !self.tried.values(r#type, false) && preset.is_none() {
            return;
        }
        for (rule, text) in value::tried(self.model, r#type, preset) {
            let tried = self.value(rule, r#type, text);
            self.with_value(tried, |node, text| {
                node.parts = vec![Part::Text(text.to_owned())];
            });
        }
        for value in value::valid(self.model, r#type) {
            if preset.is_none() {
                let tried = Try {
                    valid: Some(true),
                    ..self.value("valid", r#type, value)
                };
                self.with_value(tried, |node, text| {
                    node.parts = vec![Part::Text(text.to_owned())];
                });
            }
        }
        for raw in ["<!-- a -->", "<?a b?>", "<![CDATA[]]>", "&#32;"] {
            self.with("markup", None, |node| node.parts.push(Part::Raw(raw)));
            self.with("markup", None, |node| node.parts.insert(0, Part::Raw(raw)));
        }
        for raw in [
            "&ukendt;",
            "&#0;",
            "&#xFFFE;",
            "&",
            "<![CDATA[",
            "<!-- -- -->",
            "<?xml a?>",
            "]]>",
            "<a>",
            "</b>",
            "<a:b/>",
            "<!DOCTYPE a>",
        ] {
            self.with("well-formed", Some(false), |node| {
                node.parts.push(Part::Raw(raw));
            });
        }
        let inner = Node::undeclared(QName::new(NONE, "b"));
        let is_any = matches!(r#type, TypeRef::Builtin(builtin) if builtin.name() == "anyType");
        self.with("element-in-text", (!is_any).then_some(false), |node| {
            node.parts.push(Part::Element(inner));
        });
    }

    /// Order, occurrence and choice, and what may not stand between elements.
    fn children(&mut self, content: &Content) {
        let count = self.node.parts.len();
        let mixed = matches!(content, Content::Mixed(_));
        for at in 0..=count {
            for name in [
                QName::new(self.tree.name.namespace.clone(), "Ukendt"),
                QName::new(NONE, "Ukendt"),
                QName::new(OTHER, "Ukendt"),
            ] {
                let unknown = Node::undeclared(name);
                self.with("unknown-element", None, |node| {
                    node.parts.insert(at, Part::Element(unknown));
                });
            }
            let valid = (!mixed && !is_any(self.node.r#type)).then_some(false);
            self.with("text", valid, |node| {
                node.parts.insert(at, Part::Text("tekst".to_owned()));
            });
            self.with("text", valid, |node| {
                node.parts.insert(at, Part::Raw("<![CDATA[æ]]>"));
            });
            for raw in ["\n  ", "<!--a-->", "<?a?>", "\r\n\t"] {
                self.with("white-space", None, |node| {
                    node.parts.insert(at, Part::Raw(raw));
                });
            }
        }
        for at in 0..count {
            let Part::Element(child) = &self.node.parts[at] else {
                continue;
            };
            let occurs = match content {
                Content::Sequence(particles) | Content::All(particles) => {
                    let of = |term: &Term| {
                        term.element()
                            .is_some_and(|element| element.name == child.name)
                    };
                    let mut named = particles.iter().filter(|particle| of(&particle.term));
                    let mut others = particles
                        .iter()
                        .filter(|particle| particle.term.element().is_none());
                    match (named.next(), named.next(), others.next()) {
                        (Some(one), None, None) => Some(one.occurs),
                        _ => None,
                    }
                }
                Content::Empty | Content::Simple(_) | Content::Mixed(_) => None,
            };
            let once = occurs.map(|occurs| occurs.min == 0);
            let once = if occurs.is_some_and(Occurs::repeats) {
                None
            } else {
                once
            };
            self.with("missing-element", once, |node| drop(node.parts.remove(at)));
            let again = occurs.filter(|occurs| !occurs.repeats()).map(|_| false);
            self.with("repeated", again, |node| {
                node.parts.insert(at, node.parts[at].clone());
            });
            self.with("repeated", again, |node| {
                let copy = node.parts[at].clone();
                node.parts.push(copy);
            });
            for other in at + 1..count.min(at + 4) {
                self.with("order", None, |node| node.parts.swap(at, other));
            }
            if let Some(Occurs { max: Some(max), .. }) =
                occurs.filter(|occurs| occurs.max.is_some_and(|max| (2..50).contains(&max)))
            {
                for times in [max - 1, max, max + 1] {
                    let name = child.name.clone();
                    self.with("occurrence", Some(times <= max), |node| {
                        let is = |part: &Part<'_>| matches!(part, Part::Element(other) if other.name == name);
                        let first = node.parts.iter().position(is).unwrap_or(at);
                        let one = node.parts[first].clone();
                        node.parts.retain(|part| !is(part));
                        node.parts.splice(first..first, vec![one; times]);
                    });
                }
            }
        }
        self.with("empty", None, |node| node.parts.clear());
        self.with("order", None, |node| node.parts.reverse());
    }
}

fn is_any(r#type: Option<TypeRef>) -> bool {
    matches!(r#type, Some(TypeRef::Builtin(builtin)) if builtin.name() == "anyType")
}
