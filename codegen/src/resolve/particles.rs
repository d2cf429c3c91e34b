//! Content models: groups are opened, nested ones folded where that changes nothing, and what remains nested becomes a type.

use super::complex::is_true;
use super::{Origin, Resolver, unknown};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName};
use crate::model::{
    Content, Definition, ElementUse, Group, NameKind, Occurs, Particle, ProcessContents, Term,
    TypeId, Wildcard, WildcardNamespaces,
};
use crate::syntax::xsd::{MaxOccurs, documentation, xs};

/// How the particles of a model group stand together (XSD 1.0 Part 1, 3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compositor {
    All,
    Choice,
    Sequence,
}

/// A particle whose groups are still nested as they were written.
#[derive(Clone, Debug)]
pub(super) struct RawParticle {
    occurs: Occurs,
    term: RawTerm,
}

#[derive(Clone, Debug)]
enum RawTerm {
    Element(ElementUse),
    Group(Compositor, Vec<RawParticle>),
    /// A group that is a type already.
    Made(TypeId),
    Any(Wildcard),
}

impl<'s> Resolver<'s> {
    /// The model group `syntax` at `element`.
    pub(super) fn model_group(
        &mut self,
        origin: &Origin,
        compositor: Compositor,
        syntax: &'s xs::GroupType,
        element: &Element,
    ) -> Result<RawParticle, Diagnostic> {
        let mut particles = Vec::new();
        for (content, element) in syntax.content.iter().zip(element.children()) {
            use xs::GroupTypeContent as C;
            particles.push(match content {
                C::Annotation(_) => continue,
                C::Element(inner) => self.local_element(origin, inner, &element)?,
                C::Group(inner) => self.group_reference(origin, inner, &element)?,
                C::All(inner) => self.model_group(origin, Compositor::All, inner, &element)?,
                C::Choice(inner) => {
                    self.model_group(origin, Compositor::Choice, inner, &element)?
                }
                C::Sequence(inner) => {
                    self.model_group(origin, Compositor::Sequence, inner, &element)?
                }
                C::Any(any) => RawParticle {
                    occurs: occurs(any.min_occurs, any.max_occurs),
                    term: RawTerm::Any(wildcard(
                        any.namespace.as_ref(),
                        &any.process_contents,
                        &self.schema(origin.schema).source.namespace,
                    )),
                },
            });
            let repeats = |particle: &RawParticle| particle.occurs.max.is_none_or(|max| max > 1);
            if compositor == Compositor::All && particles.last().is_some_and(repeats) {
                let message = "what stands in `xs:all` occurs at most once (XSD 1.0 Part 1, 3.8.6)";
                return Err(Diagnostic::at(element.place(), message));
            }
        }
        Ok(RawParticle {
            occurs: occurs(syntax.min_occurs, syntax.max_occurs),
            term: RawTerm::Group(compositor, particles),
        })
    }

    /// The particles of the group that `element` refers to.
    pub(super) fn group_reference(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::GroupType,
        element: &Element,
    ) -> Result<RawParticle, Diagnostic> {
        let name = self.referred(origin, element)?;
        let symbols = self.symbols;
        let global = symbols
            .groups
            .get(&name)
            .ok_or_else(|| unknown("group", &name, element))?;
        let xs::SchemaContent::Group(definition) = symbols.syntax(global) else {
            return Err(unknown("group", &name, element));
        };
        let owner = self.open_group(&name, global, element)?;
        let mut particle = None;
        for (content, inner) in definition.content.iter().zip(global.element.children()) {
            use xs::GroupTypeContent as C;
            particle = Some(match content {
                C::All(group) => self.model_group(&owner, Compositor::All, group, &inner)?,
                C::Choice(group) => self.model_group(&owner, Compositor::Choice, group, &inner)?,
                C::Sequence(group) => {
                    self.model_group(&owner, Compositor::Sequence, group, &inner)?
                }
                C::Annotation(_) | C::Element(_) | C::Group(_) | C::Any(_) => continue,
            });
        }
        self.inside.pop();
        let mut particle =
            particle.ok_or_else(|| Diagnostic::at(global.element.place(), "an empty group"))?;
        particle.occurs = occurs(syntax.min_occurs, syntax.max_occurs);
        Ok(particle)
    }

    fn local_element(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::ElementType,
        element: &Element,
    ) -> Result<RawParticle, Diagnostic> {
        let declared = if syntax.ref_.is_some() {
            let name = self.referred(origin, element)?;
            if let Some(group) = self.substitution_group(&name, element)? {
                return Ok(RawParticle {
                    occurs: occurs(syntax.min_occurs, syntax.max_occurs),
                    term: RawTerm::Made(group),
                });
            }
            let mut declared = self.global_element(&name, element)?;
            let here = documentation(element);
            if !here.is_empty() {
                declared.documentation = here;
            }
            declared
        } else {
            let by_default = self.schema(origin.schema).elements_qualified();
            let name = self.local_name(origin, element, syntax.form.as_ref(), by_default)?;
            let inner = Origin {
                name: origin.name.inner(&name.local, NameKind::Anonymous),
                ..origin.clone()
            };
            self.declared(name, &inner, syntax, element)?
        };
        Ok(RawParticle {
            occurs: occurs(syntax.min_occurs, syntax.max_occurs),
            term: RawTerm::Element(declared),
        })
    }

