//! What a contract says of its operations, services and their ports.

use crate::fault::FaultDetail;
use crate::headers::Headers;
use crate::xml::{Name, Namespace, ReadXml, Root, WriteXml};

/// The facts of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationFacts {
    /// The operation's name in the contract.
    pub name: &'static str,
    /// The action on the wire, without quotes; empty where the contract has none.
    pub action: &'static str,
    /// The action of the answer (Web Services Addressing 1.0 - Metadata, 4.4): what the contract says, or else its default, made of
    /// the names of the port type and the output; empty if the operation is one-way.
    pub answer_action: &'static str,
    /// The action of the declared fault, likewise; if none is declared, that of SOAP's own faults, and so if several are, whose details
    /// have [their own](crate::FaultDetail::action).
    pub fault_action: &'static str,
    /// The elements that the body of the request may begin with; if there are none, it is empty or told by the action alone.
    pub inputs: &'static [Name],
    /// The same of the answer; none if the operation is one-way.
    pub outputs: Option<&'static [Name]>,
    /// The header blocks that the contract declares for the request: they are understood.
    pub headers: &'static [Name],
}

/// An operation, as a type without values.
pub trait Operation {
    /// What the contract says of it.
    const FACTS: OperationFacts;
    /// The message part of the request.
    const INPUT: Root<Self::Input>;
    /// The message part of the answer; none if the operation is one-way.
    const OUTPUT: Option<Root<Self::Output>>;
    /// The content of the request.
    type Input: ReadXml + WriteXml;
    /// The headers of the request; `()` if none are declared.
    type InputHeaders: Headers;
    /// The content of the answer; `()` if the operation is one-way.
    type Output: ReadXml + WriteXml;
    /// The headers of the answer; `()` if none are declared.
    type OutputHeaders: Headers;
    /// The declared faults.
    type Fault: FaultDetail;
}

/// A version of SOAP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// SOAP 1.1 (W3C Note of 8 May 2000).
    #[default]
    Soap11,
    /// SOAP 1.2 (W3C Recommendation of 27 April 2007).
    Soap12,
}

impl Version {
    /// The namespace of envelope, header, body and fault.
    pub const fn namespace(self) -> Namespace {
        match self {
            Self::Soap11 => Namespace::new("http://schemas.xmlsoap.org/soap/envelope/", "soap"),
            Self::Soap12 => Namespace::new("http://www.w3.org/2003/05/soap-envelope", "soap"),
        }
    }

    /// The version whose envelope is in the namespace `uri`.
    pub(crate) fn of(uri: &str) -> Option<Self> {
        [Self::Soap11, Self::Soap12]
            .into_iter()
            .find(|version| version.namespace().uri() == uri)
    }
}

/// A port of a service: how and where the contract says that its operations are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The variant of the contract that it stands in; empty where there is one only.
    pub variant: &'static str,
    /// The path of the WSDL document that it stands in.
    pub document: &'static str,
    /// The name of the service.
    pub service: &'static str,
    /// The name of the port.
    pub port: &'static str,
    /// The name of the binding.
    pub name: &'static str,
    /// The version of SOAP.
    pub version: Version,
    /// The address in the contract.
    pub address: &'static str,
    /// What security it demands.
    pub policy: Policy,
}

/// What a port demands of its callers (Web Services Policy 1.5): one of the alternatives.
///
/// All policies that the contract attaches to the port, to its service, port type and binding, and to their operations and messages
/// hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Any of these is enough; none at all demands nothing.
    pub alternatives: &'static [PolicyAlternative],
}

/// One way to meet a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyAlternative {
    /// No security at all, as where every assertion is optional.
    Nothing,
    /// TLS in which the caller proves itself by a certificate.
    ClientCertificate,
    /// TLS in which only the server proves itself.
    Transport,
    /// TLS, and a message signed with the key of an issued token.
    SignedToken(SignedToken),
    /// What nothing here can meet: assertions, by their names.
    Unknown(&'static [&'static str]),
}

/// What is demanded of messages that are signed with the key of a token, by the names that WS-SecurityPolicy 1.2 gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedToken {
    /// What the signature must cover.
    pub parts: SignedParts,
    /// The suite of algorithms, such as `Basic256Sha256`; empty where none is named.
    pub suite: &'static str,
    /// The types of the tokens that requests are signed with, such as `WssSamlV20Token11`.
    pub initiator: &'static [&'static str],
    /// The types of the tokens that answers are signed with, such as `WssX509V3Token10`.
    pub recipient: &'static [&'static str],
    /// Whether the signature must cover these tokens too.
    pub protects_tokens: bool,
    /// Whatever else is demanded, such as `EncryptedParts`.
    pub others: &'static [&'static str],
}

/// What a signature must cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedParts {
    /// The body.
    pub body: bool,
    /// These header blocks, where they are there.
    pub headers: &'static [Name],
    /// The timestamp.
    pub timestamp: bool,
}

impl SignedParts {
    /// Whether the header block `name` is among them. A block that is called `*` stands for all of its namespace.
    pub fn has_header(&self, name: &Name) -> bool {
        let mut headers = self.headers.iter();
        headers.any(|header| {
            header == name || (header.local() == "*" && header.namespace() == name.namespace())
        })
    }
}
