//! What documents name and do not import.

use std::collections::{BTreeMap, BTreeSet};

use super::{Element, Loaded, QName, SchemaSource, WSDL, XSD, catalogue};
use crate::diagnostic::{Diagnostic, Findings};

/// The attributes of XML Schema that refer to components, other than `memberTypes`, which refers to several.
const REFERENCES: [&str; 7] = [
    "type",
    "ref",
    "base",
    "itemType",
    "memberTypes",
    "substitutionGroup",
    "refer",
];

/// Adds the schemas of the catalogue that the documents ask for and do not bring, and warns of those and of every namespace
/// that a schema names without importing it (XSD 1.0 Part 1, 4.2.3).
pub(super) fn add(loaded: &mut Loaded, findings: &mut Findings) {
    let mut named = BTreeMap::new();
    for document in &loaded.documents {
        for element in document.root().descendants() {
            name_namespaces(&element, &mut named);
        }
    }
    let mut missing: Vec<&str> = catalogue::namespaces()
        .filter(|namespace| loaded.schemas.iter().all(|own| own.namespace != *namespace))
        .collect();
    let unimported: Vec<Diagnostic> = loaded
        .schemas
        .iter()
        .flat_map(|s| unimported(s, &loaded.schemas))
        .collect();
    loaded.warnings.extend(unimported);
    // One schema of the catalogue may ask for another.
    while let Some(index) = missing
        .iter()
        .position(|namespace| named.contains_key(*namespace))
    {
        let namespace = missing.remove(index);
        let schema = catalogue::schema(namespace);
        if let Some(schema) = schema.and_then(|schema| findings.keep(schema)) {
            let place = named[namespace].place();
            let text = format!("no document declares the namespace `{namespace}`");
            let warning = Diagnostic::at(place, text);
            loaded
                .warnings
                .push(warning.help("the schema of the catalogue is used"));
            for element in schema.element.descendants() {
                name_namespaces(&element, &mut named);
            }
            loaded.schemas.push(schema);
        }
    }
}

/// Enters the namespaces of all qualified names among the attribute values of `element`, each with the first that names it.
fn name_namespaces(element: &Element, named: &mut BTreeMap<String, Element>) {
    for attribute in element.attributes() {
        for name in attribute.value.split_ascii_whitespace() {
            let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
            let namespace = element.namespace_of(prefix);
            if let Some(namespace) = namespace.filter(|namespace| !named.contains_key(*namespace)) {
                named.insert(namespace.to_owned(), element.clone());
            }
        }
    }
}

/// A warning for each namespace that `source` names and does not import, and that is one of `schemas`: what it declares is
/// found all the same.
fn unimported(source: &SchemaSource, schemas: &[SchemaSource]) -> Vec<Diagnostic> {
    let schema = &source.element;
    let mut known: BTreeSet<String> = schema
        .children_named(XSD, "import")
        .map(|import| import.attribute("namespace").unwrap_or("").to_owned())
        .collect();
    known.extend([XSD, WSDL, source.namespace.as_str()].map(str::to_owned));
    let mut warnings = Vec::new();
    for element in schema.descendants().filter(|e| e.name().namespace == XSD) {
        let values = REFERENCES.iter().filter_map(|name| element.attribute(name));
        for value in values.flat_map(str::split_ascii_whitespace) {
            let Ok(QName { namespace, .. }) = element.expand(value) else {
                continue;
            };
            // Names of no namespace in a schema that took on another are names of that one.
            let chameleon = namespace.is_empty() && schema.attribute("targetNamespace").is_none();
            let there = || schemas.iter().any(|schema| schema.namespace == namespace);
            if !chameleon && !known.contains(&namespace) && there() {
                let text = format!("the namespace `{namespace}` is not imported here");
                let help =
                    "its components are found all the same, where another schema declares them";
                warnings.push(Diagnostic::at(element.place(), text).help(help));
                known.insert(namespace);
            }
        }
    }
    warnings
}
