//! A contract: its port types and services, and the elements that stand at the root of its messages.

use super::Resolver;
use super::binding::{bind, bind_unserved, disagreements, serving, turn_of};
use super::complex::is_true;
use super::operation::OperationNames;
use super::variant::{Variant, documents, namespaces, same_service};
use crate::config::ContractConfig;
use crate::diagnostic::{Diagnostic, Findings};
use crate::load::{Element, QName};
use crate::model::{Contract, PortType, RootElement, Service};
use crate::syntax::wsdl;

impl Resolver<'_> {
    /// Resolves the contract that `config` names, of which `variants` were read.
    pub(super) fn contract(
        &mut self,
        config: &ContractConfig,
        variants: &[&Variant],
        findings: &mut Findings,
    ) {
        let Some(first) = variants.first() else {
            return;
        };
        for other in &variants[1..] {
            findings.keep(same_service(first, other));
        }
        let first_root = self.model.roots.len();
        let mut contract = Contract {
            module: config.module.clone(),
            file: config.variants[0].1.to_string_lossy().replace('\\', "/"),
            namespaces: namespaces(variants),
            open: false,
            port_types: Vec::new(),
            services: Vec::new(),
            bindings: Vec::new(),
            documents: documents(variants),
        };
        let mut passed_over = Vec::new();
        for port_type in first.port_types() {
            let resolved = self.port_type(first, port_type, &mut passed_over, findings);
            contract.port_types.push(resolved);
        }
        // A contract of which nothing is left is refused, for the reasons that its operations were passed over.
        if contract.port_types.iter().all(|p| p.operations.is_empty()) {
            for reason in passed_over {
                findings.keep::<()>(Err(reason));
            }
        } else {
            self.model.warnings.extend(passed_over);
        }
        self.model.warnings.extend(disagreements(first));
        for variant in variants {
            for service in variant.services() {
                let bound = bind(&mut contract, variant, service, &mut self.model.warnings);
                findings.keep(bound);
            }
        }
        findings.keep(bind_unserved(
            &mut contract,
            first,
            &mut self.model.warnings,
        ));
        self.checked(&mut contract, first_root);
        if first.definitions.is_empty() {
            self.all_elements(first, findings);
        }
        self.model.contracts.push(contract);
    }

    /// Takes out the services of port types of which nothing is left, and adds the namespaces that messages name.
    fn checked(&self, contract: &mut Contract, first_root: usize) {
        let port_types = &contract.port_types;
        let left = |service: &Service| !port_types[service.port_type].operations.is_empty();
        contract.services.retain(left);
        for root in &self.model.roots[first_root..] {
            let namespace = &root.element.name.namespace;
            if !contract.namespaces.contains(namespace) {
                contract.namespaces.push(namespace.clone());
            }
        }
    }

    /// A schema on its own: each of its global elements may be the root of a message, each of its types is kept.
    fn all_elements(&mut self, variant: &Variant, findings: &mut Findings) {
        for source in &variant.loaded.schemas {
            let children: Vec<Element> = source.element.children().collect();
            for child in children {
                let name = child.attribute("name").unwrap_or("");
                let name = QName::new(source.namespace.as_str(), name);
                match child.name().local.as_str() {
                    // What is abstract stands in no message.
                    "element" if is_true(child.attribute("abstract")) => {}
                    "element" => {
                        let root = self.root(&name, &child);
                        findings.keep(root);
                    }
                    "simpleType" | "complexType" => {
                        let named = self.type_called(&name, &child);
                        findings.keep(named);
                    }
                    _ => {}
                }
            }
        }
    }

    fn port_type(
        &mut self,
        variant: &Variant,
        port_type: &wsdl::PortType,
        passed_over: &mut Vec<Diagnostic>,
        findings: &mut Findings,
    ) -> PortType {
        let mut operations = Vec::new();
        for (index, operation) in port_type.operations.iter().enumerate() {
            let turn = turn_of(port_type, index);
            match serving(variant, port_type, operation, turn) {
                Err(reason) => passed_over.push(reason),
                Ok(bound) => {
                    let names = OperationNames::of(variant, port_type, operation);
                    let resolved = self.operation(variant, port_type, operation, bound, names);
                    operations.extend(findings.keep(resolved));
                }
            }
        }
        PortType {
            name: port_type.name.clone(),
            documentation: port_type.documentation.clone(),
            operations,
        }
    }

    /// The global element `name` as the root of a message.
    pub(super) fn root(&mut self, name: &QName, user: &Element) -> Result<usize, Diagnostic> {
        if let Some(known) = self
            .model
            .roots
            .iter()
            .position(|r| r.element.name == *name && !r.bare)
        {
            return Ok(known);
        }
        let declared = self.symbols.elements.get(name);
        if declared.is_some_and(|global| is_true(global.element.attribute("abstract"))) {
            let message = format!(
                "the element `{}` is abstract, so no message can have it",
                name.local
            );
            return Err(Diagnostic::at(user.place(), message)
                .help("let the message name an element that can stand for it"));
        }
        let element = self.global_element(name, user)?;
        let file = self.symbols.elements[name].element.document().name.clone();
        self.model.roots.push(RootElement {
            element,
            bare: false,
            file,
        });
        Ok(self.model.roots.len() - 1)
    }
}
