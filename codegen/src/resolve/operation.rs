//! Operations: their messages, headers and faults.

use super::message::Direction;
use super::variant::Variant;
use super::{Resolver, action};
use crate::diagnostic::Diagnostic;
use crate::load::QName;
use crate::model::{DeclaredFault, Operation};
use crate::syntax::wsdl::{self, BindingOperation, Exchange, Header, PartContent};

impl Resolver<'_> {
    /// The operation that `bound` binds.
    pub(super) fn operation(
        &mut self,
        variant: &Variant,
        port_type: &wsdl::PortType,
        operation: &wsdl::Operation,
        bound: Option<&BindingOperation>,
        names: OperationNames,
    ) -> Result<Operation, Diagnostic> {
        let (input, output) = called(operation)?;
        let faults = self.faults(variant, port_type, operation, bound)?;
        let OperationNames { label, item } = names;
        let rpc = bound.is_some_and(|bound| bound.rpc);
        let input = Direction {
            message: input,
            user: &operation.element,
            bound: bound.and_then(|bound| bound.input.as_ref()),
            rpc,
            name: operation.name.clone(),
            made: format!("{}Request", item.local),
        };
        let output = output.as_ref().map(|output| Direction {
            message: output,
            user: &operation.element,
            bound: bound.and_then(|bound| bound.output.as_ref()),
            rpc,
            name: format!("{}Response", operation.name),
            made: format!("{}Response", item.local),
        });
        Ok(Operation {
            name: operation.name.clone(),
            label,
            item,
            documentation: operation.documentation.clone(),
            action: bound.map(|bound| bound.action.clone()).unwrap_or_default(),
            answer_action: action::of_answer(port_type, operation),
            fault_action: sole_action(&faults).to_owned(),
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

    /// The declared faults: those of the port type, whose details stand in the body, and those that the binding declares
    /// about headers, whose details are headers themselves (WSDL 1.1, 3.7).
    fn faults(
        &mut self,
        variant: &Variant,
        port_type: &wsdl::PortType,
        operation: &wsdl::Operation,
        bound: Option<&BindingOperation>,
    ) -> Result<Vec<DeclaredFault>, Diagnostic> {
        let mut faults = Vec::new();
        for fault in &operation.faults {
            if bound.is_some_and(|bound| bound.encoded_faults.contains(&fault.name)) {
                let text = format!("the fault `{}` is bound with use encoded", fault.name);
                let warning = Diagnostic::at(fault.element.place(), text);
                let help = "its detail stays text (WS-I Basic Profile 1.1, R2706)";
                self.model.warnings.push(warning.help(help));
            } else {
                let action = action::of_fault(port_type, operation, fault);
                faults.extend(self.fault(variant, fault, action)?);
            }
        }
        let messages = bound
            .iter()
            .flat_map(|bound| bound.input.iter().chain(&bound.output));
        for header in messages.flat_map(|m| &m.headers).flat_map(|h| &h.faults) {
            let Some(fault) = self.header_fault(variant, header)? else {
                continue;
            };
            if !faults
                .iter()
                .any(|known: &DeclaredFault| known.header && known.detail == fault.detail)
            {
                faults.push(fault);
            }
        }
        Ok(faults)
    }

    /// The header block that a fault about a header carries.
    fn header_fault(
        &mut self,
        variant: &Variant,
        header: &Header,
    ) -> Result<Option<DeclaredFault>, Diagnostic> {
        let detail = self.header_part(variant, header)?;
        Ok(detail.map(|detail| DeclaredFault {
            name: detail.name,
            action: action::SOAP_FAULT.to_owned(),
            detail: detail.root,
            header: true,
        }))
    }

    /// The detail of a declared fault: none where its part is a type, since a detail entry is an element.
    fn fault(
        &mut self,
        variant: &Variant,
        fault: &wsdl::OperationFault,
        action: String,
    ) -> Result<Option<DeclaredFault>, Diagnostic> {
        let help = "the detail of the fault stays text";
        let message = match self.message(variant, &fault.message, &fault.element) {
            Ok(message) => message,
            Err(error) => {
                self.model.warnings.push(error.help(help));
                return Ok(None);
            }
        };
        let [part] = message.parts.as_slice() else {
            let (name, count) = (&message.name.local, message.parts.len());
            let text =
                format!("the fault message `{name}` has {count} parts, not one (WSDL 1.1, 3.6)");
            let warning = Diagnostic::at(message.element.place(), text);
            self.model.warnings.push(warning.help(help));
            return Ok(None);
        };
        match &part.content {
            PartContent::Element(element) => Ok(Some(DeclaredFault {
                name: fault.name.clone(),
                action,
                detail: self.root(element, &part.element)?,
                header: false,
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
}

/// What a fault says for its action where its detail does not say it: that of the only one.
fn sole_action(faults: &[DeclaredFault]) -> &str {
    match faults {
        [sole] => &sole.action,
        _ => action::SOAP_FAULT,
    }
}

/// Input and output of `operation`.
///
/// # Errors
///
/// It has no input, or the service would speak first: an implementation is called, and never calls.
pub(super) fn called(operation: &wsdl::Operation) -> Result<(&QName, Option<&QName>), Diagnostic> {
    let why = match &operation.exchange {
        Exchange::Called { input, output } => return Ok((input, output.as_ref())),
        Exchange::Calling => "sends its output first",
        Exchange::Silent => "has neither input nor output",
    };
    let text = format!("the operation `{}` {why}", operation.name);
    let help =
        "only one-way and request-response operations are carried (WS-I Basic Profile 1.1, R2303)";
    Err(Diagnostic::at(operation.element.place(), text).help(help))
}

/// What the Rust names of an operation are made of.
pub(super) struct OperationNames {
    label: String,
    item: QName,
}

impl OperationNames {
    /// Those of `operation`, whatever the order of the documents: an overloaded one takes the name of its input message, and
    /// one that another port type has too takes that of its port type, unless the port type is a service's main one.
    pub(super) fn of(
        variant: &Variant,
        port_type: &wsdl::PortType,
        operation: &wsdl::Operation,
    ) -> Self {
        let alike = |other: &&wsdl::Operation| other.name == operation.name;
        let label = match &operation.exchange {
            Exchange::Called { input, .. }
                if port_type.operations.iter().filter(alike).count() > 1 =>
            {
                format!("{}/{}", operation.name, input.local)
            }
            _ => operation.name.clone(),
        };
        let others = || {
            let others = variant.port_types();
            others.filter(|other| {
                other.name != port_type.name && other.operations.iter().any(|o| alike(&o))
            })
        };
        let plain = others().next().is_none()
            || (variant.is_main(port_type) && !others().any(|other| variant.is_main(other)));
        let local = if plain {
            label.clone()
        } else {
            format!("{}/{label}", port_type.name.local)
        };
        Self {
            label,
            item: QName::new(port_type.name.namespace.as_str(), local),
        }
    }
}
