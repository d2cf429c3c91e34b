//! Port types, bindings and services of a contract; the variants of one service must agree in everything but policy.

use super::{Resolver, unknown};
use crate::config::ContractConfig;
use crate::diagnostic::{Diagnostic, Findings};
use crate::load::{Element, Loaded, QName, WSDL};
use crate::model::{
    Binding, Contract, DeclaredFault, Document, Link, Operation, PortType, RootElement, Service,
    Version,
};
use crate::syntax::policy;
use crate::syntax::wsdl::{self, Definitions, PartContent, Protocol};

/// The documents of one variant of a contract.
pub(super) struct Variant {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) definitions: Vec<Definitions>,
    pub(super) loaded: Loaded,
}

impl Variant {
    fn messages(&self) -> impl Iterator<Item = &wsdl::Message> {
        self.definitions.iter().flat_map(|d| &d.messages)
    }

    fn port_types(&self) -> impl Iterator<Item = &wsdl::PortType> {
        self.definitions.iter().flat_map(|d| &d.port_types)
    }

    fn bindings(&self) -> impl Iterator<Item = &wsdl::Binding> {
        self.definitions.iter().flat_map(|d| &d.bindings)
    }

    fn services(&self) -> impl Iterator<Item = &wsdl::Service> {
        self.definitions.iter().flat_map(|d| &d.services)
    }

    /// The binding of `port`.
    fn binding_of(&self, port: &wsdl::Port) -> Result<&wsdl::Binding, Diagnostic> {
        self.bindings()
            .find(|binding| binding.name == port.binding)
            .ok_or_else(|| unknown("binding", &port.binding, &port.element))
    }
}

impl Resolver<'_> {
    /// Resolves the contract that `config` names, of which `variants` were read.
    pub(super) fn contract(
        &mut self,
        config: &ContractConfig,
        variants: &[&Variant],
        findings: &mut Findings,
    ) {
        let Some(first) = variants.first() else {
            return;
        };
        for other in &variants[1..] {
            findings.keep(same_service(first, other));
        }
        let mut contract = Contract {
            module: config.module.clone(),
            file: config.variants[0].1.to_string_lossy().replace('\\', "/"),
            namespaces: namespaces(variants),
            port_types: Vec::new(),
            services: Vec::new(),
            bindings: Vec::new(),
            documents: documents(variants),
        };
        for port_type in first.port_types() {
            let resolved = self.port_type(first, port_type, findings);
            contract.port_types.push(resolved);
        }
        for variant in variants {
            for service in variant.services() {
                findings.keep(bind(&mut contract, variant, service));
            }
        }
        if first.definitions.is_empty() {
            self.all_elements(first, findings);
        }
        self.model.contracts.push(contract);
    }

    /// A schema on its own: each of its global elements may be the root of a message, each of its types is kept.
    fn all_elements(&mut self, variant: &Variant, findings: &mut Findings) {
        for source in &variant.loaded.schemas {
            let children: Vec<Element> = source.element.children().collect();
            for child in children {
                let name = child.attribute("name").unwrap_or("");
                let name = QName::new(source.namespace.as_str(), name);
                match child.name().local.as_str() {
                    "element" => {
                        let root = self.root(&name, &child);
                        findings.keep(root);
                    }
                    "simpleType" | "complexType" => {
                        let named = self.type_called(&name, &child);
                        findings.keep(named);
                    }
                    _ => {}
                }
            }
        }
    }

    fn port_type(
        &mut self,
        variant: &Variant,
        port_type: &wsdl::PortType,
        findings: &mut Findings,
    ) -> PortType {
        let mut operations = Vec::new();
        for operation in &port_type.operations {
            let resolved = self.operation(variant, port_type, operation);
            operations.extend(findings.keep(resolved));
        }
        PortType {
            name: port_type.name.clone(),
            documentation: port_type.documentation.clone(),
            operations,
        }
    }

    fn operation(
        &mut self,
        variant: &Variant,
        port_type: &wsdl::PortType,
        operation: &wsdl::Operation,
    ) -> Result<Operation, Diagnostic> {
        let action = action(variant, port_type, operation)?;
        let Some(input) = &operation.input else {
            return Err(Diagnostic::at(
                operation.element.place(),
                format!("the operation `{}` has no input", operation.name),
            )
            .help("notifications and solicitations (WSDL 1.1, 2.4.3 and 2.4.4) have no binding to SOAP over HTTP"));
        };
        let mut faults = Vec::new();
        for fault in &operation.faults {
            faults.push(DeclaredFault {
                name: fault.name.clone(),
                detail: self.message(variant, &fault.message, &fault.element)?,
            });
        }
        Ok(Operation {
            name: operation.name.clone(),
            documentation: operation.documentation.clone(),
            action,
            input: self.message(variant, input, &operation.element)?,
            output: operation
                .output
                .as_ref()
                .map(|output| self.message(variant, output, &operation.element))
                .transpose()?,
            faults,
        })
    }

    /// The one body element of the message `name`.
    fn message(
        &mut self,
        variant: &Variant,
        name: &QName,
        user: &Element,
    ) -> Result<usize, Diagnostic> {
        let message = variant
            .messages()
            .find(|message| message.name == *name)
            .ok_or_else(|| unknown("message", name, user))?;
        let [part] = message.parts.as_slice() else {
            return Err(Diagnostic::at(
                message.element.place(),
                format!(
                    "the message `{}` has {} parts",
                    name.local,
                    message.parts.len()
                ),
            )
            .help("document/literal with one part a message is supported"));
        };
        match &part.content {
            PartContent::Element(element) => self.root(element, &part.element),
            PartContent::Type => Err(Diagnostic::at(
                part.element.place(),
                format!("the part `{}` refers to a type", part.name),
            )
            .help("document/literal wants parts that refer to an element (WS-I Basic Profile 1.1, R2204)")),
        }
    }

    /// The global element `name` as the root of a message.
    fn root(&mut self, name: &QName, user: &Element) -> Result<usize, Diagnostic> {
        if let Some(known) = self
            .model
            .roots
            .iter()
            .position(|r| r.element.name == *name)
        {
            return Ok(known);
        }
        let element = self.global_element(name, user)?;
        let file = self.symbols.elements[name].element.document().name.clone();
        self.model.roots.push(RootElement { element, file });
        Ok(self.model.roots.len() - 1)
    }
}

