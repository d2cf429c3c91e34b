//! What a contract that leaves names open declares globally: a line a declaration.

use proc_macro2::TokenStream;
use quote::quote;

use super::Renderer;
use super::complex::preset;
use crate::load::QName;
use crate::model::{Attribute, Definition, ElementUse, NameKind, TypeId, TypeRef};

impl Renderer<'_> {
    /// `mod declarations`: what stands where the contract leaves a name open is looked up in it.
    pub(super) fn declarations(&self, module: &str) -> TokenStream {
        if !self.is_open(module) {
            return TokenStream::new();
        }
        let elements = self.global_elements(module).map(|(element, r#abstract)| {
            let declared = self.element(element);
            if r#abstract {
                return quote!(soap::DeclaredElement::r#abstract(#declared));
            }
            let r#type = self.content_type(module, element);
            quote!(soap::DeclaredElement::new::<#r#type>(#declared))
        });
        let attributes = self.global_attributes(module).map(|attribute| {
            let r#type = self.inner_path(module, attribute.r#type);
            let declared = self.declared_attribute(&attribute.name);
            let preset = preset(attribute.preset.as_ref());
            quote!(soap::DeclaredAttribute::new::<#r#type>(#declared #preset))
        });
        let types = self.global_types(module).into_iter().map(|(name, id)| {
            let name = self.name(&name);
            if self.model.is_abstract(id) {
                return quote!(soap::DeclaredType::r#abstract(#name));
            }
            let r#type = self.inner_name(module, id, self.naming.r#type(id));
            quote!(soap::DeclaredType::new::<#r#type>(#name))
        });
        let (elements, attributes, types): (Vec<_>, Vec<_>, Vec<_>) =
            (elements.collect(), attributes.collect(), types.collect());
        let ns = (!self.globals_namespaces(module).is_empty()).then(|| {
            quote!(
                use super::ns;
            )
        });
        quote! {
            /// What the contract declares globally, for what stands where it leaves the name open.
            mod declarations {
                #ns

                pub(super) static ALL: soap::Declarations = soap::Declarations {
                    elements: &[#(#elements),*],
                    attributes: &[#(#attributes),*],
                    types: &[#(#types),*],
                };
            }
        }
    }

    /// Whether messages of the module may hold what the contract does not name.
    pub(super) fn is_open(&self, module: &str) -> bool {
        let roots = self.model.roots.len();
        (0..roots).any(|root| self.naming.root(root).0 == module)
            && self.contracts_of(module).any(|contract| contract.open)
    }

    /// The namespaces that the declarations of the module name.
    pub(super) fn globals_namespaces(&self, module: &str) -> Vec<String> {
        if !self.is_open(module) {
            return Vec::new();
        }
        let elements = self.global_elements(module).map(|(one, _)| &one.name);
        let attributes = self.global_attributes(module).map(|one| &one.name);
        let types = self.global_types(module);
        let names = elements
            .chain(attributes)
            .chain(types.iter().map(|(name, _)| name));
        let namespaces = names.map(|name| name.namespace.clone());
        namespaces
            .filter(|namespace| !namespace.is_empty())
            .collect()
    }

    /// The contracts whose messages the roots of the module stand for: its own, or all for what several share.
    fn contracts_of(&self, module: &str) -> impl Iterator<Item = &crate::model::Contract> {
        let contracts = self.model.contracts.iter();
        let own = contracts.clone().any(|contract| contract.module == module);
        contracts.filter(move |contract| !own || contract.module == module)
    }

    fn is_global(&self, module: &str, name: &QName) -> bool {
        let mut contracts = self.contracts_of(module).filter(|contract| contract.open);
        contracts.any(|contract| contract.namespaces.contains(&name.namespace))
    }

    fn global_elements(&self, module: &str) -> impl Iterator<Item = (&ElementUse, bool)> {
        let globals = self.model.globals.elements.iter();
        globals
            .filter(move |(name, _)| self.is_global(module, name))
            .map(|(_, global)| (&global.element, global.r#abstract))
    }

    fn global_attributes(&self, module: &str) -> impl Iterator<Item = &Attribute> {
        let globals = self.model.globals.attributes.iter();
        globals
            .filter(move |(name, _)| self.is_global(module, name))
            .map(|(_, attribute)| attribute)
    }

    /// In the order of their names.
    fn global_types(&self, module: &str) -> Vec<(QName, TypeId)> {
        let mut types: Vec<(QName, TypeId)> = self
            .model
            .ids()
            .filter(|id| {
                let r#type = &self.model[*id];
                let group = matches!(r#type.definition, Definition::Group(_));
                r#type.name.kind == NameKind::Type && !r#type.made && !group
            })
            .map(|id| (self.type_name(id), id))
            // What a type was before it was redefined has no name that a message can say.
            .filter(|(name, _)| !name.local.contains(' ') && self.is_global(module, name))
            .collect();
        types.sort();
        types
    }

    /// The Rust type of the global element `element`, from within a module inside `module`.
    pub(super) fn content_type(&self, module: &str, element: &ElementUse) -> TokenStream {
        let r#type = self.inner_path(module, element.r#type);
        if element.nillable {
            quote!(soap::Nillable<#r#type>)
        } else {
            r#type
        }
    }

    fn inner_path(&self, module: &str, r#type: TypeRef) -> TokenStream {
        match r#type {
            TypeRef::Builtin(builtin) => super::builtin_type(builtin),
            TypeRef::Defined(id) => self.inner_name(module, id, self.naming.held(id)),
        }
    }

    /// The path of `name`, one of the names of the type `id`, from within a module inside `module`.
    fn inner_name(&self, module: &str, id: TypeId, name: &str) -> TokenStream {
        let path = self.path(module, id, name);
        quote!(super::#path)
    }
}
