//! Complex types: what a type inherits is written out, attribute groups are opened.

use super::attributes::{AttributeUse, merged, narrowed, widened};
use super::item::{Derivation, Item};
use super::particles::RawParticle;
use super::simple::child;
use super::{Origin, Resolver, Slot, TypeSyntax};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName};
use crate::model::{
    Attribute, Builtin, Complex, Content, Definition, Group, NameKind, Occurs, Particle,
    ProcessContents, Term, TypeId, TypeRef, Wildcard, WildcardNamespaces,
};
use crate::syntax::xsd::xs;

/// What a type with simple content takes over from its base.
struct Text {
    r#type: Option<TypeRef>,
    attributes: Vec<Attribute>,
    any_attributes: Option<Wildcard>,
}

/// The particle and the attributes that a body declares itself.
#[derive(Default)]
pub(super) struct Body {
    particle: Option<RawParticle>,
    pub(super) attributes: Vec<AttributeUse>,
    pub(super) any_attributes: Option<Wildcard>,
}

impl<'s> Resolver<'s> {
    /// Reads the `xs:complexType` at `origin`.
    pub(super) fn complex(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::ComplexBaseType,
    ) -> Result<Complex, Diagnostic> {
        let items: Vec<(Item<'s>, Element)> = syntax
            .content
            .iter()
            .map(Item::of_type)
            .zip(origin.element.children())
            .collect();
        for (item, element) in &items {
            match item {
                Item::SimpleContent(content) => {
                    let complex = self.simple_content(origin, content, element)?;
                    return Ok(Complex {
                        r#abstract: syntax.abstract_,
                        ..complex
                    });
                }
                Item::ComplexContent(content) => {
                    let mixed = content.mixed.or(syntax.mixed) == Some(true);
                    let complex = self.complex_content(origin, content, mixed, element)?;
                    return Ok(Complex {
                        r#abstract: syntax.abstract_,
                        ..complex
                    });
                }
                _ => {}
            }
        }
        let body = self.body(origin, items)?;
        let content = self.content(origin, body.particle);
        Ok(Complex {
            base: None,
            r#abstract: syntax.abstract_,
            attributes: merged(Vec::new(), body.attributes),
            any_attributes: body.any_attributes,
            content: self.mixed(origin, content, syntax.mixed == Some(true)),
        })
    }

    /// `content`, with text between its elements where that is allowed.
    fn mixed(&mut self, origin: &Origin, content: Content, mixed: bool) -> Content {
        let group = match content {
            _ if !mixed => return content,
            Content::Simple(_) | Content::Mixed(_) => return content,
            Content::Empty => Group::Sequence(Vec::new()),
            Content::Sequence(particles) => Group::Sequence(particles),
            Content::All(particles) => Group::All(particles),
        };
        let group = Definition::Group(group);
        Content::Mixed(self.enter(origin, "Content", NameKind::Group, group))
    }

    /// `xs:simpleContent`: text with attributes.
    fn simple_content(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::SimpleContent,
        element: &Element,
    ) -> Result<Complex, Diagnostic> {
        for (content, element) in syntax.content.iter().zip(element.children()) {
            let derivation = match content {
                xs::SimpleContentContent::Annotation(_) => continue,
                xs::SimpleContentContent::Extension(syntax) => Derivation::Extension(syntax),
                xs::SimpleContentContent::Restriction(syntax) => Derivation::Restriction(syntax),
            };
            let items = derivation.items(&element);
            let base = self.type_at(origin.schema, &element, "base")?;
            let inherited = self.text_of(base, &element)?;
            let text = match derivation {
                Derivation::Extension(_) => inherited.r#type,
                Derivation::Restriction(_) => {
                    self.restricted_text(origin, inherited.r#type, &items, &element)?
                }
            };
            let text = text.ok_or_else(|| {
                let message = "simple content is derived from a type that has elements";
                Diagnostic::at(element.place(), message)
            })?;
            let body = self.body(origin, items)?;
            return Ok(Complex {
                base: self.complex_base(base),
                r#abstract: false,
                attributes: merged(inherited.attributes, body.attributes),
                any_attributes: widened(inherited.any_attributes, body.any_attributes),
                content: Content::Simple(text),
            });
        }
        Err(Diagnostic::at(
            element.place(),
            "simple content without extension or restriction",
        ))
    }

    /// The simple type of `base`, itself simple or with simple content, and its attributes; no type where its content is
    /// mixed, which a restriction may make simple (XSD 1.0 Part 1, 3.4.2).
    fn text_of(&mut self, base: TypeRef, user: &Element) -> Result<Text, Diagnostic> {
        let alone = Text {
            r#type: Some(base),
            attributes: Vec::new(),
            any_attributes: None,
        };
        let TypeRef::Defined(id) = base else {
            return Ok(alone);
        };
        let Definition::Complex(complex) = &self.defined(id, user)?.definition else {
            return Ok(alone);
        };
        Ok(Text {
            r#type: match complex.content {
                Content::Simple(text) => Some(text),
                _ => None,
            },
            attributes: complex.attributes.clone(),
            any_attributes: complex.any_attributes.clone(),
        })
    }

    /// The type of the text after a restriction of simple content: `text` itself where no facet is added; none where there
    /// is no text to restrict.
    fn restricted_text(
        &mut self,
        origin: &Origin,
        text: Option<TypeRef>,
        items: &[(Item<'s>, Element)],
        element: &Element,
    ) -> Result<Option<TypeRef>, Diagnostic> {
        let inner = items.iter().find_map(|(item, _)| match item {
            Item::SimpleType(inner) => Some(*inner),
            _ => None,
        });
        let base = match inner {
            Some(inner) => Some(self.anonymous_simple(origin, "Value", inner, element)?),
            None => text,
        };
        let Some(base) = base else {
            return Ok(None);
        };
        let facets: Vec<_> = items
            .iter()
            .filter_map(|(item, element)| match item {
                Item::Facet(facet) => Some((*facet, element.clone())),
                _ => None,
            })
            .collect();
        if facets.is_empty() {
            return Ok(Some(base));
        }
        let simple = self.restricted(base, element, &facets)?;
        let definition = Definition::Simple(simple);
        let id = self.enter(origin, "Value", NameKind::Anonymous, definition);
        Ok(Some(TypeRef::Defined(id)))
    }

    /// `xs:complexContent`: the base's particles and attributes, then the own ones; a restriction says its particles anew.
    fn complex_content(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::ComplexContent,
        mixed: bool,
        element: &Element,
    ) -> Result<Complex, Diagnostic> {
        for (content, element) in syntax.content.iter().zip(element.children()) {
            let derivation = match content {
                xs::ComplexContentContent::Annotation(_) => continue,
                xs::ComplexContentContent::Extension(syntax) => Derivation::Extension(syntax),
                xs::ComplexContentContent::Restriction(syntax) => Derivation::Restriction(syntax),
            };
            let (base_id, base) = self.base_of(origin.schema, &element)?;
            let body = self.body(origin, derivation.items(&element))?;
            let own = self.content(origin, body.particle);
            let base = match (&derivation, base_id, &own) {
                (Derivation::Extension(_), None, Content::Empty) => self.any_type(origin),
                _ => base,
            };
            let (content, any_attributes) = match derivation {
                Derivation::Extension(_) => {
                    let (inherited, was_mixed) = self.unmixed(base.content);
                    let content = extended(inherited, own, &element)?;
                    (
                        self.mixed(origin, content, mixed || was_mixed),
                        widened(base.any_attributes, body.any_attributes),
                    )
                }
                Derivation::Restriction(_) => (self.mixed(origin, own, mixed), body.any_attributes),
            };
            return Ok(Complex {
                base: base_id,
                r#abstract: false,
                attributes: merged(base.attributes, body.attributes),
                any_attributes,
                content,
            });
        }
        Err(Diagnostic::at(
            element.place(),
            "complex content without extension or restriction",
        ))
    }

    /// What `xs:anyType` has, for an extension that adds no content of its own (XSD 1.0 Part 1, 3.4.2 and 3.4.7).
    fn any_type(&mut self, origin: &Origin) -> Complex {
        let wildcard = Wildcard {
            namespaces: WildcardNamespaces::Any,
            process: ProcessContents::Lax,
        };
        let particle = Particle {
            term: Term::Any(wildcard.clone()),
            occurs: Occurs { min: 0, max: None },
        };
        let content = self.mixed(origin, Content::Sequence(vec![particle]), true);
        baseless(content, Some(wildcard))
    }

    /// The complex type that `element` names as its base; `xs:anyType` is the empty one.
    fn base_of(
        &mut self,
        schema: usize,
        element: &Element,
    ) -> Result<(Option<TypeId>, Complex), Diagnostic> {
        let name = self
            .schema(schema)
            .refer(element, element.required("base")?)?;
        if name == QName::new(crate::load::XSD, "anyType") {
            return Ok((None, baseless(Content::Empty, None)));
        }
        let TypeRef::Defined(id) = self.type_called(&name, element)? else {
            return Err(Diagnostic::at(
                element.place(),
                "complex content is derived from a simple type",
            ));
        };
        match &self.defined(id, element)?.definition {
            Definition::Complex(complex) => Ok((Some(id), complex.clone())),
            Definition::Simple(_) | Definition::Union(_) | Definition::Group(_) => {
                Err(Diagnostic::at(
                    element.place(),
                    "complex content is derived from a simple type",
                ))
            }
        }
    }

    /// `base` as the base of a type with simple content: none where it is a simple type.
    fn complex_base(&self, base: TypeRef) -> Option<TypeId> {
        let TypeRef::Defined(id) = base else {
            return None;
        };
        match &self.slots[id.0] {
            Slot::Done(r#type) => matches!(r#type.definition, Definition::Complex(_)).then_some(id),
            Slot::Known(..) | Slot::Open | Slot::Refused(_) => None,
        }
    }

    /// The particles of `content`, and whether text may stand between them.
    fn unmixed(&self, content: Content) -> (Content, bool) {
        let Content::Mixed(group) = content else {
            return (content, false);
        };
        let content = match &self.slots[group.0] {
            Slot::Done(r#type) => match &r#type.definition {
                Definition::Group(group) if group.particles().is_empty() => Content::Empty,
                Definition::Group(Group::All(particles)) => Content::All(particles.clone()),
                Definition::Group(group) => Content::Sequence(group.particles().to_vec()),
                _ => Content::Empty,
            },
            Slot::Known(..) | Slot::Open | Slot::Refused(_) => Content::Empty,
        };
        (content, true)
    }

    /// The particle and the attributes among `items`.
    fn body(
        &mut self,
        origin: &Origin,
        items: Vec<(Item<'s>, Element)>,
    ) -> Result<Body, Diagnostic> {
        let mut body = Body::default();
        for (item, element) in items {
            match item {
                Item::GroupReference(group) => {
                    body.particle = Some(self.group_reference(origin, group, &element)?);
                }
                Item::Group(compositor, group) => {
                    body.particle = Some(self.model_group(origin, compositor, group, &element)?);
                }
                Item::Attribute(attribute) => {
                    body.attributes
                        .push(self.attribute(origin, attribute, &element)?);
                }
                Item::AttributeGroup => self.attribute_group(origin, &element, &mut body)?,
                Item::AnyAttribute(any) => {
                    let wildcard = self.any_attribute(origin, any);
                    body.any_attributes = narrowed(body.any_attributes, wildcard);
                }
                Item::Newer => {
                    return Err(Diagnostic::at(element.place(), "this belongs to XSD 1.1")
                        .help("contracts are read as XSD 1.0"));
                }
                Item::Facet(_)
                | Item::SimpleType(_)
                | Item::SimpleContent(_)
                | Item::ComplexContent(_)
                | Item::Annotation => {}
            }
        }
        Ok(body)
    }

    /// The type at `element`, an element declaration: named, anonymous, that of the element it may stand for, or any.
    pub(super) fn element_type(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::ElementType,
        element: &Element,
    ) -> Result<TypeRef, Diagnostic> {
        if syntax.type_.is_some() {
            return self.type_at(origin.schema, element, "type");
        }
        for content in &syntax.content {
            let (local, inner) = match content {
                xs::ElementTypeContent::SimpleType(inner) => {
                    ("simpleType", TypeSyntax::Simple(inner))
                }
                xs::ElementTypeContent::ComplexType(inner) => {
                    ("complexType", TypeSyntax::Complex(inner))
                }
                _ => continue,
            };
            let anonymous = Origin {
                element: child(element, local)?,
                ..origin.clone()
            };
            return Ok(self.reserve(anonymous, inner));
        }
        let Some(head) = element.attribute("substitutionGroup") else {
            return Ok(TypeRef::Builtin(Builtin::ANY));
        };
        let head = self.schema(origin.schema).refer(element, head)?;
        Ok(self.global_element(&head, element)?.r#type)
    }
}

/// A type that is derived from none.
fn baseless(content: Content, any_attributes: Option<Wildcard>) -> Complex {
    Complex {
        base: None,
        r#abstract: false,
        attributes: Vec::new(),
        any_attributes,
        content,
    }
}

/// The content of an extension: what the base has, then what is added.
fn extended(base: Content, own: Content, element: &Element) -> Result<Content, Diagnostic> {
    match (base, own) {
        (Content::Empty, own) => Ok(own),
        (base, Content::Empty) => Ok(base),
        (Content::Sequence(mut base), Content::Sequence(own)) => {
            base.extend(own);
            Ok(Content::Sequence(base))
        }
        _ => Err(Diagnostic::at(
            element.place(),
            "`xs:all` can neither be extended nor extend (XSD 1.0 Part 1, 3.8.6)",
        )),
    }
}

/// Whether an attribute of type `xs:boolean` says so.
pub(super) fn is_true(value: Option<&str>) -> bool {
    matches!(value.map(str::trim), Some("true" | "1"))
}
