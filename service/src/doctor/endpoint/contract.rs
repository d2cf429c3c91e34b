//! A contract as far as it is compared: its namespace, its operations and their actions.

use std::collections::BTreeMap;

use generated::{kmd, ksd_sygefravaer, sygefravaer};
use soap::{AnyElement, AnyNode, AnyType, Document, Limits, Namespace, Root};

use crate::endpoint::Endpoint;
use crate::policy;

/// What a WSDL says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contract {
    pub(super) namespace: String,
    /// The operations of its bindings, with their actions.
    pub(super) operations: BTreeMap<String, String>,
}

const WSDL: Namespace = Namespace::new("http://schemas.xmlsoap.org/wsdl/", "wsdl");
/// Where bindings to SOAP 1.1 and 1.2 name their actions.
const SOAP: [&str; 2] = [
    "http://schemas.xmlsoap.org/wsdl/soap/",
    "http://schemas.xmlsoap.org/wsdl/soap12/",
];

impl Contract {
    /// Reads a WSDL; `None` if the text is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let definitions = AnyElement::parse(text).ok()?;
        let definitions = open(&definitions, "definitions")?;
        let mut operations = BTreeMap::new();
        for binding in children(&definitions, "binding") {
            for operation in children(&binding, "operation") {
                let name = attribute(&operation, "name")?;
                operations.insert(name, action(&operation).unwrap_or_default());
            }
        }
        Some(Self {
            namespace: attribute(&definitions, "targetNamespace")?,
            operations,
        })
    }

    /// The contract of the endpoint as we have it.
    pub(super) fn of(endpoint: Endpoint) -> Option<Self> {
        let documents: &[Document] = match endpoint {
            Endpoint::Fs1 | Endpoint::Jc1 | Endpoint::Intake => sygefravaer::DOCUMENTS,
            Endpoint::Jc2 => ksd_sygefravaer::DOCUMENTS,
            Endpoint::Fs2 => kmd::DOCUMENTS,
        };
        let path = policy::binding(endpoint)?.document;
        let mut documents = documents.iter();
        Self::read(documents.find(|document| document.path == path)?.text)
    }
}

fn action(operation: &AnyType) -> Option<String> {
    let is_soap = |element: &&AnyElement| {
        let (uri, local) = element.name();
        local == "operation" && SOAP.contains(&uri)
    };
    let inside = elements(operation).find(is_soap)?;
    let namespace = SOAP.into_iter().find(|uri| *uri == inside.name().0)?;
    let root = Root::<AnyType>::new(Namespace::new(namespace, "soap").element("operation"), &[]);
    attribute(
        &root
            .read(inside.xml().as_bytes(), &Limits::default())
            .ok()?,
        "soapAction",
    )
}

fn elements(parent: &AnyType) -> impl Iterator<Item = &AnyElement> {
    parent.content().iter().filter_map(|node| match node {
        AnyNode::Element(element) => Some(element),
        AnyNode::Text(_) => None,
    })
}

fn children(parent: &AnyType, local: &'static str) -> Vec<AnyType> {
    elements(parent)
        .filter_map(|element| open(element, local))
        .collect()
}

fn open(element: &AnyElement, local: &'static str) -> Option<AnyType> {
    if !element.is(WSDL.name(local)) {
        return None;
    }
    let root = Root::<AnyType>::new(WSDL.element(local), &[]);
    root.read(element.xml().as_bytes(), &Limits::default()).ok()
}

fn attribute(element: &AnyType, local: &str) -> Option<String> {
    let mut attributes = element.attributes().iter();
    let found = attributes.find(|a| a.local() == local && a.namespace().is_empty())?;
    Some(found.value().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_have_their_operations() {
        let operations =
            |endpoint| Contract::of(endpoint).map(|contract| contract.operations.len());
        assert_eq!(operations(Endpoint::Fs1), Some(7));
        assert_eq!(operations(Endpoint::Jc1), Some(7));
        assert_eq!(operations(Endpoint::Jc2), Some(1));
        assert_eq!(operations(Endpoint::Fs2), Some(1));
        let fs1 = Contract::of(Endpoint::Fs1).unwrap();
        assert!(fs1.operations.values().all(|action| !action.is_empty()));
    }

    #[test]
    fn what_is_no_wsdl_is_none() {
        assert_eq!(Contract::read("<html/>"), None);
        assert_eq!(Contract::read("no such page"), None);
    }
}
