//! The documents of one variant of a contract; the variants of one must agree in everything but policy and address.

use std::collections::BTreeMap;

use super::binding::is_main;
use super::unknown;
use crate::diagnostic::{Diagnostic, Error, Findings};
use crate::load::{Element, Loaded, QName, WSDL};
use crate::model::{Document, Link};
use crate::syntax::policy::is_of_policy;
use crate::syntax::wsdl::{self, Definitions};

/// The documents of one variant of a contract.
pub(super) struct Variant {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) definitions: Vec<Definitions>,
    pub(super) loaded: Loaded,
}

impl Variant {
    pub(super) fn messages(&self) -> impl Iterator<Item = &wsdl::Message> {
        self.definitions.iter().flat_map(|d| &d.messages)
    }

    pub(super) fn port_types(&self) -> impl Iterator<Item = &wsdl::PortType> {
        self.definitions.iter().flat_map(|d| &d.port_types)
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &wsdl::Binding> {
        self.definitions.iter().flat_map(|d| &d.bindings)
    }

    pub(super) fn services(&self) -> impl Iterator<Item = &wsdl::Service> {
        self.definitions.iter().flat_map(|d| &d.services)
    }

    /// Whether a service has `port_type` as its main one.
    pub(super) fn is_main(&self, port_type: &wsdl::PortType) -> bool {
        let serves = |port: &wsdl::Port| {
            let mut bindings = self.bindings_of(&port_type.name);
            bindings.any(|binding| binding.name == port.binding)
        };
        self.services()
            .filter(|service| is_main(&service.name, &port_type.name))
            .any(|service| service.ports.iter().any(serves))
    }

    /// The bindings of the port type `name`.
    pub(super) fn bindings_of(&self, name: &QName) -> impl Iterator<Item = &wsdl::Binding> {
        self.bindings()
            .filter(move |binding| binding.port_type == *name)
    }

    /// The binding of `port`.
    pub(super) fn binding_of(&self, port: &wsdl::Port) -> Result<&wsdl::Binding, Diagnostic> {
        self.bindings()
            .find(|binding| binding.name == port.binding)
            .ok_or_else(|| unknown("binding", &port.binding, &port.element))
    }
}

/// Leaves of what `definitions` declare more than once the first of each kind and name (WSDL 1.1, 2.1.1), and warns of
/// bindings that say something else.
///
/// # Errors
///
/// Any other declaration that is there again and says something else.
pub(super) fn settle(definitions: &mut [Definitions]) -> Result<Vec<Diagnostic>, Error> {
    let mut findings = Findings::default();
    let mut warnings = Vec::new();
    let mut declared: BTreeMap<(&str, QName), Element> = BTreeMap::new();
    let mut first = |kind, name: &QName, element: &Element| {
        let known = declared.get(&(kind, name.clone()));
        if let Some(known) = known {
            if !known.same_as(element, &is_documentation) {
                let message = format!("the {kind} `{name}` is declared twice, differently");
                let told = Diagnostic::at(element.place(), message);
                let other = known.place();
                if kind == "binding" {
                    warnings.push(told.help(format!("the one at {other:?} holds")));
                } else {
                    let help = format!("the other declaration is at {other:?}");
                    findings.keep::<()>(Err(told.help(help)));
                }
            }
            return false;
        }
        declared.insert((kind, name.clone()), element.clone());
        true
    };
    for Definitions {
        messages,
        port_types,
        bindings,
        services,
    } in definitions
    {
        messages.retain(|m| first("message", &m.name, &m.element));
        port_types.retain(|p| first("port type", &p.name, &p.element));
        bindings.retain(|b| first("binding", &b.name, &b.element));
        services.retain(|s| first("service", &s.name, &s.element));
    }
    findings.finish(warnings)
}

/// Lets every reference to a binding or port type that is not there lead to the only one with its local name, with a
/// warning: deployed contracts forget the prefix.
pub(super) fn prefixed(definitions: &mut [Definitions]) -> Vec<Diagnostic> {
    let bindings: Vec<QName> = definitions
        .iter()
        .flat_map(|d| d.bindings.iter().map(|b| b.name.clone()))
        .collect();
    let port_types: Vec<QName> = definitions
        .iter()
        .flat_map(|d| d.port_types.iter().map(|p| p.name.clone()))
        .collect();
    let mut warnings = Vec::new();
    let mut refer = |kind, name: &mut QName, declared: &[QName], user: &Element| {
        let mut meant = declared.iter().filter(|known| known.local == name.local);
        if let (false, Some(only), None) = (declared.contains(name), meant.next(), meant.next()) {
            let warning = Diagnostic::at(user.place(), format!("no {kind} `{name}` is declared"));
            warnings.push(warning.help(format!("`{only}` is taken for it")));
            name.clone_from(only);
        }
    };
    for Definitions {
        bindings: own,
        services,
        ..
    } in definitions
    {
        for binding in own {
            refer(
                "port type",
                &mut binding.port_type,
                &port_types,
                &binding.element,
            );
        }
        for port in services.iter_mut().flat_map(|service| &mut service.ports) {
            refer("binding", &mut port.binding, &bindings, &port.element);
        }
    }
    warnings
}

fn is_documentation(name: &QName) -> bool {
    name.namespace == WSDL && name.local == "documentation"
}

/// Checks that `other` declares the messages, port types and services of `first`.
pub(super) fn same_service(first: &Variant, other: &Variant) -> Result<(), Diagnostic> {
    let of = |variant: &Variant| -> Vec<(QName, Element)> {
        let messages = variant
            .messages()
            .map(|m| (m.name.clone(), m.element.clone()));
        let port_types = variant
            .port_types()
            .map(|p| (p.name.clone(), p.element.clone()));
        let services = variant
            .services()
            .map(|s| (s.name.clone(), s.element.clone()));
        messages.chain(port_types).chain(services).collect()
    };
    let ours = of(first);
    for (name, element) in of(other) {
        let same = ours.iter().any(|(known, declared)| {
            let ignored = |name: &QName| is_documentation(name) || is_of_policy(name);
            *known == name && declared.same_as(&element, &ignored)
        });
        if !same {
            return Err(Diagnostic::at(
                element.place(),
                format!(
                    "the variants `{}` and `{}` differ in `{}`",
                    first.name, other.name, name.local
                ),
            )
            .help("variants of a contract differ in policy and address only; give this one a module of its own"));
        }
    }
    Ok(())
}

/// The target namespaces of the schemas of all variants, each once.
pub(super) fn namespaces(variants: &[&Variant]) -> Vec<String> {
    let mut namespaces: Vec<String> = variants
        .iter()
        .flat_map(|variant| &variant.loaded.schemas)
        .map(|schema| schema.namespace.clone())
        .collect();
    namespaces.sort();
    namespaces.dedup();
    namespaces
}

/// The documents of all variants, each once, with their links and addresses.
pub(super) fn documents(variants: &[&Variant]) -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    for variant in variants {
        for document in &variant.loaded.documents {
            if documents.iter().any(|known| *known.path == *document.name) {
                continue;
            }
            let mut links: Vec<Link> = variant
                .loaded
                .links
                .iter()
                .filter(|link| link.from.name == document.name)
                .map(|link| Link {
                    range: link.range.clone(),
                    target: link.target.name.to_string(),
                })
                .collect();
            links.sort_by_key(|link| link.range.start);
            let services = variant
                .services()
                .filter(|s| s.element.document().name == document.name);
            let mut addresses: Vec<_> = services
                .flat_map(|service| &service.ports)
                .filter_map(|port| port.address.as_ref().map(|(_, range)| range.clone()))
                .collect();
            addresses.sort_by_key(|range| range.start);
            documents.push(Document {
                path: document.name.to_string(),
                text: document.text.to_string(),
                links,
                addresses,
            });
        }
    }
    documents
}
