//! WSDL 1.1 as written (W3C Note, 15 March 2001): names are expanded, nothing is looked up yet.

use super::xsd::text_of;
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName, WSDL};

const SOAP11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";

/// One `wsdl:definitions` element.
#[derive(Debug)]
pub(crate) struct Definitions {
    pub(crate) messages: Vec<Message>,
    pub(crate) port_types: Vec<PortType>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) services: Vec<Service>,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) element: Element,
    pub(crate) name: QName,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) element: Element,
    pub(crate) name: String,
    pub(crate) content: PartContent,
}

/// What a part refers to (WSDL 1.1, 2.3.1).
#[derive(Debug)]
pub(crate) enum PartContent {
    Element(QName),
    Type(QName),
}

#[derive(Debug)]
pub(crate) struct PortType {
    pub(crate) element: Element,
    pub(crate) name: QName,
    pub(crate) documentation: Vec<String>,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) element: Element,
    pub(crate) name: String,
    pub(crate) documentation: Vec<String>,
    pub(crate) input: Option<QName>,
    pub(crate) output: Option<QName>,
    pub(crate) faults: Vec<OperationFault>,
}

#[derive(Debug)]
pub(crate) struct OperationFault {
    pub(crate) element: Element,
    pub(crate) name: String,
    pub(crate) message: QName,
}

#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) element: Element,
    pub(crate) name: QName,
    pub(crate) port_type: QName,
    pub(crate) protocol: Protocol,
    pub(crate) operations: Vec<BindingOperation>,
}

/// How a binding carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// SOAP 1.1 over HTTP.
    Soap11,
    /// SOAP 1.2 over HTTP.
    Soap12,
    /// Anything else: HTTP GET and POST, MIME.
    Other,
}

#[derive(Debug)]
pub(crate) struct BindingOperation {
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) rpc: bool,
    pub(crate) input: Option<BindingMessage>,
    pub(crate) output: Option<BindingMessage>,
}

/// How a message is bound (WSDL 1.1, 3.5 and 3.7).
#[derive(Debug)]
pub(crate) struct BindingMessage {
    /// None where it is bound to something else than SOAP, MIME for one.
    pub(crate) body: Option<Body>,
    pub(crate) headers: Vec<Header>,
}

#[derive(Debug)]
pub(crate) struct Body {
    /// The parts that make the body; all of them where this says nothing.
    pub(crate) parts: Option<Vec<String>>,
    pub(crate) encoded: bool,
    /// The namespace of the wrapper of style rpc.
    pub(crate) namespace: String,
}

#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) element: Element,
    pub(crate) message: QName,
    pub(crate) part: String,
    pub(crate) encoded: bool,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) element: Element,
    pub(crate) name: QName,
    pub(crate) documentation: Vec<String>,
    pub(crate) ports: Vec<Port>,
}

#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) element: Element,
    pub(crate) name: String,
    pub(crate) binding: QName,
    /// The address and where its value stands.
    pub(crate) address: Option<(String, std::ops::Range<usize>)>,
}

impl Definitions {
    /// Reads the `wsdl:definitions` element.
    pub(crate) fn read(element: &Element) -> Result<Self, Diagnostic> {
        let target = element.attribute("targetNamespace").unwrap_or("");
        Ok(Self {
            messages: read_all(element, "message", |e| Message::read(e, target))?,
            port_types: read_all(element, "portType", |e| PortType::read(e, target))?,
            bindings: read_all(element, "binding", |e| Binding::read(e, target))?,
            services: read_all(element, "service", |e| Service::read(e, target))?,
        })
    }
}

fn read_all<T>(
    parent: &Element,
    local: &str,
    read: impl Fn(&Element) -> Result<T, Diagnostic>,
) -> Result<Vec<T>, Diagnostic> {
    parent
        .children_named(WSDL, local)
        .map(|element| read(&element))
        .collect()
}

fn documentation(element: &Element) -> Vec<String> {
    element
        .children_named(WSDL, "documentation")
        .map(|documentation| text_of(&documentation))
        .filter(|text| !text.is_empty())
        .collect()
}

fn named(element: &Element, target: &str) -> Result<QName, Diagnostic> {
    Ok(QName::new(target, element.required("name")?))
}

fn reference(element: &Element, attribute: &str) -> Result<QName, Diagnostic> {
    element.expand(element.required(attribute)?)
}

impl Message {
    fn read(element: &Element, target: &str) -> Result<Self, Diagnostic> {
        Ok(Self {
            element: element.clone(),
            name: named(element, target)?,
            parts: read_all(element, "part", Part::read)?,
        })
    }
}

impl Part {
    fn read(element: &Element) -> Result<Self, Diagnostic> {
        let content = if element.attribute("element").is_some() {
            PartContent::Element(reference(element, "element")?)
        } else {
            PartContent::Type(reference(element, "type")?)
        };
        Ok(Self {
            element: element.clone(),
            name: element.required("name")?.to_owned(),
            content,
        })
    }
}

