//! Which binding carries an operation, what bindings disagree in, and the ports that are reached by them.

use super::operation::called;
use super::unknown;
use super::variant::Variant;
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName, WSDL};
use crate::model::{self, Contract, Service, Version};
use crate::names::stem;
use crate::syntax::policy::{self, Alternative};
use crate::syntax::wsdl::{
    self, Binding, BindingMessage, BindingOperation, Operation, PortType, Protocol,
};

/// The binding of `operation`, which is the one numbered `turn` of its name in `port_type`; none where the WSDL binds the
/// port type to nothing at all.
///
/// # Errors
///
/// Why no binding can serve the operation; it is then passed over.
pub(super) fn serving<'v>(
    variant: &'v Variant,
    port_type: &PortType,
    operation: &Operation,
    turn: usize,
) -> Result<Option<&'v BindingOperation>, Diagnostic> {
    called(operation)?;
    let bindings: Vec<&Binding> = variant.bindings_of(&port_type.name).collect();
    if bindings.is_empty() {
        return Ok(None);
    }
    let soap = bindings
        .iter()
        .filter(|binding| binding.protocol != Protocol::Other);
    let mut why = "is bound to something else than SOAP";
    for binding in soap {
        let Some(bound) = bound_by(binding, operation, turn) else {
            why = "is not bound";
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
fn unfit(bound: &BindingOperation) -> Option<&'static str> {
    let messages = || bound.input.iter().chain(&bound.output);
    let encoded = |message: &BindingMessage| {
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

/// The operation of `binding` that binds `operation`, the one numbered `turn` of its name: overloaded operations are told
/// apart by the names of their inputs (WSDL 1.1, 2.5), where they have some, else by their order.
fn bound_by<'b>(
    binding: &'b Binding,
    operation: &Operation,
    turn: usize,
) -> Option<&'b BindingOperation> {
    let input = |operation: &Element| {
        let input = operation.children_named(WSDL, "input").next()?;
        input.attribute("name").map(str::to_owned)
    };
    let namesakes = || {
        let bound = binding.operations.iter();
        bound.filter(|bound| bound.name == operation.name)
    };
    let named = input(&operation.element);
    namesakes()
        .find(|bound| named.is_some() && input(&bound.element) == named)
        .or_else(|| namesakes().nth(turn))
}

/// What the bindings of `variant` leave out, add, and say otherwise than the binding that is carried.
pub(super) fn disagreements(variant: &Variant) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut warn = |element: &Element, text: String, help: &str| {
        warnings.push(Diagnostic::at(element.place(), text).help(help));
    };
    for binding in variant.bindings().filter(|b| b.protocol != Protocol::Other) {
        let name = &binding.name.local;
        let Some(port_type) = variant.port_types().find(|p| p.name == binding.port_type) else {
            let text = format!("no port type `{}` is declared", binding.port_type);
            warn(&binding.element, text, "the binding is passed over");
            continue;
        };
        for bound in &binding.operations {
            if port_type.operations.iter().all(|o| o.name != bound.name) {
                let text = format!("the port type has no operation `{}`", bound.name);
                warn(
                    &bound.element,
                    text,
                    "its binding is passed over (WSDL 1.1, 2.5)",
                );
            }
        }
        for (index, operation) in port_type.operations.iter().enumerate() {
            let turn = turn_of(port_type, index);
            let Ok(Some(carried)) = serving(variant, port_type, operation, turn) else {
                continue;
            };
            match bound_by(binding, operation, turn) {
                None => {
                    let text = format!(
                        "the binding `{name}` leaves out the operation `{}`",
                        operation.name
                    );
                    let help =
                        "it is carried as another binding has it (WS-I Basic Profile 1.1, R2718)";
                    warn(&binding.element, text, help);
                }
                Some(bound) => {
                    if let Some(what) = bound.difference(carried) {
                        let text = format!(
                            "the operation `{}` is bound with another {what} elsewhere",
                            bound.name
                        );
                        let help = format!("it is carried as at {:?}", carried.element.place());
                        warn(&bound.element, text, &help);
                    }
                }
            }
        }
    }
    warnings
}

/// How many operations before the one at `index` have its name.
pub(super) fn turn_of(port_type: &PortType, index: usize) -> usize {
    let name = &port_type.operations[index].name;
    let before = port_type.operations[..index].iter();
    before.filter(|other| other.name == *name).count()
}

