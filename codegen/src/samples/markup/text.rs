//! What can be wrong with the text of an element.

use super::{NONE, Site, is_any};
use crate::load::QName;
use crate::model::TypeRef;
use crate::samples::tree::{Node, Part, name_in};
use crate::samples::{Try, value, verdict};

impl Site<'_, '_> {
    /// Everything that the text of the element can be.
    pub(super) fn text(&mut self, r#type: Option<TypeRef>) {
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
            let tried = self.value(rule, (r#type, preset, true), text);
            self.with_value(tried, |node, text| {
                node.parts = vec![Part::Text(text.to_owned())];
            });
        }
        for value in value::valid(self.model, r#type) {
            if preset.is_none() {
                let tried = Try {
                    valid: Some(true),
                    ..self.value("valid", (r#type, preset, true), value)
                };
                self.with_value(tried, |node, text| {
                    node.parts = vec![Part::Text(text.to_owned())];
                });
            }
        }
        for raw in ["<!-- a -->", "<?a b?>", "<![CDATA[]]>", "&#32;"] {
            let valid = self.marked_up(r#type, raw);
            self.with("markup", valid, |node| node.parts.push(Part::Raw(raw)));
            self.with("markup", valid, |node| node.parts.insert(0, Part::Raw(raw)));
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
        self.with(
            "element-in-text",
            (!is_any(Some(r#type))).then_some(false),
            |node| {
                node.parts.push(Part::Element(inner));
            },
        );
    }

    /// Whether the element's text is valid with `raw` before or after it.
    fn marked_up(&self, r#type: TypeRef, raw: &str) -> Option<bool> {
        let declared = self.node.declared?;
        let [Part::Text(text)] = &*self.node.parts else {
            return None;
        };
        if declared.preset.is_some() || name_in(text).is_some() {
            return None;
        }
        if raw != "&#32;" {
            return Some(true);
        }
        let around = [format!("{text} "), format!(" {text}")];
        let [after, before] = around.map(|text| verdict::is_value(self.model, r#type, &text));
        after.filter(|_| after == before)
    }
}
