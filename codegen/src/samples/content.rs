//! Whether a row of elements is one that a content model allows (XSD 1.0 Part 1, 3.8.4 and 3.9.4).

use super::instance::admits;
use crate::load::QName;
use crate::model::{Content, Definition, Group, Model, Particle, Term, TypeId};

/// Whether elements of these names, in this order, are the content.
pub(super) fn is_content(model: &Model, content: &Content, names: &[&QName]) -> bool {
    let row = Row { model, names };
    let ends = match content {
        Content::Empty | Content::Simple(_) => vec![0],
        Content::Sequence(particles) => row.sequence(particles, 0),
        Content::All(particles) => row.all(particles, 0),
        Content::Mixed(group) => row.group(*group, 0),
    };
    ends.contains(&names.len())
}

/// What its children can be: all terms that are no groups.
pub(super) fn terms<'m>(model: &'m Model, content: &'m Content) -> Vec<&'m Term> {
    let particles = match content {
        Content::Mixed(group) => group_of(model, *group).map_or(&[][..], Group::particles),
        content => content.particles(),
    };
    let mut terms = Vec::new();
    collect(model, particles, &mut terms);
    terms
}

/// What a child of this name is among `terms`: the element that is declared, or else the wildcard that lets it in.
pub(super) fn declaration<'m>(terms: &[&'m Term], name: &QName) -> Option<&'m Term> {
    let of = |is: &dyn Fn(&Term) -> bool| terms.iter().copied().find(|term| is(term));
    of(&|term| matches!(term, Term::Element(element) if element.name == *name)).or_else(|| {
        of(&|term| matches!(term, Term::Any(wildcard) if admits(wildcard, &name.namespace)))
    })
}

fn collect<'m>(model: &'m Model, particles: &'m [Particle], terms: &mut Vec<&'m Term>) {
    for particle in particles {
        match &particle.term {
            Term::Group(group) => {
                let inner = group_of(model, *group).map_or(&[][..], Group::particles);
                collect(model, inner, terms);
            }
            term => terms.push(term),
        }
    }
}

fn group_of(model: &Model, group: TypeId) -> Option<&Group> {
    match &model[group].definition {
        Definition::Group(group) => Some(group),
        _ => None,
    }
}

/// The children of an element. What can begin at one of them is told by the places where it can end, each once.
struct Row<'r> {
    model: &'r Model,
    names: &'r [&'r QName],
}

impl Row<'_> {
    fn sequence(&self, particles: &[Particle], from: usize) -> Vec<usize> {
        let mut ends = vec![from];
        for particle in particles {
            ends = from_each(&ends, |from| self.particle(particle, from));
        }
        ends
    }

    /// Each of the particles at most once, in any order.
    fn all(&self, particles: &[Particle], from: usize) -> Vec<usize> {
        let mut left: Vec<&Particle> = particles.iter().collect();
        let mut ends = Vec::new();
        let mut at = from;
        loop {
            if left.iter().all(|particle| particle.occurs.min == 0) {
                ends.push(at);
            }
            let takes = |particle: &&Particle| self.term(&particle.term, at).contains(&(at + 1));
            let Some(next) = left.iter().position(takes) else {
                return ends;
            };
            left.remove(next);
            at += 1;
        }
    }

    fn particle(&self, particle: &Particle, from: usize) -> Vec<usize> {
        let occurs = particle.occurs;
        let (mut ends, mut reached) = (Vec::new(), vec![from]);
        for count in 0.. {
            if count >= occurs.min {
                let before = ends.len();
                ends.extend(&reached);
                ends = sorted(ends);
                // Once more leads to no other place.
                if ends.len() == before {
                    break;
                }
            }
            if occurs.max.is_some_and(|max| count >= max) || reached.is_empty() {
                break;
            }
            reached = from_each(&reached, |from| self.term(&particle.term, from));
        }
        ends
    }

    fn term(&self, term: &Term, from: usize) -> Vec<usize> {
        let next = |is: &dyn Fn(&QName) -> bool| {
            let found = self.names.get(from).filter(|name| is(name));
            found.map(|_| from + 1).into_iter().collect()
        };
        match term {
            Term::Element(element) => next(&|name| *name == element.name),
            Term::Any(wildcard) => next(&|name| admits(wildcard, &name.namespace)),
            Term::Group(group) => self.group(*group, from),
        }
    }

    fn group(&self, group: TypeId, from: usize) -> Vec<usize> {
        match group_of(self.model, group) {
            Some(Group::Sequence(particles)) => self.sequence(particles, from),
            Some(Group::All(particles)) => self.all(particles, from),
            Some(Group::Choice(particles)) => {
                let each = particles
                    .iter()
                    .flat_map(|particle| self.particle(particle, from));
                sorted(each.collect())
            }
            None => Vec::new(),
        }
    }
}

/// The places that can be reached from one of `places`.
fn from_each(places: &[usize], reach: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    match places {
        [one] => reach(*one),
        places => sorted(places.iter().flat_map(|place| reach(*place)).collect()),
    }
}

fn sorted(mut places: Vec<usize>) -> Vec<usize> {
    places.sort_unstable();
    places.dedup();
    places
}
