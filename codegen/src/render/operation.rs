//! Operations as types, the faults that they declare, and the trait of their port type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::docs;
use super::{Renderer, ident};
use crate::model::{Contract, Definition, Operation, PortType, TypeRef};
use crate::names::{field_name, type_name};
use crate::naming::overrides;

/// The parts of an operation that templates repeat.
pub(super) struct OperationParts {
    /// The type that stands for the operation.
    pub(super) marker: proc_macro2::Ident,
    pub(super) method: proc_macro2::Ident,
    pub(super) input: TokenStream,
    pub(super) output: TokenStream,
    pub(super) fault: TokenStream,
    pub(super) docs: TokenStream,
    marker_docs: TokenStream,
}

impl Renderer<'_> {
    /// The name of a port type's trait or a service's stem.
    pub(super) fn service_name(&self, contract: &Contract, xml: &str) -> String {
        let given = overrides(self.config, &contract.module).get(xml);
        given.cloned().unwrap_or_else(|| type_name(xml))
    }

    pub(super) fn parts(&self, contract: &Contract, operation: &Operation) -> OperationParts {
        let marker = ident(&type_name(&operation.name));
        let module = &contract.module;
        let message = |root: usize| {
            let r#type = self.model.roots[root].element.r#type;
            self.rust_type(module, r#type)
        };
        let fault = match operation.faults.as_slice() {
            [] => quote!(soap::Undeclared),
            [only] if self.is_detail(only.detail) => message(only.detail),
            _ => {
                let fault = format_ident!("{marker}Fault");
                quote!(#fault)
            }
        };
        OperationParts {
            method: ident(&field_name(&operation.name)),
            input: message(operation.input),
            output: operation.output.map_or_else(|| quote!(()), message),
            fault,
            docs: docs(
                &operation.documentation,
                &format!("Operation `{}`.", operation.name),
            ),
            marker_docs: docs(&[], &format!("The operation `{}`.", operation.name)),
            marker,
        }
    }

    /// The marker type of an operation, and the enum of its faults.
    pub(super) fn operation(&self, contract: &Contract, operation: &Operation) -> TokenStream {
        let parts = self.parts(contract, operation);
        let OperationParts {
            marker,
            input,
            output,
            fault,
            marker_docs,
            ..
        } = &parts;
        let (name, action) = (&operation.name, &operation.action);
        let input_root = self.root(contract, operation.input);
        let input_name = self.name(&self.model.roots[operation.input].element.name);
        let output_name = match operation.output {
            Some(root) => {
                let name = self.name(&self.model.roots[root].element.name);
                quote!(Some(#name))
            }
            None => quote!(None),
        };
        let output_root = match operation.output {
            Some(root) => {
                let root = self.root(contract, root);
                quote!(Some(#root))
            }
            None => quote!(None),
        };
        let faults = match operation.faults.as_slice() {
            [] => None,
            [only] if self.is_detail(only.detail) => None,
            _ => Some(self.faults(contract, operation)),
        };
        quote! {
            #marker_docs
            #[derive(Debug)]
            pub enum #marker {}

            impl soap::Operation for #marker {
                const FACTS: soap::OperationFacts = soap::OperationFacts {
                    name: #name,
                    action: #action,
                    input: #input_name,
                    output: #output_name,
                };
                const INPUT: soap::Root<#input> = #input_root;
                const OUTPUT: Option<soap::Root<#output>> = #output_root;
                type Input = #input;
                type Output = #output;
                type Fault = #fault;
            }

            #faults
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

    /// Whether the type of the root element `detail` stands for that element alone, so that it can be a fault's detail
    /// itself.
    pub(super) fn is_detail(&self, detail: usize) -> bool {
        let r#type = self.model.roots[detail].element.r#type;
        let roots = &self.model.roots;
        let TypeRef::Defined(id) = r#type else {
            return false;
        };
        !roots[detail].element.nillable
            && matches!(self.model[id].definition, Definition::Complex(_))
            && roots
                .iter()
                .filter(|root| root.element.r#type == r#type)
                .count()
                == 1
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
            .filter(|detail| self.naming.root(*detail).0 == module && self.is_detail(*detail))
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
        let marker = type_name(&operation.name);
        let name = format_ident!("{marker}Fault");
        let type_docs = docs(
            &[],
            &format!("The faults that `{}` declares.", operation.name),
        );
        let mut variants = Vec::new();
        let mut reads = Vec::new();
        let mut writes = Vec::new();
        let mut froms = Vec::new();
        let mut converted = Vec::new();
        for fault in &operation.faults {
            let variant = ident(&type_name(&fault.name));
            let element = &self.model.roots[fault.detail].element;
            let detail = self.rust_type(&contract.module, element.r#type);
            let root = self.root(contract, fault.detail);
            let docs = docs(&element.documentation, &format!("Fault `{}`.", fault.name));
            let at = self.name(&element.name);
            variants.push(quote!(#docs #variant(Box<#detail>)));
            reads.push(quote! {
                if reader.at(#at) {
                    return #root.read_child(reader).map(|detail| Some(Self::#variant(Box::new(detail))));
                }
            });
            writes.push(quote!(Self::#variant(detail) => writer.root(&#root, detail)));
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
        quote! {
            #type_docs
            #[derive(Clone, Debug, PartialEq)]
            pub enum #name {
                #(#variants,)*
            }

            impl soap::FaultDetail for #name {
                fn read(reader: &mut soap::Reader<'_>) -> Result<Option<Self>, soap::Refused> {
                    #(#reads)*
                    Ok(None)
                }

                fn write(&self, writer: &mut soap::Writer) {
                    match self {
                        #(#writes,)*
                    }
                }
            }

            #(#froms)*
        }
    }

    /// The trait of a port type.
    pub(super) fn port_type(&self, contract: &Contract, port_type: &PortType) -> TokenStream {
        let name = ident(&self.service_name(contract, &port_type.name.local));
        let port_docs = docs(
            &port_type.documentation,
            &format!(
                "Port type `{}`: implement it to serve the operations.",
                port_type.name.local
            ),
        );
        let methods = port_type.operations.iter().map(|operation| {
            let OperationParts {
                method,
                input,
                output,
                fault,
                docs,
                ..
            } = self.parts(contract, operation);
            quote! {
                #docs
                fn #method(
                    &self,
                    request: #input,
                    context: Self::Context,
                ) -> impl Future<Output = Result<#output, soap::Fault<#fault>>> + Send;
            }
        });
        quote! {
            #port_docs
            pub trait #name: Send + Sync + 'static {
                /// What the implementation is told of a call beside the message: the caller, the time, the deadline.
                type Context: Send;
                #(#methods)*
            }
        }
    }
}