impl PortType {
    fn read(element: &Element, target: &str) -> Result<Self, Diagnostic> {
        Ok(Self {
            element: element.clone(),
            name: named(element, target)?,
            documentation: documentation(element),
            operations: read_all(element, "operation", Operation::read)?,
        })
    }
}

impl Operation {
    fn read(element: &Element) -> Result<Self, Diagnostic> {
        let message = |local| {
            element
                .children_named(WSDL, local)
                .next()
                .map(|e| reference(&e, "message"))
                .transpose()
        };
        Ok(Self {
            element: element.clone(),
            name: element.required("name")?.to_owned(),
            documentation: documentation(element),
            input: message("input")?,
            output: message("output")?,
            faults: read_all(element, "fault", |e| {
                Ok(OperationFault {
                    element: e.clone(),
                    name: e.required("name")?.to_owned(),
                    message: reference(e, "message")?,
                })
            })?,
        })
    }
}

impl Binding {
    fn read(element: &Element, target: &str) -> Result<Self, Diagnostic> {
        let soap = element.children().find_map(|child| {
            let protocol = protocol_of(&child)?;
            (child.name().local == "binding").then_some((protocol, child))
        });
        let (protocol, style) = match &soap {
            Some((protocol, binding)) => (*protocol, binding.attribute("style")),
            None => (Protocol::Other, None),
        };
        let rpc = style == Some("rpc");
        Ok(Self {
            element: element.clone(),
            name: named(element, target)?,
            port_type: reference(element, "type")?,
            protocol,
            operations: read_all(element, "operation", |e| BindingOperation::read(e, rpc))?,
        })
    }
}

impl BindingOperation {
    fn read(element: &Element, rpc: bool) -> Result<Self, Diagnostic> {
        let soap = |parent: &Element, local: &str| {
            parent
                .children()
                .find(|child| protocol_of(child).is_some() && child.name().local == local)
        };
        let operation = soap(element, "operation");
        let style = operation
            .as_ref()
            .and_then(|o| o.attribute("style").map(str::to_owned));
        let message = |local| {
            element
                .children_named(WSDL, local)
                .next()
                .map(|message| BindingMessage::read(&message))
                .transpose()
        };
        Ok(Self {
            name: element.required("name")?.to_owned(),
            action: operation
                .and_then(|o| o.attribute("soapAction").map(str::to_owned))
                .unwrap_or_default(),
            rpc: style.map_or(rpc, |style| style == "rpc"),
            input: message("input")?,
            output: message("output")?,
        })
    }
}

impl BindingMessage {
    fn read(element: &Element) -> Result<Self, Diagnostic> {
        let children = || {
            element
                .children()
                .filter(|child| protocol_of(child).is_some())
        };
        let body = children()
            .find(|child| child.name().local == "body")
            .map(|body| Body::read(&body));
        let headers = children()
            .filter(|child| child.name().local == "header")
            .map(|header| Header::read(&header))
            .collect::<Result<_, _>>()?;
        Ok(Self { body, headers })
    }
}

impl Body {
    fn read(element: &Element) -> Self {
        let parts = element.attribute("parts");
        Self {
            parts: parts.map(|parts| parts.split_whitespace().map(str::to_owned).collect()),
            encoded: element.attribute("use") == Some("encoded"),
            namespace: element.attribute("namespace").unwrap_or("").to_owned(),
        }
    }
}

impl Header {
    fn read(element: &Element) -> Result<Self, Diagnostic> {
        Ok(Self {
            element: element.clone(),
            message: reference(element, "message")?,
            part: element.required("part")?.to_owned(),
            encoded: element.attribute("use") == Some("encoded"),
        })
    }
}

impl Service {
    fn read(element: &Element, target: &str) -> Result<Self, Diagnostic> {
        Ok(Self {
            element: element.clone(),
            name: named(element, target)?,
            documentation: documentation(element),
            ports: read_all(element, "port", Port::read)?,
        })
    }
}

impl Port {
    fn read(element: &Element) -> Result<Self, Diagnostic> {
        let address = element
            .children()
            .find(|child| protocol_of(child).is_some() && child.name().local == "address")
            .and_then(|address| {
                let location = address
                    .attributes()
                    .iter()
                    .find(|a| a.name.local == "location")?;
                Some((location.value.clone(), location.range.clone()))
            });
        Ok(Self {
            element: element.clone(),
            name: element.required("name")?.to_owned(),
            binding: reference(element, "binding")?,
            address,
        })
    }
}

/// The SOAP version whose WSDL extension `element` is (WSDL 1.1, section 3; WSDL 1.1 Binding Extension for SOAP 1.2).
fn protocol_of(element: &Element) -> Option<Protocol> {
    match element.name().namespace.as_str() {
        SOAP11 => Some(Protocol::Soap11),
        SOAP12 => Some(Protocol::Soap12),
        _ => None,
    }
}
