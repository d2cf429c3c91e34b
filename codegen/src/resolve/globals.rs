//! What contracts declare globally beside what their messages name: where a wildcard or `xs:anyType` leaves a name open, any
//! of it may stand (XSD 1.0 Part 1, 3.10.4).

use super::complex::is_true;
use super::{Resolver, Slot};
use crate::diagnostic::Findings;
use crate::load::QName;
use crate::model::{
    Builtin, Complex, Definition, GlobalElement, Particle, ProcessContents, Term, TypeRef, Wildcard,
};

impl Resolver<'_> {
    /// Enters the global elements, attributes and types of the contracts that leave names open, unless that is done; says
    /// whether there were more.
    pub(super) fn enter_globals(&mut self, findings: &mut Findings) -> bool {
        let symbols = self.symbols;
        let mut namespaces = self.open_namespaces();
        namespaces.retain(|namespace| !self.entered.contains(namespace));
        if namespaces.is_empty() {
            return false;
        }
        let is_open = |name: &QName| namespaces.contains(&name.namespace);
        for (name, global) in symbols.elements.iter().filter(|(name, _)| is_open(name)) {
            if let Some(element) = findings.keep(self.global_element(name, &global.element)) {
                let r#abstract = is_true(global.element.attribute("abstract"));
                let element = GlobalElement {
                    element,
                    r#abstract,
                };
                self.model.globals.elements.insert(name.clone(), element);
            }
        }
        for (name, global) in symbols.attributes.iter().filter(|(name, _)| is_open(name)) {
            let attribute = self.global_attribute(name, &global.element);
            if let Some(attribute) = findings.keep(attribute) {
                self.model
                    .globals
                    .attributes
                    .insert(name.clone(), attribute);
            }
        }
        for (name, global) in symbols.types.iter().filter(|(name, _)| is_open(name)) {
            findings.keep(self.type_called(name, &global.element));
        }
        self.entered.extend(namespaces);
        true
    }

    /// The namespaces of the contracts that leave names open.
    fn open_namespaces(&mut self) -> Vec<String> {
        let of_types = self.slots.iter().filter_map(|slot| match slot {
            Slot::Done(r#type) if is_open(&r#type.definition) => Some(&r#type.name.namespace),
            _ => None,
        });
        let roots = self.model.roots.iter().map(|root| &root.element);
        let of_roots = roots.filter(|root| is_any(root.r#type));
        let mut open: Vec<&String> = of_types
            .chain(of_roots.map(|root| &root.name.namespace))
            .collect();
        open.sort_unstable();
        open.dedup();
        let mut namespaces = Vec::new();
        for contract in &mut self.model.contracts {
            contract.open = contract.namespaces.iter().any(|own| open.contains(&own));
            if contract.open {
                namespaces.extend(contract.namespaces.iter().cloned());
            }
        }
        namespaces
    }
}

/// Whether something that is not named may stand in an element of the type, and is to be checked.
fn is_open(definition: &Definition) -> bool {
    let checked = |wildcard: &Wildcard| wildcard.process != ProcessContents::Skip;
    let among = |particles: &[Particle]| {
        particles.iter().any(|particle| match &particle.term {
            Term::Any(wildcard) => checked(wildcard),
            Term::Element(element) => is_any(element.r#type),
            Term::Group(_) => false,
        })
    };
    match definition {
        Definition::Complex(Complex {
            any_attributes,
            content,
            ..
        }) => any_attributes.as_ref().is_some_and(checked) || among(content.particles()),
        Definition::Group(group) => among(group.particles()),
        Definition::Simple(_) | Definition::Union(_) => false,
    }
}

fn is_any(r#type: TypeRef) -> bool {
    r#type == TypeRef::Builtin(Builtin::ANY)
}
