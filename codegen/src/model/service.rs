//! The WSDL side of the model: port types, bindings and services, their messages resolved.

use std::ops::Range;

use crate::load::QName;
use crate::syntax::policy::Alternative;

/// One contract: what becomes one module.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) module: String,
    /// The WSDL's file, or the schema's where there is no WSDL; the first variant's where there are several.
    pub(crate) file: String,
    /// The target namespaces of its schemas.
    pub(crate) namespaces: Vec<String>,
    /// Whether its messages may hold what it does not name, and checks.
    pub(crate) open: bool,
    pub(crate) port_types: Vec<PortType>,
    pub(crate) services: Vec<Service>,
    /// Every port of every variant.
    pub(crate) bindings: Vec<Binding>,
    /// All documents of the contract, the WSDLs first.
    pub(crate) documents: Vec<Document>,
}

/// A document that is embedded, with the places that change when it is served.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) links: Vec<Link>,
    pub(crate) addresses: Vec<Range<usize>>,
}

/// A location in a document and the document that it leads to.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) range: Range<usize>,
    pub(crate) target: String,
}

#[derive(Debug)]
pub(crate) struct PortType {
    pub(crate) name: QName,
    pub(crate) documentation: Vec<String>,
    pub(crate) operations: Vec<Operation>,
}

/// An operation with literal messages.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    /// What its method's name is made of: the name, and the input's where the port type has several of that name.
    pub(crate) label: String,
    /// What the names of its types are made of: the label, with the port type's name where several port types have it.
    pub(crate) item: QName,
    pub(crate) documentation: Vec<String>,
    pub(crate) action: String,
    /// What an answer says for its action; empty for a one-way operation.
    pub(crate) answer_action: String,
    /// What a fault says for its action.
    pub(crate) fault_action: String,
    /// The body of the request, by its place in [`super::Model::roots`].
    pub(crate) input: usize,
    pub(crate) input_headers: Vec<HeaderPart>,
    /// The body of the response; none for a one-way operation.
    pub(crate) output: Option<usize>,
    pub(crate) output_headers: Vec<HeaderPart>,
    pub(crate) faults: Vec<DeclaredFault>,
}

/// A header block that a binding declares.
#[derive(Clone, Debug)]
pub(crate) struct HeaderPart {
    /// The element, by its place in [`super::Model::roots`].
    pub(crate) root: usize,
    /// The part's name, which the field takes.
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct DeclaredFault {
    pub(crate) name: String,
    /// What a message that tells of it says for its action.
    pub(crate) action: String,
    /// The detail element.
    pub(crate) detail: usize,
    /// Whether the detail tells of a header, and so is a header itself (SOAP 1.1, 4.4).
    pub(crate) header: bool,
}

/// What serves one port type: a service with ports of several is several of these.
#[derive(Debug)]
pub(crate) struct Service {
    /// The service's name; the port type's where no service serves it.
    pub(crate) name: QName,
    /// What the names of its server and client are made of.
    pub(crate) label: QName,
    pub(crate) documentation: Vec<String>,
    /// By its place in [`Contract::port_types`].
    pub(crate) port_type: usize,
}

/// A port of a service: where and how a port type is reached. What no service has stands here with an empty port.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// The variant's name in `contracts.toml`; empty where there is one WSDL.
    pub(crate) variant: String,
    pub(crate) document: String,
    pub(crate) service: QName,
    pub(crate) port: String,
    /// By its place in [`Contract::port_types`].
    pub(crate) port_type: usize,
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) address: String,
    pub(crate) policy: Vec<Alternative>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Soap11,
    Soap12,
}
