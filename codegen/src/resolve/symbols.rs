//! The global components of all schemas, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::load::{Element, QName, XSD};
use crate::syntax::xsd::{Schema, xs};

/// A global component: the schema that declares it, its place in that schema's syntax tree, its element.
#[derive(Clone, Debug)]
pub(super) struct Global {
    pub(super) schema: usize,
    pub(super) item: usize,
    pub(super) element: Element,
}

/// All global components, and the schemas that they stand in.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    pub(super) schemas: Vec<Schema>,
    pub(super) types: BTreeMap<QName, Global>,
    pub(super) elements: BTreeMap<QName, Global>,
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
        let elements: Vec<Element> = schema.source.element.children().collect();
        for (item, (syntax, element)) in schema.tree.content.iter().zip(elements).enumerate() {
            let table = match syntax {
                xs::SchemaContent::SimpleType(_) | xs::SchemaContent::ComplexType(_) => {
                    &mut self.types
                }
                xs::SchemaContent::Element(_) => &mut self.elements,
                xs::SchemaContent::Attribute(_) => &mut self.attributes,
                xs::SchemaContent::Group(_) => &mut self.groups,
                xs::SchemaContent::AttributeGroup(_) => &mut self.attribute_groups,
                xs::SchemaContent::Redefine(_) => {
                    let refused = Diagnostic::at(element.place(), "`xs:redefine` is not supported");
                    findings.keep::<()>(Err(refused.help("write the redefined components out")));
                    continue;
                }
                xs::SchemaContent::Include(_)
                | xs::SchemaContent::Import(_)
                | xs::SchemaContent::Override(_)
                | xs::SchemaContent::Annotation(_)
                | xs::SchemaContent::DefaultOpenContent(_)
                | xs::SchemaContent::Notation(_) => continue,
            };
            let global = Global {
                schema: index,
                item,
                element,
            };
            findings.keep(declare(table, &schema.source.namespace, global));
        }
        self.schemas.push(schema);
        findings.finish(())
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
