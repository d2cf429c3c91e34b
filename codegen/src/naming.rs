//! Which module each type goes to, and what it and its parts are called there.

use std::collections::BTreeMap;

use crate::config::{Config, Names};
use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::load::{QName, catalogue};
use crate::model::{
    Content, Contract, DeclaredFault, Definition, Group, Model, NameKind, Particle, Term, TypeId,
    TypeName, TypeRef,
};
use crate::names::{
    Candidate, constant_name, distinct, field_name, type_name, variant_name, words,
};
use crate::render::signed_headers;

/// The names of everything in a model.
#[derive(Debug)]
pub(crate) struct Naming {
    modules: Vec<String>,
    types: Vec<String>,
    /// The enums over a type and those derived from it; an abstract type has no other name.
    polymorphic: BTreeMap<TypeId, String>,
    /// By module, kind and XML name.
    items: BTreeMap<(String, Item, String), String>,
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
        let (roots, root_modules) = root_names(model, &module_of);
        findings.finish(Self {
            namespaces: namespace_names(model),
            modules,
            types,
            polymorphic,
            items,
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
    pub(crate) fn item(&self, module: &str, item: Item, xml: &str) -> &str {
        let key = (module.to_owned(), item, xml.to_owned());
        self.items.get(&key).map_or("", String::as_str)
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

/// What [`item_names`] finds.
struct ItemNames {
    types: Vec<String>,
    polymorphic: BTreeMap<TypeId, String>,
    items: BTreeMap<(String, Item, String), String>,
}

/// The names of all types of `model`, and of the items that its contracts make.
fn item_names(model: &Model, config: &Config, modules: &[String]) -> ItemNames {
    let mut types = vec![String::new(); model.types.len()];
    let mut polymorphic = BTreeMap::new();
    let mut items = BTreeMap::new();
    for module in config.modules() {
        let given = overrides(config, module);
        let of_types = model.ids().filter(|id| modules[id.0] == module).map(|id| {
            let name = &model[id].name;
            let (rank, suffix) = match name.kind {
                NameKind::Type => (2, "Type"),
                NameKind::Anonymous => (3, "Element"),
                NameKind::Group => (3, "Group"),
            };
            let wish = Wish::Type(name.clone(), id);
            (
                wish,
                candidate(given.get(&name.key()), &name.path.join("_"), rank, suffix),
            )
        });
        let contract = model
            .contracts
            .iter()
            .find(|contract| contract.module == module);
        let of_contract = contract
            .map(|contract| contract_items(model, contract))
            .unwrap_or_default();
        let of_contract = of_contract.into_iter().map(|(item, xml)| {
            let given = given
                .get(&xml)
                .map(|name| format!("{name}{}", item.suffix()));
            let wanted = candidate(
                given.as_ref(),
                &format!("{xml} {}", item.suffix()),
                1,
                item.other(),
            );
            (Wish::Item(item, xml), wanted)
        });
        let concrete = |id: &TypeId| model.is_polymorphic(*id) && !model.is_abstract(*id);
        let over = model
            .ids()
            .filter(|id| modules[id.0] == module)
            .filter(concrete)
            .map(|id| {
                let name = &model[id].name;
                let key = given.get(&name.key()).cloned();
                let stem = key.unwrap_or_else(|| type_name(&name.path.join("_")));
                (
                    Wish::Polymorphic(name.clone(), id),
                    candidate(None, &format!("Any {stem}"), 4, "OrDerived"),
                )
            });
        for (wish, name) in distinct(of_types.chain(of_contract).chain(over)) {
            match wish {
                Wish::Type(_, id) => {
                    if model.is_abstract(id) {
                        polymorphic.insert(id, name.clone());
                    }
                    types[id.0] = name;
                }
                Wish::Polymorphic(_, id) => {
                    polymorphic.insert(id, name);
                }
                Wish::Item(item, xml) => {
                    items.insert((module.to_owned(), item, xml), name);
                }
            }
        }
    }
    ItemNames {
        types,
        polymorphic,
        items,
    }
}

fn candidate(given: Option<&String>, xml: &str, rank: u8, suffix: &'static str) -> Candidate {
    Candidate {
        name: given.cloned().unwrap_or_else(|| type_name(xml)),
        rank: if given.is_some() { 0 } else { rank },
        suffix,
    }
}

/// What the WSDL of `contract` makes, by the XML names.
fn contract_items(model: &Model, contract: &Contract) -> Vec<(Item, String)> {
    let mut items = Vec::new();
    for port_type in &contract.port_types {
        items.push((Item::PortType, port_type.name.local.clone()));
        for operation in &port_type.operations {
            let label = operation.item.clone();
            items.push((Item::Operation, label.clone()));
            let single =
                |faults: &[DeclaredFault]| matches!(faults, [only] if model.is_detail(only.detail));
            if !operation.faults.is_empty() && !single(&operation.faults) {
                items.push((Item::Fault, label.clone()));
            }
            if !operation.input_headers.is_empty() {
                items.push((Item::InputHeaders, label.clone()));
            }
            if !operation.output_headers.is_empty() {
                items.push((Item::OutputHeaders, label));
            }
        }
    }
    for service in &contract.services {
        items.push((Item::Server, service.name.local.clone()));
        items.push((Item::Client, service.name.local.clone()));
    }
    items.sort();
    items.dedup();
    items
}

/// What a contract makes beside its types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    Operation,
    Fault,
    InputHeaders,
    OutputHeaders,
    PortType,
    Server,
    Client,
}

impl Item {
    /// What its name ends in.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Operation | Self::PortType => "",
            Self::Fault => "Fault",
            Self::InputHeaders => "RequestHeaders",
            Self::OutputHeaders => "ResponseHeaders",
            Self::Server => "Server",
            Self::Client => "Client",
        }
    }

    /// What is added where another has the name.
    const fn other(self) -> &'static str {
        match self {
            Self::Operation => "Operation",
            Self::PortType => "PortType",
            Self::Fault
            | Self::InputHeaders
            | Self::OutputHeaders
            | Self::Server
            | Self::Client => "",
        }
    }
}

