//! Simple types: an alias where nothing is restricted, an enum for codes, else a newtype with a private field.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{docs, docs_after};
use super::repr::{Repr, patterns};
use super::{Renderer, builtin_type, ident};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Definition, EnumerationValue, Facets, NameKind, Simple, Type, TypeId, TypeRef, Variety,
    WhiteSpace,
};
use crate::names::constant_name;
use crate::resolve::white_space_of;

/// How many values of an enumeration the documentation of a newtype tells.
const TOLD: usize = 50;

impl Renderer<'_> {
    pub(super) fn simple(&self, id: TypeId, simple: &Simple) -> Result<TokenStream, Diagnostic> {
        let repr = Repr::of(simple);
        if self.is_alias(id) {
            return Ok(self.alias(id, simple, repr));
        }
        match repr {
            Repr::Enumeration => Ok(self.enumeration(id, simple)),
            _ => self.newtype(id, simple, repr),
        }
    }

    /// Whether the type becomes an alias: it adds nothing to its base, or says what a type of the runtime says.
    pub(super) fn is_alias(&self, id: TypeId) -> bool {
        let r#type = &self.model[id];
        let Definition::Simple(simple) = &r#type.definition else {
            return false;
        };
        !self.is_personal(r#type) && (simple.renames || Repr::of(simple) == Repr::Uuid)
    }

    fn alias(&self, id: TypeId, simple: &Simple, repr: Repr) -> TokenStream {
        let name = ident(self.naming.r#type(id));
        let docs = docs(
            &self.model[id].documentation,
            &self.facts(id, &facet_words(&simple.facets)),
        );
        let base = match (repr, simple.base) {
            (Repr::List(_), _) | (Repr::Uuid, TypeRef::Builtin(_)) => self.held(id, repr),
            (_, base) => self.rust_type(self.naming.module(id), base),
        };
        quote! {
            #docs
            pub type #name = #base;
        }
    }

    /// The Rust type that the field of a newtype has.
    fn held(&self, id: TypeId, repr: Repr) -> TokenStream {
        match repr {
            Repr::Builtin(builtin) => builtin_type(builtin),
            Repr::Written(builtin) => {
                let builtin = builtin_type(builtin);
                quote!(soap::AsWritten<#builtin>)
            }
            Repr::Digits(count) => {
                let count = proc_macro2::Literal::usize_unsuffixed(count);
                quote!(soap::Digits<#count>)
            }
            Repr::Uuid => quote!(soap::Uuid),
            Repr::Long => quote!(i64),
            Repr::List(item) => {
                let item = self.rust_type(self.naming.module(id), item);
                quote!(soap::List<#item>)
            }
            Repr::Union(union) => self.rust_type(self.naming.module(id), TypeRef::Defined(union)),
            Repr::Enumeration => quote!(String),
        }
    }

    fn newtype(&self, id: TypeId, simple: &Simple, repr: Repr) -> Result<TokenStream, Diagnostic> {
        let r#type = &self.model[id];
        let name = ident(self.naming.r#type(id));
        let held = self.held(id, repr);
        let docs = docs(
            &r#type.documentation,
            &self.facts(id, &facet_words(&simple.facets)),
        );
        let personal = self.is_personal(r#type);
        let derives = self.derives(id, repr, personal);
        let debug = personal.then(|| masked(&name));
        let (serial, as_text) = self.serial_newtype(id, simple, &held);
        let white_space = white_space(white_space_of(simple));
        let type_constant = self.type_constant(id);
        let value_doc = format!(" The value, as {}.", article(repr));
        let facets = facets(simple, repr, &r#type.place)?;
        let checked = match facets {
            None => quote! {
                impl From<#held> for #name {
                    fn from(value: #held) -> Self {
                        Self(value)
                    }
                }
            },
            Some(_) => {
                let rules = self.rules(id);
                quote! {
                    impl TryFrom<#held> for #name {
                        type Error = soap::Rule;

                        fn try_from(value: #held) -> Result<Self, soap::Rule> {
                            #rules.check(value).map(Self)
                        }
                    }
                }
            }
        };
        let parse = match facets {
            None => quote!(<#held as soap::Value>::parse(lexical, scope).map(Self)),
            Some(_) => {
                let rules = self.rules(id);
                match (repr, simple.variety) {
                    (Repr::Long, Variety::Atomic(builtin)) => {
                        let base = builtin_type(builtin);
                        quote!(#rules.parse_bounded::<#base, #held>(lexical, scope).map(Self))
                    }
                    _ => quote!(#rules.parse(lexical, scope).map(Self)),
                }
            }
        };
        let rules = facets.map(|facets| {
            let rules = self.rules(id);
            quote!(static #rules: soap::Facets = #facets;)
        });
        Ok(quote! {
            #docs
            #derives
            #serial
            pub struct #name(#held);

            #debug

            #rules

            impl #name {
                #[doc = #value_doc]
                pub const fn value(&self) -> &#held {
                    &self.0
                }
            }

            impl soap::Value for #name {
                #type_constant
                const WHITE_SPACE: soap::WhiteSpace = #white_space;

                fn parse(lexical: &str, scope: &soap::Scope<'_>) -> Result<Self, soap::Rule> {
                    #parse
                }

                fn write(&self, text: &mut soap::Text<'_>) {
                    soap::Value::write(&self.0, text);
                }
            }

            #checked

            #as_text

            impl std::str::FromStr for #name {
                type Err = soap::Rule;

                fn from_str(lexical: &str) -> Result<Self, soap::Rule> {
                    soap::from_lexical(lexical)
                }
            }
        })
    }

    /// The static that holds the facets of a newtype; a name of one capital is that of its type already.
    fn rules(&self, id: TypeId) -> proc_macro2::Ident {
        let name = self.naming.r#type(id);
        let constant = constant_name(name);
        if constant == name {
            ident(&format!("{constant}_"))
        } else {
            ident(&constant)
        }
    }

    fn derives(&self, id: TypeId, repr: Repr, personal: bool) -> TokenStream {
        let debug = (!personal).then(|| quote!(Debug,));
        let copy = repr.is_copy().then(|| quote!(Copy,));
        let eq = self.reach.is_eq(id).then(|| quote!(, Eq));
        let hash =
            matches!(repr, Repr::Digits(_) | Repr::Uuid | Repr::Long).then(|| quote!(, Hash));
        quote!(#[derive(Clone, #copy #debug PartialEq #eq #hash)])
    }

    /// A code list.
    fn enumeration(&self, id: TypeId, simple: &Simple) -> TokenStream {
        let r#type = &self.model[id];
        let name = ident(self.naming.r#type(id));
        let values = &simple.facets.enumeration;
        let variants = self.member_idents(id);
        let codes: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
        let count = proc_macro2::Literal::usize_unsuffixed(values.len());
        let texts = values
            .iter()
            .map(|value| value.documentation.first().map_or("", String::as_str));
        let variant_docs = values.iter().map(code_docs);
        let serial = self.serial(&TokenStream::new());
        let serial_codes = codes.iter().map(|code| self.serial_name(code));
        let type_constant = self.type_constant(id);
        let docs = docs(&r#type.documentation, &self.facts(id, ""));
        let white_space = white_space(white_space_of(simple));
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #serial
            pub enum #name {
                #(#variant_docs #serial_codes #variants,)*
            }

            impl #name {
                /// Every value, in the order of the contract.
                pub const ALL: [Self; #count] = [#(Self::#variants),*];

                /// The code on the wire.
                pub const fn code(self) -> &'static str {
                    match self {
                        #(Self::#variants => #codes,)*
                    }
                }

                /// What the contract says the code means; empty where it says nothing.
                pub const fn text(self) -> &'static str {
                    match self {
                        #(Self::#variants => #texts,)*
                    }
                }
            }

            impl soap::Value for #name {
                #type_constant
                const WHITE_SPACE: soap::WhiteSpace = #white_space;

                fn parse(lexical: &str, _: &soap::Scope<'_>) -> Result<Self, soap::Rule> {
                    soap::code_of(lexical, &Self::ALL, Self::code)
                }

                fn write(&self, text: &mut soap::Text<'_>) {
                    text.push(self.code());
                }
            }
        }
    }

    /// A union: the first member that takes a value has it.
    pub(super) fn union(&self, id: TypeId, members: &[TypeRef]) -> TokenStream {
        let r#type = &self.model[id];
        let name = ident(self.naming.r#type(id));
        let docs = docs(
            &r#type.documentation,
            &self.facts(id, "the first of these that fits"),
        );
        let variants = self.member_idents(id);
        let types = members
            .iter()
            .map(|member| self.rust_type(self.naming.module(id), *member));
        let types: Vec<_> = types.collect();
        let serial = self.serial(&quote!(untagged));
        let serial_members = members.iter().map(|member| self.serial_member(*member));
        let variant_docs = types.iter().map(|held| {
            let text = format!(" A value of `{}`.", held.to_string().replace(' ', ""));
            quote!(#[doc = #text])
        });
        let eq = self.reach.is_eq(id).then(|| quote!(, Eq));
        let type_constant = self.type_constant(id);
        // What an earlier member takes is none of a later one (XSD 1.0 Part 2, 2.5.1.3).
        let writes = types.iter().enumerate().map(|(index, _)| {
            let earlier = &types[..index];
            if earlier.is_empty() {
                quote!(soap::Value::write(value, text))
            } else {
                quote!(text.member(value, &[#(soap::takes::<#earlier>),*]))
            }
        });
        quote! {
            #docs
            #[derive(Clone, Debug, PartialEq #eq)]
            #serial
            pub enum #name {
                #(#variant_docs #serial_members #variants(#types),)*
            }

            impl soap::Value for #name {
                #type_constant
                const WHITE_SPACE: soap::WhiteSpace = soap::WhiteSpace::Preserve;

                fn parse(lexical: &str, scope: &soap::Scope<'_>) -> Result<Self, soap::Rule> {
                    #(if let Ok(value) = soap::member(lexical, scope) {
                        return Ok(Self::#variants(value));
                    })*
                    Err(soap::Rule::union())
                }

                fn write(&self, text: &mut soap::Text<'_>) {
                    match self {
                        #(Self::#variants(value) => #writes,)*
                    }
                }
            }

            impl soap::Bounded for #name {
                fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
                    soap::equal(self, other)
                }
            }
        }
    }

    /// Where the type comes from, and `rules` in words.
    pub(super) fn facts(&self, id: TypeId, rules: &str) -> String {
        let r#type = &self.model[id];
        let name = r#type.name.path.join("/");
        let what = match r#type.name.kind {
            NameKind::Type => format!("Type `{name}`"),
            NameKind::Anonymous => format!("The type of `{name}`"),
            NameKind::Message => format!("The parts of `{name}`"),
            NameKind::Group => format!("Part of `{}`", r#type.name.path[..1].join("/")),
        };
        let rules = if rules.is_empty() {
            String::new()
        } else {
            format!(": {rules}")
        };
        format!("{what} in `{}`{rules}.", r#type.file)
    }

    /// Whether `contracts.toml` says that the type's values are personal data.
    fn is_personal(&self, r#type: &Type) -> bool {
        let name = format!("{{{}}}{}", r#type.name.namespace, r#type.name.key());
        self.config.personal.contains(&name)
    }
}

/// The code and its text, then what else the contract says of it.
fn code_docs(value: &EnumerationValue) -> TokenStream {
    let [text, rest @ ..] = value.documentation.as_slice() else {
        return docs(&[], &format!("`{}`", value.value));
    };
    let first = docs_after(&format!("`{}`: ", value.value), text);
    let rest = docs(rest, "");
    if rest.is_empty() {
        first
    } else {
        quote!(#first #[doc = ""] #rest)
    }
}

/// `Debug` for personal data.
fn masked(name: &proc_macro2::Ident) -> TokenStream {
    let text = format!("{name}(…)");
    quote! {
        /// Personal data: the value never prints.
        impl std::fmt::Debug for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(#text)
            }
        }
    }
}

fn article(repr: Repr) -> &'static str {
    match repr {
        Repr::Digits(_) => "its digits",
        Repr::Uuid => "a UUID",
        Repr::Long => "a number",
        Repr::List(_) => "a list",
        Repr::Union(_) => "one of the union's members",
        Repr::Written(_) => "it was written",
        Repr::Builtin(_) | Repr::Enumeration => "the base type has it",
    }
}

fn white_space(white_space: WhiteSpace) -> TokenStream {
    match white_space {
        WhiteSpace::Preserve => quote!(soap::WhiteSpace::Preserve),
        WhiteSpace::Replace => quote!(soap::WhiteSpace::Replace),
        WhiteSpace::Collapse => quote!(soap::WhiteSpace::Collapse),
    }
}

/// `soap::Facets` with what the representation does not imply; none where that is nothing.
fn facets(
    simple: &Simple,
    repr: Repr,
    place: &crate::diagnostic::Place,
) -> Result<Option<TokenStream>, Diagnostic> {
    let f = &simple.facets;
    let mut fields = Vec::new();
    let patterns = patterns(simple, place)?;
    if !patterns.is_empty() && !repr.implies_patterns() {
        let patterns = patterns
            .iter()
            .map(|(xsd, rust)| quote!(soap::Pattern::new(#xsd, #rust)));
        fields.push(quote!(patterns: &[#(#patterns),*]));
    }
    if !f.enumeration.is_empty() {
        let values = f.enumeration.iter().map(|value| &value.value);
        fields.push(quote!(enumeration: &[#(#values),*]));
    }
    let counts = [
        ("length", f.length),
        ("min_length", f.min_length),
        ("max_length", f.max_length),
    ];
    for (name, count) in counts {
        if let Some(count) = count {
            let (name, count) = (ident(name), proc_macro2::Literal::usize_unsuffixed(count));
            fields.push(quote!(#name: Some(#count)));
        }
    }
    let bounds = [
        ("min_inclusive", &f.min_inclusive),
        ("max_inclusive", &f.max_inclusive),
        ("min_exclusive", &f.min_exclusive),
        ("max_exclusive", &f.max_exclusive),
    ];
    for (name, bound) in bounds {
        if let Some(bound) = bound {
            let name = ident(name);
            fields.push(quote!(#name: Some(#bound)));
        }
    }
    for (name, digits) in [
        ("total_digits", f.total_digits),
        ("fraction_digits", f.fraction_digits),
    ] {
        if let Some(digits) = digits {
            let (name, digits) = (ident(name), proc_macro2::Literal::u32_unsuffixed(digits));
            fields.push(quote!(#name: Some(#digits)));
        }
    }
    Ok((!fields.is_empty()).then(|| {
        quote! {
            soap::Facets {
                #(#fields,)*
                ..soap::Facets::NONE
            }
        }
    }))
}

/// The facets in words, as they stand in the documentation.
fn facet_words(f: &Facets) -> String {
    let mut words = Vec::new();
    for step in &f.patterns {
        let patterns: Vec<String> = step
            .iter()
            .map(|p| format!("`{}`", p.replace('`', "'")))
            .collect();
        words.push(format!("pattern {}", patterns.join(" or ")));
    }
    if !f.enumeration.is_empty() {
        let (told, more) = f.enumeration.split_at(f.enumeration.len().min(TOLD));
        let values: Vec<String> = told.iter().map(|v| format!("`{}`", v.value)).collect();
        let more = match more.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        words.push(format!("one of {}{more}", values.join(", ")));
    }
    let mut word = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("{name} `{value}`"));
        }
    };
    word("length", f.length.map(|n| n.to_string()));
    word("minLength", f.min_length.map(|n| n.to_string()));
    word("maxLength", f.max_length.map(|n| n.to_string()));
    word("minInclusive", f.min_inclusive.clone());
    word("maxInclusive", f.max_inclusive.clone());
    word("minExclusive", f.min_exclusive.clone());
    word("maxExclusive", f.max_exclusive.clone());
    word("totalDigits", f.total_digits.map(|n| n.to_string()));
    word("fractionDigits", f.fraction_digits.map(|n| n.to_string()));
    words.join(", ")
}
