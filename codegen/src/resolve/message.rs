//! What a message is on the wire: an element, the wrapper of style rpc, or the bare content of the body.

use super::service::Variant;
use super::{Origin, Resolver, unknown};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName};
use crate::model::{
    Complex, Content, Definition, ElementUse, HeaderPart, NameKind, Occurs, Particle, RootElement,
    Term, TypeName, TypeRef,
};
use crate::syntax::wsdl::{self, BindingMessage, Part, PartContent};

/// One direction of an operation: the message of the port type, and how it is bound.
pub(super) struct Direction<'v> {
    pub(super) message: &'v QName,
    /// The operation of the port type, for places.
    pub(super) user: &'v Element,
    pub(super) bound: Option<&'v BindingMessage>,
    pub(super) rpc: bool,
    /// The name of the wrapper of style rpc, and of what is made for the direction.
    pub(super) name: String,
    /// What tells the types that are made for this direction from those of the other.
    pub(super) suffix: &'static str,
}

impl Resolver<'_> {
    /// The body of the message, by its place among the roots.
    pub(super) fn message_body(
        &mut self,
        variant: &Variant,
        direction: &Direction<'_>,
    ) -> Result<usize, Diagnostic> {
        let message = message(variant, direction.message, direction.user)?;
        let body = direction.bound.and_then(|bound| bound.body.as_ref());
        let named = body.and_then(|body| body.parts.as_ref()).map(|names| {
            let parts = names.iter().map(|name| part(message, name, direction.user));
            parts.collect::<Result<Vec<_>, _>>()
        });
        let parts = match named {
            Some(Ok(parts)) => parts,
            Some(Err(error)) => {
                let help = "all parts that are no headers are taken for the body";
                self.model.warnings.push(error.help(help));
                let carried = |part: &&Part| !is_header(direction, message, part);
                message.parts.iter().filter(carried).collect()
            }
            None => {
                let carried = |part: &&Part| !is_header(direction, message, part);
                message.parts.iter().filter(carried).collect()
            }
        };
        if direction.rpc {
            let namespace = body.map_or("", |body| body.namespace.as_str());
            return self.wrapper(direction, namespace, &parts, message);
        }
        match parts.as_slice() {
            [
                Part {
                    content: PartContent::Element(name),
                    element,
                    ..
                },
            ] => self.root(name, element),
            _ => self.bare(direction, &parts, message),
        }
    }

    /// The headers that the binding declares for the message.
    pub(super) fn headers(
        &mut self,
        variant: &Variant,
        direction: &Direction<'_>,
    ) -> Result<Vec<HeaderPart>, Diagnostic> {
        let mut headers: Vec<HeaderPart> = Vec::new();
        for header in direction.bound.iter().flat_map(|bound| &bound.headers) {
            let message = message(variant, &header.message, &header.element)?;
            let part = part(message, &header.part, &header.element)?;
            let PartContent::Element(name) = &part.content else {
                let text = format!(
                    "the header part `{}` refers to a type: it is passed over",
                    part.name
                );
                let help =
                    "a header block is an element; refer to one (WS-I Basic Profile 1.1, R2205)";
                self.model
                    .warnings
                    .push(Diagnostic::at(part.element.place(), text).help(help));
                continue;
            };
            let root = self.root(name, &part.element)?;
            if !headers.iter().any(|known| known.root == root) {
                headers.push(HeaderPart {
                    root,
                    name: part.name.clone(),
                });
            }
        }
        Ok(headers)
    }

    /// The element that style rpc wraps the parts in: named after the operation, its children after the parts, which are in
    /// no namespace (WSDL 1.1, 3.5; WS-I Basic Profile 1.1, R2735).
    fn wrapper(
        &mut self,
        direction: &Direction<'_>,
        namespace: &str,
        parts: &[&Part],
        message: &wsdl::Message,
    ) -> Result<usize, Diagnostic> {
        let name = QName::new(namespace, direction.name.as_str());
        let particles = parts
            .iter()
            .map(|part| self.part_particle(part))
            .collect::<Result<_, _>>()?;
        let r#type = self.made(direction, namespace, particles, message);
        Ok(self.made_root(name, r#type, false, message))
    }

    /// Parts that stand in the body without an element around them: none, several, or one that is a type.
    fn bare(
        &mut self,
        direction: &Direction<'_>,
        parts: &[&Part],
        message: &wsdl::Message,
    ) -> Result<usize, Diagnostic> {
        let name = QName::new(message.name.namespace.as_str(), direction.name.as_str());
        if let [
            Part {
                content: PartContent::Type(written),
                element,
                ..
            },
        ] = parts
        {
            // The part's type is that of the body itself (WSDL 1.1, 3.5).
            let r#type = self.type_called(written, element)?;
            return Ok(self.made_root(name, r#type, true, message));
        }
        let particles = parts
            .iter()
            .map(|part| self.part_particle(part))
            .collect::<Result<_, _>>()?;
        let r#type = self.made(direction, &message.name.namespace, particles, message);
        Ok(self.made_root(name, r#type, true, message))
    }

    fn part_particle(&mut self, part: &Part) -> Result<Particle, Diagnostic> {
        let element = match &part.content {
            PartContent::Element(name) => self.global_element(name, &part.element)?,
            PartContent::Type(name) => ElementUse {
                name: QName::new("", part.name.as_str()),
                r#type: self.type_called(name, &part.element)?,
                nillable: false,
                preset: None,
                documentation: Vec::new(),
            },
        };
        Ok(Particle {
            occurs: Occurs::ONCE,
            term: Term::Element(element),
        })
    }

    /// A type that no schema declares, for the parts of a message.
    fn made(
        &mut self,
        direction: &Direction<'_>,
        namespace: &str,
        particles: Vec<Particle>,
        message: &wsdl::Message,
    ) -> TypeRef {
        let owner = Origin {
            name: TypeName {
                namespace: namespace.to_owned(),
                path: Vec::new(),
                kind: NameKind::Type,
            },
            schema: 0,
            element: message.element.clone(),
        };
        let content = if particles.is_empty() {
            Content::Empty
        } else {
            Content::Sequence(particles)
        };
        let definition = Definition::Complex(Complex {
            base: None,
            r#abstract: false,
            attributes: Vec::new(),
            any_attributes: None,
            content,
        });
        let name = format!("{}{}", direction.name, direction.suffix);
        TypeRef::Defined(self.enter(&owner, &name, NameKind::Type, definition))
    }

    fn made_root(
        &mut self,
        name: QName,
        r#type: TypeRef,
        bare: bool,
        message: &wsdl::Message,
    ) -> usize {
        let element = ElementUse {
            name,
            r#type,
            nillable: false,
            preset: None,
            documentation: Vec::new(),
        };
        let file = message.element.document().name.clone();
        self.model.roots.push(RootElement {
            element,
            bare,
            file,
        });
        self.model.roots.len() - 1
    }
}

/// The message `name`, which `user` refers to.
///
/// Deployed contracts forget the prefix: a name without a namespace is looked up in every target namespace.
pub(super) fn message<'v>(
    variant: &'v Variant,
    name: &QName,
    user: &Element,
) -> Result<&'v wsdl::Message, Diagnostic> {
    variant
        .messages()
        .find(|message| message.name == *name)
        .or_else(|| {
            variant
                .messages()
                .find(|message| message.name.local == name.local)
        })
        .ok_or_else(|| unknown("message", name, user))
}

fn part<'v>(
    message: &'v wsdl::Message,
    name: &str,
    user: &Element,
) -> Result<&'v Part, Diagnostic> {
    message
        .parts
        .iter()
        .find(|part| part.name == name)
        .ok_or_else(|| {
            let message = &message.name.local;
            Diagnostic::at(
                user.place(),
                format!("the message `{message}` has no part `{name}`"),
            )
        })
}

/// Whether `part` travels as a header.
fn is_header(direction: &Direction<'_>, message: &wsdl::Message, part: &Part) -> bool {
    let headers = direction.bound.map_or(&[][..], |bound| &bound.headers);
    headers
        .iter()
        .any(|header| header.message.local == message.name.local && header.part == part.name)
}