    /// The name of the component that `element` refers to.
    pub(super) fn referred(&self, origin: &Origin, element: &Element) -> Result<QName, Diagnostic> {
        let reference = element.required("ref")?;
        self.schema(origin.schema).refer(element, reference)
    }

    /// The name of the local declaration `element`, which is in the target namespace where its `form` or, without one, the
    /// schema says so (XSD 1.0 Part 1, 3.2.2 and 3.3.2).
    pub(super) fn local_name(
        &self,
        origin: &Origin,
        element: &Element,
        form: Option<&xs::FormChoiceType>,
        by_default: bool,
    ) -> Result<QName, Diagnostic> {
        let qualified = form.map_or(by_default, |form| *form == xs::FormChoiceType::Qualified);
        let namespace = if qualified {
            self.schema(origin.schema).source.namespace.as_str()
        } else {
            ""
        };
        Ok(QName::new(namespace, element.required("name")?))
    }

    /// The global element `name`, which `user` refers to.
    pub(super) fn global_element(
        &mut self,
        name: &QName,
        user: &Element,
    ) -> Result<ElementUse, Diagnostic> {
        let symbols = self.symbols;
        let global = symbols
            .elements
            .get(name)
            .ok_or_else(|| unknown("element", name, user))?;
        let xs::SchemaContent::Element(syntax) = symbols.syntax(global) else {
            return Err(unknown("element", name, user));
        };
        let owner = Origin::global("", name, global);
        self.declared(name.clone(), &owner, syntax, &global.element)
    }

