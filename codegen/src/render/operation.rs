//! Operations as types, the faults that they declare, and the trait of their port type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::docs;
use super::repr::particles;
use super::{Renderer, ident};
use crate::model::{Contract, HeaderPart, Operation, PortType, TypeRef};
use crate::names::{Candidate, distinct, field_name, variant_name};
use crate::naming::Item;

/// The parts of an operation that templates repeat.
pub(super) struct OperationParts {
    /// The type that stands for the operation.
    pub(super) marker: Ident,
    pub(super) method: Ident,
    pub(super) input: TokenStream,
    pub(super) input_headers: Option<Ident>,
    pub(super) output: TokenStream,
    pub(super) output_headers: Option<Ident>,
    pub(super) fault: TokenStream,
    pub(super) docs: TokenStream,
    marker_docs: TokenStream,
}

impl OperationParts {
    /// Whether headers are declared in either direction.
    pub(super) const fn has_headers(&self) -> bool {
        self.input_headers.is_some() || self.output_headers.is_some()
    }

    /// What the implementation gives back: the body, with its headers where some are declared.
    pub(super) fn answer(&self) -> TokenStream {
        let output = &self.output;
        match &self.output_headers {
            Some(headers) => quote!((#output, #headers)),
            None => quote!(#output),
        }
    }

    /// The parameter for the headers of the request.
    pub(super) fn headers_parameter(&self) -> Option<TokenStream> {
        self.input_headers
            .as_ref()
            .map(|headers| quote!(headers: #headers,))
    }
}

impl Renderer<'_> {
    pub(super) fn parts(
        &self,
        contract: &Contract,
        port_type: &PortType,
        operation: &Operation,
    ) -> OperationParts {
        let module = &contract.module;
        let item = |item| ident(self.naming.item(module, item, &operation.item));
        let message = |root: usize| self.root_type(module, root);
        let fault = match self.model.sole_detail(operation) {
            _ if operation.faults.is_empty() => quote!(soap::Undeclared),
            Some(detail) => message(detail),
            None => {
                let fault = item(Item::Fault);
                quote!(#fault)
            }
        };
        let marker_docs = format!("The operation `{}`.", operation.name);
        let method_docs = format!("Operation `{}`.", operation.name);
        OperationParts {
            marker: item(Item::Operation),
            method: ident(self.naming.method(module, port_type, operation)),
            input: message(operation.input),
            input_headers: (!operation.input_headers.is_empty()).then(|| item(Item::InputHeaders)),
            output: operation.output.map_or_else(|| quote!(()), message),
            output_headers: (!operation.output_headers.is_empty())
                .then(|| item(Item::OutputHeaders)),
            fault,
            docs: docs(&operation.documentation, &method_docs),
            marker_docs: docs(&[], &marker_docs),
        }
    }

    /// The Rust type of a root's value.
    fn root_type(&self, module: &str, root: usize) -> TokenStream {
        let element = &self.model.roots[root].element;
        let r#type = self.rust_type(module, element.r#type);
        if element.nillable {
            quote!(soap::Nillable<#r#type>)
        } else {
            r#type
        }
    }

    /// The marker type of an operation, its headers, and the enum of its faults.
    pub(super) fn operation(
        &self,
        contract: &Contract,
        port_type: &PortType,
        operation: &Operation,
    ) -> TokenStream {
        let parts = self.parts(contract, port_type, operation);
        let OperationParts {
            marker,
            input,
            output,
            fault,
            marker_docs,
            ..
        } = &parts;
        let Operation {
            name,
            action,
            answer_action,
            fault_action,
            ..
        } = operation;
        let input_root = self.root(contract, operation.input);
        let inputs = self.first_of_root(operation.input);
        let (outputs, output_root) = match operation.output {
            Some(root) => {
                let names = self.first_of_root(root);
                let root = self.root(contract, root);
                (quote!(Some(#names)), quote!(Some(#root)))
            }
            None => (quote!(None), quote!(None)),
        };
        let headers = |headers: &Option<Ident>| match headers {
            Some(headers) => quote!(#headers),
            None => quote!(()),
        };
        let (input_headers, output_headers) = (
            headers(&parts.input_headers),
            headers(&parts.output_headers),
        );
        let header_names = match &parts.input_headers {
            Some(headers) => quote!(<#headers as soap::Headers>::NAMES),
            None => quote!(&[]),
        };
        let enumerated =
            !operation.faults.is_empty() && self.model.sole_detail(operation).is_none();
        let faults = enumerated.then(|| self.faults(contract, operation));
        let declared = [
            (&parts.input_headers, &operation.input_headers, "requests"),
            (
                &parts.output_headers,
                &operation.output_headers,
                "responses",
            ),
        ];
        let declared = declared.into_iter().filter_map(|(name, headers, of)| {
            Some(self.headers(contract, operation, name.as_ref()?, headers, of))
        });
        quote! {
            #marker_docs
            #[derive(Debug)]
            pub enum #marker {}

            impl soap::Operation for #marker {
                const FACTS: soap::OperationFacts = soap::OperationFacts {
                    name: #name,
                    action: #action,
                    answer_action: #answer_action,
                    fault_action: #fault_action,
                    inputs: #inputs,
                    outputs: #outputs,
                    headers: #header_names,
                };
                const INPUT: soap::Root<#input> = #input_root;
                const OUTPUT: Option<soap::Root<#output>> = #output_root;
                type Input = #input;
                type InputHeaders = #input_headers;
                type Output = #output;
                type OutputHeaders = #output_headers;
                type Fault = #fault;
            }

            #(#declared)*

            #faults
        }
    }

    /// The names that a message with the root `root` may begin with.
    fn first_of_root(&self, root: usize) -> TokenStream {
        let root = &self.model.roots[root];
        if !root.bare {
            let name = self.name(&root.element.name);
            return quote!(&[#name]);
        }
        let particles = match root.element.r#type {
            TypeRef::Defined(id) => particles(&self.model[id].definition),
            TypeRef::Builtin(_) => &[],
        };
        self.first_names(particles)
    }

    /// The struct of the headers that a binding declares for one direction.
    fn headers(
        &self,
        contract: &Contract,
        operation: &Operation,
        name: &Ident,
        headers: &[HeaderPart],
        of: &str,
    ) -> TokenStream {
        let type_docs = docs(
            &[],
            &format!(
                "The headers that `{}` declares for its {of}.",
                operation.name
            ),
        );
        let wishes = headers
            .iter()
            .enumerate()
            .map(|(index, header)| (index, &header.name, field_name(&header.name), "_"));
        let fields = told_apart(wishes);
        let roots: Vec<usize> = headers.iter().map(|header| header.root).collect();
        let types = roots
            .iter()
            .map(|root| self.root_type(&contract.module, *root));
        let constants: Vec<_> = roots
            .iter()
            .map(|root| self.root(contract, *root))
            .collect();
        let elements: Vec<_> = roots
            .iter()
            .map(|root| self.name(&self.model.roots[*root].element.name))
            .collect();
        let serial = self.serial(&quote!(deny_unknown_fields));
        let serial_fields = self.serial_headers(&roots, &fields);
        let field_docs = roots.iter().map(|root| {
            let element = &self.model.roots[*root].element;
            docs(
                &element.documentation,
                &format!("`{}`.", element.name.local),
            )
        });
        quote! {
            #type_docs
            #[derive(Clone, Debug, Default, PartialEq)]
            #serial
            pub struct #name {
                #(#field_docs #serial_fields pub #fields: Option<#types>,)*
            }

            impl soap::Headers for #name {
                const NAMES: &'static [soap::Name] = &[#(#elements),*];

                fn read(reader: &mut soap::Reader<'_>, headers: &mut Self) -> Result<bool, soap::Refused> {
                    #(if reader.at(#elements) {
                        headers.#fields = Some(#constants.read_child(reader)?);
                        return Ok(true);
                    })*
                    Ok(false)
                }

                fn write(&self, writer: &mut soap::Writer) {
                    #(if let Some(header) = &self.#fields {
                        writer.root(&#constants, header);
                    })*
                }
            }
        }
    }

    /// `elements::X`, as a path from the module of `contract`.
    fn root(&self, contract: &Contract, root: usize) -> TokenStream {
        let (module, constant) = self.naming.root(root);
        let constant = ident(constant);
        if module == contract.module {
            quote!(elements::#constant)
        } else {
            let module = ident(module);
            quote!(super::#module::elements::#constant)
        }
    }

    /// The detail elements that are emitted in `module` and stand for their type.
    pub(super) fn details(&self, module: &str) -> TokenStream {
        let operations = self
            .model
            .contracts
            .iter()
            .flat_map(|c| &c.port_types)
            .flat_map(|p| &p.operations);
        let mut details: Vec<usize> = operations
            .flat_map(|operation| &operation.faults)
            .map(|fault| fault.detail)
            .filter(|detail| self.naming.root(*detail).0 == module && self.model.is_detail(*detail))
            .collect();
        details.sort_unstable();
        details.dedup();
        let details = details.into_iter().map(|detail| {
            let element = &self.model.roots[detail].element;
            let r#type = self.rust_type(module, element.r#type);
            let at = self.name(&element.name);
            let constant = ident(self.naming.root(detail).1);
            quote! {
                impl soap::FaultDetail for #r#type {
                    fn read(reader: &mut soap::Reader<'_>) -> Result<Option<Self>, soap::Refused> {
                        if reader.at(#at) {
                            return elements::#constant.read_child(reader).map(Some);
                        }
                        Ok(None)
                    }

                    fn write(&self, writer: &mut soap::Writer) {
                        writer.root(&elements::#constant, self);
                    }
                }
            }
        });
        quote!(#(#details)*)
    }

    fn faults(&self, contract: &Contract, operation: &Operation) -> TokenStream {
        let name = ident(
            self.naming
                .item(&contract.module, Item::Fault, &operation.item),
        );
        let type_docs = docs(
            &[],
            &format!("The faults that `{}` declares.", operation.name),
        );
        let serial = self.serial(&TokenStream::new());
        let names = operation.faults.iter().enumerate();
        let names = told_apart(names.map(|(index, fault)| {
            let suffix = if fault.header { "Header" } else { "" };
            (index, &fault.name, variant_name(&fault.name), suffix)
        }));
        let mut variants = Vec::new();
        let (mut reads, mut header_reads) = (Vec::new(), Vec::new());
        let (mut writes, mut actions) = (Vec::new(), Vec::new());
        let mut froms = Vec::new();
        let mut converted = Vec::new();
        let (mut headers, mut header_names) = (Vec::new(), Vec::new());
        for (fault, variant) in operation.faults.iter().zip(&names) {
            let element = &self.model.roots[fault.detail].element;
            let detail = self.root_type(&contract.module, fault.detail);
            let root = self.root(contract, fault.detail);
            let facts = if fault.header {
                format!(
                    "Header fault `{}`: the detail is a header block.",
                    fault.name
                )
            } else {
                format!("Fault `{}`.", fault.name)
            };
            let docs = docs(&element.documentation, &facts);
            let at = self.name(&element.name);
            // Header faults may have the names of others.
            let told = if fault.header { " header" } else { "" };
            let serial = self.serial_name(&format!("{}{told}", fault.name));
            variants.push(quote!(#docs #serial #variant(Box<#detail>)));
            let read = quote! {
                if reader.at(#at) {
                    return #root.read_child(reader).map(|detail| Some(Self::#variant(Box::new(detail))));
                }
            };
            if fault.header {
                header_reads.push(read);
                headers.push(quote!(Self::#variant(_)));
                header_names.push(at);
            } else {
                reads.push(read);
            }
            writes.push(quote!(Self::#variant(detail) => { writer.root(&#root, detail); }));
            let action = &fault.action;
            actions.push(quote!(Self::#variant(_) => #action));
            let same = |r: &usize| self.model.roots[*r].element.r#type == element.r#type;
            if matches!(element.r#type, TypeRef::Defined(_)) && !converted.iter().any(same) {
                converted.push(fault.detail);
                froms.push(quote! {
                    impl From<#detail> for #name {
                        fn from(detail: #detail) -> Self {
                            Self::#variant(Box::new(detail))
                        }
                    }
                });
            }
        }
        let names = (!headers.is_empty()).then(|| {
            quote! {
                const HEADERS: &'static [soap::Name] = &[#(#header_names),*];
            }
        });
        let in_header = (!headers.is_empty()).then(|| {
            quote! {
                fn read_header(reader: &mut soap::Reader<'_>) -> Result<Option<Self>, soap::Refused> {
                    #(#header_reads)*
                    Ok(None)
                }

                fn is_header(&self) -> bool {
                    matches!(self, #(#headers)|*)
                }
            }
        });
        let reader = if reads.is_empty() {
            quote!(_)
        } else {
            quote!(reader)
        };
        quote! {
            #type_docs
            #[derive(Clone, Debug, PartialEq)]
            #serial
            pub enum #name {
                #(#variants,)*
            }

            impl soap::FaultDetail for #name {
                #names

                fn read(#reader: &mut soap::Reader<'_>) -> Result<Option<Self>, soap::Refused> {
                    #(#reads)*
                    Ok(None)
                }

                fn write(&self, writer: &mut soap::Writer) {
                    match self {
                        #(#writes)*
                    }
                }

                fn action(&self) -> Option<&'static str> {
                    Some(match self {
                        #(#actions,)*
                    })
                }

                #in_header
            }

            #(#froms)*
        }
    }

    /// The trait of a port type.
    pub(super) fn port_type(&self, contract: &Contract, port_type: &PortType) -> TokenStream {
        let name = &port_type.name.local;
        let contract_trait = ident(self.naming.item(
            &contract.module,
            Item::PortType,
            &port_type.name,
        ));
        let facts = format!("Port type `{name}`: implement it to serve the operations.");
        let port_docs = docs(&port_type.documentation, &facts);
        let methods = port_type.operations.iter().map(|operation| {
            let parts = self.parts(contract, port_type, operation);
            let (answer, headers) = (parts.answer(), parts.headers_parameter());
            let OperationParts {
                method,
                input,
                fault,
                docs,
                ..
            } = parts;
            quote! {
                #docs
                fn #method(
                    &self,
                    request: #input,
                    #headers
                    context: Self::Context,
                ) -> impl Future<Output = Result<#answer, soap::Fault<#fault>>> + Send;
            }
        });
        quote! {
            #port_docs
            pub trait #contract_trait: Send + Sync + 'static {
                /// What the implementation is told of a call beside the message: the caller, the time, the deadline.
                type Context: Send;
                #(#methods)*
            }
        }
    }
}

/// Names for what wants them, in its order: place, XML name, wish, and what is added where another has it.
fn told_apart<'n>(
    wishes: impl Iterator<Item = (usize, &'n String, String, &'static str)>,
) -> Vec<Ident> {
    let wishes = wishes.map(|(index, xml, name, suffix)| {
        let wish = Candidate {
            name,
            rank: 0,
            suffix,
        };
        ((xml, index), wish)
    });
    let mut names: Vec<(usize, Ident)> = distinct(wishes)
        .into_iter()
        .map(|((_, index), name)| (index, ident(&name)))
        .collect();
    names.sort_by_key(|(index, _)| *index);
    names.into_iter().map(|(_, name)| name).collect()
}
