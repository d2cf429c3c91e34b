//! The elements that stand at the root of a message, and the namespaces that a module names.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::docs;
use super::repr::particles;
use super::service::signed_headers;
use super::{Renderer, ident};
use crate::load::{XML, XSD};

impl Renderer<'_> {
    /// `mod elements`: the elements that stand at the root of a message.
    pub(super) fn elements(&self, module: &str) -> TokenStream {
        let mut constants = Vec::new();
        let mut names = Vec::new();
        let mut named = false;
        let is_declared = self.is_declared(module);
        for (index, root) in self.model.roots.iter().enumerate() {
            let (home, constant) = self.naming.root(index);
            if home != module {
                continue;
            }
            let constant = ident(constant);
            let element = &root.element;
            let r#type = self.content_type(module, element);
            let facts = format!("Element `{}` in `{}`.", element.name.local, root.file);
            let docs = docs(&element.documentation, &facts);
            let declared = self.element(element);
            let namespaces = self.reached(index);
            named |= !namespaces.is_empty();
            let namespaces = namespaces.iter().map(|namespace| self.namespace(namespace));
            let made = if root.bare {
                quote!(soap::Root::bare(&[#(#namespaces),*]))
            } else {
                quote!(soap::Root::new(#declared, &[#(#namespaces),*]))
            };
            let declarations =
                is_declared.then(|| quote!(.with_declarations(&super::declarations::ALL)));
            constants.push(quote! {
                #docs
                pub const #constant: soap::Root<#r#type> = #made #declarations;
            });
            names.push(constant);
        }
        if names.is_empty() {
            return TokenStream::new();
        }
        let ns = named.then(|| {
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
    fn reached(&self, index: usize) -> Vec<&str> {
        let element = &self.model.roots[index].element;
        let own = element.name.namespace.as_str();
        let mut namespaces = vec![own];
        let others = self.reach.reached(std::iter::once(element.r#type));
        namespaces.extend(others.into_iter().filter(|namespace| *namespace != own));
        namespaces.retain(|namespace| !namespace.is_empty() && *namespace != XML);
        namespaces
    }

    /// The namespaces that a module's text names.
    pub(super) fn namespaces_used(&self, module: &str) -> Vec<String> {
        let types = || {
            let ids = self.model.ids();
            ids.filter(|id| self.naming.module(*id) == module)
        };
        let declared = types().flat_map(|id| self.reach.namespaces(id));
        let mut used: Vec<String> = declared.map(|namespace| (*namespace).to_owned()).collect();
        let roots = self.model.roots.iter().enumerate();
        let roots = roots.filter(|(index, _)| self.naming.root(*index).0 == module);
        let roots: Vec<_> = roots.map(|(_, root)| &root.element).collect();
        used.extend(roots.iter().map(|element| element.name.namespace.clone()));
        let reached = self
            .reach
            .reached(roots.iter().map(|element| element.r#type));
        let reached = reached.into_iter().filter(|namespace| *namespace != XML);
        used.extend(reached.map(str::to_owned));
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
        let elements = types().flat_map(|id| particles(&self.model[id].definition));
        let elements = elements.filter_map(|particle| particle.term.element());
        let allowed = elements
            .chain(roots.iter().copied())
            .flat_map(|element| self.allowed(element));
        used.extend(allowed.map(|name| name.namespace.clone()));
        let named = types().filter(|id| self.type_constant(*id).is_some());
        used.extend(named.map(|id| self.model[id].name.namespace.clone()));
        used.extend(self.globals_namespaces(module));
        let over = types().filter(|id| self.model.is_polymorphic(*id));
        let over = over.flat_map(|id| self.concrete(id));
        used.extend(over.map(|id| self.model[id].name.namespace.clone()));
        used.retain(|namespace| !namespace.is_empty() && namespace != XSD);
        used.sort();
        used.dedup();
        used
    }
}
