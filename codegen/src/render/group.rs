//! Groups inside content models: a choice becomes an enum, a sequence that is optional or repeated a struct.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::complex::{Field, Place, held, range};
use super::docs::docs;
use super::{Renderer, ident};
use crate::load::QName;
use crate::model::{Definition, Group, Occurs, Particle, Term, TypeId, TypeRef, Wildcard};

/// What content may begin with.
#[derive(Default)]
struct First {
    names: Vec<QName>,
    wildcards: Vec<Wildcard>,
}

impl Renderer<'_> {
    pub(super) fn group(&self, id: TypeId, group: &Group) -> TokenStream {
        let names = self.member_idents(id);
        let fields = || -> Vec<Field> {
            let particles = group.particles().iter().zip(&names);
            particles
                .map(|(particle, name)| self.particle_field(id, particle, Place::Field(name)))
                .collect()
        };
        match group {
            Group::All(particles) => self.unordered(id, &[], particles, &fields()),
            Group::Choice(particles) => self.choice(id, particles, &names),
            Group::Sequence(_) => self.ordered(id, &fields()),
        }
    }

    /// A field whose value is a group.
    pub(super) fn group_field(
        &self,
        owner: TypeId,
        group: TypeId,
        occurs: Occurs,
        place: Place<'_>,
    ) -> Field {
        let words = match &self.model[group].definition {
            Definition::Group(Group::Choice(_)) => "A choice",
            _ => "A group of elements",
        };
        let single = self.rust_type(self.naming.module(owner), TypeRef::Defined(group));
        let single = if self.recursion.boxed(owner, TypeRef::Defined(group), occurs) {
            quote!(soap::Boxed<#single>)
        } else {
            single
        };
        let first = self.first_of(&[Particle {
            occurs,
            term: Term::Group(group),
        }]);
        let range = range(occurs);
        let (value, optional) = (place.reference(), place.optional());
        let (read, write) = if occurs.repeats() {
            let read = match self.slice(&first) {
                Some(names) => quote!(reader.repeated_group(#names, #range)),
                None => {
                    let test = self.test(&first);
                    quote!(reader.repeated_group_when(|reader| #test, #range))
                }
            };
            (read, quote!(writer.repeated_group(#range, #value)))
        } else if occurs.min == 0 {
            let read = match self.slice(&first) {
                Some(names) => quote!(reader.optional_group(#names)),
                None => {
                    let test = self.test(&first);
                    quote!(reader.optional_group_when(|reader| #test))
                }
            };
            (read, quote!(writer.optional_group(#optional)))
        } else {
            (quote!(reader.group()), quote!(writer.group(#value)))
        };
        Field {
            docs: docs(&[], &format!("{words}, {}.", occurs.words())),
            name: place.name().clone(),
            r#type: held(occurs, single),
            read,
            write,
        }
    }

    fn choice(&self, id: TypeId, particles: &[Particle], names: &[Ident]) -> TokenStream {
        let r#type = &self.model[id];
        let name = ident(self.naming.r#type(id));
        let type_docs = docs(&r#type.documentation, &self.facts(id, "one of"));
        let eq = self.reach.is_eq(id).then(|| quote!(, Eq));
        let value = ident("value");
        let mut variants = Vec::new();
        let mut writes = Vec::new();
        let mut tests = Vec::new();
        let mut otherwise = None;
        let serial = self.serial_members(id, false);
        for ((particle, variant), serial) in particles.iter().zip(names).zip(serial) {
            let field = self.particle_field(id, particle, Place::Variant(&value));
            let documentation = match &particle.term {
                Term::Element(e) => docs(&e.documentation, &format!("`{}`", e.name.local)),
                Term::Group(_) => docs(&[], "A group of elements."),
                Term::Any(_) => docs(&[], "An element that the contract leaves open."),
            };
            let Field {
                r#type,
                read,
                write,
                ..
            } = field;
            variants.push(quote!(#documentation #serial #variant(#r#type)));
            writes.push(quote!(Self::#variant(#value) => { #write; }));
            let test = self.test(&self.first_of(std::slice::from_ref(particle)));
            tests.push(quote!(if #test { #read.map(Self::#variant) }));
            if self.emptiable(particle) && otherwise.is_none() {
                otherwise = Some(quote!({ #read.map(Self::#variant) }));
            }
        }
        let all = self.first_names(particles);
        let serial = self.serial(&TokenStream::new());
        let expected = quote!(Err(reader.expected(#all)));
        let body = if tests.is_empty() {
            expected
        } else {
            let otherwise = otherwise.unwrap_or_else(|| quote!({ #expected }));
            quote!(#(#tests else)* #otherwise)
        };
        let (writer, this) = if tests.is_empty() {
            (quote!(_), quote!(*self))
        } else {
            (quote!(writer), quote!(self))
        };
        quote! {
            #type_docs
            #[derive(Clone, Debug, PartialEq #eq)]
            #serial
            pub enum #name {
                #(#variants,)*
            }

            impl soap::ReadXml for #name {
                fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
                    #body
                }
            }

            impl soap::WriteXml for #name {
                fn write(&self, #writer: &mut soap::Writer) {
                    match #this {
                        #(#writes)*
                    }
                }
            }
        }
    }

    /// The names that the content of `particles`, in this order, may begin with, as a slice expression.
    pub(super) fn first_names(&self, particles: &[Particle]) -> TokenStream {
        let names = self.first_of(particles).names;
        let names = names.iter().map(|name| self.name(name));
        quote!(&[#(#names),*])
    }

    /// What the content of `particles`, in this order, may begin with.
    fn first_of(&self, particles: &[Particle]) -> First {
        let mut first = First::default();
        for particle in particles {
            self.first(particle, &mut first);
        }
        first
    }

    /// The names alone, as a slice expression; none where a wildcard may begin it too.
    fn slice(&self, first: &First) -> Option<TokenStream> {
        let names = first.names.iter().map(|name| self.name(name));
        first.wildcards.is_empty().then(|| quote!(&[#(#names),*]))
    }

    /// Whether the next element is one of `first`, as an expression.
    fn test(&self, first: &First) -> TokenStream {
        let names = first.names.iter().map(|name| {
            let name = self.name(name);
            quote!(reader.at(#name))
        });
        let wildcards = first.wildcards.iter().map(|wildcard| {
            let wildcard = self.wildcard(wildcard);
            quote!(reader.at_wildcard(#wildcard))
        });
        let tests: Vec<_> = names.chain(wildcards).collect();
        if tests.is_empty() {
            return quote!(false);
        }
        quote!(#(#tests)||*)
    }

    fn first(&self, particle: &Particle, first: &mut First) {
        match &particle.term {
            Term::Element(element) => {
                if !first.names.contains(&element.name) {
                    first.names.push(element.name.clone());
                }
            }
            Term::Any(wildcard) => first.wildcards.push(wildcard.clone()),
            Term::Group(id) => match &self.model[*id].definition {
                Definition::Group(Group::All(particles) | Group::Choice(particles)) => {
                    for particle in particles {
                        self.first(particle, first);
                    }
                }
                Definition::Group(Group::Sequence(particles)) => {
                    for particle in particles {
                        self.first(particle, first);
                        if !self.emptiable(particle) {
                            break;
                        }
                    }
                }
                Definition::Simple(_) | Definition::Union(_) | Definition::Complex(_) => {}
            },
        }
    }

    /// Whether `particle` allows nothing at all.
    fn emptiable(&self, particle: &Particle) -> bool {
        if particle.occurs.min == 0 {
            return true;
        }
        let Term::Group(id) = &particle.term else {
            return false;
        };
        match &self.model[*id].definition {
            Definition::Group(Group::Choice(particles)) => {
                particles.iter().any(|particle| self.emptiable(particle))
            }
            Definition::Group(Group::All(particles) | Group::Sequence(particles)) => {
                particles.iter().all(|particle| self.emptiable(particle))
            }
            Definition::Simple(_) | Definition::Union(_) | Definition::Complex(_) => false,
        }
    }
}
