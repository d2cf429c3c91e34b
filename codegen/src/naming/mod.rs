//! Which module each type goes to, and what it and its parts are called there.

mod items;
mod members;
mod namespaces;

use std::collections::BTreeMap;

pub(crate) use self::items::Item;
use self::items::{ItemNames, item_names, method_names};
use self::members::member_names;
use self::namespaces::namespace_names;
use crate::config::{Config, Names};
use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::load::{QName, catalogue};
use crate::model::{Model, Operation, PortType, TypeId};
use crate::names::{Candidate, constant_name, distinct};

/// The names of everything in a model.
#[derive(Debug)]
pub(crate) struct Naming {
    modules: Vec<String>,
    types: Vec<String>,
    /// The enums over a type and those derived from it; an abstract type has no other name.
    polymorphic: BTreeMap<TypeId, String>,
    /// By module, kind and XML name.
    items: BTreeMap<(String, Item, QName), String>,
    /// By module, port type and label.
    methods: BTreeMap<String, BTreeMap<(QName, String), String>>,
    /// Fields of structs and variants of enums by type, in the order of the model: attributes, then content.
    members: Vec<Vec<String>>,
    /// Constants of root elements, by root.
    roots: Vec<String>,
    root_modules: Vec<String>,
    /// Prefix and constant of each namespace.
    namespaces: BTreeMap<String, (String, String)>,
}

impl Naming {
    /// Names all of `model`.
    pub(crate) fn new(model: &Model, config: &Config) -> Result<Self, Error> {
        let mut findings = Findings::default();
        let owners = owners(model, config, &mut findings);
        let module_of = |namespace: &str| owners.get(namespace).cloned().unwrap_or_default();
        let modules: Vec<String> = model
            .types
            .iter()
            .map(|r#type| module_of(&r#type.name.namespace))
            .collect();
        let ItemNames {
            types,
            polymorphic,
            items,
        } = item_names(model, config, &modules);
        let members = model
            .ids()
            .map(|id| member_names(model, id, overrides(config, &modules[id.0])))
            .collect();
        let contracts = model.contracts.iter();
        let methods = contracts.map(|contract| {
            let given = overrides(config, &contract.module);
            (contract.module.clone(), method_names(contract, given))
        });
        let (roots, root_modules) = root_names(model, &module_of);
        findings.finish(Self {
            namespaces: namespace_names(model),
            modules,
            types,
            polymorphic,
            items,
            methods: methods.collect(),
            members,
            roots,
            root_modules,
        })
    }

    /// The module that the type is emitted in.
    pub(crate) fn module(&self, id: TypeId) -> &str {
        &self.modules[id.0]
    }

    /// The type's name in its module.
    pub(crate) fn r#type(&self, id: TypeId) -> &str {
        &self.types[id.0]
    }

    /// The name of what an element of the type holds: the enum over the derived types, where there are some.
    pub(crate) fn held(&self, id: TypeId) -> &str {
        self.polymorphic
            .get(&id)
            .map_or(&self.types[id.0], |name| name)
    }

    /// The name of what the contract of `module` makes of `xml`.
    pub(crate) fn item(&self, module: &str, item: Item, xml: &QName) -> &str {
        let key = (module.to_owned(), item, xml.clone());
        self.items.get(&key).map_or("", String::as_str)
    }

    /// The method of an operation of `port_type`.
    pub(crate) fn method(&self, module: &str, port_type: &PortType, operation: &Operation) -> &str {
        let key = (port_type.name.clone(), operation.label.clone());
        let methods = self.methods.get(module);
        methods
            .and_then(|methods| methods.get(&key))
            .map_or("", String::as_str)
    }

    /// The names of the type's fields or variants.
    pub(crate) fn members(&self, id: TypeId) -> &[String] {
        &self.members[id.0]
    }

    /// The constant of the root element, and the module that it is emitted in.
    pub(crate) fn root(&self, index: usize) -> (&str, &str) {
        (&self.root_modules[index], &self.roots[index])
    }

    /// The prefix that `namespace` is written with, and the name of its constant.
    pub(crate) fn namespace(&self, namespace: &str) -> (&str, &str) {
        self.namespaces
            .get(namespace)
            .map_or(("", "NONE"), |(prefix, constant)| (prefix, constant))
    }
}

/// Whether an override of `Type/Field` is for the anonymous type of the field, and not for the field.
fn names_type(given: &str) -> bool {
    given.starts_with(char::is_uppercase)
}

/// The overrides that hold in `module`.
pub(crate) fn overrides<'c>(config: &'c Config, module: &str) -> &'c Names {
    static NONE: Names = Names::new();
    let shared = config.shared.iter().find(|shared| shared.module == module);
    let contract = config
        .contracts
        .iter()
        .find(|contract| contract.module == module);
    shared
        .map(|shared| &shared.names)
        .or(contract.map(|contract| &contract.names))
        .unwrap_or(&NONE)
}

/// The module of each namespace: that of the one contract that uses it, or the shared one that claims it.
fn owners(model: &Model, config: &Config, findings: &mut Findings) -> BTreeMap<String, String> {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for shared in &config.shared {
        for namespace in &shared.namespaces {
            owners.insert(namespace.clone(), shared.module.clone());
        }
    }
    let claimed: Vec<String> = owners.keys().cloned().collect();
    for contract in &model.contracts {
        for namespace in contract.namespaces.iter().filter(|n| !claimed.contains(n)) {
            let owner = owners
                .entry(namespace.clone())
                .or_insert_with(|| contract.module.clone());
            // What the catalogue adds to every contract is emitted with the first that uses it.
            if *owner != contract.module && !catalogue::knows(namespace) {
                let message = format!(
                    "the contracts `{owner}` and `{}` both use the namespace `{namespace}`",
                    contract.module
                );
                findings.keep::<()>(Err(Diagnostic::new(message).help(
                    "list it under [[shared]] in contracts.toml: its types are then emitted once, for both",
                )));
            }
        }
    }
    owners
}

/// The constants of the root elements, and the modules that they are emitted in: those of their namespaces.
fn root_names(model: &Model, module_of: &dyn Fn(&str) -> String) -> (Vec<String>, Vec<String>) {
    let modules: Vec<String> = model
        .roots
        .iter()
        .map(|root| module_of(&root.element.name.namespace))
        .collect();
    let wishes = model
        .roots
        .iter()
        .zip(&modules)
        .enumerate()
        .map(|(index, (root, module))| {
            let name: &QName = &root.element.name;
            let candidate = Candidate {
                // A constant is told apart within its module only, where `ALL` is the list of them.
                name: match constant_name(&name.local).as_str() {
                    "ALL" => format!("{module} ALL_"),
                    constant => format!("{module} {constant}"),
                },
                rank: 0,
                suffix: "_",
            };
            ((name.clone(), index), candidate)
        });
    let mut names = vec![String::new(); model.roots.len()];
    for ((_, index), name) in distinct(wishes) {
        names[index] = name.split(' ').next_back().unwrap_or_default().to_owned();
    }
    (names, modules)
}
