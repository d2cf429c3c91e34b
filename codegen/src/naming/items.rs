//! What the types of a module are called, and what its contract makes beside them.

use std::collections::BTreeMap;

use super::{names_type, overrides};
use crate::config::{Config, Names};
use crate::load::QName;
use crate::model::{Contract, Model, NameKind, TypeId, TypeName};
use crate::names::{Candidate, distinct, field_name, type_name};

/// What [`item_names`] finds.
pub(super) struct ItemNames {
    pub(super) types: Vec<String>,
    pub(super) polymorphic: BTreeMap<TypeId, String>,
    pub(super) items: BTreeMap<(String, Item, QName), String>,
}

/// The names of all types of `model`, and of the items that its contracts make.
pub(super) fn item_names(model: &Model, config: &Config, modules: &[String]) -> ItemNames {
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
                NameKind::Message => (3, "Message"),
            };
            let wish = Wish::Type(name.clone(), id);
            let given = given.get(&name.key());
            let given = given.filter(|given| name.path.len() == 1 || names_type(given));
            let rank = rank + unnamed(model, id);
            (wish, candidate(given, &name.path.join("_"), rank, suffix))
        });
        let contract = model
            .contracts
            .iter()
            .find(|contract| contract.module == module);
        let of_contract = contract
            .map(|contract| contract_items(model, contract))
            .unwrap_or_default();
        let of_contract = of_contract.into_iter().map(|(item, xml)| {
            let (local, suffix) = (&xml.local, item.suffix());
            let given = given.get(local).map(|name| format!("{name}{suffix}"));
            let wanted = candidate(
                given.as_ref(),
                &format!("{local} {suffix}"),
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
                    candidate(
                        None,
                        &format!("Any {stem}"),
                        4 + unnamed(model, id),
                        "OrDerived",
                    ),
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

/// What is added to the rank of a type that no message names.
fn unnamed(model: &Model, id: TypeId) -> u8 {
    if model.is_named(id) { 0 } else { 10 }
}

fn candidate(given: Option<&String>, xml: &str, rank: u8, suffix: &'static str) -> Candidate {
    Candidate {
        name: given.cloned().unwrap_or_else(|| type_name(xml)),
        rank: if given.is_some() { 0 } else { rank },
        suffix,
    }
}

/// What the WSDL of `contract` makes, by the XML names.
fn contract_items(model: &Model, contract: &Contract) -> Vec<(Item, QName)> {
    let mut items = Vec::new();
    for port_type in &contract.port_types {
        items.push((Item::PortType, port_type.name.clone()));
        for operation in &port_type.operations {
            let faults = !operation.faults.is_empty() && model.sole_detail(operation).is_none();
            let made = [
                (Item::Operation, true),
                (Item::Fault, faults),
                (Item::InputHeaders, !operation.input_headers.is_empty()),
                (Item::OutputHeaders, !operation.output_headers.is_empty()),
            ];
            let made = made.into_iter().filter(|(_, made)| *made);
            items.extend(made.map(|(item, _)| (item, operation.item.clone())));
        }
    }
    for service in &contract.services {
        items.push((Item::Server, service.label.clone()));
        items.push((Item::Client, service.label.clone()));
    }
    items.sort();
    items.dedup();
    items
}

/// The methods of each port type: named after the operation, or as the override of the operation's own name.
pub(super) fn method_names(
    contract: &Contract,
    given: &Names,
) -> BTreeMap<(QName, String), String> {
    let mut names = BTreeMap::new();
    for port_type in &contract.port_types {
        let wishes = port_type.operations.iter().map(|operation| {
            let given = given.get(&operation.item.local);
            let wish = Candidate {
                name: field_name(given.unwrap_or(&operation.label)),
                rank: u8::from(given.is_none()),
                suffix: "_",
            };
            (operation.label.clone(), wish)
        });
        let named = distinct(wishes).into_iter();
        names.extend(named.map(|(label, name)| ((port_type.name.clone(), label), name)));
    }
    names
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
    Item(Item, QName),
}
