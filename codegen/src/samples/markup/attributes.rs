//! What can be wrong with the attributes of an element.

use super::{NONE, OTHER, Site};
use crate::load::QName;
use crate::model::Complex;
use crate::samples::tree::{XML, XSI};
use crate::samples::value;

impl<'m> Site<'_, 'm> {
    /// Attributes that nothing declares, and those of XML Schema's own that may stand anywhere.
    pub(super) fn undeclared_attributes(&mut self) {
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
            if !declared {
                self.with("undeclared-attribute", |node| {
                    node.attributes
                        .push((QName::new(namespace, local), "da".to_owned()));
                });
            }
        }
        for (local, value) in [
            ("schemaLocation", "urn:a a.xsd"),
            ("noNamespaceSchemaLocation", "a.xsd"),
        ] {
            self.with("schema-location", |node| {
                node.attributes
                    .push((QName::new(XSI, local), value.to_owned()));
            });
        }
    }

    /// What may be wrong with the attributes that the type declares.
    pub(super) fn attributes(&mut self, complex: &'m Complex) {
        for attribute in &complex.attributes {
            let is = |name: &QName| *name == attribute.name;
            let present = self.node.attributes.iter().any(|(name, _)| is(name));
            if !present {
                continue;
            }
            self.with("attribute", |node| {
                node.attributes.retain(|(name, _)| !is(name));
            });
            let flipped = if attribute.name.namespace.is_empty() {
                self.tree.name.namespace.clone()
            } else {
                String::new()
            };
            for namespace in [flipped, OTHER.to_owned()] {
                self.with("attribute-namespace", |node| {
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
                self.with_value(rule, attribute.r#type, &text, |node, text| {
                    for (name, value) in &mut node.attributes {
                        if is(name) {
                            text.clone_into(value);
                        }
                    }
                });
            }
        }
    }
}
