//! The global components of all schemas, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::load::{Element, QName, XSD};
use crate::syntax::xsd::{Schema, original, xs};

/// A global component: the schema that declares it, its place in that schema's syntax tree, its element.
#[derive(Clone, Debug)]
pub(super) struct Global {
    pub(super) schema: usize,
    pub(super) item: usize,
    pub(super) element: Element,
    /// Whether it took the place of another of its name.
    redefines: bool,
}

impl Global {
    /// The declaration `element`, which need not be global.
    pub(super) fn local(schema: usize, element: &Element) -> Self {
        Self {
            schema,
            item: 0,
            element: element.clone(),
            redefines: false,
        }
    }
}

/// All global components, and the schemas that they stand in.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    pub(super) schemas: Vec<Schema>,
    pub(super) types: BTreeMap<QName, Global>,
    pub(super) elements: BTreeMap<QName, Global>,
    /// The elements that name a head directly, by the head.
    substitutes: BTreeMap<QName, Vec<QName>>,
    pub(super) attributes: BTreeMap<QName, Global>,
    pub(super) groups: BTreeMap<QName, Global>,
    pub(super) attribute_groups: BTreeMap<QName, Global>,
}

impl Symbols {
    /// Adds the components of `schema`.
    ///
    /// # Errors
    ///
    /// What is declared twice and differs, and what cannot be carried.
    pub(super) fn add(&mut self, schema: Schema) -> Result<(), Error> {
        let mut findings = Findings::default();
        let index = self.schemas.len();
        for (item, component) in schema.components.iter().enumerate() {
            let syntax = &component.syntax;
            let table = match syntax {
                xs::SchemaContent::SimpleType(_) | xs::SchemaContent::ComplexType(_) => {
                    &mut self.types
                }
                xs::SchemaContent::Element(_) => &mut self.elements,
                xs::SchemaContent::Attribute(_) => &mut self.attributes,
                xs::SchemaContent::Group(_) => &mut self.groups,
                xs::SchemaContent::AttributeGroup(_) => &mut self.attribute_groups,
                xs::SchemaContent::Include(_)
                | xs::SchemaContent::Import(_)
                | xs::SchemaContent::Redefine(_)
                | xs::SchemaContent::Override(_)
                | xs::SchemaContent::Annotation(_)
                | xs::SchemaContent::DefaultOpenContent(_)
                | xs::SchemaContent::Notation(_) => continue,
            };
            let global = Global {
                schema: index,
                item,
                element: component.element.clone(),
                redefines: component.redefines,
            };
            let head = global.element.attribute("substitutionGroup");
            if let (xs::SchemaContent::Element(_), Some(head)) = (syntax, head) {
                let member = global
                    .element
                    .required("name")
                    .map(|name| QName::new(schema.source.namespace.as_str(), name));
                let entered = schema
                    .refer(&global.element, head)
                    .and_then(|head| Ok((head, member?)));
                if let Some((head, member)) = findings.keep(entered) {
                    let members = self.substitutes.entry(head).or_default();
                    if !members.contains(&member) {
                        members.push(member);
                    }
                }
            }
            findings.keep(declare(table, &schema.source.namespace, global));
        }
        self.schemas.push(schema);
        findings.finish(())
    }
}

impl Symbols {
    /// The syntax of `global`.
    pub(super) fn syntax(&self, global: &Global) -> &xs::SchemaContent {
        &self.schemas[global.schema].components[global.item].syntax
    }

    /// The type that the type `global` extends or restricts.
    pub(super) fn base_of(&self, global: &Global) -> Option<QName> {
        let step = self.step(global.schema, &global.element)?;
        Some(step.base)
    }

    /// The elements that stand for themselves, through others too (XSD 1.0 Part 1, 3.3.6, clause 6).
    pub(super) fn circles(&self) -> Vec<Diagnostic> {
        let heads: BTreeMap<&QName, &QName> = self
            .substitutes
            .iter()
            .flat_map(|(head, members)| members.iter().map(move |member| (member, head)))
            .collect();
        let circular = |name: &&QName| {
            let next = |name: &&QName| heads.get(*name).copied();
            let above = std::iter::successors(next(name), next);
            above.take(heads.len()).any(|above| above == *name)
        };
        heads
            .keys()
            .copied()
            .filter(circular)
            .filter_map(|name| self.elements.get(name).map(|global| (name, global)))
            .map(|(name, global)| {
                let message = format!("the element `{name}` may stand for itself");
                let help = "substitution groups go one way (XSD 1.0 Part 1, 3.3.6)";
                Diagnostic::at(global.element.place(), message).help(help)
            })
            .collect()
    }

    /// The elements that may stand for `head`, through others too, by name.
    pub(super) fn substitutes(&self, all: &QName) -> Vec<QName> {
        let mut found: Vec<QName> = Vec::new();
        let mut pending = vec![all];
        while let Some(head) = pending.pop() {
            for member in self.substitutes.get(head).into_iter().flatten() {
                if !found.contains(member) {
                    found.push(member.clone());
                    pending.push(member);
                }
            }
        }
        found.retain(|member| !self.is_kept_from(all, member));
        found.sort();
        found
    }
}

/// Enters `global`; a component that is there already must say the same.
fn declare(
    table: &mut BTreeMap<QName, Global>,
    namespace: &str,
    global: Global,
) -> Result<(), Diagnostic> {
    let name = QName::new(namespace, global.element.required("name")?);
    match table.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(global);
            Ok(())
        }
        // The redefined component stays, under another name, whichever of the two is met first.
        Entry::Occupied(mut entry) if entry.get().redefines != global.redefines => {
            let name = original(entry.key());
            let redefined = if global.redefines {
                entry.insert(global)
            } else {
                global
            };
            table.entry(name).or_insert(redefined);
            Ok(())
        }
        Entry::Occupied(entry) => {
            let first = &entry.get().element;
            let annotation = |name: &QName| name.namespace == XSD && name.local == "annotation";
            if first.same_as(&global.element, &annotation) {
                return Ok(());
            }
            let message = format!("`{}` is declared twice, differently", entry.key());
            let help = format!("the other declaration is at {:?}", first.place());
            Err(Diagnostic::at(global.element.place(), message).help(help))
        }
    }
}