/// Enters the ports of `service`, and a service for each of their port types.
pub(super) fn bind(
    contract: &mut Contract,
    variant: &Variant,
    service: &wsdl::Service,
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    for port in &service.ports {
        let binding = variant.binding_of(port)?;
        let port_type = port_type_of(contract, binding)?;
        let Some(version) = version(binding) else {
            let text = format!(
                "the port `{}` is bound to something else than SOAP",
                port.name
            );
            let warning = Diagnostic::at(port.element.place(), text);
            warnings.push(warning.help("the port is passed over"));
            continue;
        };
        if !binding
            .operations
            .iter()
            .any(|bound| unfit(bound).is_none())
        {
            let text = format!(
                "the port `{}` binds no operation that can be carried",
                port.name
            );
            let warning = Diagnostic::at(port.element.place(), text);
            warnings.push(warning.help("the port is passed over"));
            continue;
        }
        if port.address.is_none() {
            let text = format!("the port `{}` has no address", port.name);
            let warning = Diagnostic::at(port.element.place(), text);
            warnings.push(warning.help("whoever calls it has to know where"));
        }
        let known = |known: &&Service| known.name == service.name && known.port_type == port_type;
        if contract.services.iter().find(known).is_none() {
            contract.services.push(Service {
                name: service.name.clone(),
                label: label(&service.name, &binding.port_type),
                documentation: service.documentation.clone(),
                port_type,
            });
        }
        contract.bindings.push(model::Binding {
            variant: variant.name.clone(),
            document: service.element.document().name.to_string(),
            service: service.name.clone(),
            port: port.name.clone(),
            port_type,
            name: binding.name.local.clone(),
            version,
            address: port
                .address
                .as_ref()
                .map(|(address, _)| address.clone())
                .unwrap_or_default(),
            policy: policy_of(
                variant,
                binding,
                &[&port.element, &service.element],
                warnings,
            )?,
        });
    }
    Ok(())
}

/// Enters a service for each port type that none serves: it is named after the port type, and its bindings have no port.
pub(super) fn bind_unserved(
    contract: &mut Contract,
    variant: &Variant,
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    let all = 0..contract.port_types.len();
    let served = |index: &usize| contract.services.iter().any(|s| s.port_type == *index);
    let unserved: Vec<usize> = all.filter(|index| !served(index)).collect();
    for binding in variant.bindings() {
        let Ok(port_type) = port_type_of(contract, binding) else {
            continue;
        };
        let name = contract.port_types[port_type].name.clone();
        if let Some(version) = version(binding).filter(|_| unserved.contains(&port_type)) {
            contract.bindings.push(model::Binding {
                variant: variant.name.clone(),
                document: binding.element.document().name.to_string(),
                service: name,
                port: String::new(),
                port_type,
                name: binding.name.local.clone(),
                version,
                address: String::new(),
                policy: policy_of(variant, binding, &[], warnings)?,
            });
        }
    }
    for port_type in unserved {
        let name = contract.port_types[port_type].name.clone();
        contract.services.push(Service {
            label: name.clone(),
            name,
            documentation: Vec::new(),
            port_type,
        });
    }
    Ok(())
}

/// The policy of an endpoint of `binding` that `around` stands for too: what is attached to them, the port type, and each operation
/// with its messages (WS-Policy 1.5 Attachment, 4.1).
fn policy_of(
    variant: &Variant,
    binding: &Binding,
    around: &[&Element],
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Alternative>, Diagnostic> {
    let port_type = variant.port_types().find(|p| p.name == binding.port_type);
    let mut endpoint = vec![binding.element.clone()];
    endpoint.extend(port_type.map(|port_type| port_type.element.clone()));
    endpoint.extend(around.iter().copied().cloned());
    let mut operations = Vec::new();
    for (index, operation) in port_type
        .iter()
        .flat_map(|p| p.operations.iter().enumerate())
    {
        let turn = port_type.map_or(0, |port_type| turn_of(port_type, index));
        let Some(bound) = bound_by(binding, operation, turn).filter(|b| unfit(b).is_none()) else {
            continue;
        };
        let mut attached = vec![bound.element.clone(), operation.element.clone()];
        let directions = |e: &Element| ["input", "output", "fault"].iter().any(|l| e.is(WSDL, l));
        for element in [&bound.element, &operation.element] {
            attached.extend(element.children().filter(directions));
        }
        // A port type names the message, a binding those of its header blocks.
        let named = [&bound.element, &operation.element].into_iter();
        let named = named.flat_map(Element::descendants);
        let named = named.filter_map(|e| e.expand(e.attribute("message")?).ok());
        let named: Vec<QName> = named.collect();
        let messages = variant.messages().filter(|m| named.contains(&m.name));
        attached.extend(messages.map(|message| message.element.clone()));
        operations.push(attached);
    }
    policy::read(&endpoint, &operations, &variant.loaded.links, warnings)
}

fn port_type_of(contract: &Contract, binding: &Binding) -> Result<usize, Diagnostic> {
    contract
        .port_types
        .iter()
        .position(|port_type| port_type.name == binding.port_type)
        .ok_or_else(|| unknown("port type", &binding.port_type, &binding.element))
}

const fn version(binding: &Binding) -> Option<Version> {
    match binding.protocol {
        Protocol::Soap11 => Some(Version::Soap11),
        Protocol::Soap12 => Some(Version::Soap12),
        Protocol::Other => None,
    }
}

/// What server and client of a port type of a service are named after: the service, and the port type too unless both have
/// the same stem. No other port type has a say in it.
pub(super) fn label(service: &QName, port_type: &QName) -> QName {
    if is_main(service, port_type) {
        return service.clone();
    }
    let local = format!("{}/{}", service.local, port_type.local);
    QName::new(service.namespace.as_str(), local)
}

/// Whether the service is, by its name, the one of the port type.
pub(super) fn is_main(service: &QName, port_type: &QName) -> bool {
    let stem_of_type = stem(&port_type.local);
    stem_of_type.is_empty() || stem_of_type == stem(&service.local)
}
