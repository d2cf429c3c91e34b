//! Servers and clients of the services of a contract, its bindings, its documents.

use std::ops::Range;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::docs;
use super::operation::OperationParts;
use super::{Renderer, ident};
use crate::load::QName;
use crate::model::{Binding, Contract, Document, PortType, Service, Version};
use crate::naming::Item;
use crate::syntax::policy::{Alternative, SignedToken};

impl Renderer<'_> {
    /// Everything of a contract that comes from its WSDL.
    pub(super) fn contract(&self, contract: &Contract) -> TokenStream {
        let operations = contract
            .port_types
            .iter()
            .flat_map(|port_type| port_type.operations.iter().map(move |o| (port_type, o)))
            .map(|(port_type, operation)| self.operation(contract, port_type, operation));
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
        let item = |item, xml: &QName| ident(self.naming.item(&contract.module, item, xml));
        let server = item(Item::Server, &service.label);
        let contract_trait = item(Item::PortType, &port_type.name);
        let bindings = bindings_of(contract, service);
        let server_docs = docs(
            &service.documentation,
            &format!(
                "{}: hands each message to the implementation of [`{contract_trait}`].",
                called(service, port_type, ["Service", "Port type"])
            ),
        );
        let parts: Vec<OperationParts> = port_type
            .operations
            .iter()
            .map(|o| self.parts(contract, port_type, o))
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
                        self.implementation.#method(request, headers, context).await.map(|body| (body, ()))
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
                const BINDINGS: &'static [soap::Binding] = #bindings;
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
        let client = ident(
            self.naming
                .item(&contract.module, Item::Client, &service.label),
        );
        let methods = port_type.operations.iter().map(|operation| {
            let parts = self.parts(contract, port_type, operation);
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
                    soap::client::call_with_headers::<#marker, T>(&self.transport, request, #headers)
                        .await
                        .map(|(body, ())| body)
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
        let called = called(service, port_type, ["the service", "the port type"]);
        let client_docs = docs(
            &[],
            &format!(
                "Calls {called} over a transport. A call fails with a fault, a failed transport, or a message of either side that breaks the contract."
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
            let service = if port.is_empty() { "" } else { &service.local };
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

    /// `soap::PolicyAlternative`, as an expression.
    fn alternative(&self, alternative: &Alternative) -> TokenStream {
        match alternative {
            Alternative::Nothing => quote!(soap::PolicyAlternative::Nothing),
            Alternative::ClientCertificate => quote!(soap::PolicyAlternative::ClientCertificate),
            Alternative::Transport => quote!(soap::PolicyAlternative::Transport),
            Alternative::Unknown(assertions) => {
                quote!(soap::PolicyAlternative::Unknown(&[#(#assertions),*]))
            }
            Alternative::SignedToken(SignedToken {
                body,
                headers,
                timestamp,
                suite,
                initiator,
                recipient,
                protects_tokens,
                others,
            }) => {
                let headers = headers.iter().map(|name| self.name(name));
                quote! {
                    soap::PolicyAlternative::SignedToken(soap::SignedToken {
                        parts: soap::SignedParts {
                            body: #body,
                            headers: &[#(#headers),*],
                            timestamp: #timestamp,
                        },
                        suite: #suite,
                        initiator: &[#(#initiator),*],
                        recipient: &[#(#recipient),*],
                        protects_tokens: #protects_tokens,
                        others: &[#(#others),*],
                    })
                }
            }
        }
    }
}

/// What is served or called, in words: the service, its port type, or both.
fn called(service: &Service, port_type: &PortType, words: [&str; 2]) -> String {
    let (name, port_name) = (&service.name.local, &port_type.name.local);
    if service.label != service.name {
        format!("{} `{port_name}` of the service `{name}`", words[1])
    } else if service.name == port_type.name {
        format!("{} `{name}`", words[1])
    } else {
        format!("{} `{name}`", words[0])
    }
}

/// The bindings of one port type of a service, as an expression.
fn bindings_of(contract: &Contract, service: &Service) -> TokenStream {
    let ours = |binding: &Binding| {
        binding.service == service.name && binding.port_type == service.port_type
    };
    if contract.bindings.iter().all(ours) {
        return quote!(BINDINGS);
    }
    let bindings = contract.bindings.iter().enumerate();
    let indexes = bindings
        .filter(|(_, binding)| ours(binding))
        .map(|(index, _)| Literal::usize_unsuffixed(index));
    quote!(&[#(BINDINGS[#indexes]),*])
}

/// The headers that the policies of `contract` want signed.
pub(crate) fn signed_headers(contract: &Contract) -> impl Iterator<Item = &QName> {
    let alternatives = contract.bindings.iter().flat_map(|binding| &binding.policy);
    alternatives.flat_map(|alternative| match alternative {
        Alternative::SignedToken(token) => token.headers.as_slice(),
        Alternative::Nothing
        | Alternative::ClientCertificate
        | Alternative::Transport
        | Alternative::Unknown(_) => &[],
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
