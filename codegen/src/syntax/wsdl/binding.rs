//! The concrete side of a WSDL: bindings to SOAP (WSDL 1.1, section 3; WSDL 1.1 Binding Extension for SOAP 1.2).

use super::{WSDL, named, read_all, reference};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName};

/// The namespace of the binding to SOAP 1.1.
pub(super) const SOAP11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
/// The namespace of the binding to SOAP 1.2.
pub(super) const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";

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
    Soap11,
    Soap12,
    /// Anything else: HTTP GET and POST, MIME.
    Other,
}

#[derive(Debug)]
pub(crate) struct BindingOperation {
    pub(crate) element: Element,
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) rpc: bool,
    pub(crate) input: Option<BindingMessage>,
    pub(crate) output: Option<BindingMessage>,
    /// The names of the faults whose details are encoded.
    pub(crate) encoded_faults: Vec<String>,
}

/// How a message is bound (WSDL 1.1, 3.5 and 3.7).
#[derive(Debug)]
pub(crate) struct BindingMessage {
    /// None where it is bound to something else than SOAP, MIME for one.
    pub(crate) body: Option<Body>,
    pub(crate) headers: Vec<Header>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// The parts that make the body; all of them where this says nothing.
    pub(crate) parts: Option<Vec<String>>,
    /// Where no `use` says so the body is literal (WS-I Basic Profile 1.1, R2707).
    pub(crate) encoded: bool,
    /// The namespace of the wrapper of style rpc.
    pub(crate) namespace: String,
}

/// A `soap:header` or `soap:headerfault`.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) element: Element,
    pub(crate) message: QName,
    pub(crate) part: String,
    pub(crate) encoded: bool,
    /// The `soap:headerfault` elements inside a header.
    pub(crate) faults: Vec<Self>,
}

impl Binding {
    pub(super) fn read(element: &Element, target: &str) -> Result<Self, Diagnostic> {
        let soap = soap(element, "binding");
        let attribute = |name| soap.as_ref().and_then(|soap| soap.attribute(name));
        let rpc = attribute("style") == Some("rpc");
        Ok(Self {
            element: element.clone(),
            name: named(element, target)?,
            port_type: reference(element, "type")?,
            protocol: soap.as_ref().map_or(Protocol::Other, protocol_of),
            operations: read_all(element, "operation", |e| BindingOperation::read(e, rpc))?,
        })
    }
}

impl BindingOperation {
    fn read(element: &Element, rpc: bool) -> Result<Self, Diagnostic> {
        let operation = soap(element, "operation");
        let attribute = |name| operation.as_ref().and_then(|o| o.attribute(name));
        let message = |local| {
            element
                .children_named(WSDL, local)
                .next()
                .map(|message| BindingMessage::read(&message))
                .transpose()
        };
        Ok(Self {
            element: element.clone(),
            name: element.required("name")?.to_owned(),
            action: attribute("soapAction").unwrap_or_default().to_owned(),
            rpc: attribute("style").map_or(rpc, |style| style == "rpc"),
            input: message("input")?,
            output: message("output")?,
            encoded_faults: element
                .children_named(WSDL, "fault")
                .filter(|fault| soap(fault, "fault").is_some_and(|soap| is_encoded(&soap)))
                .filter_map(|fault| fault.attribute("name").map(str::to_owned))
                .collect(),
        })
    }

    /// What this and `other` put on the wire, and what is different about it, if anything is.
    pub(crate) fn difference(&self, other: &Self) -> Option<&'static str> {
        let sides = [(&self.input, &other.input), (&self.output, &other.output)];
        let body = |message: &'_ Option<BindingMessage>| {
            let body = message.as_ref()?.body.as_ref()?;
            // The namespace counts in style rpc only (WS-I Basic Profile 1.1, R2716).
            let namespace = self.rpc.then(|| body.namespace.clone());
            Some((body.parts.clone(), body.encoded, namespace))
        };
        let headers = |message: &Option<BindingMessage>| {
            let headers = message.iter().flat_map(|message| &message.headers);
            let mut names: Vec<_> = headers
                .map(|h| (h.message.clone(), h.part.clone()))
                .collect();
            names.sort();
            names
        };
        if self.rpc != other.rpc {
            Some("style")
        } else if sides.iter().any(|(a, b)| body(a) != body(b)) {
            Some("body")
        } else if sides.iter().any(|(a, b)| headers(a) != headers(b)) {
            Some("headers")
        } else if self.action != other.action {
            Some("action")
        } else {
            None
        }
    }
}

impl BindingMessage {
    fn read(element: &Element) -> Result<Self, Diagnostic> {
        Ok(Self {
            body: soap(element, "body").map(|body| Body::read(&body)),
            headers: Header::read_all(element, "header")?,
        })
    }
}

impl Body {
    fn read(element: &Element) -> Self {
        let parts = element.attribute("parts");
        Self {
            parts: parts.map(|parts| parts.split_whitespace().map(str::to_owned).collect()),
            encoded: is_encoded(element),
            namespace: element.attribute("namespace").unwrap_or("").to_owned(),
        }
    }
}

impl Header {
    fn read_all(parent: &Element, local: &str) -> Result<Vec<Self>, Diagnostic> {
        parent
            .children()
            .filter(|child| is_soap(child, local))
            .map(|header| {
                Ok(Self {
                    message: reference(&header, "message")?,
                    part: header.required("part")?.to_owned(),
                    encoded: is_encoded(&header),
                    faults: Self::read_all(&header, "headerfault")?,
                    element: header,
                })
            })
            .collect()
    }
}

/// The element `local` of a binding to SOAP right inside `parent`.
pub(super) fn soap(parent: &Element, local: &str) -> Option<Element> {
    parent.children().find(|child| is_soap(child, local))
}

fn is_soap(element: &Element, local: &str) -> bool {
    protocol_of(element) != Protocol::Other && element.name().local == local
}

fn is_encoded(element: &Element) -> bool {
    element.attribute("use") == Some("encoded")
}

/// The version of SOAP whose WSDL extension `element` is.
fn protocol_of(element: &Element) -> Protocol {
    match element.name().namespace.as_str() {
        SOAP11 => Protocol::Soap11,
        SOAP12 => Protocol::Soap12,
        _ => Protocol::Other,
    }
}