/// Who wants a name among the types of a module.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    Type(TypeName, TypeId),
    Polymorphic(TypeName, TypeId),
    Item(Item, String),
}

/// The fields of a struct, or the variants of an enum.
fn member_names(model: &Model, id: TypeId, overrides: &Names) -> Vec<String> {
    let r#type = &model[id];
    let key = r#type.name.key();
    let mut wishes: Vec<(String, bool, String)> = Vec::new();
    let mut variants = false;
    match &r#type.definition {
        Definition::Simple(simple) => {
            variants = true;
            for value in &simple.facets.enumeration {
                wishes.push((value.value.clone(), false, variant_name(&value.value)));
            }
        }
        Definition::Union(union) => {
            variants = true;
            for member in union {
                let xml = member_name(model, *member);
                wishes.push((xml.to_owned(), false, variant_name(xml)));
            }
        }
        Definition::Complex(complex) => {
            for attribute in &complex.attributes {
                let local = &attribute.name.local;
                wishes.push((format!("@{local}"), true, field_name(local)));
            }
            if complex.any_attributes.is_some() {
                let name = "any_attributes".to_owned();
                wishes.push(("@*".to_owned(), true, name));
            }
            match &complex.content {
                Content::Empty => {}
                Content::Simple(_) => {
                    wishes.push(("value".to_owned(), false, "value".to_owned()));
                }
                Content::Mixed(_) => {
                    wishes.push(("content".to_owned(), false, "content".to_owned()));
                }
                Content::Sequence(particles) | Content::All(particles) => {
                    wishes.extend(
                        particles
                            .iter()
                            .map(|p| particle_wish(model, p, field_name)),
                    );
                }
            }
        }
        Definition::Group(Group::Choice(particles)) => {
            variants = true;
            wishes.extend(
                particles
                    .iter()
                    .map(|p| particle_wish(model, p, variant_name)),
            );
        }
        Definition::Group(Group::Sequence(particles)) => {
            wishes.extend(
                particles
                    .iter()
                    .map(|p| particle_wish(model, p, field_name)),
            );
        }
    }
    let wishes = wishes
        .into_iter()
        .enumerate()
        .map(|(index, (xml, attribute, name))| {
            let given = overrides.get(&format!("{key}/{xml}"));
            let candidate = Candidate {
                rank: if given.is_some() {
                    0
                } else {
                    1 + u8::from(attribute)
                },
                name: given.cloned().unwrap_or(name),
                suffix: match (attribute, variants) {
                    (true, _) => "_attribute",
                    (false, true) => "",
                    (false, false) => "_",
                },
            };
            (index, candidate)
        });
    distinct(wishes).into_values().collect()
}

