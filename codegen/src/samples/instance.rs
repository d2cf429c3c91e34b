//! The valid messages of a root: the least, the most, and each branch.

use super::tree::{Node, Part, XSI, name_value};
use super::value;
use crate::load::QName;
use crate::model::{
    Builtin, Complex, Content, Definition, ElementUse, Group, Model, NameKind, Occurs, Particle,
    Preset, ProcessContents, Term, TypeId, TypeRef, Wildcard, WildcardNamespaces,
};

/// How deep a message goes before only what must be there is.
const DEEP: usize = 5;
/// How deep it goes at all.
const DEEPEST: usize = 24;
/// Octets of the longest message that is made.
const LONGEST: usize = 50_000;
/// How many branches of a choice are tried.
const BRANCHES: usize = 16;

/// What stands in an element of `xs:anyType` (XSD 1.0 Part 1, 3.4.7).
const ANYTHING: Wildcard = Wildcard {
    namespaces: WildcardNamespaces::Any,
    process: ProcessContents::Lax,
};

/// The valid messages whose root is `element`, no two the same.
pub(super) fn instances<'m>(model: &'m Model, element: &'m ElementUse) -> Vec<Node<'m>> {
    let mut instances: Vec<Node<'m>> = Vec::new();
    for (full, branch) in [true, false]
        .into_iter()
        .flat_map(|full| (0..BRANCHES).map(move |branch| (full, branch)))
    {
        let maker = Maker {
            model,
            full,
            branch,
        };
        if let Some(node) = maker.element(element, None, 0) {
            let text = node.text();
            if text.len() > LONGEST {
                continue;
            }
            if instances.iter().all(|other| other.text() != text) {
                instances.push(node);
            }
        }
    }
    instances
}

/// What is chosen where the contract leaves a choice.
#[derive(Clone, Copy)]
struct Maker<'m> {
    model: &'m Model,
    /// Whether what may be there is.
    full: bool,
    branch: usize,
}

