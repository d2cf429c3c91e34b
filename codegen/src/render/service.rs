//! Servers and clients of the services of a contract, its bindings, its documents, its root elements.

use std::ops::Range;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::docs;
use super::operation::OperationParts;
use super::repr::particles;
use super::{Renderer, ident};
use crate::load::QName;
use crate::model::{
    Binding, Content, Contract, Definition, Document, PortType, Service, TypeId, TypeRef, Version,
};
use crate::naming::Item;
use crate::syntax::policy::Alternative;

impl Renderer<'_> {
    /// Everything of a contract that comes from its WSDL.
    pub(super) fn contract(&self, contract: &Contract) -> TokenStream {
        let operations = contract
            .port_types
            .iter()
            .flat_map(|port_type| &port_type.operations)
            .map(|operation| self.operation(contract, operation));
        let port_types = contract
            .port_types
            .iter()
            .map(|p| self.port_type(contract, p));
        let services = contract.services.iter().map(|service| {
            let port_type = &contract.port_types[service.port_type];
            let server = self.server(contract, service, port_type);
            let client = self.client(contract, service, port_type);
            quote!(#server #client)
        });
        let facts = (!contract.services.is_empty()).then(|| {
            let bindings = self.bindings(&contract.bindings);
            let documents = documents(contract);
            quote!(#bindings #documents)
        });
        quote! {
            #(#operations)*
            #(#port_types)*
            #(#services)*
            #facts
        }
    }

    fn server(&self, contract: &Contract, service: &Service, port_type: &PortType) -> TokenStream {
        let name = &service.name.local;
        let item = |item, xml: &str| ident(self.naming.item(&contract.module, item, xml));
        let server = item(Item::Server, name);
        let contract_trait = item(Item::PortType, &port_type.name.local);
        let server_docs = docs(
            &service.documentation,
            &format!(
                "Service `{name}`: hands each message to the implementation of [`{contract_trait}`]."
            ),
        );
        let parts: Vec<OperationParts> = port_type
            .operations
            .iter()
            .map(|o| self.parts(contract, o))
            .collect();
        let markers: Vec<_> = parts.iter().map(|parts| &parts.marker).collect();
        let arms = parts.iter().enumerate().map(|(index, parts)| {
            let index = Literal::usize_unsuffixed(index);
            let OperationParts { marker, method, .. } = parts;
            let handled = match (parts.has_headers(), &parts.input_headers, &parts.output_headers) {
                (false, ..) => quote! {
                    call.answer::<#marker, _, _>(|request| self.implementation.#method(request, context))
                },
                (true, Some(_), Some(_)) => quote! {
                    call.answer_with_headers::<#marker, _, _>(|request, headers| {
                        self.implementation.#method(request, headers, context)
                    })
                },
                (true, Some(_), None) => quote! {
                    call.answer_with_headers::<#marker, _, _>(async |request, headers| {
                        let body = self.implementation.#method(request, headers, context).await?;
                        Ok((body, ()))
                    })
                },
                (true, None, _) => quote! {
                    call.answer_with_headers::<#marker, _, _>(|request, ()| {
                        self.implementation.#method(request, context)
                    })
                },
            };
            quote!(#index => #handled.await)
        });
        quote! {
            #server_docs
            #[derive(Clone, Debug)]
            pub struct #server<T> {
                implementation: T,
            }

            impl<T: #contract_trait> #server<T> {
                /// A server that hands each message to `implementation`.
                pub const fn new(implementation: T) -> Self {
                    Self { implementation }
                }
            }

            impl<T: #contract_trait> soap::Service for #server<T> {
                type Context = T::Context;
                const NAME: &'static str = #name;
                const OPERATIONS: &'static [soap::OperationFacts] = &[#(<#markers as soap::Operation>::FACTS),*];
                const BINDINGS: &'static [soap::Binding] = BINDINGS;
                const DOCUMENTS: &'static [soap::Document] = DOCUMENTS;

                async fn call(
                    &self,
                    call: soap::Call<'_>,
                    context: T::Context,
                ) -> Result<soap::Answer, soap::Rejection> {
                    match call.operation() {
                        #(#arms,)*
                        _ => Err(call.unknown()),
                    }
                }
            }
        }
    }

    fn client(&self, contract: &Contract, service: &Service, port_type: &PortType) -> TokenStream {
        let name = &service.name.local;
        let client = ident(self.naming.item(&contract.module, Item::Client, name));
        let methods = port_type.operations.iter().map(|operation| {
            let parts = self.parts(contract, operation);
            let answer = parts.answer();
            let OperationParts { marker, method, input, fault, input_headers, .. } = &parts;
            let docs = docs(&[], &format!("Calls the operation [`{marker}`]."));
            let parameter = input_headers.as_ref().map(|headers| quote!(headers: &#headers,));
            let headers = if input_headers.is_some() { quote!(headers) } else { quote!(&()) };
            let called = if !parts.has_headers() {
                quote!(soap::client::call::<#marker, T>(&self.transport, request).await)
            } else if parts.output_headers.is_some() {
                quote!(soap::client::call_with_headers::<#marker, T>(&self.transport, request, #headers).await)
            } else {
                quote! {
                    let answer =
                        soap::client::call_with_headers::<#marker, T>(&self.transport, request, #headers).await?;
                    Ok(answer.0)
                }
            };
            quote! {
                #docs
                pub async fn #method(
                    &self,
                    request: &#input,
                    #parameter
                ) -> Result<#answer, soap::CallError<#fault>> {
                    #called
                }
            }
        });
        let client_docs = docs(
            &[],
            &format!(
                "Calls the service `{name}` over a transport. A call fails with a fault, a failed transport, or a message of either side that breaks the contract."
            ),
        );
        quote! {
            #client_docs
            #[derive(Clone, Debug)]
            pub struct #client<T> {
                transport: T,
            }

            impl<T: soap::Transport> #client<T> {
                /// A client that sends over `transport`.
                pub const fn new(transport: T) -> Self {
                    Self { transport }
                }

                #(#methods)*
            }
        }
    }

    fn bindings(&self, bindings: &[Binding]) -> TokenStream {
        let bindings = bindings.iter().map(|binding| {
            let Binding {
                variant,
                document,
                service,
                port,
                name,
                address,
                ..
            } = binding;
            let version = match binding.version {
                Version::Soap11 => quote!(soap::Version::Soap11),
                Version::Soap12 => quote!(soap::Version::Soap12),
            };
            let alternatives = binding.policy.iter().map(|a| self.alternative(a));
            quote! {
                soap::Binding {
                    variant: #variant,
                    document: #document,
                    service: #service,
                    port: #port,
                    name: #name,
                    version: #version,
                    address: #address,
                    policy: soap::Policy { alternatives: &[#(#alternatives),*] },
                }
            }
        });
        quote! {
            /// The ports of every variant of the contract, with the policy of each.
            pub static BINDINGS: &[soap::Binding] = &[#(#bindings),*];
        }
    }

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
        namespaces.retain(|namespace| !namespace.is_empty());
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

    /// `soap::PolicyAlternative`, as an expression.
    fn alternative(&self, alternative: &Alternative) -> TokenStream {
        match alternative {
            Alternative::ClientCertificate => quote!(soap::PolicyAlternative::ClientCertificate),
            Alternative::Transport => quote!(soap::PolicyAlternative::Transport),
            Alternative::SignedToken {
                body,
                headers,
                timestamp,
            } => {
                let headers = headers.iter().map(|name| self.name(name));
                quote! {
                    soap::PolicyAlternative::SignedToken(soap::SignedParts {
                        body: #body,
                        headers: &[#(#headers),*],
                        timestamp: #timestamp,
                    })
                }
            }
        }
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
            let faults = match operation.faults.as_slice() {
                [only] if self.model.is_detail(only.detail) => &[],
                faults => faults,
            };
            let faults = faults.iter().map(|fault| fault.detail);
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

/// The headers that the policies of `contract` want signed.
pub(crate) fn signed_headers(contract: &Contract) -> impl Iterator<Item = &QName> {
    let alternatives = contract.bindings.iter().flat_map(|binding| &binding.policy);
    alternatives.flat_map(|alternative| match alternative {
        Alternative::SignedToken { headers, .. } => headers.as_slice(),
        Alternative::ClientCertificate | Alternative::Transport => &[],
    })
}

/// Where the copy of `document` stands, relative to the emitted module.
pub(super) fn document_file(contract: &Contract, document: &Document) -> String {
    let path = document.path.replace("../", "");
    format!("{}/{path}", contract.module)
}

fn documents(contract: &Contract) -> TokenStream {
    let documents = contract.documents.iter().map(|document| {
        let path = &document.path;
        let file = document_file(contract, document);
        let links = document.links.iter().map(|link| {
            let (start, end) = ends(&link.range);
            let target = &link.target;
            quote!(soap::Link::new(#start, #end, #target))
        });
        let addresses = document.addresses.iter().map(|range| {
            let (start, end) = ends(range);
            quote!((#start, #end))
        });
        quote! {
            soap::Document {
                path: #path,
                text: include_str!(#file),
                links: &[#(#links),*],
                addresses: &[#(#addresses),*],
            }
        }
    });
    quote! {
        /// The documents of the contract, as they are served to who asks for `?wsdl`.
        pub static DOCUMENTS: &[soap::Document] = &[#(#documents),*];
    }
}

fn ends(range: &Range<usize>) -> (Literal, Literal) {
    (
        Literal::usize_unsuffixed(range.start),
        Literal::usize_unsuffixed(range.end),
    )
}
