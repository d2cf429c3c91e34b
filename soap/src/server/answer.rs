//! What goes back to the caller of an operation that ran.

use crate::envelope;
use crate::fault::{Fault, FaultDetail, Undeclared};
use crate::operation::{Operation, OperationFacts, Version};
use crate::xml::Unwritable;

/// The action of a fault that the contract does not declare (Web Services Addressing 1.0 - SOAP Binding, 6).
pub(crate) const SOAP_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";

/// What goes back to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The operation that ran.
    pub operation: &'static str,
    /// The action of the message, for its header: that of the operation's answer, or of the fault that is told, which is SOAP's own
    /// where the contract does not declare it.
    pub action: &'static str,
    /// The version of SOAP, which decides the content type.
    pub version: Version,
    /// The message; empty for a one-way operation that went well.
    pub body: String,
    /// Whether the message is a fault, which decides the status code.
    pub fault: bool,
    /// For the log: why the answer of the implementation could not be written. The caller sees a `Server` fault.
    pub unwritable: Option<Unwritable>,
}

impl Answer {
    /// The answer of an operation that said `output`, for those who answer a [`Rejection`](super::Rejection) by it and not by a fault.
    /// Where it cannot be written the caller gets a fault.
    pub fn output<O: Operation>(
        version: Version,
        output: &O::Output,
        headers: &O::OutputHeaders,
    ) -> Self {
        let OperationFacts {
            name: operation,
            answer_action: action,
            ..
        } = O::FACTS;
        let Some(root) = O::OUTPUT else {
            return Self {
                operation,
                action,
                version,
                body: String::new(),
                fault: false,
                unwritable: None,
            };
        };
        match envelope::write(version, headers, |writer| writer.root(&root, output)) {
            Ok(body) => Self {
                operation,
                action,
                version,
                body,
                fault: false,
                unwritable: None,
            },
            Err(unwritable) => Self::unwritable(version, &O::FACTS, unwritable),
        }
    }

    pub(super) fn fault<D: FaultDetail>(
        version: Version,
        facts: &OperationFacts,
        fault: &Fault<D>,
    ) -> Self {
        match fault.try_write(version) {
            Ok(body) => Self {
                operation: facts.name,
                action: fault.detail().map_or(SOAP_FAULT, |detail| {
                    detail.action().unwrap_or(facts.fault_action)
                }),
                version,
                body,
                fault: true,
                unwritable: None,
            },
            Err(unwritable) => Self {
                body: fault.write(version),
                ..Self::unwritable(version, facts, unwritable)
            },
        }
    }

    fn unwritable(version: Version, facts: &OperationFacts, unwritable: Unwritable) -> Self {
        let body = Fault::<Undeclared>::server("the answer could not be written").write(version);
        Self {
            operation: facts.name,
            action: SOAP_FAULT,
            version,
            body,
            fault: true,
            unwritable: Some(unwritable),
        }
    }
}
