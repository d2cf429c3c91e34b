//! What a message is on the wire: an element, the wrapper of style rpc, or the bare content of the body.

use super::variant::Variant;
use super::{Origin, Resolver, unknown};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName};
use crate::model::{
    Complex, Content, Definition, ElementUse, HeaderPart, NameKind, Occurs, Particle, RootElement,
    Term, TypeName, TypeRef,
};
use crate::syntax::wsdl::{self, BindingMessage, Header, Part, PartContent};

/// One direction of an operation: the message of the port type, and how it is bound.
pub(super) struct Direction<'v> {
    pub(super) message: &'v QName,
    /// The operation of the port type, for places.
    pub(super) user: &'v Element,
    pub(super) bound: Option<&'v BindingMessage>,
    pub(super) rpc: bool,
    /// The name of the wrapper of style rpc.
    pub(super) name: String,
    /// The name of the type that is made where no schema declares one.
    pub(super) made: String,
}

impl Resolver<'_> {
    /// The body of the message, by its place among the roots.
    pub(super) fn message_body(
        &mut self,
        variant: &Variant,
        direction: &Direction<'_>,
    ) -> Result<usize, Diagnostic> {
        let message = self.message(variant, direction.message, direction.user)?;
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
            if let Some(part) = self.header_part(variant, header)?
                && !headers.iter().any(|known| known.root == part.root)
            {
                headers.push(part);
            }
        }
        Ok(headers)
    }

    /// The block that a `soap:header` or `soap:headerfault` declares; none, with a warning, where it is no literal element.
    pub(super) fn header_part(
        &mut self,
        variant: &Variant,
        header: &Header,
    ) -> Result<Option<HeaderPart>, Diagnostic> {
        let message = self.message(variant, &header.message, &header.element)?;
        let part = part(message, &header.part, &header.element)?;
        let why = match &part.content {
            PartContent::Type(_) => "refers to a type",
            PartContent::Element(_) if header.encoded => "is encoded",
            PartContent::Element(name) => {
                let root = self.root(name, &part.element)?;
                let name = part.name.clone();
                return Ok(Some(HeaderPart { root, name }));
            }
        };
        let text = format!("the header part `{}` {why}: it is passed over", part.name);
        let help = "a header block is a literal element (WS-I Basic Profile 1.1, R2205 and R2706)";
        let warning = Diagnostic::at(part.element.place(), text);
        self.model.warnings.push(warning.help(help));
        Ok(None)
    }

    /// The message `name`, which `user` refers to.
    ///
    /// Deployed contracts forget the prefix: where no message has the name, one of any namespace is taken.
    pub(super) fn message<'v>(
        &mut self,
        variant: &'v Variant,
        name: &QName,
        user: &Element,
    ) -> Result<&'v wsdl::Message, Diagnostic> {
        if let Some(message) = variant.messages().find(|message| message.name == *name) {
            return Ok(message);
        }
        let meant = variant
            .messages()
            .find(|message| message.name.local == name.local)
            .ok_or_else(|| unknown("message", name, user))?;
        let text = format!("no message `{name}` is declared");
        let warning = Diagnostic::at(user.place(), text);
        let help = format!("`{}` is taken for it", meant.name);
        self.model.warnings.push(warning.help(help));
        Ok(meant)
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
                allowed: None,
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
                kind: NameKind::Message,
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
        TypeRef::Defined(self.enter(&owner, &direction.made, NameKind::Message, definition))
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
            allowed: None,
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
