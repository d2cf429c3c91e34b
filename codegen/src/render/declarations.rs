//! What a contract declares globally, where it leaves names open or `xsi:type` may name simple types: a line a declaration.

use proc_macro2::TokenStream;
use quote::quote;

use super::Renderer;
use super::complex::preset;
use crate::load::{QName, XSD};
use crate::model::{Attribute, Definition, ElementUse, NameKind, TypeId, TypeRef};

impl Renderer<'_> {
    /// `mod declarations`: what stands where the contract leaves a name open is looked up in it, and what `xsi:type` names.
    pub(super) fn declarations(&self, module: &str) -> TokenStream {
        if !self.is_declared(module) {
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
            let base = self.simple_base(id).map(|base| {
                let base = self.name(&base);
                quote!(.derived_from(#base))
            });
            let members = self.union_members(id);
            let members = members.iter().map(|member| self.name(member));
            let union = (members.len() > 0).then(|| quote!(.union_of(&[#(#members),*])));
            quote!(soap::DeclaredType::new::<#r#type>(#name) #base #union)
        });
        let (elements, attributes, types): (Vec<_>, Vec<_>, Vec<_>) =
            (elements.collect(), attributes.collect(), types.collect());
        let ns = (!self.globals_namespaces(module).is_empty()).then(|| {
            quote!(
                use super::ns;
            )
        });
        quote! {
            /// What the contract declares globally, for what stands where it leaves the name open, and what `xsi:type` names.
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

    /// Whether messages of the module may hold what the contract does not name, or name a type of its own for a value.
    pub(super) fn is_declared(&self, module: &str) -> bool {
        let roots = self.model.roots.len();
        (0..roots).any(|root| self.naming.root(root).0 == module)
            && (self.contracts_of(module).any(|contract| contract.open)
                || !self.global_types(module).is_empty())
    }

    /// The namespaces that the declarations of the module name.
    pub(super) fn globals_namespaces(&self, module: &str) -> Vec<String> {
        if !self.is_declared(module) {
            return Vec::new();
        }
        let elements = self.global_elements(module).map(|(one, _)| &one.name);
        let attributes = self.global_attributes(module).map(|one| &one.name);
        let types = self.global_types(module);
        let related = types.iter().flat_map(|(_, id)| {
            let base = self.simple_base(*id).into_iter();
            base.chain(self.union_members(*id))
        });
        let names = elements
            .chain(attributes)
            .chain(types.iter().map(|(name, _)| name))
            .cloned()
            .chain(related);
        let namespaces = names.map(|name| name.namespace);
        namespaces
            .filter(|namespace| !namespace.is_empty() && namespace != XSD)
            .collect()
    }

    /// The contracts whose messages the roots of the module stand for: its own, or all for what several share.
    fn contracts_of(&self, module: &str) -> impl Iterator<Item = &crate::model::Contract> {
        let contracts = self.model.contracts.iter();
        let own = contracts.clone().any(|contract| contract.module == module);
        contracts.filter(move |contract| !own || contract.module == module)
    }

    /// Whether a contract of the module declares the name and leaves others open.
    fn is_global(&self, module: &str, name: &QName) -> bool {
        self.declaring(module, name).any(|contract| contract.open)
    }

    /// Whether a contract of the module declares the name.
    fn is_own(&self, module: &str, name: &QName) -> bool {
        self.declaring(module, name).next().is_some()
    }

    fn declaring(
        &self,
        module: &str,
        name: &QName,
    ) -> impl Iterator<Item = &crate::model::Contract> {
        let contracts = self.contracts_of(module);
        contracts.filter(|contract| contract.namespaces.contains(&name.namespace))
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

    /// Those with values alone, and all where the contract leaves names open; in the order of their names.
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
            .filter(|(name, id)| {
                let values = self.model.is_text(*id) && self.is_own(module, name);
                // What a type was before it was redefined has no name that a message can say.
                !name.local.contains(' ') && (values || self.is_global(module, name))
            })
            .collect();
        types.sort();
        types
    }

    /// The simple type, or the one with simple content, that the type `id` is derived from (XSD 1.0 Part 1, 3.14.6).
    fn simple_base(&self, id: TypeId) -> Option<QName> {
        let mut base = self.model.text_base(id)?;
        loop {
            match base {
                TypeRef::Builtin(builtin) => return Some(QName::new(XSD, builtin.name())),
                TypeRef::Defined(id) => {
                    let name = self.type_name(id);
                    if self.model[id].name.kind == NameKind::Type && !name.local.contains(' ') {
                        return Some(name);
                    }
                    base = self.model.text_base(id)?;
                }
            }
        }
    }

    /// The members of the union `id` that have names.
    fn union_members(&self, id: TypeId) -> Vec<QName> {
        let Definition::Union(members) = &self.model[id].definition else {
            return Vec::new();
        };
        let name = |member: &TypeRef| match member {
            TypeRef::Builtin(builtin) => Some(QName::new(XSD, builtin.name())),
            TypeRef::Defined(id) => {
                let is_named = self.model[*id].name.kind == NameKind::Type;
                is_named.then(|| self.type_name(*id))
            }
        };
        members.iter().filter_map(name).collect()
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