impl<'m> Maker<'m> {
    /// None where the message would not end.
    fn element(
        self,
        declared: &'m ElementUse,
        parent: Option<TypeId>,
        depth: usize,
    ) -> Option<Node<'m>> {
        if depth > DEEPEST {
            return None;
        }
        let r#type = self.r#type(declared)?;
        let mut node = Node {
            declared: Some(declared),
            r#type: Some(r#type),
            parent,
            ..Node::undeclared(declared.name.clone())
        };
        if let (TypeRef::Defined(id), true) = (r#type, r#type != declared.r#type) {
            let name = &self.model[id].name;
            let name = QName::new(name.namespace.clone(), name.path.first()?.clone());
            node.attributes
                .push((QName::new(XSI, "type"), name_value(&name)));
        }
        let complex = match r#type {
            TypeRef::Defined(id) => match &self.model[id].definition {
                Definition::Complex(complex) => Some((id, complex)),
                _ => None,
            },
            TypeRef::Builtin(_) => None,
        };
        match complex {
            None => {
                let text = self.value(r#type, declared.preset.as_ref());
                node.parts
                    .extend((!text.is_empty()).then_some(Part::Text(text)));
                let open = r#type == TypeRef::Builtin(Builtin::ANY) && declared.preset.is_none();
                if open && self.full && depth <= DEEP {
                    let child = self.open(&ANYTHING, parent, depth);
                    node.parts.extend(child.map(Part::Element));
                }
            }
            Some((id, complex)) => self.complex(&mut node, id, complex, depth)?,
        }
        Some(node)
    }

    /// The type that the element says it has: its own, or one derived from it that it may name.
    fn r#type(self, declared: &ElementUse) -> Option<TypeRef> {
        let TypeRef::Defined(id) = declared.r#type else {
            return Some(declared.r#type);
        };
        let derived = self.model.derived.get(&id).into_iter().flatten();
        let named = derived.filter(|derived| {
            let name = &self.model[**derived].name;
            let qualified = QName::new(name.namespace.clone(), name.key());
            let allowed = declared.allowed.as_ref();
            name.kind == NameKind::Type && allowed.is_none_or(|all| all.contains(&qualified))
        });
        let all: Vec<TypeId> = std::iter::once(&id)
            .chain(named)
            .copied()
            .filter(|id| !self.model.is_abstract(*id))
            .collect();
        let index = self.branch % all.len().max(1);
        all.get(index).copied().map(TypeRef::Defined)
    }

    fn complex(
        self,
        node: &mut Node<'m>,
        id: TypeId,
        complex: &'m Complex,
        depth: usize,
    ) -> Option<()> {
        for attribute in &complex.attributes {
            if attribute.required || self.full {
                let value = self.value(attribute.r#type, attribute.preset.as_ref());
                node.attributes.push((attribute.name.clone(), value));
            }
        }
        match &complex.content {
            Content::Empty => {}
            Content::Simple(r#type) => {
                let preset = node.declared.and_then(|declared| declared.preset.as_ref());
                node.parts.push(Part::Text(self.value(*r#type, preset)));
            }
            Content::Sequence(particles) | Content::All(particles) => {
                for particle in particles {
                    self.particle(node, particle, id, depth)?;
                }
            }
            Content::Mixed(group) => {
                let preset = node.declared.and_then(|declared| declared.preset.as_ref());
                if let Some(Preset::Fixed(fixed)) = preset {
                    node.parts.push(Part::Text(fixed.clone()));
                    return Some(());
                }
                node.parts.push(Part::Text("tekst ".to_owned()));
                self.group(node, *group, depth)?;
            }
        }
        Some(())
    }

    fn particle(
        self,
        node: &mut Node<'m>,
        particle: &'m Particle,
        parent: TypeId,
        depth: usize,
    ) -> Option<()> {
        for _ in 0..self.count(particle.occurs, depth) {
            match &particle.term {
                Term::Element(element) => {
                    let child = self.element(element, Some(parent), depth + 1)?;
                    node.parts.push(Part::Element(child));
                }
                Term::Group(group) => self.group(node, *group, depth)?,
                Term::Any(wildcard) => match self.open(wildcard, Some(parent), depth) {
                    Some(child) => node.parts.push(Part::Element(child)),
                    None if particle.occurs.min > 0 => return None,
                    None => {}
                },
            }
        }
        Some(())
    }

    /// What a wildcard lets in: an element that the contract declares, or one that is made up, where it need not be declared.
    fn open(self, wildcard: &Wildcard, parent: Option<TypeId>, depth: usize) -> Option<Node<'m>> {
        let strange = || Node::undeclared(QName::new(let_in(wildcard), "Fremmed"));
        match wildcard.process {
            ProcessContents::Skip => return Some(strange()),
            ProcessContents::Lax if self.branch.is_multiple_of(2) => return Some(strange()),
            ProcessContents::Lax | ProcessContents::Strict => {}
        }
        let globals = self.model.globals.elements.values();
        let mut declared = globals
            .filter(|global| !global.r#abstract && admits(wildcard, &global.element.name.namespace))
            .cycle()
            .skip(self.branch)
            .take(self.model.globals.elements.len());
        let made = declared.find_map(|global| self.element(&global.element, parent, depth + 1));
        made.or_else(|| (wildcard.process == ProcessContents::Lax).then(strange))
    }

    fn group(self, node: &mut Node<'m>, id: TypeId, depth: usize) -> Option<()> {
        let Definition::Group(group) = &self.model[id].definition else {
            return Some(());
        };
        match group {
            Group::Choice(particles) if depth > DEEP => {
                // Another branch may end where this one does not.
                let before = node.parts.len();
                particles.iter().find_map(|particle| {
                    node.parts.truncate(before);
                    self.particle(node, particle, id, depth + 1)
                })
            }
            Group::Choice(particles) => {
                let index = self.branch % particles.len().max(1);
                match particles.get(index) {
                    Some(particle) => self.particle(node, particle, id, depth + 1),
                    None => Some(()),
                }
            }
            Group::Sequence(particles) | Group::All(particles) => particles
                .iter()
                .try_for_each(|particle| self.particle(node, particle, id, depth + 1)),
        }
    }

    fn count(self, occurs: Occurs, depth: usize) -> usize {
        if self.full && depth <= DEEP {
            occurs.min.max(2).min(occurs.max.unwrap_or(2))
        } else {
            occurs.min
        }
    }

    fn value(self, r#type: TypeRef, preset: Option<&Preset>) -> String {
        if let Some(Preset::Fixed(value)) = preset {
            return value.clone();
        }
        let values = value::valid(self.model, r#type);
        let index = self.branch % values.len().max(1);
        values.into_iter().nth(index).unwrap_or_default()
    }
}

/// Whether `wildcard` lets in what is in `namespace` (XSD 1.0 Part 1, 3.10.4).
pub(super) fn admits(wildcard: &Wildcard, namespace: &String) -> bool {
    match &wildcard.namespaces {
        WildcardNamespaces::Any => true,
        WildcardNamespaces::Other(own) => !namespace.is_empty() && namespace != own,
        WildcardNamespaces::List(namespaces) => namespaces.contains(namespace),
    }
}

/// A namespace that `wildcard` lets in.
pub(super) fn let_in(wildcard: &Wildcard) -> String {
    match &wildcard.namespaces {
        WildcardNamespaces::Any | WildcardNamespaces::Other(_) => "urn:fremmed".to_owned(),
        WildcardNamespaces::List(namespaces) => namespaces.first().cloned().unwrap_or_default(),
    }
}
