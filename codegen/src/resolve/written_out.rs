//! The values that a schema gives, with names written out: what a prefix stands for in a schema, it need not in a message
//! (XSD 1.0 Part 2, 3.2.18 and 3.2.19).

use super::{Resolver, Slot, TypeSyntax};
use crate::diagnostic::Diagnostic;
use crate::load::Element;
use crate::model::{Builtin, Content, Definition, Preset, TypeRef, Variety};
use crate::syntax::xsd::xs;

/// How deep unions may stand in each other for names to be found in them.
const NESTED: usize = 16;

impl Resolver<'_> {
    /// The `default` or `fixed` of the declaration `element`, whose values are of the type `r#type`.
    pub(super) fn preset(
        &mut self,
        r#type: TypeRef,
        element: &Element,
    ) -> Result<Option<Preset>, Diagnostic> {
        if let Some(fixed) = element.attribute("fixed") {
            return Ok(Some(Preset::Fixed(
                self.written_out(r#type, fixed, element)?,
            )));
        }
        let Some(default) = element.attribute("default") else {
            return Ok(None);
        };
        Ok(Some(Preset::Default(
            self.written_out(r#type, default, element)?,
        )))
    }

    /// `value`, which is one of `r#type` and stands at `element`, with `{namespace}local` for each name in it.
    pub(super) fn written_out(
        &mut self,
        r#type: TypeRef,
        value: &str,
        element: &Element,
    ) -> Result<String, Diagnostic> {
        let names = self.names(r#type, element, 0)?;
        let name = |word: &str| {
            let name = element.expand(word)?;
            Ok(format!("{{{}}}{}", name.namespace, name.local))
        };
        match names {
            Names::None => Ok(value.to_owned()),
            Names::One => name(value),
            Names::List => {
                let names: Result<Vec<String>, Diagnostic> =
                    value.split_whitespace().map(name).collect();
                Ok(names?.join(" "))
            }
        }
    }

    /// Where names stand in the values of `r#type`. Of a union, the first member that takes any text, or names, tells.
    fn names(
        &mut self,
        r#type: TypeRef,
        user: &Element,
        depth: usize,
    ) -> Result<Names, Diagnostic> {
        let id = match r#type {
            TypeRef::Builtin(builtin) if is_name(builtin) => return Ok(Names::One),
            TypeRef::Builtin(_) => return Ok(Names::None),
            TypeRef::Defined(id) => id,
        };
        // A complex type with elements holds no value, and may be under way.
        if depth > NESTED || !self.is_text(id) {
            return Ok(Names::None);
        }
        let members = match &self.defined(id, user)?.definition {
            Definition::Simple(simple) => match simple.variety {
                Variety::Atomic(builtin) if is_name(builtin) => return Ok(Names::One),
                Variety::Atomic(_) => return Ok(Names::None),
                Variety::List(item) => {
                    return Ok(match self.names(item, user, depth + 1)? {
                        Names::One => Names::List,
                        Names::None | Names::List => Names::None,
                    });
                }
                Variety::Union(union) => vec![TypeRef::Defined(union)],
            },
            Definition::Union(members) => members.clone(),
            Definition::Complex(complex) => match complex.content {
                Content::Simple(text) => vec![text],
                _ => Vec::new(),
            },
            Definition::Group(_) => Vec::new(),
        };
        for member in members {
            let names = self.names(member, user, depth + 1)?;
            if names != Names::None || self.takes_any_text(member) {
                return Ok(names);
            }
        }
        Ok(Names::None)
    }

    /// Whether values of the type are text alone.
    fn is_text(&self, id: crate::model::TypeId) -> bool {
        match &self.slots[id.0] {
            Slot::Known(_, TypeSyntax::Simple(_)) => true,
            Slot::Known(_, TypeSyntax::Complex(syntax)) => syntax
                .content
                .iter()
                .any(|content| matches!(content, xs::ComplexBaseTypeContent::SimpleContent(_))),
            Slot::Done(_) => true,
            Slot::Open | Slot::Refused(_) => false,
        }
    }

    fn takes_any_text(&self, r#type: TypeRef) -> bool {
        match r#type {
            TypeRef::Builtin(builtin) => builtin.is_text() || builtin == Builtin::ANY_SIMPLE,
            TypeRef::Defined(id) => match &self.slots[id.0] {
                Slot::Done(r#type) => matches!(
                    &r#type.definition,
                    Definition::Simple(simple)
                        if simple.facets.enumeration.is_empty()
                            && matches!(simple.variety, Variety::Atomic(builtin) if builtin.is_text())
                ),
                _ => false,
            },
        }
    }
}

/// Where names stand in values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    None,
    /// The whole value is one.
    One,
    /// Each item is one.
    List,
}

fn is_name(builtin: Builtin) -> bool {
    matches!(builtin.name(), "QName" | "NOTATION")
}
