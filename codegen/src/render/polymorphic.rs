//! Types that others are derived from: an enum over them all, told apart by `xsi:type`.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::docs;
use super::{Renderer, ident};
use crate::load::QName;
use crate::model::{Definition, NameKind, TypeId};

impl Renderer<'_> {
    pub(super) fn polymorphic(&self, id: TypeId) -> TokenStream {
        let r#type = &self.model[id];
        let module = self.naming.module(id);
        let name = ident(self.naming.held(id));
        let facts = self.facts(id, "or a type derived from it, which `xsi:type` names");
        let docs = docs(&r#type.documentation, &facts);
        let eq = self.reach.is_eq(id).then(|| quote!(, Eq));
        let concrete = self.concrete(id);
        let variants: Vec<_> = concrete
            .iter()
            .map(|id| ident(self.naming.r#type(*id)))
            .collect();
        let structs: Vec<_> = concrete
            .iter()
            .map(|id| self.path(module, *id, self.naming.r#type(*id)))
            .collect();
        let names: Vec<_> = concrete
            .iter()
            .map(|id| self.name(&self.type_name(*id)))
            .collect();
        let variant_docs = concrete.iter().map(|id| {
            let key = self.model[*id].name.key();
            let text = format!(" `{key}`.");
            let serial = self.serial_name(&key);
            quote!(#[doc = #text] #serial)
        });
        let indexes = (0..concrete.len()).map(proc_macro2::Literal::usize_unsuffixed);
        let absent = match concrete.first() {
            Some(first) if *first == id => {
                let own = &variants[0];
                quote!(reader.group().map(Self::#own))
            }
            _ => quote!(Err(reader.abstract_type())),
        };
        let writes =
            concrete
                .iter()
                .zip(variants.iter().zip(&names))
                .map(|(of, (variant, name))| {
                    if *of == id {
                        quote!(Self::#variant(value) => { writer.group(value); })
                    } else {
                        quote!(Self::#variant(value) => {
                            writer.xsi_type(#name);
                            writer.group(value);
                        })
                    }
                });
        let serial = self.serial(&TokenStream::new());
        let (writer, this) = if concrete.is_empty() {
            (quote!(_), quote!(*self))
        } else {
            (quote!(writer), quote!(self))
        };
        let read = if concrete.is_empty() {
            quote! {
                reader.xsi_type(&[])?;
                #absent
            }
        } else {
            quote! {
                match reader.xsi_type(&[#(#names),*])? {
                    #(Some(#indexes) => reader.group().map(Self::#variants),)*
                    _ => #absent,
                }
            }
        };
        quote! {
            #docs
            #[derive(Clone, Debug, PartialEq #eq)]
            #serial
            pub enum #name {
                #(#variant_docs #variants(soap::Boxed<#structs>),)*
            }

            impl soap::ReadXml for #name {
                fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
                    #read
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

    /// The types that an element of the polymorphic type `id` may have: itself, then those derived from it.
    pub(super) fn concrete(&self, id: TypeId) -> Vec<TypeId> {
        let derived = self.model.derived.get(&id).into_iter().flatten().copied();
        let all = std::iter::once(id).chain(derived);
        all.filter(|id| !self.model.is_abstract(*id)).collect()
    }

    pub(super) fn type_name(&self, id: TypeId) -> QName {
        let name = &self.model[id].name;
        QName::new(name.namespace.as_str(), name.key())
    }

    /// `const TYPE`, for a global type that an `xsi:type` may name without telling anything new.
    pub(super) fn type_constant(&self, id: TypeId) -> Option<TokenStream> {
        let r#type = &self.model[id];
        let told = match r#type.definition {
            Definition::Simple(_) | Definition::Union(_) => !self.is_alias(id),
            Definition::Complex(_) => !self.model.is_polymorphic(id),
            Definition::Group(_) => false,
        };
        let written = r#type.name.kind == NameKind::Type && told && !r#type.made;
        written.then(|| {
            let name = self.name(&self.type_name(id));
            quote!(const TYPE: Option<soap::Name> = Some(#name);)
        })
    }
}
