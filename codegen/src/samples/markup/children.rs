//! What can be wrong with the children of an element.

use std::collections::BTreeSet;

use super::{NONE, OTHER, Site, is_any};
use crate::load::QName;
use crate::model::{Content, Occurs, Particle};
use crate::samples::tree::{Node, Part};
use crate::samples::verdict;

impl Site<'_, '_> {
    /// Order, occurrence and choice, and what may not stand between elements.
    pub(super) fn children(&mut self, content: &Content) {
        let count = self.node.parts.len();
        for at in 0..=count {
            self.strangers(content, at);
            self.between(content, at);
        }
        for at in 0..count {
            let Part::Element(child) = &self.node.parts[at] else {
                continue;
            };
            let (name, occurs) = (&child.name, occurs(content, &child.name));
            self.missing_and_repeated(at, name, occurs);
            for other in at + 1..count.min(at + 4) {
                let valid = self.turned(content, at, other);
                self.with("order", valid, |node| node.parts.swap(at, other));
            }
            if let Some(Occurs { max: Some(max), .. }) = occurs
                && (2..50).contains(&max)
            {
                self.as_often_as_may_be(at, name, max);
            }
        }
        let reversed = (0..count / 2).map(|at| self.turned(content, at, count - 1 - at));
        let reversed = reversed.fold(Some(true), verdict::both);
        self.with("order", reversed, |node| node.parts.reverse());
    }

    /// Elements that nothing declares, in front of the part `at`.
    fn strangers(&mut self, content: &Content, at: usize) {
        let names = verdict::names(self.model, content);
        for name in [
            QName::new(self.tree.name.namespace.clone(), "Ukendt"),
            QName::new(NONE, "Ukendt"),
            QName::new(OTHER, "Ukendt"),
        ] {
            let open = names.as_ref().is_none_or(|names| names.contains(&name));
            let unknown = Node::undeclared(name);
            self.with("unknown-element", (!open).then_some(false), |node| {
                node.parts.insert(at, Part::Element(unknown));
            });
        }
    }

    /// Text, comments and white space in front of the part `at`.
    fn between(&mut self, content: &Content, at: usize) {
        let mixed = matches!(content, Content::Mixed(_)) || is_any(self.node.r#type);
        let text = (!mixed).then_some(false);
        self.with("text", text, |node| {
            node.parts.insert(at, Part::Text("tekst".to_owned()));
        });
        self.with("text", text, |node| {
            node.parts.insert(at, Part::Raw("<![CDATA[æ]]>"));
        });
        let white = match content {
            Content::Empty => false,
            Content::Sequence(particles) | Content::All(particles) => !particles.is_empty(),
            Content::Simple(_) | Content::Mixed(_) => true,
        };
        for raw in ["\n  ", "<!--a-->", "<?a?>", "\r\n\t"] {
            let valid = Some(raw.starts_with('<') || white);
            self.with("white-space", valid, |node| {
                node.parts.insert(at, Part::Raw(raw));
            });
        }
    }

    /// The child `at`, of that name, once less and once more.
    fn missing_and_repeated(&mut self, at: usize, name: &QName, occurs: Option<Occurs>) {
        let same = |part: &&Part<'_>| matches!(part, Part::Element(other) if other.name == *name);
        let present = self.node.parts.iter().filter(same).count();
        let fewer = occurs.map(|occurs| present > occurs.min);
        self.with("missing-element", fewer, |node| drop(node.parts.remove(at)));
        let again = occurs.filter(|occurs| !occurs.repeats()).map(|_| false);
        self.with("repeated", again, |node| {
            node.parts.insert(at, node.parts[at].clone());
        });
        self.with("repeated", again, |node| {
            let copy = node.parts[at].clone();
            node.parts.push(copy);
        });
    }

    /// The child `at`, of that name, about as often as it may occur.
    fn as_often_as_may_be(&mut self, at: usize, name: &QName, max: usize) {
        for times in [max - 1, max, max + 1] {
            self.with("occurrence", Some(times <= max), |node| {
                let is =
                    |part: &Part<'_>| matches!(part, Part::Element(other) if other.name == *name);
                let first = node.parts.iter().position(is).unwrap_or(at);
                let one = node.parts[first].clone();
                node.parts.retain(|part| !is(part));
                node.parts.splice(first..first, vec![one; times]);
            });
        }
    }

    /// Whether the element is valid with two of its parts in each other's place.
    fn turned(&self, content: &Content, one: usize, other: usize) -> Option<bool> {
        match content {
            Content::All(_) => Some(true),
            Content::Sequence(particles) => {
                let elements = elements(particles).map(|(name, _)| name);
                let different: BTreeSet<&QName> = elements.collect();
                if different.len() != particles.len() {
                    return None;
                }
                match (&self.node.parts[one], &self.node.parts[other]) {
                    (Part::Element(one), Part::Element(other)) => Some(one.name == other.name),
                    _ => None,
                }
            }
            Content::Empty | Content::Simple(_) | Content::Mixed(_) => None,
        }
    }
}

/// How often `name` may occur, where one particle alone says so.
fn occurs(content: &Content, name: &QName) -> Option<Occurs> {
    let (Content::Sequence(particles) | Content::All(particles)) = content else {
        return None;
    };
    if elements(particles).count() != particles.len() {
        return None;
    }
    let mut named = elements(particles).filter(|(other, _)| *other == name);
    match (named.next(), named.next()) {
        (Some((_, occurs)), None) => Some(occurs),
        _ => None,
    }
}

/// The particles that are elements: the name of each, and how often it occurs.
fn elements(particles: &[Particle]) -> impl Iterator<Item = (&QName, Occurs)> {
    particles.iter().filter_map(|particle| {
        let element = particle.term.element()?;
        Some((&element.name, particle.occurs))
    })
}
