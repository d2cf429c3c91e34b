//! Conversions between like types of two modules, both ways; where the types differ the difference is an error.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::repr::{Repr, particles};
use super::{Renderer, ident};
use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::model::{
    Complex, Content, Definition, NameKind, Occurs, Particle, Term, TypeId, TypeRef,
};

impl Renderer<'_> {
    /// The conversions into types of `module`.
    pub(super) fn conversions(&self, module: &str) -> Result<TokenStream, Error> {
        let mut findings = Findings::default();
        let mut done = BTreeSet::new();
        let mut items = Vec::new();
        for conversion in &self.config.conversions {
            let [a, b] = &conversion.modules;
            let from = if a == module {
                b
            } else if b == module {
                a
            } else {
                continue;
            };
            for name in &conversion.types {
                let pair = self
                    .named(from, name)
                    .and_then(|f| Ok((f, self.named(module, name)?)));
                if let Some(pair) = findings.keep(pair) {
                    findings.keep(self.convert(pair, &mut done, &mut items));
                }
            }
        }
        findings.finish(quote!(#(#items)*))
    }

    /// The global type `name` in `module`.
    fn named(&self, module: &str, name: &str) -> Result<TypeId, Diagnostic> {
        self.model
            .ids()
            .find(|id| {
                let known = &self.model[*id].name;
                self.naming.module(*id) == module
                    && known.kind == NameKind::Type
                    && known.path.as_slice() == [name]
            })
            .ok_or_else(|| {
                Diagnostic::new(format!(
                    "contracts.toml: the module `{module}` has no type `{name}`"
                ))
                .help("a conversion names types by their XML names, and both modules must use them")
            })
    }

    /// Emits the conversion of the pair, and of what it contains.
    fn convert(
        &self,
        (from, to): (TypeId, TypeId),
        done: &mut BTreeSet<(TypeId, TypeId)>,
        items: &mut Vec<TokenStream>,
    ) -> Result<(), Diagnostic> {
        if from == to || self.same_rust(from, to) || !done.insert((from, to)) {
            return Ok(());
        }
        let source = self.rust_type(self.naming.module(to), TypeRef::Defined(from));
        let target = ident(self.naming.r#type(to));
        let members = self.naming.members(to).iter().map(|n| ident(n));
        let members: Vec<_> = members.collect();
        let sources: Vec<_> = self.naming.members(from).iter().map(|n| ident(n)).collect();
        let body = match (&self.model[from].definition, &self.model[to].definition) {
            (Definition::Simple(a), Definition::Simple(b)) => {
                let same = a.facets.patterns == b.facets.patterns && {
                    let values = |s: &crate::model::Simple| -> Vec<String> {
                        s.facets
                            .enumeration
                            .iter()
                            .map(|v| v.value.clone())
                            .collect()
                    };
                    let mut rest = a.facets.clone();
                    rest.enumeration.clone_from(&b.facets.enumeration);
                    values(a) == values(b) && rest == b.facets && Repr::of(a) == Repr::of(b)
                };
                if !same {
                    return Err(self.differ(from, to, "their facets"));
                }
                if Repr::of(a) == Repr::Enumeration {
                    quote!(match value { #(#source::#sources => Self::#members,)* })
                } else if Repr::of(a).is_copy() {
                    quote!(Self(*value.value()))
                } else {
                    quote!(Self(value.value().clone()))
                }
            }
            (Definition::Complex(a), Definition::Complex(b)) => {
                self.same_complex((from, a), (to, b))?;
                let fields = self.fields((from, a), (to, b), &sources, &members);
                quote!(Self { #(#fields),* })
            }
            (Definition::Union(_), Definition::Union(_)) => {
                return Err(self.differ(from, to, "their members, which are not converted"));
            }
            (Definition::Group(_), Definition::Group(_)) => {
                return Err(self.differ(from, to, "their choices, which are not converted"));
            }
            _ => return Err(self.differ(from, to, "what they are")),
        };
        let value = if sources.is_empty()
            && !matches!(self.model[from].definition, Definition::Simple(_))
        {
            quote!(_)
        } else {
            quote!(value)
        };
        items.push(quote! {
            impl From<#source> for #target {
                fn from(#value: #source) -> Self {
                    #body
                }
            }
        });
        for (a, b) in self.inner(from).into_iter().zip(self.inner(to)) {
            if let (TypeRef::Defined(a), TypeRef::Defined(b)) = (a, b) {
                self.convert((a, b), done, items)?;
            }
        }
        Ok(())
    }

    /// The types of a complex type's parts, in order.
    fn inner(&self, id: TypeId) -> Vec<TypeRef> {
        let Definition::Complex(complex) = &self.model[id].definition else {
            return Vec::new();
        };
        let mut inner: Vec<TypeRef> = complex.attributes.iter().map(|a| a.r#type).collect();
        if let Content::Simple(text) = complex.content {
            inner.push(text);
        }
        let held = particles(&self.model[id].definition);
        inner.extend(held.iter().filter_map(|p| p.term.r#type()));
        inner
    }
}

/// A part of a complex type, as conversions compare it.
struct Part<'m> {
    name: &'m str,
    r#type: TypeRef,
    occurs: Occurs,
    nillable: bool,
}

impl Renderer<'_> {
    /// Checks that `to` holds what `from` holds, part by part.
    fn same_complex(
        &self,
        (from, a): (TypeId, &Complex),
        (to, b): (TypeId, &Complex),
    ) -> Result<(), Diagnostic> {
        let same_kind = matches!(
            (&a.content, &b.content),
            (Content::Empty, Content::Empty)
                | (Content::Simple(_), Content::Simple(_))
                | (Content::Sequence(_), Content::Sequence(_))
                | (Content::All(_), Content::All(_))
        );
        let open = |complex: &Complex| {
            complex.any_attributes.is_some()
                || complex
                    .content
                    .particles()
                    .iter()
                    .any(|p| matches!(p.term, Term::Any(_)))
        };
        if open(a) || open(b) || self.model.is_polymorphic(from) || self.model.is_polymorphic(to) {
            return Err(self.differ(from, to, "what they leave open, which is not converted"));
        }
        let (ours, theirs) = (parts(a), parts(b));
        if !same_kind || ours.len() != theirs.len() {
            return Err(self.differ(from, to, "how many parts they have"));
        }
        for (a, b) in ours.iter().zip(&theirs) {
            let same_type = match (a.r#type, b.r#type) {
                (TypeRef::Builtin(a), TypeRef::Builtin(b)) => a == b,
                (TypeRef::Defined(_), TypeRef::Defined(_)) => true,
                _ => false,
            };
            let what = if a.name != b.name {
                format!("`{}` against `{}`", a.name, b.name)
            } else if !same_type {
                format!("the type of `{}`", a.name)
            } else if a.occurs != b.occurs {
                format!("how often `{}` occurs", a.name)
            } else if a.nillable != b.nillable {
                format!("whether `{}` may be nil", a.name)
            } else {
                continue;
            };
            return Err(self.differ(from, to, &what));
        }
        Ok(())
    }

    /// The fields of the target, each out of the source's.
    fn fields(
        &self,
        (from, a): (TypeId, &Complex),
        (to, b): (TypeId, &Complex),
        sources: &[proc_macro2::Ident],
        members: &[proc_macro2::Ident],
    ) -> Vec<TokenStream> {
        let pairs = parts(a).into_iter().zip(parts(b));
        pairs
            .zip(sources.iter().zip(members))
            .map(|((a, b), (source, member))| {
                let boxed =
                    |owner, part: &Part<'_>| self.recursion.boxed(owner, part.r#type, part.occurs);
                let plain = match (a.r#type, b.r#type) {
                    (TypeRef::Defined(a), TypeRef::Defined(b)) => a == b || self.same_rust(a, b),
                    (a, b) => a == b,
                };
                let converted = if a.nillable {
                    quote!(map(Into::into))
                } else {
                    quote!(into())
                };
                let is_boxed = boxed(from, &a) || boxed(to, &b);
                let one = match (is_boxed, a.nillable) {
                    (true, _) => quote!(|inner| soap::Boxed::new(inner.into_inner().#converted)),
                    (false, true) => quote!(|inner| inner.#converted),
                    (false, false) => quote!(Into::into),
                };
                if plain {
                    quote!(#member: value.#source)
                } else if a.occurs.repeats() {
                    quote!(#member: value.#source.into_iter().map(#one).collect())
                } else if a.occurs == Occurs::AT_MOST_ONCE {
                    quote!(#member: value.#source.map(#one))
                } else if is_boxed {
                    quote!(#member: soap::Boxed::new(value.#source.into_inner().#converted))
                } else {
                    quote!(#member: value.#source.#converted)
                }
            })
            .collect()
    }

    /// Whether both types are aliases of one Rust type.
    fn same_rust(&self, a: TypeId, b: TypeId) -> bool {
        let held = |id: TypeId| match &self.model[id].definition {
            Definition::Simple(simple) if self.is_alias(id) => Some(Repr::of(simple)),
            _ => None,
        };
        held(a).is_some_and(|a| Some(a) == held(b) && !matches!(a, Repr::List(_)))
    }

    fn differ(&self, from: TypeId, to: TypeId, what: &str) -> Diagnostic {
        let name = |id: TypeId| format!("{}::{}", self.naming.module(id), self.naming.r#type(id));
        Diagnostic::at(
            self.model[to].place.clone(),
            format!("`{}` and `{}` differ in {what}", name(from), name(to)),
        )
        .help(format!(
            "the other type stands at {:?}; a conversion must lose nothing",
            self.model[from].place
        ))
    }
}

fn parts(complex: &Complex) -> Vec<Part<'_>> {
    let attributes = complex.attributes.iter().map(|attribute| Part {
        name: &attribute.name.local,
        r#type: attribute.r#type,
        occurs: attribute.occurs(),
        nillable: false,
    });
    let text = match complex.content {
        Content::Simple(text) => Some(Part {
            name: "",
            r#type: text,
            occurs: Occurs::ONCE,
            nillable: false,
        }),
        _ => None,
    };
    let particles = complex.content.particles().iter().filter_map(particle_part);
    attributes.chain(text).chain(particles).collect()
}

fn particle_part(particle: &Particle) -> Option<Part<'_>> {
    let element = particle.term.element();
    Some(Part {
        name: element.map_or("", |e| e.name.local.as_str()),
        r#type: particle.term.r#type()?,
        occurs: particle.occurs,
        nillable: element.is_some_and(|e| e.nillable),
    })
}
