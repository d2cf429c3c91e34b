//! The elements that stand at the root of a message, and the namespaces that a module names.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::docs;
use super::repr::particles;
use super::service::signed_headers;
use super::{Renderer, ident};
use crate::load::{QName, XML};
use crate::model::{Content, Definition, TypeId, TypeRef};

impl Renderer<'_> {
    /// `mod elements`: the elements that stand at the root of a message.
    pub(super) fn elements(&self, module: &str) -> TokenStream {
        let mut constants = Vec::new();
        let mut names = Vec::new();
        for (index, root) in self.model.roots.iter().enumerate() {
            let (home, constant) = self.naming.root(index);
            if home != module {
                continue;
            }
            let constant = ident(constant);
            let element = &root.element;
            let r#type = match element.r#type {
                TypeRef::Defined(id) if self.naming.module(id) == module => {
                    let name = ident(self.naming.held(id));
                    quote!(super::#name)
                }
                TypeRef::Defined(id) => {
                    let (home, name) = (ident(self.naming.module(id)), ident(self.naming.held(id)));
                    quote!(super::super::#home::#name)
                }
                TypeRef::Builtin(builtin) => super::builtin_type(builtin),
            };
            let r#type = if element.nillable {
                quote!(soap::Nillable<#r#type>)
            } else {
                r#type
            };
            let facts = format!("Element `{}` in `{}`.", element.name.local, root.file);
            let docs = docs(&element.documentation, &facts);
            let declared = self.element(element);
            let namespaces = self.reached(index);
            let namespaces = namespaces.iter().map(|namespace| self.namespace(namespace));
            let made = if root.bare {
                quote!(soap::Root::bare(&[#(#namespaces),*]))
            } else {
                quote!(soap::Root::new(#declared, &[#(#namespaces),*]))
            };
            constants.push(quote! {
                #docs
                pub const #constant: soap::Root<#r#type> = #made;
            });
            names.push(constant);
        }
        if names.is_empty() {
            return TokenStream::new();
        }
        let ns = (!self.namespaces_used(module).is_empty()).then(|| {
            quote!(
                use super::ns;
            )
        });
        quote! {
            /// The elements that stand at the root of a message.
            pub mod elements {
                #ns

                #(#constants)*

                /// All of them, for tools that do not know the types.
                pub static ALL: &[&dyn soap::AnyRoot] = &[#(&#names),*];
            }
        }
    }

    /// The namespaces that a message with the root element `index` may name, its own first.
    fn reached(&self, index: usize) -> Vec<String> {
        let element = &self.model.roots[index].element;
        let mut namespaces = vec![element.name.namespace.clone()];
        let mut seen: Vec<TypeId> = Vec::new();
        let mut pending = vec![element.r#type];
        while let Some(r#type) = pending.pop() {
            let TypeRef::Defined(id) = r#type else {
                continue;
            };
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            namespaces.extend(self.own_names(id).map(|name| name.namespace.clone()));
            pending.extend(self.held_types(id));
        }
        let own = namespaces[0].clone();
        namespaces.retain(|namespace| !namespace.is_empty() && namespace != XML);
        namespaces.sort_by_key(|namespace| (*namespace != own, namespace.clone()));
        namespaces.dedup();
        namespaces
    }

    /// The types of what a message of the type `id` may hold right inside.
    fn held_types(&self, id: TypeId) -> Vec<TypeRef> {
        let definition = &self.model[id].definition;
        let mut types: Vec<TypeRef> = particles(definition)
            .iter()
            .filter_map(|p| p.term.r#type())
            .collect();
        if let Definition::Complex(complex) = definition
            && let Content::Mixed(group) = complex.content
        {
            types.push(TypeRef::Defined(group));
        }
        let derived = self.model.derived.get(&id).into_iter().flatten();
        types.extend(derived.map(|id| TypeRef::Defined(*id)));
        types
    }

    /// The names of the elements and attributes that a type declares.
    fn own_names(&self, id: TypeId) -> impl Iterator<Item = &QName> {
        let definition = &self.model[id].definition;
        let attributes = match definition {
            Definition::Complex(complex) => complex.attributes.as_slice(),
            Definition::Simple(_) | Definition::Union(_) | Definition::Group(_) => &[],
        };
        let elements = particles(definition)
            .iter()
            .filter_map(|particle| particle.term.element())
            .map(|element| &element.name);
        attributes
            .iter()
            .map(|attribute| &attribute.name)
            .chain(elements)
    }

    /// The namespaces that a module's text names.
    pub(super) fn namespaces_used(&self, module: &str) -> Vec<String> {
        let types = || {
            let ids = self.model.ids();
            ids.filter(|id| self.naming.module(*id) == module)
        };
        let mut used: Vec<String> = types()
            .flat_map(|id| {
                self.own_names(id)
                    .map(|name| name.namespace.clone())
                    .collect::<Vec<_>>()
            })
            .collect();
        for index in 0..self.model.roots.len() {
            if self.naming.root(index).0 == module {
                used.extend(self.reached(index));
            }
        }
        let contract = self
            .model
            .contracts
            .iter()
            .find(|contract| contract.module == module);
        let operations = contract
            .iter()
            .flat_map(|c| &c.port_types)
            .flat_map(|p| &p.operations);
        for operation in operations {
            let sole = self.model.sole_detail(operation);
            let faults = operation.faults.iter().map(|fault| fault.detail);
            let faults = faults.filter(|_| sole.is_none());
            let headers = operation
                .input_headers
                .iter()
                .chain(&operation.output_headers);
            let roots = faults
                .chain([operation.input])
                .chain(operation.output)
                .chain(headers.map(|header| header.root));
            used.extend(roots.map(|r| self.model.roots[r].element.name.namespace.clone()));
        }
        used.extend(
            contract
                .iter()
                .flat_map(|c| signed_headers(c))
                .map(|n| n.namespace.clone()),
        );
        let named = types().filter(|id| self.type_constant(*id).is_some());
        used.extend(named.map(|id| self.model[id].name.namespace.clone()));
        let over = types().flat_map(|id| self.model.derived.get(&id).into_iter().flatten());
        used.extend(over.map(|id| self.model[*id].name.namespace.clone()));
        used.retain(|namespace| !namespace.is_empty());
        used.sort();
        used.dedup();
        used
    }
}
