//! Complex types: a struct, how it is read, how it is written; a line a particle.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::docs;
use super::{Renderer, ident};
use crate::load::{QName, XSD};
use crate::model::{
    Attribute, Complex, Content, Definition, ElementUse, Occurs, Particle, Preset, ProcessContents,
    Term, TypeId, TypeRef, Wildcard, WildcardNamespaces,
};

/// A field of a struct, or what a variant holds, with its lines of code.
pub(super) struct Field {
    pub(super) docs: TokenStream,
    pub(super) name: Ident,
    pub(super) r#type: TokenStream,
    /// The expression that reads it.
    pub(super) read: TokenStream,
    /// The expression that writes it.
    pub(super) write: TokenStream,
}

/// Where a value stands when it is written.
#[derive(Clone, Copy)]
pub(super) enum Place<'n> {
    /// In this field of `self`.
    Field(&'n Ident),
    /// In a variant, whose pattern binds it to this name by reference.
    Variant(&'n Ident),
}

impl Place<'_> {
    pub(super) const fn name(&self) -> &Ident {
        let (Self::Field(name) | Self::Variant(name)) = self;
        name
    }

    /// A reference to the value.
    pub(super) fn reference(self) -> TokenStream {
        match self {
            Self::Field(name) => quote!(&self.#name),
            Self::Variant(name) => quote!(#name),
        }
    }

    /// A reference to what an optional value holds.
    pub(super) fn optional(self) -> TokenStream {
        match self {
            Self::Field(name) => quote!(self.#name.as_ref()),
            Self::Variant(name) => quote!(#name.as_ref()),
        }
    }
}

impl Renderer<'_> {
    pub(super) fn complex(&self, id: TypeId, complex: &Complex) -> TokenStream {
        let mut names = self.member_idents(id).into_iter();
        let mut fields: Vec<Field> = complex
            .attributes
            .iter()
            .zip(names.by_ref())
            .map(|(attribute, name)| self.attribute_field(id, attribute, name))
            .collect();
        if let Some(wildcard) = &complex.any_attributes {
            let namespaces = self.wildcard_namespaces(wildcard);
            let wildcard = self.wildcard(wildcard);
            fields.extend(names.next().map(|name| Field {
                docs: docs(&[], "Further attributes, which the contract leaves open."),
                r#type: quote!(Vec<soap::AnyAttribute>),
                read: quote!(reader.any_attributes(#wildcard)),
                write: quote!(writer.any_attributes(#namespaces, &self.#name)),
                name,
            }));
        }
        match &complex.content {
            Content::Empty => {}
            Content::Mixed(group) => {
                let group = self.rust_type(self.naming.module(id), TypeRef::Defined(*group));
                fields.extend(names.next().map(|name| Field {
                    docs: docs(&[], "Text and elements."),
                    r#type: quote!(soap::Mixed<#group>),
                    read: quote!(reader.group()),
                    write: quote!(writer.group(&self.#name)),
                    name,
                }));
            }
            Content::Simple(text) => {
                fields.extend(names.next().map(|n| self.text_field(id, *text, n)));
            }
            Content::Sequence(particles) => {
                let content = particles.iter().zip(names);
                fields.extend(
                    content.map(|(p, name)| self.particle_field(id, p, Place::Field(&name))),
                );
            }
            Content::All(particles) => {
                let content: Vec<Field> = particles
                    .iter()
                    .zip(names)
                    .map(|(p, name)| self.particle_field(id, p, Place::Field(&name)))
                    .collect();
                return self.unordered(id, &fields, particles, &content);
            }
        }
        self.ordered(id, &fields)
    }

    /// Whether the contract says that elements of the type have no content. What no schema declares is not known to be empty.
    fn is_empty(&self, id: TypeId) -> bool {
        let r#type = &self.model[id];
        !r#type.made
            && matches!(&r#type.definition, Definition::Complex(complex) if matches!(complex.content, Content::Empty))
    }

    /// A struct whose fields are read in order.
    pub(super) fn ordered(&self, id: TypeId, fields: &[Field]) -> TokenStream {
        let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
        let locals: Vec<_> = names.iter().map(|name| local(name)).collect();
        let reads = fields.iter().map(|field| &field.read);
        let last = self.is_empty(id).then(|| quote!(reader.empty()?;));
        let body = quote! {
            #(let #locals = #reads;)*
            #last
            Ok(Self { #(#names: #locals?),* })
        };
        self.structure(id, fields.iter(), &body)
    }

    /// A struct whose content is an `xs:all`: elements fill slots as they come.
    pub(super) fn unordered(
        &self,
        id: TypeId,
        attributes: &[Field],
        particles: &[Particle],
        content: &[Field],
    ) -> TokenStream {
        let names: Vec<_> = attributes.iter().map(|field| &field.name).collect();
        let locals: Vec<_> = names.iter().map(|name| local(name)).collect();
        let reads = attributes.iter().map(|field| &field.read);
        let fields: Vec<_> = content.iter().map(|field| &field.name).collect();
        let slots: Vec<_> = fields.iter().map(|name| local(name)).collect();
        let (fills, empties): (Vec<_>, Vec<_>) = particles
            .iter()
            .zip(&slots)
            .map(|(particle, slot)| self.slot(particle, slot))
            .unzip();
        let body = quote! {
            #(let #locals = #reads;)*
            #(let mut #slots = soap::Slot::new();)*
            while #(#fills)||* {}
            #(#empties)*
            Ok(Self { #(#names: #locals?,)* #(#fields: #slots?),* })
        };
        self.structure(id, attributes.iter().chain(content), &body)
    }

    /// How `slot` is filled, and what is made of it when all are: one that a substitution group fills takes any of its names.
    fn slot(&self, particle: &Particle, slot: &Ident) -> (TokenStream, TokenStream) {
        let (fill, required) = match &particle.term {
            Term::Element(element) => {
                let element = self.element(element);
                (
                    quote!(reader.slot(#element, &mut #slot)),
                    quote!(#slot.required(reader, #element)),
                )
            }
            Term::Group(_) | Term::Any(_) => {
                let names = self.first_names(std::slice::from_ref(particle));
                (
                    quote!(reader.slot_group(#names, &mut #slot)),
                    quote!(#slot.required_group(reader, #names)),
                )
            }
        };
        if particle.occurs.min == 0 {
            (fill, quote!(let #slot = #slot.optional();))
        } else {
            (fill, quote!(let #slot = #required;))
        }
    }

    fn structure<'f>(
        &self,
        id: TypeId,
        fields: impl Iterator<Item = &'f Field> + Clone,
        body: &TokenStream,
    ) -> TokenStream {
        let r#type = &self.model[id];
        let name = ident(self.naming.r#type(id));
        let docs = docs(&r#type.documentation, &self.facts(id, ""));
        let eq = self.reach.is_eq(id).then(|| quote!(, Eq));
        let serial = self.serial(&quote!(deny_unknown_fields));
        let declarations =
            fields
                .clone()
                .zip(self.serial_members(id, true))
                .map(|(field, serial)| {
                    let Field {
                        docs, name, r#type, ..
                    } = field;
                    quote!(#docs #serial pub #name: #r#type)
                });
        let writes: Vec<_> = fields.map(|field| &field.write).collect();
        let type_constant = self.type_constant(id);
        let used = |used: bool, name| if used { name } else { quote!(_) };
        let reader = used(!writes.is_empty() || self.is_empty(id), quote!(reader));
        let writer = used(!writes.is_empty(), quote!(writer));
        quote! {
            #docs
            #[derive(Clone, Debug, PartialEq #eq)]
            #serial
            pub struct #name {
                #(#declarations,)*
            }

            impl soap::ReadXml for #name {
                #type_constant

                fn read(#reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
                    #body
                }
            }

            impl soap::WriteXml for #name {
                fn write(&self, #writer: &mut soap::Writer) {
                    #(#writes;)*
                }
            }
        }
    }

    fn attribute_field(&self, id: TypeId, attribute: &Attribute, name: Ident) -> Field {
        let r#type = self.rust_type(self.naming.module(id), attribute.r#type);
        let facts = format!(
            "Attribute `{}`, {}{}.",
            attribute.name.local,
            if attribute.required {
                "required"
            } else {
                "optional"
            },
            preset_words(attribute.preset.as_ref()),
        );
        let docs = docs(&attribute.documentation, &facts);
        let declared = self.declared_attribute(&attribute.name);
        let preset = preset(attribute.preset.as_ref());
        let declared = quote!(#declared #preset);
        let (r#type, read, write) = if attribute.occurs().min == 0 {
            (
                quote!(Option<#r#type>),
                quote!(reader.optional_attribute(#declared)),
                quote!(writer.optional_attribute(#declared, self.#name.as_ref())),
            )
        } else {
            (
                r#type,
                quote!(reader.attribute(#declared)),
                quote!(writer.attribute(#declared, &self.#name)),
            )
        };
        Field {
            docs,
            name,
            r#type,
            read,
            write,
        }
    }

    pub(super) fn declared_attribute(&self, name: &QName) -> TokenStream {
        let local = &name.local;
        if name.namespace.is_empty() {
            quote!(soap::Attribute::unqualified(#local))
        } else {
            let namespace = self.namespace(&name.namespace);
            quote!(#namespace.attribute(#local))
        }
    }

    fn text_field(&self, id: TypeId, text: TypeRef, name: Ident) -> Field {
        Field {
            docs: docs(&[], "The text of the element."),
            r#type: self.rust_type(self.naming.module(id), text),
            read: quote!(reader.text()),
            write: quote!(writer.text(&self.#name)),
            name,
        }
    }

    /// The field of an element, of a nested group or of a wildcard.
    pub(super) fn particle_field(
        &self,
        id: TypeId,
        particle: &Particle,
        place: Place<'_>,
    ) -> Field {
        match &particle.term {
            Term::Element(element) => self.element_field(id, element, particle.occurs, place),
            Term::Group(group) => self.group_field(id, *group, particle.occurs, place),
            Term::Any(wildcard) => self.any_field(wildcard, particle.occurs, place),
        }
    }

    fn any_field(&self, wildcard: &Wildcard, occurs: Occurs, place: Place<'_>) -> Field {
        let facts = format!(
            "Elements that the contract leaves open, {}.",
            occurs.words()
        );
        let namespaces = self.wildcard_namespaces(wildcard);
        let wildcard = self.wildcard(wildcard);
        let range = range(occurs);
        let (value, optional) = (place.reference(), place.optional());
        let (read, write) = if occurs.repeats() {
            (
                quote!(reader.repeated_any(#wildcard, #range)),
                quote!(writer.repeated_any(#namespaces, #range, #value)),
            )
        } else if occurs.min == 0 {
            (
                quote!(reader.optional_any(#wildcard)),
                quote!(writer.optional_any(#namespaces, #optional)),
            )
        } else {
            (
                quote!(reader.any(#wildcard)),
                quote!(writer.any(#namespaces, #value)),
            )
        };
        Field {
            docs: docs(&[], &facts),
            name: place.name().clone(),
            r#type: held(occurs, quote!(soap::AnyElement)),
            read,
            write,
        }
    }

    /// `soap::Wildcard`, as an expression.
    pub(super) fn wildcard(&self, wildcard: &Wildcard) -> TokenStream {
        let namespaces = self.wildcard_namespaces(wildcard);
        let process = match wildcard.process {
            ProcessContents::Skip => quote!(soap::ProcessContents::Skip),
            ProcessContents::Lax => quote!(soap::ProcessContents::Lax),
            ProcessContents::Strict => quote!(soap::ProcessContents::Strict),
        };
        quote!(soap::Wildcard::new(#namespaces, #process))
    }

    fn wildcard_namespaces(&self, wildcard: &Wildcard) -> TokenStream {
        match &wildcard.namespaces {
            WildcardNamespaces::Any => quote!(soap::WildcardNamespaces::Any),
            WildcardNamespaces::Other(namespace) => {
                quote!(soap::WildcardNamespaces::Other(#namespace))
            }
            WildcardNamespaces::List(namespaces) => {
                quote!(soap::WildcardNamespaces::List(&[#(#namespaces),*]))
            }
        }
    }

    fn element_field(&self, id: TypeId, e: &ElementUse, occurs: Occurs, place: Place<'_>) -> Field {
        let facts = format!(
            "`{}`, {}{}{}.",
            e.name.local,
            occurs.words(),
            if e.nillable { ", nillable" } else { "" },
            preset_words(e.preset.as_ref()),
        );
        let element = self.element(e);
        let range = range(occurs);
        let (value, optional) = (place.reference(), place.optional());
        let (read, write) = if occurs.repeats() {
            (
                quote!(reader.repeated(#element, #range)),
                quote!(writer.repeated(#element, #range, #value)),
            )
        } else if occurs.min == 0 {
            (
                quote!(reader.optional(#element)),
                quote!(writer.optional(#element, #optional)),
            )
        } else {
            (
                quote!(reader.required(#element)),
                quote!(writer.required(#element, #value)),
            )
        };
        Field {
            docs: docs(&e.documentation, &facts),
            name: place.name().clone(),
            r#type: held(occurs, self.element_type(id, e, occurs)),
            read,
            write,
        }
    }

    /// The Rust type of one occurrence of an element inside `owner`.
    fn element_type(&self, owner: TypeId, e: &ElementUse, occurs: Occurs) -> TokenStream {
        let itself = e.r#type == TypeRef::Defined(owner) && !self.model.is_polymorphic(owner);
        let r#type = if itself {
            quote!(Self)
        } else {
            self.rust_type(self.naming.module(owner), e.r#type)
        };
        let r#type = if e.nillable {
            quote!(soap::Nillable<#r#type>)
        } else {
            r#type
        };
        if self.recursion.boxed(owner, e.r#type, occurs) {
            quote!(soap::Boxed<#r#type>)
        } else {
            r#type
        }
    }

    /// `soap::Element`, as an expression.
    pub(super) fn element(&self, e: &ElementUse) -> TokenStream {
        let namespace = self.namespace(&e.name.namespace);
        let local = &e.name.local;
        let preset = preset(e.preset.as_ref());
        let only = e.allowed.is_some().then(|| {
            let names = self.allowed(e).map(|name| self.name(name));
            quote!(.only(const { &[#(#names),*] }))
        });
        quote!(#namespace.element(#local) #preset #only)
    }

    /// The types that alone `xsi:type` may name at an element, as far as the model has them; none where all that are derived
    /// from its own may be named.
    pub(super) fn allowed<'e>(&self, e: &'e ElementUse) -> impl Iterator<Item = &'e QName> {
        let names = e.allowed.iter().flatten();
        names.filter(|name| name.namespace == XSD || self.model.has_type(name))
    }
}

/// The variable that a field is read into: the field's name, unless the cursor has it.
fn local(field: &Ident) -> Ident {
    if field == "reader" {
        ident("reader_")
    } else {
        field.clone()
    }
}

pub(super) fn preset(preset: Option<&Preset>) -> TokenStream {
    match preset {
        None => TokenStream::new(),
        Some(Preset::Default(value)) => quote!(.default(#value)),
        Some(Preset::Fixed(value)) => quote!(.fixed(#value)),
    }
}

fn preset_words(preset: Option<&Preset>) -> String {
    match preset {
        None => String::new(),
        Some(Preset::Default(value)) => format!(", default `{value}`"),
        Some(Preset::Fixed(value)) => format!(", always `{value}`"),
    }
}

/// The type that holds what occurs so often, each of the type `single`.
pub(super) fn held(occurs: Occurs, single: TokenStream) -> TokenStream {
    if occurs.repeats() {
        quote!(Vec<#single>)
    } else if occurs.min == 0 {
        quote!(Option<#single>)
    } else {
        single
    }
}

/// `occurs` as a range expression.
pub(super) fn range(occurs: Occurs) -> TokenStream {
    let number = proc_macro2::Literal::usize_unsuffixed;
    match (number(occurs.min), occurs.max.map(number)) {
        (min, None) => quote!(#min..),
        (min, Some(max)) => quote!(#min..=#max),
    }
}
