//! What a contract holds, for people and programs.

use serde::Serialize;

use crate::model::{Contract, Definition, Model, NameKind, Operation, Version};
use crate::syntax::policy::Alternative;

/// What one contract holds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The WSDL or schema.
    pub file: String,
    /// Its services.
    pub services: Vec<ServiceReport>,
    /// Its port types.
    pub port_types: Vec<PortTypeReport>,
    /// How many of its types messages use.
    pub types: TypeCounts,
    /// The documents that it consists of.
    pub documents: Vec<String>,
}

/// A service and its ports.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceReport {
    /// The service's name.
    pub name: String,
    /// Where it is reached.
    pub ports: Vec<PortReport>,
}

/// A port of a service.
#[derive(Clone, Debug, Serialize)]
pub struct PortReport {
    /// The port's name.
    pub name: String,
    /// `1.1` or `1.2`.
    pub soap: &'static str,
    /// The address in the contract.
    pub address: String,
    /// What security each alternative of its policy demands; empty where it demands none.
    pub policy: Vec<&'static str>,
}

/// A port type and its operations.
#[derive(Clone, Debug, Serialize)]
pub struct PortTypeReport {
    /// The port type's name.
    pub name: String,
    /// Its operations, in the order of the contract.
    pub operations: Vec<OperationReport>,
}

/// An operation and its messages.
#[derive(Clone, Debug, Serialize)]
pub struct OperationReport {
    /// The operation's name.
    pub name: String,
    /// The SOAP action; empty where there is none.
    pub action: String,
    /// The element of the request, or what its bare content is called.
    pub input: String,
    /// That of the response; none for a one-way operation.
    pub output: Option<String>,
    /// The names of the declared faults.
    pub faults: Vec<String>,
    /// The header parts of both messages.
    pub headers: Vec<String>,
}

/// How many types of each kind there are.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TypeCounts {
    /// Types with attributes or elements.
    pub complex: usize,
    /// Simple types other than code lists.
    pub simple: usize,
    /// Code lists.
    pub enumerations: usize,
}

impl Report {
    /// One report a contract of `model`.
    pub(crate) fn of(model: &Model) -> Vec<Self> {
        let contracts = model.contracts.iter();
        contracts
            .map(|contract| Self::of_contract(model, contract))
            .collect()
    }

    fn of_contract(model: &Model, contract: &Contract) -> Self {
        let ports = contract.bindings.iter().filter(|b| !b.port.is_empty());
        let mut services: Vec<ServiceReport> = Vec::new();
        for binding in ports {
            let name = &binding.service.local;
            let port = PortReport {
                name: binding.port.clone(),
                soap: match binding.version {
                    Version::Soap11 => "1.1",
                    Version::Soap12 => "1.2",
                },
                address: binding.address.clone(),
                policy: binding.policy.iter().map(demanded).collect(),
            };
            match services.iter_mut().find(|service| service.name == *name) {
                Some(service) => service.ports.push(port),
                None => services.push(ServiceReport {
                    name: name.clone(),
                    ports: vec![port],
                }),
            }
        }
        let port_types = contract.port_types.iter().map(|port_type| PortTypeReport {
            name: port_type.name.local.clone(),
            operations: port_type
                .operations
                .iter()
                .map(|o| operation(model, o))
                .collect(),
        });
        Self {
            file: contract.file.clone(),
            services,
            port_types: port_types.collect(),
            types: counts(model, contract),
            documents: contract
                .documents
                .iter()
                .map(|document| document.path.clone())
                .collect(),
        }
    }
}

const fn demanded(alternative: &Alternative) -> &'static str {
    match alternative {
        Alternative::Nothing => "nothing",
        Alternative::ClientCertificate => "client certificate over TLS",
        Alternative::Transport => "TLS",
        Alternative::SignedToken(_) => "signed message with token",
        Alternative::Unknown(_) => "what is not carried",
    }
}

fn operation(model: &Model, operation: &Operation) -> OperationReport {
    let name = |root: usize| model.roots[root].element.name.local.clone();
    let headers = operation
        .input_headers
        .iter()
        .chain(&operation.output_headers);
    OperationReport {
        name: operation.name.clone(),
        action: operation.action.clone(),
        input: name(operation.input),
        output: operation.output.map(name),
        faults: operation
            .faults
            .iter()
            .map(|fault| fault.name.clone())
            .collect(),
        headers: headers.map(|header| header.name.clone()).collect(),
    }
}

fn counts(model: &Model, contract: &Contract) -> TypeCounts {
    let mut counts = TypeCounts::default();
    let types = model
        .types
        .iter()
        .filter(|t| contract.namespaces.contains(&t.name.namespace));
    for r#type in types.filter(|t| t.name.kind != NameKind::Group) {
        match &r#type.definition {
            Definition::Complex(_) => counts.complex += 1,
            Definition::Simple(simple) if !simple.facets.enumeration.is_empty() => {
                counts.enumerations += 1;
            }
            Definition::Simple(_) | Definition::Union(_) => counts.simple += 1,
            Definition::Group(_) => {}
        }
    }
    counts
}
