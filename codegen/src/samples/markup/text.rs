//! What can be wrong with the text of an element.

use super::{NONE, Site};
use crate::load::QName;
use crate::model::TypeRef;
use crate::samples::tree::{Node, Part};
use crate::samples::value;

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
        let mut tried = value::tried(self.model, r#type, preset);
        if preset.is_none() {
            let valid = value::valid(self.model, r#type).into_iter();
            tried.extend(valid.map(|text| ("valid", text)));
        }
        for (rule, text) in tried {
            self.with_value(rule, r#type, &text, |node, text| {
                node.parts = vec![Part::Text(text.to_owned())];
            });
        }
        for raw in ["<!-- a -->", "<?a b?>", "<![CDATA[]]>", "&#32;"] {
            self.with("markup", |node| node.parts.push(Part::Raw(raw)));
            self.with("markup", |node| node.parts.insert(0, Part::Raw(raw)));
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
            self.with("well-formed", |node| node.parts.push(Part::Raw(raw)));
        }
        let inner = Node::undeclared(QName::new(NONE, "b"));
        self.with("element-in-text", |node| {
            node.parts.push(Part::Element(inner));
        });
    }
}
