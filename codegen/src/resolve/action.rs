//! The actions of answers and faults, which a message says in its header (Web Services Addressing 1.0 - Metadata, 4.4).

use crate::load::{Element, WSDL};
use crate::syntax::wsdl::{Operation, OperationFault, PortType};

/// The namespaces of the attribute `Action`: that of the recommendation, and those before it.
const WSA: [&str; 3] = [
    "http://www.w3.org/2007/05/addressing/metadata",
    "http://www.w3.org/2006/05/addressing/wsdl",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
];

/// The action of SOAP's own faults (Web Services Addressing 1.0 - SOAP Binding, 6).
pub(super) const SOAP_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";

/// The action of the answer of `operation`; empty where there is none.
pub(super) fn of_answer(port_type: &PortType, operation: &Operation) -> String {
    let output = operation.element.children_named(WSDL, "output").next();
    let Some(output) = output else {
        return String::new();
    };
    said(&output).unwrap_or_else(|| {
        let response = format!("{}Response", operation.name);
        default(port_type, &[output.attribute("name").unwrap_or(&response)])
    })
}

/// The action of a fault that `operation` declares.
pub(super) fn of_fault(
    port_type: &PortType,
    operation: &Operation,
    fault: &OperationFault,
) -> String {
    let default = || default(port_type, &[&operation.name, "Fault", &fault.name]);
    said(&fault.element).unwrap_or_else(default)
}

fn said(element: &Element) -> Option<String> {
    let mut said = WSA
        .iter()
        .filter_map(|ns| element.attribute_in(ns, "Action"));
    said.next().map(str::to_owned)
}

/// Target namespace, port type and `names`, with colons between them where the namespace is a URN, else slashes (4.4.4).
fn default(port_type: &PortType, names: &[&str]) -> String {
    let namespace = &port_type.name.namespace;
    let urn = namespace
        .get(..4)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    let delimiter = if urn { ":" } else { "/" };
    let namespace = namespace.strip_suffix(delimiter).unwrap_or(namespace);
    let mut action = [namespace, delimiter, &port_type.name.local].concat();
    for name in names {
        action.push_str(delimiter);
        action.push_str(name);
    }
    action
}
