//! What a WSDL says beside what is read of it: extensions that may be passed over, those that may not, and slips.

use super::WSDL;
use super::binding::{SOAP11, SOAP12, soap};
use crate::diagnostic::Diagnostic;
use crate::load::Element;
use crate::syntax::policy::is_of_policy;

/// The elements that those of WSDL 1.1 may hold beside `documentation`; the others hold none (WSDL 1.1, appendix A 4.1).
const CHILDREN: [(&str, &[&str]); 6] = [
    (
        "definitions",
        &[
            "import", "types", "message", "portType", "binding", "service",
        ],
    ),
    ("message", &["part"]),
    ("portType", &["operation"]),
    ("binding", &["operation"]),
    ("operation", &["input", "output", "fault"]),
    ("service", &["port"]),
];

/// What policies may be attached to (WS-PolicyAttachment 1.5, 4).
const SUBJECTS: [&str; 9] = [
    "service",
    "port",
    "portType",
    "binding",
    "operation",
    "input",
    "output",
    "fault",
    "message",
];

/// Extensions that are read, or that say only what the others say too: required or not, they are known.
const KNOWN: [&str; 4] = [
    SOAP11,
    SOAP12,
    "http://www.w3.org/ns/ws-policy",
    "http://schemas.xmlsoap.org/ws/2004/09/policy",
];

/// Extensions that ask for the headers of Web Services Addressing.
const ADDRESSING: [&str; 3] = [
    "http://www.w3.org/2006/02/addressing/wsdl",
    "http://www.w3.org/2006/05/addressing/wsdl",
    "http://www.w3.org/2007/05/addressing/metadata",
];

/// The transports of SOAP over HTTP, which bindings of either version use.
const HTTP: [&str; 2] = [
    "http://schemas.xmlsoap.org/soap/http",
    "http://www.w3.org/2003/05/soap/bindings/HTTP/",
];

/// What is odd about a WSDL.
#[derive(Debug, Default)]
pub(crate) struct Oddities {
    pub(crate) warnings: Vec<Diagnostic>,
    /// What cannot be passed over.
    pub(crate) refusals: Vec<Diagnostic>,
}

impl Oddities {
    /// Those of `definitions`, all that is inside included.
    pub(crate) fn of(definitions: &Element) -> Self {
        let mut oddities = Self::default();
        oddities.walk(definitions);
        for element in definitions.descendants() {
            oddities.policy(&element);
        }
        oddities
    }

    /// Warns of a policy that is attached to what has none.
    fn policy(&mut self, element: &Element) {
        let name = element.name();
        let uris = |e: &Element| {
            let mut names = e.attributes().iter().map(|attribute| &attribute.name);
            names.any(|name| is_of_policy(name) && name.local == "PolicyURIs")
        };
        let is_subject = |e: &Element| {
            let name = e.name();
            name.namespace == WSDL && SUBJECTS.contains(&name.local.as_str())
        };
        let mut around = std::iter::successors(element.parent(), Element::parent);
        let astray = if is_of_policy(name) && name.local == "PolicyReference" {
            // Within a policy it refers to a part of that.
            !element.parent().is_some_and(|parent| is_subject(&parent))
                && !around.any(|e| is_of_policy(e.name()))
        } else {
            uris(element) && !is_subject(element)
        };
        if astray {
            let text = "a policy is attached where none is looked for: it is passed over";
            let help = "it holds where a service, port, port type, binding, operation or message has it (WS-PolicyAttachment 1.5, 4)";
            self.warn(element, text, help);
        }
    }

    fn walk(&mut self, element: &Element) {
        let name = element.name().local.as_str();
        let allowed = CHILDREN.iter().find(|(known, _)| *known == name);
        let allowed = allowed.map_or(&[][..], |(_, children)| children);
        for child in element.children() {
            let local = child.name().local.as_str();
            if child.name().namespace != WSDL {
                self.extension(&child);
            } else if allowed.contains(&local) {
                if local == "binding" {
                    self.binding(&child);
                } else {
                    self.walk(&child);
                }
            } else if local != "documentation" {
                let text = format!("`{local}` has no place in `{name}`: it is passed over");
                self.warn(&child, text, "see WSDL 1.1, appendix A 4.1");
            }
        }
    }

    fn binding(&mut self, binding: &Element) {
        let Some(soap) = soap(binding, "binding") else {
            // What is required of HTTP GET and the like is nothing to us.
            return;
        };
        match soap.attribute("transport").map(str::trim) {
            Some(transport) if HTTP.contains(&transport) => {}
            Some(transport) => {
                let text = format!("the transport `{transport}` is not HTTP");
                let help = "the messages are the same; what sends them has to be brought along";
                self.warn(&soap, text, help);
            }
            None => self.warn(
                &soap,
                "no transport is named",
                "HTTP is assumed (WSDL 1.1, 3.3)",
            ),
        }
        for element in binding.descendants() {
            let soap = [SOAP11, SOAP12].contains(&element.name().namespace.as_str());
            let values = [("style", "rpc", "document"), ("use", "encoded", "literal")];
            for (attribute, other, assumed) in values.into_iter().filter(|_| soap) {
                let value = element.attribute(attribute).unwrap_or(assumed);
                if value != other && value != assumed {
                    let text = format!("`{value}` is no {attribute}");
                    self.warn(&element, text, &format!("`{assumed}` is assumed"));
                }
            }
        }
        self.walk(binding);
    }

    fn extension(&mut self, extension: &Element) {
        let required = extension.attribute_in(WSDL, "required").map(str::trim);
        let namespace = extension.name().namespace.as_str();
        if !matches!(required, Some("true" | "1")) || KNOWN.contains(&namespace) {
            return;
        }
        let name = &extension.name().local;
        if ADDRESSING.contains(&namespace) {
            let text = format!("`{name}` is required: Web Services Addressing");
            let help = "the headers of Web Services Addressing are written and read by who sends and receives";
            self.warn(extension, text, help);
        } else {
            let text = format!(
                "the extension `{}` is required and not known",
                extension.name()
            );
            let help = "what is required may change the meaning of the WSDL (WSDL 1.1, 2.1.3)";
            self.refusals
                .push(Diagnostic::at(extension.place(), text).help(help));
        }
    }

    fn warn(&mut self, element: &Element, text: impl Into<String>, help: &str) {
        self.warnings
            .push(Diagnostic::at(element.place(), text).help(help));
    }
}
