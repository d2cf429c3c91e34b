//! WSDL 1.1 as written (W3C Note, 15 March 2001): names are expanded, nothing is looked up yet.

mod binding;
mod oddities;

pub(crate) use self::binding::{Binding, BindingMessage, BindingOperation, Header, Protocol};
pub(crate) use self::oddities::Oddities;
use super::xsd::text_of;
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName, WSDL};

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
    pub(crate) exchange: Exchange,
    pub(crate) faults: Vec<OperationFault>,
}

/// The messages of an operation, in the order in which they are sent (WSDL 1.1, 2.4).
#[derive(Debug)]
pub(crate) enum Exchange {
    /// Request-response, or one-way where there is no output.
    Called { input: QName, output: Option<QName> },
    /// Solicit-response, or notification where there is no input: the service speaks first.
    Calling,
    /// No message at all.
    Silent,
}

#[derive(Debug)]
pub(crate) struct OperationFault {
    pub(crate) element: Element,
    pub(crate) name: String,
    pub(crate) message: QName,
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
        } else if element.attribute("type").is_some() {
            PartContent::Type(reference(element, "type")?)
        } else {
            let text = "a part has neither `element` nor `type`";
            let help = "it has to name one of the two (WSDL 1.1, 2.3.1)";
            return Err(Diagnostic::at(element.place(), text).help(help));
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
        Ok(Self {
            element: element.clone(),
            name: element.required("name")?.to_owned(),
            documentation: documentation(element),
            exchange: Exchange::read(element)?,
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

impl Exchange {
    fn read(operation: &Element) -> Result<Self, Diagnostic> {
        let mut messages = operation
            .children()
            .filter(|child| child.is(WSDL, "input") || child.is(WSDL, "output"));
        let Some(first) = messages.next() else {
            return Ok(Self::Silent);
        };
        if first.is(WSDL, "output") {
            return Ok(Self::Calling);
        }
        Ok(Self::Called {
            input: reference(&first, "message")?,
            output: messages
                .find(|message| message.is(WSDL, "output"))
                .map(|output| reference(&output, "message"))
                .transpose()?,
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
        let address = binding::soap(element, "address").and_then(|address| {
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
