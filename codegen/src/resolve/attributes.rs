//! Attributes of complex types: references and groups are opened, inherited ones merged.

use super::complex::Body;
use super::particles::wildcard;
use super::{Origin, Resolver, unknown};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName};
use crate::model::{Attribute, Builtin, TypeRef, Wildcard, WildcardNamespaces};
use crate::syntax::xsd::{documentation, xs};

/// An attribute, or the prohibition of one.
pub(super) struct AttributeUse {
    attribute: Attribute,
    prohibited: bool,
}

impl<'s> Resolver<'s> {
    pub(super) fn attribute(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::AttributeType,
        element: &Element,
    ) -> Result<AttributeUse, Diagnostic> {
        let mut attribute = if syntax.ref_.is_some() {
            self.attribute_reference(origin, element)?
        } else {
            let by_default = self.schema(origin.schema).attributes_qualified();
            let name = self.local_name(origin, element, syntax.form.as_ref(), by_default)?;
            Attribute {
                r#type: self.attribute_type(origin, &name.local, syntax, element)?,
                name,
                required: false,
                preset: None,
                documentation: documentation(element),
            }
        };
        attribute.required = syntax.use_ == xs::AttributeUseType::Required;
        if let Some(preset) = self.preset(attribute.r#type, element)? {
            attribute.preset = Some(preset);
        }
        Ok(AttributeUse {
            attribute,
            prohibited: syntax.use_ == xs::AttributeUseType::Prohibited,
        })
    }

    fn attribute_type(
        &mut self,
        origin: &Origin,
        local: &str,
        syntax: &'s xs::AttributeType,
        element: &Element,
    ) -> Result<TypeRef, Diagnostic> {
        match &syntax.simple_type {
            Some(inner) => self.anonymous_simple(origin, &format!("@{local}"), inner, element),
            None if syntax.type_.is_some() => self.simple_type_at(origin.schema, element, "type"),
            None => Ok(TypeRef::Builtin(Builtin::ANY_SIMPLE)),
        }
    }

    /// The global attribute that `element` refers to.
    fn attribute_reference(
        &mut self,
        origin: &Origin,
        element: &Element,
    ) -> Result<Attribute, Diagnostic> {
        let name = self.referred(origin, element)?;
        self.global_attribute(&name, element)
    }

    /// The global attribute `name`, which `user` refers to.
    pub(super) fn global_attribute(
        &mut self,
        name: &QName,
        user: &Element,
    ) -> Result<Attribute, Diagnostic> {
        let symbols = self.symbols;
        let global = symbols
            .attributes
            .get(name)
            .ok_or_else(|| unknown("attribute", name, user))?;
        let xs::SchemaContent::Attribute(syntax) = symbols.syntax(global) else {
            return Err(unknown("attribute", name, user));
        };
        let owner = Origin::global("@", name, global);
        let r#type = self.attribute_type(&owner, &name.local, syntax, &global.element)?;
        Ok(Attribute {
            r#type,
            required: false,
            preset: self.preset(r#type, &global.element)?,
            documentation: documentation(&global.element),
            name: name.clone(),
        })
    }

    /// Adds the attributes of the attribute group that `element` refers to.
    pub(super) fn attribute_group(
        &mut self,
        origin: &Origin,
        element: &Element,
        body: &mut Body,
    ) -> Result<(), Diagnostic> {
        let name = self.referred(origin, element)?;
        let symbols = self.symbols;
        let global = symbols
            .attribute_groups
            .get(&name)
            .ok_or_else(|| unknown("attribute group", &name, element))?;
        let xs::SchemaContent::AttributeGroup(syntax) = symbols.syntax(global) else {
            return Err(unknown("attribute group", &name, element));
        };
        let owner = self.open_group(&name, global, element)?;
        for (content, inner) in syntax.content.iter().zip(global.element.children()) {
            match content {
                xs::AttributeGroupTypeContent::Annotation(_) => {}
                xs::AttributeGroupTypeContent::Attribute(attribute) => {
                    body.attributes
                        .push(self.attribute(&owner, attribute, &inner)?);
                }
                xs::AttributeGroupTypeContent::AttributeGroup(_) => {
                    self.attribute_group(&owner, &inner, body)?;
                }
                xs::AttributeGroupTypeContent::AnyAttribute(any) => {
                    let wildcard = self.any_attribute(&owner, any);
                    body.any_attributes = narrowed(body.any_attributes.take(), wildcard);
                }
            }
        }
        self.inside.pop();
        Ok(())
    }

    pub(super) fn any_attribute(&self, origin: &Origin, any: &xs::AnyAttribute) -> Wildcard {
        let target = &self.schema(origin.schema).source.namespace;
        wildcard(any.namespace.as_ref(), &any.process_contents, target)
    }
}

/// `inherited` and `own` attributes: an own one takes the place of the inherited, or takes it away (XSD 1.0 Part 1, 3.4.2).
pub(super) fn merged(inherited: Vec<Attribute>, own: Vec<AttributeUse>) -> Vec<Attribute> {
    let mut attributes = inherited;
    for AttributeUse {
        attribute,
        prohibited,
    } in own
    {
        let known = attributes.iter().position(|a| a.name == attribute.name);
        match (known, prohibited) {
            (Some(index), true) => {
                attributes.remove(index);
            }
            (Some(index), false) => attributes[index] = attribute,
            (None, true) => {}
            (None, false) => attributes.push(attribute),
        }
    }
    attributes
}

/// The wildcard of an extension: what either lets in (XSD 1.0 Part 1, 3.4.2).
pub(super) fn widened(base: Option<Wildcard>, own: Option<Wildcard>) -> Option<Wildcard> {
    use WildcardNamespaces::{Any, List};
    let (base, own) = match (base, own) {
        (Some(base), Some(own)) => (base, own),
        (base, own) => return own.or(base),
    };
    let namespaces = match (base.namespaces, own.namespaces) {
        (a, b) if a == b => a,
        (List(mut a), List(b)) => {
            a.extend(b);
            List(a)
        }
        _ => Any,
    };
    Some(Wildcard {
        namespaces,
        process: own.process,
    })
}

/// The wildcard of a body in which two stand: what both let in; the narrower one, where one is `##any`.
pub(super) fn narrowed(known: Option<Wildcard>, own: Wildcard) -> Option<Wildcard> {
    match known {
        Some(known) if own.namespaces == WildcardNamespaces::Any => Some(known),
        _ => Some(own),
    }
}
