//! serde's attributes, where a contract crate asks for them: names are those of the contract, and what XML leaves out is
//! left out.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::repr::particles;
use super::{Renderer, ident};
use crate::model::{
    Complex, Content, Definition, ElementUse, Occurs, Particle, Simple, Term, TypeId, TypeRef,
    Variety,
};

/// The form of a value, as far as serde has to be told of it.
#[derive(Clone, Copy)]
struct Form {
    occurs: Occurs,
    nillable: bool,
    /// Whether it is a floating point number, or a list of them: some of these have no form of their own in JSON.
    float: bool,
}

impl Form {
    /// Of a value of which nothing more has to be told.
    const fn plain(occurs: Occurs) -> Self {
        Self {
            occurs,
            nillable: false,
            float: false,
        }
    }
}

impl Renderer<'_> {
    /// The derives of a type, with `more` said of it.
    pub(super) fn serial(&self, more: &TokenStream) -> Option<TokenStream> {
        self.serde.then(|| {
            quote! {
                #[derive(soap::serial::Serialize, soap::serial::Deserialize)]
                #[serde(crate = "soap::serial::serde", #more)]
            }
        })
    }

    /// The attributes of a type's members in their order: a struct's fields, or else a choice's variants.
    pub(super) fn serial_members(&self, id: TypeId, fields: bool) -> Vec<TokenStream> {
        if !self.serde {
            return vec![TokenStream::new(); self.naming.members(id).len()];
        }
        let members = self.members_in_serial(id).into_iter();
        members
            .map(|(name, form)| attribute_of(&name, form, fields))
            .collect()
    }

    /// The attribute of something called `name` in the contract.
    pub(super) fn serial_name(&self, name: &str) -> Option<TokenStream> {
        self.serde.then(|| quote!(#[serde(rename = #name)]))
    }

    /// The attribute of a union's variant: nothing but the value tells which one it is.
    pub(super) fn serial_member(&self, member: TypeRef) -> Option<TokenStream> {
        (self.serde && self.is_float(member))
            .then(|| quote!(#[serde(with = "soap::serial::floats")]))
    }

    /// The attributes of the fields for header blocks, each of which may be absent.
    pub(super) fn serial_headers(&self, roots: &[usize], fields: &[Ident]) -> Vec<TokenStream> {
        if !self.serde {
            return vec![TokenStream::new(); fields.len()];
        }
        let mut taken = BTreeSet::new();
        let names = roots.iter().zip(fields).map(|(root, field)| {
            let element = &self.model.roots[*root].element;
            let local = Some(element.name.local.clone()).filter(|name| taken.insert(name.clone()));
            let form = self.form_of_element(element, Occurs::AT_MOST_ONCE);
            attribute_of(&local.unwrap_or_else(|| field.to_string()), form, true)
        });
        names.collect()
    }

    /// The derives of a newtype around `held`, and what it has instead where JSON has no form for its numbers.
    pub(super) fn serial_newtype(
        &self,
        id: TypeId,
        simple: &Simple,
        held: &TokenStream,
    ) -> (Option<TokenStream>, Option<TokenStream>) {
        let float = match simple.variety {
            Variety::Atomic(builtin) => !builtin.is_eq(),
            Variety::List(item) => self.is_float(item),
            Variety::Union(_) => false,
        };
        if float {
            let name = ident(self.naming.r#type(id));
            return (
                None,
                self.serde.then(|| quote!(soap::serial_as_text!(#name);)),
            );
        }
        let held = held.to_string().replace(' ', "");
        (self.serial(&quote!(try_from = #held)), None)
    }

    /// The name and the form of each member of a type. The name is that of the contract; an attribute or a later
    /// element of that name, and what has none in the contract, goes by its name in Rust.
    fn members_in_serial(&self, id: TypeId) -> Vec<(String, Form)> {
        let mut members: Vec<(Option<&str>, Form)> = Vec::new();
        if let Definition::Complex(complex) = &self.model[id].definition {
            self.before_content(complex, &mut members);
        }
        let before = members.len();
        let particles = particles(&self.model[id].definition).iter();
        members.extend(particles.map(|particle| self.form_of(particle)));
        let mut taken = BTreeSet::new();
        let (attributes, content) = members.split_at_mut(before);
        for (name, _) in content.iter_mut().chain(attributes) {
            *name = name.filter(|name| taken.insert((*name).to_owned()));
        }
        let rust = self.naming.members(id);
        let named = members.into_iter().zip(rust).map(|((name, form), rust)| {
            let name = name.map(str::to_owned).unwrap_or_else(|| {
                let mut name = rust.clone();
                while !taken.insert(name.clone()) {
                    name.push('_');
                }
                name
            });
            (name, form)
        });
        named.collect()
    }

    /// The members that come before the particles: attributes, and what stands for content that is no particle.
    fn before_content<'m>(&self, complex: &'m Complex, members: &mut Vec<(Option<&'m str>, Form)>) {
        for attribute in &complex.attributes {
            let form = Form {
                float: self.is_float(attribute.r#type),
                ..Form::plain(attribute.occurs())
            };
            members.push((Some(&attribute.name.local), form));
        }
        if complex.any_attributes.is_some() {
            let any = Occurs { min: 0, max: None };
            members.push((None, Form::plain(any)));
        }
        let once = Form::plain(Occurs::ONCE);
        match complex.content {
            Content::Simple(text) => {
                let float = self.is_float(text);
                members.push((None, Form { float, ..once }));
            }
            Content::Mixed(_) => members.push((None, once)),
            Content::Empty | Content::Sequence(_) | Content::All(_) => {}
        }
    }

    fn form_of<'m>(&self, particle: &'m Particle) -> (Option<&'m str>, Form) {
        match &particle.term {
            Term::Element(element) => {
                let form = self.form_of_element(element, particle.occurs);
                (Some(&element.name.local), form)
            }
            Term::Group(_) | Term::Any(_) => (None, Form::plain(particle.occurs)),
        }
    }

    fn form_of_element(&self, element: &ElementUse, occurs: Occurs) -> Form {
        Form {
            occurs,
            nillable: element.nillable,
            float: self.is_float(element.r#type),
        }
    }

    /// Whether the Rust type is `f32` or `f64`, or a list of them.
    pub(super) fn is_float(&self, r#type: TypeRef) -> bool {
        match r#type {
            TypeRef::Builtin(builtin) => !builtin.is_eq(),
            TypeRef::Defined(id) => match &self.model[id].definition {
                Definition::Simple(simple) if self.is_alias(id) => match simple.variety {
                    Variety::List(item) => self.is_float(item),
                    Variety::Atomic(_) | Variety::Union(_) => self.is_float(simple.base),
                },
                _ => false,
            },
        }
    }
}

/// The attribute of a member called `name`: a struct's field, or else a choice's variant.
fn attribute_of(name: &str, form: Form, field: bool) -> TokenStream {
    let list = form.occurs.repeats();
    let empty = form.occurs.min == 0;
    let optional = empty && !list;
    let absent = match (field && empty, list) {
        (false, _) => None,
        (true, false) => Some(quote!(default, skip_serializing_if = "Option::is_none",)),
        (true, true) => Some(quote!(default, skip_serializing_if = "Vec::is_empty",)),
    };
    let with = if form.nillable && optional && !field {
        Some(quote!(with = "soap::serial::at_most_one",))
    } else if form.float {
        Some(quote!(with = "soap::serial::floats",))
    } else if form.nillable && !list && field {
        Some(if optional {
            quote!(deserialize_with = "soap::serial::present",)
        } else {
            quote!(deserialize_with = "soap::serial::given",)
        })
    } else {
        None
    };
    quote!(#[serde(rename = #name, #absent #with)])
}
