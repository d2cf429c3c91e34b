//! From syntax to the contract model: every name is looked up, every inherited field written out.
//!
//! All contracts are resolved into one model, so that what two of them share is one type. A component that two documents
//! declare must be the same in both.

mod action;
mod attributes;
mod binding;
mod block;
mod complex;
mod globals;
mod item;
mod message;
mod operation;
mod particles;
mod service;
mod simple;
mod symbols;
mod variant;
mod written_out;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::simple::white_space_of;
use self::symbols::{Global, Symbols};
use crate::config::ContractConfig;
use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::load::{Element, QName, Sources, XSD};
use crate::model::{Builtin, Definition, Model, NameKind, Type, TypeId, TypeName, TypeRef};
use crate::syntax::wsdl::{Definitions, Oddities};
use crate::syntax::xsd::{Schema, documentation, mistakes, xs};

/// The most references to groups that a type may have written out: groups that refer to others twice double each time.
const WRITTEN_OUT: usize = 4096;
/// How deep groups may nest, and types build on each other.
const NESTED: usize = 128;

/// Reads the documents of all `contracts` from `sources` and resolves them.
pub(crate) fn resolve(sources: &mut Sources, contracts: &[ContractConfig]) -> Result<Model, Error> {
    let (symbols, mut variants) = read(sources, contracts)?;
    let warnings = variants
        .iter_mut()
        .flat_map(|v| std::mem::take(&mut v.loaded.warnings));
    let model = Model {
        warnings: warnings.collect(),
        ..Model::default()
    };
    let mut findings = Findings::default();
    let mut resolver = Resolver {
        symbols: &symbols,
        slots: Vec::new(),
        by_name: BTreeMap::new(),
        inside: Vec::new(),
        written_out: 0,
        open: 0,
        entered: BTreeSet::new(),
        model,
    };
    for contract in contracts {
        let of_contract: Vec<&variant::Variant> = variants
            .iter()
            .filter(|variant| variant.module == contract.module)
            .collect();
        resolver.contract(contract, &of_contract, &mut findings);
    }
    resolver.finish(findings)
}

/// Reads all documents and enters their global components.
fn read(
    sources: &mut Sources,
    contracts: &[ContractConfig],
) -> Result<(Symbols, Vec<variant::Variant>), Error> {
    let mut findings = Findings::default();
    let mut symbols = Symbols::default();
    let mut variants = Vec::new();
    for contract in contracts {
        for (name, file) in &contract.variants {
            let Some(mut loaded) = findings.keep(sources.load(file)) else {
                continue;
            };
            for source in &loaded.schemas {
                loaded.warnings.extend(mistakes(&source.element));
            }
            for source in &loaded.schemas {
                if let Some(schema) = findings.keep(Schema::read(source.clone())) {
                    findings.keep(symbols.add(schema));
                }
            }
            for definitions in &loaded.definitions {
                let oddities = Oddities::of(definitions);
                loaded.warnings.extend(oddities.warnings);
                for refusal in oddities.refusals {
                    findings.keep::<()>(Err(refusal));
                }
            }
            let read = loaded.definitions.iter().map(Definitions::read);
            let mut definitions: Vec<_> = read.filter_map(|read| findings.keep(read)).collect();
            let settled = findings.keep(variant::settle(&mut definitions));
            loaded.warnings.extend(settled.unwrap_or_default());
            loaded.warnings.extend(variant::prefixed(&mut definitions));
            variants.push(variant::Variant {
                module: contract.module.clone(),
                name: name.clone(),
                definitions,
                loaded,
            });
        }
    }
    for circle in symbols.circles() {
        findings.keep::<()>(Err(circle));
    }
    findings.finish((symbols, variants))
}

/// Where a type or another component stands: its name, its schema, its element.
#[derive(Clone)]
struct Origin {
    name: TypeName,
    schema: usize,
    element: Element,
}

impl Origin {
    /// The global component `name`; `mark` keeps the kinds of components apart in the names of what is inside them.
    fn global(mark: &str, name: &QName, global: &Global) -> Self {
        Self {
            name: TypeName {
                namespace: name.namespace.clone(),
                path: vec![format!("{mark}{}", name.local)],
                kind: NameKind::Anonymous,
            },
            schema: global.schema,
            element: global.element.clone(),
        }
    }
}

#[derive(Clone, Copy)]
enum TypeSyntax<'s> {
    Simple(&'s xs::SimpleBaseType),
    Complex(&'s xs::ComplexBaseType),
}

/// How far a type has come.
enum Slot<'s> {
    /// Named, not yet read.
    Known(Box<Origin>, TypeSyntax<'s>),
    /// Being read: to meet it again as a base is a circle.
    Open,
    Done(Box<Type>),
    Refused(Diagnostic),
}

/// The work in hand.
struct Resolver<'s> {
    symbols: &'s Symbols,
    /// By type id.
    slots: Vec<Slot<'s>>,
    by_name: BTreeMap<TypeName, TypeId>,
    /// The named groups that are open, to find circles.
    inside: Vec<QName>,
    /// How many references to groups the type in hand has written out.
    written_out: usize,
    /// How many types are open, each of which builds on the next.
    open: usize,
    /// The namespaces of which all global components have been entered.
    entered: BTreeSet<String>,
    model: Model,
}