    fn declared(
        &mut self,
        name: QName,
        origin: &Origin,
        syntax: &'s xs::ElementType,
        element: &Element,
    ) -> Result<ElementUse, Diagnostic> {
        let r#type = self.element_type(origin, syntax, element)?;
        Ok(ElementUse {
            name,
            r#type,
            nillable: syntax.nillable == Some(true),
            preset: self.preset(r#type, element)?,
            allowed: self.symbols.allowed_here(origin.schema, element),
            documentation: documentation(element),
        })
    }

    /// The choice that a reference to the element `head` stands for, where others may take its place (XSD 1.0 Part 1, 3.3.6).
    fn substitution_group(
        &mut self,
        head: &QName,
        user: &Element,
    ) -> Result<Option<TypeId>, Diagnostic> {
        let symbols = self.symbols;
        let is_abstract = |name: &QName| {
            let global = symbols.elements.get(name);
            global.is_some_and(|g| is_true(g.element.attribute("abstract")))
        };
        let members = symbols.substitutes(head);
        if members.is_empty() && !is_abstract(head) {
            return Ok(None);
        }
        let Some(global) = symbols.elements.get(head) else {
            return Err(unknown("element", head, user));
        };
        let mut owner = Origin::global("", head, global);
        owner.name.kind = NameKind::Group;
        if let Some(known) = self.by_name.get(&owner.name) {
            return Ok(Some(*known));
        }
        let group = self.enter_named(
            &owner,
            owner.name.clone(),
            Definition::Group(Group::Choice(Vec::new())),
        );
        let mut particles = Vec::new();
        for name in std::iter::once(head)
            .chain(&members)
            .filter(|name| !is_abstract(name))
        {
            let element = self.global_element(name, user)?;
            particles.push(Particle {
                occurs: Occurs::ONCE,
                term: Term::Element(element),
            });
        }
        self.complete(group, Definition::Group(Group::Choice(particles)));
        Ok(Some(group))
    }

    /// The content of a complex type whose particle is `particle`.
    pub(super) fn content(&mut self, origin: &Origin, particle: Option<RawParticle>) -> Content {
        let Some(particle) = particle.and_then(folded) else {
            return Content::Empty;
        };
        let particles = match particle.term {
            // Where every element may be absent, that the group may be changes nothing.
            RawTerm::Group(Compositor::All, particles)
                if particle.occurs == Occurs::ONCE
                    || particles.iter().all(|particle| particle.occurs.min == 0) =>
            {
                return Content::All(self.lowered(origin, particles));
            }
            RawTerm::Group(Compositor::Sequence, particles) if particle.occurs == Occurs::ONCE => {
                particles
            }
            term => vec![RawParticle { term, ..particle }],
        };
        Content::Sequence(self.lowered(origin, particles))
    }

    /// Particles in which every group that is still nested is a type of its own.
    fn lowered(&mut self, origin: &Origin, particles: Vec<RawParticle>) -> Vec<Particle> {
        particles
            .into_iter()
            .map(|particle| {
                let term = match particle.term {
                    RawTerm::Element(element) => Term::Element(element),
                    RawTerm::Made(group) => Term::Group(group),
                    RawTerm::Any(wildcard) => Term::Any(wildcard),
                    RawTerm::Group(compositor, inner) => {
                        let inner = self.lowered(origin, inner);
                        let (kind, group) = match compositor {
                            Compositor::All => ("All", Group::All(inner)),
                            Compositor::Choice => ("Choice", Group::Choice(inner)),
                            Compositor::Sequence => ("Sequence", Group::Sequence(inner)),
                        };
                        Term::Group(self.enter(
                            origin,
                            kind,
                            NameKind::Group,
                            Definition::Group(group),
                        ))
                    }
                };
                Particle {
                    occurs: particle.occurs,
                    term,
                }
            })
            .collect()
    }
}

/// The wildcard of an `xs:any` or `xs:anyAttribute` in a schema with the target namespace `target`.
pub(super) fn wildcard(
    namespace: Option<&xs::NamespaceListType>,
    process: &xs::ProcessContentsType,
    target: &str,
) -> Wildcard {
    use xs::BasicNamespaceListItemType as Item;
    Wildcard {
        namespaces: match namespace {
            None | Some(xs::NamespaceListType::Any) => WildcardNamespaces::Any,
            Some(xs::NamespaceListType::Other) => WildcardNamespaces::Other(target.to_owned()),
            Some(xs::NamespaceListType::BasicNamespaceList(list)) => {
                let names = list.0.iter().map(|item| match item {
                    Item::String(namespace) => namespace.clone(),
                    Item::TargetNamespace => target.to_owned(),
                    Item::Local => String::new(),
                });
                WildcardNamespaces::List(names.collect())
            }
        },
        process: match process {
            xs::ProcessContentsType::Skip => ProcessContents::Skip,
            xs::ProcessContentsType::Lax => ProcessContents::Lax,
            xs::ProcessContentsType::Strict => ProcessContents::Strict,
        },
    }
}

fn occurs(min: usize, max: MaxOccurs) -> Occurs {
    Occurs {
        min,
        max: match max {
            MaxOccurs::Unbounded => None,
            MaxOccurs::Bounded(max) => Some(max),
        },
    }
}

/// `particle` without what nesting alone adds: groups that occur once inside a group of their own kind, and groups of one;
/// none where nothing is left.
fn folded(particle: RawParticle) -> Option<RawParticle> {
    if particle.occurs.max == Some(0) {
        return None;
    }
    let RawTerm::Group(compositor, inner) = particle.term else {
        return Some(particle);
    };
    let written: Vec<RawParticle> = inner
        .into_iter()
        .filter(|particle| particle.occurs.max != Some(0))
        .collect();
    let count = written.len();
    let left: Vec<RawParticle> = written.into_iter().filter_map(folded).collect();
    let mut outer = particle.occurs;
    if compositor == Compositor::Choice && left.len() < count {
        // An alternative that is empty lets the whole choice be absent.
        outer.min = 0;
    }
    let mut particles = Vec::new();
    for particle in left {
        match particle.term {
            RawTerm::Group(nested, inner)
                if nested == compositor
                    && nested != Compositor::All
                    && particle.occurs == Occurs::ONCE =>
            {
                particles.extend(inner);
            }
            term => particles.push(RawParticle { term, ..particle }),
        }
    }
    if let [only] = particles.as_slice()
        && let Some(occurs) = product(outer, only.occurs)
        && compositor != Compositor::All
    {
        let term = only.term.clone();
        return Some(RawParticle { occurs, term });
    }
    if outer.max != Some(1) && emptiable(compositor, &particles) {
        // However often it has to be there: there it may be empty.
        outer.min = 0;
    }
    (!particles.is_empty()).then_some(RawParticle {
        occurs: outer,
        term: RawTerm::Group(compositor, particles),
    })
}

/// Whether a group of these allows nothing at all.
fn emptiable(compositor: Compositor, particles: &[RawParticle]) -> bool {
    let absent = |particle: &RawParticle| {
        particle.occurs.min == 0
            || matches!(&particle.term, RawTerm::Group(compositor, inner) if emptiable(*compositor, inner))
    };
    match compositor {
        Compositor::Choice => particles.iter().any(absent),
        Compositor::All | Compositor::Sequence => particles.iter().all(absent),
    }
}

/// The occurrence of a particle inside a group of its own, where one pair of bounds can say it.
fn product(outer: Occurs, inner: Occurs) -> Option<Occurs> {
    if outer == Occurs::ONCE {
        Some(inner)
    } else if inner == Occurs::ONCE {
        Some(outer)
    } else if outer.max == Some(1) && inner.min <= 1 {
        Some(Occurs {
            min: 0,
            max: inner.max,
        })
    } else {
        None
    }
}
