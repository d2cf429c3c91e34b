//! Port types, bindings and services of a contract; the variants of one service must agree in everything but policy.

use super::complex::is_true;
use super::message::{Direction, message};
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
    pub(super) fn messages(&self) -> impl Iterator<Item = &wsdl::Message> {
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
        let first_root = self.model.roots.len();
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
        tell_apart(&mut contract.port_types);
        for variant in variants {
            for service in variant.services() {
                let bound = bind(&mut contract, variant, service, &mut self.model.warnings);
                findings.keep(bound);
            }
        }
        self.checked(&mut contract, first_root, findings);
        if first.definitions.is_empty() {
            self.all_elements(first, findings);
        }
        self.model.contracts.push(contract);
    }

    /// Takes out port types of which nothing is left; a contract of which nothing is left is refused, for the reasons that
    /// its operations were passed over.
    fn checked(&mut self, contract: &mut Contract, first_root: usize, findings: &mut Findings) {
        let written = contract.port_types.len();
        let left: Vec<bool> = contract
            .port_types
            .iter()
            .map(|port_type| !port_type.operations.is_empty())
            .collect();
        if written > 0 && !left.contains(&true) {
            for warning in std::mem::take(&mut self.model.warnings) {
                findings.keep::<()>(Err(warning));
            }
        }
        contract.services.retain(|service| left[service.port_type]);
        for root in &self.model.roots[first_root..] {
            let namespace = &root.element.name.namespace;
            if !contract.namespaces.contains(namespace) {
                contract.namespaces.push(namespace.clone());
            }
        }
    }

    /// A schema on its own: each of its global elements may be the root of a message, each of its types is kept.
    fn all_elements(&mut self, variant: &Variant, findings: &mut Findings) {
        for source in &variant.loaded.schemas {
            let children: Vec<Element> = source.element.children().collect();
            for child in children {
                let name = child.attribute("name").unwrap_or("");
                let name = QName::new(source.namespace.as_str(), name);
                match child.name().local.as_str() {
                    // What is abstract stands in no message.
                    "element" if is_true(child.attribute("abstract")) => {}
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
        for (index, operation) in port_type.operations.iter().enumerate() {
            let namesakes = |o: &&wsdl::Operation| o.name == operation.name;
            let turn = port_type.operations[..index]
                .iter()
                .filter(namesakes)
                .count();
            let overloaded = port_type.operations.iter().filter(namesakes).count() > 1;
            match serving(variant, port_type, operation, turn) {
                Err(passed_over) => self.model.warnings.push(passed_over),
                Ok(bound) => {
                    let resolved = self.operation(variant, operation, bound, overloaded);
                    operations.extend(findings.keep(resolved));
                }
            }
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
        operation: &wsdl::Operation,
        bound: Option<&wsdl::BindingOperation>,
        overloaded: bool,
    ) -> Result<Operation, Diagnostic> {
        let Some(input) = &operation.input else {
            return Err(Diagnostic::at(
                operation.element.place(),
                format!("the operation `{}` has no input", operation.name),
            ));
        };
        let mut faults = Vec::new();
        for fault in &operation.faults {
            faults.extend(self.fault(variant, fault)?);
        }
        let label = if overloaded {
            format!("{} {}", operation.name, input.local)
        } else {
            operation.name.clone()
        };
        let rpc = bound.is_some_and(|bound| bound.rpc);
        let input = Direction {
            message: input,
            user: &operation.element,
            bound: bound.and_then(|bound| bound.input.as_ref()),
            rpc,
            name: operation.name.clone(),
            suffix: "Request",
        };
        let output = operation.output.as_ref().map(|output| Direction {
            message: output,
            user: &operation.element,
            bound: bound.and_then(|bound| bound.output.as_ref()),
            rpc,
            name: format!("{}Response", operation.name),
            suffix: "",
        });
        Ok(Operation {
            name: operation.name.clone(),
            item: label.clone(),
            label,
            documentation: operation.documentation.clone(),
            action: bound.map(|bound| bound.action.clone()).unwrap_or_default(),
            input: self.message_body(variant, &input)?,
            input_headers: self.headers(variant, &input)?,
            output: output
                .as_ref()
                .map(|output| self.message_body(variant, output))
                .transpose()?,
            output_headers: match &output {
                Some(output) => self.headers(variant, output)?,
                None => Vec::new(),
            },
            faults,
        })
    }

    /// The detail of a declared fault: none where its part is a type, since a detail entry is an element.
    fn fault(
        &mut self,
        variant: &Variant,
        fault: &wsdl::OperationFault,
    ) -> Result<Option<DeclaredFault>, Diagnostic> {
        let message = match message(variant, &fault.message, &fault.element) {
            Ok(message) => message,
            Err(error) => {
                let warning = error.help("the fault is passed over: its detail stays text");
                self.model.warnings.push(warning);
                return Ok(None);
            }
        };
        let [part] = message.parts.as_slice() else {
            return Err(Diagnostic::at(
                message.element.place(),
                format!(
                    "the fault message `{}` has {} parts",
                    message.name.local,
                    message.parts.len()
                ),
            )
            .help("a fault has one part (WSDL 1.1, 3.6)"));
        };
        match &part.content {
            PartContent::Element(element) => Ok(Some(DeclaredFault {
                name: fault.name.clone(),
                detail: self.root(element, &part.element)?,
            })),
            PartContent::Type(_) => {
                let text = format!(
                    "the fault part `{}` refers to a type: its detail stays text",
                    part.name
                );
                let warning = Diagnostic::at(part.element.place(), text);
                self.model
                    .warnings
                    .push(warning.help("refer to an element (WS-I Basic Profile 1.1, R2205)"));
                Ok(None)
            }
        }
    }

    /// The global element `name` as the root of a message.
    pub(super) fn root(&mut self, name: &QName, user: &Element) -> Result<usize, Diagnostic> {
        if let Some(known) = self
            .model
            .roots
            .iter()
            .position(|r| r.element.name == *name && !r.bare)
        {
            return Ok(known);
        }
        let declared = self.symbols.elements.get(name);
        if declared.is_some_and(|global| is_true(global.element.attribute("abstract"))) {
            let message = format!(
                "the element `{}` is abstract, so no message can have it",
                name.local
            );
            return Err(Diagnostic::at(user.place(), message)
                .help("let the message name an element that can stand for it"));
        }
        let element = self.global_element(name, user)?;
        let file = self.symbols.elements[name].element.document().name.clone();
        self.model.roots.push(RootElement {
            element,
            bare: false,
            file,
        });
        Ok(self.model.roots.len() - 1)
    }
}

/// Gives operations of several port types that have one label the names of their port types.
fn tell_apart(port_types: &mut [PortType]) {
    let labels: Vec<String> = port_types
        .iter()
        .flat_map(|p| &p.operations)
        .map(|o| o.label.clone())
        .collect();
    for port_type in port_types {
        let name = &port_type.name.local;
        for operation in &mut port_type.operations {
            if labels
                .iter()
                .filter(|label| **label == operation.label)
                .count()
                > 1
            {
                operation.item = format!("{name} {}", operation.label);
            }
        }
    }
}

/// The binding of `operation`, which is the one numbered `turn` of its name in `port_type`; none where the WSDL binds the
/// port type to nothing at all.
///
/// # Errors
///
/// Why no binding can serve the operation; it is then passed over.
fn serving<'v>(
    variant: &'v Variant,
    port_type: &wsdl::PortType,
    operation: &wsdl::Operation,
    turn: usize,
) -> Result<Option<&'v wsdl::BindingOperation>, Diagnostic> {
    let bindings: Vec<&wsdl::Binding> = variant
        .bindings()
        .filter(|binding| binding.port_type == port_type.name)
        .collect();
    if bindings.is_empty() {
        return Ok(None);
    }
    let soap = bindings
        .iter()
        .filter(|binding| binding.protocol != Protocol::Other);
    let mut why = "is bound to something else than SOAP";
    for binding in soap {
        let mut namesakes = binding
            .operations
            .iter()
            .filter(|o| o.name == operation.name);
        let Some(bound) = namesakes.nth(turn) else {
            continue;
        };
        match unfit(bound) {
            None => return Ok(Some(bound)),
            Some(reason) => why = reason,
        }
    }
    let text = format!("the operation `{}` {why}", operation.name);
    let help = "it is passed over where the contract has others that can be carried";
    Err(Diagnostic::at(operation.element.place(), text).help(help))
}

/// Why `bound` cannot serve, if so.
fn unfit(bound: &wsdl::BindingOperation) -> Option<&'static str> {
    let messages = || bound.input.iter().chain(&bound.output);
    let encoded = |message: &wsdl::BindingMessage| {
        message.body.as_ref().is_some_and(|body| body.encoded)
            || message.headers.iter().any(|header| header.encoded)
    };
    if messages().any(encoded) {
        Some("is bound with use encoded, which WS-I Basic Profile 1.1 (R2706) forbids")
    } else if messages().any(|message| message.body.is_none()) {
        Some("is bound to MIME parts")
    } else {
        None
    }
}

/// Enters `service` and its ports.
fn bind(
    contract: &mut Contract,
    variant: &Variant,
    service: &wsdl::Service,
    warnings: &mut Vec<Diagnostic>,
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
            policy: policy::read(&binding.element, &variant.loaded.links, warnings)?,
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
