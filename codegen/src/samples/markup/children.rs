//! What can be wrong with the children of an element.

use super::{NONE, OTHER, Site};
use crate::load::QName;
use crate::model::{Content, Occurs, Particle};
use crate::samples::tree::{Node, Part};

impl Site<'_, '_> {
    /// Order, occurrence and choice, and what may not stand between elements.
    pub(super) fn children(&mut self, content: &Content) {
        let count = self.node.parts.len();
        for at in 0..=count {
            self.strangers(at);
            self.between(at);
        }
        for at in 0..count {
            let Part::Element(child) = &self.node.parts[at] else {
                continue;
            };
            let name = &child.name;
            self.missing_and_repeated(at);
            for other in at + 1..count.min(at + 4) {
                self.with("order", |node| node.parts.swap(at, other));
            }
            if let Some(Occurs { max: Some(max), .. }) = occurs(content, name)
                && (2..50).contains(&max)
            {
                self.as_often_as_may_be(at, name, max);
            }
        }
        self.with("order", |node| node.parts.reverse());
    }

    /// Elements that nothing declares, in front of the part `at`.
    fn strangers(&mut self, at: usize) {
        for name in [
            QName::new(self.tree.name.namespace.clone(), "Ukendt"),
            QName::new(NONE, "Ukendt"),
            QName::new(OTHER, "Ukendt"),
        ] {
            let unknown = Node::undeclared(name);
            self.with("unknown-element", |node| {
                node.parts.insert(at, Part::Element(unknown));
            });
        }
    }

    /// Text, comments and white space in front of the part `at`.
    fn between(&mut self, at: usize) {
        self.with("text", |node| {
            node.parts.insert(at, Part::Text("tekst".to_owned()));
        });
        self.with("text", |node| {
            node.parts.insert(at, Part::Raw("<![CDATA[æ]]>"));
        });
        for raw in ["\n  ", "<!--a-->", "<?a?>", "\r\n\t"] {
            self.with("white-space", |node| node.parts.insert(at, Part::Raw(raw)));
        }
    }

    /// The child `at` once less and once more.
    fn missing_and_repeated(&mut self, at: usize) {
        self.with("missing-element", |node| drop(node.parts.remove(at)));
        self.with("repeated", |node| {
            node.parts.insert(at, node.parts[at].clone());
        });
        self.with("repeated", |node| {
            let copy = node.parts[at].clone();
            node.parts.push(copy);
        });
    }

    /// The child `at`, of that name, about as often as it may occur.
    fn as_often_as_may_be(&mut self, at: usize, name: &QName, max: usize) {
        for times in [max - 1, max, max + 1] {
            self.with("occurrence", |node| {
                let is =
                    |part: &Part<'_>| matches!(part, Part::Element(other) if other.name == *name);
                let first = node.parts.iter().position(is).unwrap_or(at);
                let one = node.parts[first].clone();
                node.parts.retain(|part| !is(part));
                node.parts.splice(first..first, vec![one; times]);
            });
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