/// The action of `operation`, from the first SOAP binding of its port type; what cannot be carried is refused.
fn action(
    variant: &Variant,
    port_type: &wsdl::PortType,
    operation: &wsdl::Operation,
) -> Result<String, Diagnostic> {
    let bound = variant
        .bindings()
        .filter(|b| b.port_type == port_type.name && b.protocol != Protocol::Other)
        .flat_map(|b| b.operations.iter().filter(|o| o.name == operation.name))
        .next();
    let Some(bound) = bound else {
        return Err(Diagnostic::at(
            operation.element.place(),
            format!("the operation `{}` has no SOAP binding", operation.name),
        ));
    };
    let refused = if bound.rpc {
        "is bound with style rpc"
    } else if bound.encoded {
        "is bound with use encoded"
    } else if bound.headers {
        "is bound with soap:header"
    } else {
        return Ok(bound.action.clone());
    };
    let message = format!(
        "the operation `{}` {refused}, which is not supported",
        bound.name
    );
    Err(Diagnostic::at(bound.element.place(), message)
        .help("document/literal without declared headers is supported"))
}

/// Enters `service` and its ports.
fn bind(
    contract: &mut Contract,
    variant: &Variant,
    service: &wsdl::Service,
) -> Result<(), Diagnostic> {
    for port in &service.ports {
        let binding = variant.binding_of(port)?;
        let version = match binding.protocol {
            Protocol::Soap11 => Version::Soap11,
            Protocol::Soap12 => Version::Soap12,
            Protocol::Other => continue,
        };
        let port_type = contract
            .port_types
            .iter()
            .position(|port_type| port_type.name == binding.port_type)
            .ok_or_else(|| unknown("port type", &binding.port_type, &binding.element))?;
        if !contract
            .services
            .iter()
            .any(|known| known.name == service.name)
        {
            contract.services.push(Service {
                name: service.name.clone(),
                documentation: service.documentation.clone(),
                port_type,
            });
        }
        contract.bindings.push(Binding {
            variant: variant.name.clone(),
            document: service.element.document().name.to_string(),
            service: service.name.local.clone(),
            port: port.name.clone(),
            name: binding.name.local.clone(),
            version,
            address: port
                .address
                .as_ref()
                .map(|(a, _)| a.clone())
                .unwrap_or_default(),
            policy: policy::read(&binding.element, &variant.loaded.links)?,
        });
    }
    Ok(())
}

/// Checks that `other` declares the messages, port types and services of `first`.
fn same_service(first: &Variant, other: &Variant) -> Result<(), Diagnostic> {
    let of = |variant: &Variant| -> Vec<(QName, Element)> {
        let messages = variant
            .messages()
            .map(|m| (m.name.clone(), m.element.clone()));
        let port_types = variant
            .port_types()
            .map(|p| (p.name.clone(), p.element.clone()));
        let services = variant
            .services()
            .map(|s| (s.name.clone(), s.element.clone()));
        messages.chain(port_types).chain(services).collect()
    };
    let ours = of(first);
    let documentation = |name: &QName| name.namespace == WSDL && name.local == "documentation";
    for (name, element) in of(other) {
        let same = ours
            .iter()
            .any(|(known, declared)| *known == name && declared.same_as(&element, &documentation));
        if !same {
            return Err(Diagnostic::at(
                element.place(),
                format!(
                    "the variants `{}` and `{}` differ in `{}`",
                    first.name, other.name, name.local
                ),
            )
            .help("variants of a contract differ in policy and address only; give this one a module of its own"));
        }
    }
    Ok(())
}

/// The target namespaces of the schemas of all variants, each once.
fn namespaces(variants: &[&Variant]) -> Vec<String> {
    let mut namespaces: Vec<String> = variants
        .iter()
        .flat_map(|variant| &variant.loaded.schemas)
        .map(|schema| schema.namespace.clone())
        .collect();
    namespaces.sort();
    namespaces.dedup();
    namespaces
}

/// The documents of all variants, each once, with their links and addresses.
fn documents(variants: &[&Variant]) -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    for variant in variants {
        for document in &variant.loaded.documents {
            if documents.iter().any(|known| *known.path == *document.name) {
                continue;
            }
            let mut links: Vec<Link> = variant
                .loaded
                .links
                .iter()
                .filter(|link| link.from.name == document.name)
                .map(|link| Link {
                    range: link.range.clone(),
                    target: link.target.name.to_string(),
                })
                .collect();
            links.sort_by_key(|link| link.range.start);
            let services = variant
                .services()
                .filter(|s| s.element.document().name == document.name);
            let mut addresses: Vec<_> = services
                .flat_map(|service| &service.ports)
                .filter_map(|port| port.address.as_ref().map(|(_, range)| range.clone()))
                .collect();
            addresses.sort_by_key(|range| range.start);
            documents.push(Document {
                path: document.name.to_string(),
                text: document.text.to_string(),
                links,
                addresses,
            });
        }
    }
    documents
}
