//! From the model and its names to Rust text: one small template an item.

mod complex;
mod conversion;
mod declarations;
mod docs;
mod elements;
mod group;
mod operation;
mod polymorphic;
mod reach;
mod repr;
mod serial;
mod service;
mod simple;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use self::reach::Reach;
use self::repr::Recursion;
pub(crate) use self::service::signed_headers;
use crate::config::Config;
use crate::diagnostic::{Error, Findings};
use crate::load::{QName, XSD};
use crate::model::{Builtin, Contract, Definition, Model, TypeId, TypeRef};
use crate::naming::Naming;

/// The text of a module, and the documents that it embeds.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// What the module is about, for its place in the crate.
    pub(crate) documentation: Vec<String>,
    pub(crate) text: String,
    /// Files that the text includes: path beside the module, and content.
    pub(crate) embedded: Vec<(String, String)>,
}

/// Renders every module of `model`, with serde's traits where `serde` says so.
pub(crate) fn render(
    model: &Model,
    naming: &Naming,
    config: &Config,
    serde: bool,
) -> Result<Vec<Module>, Error> {
    let renderer = Renderer {
        model,
        naming,
        config,
        serde,
        reach: Reach::of(model),
        recursion: Recursion::of(model),
    };
    let mut findings = Findings::default();
    let modules = config
        .modules()
        .filter_map(|module| findings.keep(renderer.module(module)))
        .collect();
    findings.finish(modules)
}

/// What every template looks into.
struct Renderer<'m> {
    model: &'m Model,
    naming: &'m Naming,
    config: &'m Config,
    /// Whether types implement serde's traits.
    serde: bool,
    reach: Reach<'m>,
    recursion: Recursion,
}

impl Renderer<'_> {
    fn module(&self, name: &str) -> Result<Module, Error> {
        let mut findings = Findings::default();
        let contract = self.model.contracts.iter().find(|c| c.module == name);
        let mut items = vec![self.namespaces(name)];
        for id in self
            .model
            .ids()
            .filter(|id| self.naming.module(*id) == name)
        {
            items.push(findings.keep(self.type_items(id)).unwrap_or_default());
        }
        items.push(self.declarations(name));
        items.push(self.elements(name));
        items.push(self.details(name));
        if let Some(contract) = contract {
            items.push(self.contract(contract));
        }
        items.push(findings.keep(self.conversions(name)).unwrap_or_default());
        let input = contract.map_or("contracts.toml", |contract| contract.file.as_str());
        let text = findings
            .keep(docs::formatted(input, &items))
            .unwrap_or_default();
        findings.finish(Module {
            name: name.to_owned(),
            documentation: self.module_documentation(name, contract),
            text,
            embedded: contract.map(embedded).unwrap_or_default(),
        })
    }

    fn module_documentation(&self, name: &str, contract: Option<&Contract>) -> Vec<String> {
        let mut lines = match contract {
            Some(contract) => vec![format!("The contract `{}`.", contract.file)],
            None => vec!["What several contracts share.".to_owned()],
        };
        if let Some(contract) = contract {
            lines.extend(
                contract
                    .services
                    .iter()
                    .flat_map(|s| s.documentation.clone()),
            );
        }
        let namespaces: Vec<String> = match contract {
            Some(contract) => contract.namespaces.clone(),
            None => self
                .config
                .shared
                .iter()
                .filter(|shared| shared.module == name)
                .flat_map(|shared| shared.namespaces.clone())
                .collect(),
        };
        let namespaces = namespaces.iter().filter(|n| !n.is_empty());
        lines.extend(namespaces.map(|namespace| format!("Namespace `{namespace}`.")));
        lines
    }

    /// The items of one type.
    fn type_items(&self, id: TypeId) -> Result<TokenStream, Error> {
        match &self.model[id].definition {
            Definition::Simple(simple) => Ok(self.simple(id, simple)?),
            Definition::Union(members) => Ok(self.union(id, members)),
            Definition::Complex(complex) => {
                let structure = (!complex.r#abstract).then(|| self.complex(id, complex));
                let over = self.model.is_polymorphic(id).then(|| self.polymorphic(id));
                Ok(quote!(#structure #over))
            }
            Definition::Group(group) => Ok(self.group(id, group)),
        }
    }

    /// `mod ns`: the namespaces that the module writes and reads.
    fn namespaces(&self, module: &str) -> TokenStream {
        let used = self.namespaces_used(module);
        let constants = used.iter().map(|namespace| {
            let (prefix, constant) = self.naming.namespace(namespace);
            let constant = ident(constant);
            quote! {
                pub(super) const #constant: soap::Namespace = soap::Namespace::new(#namespace, #prefix);
            }
        });
        if used.is_empty() {
            return TokenStream::new();
        }
        quote! {
            mod ns {
                #(#constants)*
            }
        }
    }

    /// `soap::Name` of an element, as an expression.
    fn name(&self, name: &QName) -> TokenStream {
        let namespace = self.namespace(&name.namespace);
        let local = &name.local;
        quote!(#namespace.name(#local))
    }

    /// `soap::Namespace`, as an expression.
    fn namespace(&self, namespace: &str) -> TokenStream {
        if namespace.is_empty() {
            return quote!(soap::Namespace::NONE);
        }
        if namespace == XSD {
            return quote!(soap::Namespace::SCHEMA);
        }
        let constant = ident(self.naming.namespace(namespace).1);
        quote!(ns::#constant)
    }

    /// The Rust type for a reference from within `module`.
    fn rust_type(&self, module: &str, r#type: TypeRef) -> TokenStream {
        match r#type {
            TypeRef::Builtin(builtin) => builtin_type(builtin),
            TypeRef::Defined(id) => self.path(module, id, self.naming.held(id)),
        }
    }

    /// The path from within `module` of `name`, one of the names that the type `id` has in its own module.
    fn path(&self, module: &str, id: TypeId, name: &str) -> TokenStream {
        let name = ident(name);
        let home = self.naming.module(id);
        if home == module {
            quote!(#name)
        } else {
            let home = ident(home);
            quote!(super::#home::#name)
        }
    }

    /// The names of the type's fields or variants.
    fn member_idents(&self, id: TypeId) -> Vec<Ident> {
        let names = self.naming.members(id).iter();
        names.map(|name| ident(name)).collect()
    }
}

/// The documents of `contract` as files beside its module.
fn embedded(contract: &Contract) -> Vec<(String, String)> {
    contract
        .documents
        .iter()
        .map(|document| {
            (
                service::document_file(contract, document),
                document.text.clone(),
            )
        })
        .collect()
}

/// The Rust type of a built-in.
fn builtin_type(builtin: Builtin) -> TokenStream {
    match syn::parse_str::<syn::Type>(builtin.rust()) {
        Ok(r#type) => quote!(#r#type),
        Err(_) => quote!(String),
    }
}

/// `name` as an identifier.
fn ident(name: &str) -> Ident {
    if name.is_empty() {
        format_ident!("_")
    } else {
        Ident::new(name, Span::call_site())
    }
}