impl<'s> Resolver<'s> {
    fn schema(&self, index: usize) -> &'s Schema {
        let symbols: &'s Symbols = self.symbols;
        &symbols.schemas[index]
    }

    /// The type that the attribute `attribute` of `element`, in schema `schema`, names.
    fn type_at(
        &mut self,
        schema: usize,
        element: &Element,
        attribute: &str,
    ) -> Result<TypeRef, Diagnostic> {
        let written = element.required(attribute)?;
        let name = self.schema(schema).refer(element, written)?;
        self.type_called(&name, element)
    }

    /// The global or built-in type `name`, which `element` refers to.
    fn type_called(&mut self, name: &QName, element: &Element) -> Result<TypeRef, Diagnostic> {
        if name.namespace == XSD {
            return Builtin::named(&name.local)
                .map(TypeRef::Builtin)
                .ok_or_else(|| {
                    let message = format!("`xs:{}` cannot be carried", name.local);
                    Diagnostic::at(element.place(), message)
                        .help("give the element a type that says what it holds")
                });
        }
        let global = self
            .symbols
            .types
            .get(name)
            .ok_or_else(|| unknown("type", name, element))?;
        let symbols: &'s Symbols = self.symbols;
        let syntax = match symbols.syntax(global) {
            xs::SchemaContent::SimpleType(syntax) => TypeSyntax::Simple(syntax),
            xs::SchemaContent::ComplexType(syntax) => TypeSyntax::Complex(syntax),
            _ => return Err(unknown("type", name, element)),
        };
        let mut origin = Origin::global("", name, global);
        origin.name.kind = NameKind::Type;
        Ok(self.reserve(origin, syntax))
    }

    /// The type at `origin`, new or known.
    fn reserve(&mut self, origin: Origin, syntax: TypeSyntax<'s>) -> TypeRef {
        if let Some(id) = self.by_name.get(&origin.name) {
            return TypeRef::Defined(*id);
        }
        let id = TypeId(self.slots.len());
        self.by_name.insert(origin.name.clone(), id);
        self.slots.push(Slot::Known(Box::new(origin), syntax));
        TypeRef::Defined(id)
    }

    /// The type `id`, read now if it has not been; `user` is the element that builds on it.
    fn defined(&mut self, id: TypeId, user: &Element) -> Result<&Type, Diagnostic> {
        self.define(id);
        match &self.slots[id.0] {
            Slot::Done(r#type) => Ok(r#type),
            Slot::Refused(diagnostic) => Err(diagnostic.clone()),
            Slot::Open | Slot::Known(..) => Err(Diagnostic::at(
                user.place(),
                "a type is derived from itself",
            )),
        }
    }

    /// Reads the type `id` unless that is done or under way.
    fn define(&mut self, id: TypeId) {
        let (origin, syntax) = match std::mem::replace(&mut self.slots[id.0], Slot::Open) {
            Slot::Known(origin, syntax) => (origin, syntax),
            other => {
                self.slots[id.0] = other;
                return;
            }
        };
        let depth = self.inside.len();
        let written_out = std::mem::take(&mut self.written_out);
        self.open += 1;
        let definition = match syntax {
            _ if self.open > NESTED => {
                let message = format!("types build on each other more than {NESTED} deep");
                Err(Diagnostic::at(origin.element.place(), message))
            }
            TypeSyntax::Simple(syntax) => self.simple(&origin, syntax),
            TypeSyntax::Complex(syntax) => self.complex(&origin, syntax).map(Definition::Complex),
        };
        self.inside.truncate(depth);
        self.written_out = written_out;
        self.open -= 1;
        self.slots[id.0] = match definition {
            Ok(definition) => Slot::Done(Box::new(typed(&origin, origin.name.clone(), definition))),
            Err(diagnostic) => Slot::Refused(diagnostic),
        };
    }

    /// Enters a type that was made inside `owner`: a group of its content model, or a restriction of its text.
    fn enter(
        &mut self,
        owner: &Origin,
        part: &str,
        kind: NameKind,
        definition: Definition,
    ) -> TypeId {
        let mut name = owner.name.inner(part, kind);
        let mut number = 1;
        while self.by_name.contains_key(&name) {
            number += 1;
            name = owner.name.inner(&format!("{part}{number}"), kind);
        }
        self.enter_named(owner, name, definition)
    }

    /// Enters a type under a name that is free.
    fn enter_named(&mut self, owner: &Origin, name: TypeName, definition: Definition) -> TypeId {
        let id = TypeId(self.slots.len());
        self.by_name.insert(name.clone(), id);
        let mut made = typed(owner, name, definition);
        made.documentation.clear();
        made.made = true;
        self.slots.push(Slot::Done(Box::new(made)));
        id
    }

    /// Gives a type that was entered its definition.
    fn complete(&mut self, id: TypeId, definition: Definition) {
        if let Slot::Done(r#type) = &mut self.slots[id.0] {
            r#type.definition = definition;
        }
    }

    /// Opens the named group `name`, which `element` refers to, unless it is open already.
    fn open_group(
        &mut self,
        name: &QName,
        global: &Global,
        element: &Element,
    ) -> Result<Origin, Diagnostic> {
        if self.inside.contains(name) {
            let message = format!("the group `{name}` contains itself");
            return Err(Diagnostic::at(element.place(), message));
        }
        self.written_out += 1;
        if self.written_out > WRITTEN_OUT || self.inside.len() >= NESTED {
            let message = format!("the group `{name}` is one too many in its type");
            let help = format!(
                "a type refers to at most {WRITTEN_OUT} groups, {NESTED} inside each other, those of groups counted"
            );
            return Err(Diagnostic::at(element.place(), message).help(help));
        }
        self.inside.push(name.clone());
        Ok(Origin::global("#", name, global))
    }

    /// Reads every type that has been named, those that they name in turn included, and moves them into the model.
    fn finish(mut self, mut findings: Findings) -> Result<Model, Error> {
        let mut next = 0;
        loop {
            while next < self.slots.len() {
                self.define(TypeId(next));
                next += 1;
            }
            self.name_derived();
            if next == self.slots.len() && self.entered.is_empty() {
                self.model.named = next;
            }
            if next == self.slots.len() && !self.enter_globals(&mut findings) {
                break;
            }
        }
        self.model.derived = self.derived();
        for slot in self.slots {
            match slot {
                Slot::Done(r#type) => self.model.types.push(*r#type),
                Slot::Refused(diagnostic) => {
                    findings.keep::<()>(Err(diagnostic));
                }
                Slot::Known(..) | Slot::Open => {}
            }
        }
        for id in self.model.ids() {
            if self.model.is_member_of_itself(id) {
                let r#type = &self.model[id];
                let told = Diagnostic::at(r#type.place.clone(), "a union that is its own member");
                findings.keep::<()>(Err(told.help("XSD 1.0 Part 1, 3.14.3, src-simple-type.4")));
            }
        }
        let warnings = self.model.warnings.clone();
        let finished = findings.finish(self.model);
        finished.map_err(|error| error.beside(warnings))
    }
}

impl Resolver<'_> {
    /// Names every global type that is derived from a type that is in use: `xsi:type` may name it in a message.
    fn name_derived(&mut self) {
        let symbols = self.symbols;
        loop {
            let before = self.slots.len();
            for (name, global) in &symbols.types {
                let used = symbols.base_of(global).is_some_and(|base| {
                    self.by_name.contains_key(&TypeName {
                        namespace: base.namespace,
                        path: vec![base.local],
                        kind: NameKind::Type,
                    })
                });
                if used {
                    // A type that cannot be read is told of when it is.
                    let _ = self.type_called(name, &global.element);
                }
            }
            if self.slots.len() == before {
                return;
            }
        }
    }

    /// The complex types that may take the place of each complex type, in the order of their names.
    fn derived(&self) -> BTreeMap<TypeId, Vec<TypeId>> {
        let base_of = |id: TypeId| match &self.slots[id.0] {
            Slot::Done(r#type) => match &r#type.definition {
                Definition::Complex(complex) => complex.base,
                _ => None,
            },
            Slot::Known(..) | Slot::Open | Slot::Refused(_) => None,
        };
        let mut derived: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
        for (name, id) in &self.by_name {
            let mut methods = Vec::new();
            let mut derivation = *id;
            while let Some(known) = base_of(derivation).filter(|_| name.kind == NameKind::Type) {
                methods.extend(
                    self.global_name(derivation)
                        .and_then(|name| self.symbols.method(&name)),
                );
                let base = self.global_name(known);
                if base.is_none_or(|base| !self.symbols.type_blocks(&base, &methods)) {
                    derived.entry(known).or_default().push(*id);
                }
                derivation = known;
            }
        }
        derived
    }

    /// The name that the global type `id` has in its schema.
    fn global_name(&self, id: TypeId) -> Option<QName> {
        let Slot::Done(r#type) = &self.slots[id.0] else {
            return None;
        };
        let TypeName {
            namespace,
            path,
            kind,
        } = &r#type.name;
        let local = path.first().filter(|_| *kind == NameKind::Type)?;
        Some(QName::new(namespace.as_str(), local.as_str()))
    }
}

/// The type `name` with `definition`, which stands at `origin`.
fn typed(origin: &Origin, name: TypeName, definition: Definition) -> Type {
    Type {
        name,
        documentation: documentation(&origin.element),
        file: origin.element.document().name.clone(),
        place: origin.element.place(),
        made: false,
        definition,
    }
}

/// The finding that `element` refers to something that no document declares.
fn unknown(kind: &str, name: &QName, element: &Element) -> Diagnostic {
    Diagnostic::at(element.place(), format!("no {kind} `{name}` is declared"))
        .help("check the prefix, and that the document which declares it is imported or included")
}