/// What a member of a union is called: its type's name.
fn member_name(model: &Model, member: TypeRef) -> &str {
    match member {
        TypeRef::Builtin(builtin) => builtin.name(),
        TypeRef::Defined(id) => model[id].name.path.last().map_or("", String::as_str),
    }
}

/// The XML name of a particle and the name it would like, which `case` makes.
fn particle_wish(
    model: &Model,
    particle: &Particle,
    case: fn(&str) -> String,
) -> (String, bool, String) {
    let xml = match &particle.term {
        Term::Element(element) => element.name.local.clone(),
        Term::Group(id) => model[*id].name.path.last().cloned().unwrap_or_default(),
        Term::Any(_) => "any".to_owned(),
    };
    let name = case(&xml);
    (xml, false, name)
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

/// A prefix and a constant for each namespace.
fn namespace_names(model: &Model) -> BTreeMap<String, (String, String)> {
    let mut namespaces: Vec<&str> = Vec::new();
    let elements = model.types.iter().flat_map(|t| match &t.definition {
        Definition::Complex(complex) => {
            let attributes = complex.attributes.iter().map(|a| a.name.namespace.as_str());
            let particles = complex.content.particles();
            attributes
                .chain(element_namespaces(particles))
                .collect::<Vec<_>>()
        }
        Definition::Group(Group::Choice(particles) | Group::Sequence(particles)) => {
            element_namespaces(particles).collect()
        }
        Definition::Simple(_) | Definition::Union(_) => Vec::new(),
    });
    namespaces.extend(elements);
    let named = model.types.iter().filter(|t| t.name.kind == NameKind::Type);
    namespaces.extend(named.map(|r#type| r#type.name.namespace.as_str()));
    namespaces.extend(
        model
            .roots
            .iter()
            .map(|root| root.element.name.namespace.as_str()),
    );
    let signed = model.contracts.iter().flat_map(signed_headers);
    namespaces.extend(signed.map(|header| header.namespace.as_str()));
    namespaces.sort_unstable();
    namespaces.dedup();
    let wishes = namespaces
        .into_iter()
        .filter(|n| !n.is_empty())
        .map(|namespace| {
            let candidate = Candidate {
                name: prefix(namespace),
                rank: 0,
                suffix: "",
            };
            (namespace.to_owned(), candidate)
        });
    distinct(wishes)
        .into_iter()
        .map(|(namespace, prefix)| {
            let constant = constant_name(&prefix);
            (namespace, (prefix, constant))
        })
        .collect()
}

fn element_namespaces(particles: &[Particle]) -> impl Iterator<Item = &str> {
    particles
        .iter()
        .filter_map(|particle| particle.term.element())
        .map(|element| element.name.namespace.as_str())
}

/// A short prefix out of `namespace`: the first letters of the words of its last part that has any.
fn prefix(namespace: &str) -> String {
    let part = namespace
        .split(['/', ':', '#', '?', '&', '='])
        .rev()
        .find(|part| part.chars().any(|c| c.is_ascii_alphabetic()))
        .unwrap_or("");
    let initials: String = words(part)
        .iter()
        .filter_map(|word| word.chars().next())
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .take(4)
        .collect();
    // A prefix that begins with `xml` is reserved (Namespaces in XML 1.0, section 3).
    if initials.is_empty() || initials.starts_with("xml") {
        "n".to_owned()
    } else {
        initials
    }
}
