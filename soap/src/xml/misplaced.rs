//! Children that stand where the content model has no place for them.
//!
//! The particles of a type are tried in their order, and a child that none of them takes is left when they are through, with
//! all that follows it. Then the parent is read a second time as if that child was not there, so that what follows is read by
//! the particle that waits for it, whatever the content model is: the child is one violation, and what is wrong behind it is
//! told too.
//!
//! - Siblings of the same name right behind such a child are passed over with it, and it is told once.
//! - An element that comes after a sibling before which it should have stood is told as one that came too late, not as missing
//!   there and unexpected here. If several should have stood before that sibling, or others have no place behind it, or it
//!   comes once more, it is the sibling that came too early.
//! - What was expected in the place of such a child is not told as missing there besides, and one element of its name that is
//!   missing anywhere behind it is not either: it is the one that was moved, or written in another namespace.
//! - What is in such a child is only looked at for its well-formedness.
//!
//! Messages are small, but a large one must not be read over and over: past four times its octets and [`FREE`] reading stops at
//! such a child, and a violation says so.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::locate::{Beyond, Found};
use super::reader::{Next, Open, Reader, Refused};
use super::record::Pending;
use super::record::shown;
use super::token::Token;
use super::{Name, Reason, Rule};
use crate::value::QName;

/// Octets that may be read again in any message.
const FREE: usize = 32 * 1024;

/// How often all octets of a message may be read again.
const TIMES: usize = 4;

/// Children that have no place in their parents, to be passed over when these are read again.
#[derive(Debug, Default)]
pub(super) struct Misplaced<'a> {
    /// By where their start tags begin.
    children: BTreeMap<usize, Child<'a>>,
    /// Octets that have been read again.
    again: usize,
    /// Where the tag begins that follows children that were passed over, and what was expected in their place.
    behind: (usize, Vec<Name>),
}

#[derive(Debug)]
struct Child<'a> {
    /// Where its parent begins.
    parent: usize,
    /// Empty where it is not needed.
    namespace: Box<str>,
    local: &'a str,
    rule: Rule,
    item: Option<QName>,
    place: Place,
    /// What is missing where it should have stood.
    missed: Box<[Name]>,
    /// Where it was told instead of an element that is missing behind it, in this reading.
    instead: Option<usize>,
}

/// Where an element of the child's name is missing since the child is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It should have stood before the sibling that begins there.
    Before(usize),
    /// It should have stood somewhere behind, if anywhere.
    Behind,
}

impl<'a> Reader<'a> {
    /// Goes back to the start tag of the innermost open element, to read it without the child whose tag was looked at or the
    /// one that takes its place; false if no violation but one can be told, or if there is too much to read again, which is told.
    #[cold]
    pub(super) fn begin_again(&mut self) -> bool {
        let Some(parent) = self.open.last().copied() else {
            return false;
        };
        if self.check_tag_name().is_err() || self.found.len() + 1 >= self.limits.violations {
            return false;
        }
        let octets = self.token_start - parent.start;
        let most = FREE.saturating_add(self.message.len().saturating_mul(TIMES));
        let mut misplaced = self.misplaced.take().unwrap_or_default();
        if misplaced.again + octets > most {
            self.misplaced = Some(misplaced);
            self.unexpected();
            // What is wrong behind it stays untold, and nobody may think that nothing is.
            self.fatal_here(Rule::limit(Reason::ReadAgain, most));
            return false;
        }
        misplaced.again += octets;
        let inside = misplaced.children.range_mut(parent.start..);
        inside.for_each(|(_, child)| child.instead = None);
        let (offset, child) = self.misplaced(&parent, &mut misplaced.children);
        if misplaced.children.range(offset..).next().is_some() {
            // Behind one that came too early, no other may be out of place.
            misplaced.children.split_off(&offset);
        }
        misplaced.children.insert(offset, child);
        self.misplaced = Some(misplaced);
        self.go_back(&parent).is_ok()
    }

    /// The child of `parent` that has no place in it, and where it begins: the one whose tag was looked at, unless another came
    /// too early. Before it come the `known` ones.
    fn misplaced(
        &mut self,
        parent: &Open<'a>,
        known: &mut BTreeMap<usize, Child<'a>>,
    ) -> (usize, Child<'a>) {
        let local = &self.tag.raw[self.tag.local..];
        let comes_again = known.range(parent.start..).find_map(|(start, child)| {
            let Place::Before(sibling) = child.place else {
                return None;
            };
            let again = child.parent == parent.start && name_at(self.message, sibling) == local;
            again.then_some((*start, sibling))
        });
        if let Some((start, sibling)) = comes_again {
            let missed = known.remove(&start).map(|child| child.missed);
            let missed = missed.unwrap_or_default();
            return (sibling, Child::too_early(parent.start, local, missed));
        }
        let namespace: Box<str> = self.scope.uri(self.tag.namespace).into();
        let Some((offset, missed, together)) = self.missed(parent.start) else {
            let (rule, item) = self.misfit();
            let child = Child {
                parent: parent.start,
                namespace,
                local,
                rule,
                item,
                place: Place::Behind,
                missed: Box::default(),
                instead: None,
            };
            return (self.token_start, child);
        };
        let sibling = name_at(self.message, offset);
        let others = known
            .range(offset..)
            .any(|(_, child)| child.parent == parent.start);
        if together || others {
            return (offset, Child::too_early(parent.start, sibling, missed));
        }
        // What a wildcard would have let in has a name of the sender's own.
        let item = if missed.is_empty() {
            self.open_name()
        } else {
            self.tag_name()
        };
        let child = Child {
            parent: parent.start,
            namespace,
            local,
            rule: Rule::too_late(&shown(sibling)),
            item,
            place: Place::Before(offset),
            missed,
            instead: None,
        };
        (self.token_start, child)
    }

    /// Records that the element whose tag was looked at is wanted by no one.
    pub(super) fn unexpected(&mut self) -> Refused {
        if let Err(refusal) = self.check_tag_name() {
            return refusal;
        }
        let (rule, item) = self.misfit();
        self.record_here(rule, item)
    }

    /// What is wrong with the element whose tag was looked at and that is wanted by no one.
    fn misfit(&mut self) -> (Rule, Option<QName>) {
        let pending = std::mem::take(&mut self.pending);
        if let Some((most, item)) = self.full.take() {
            let item = item.map_or_else(|| self.open_name(), |_| self.tag_name());
            return (Rule::too_many(most), item);
        }
        let local = &self.tag.raw[self.tag.local..];
        let namespace = self.scope.uri(self.tag.namespace);
        let repeats = self.open.last().is_some_and(|parent| {
            parent.last_known == Some(namespace)
                && parent.last_child.rsplit(':').next() == Some(local)
        });
        if repeats {
            return (Rule::REPEATED, self.tag_name());
        }
        let is_meant = |one: &&Pending| one.names().iter().any(|name| name.is_local(local));
        // What is missing after the first of them cannot stand here either, unless it is this, in another namespace.
        let waiting = pending.iter().find(is_meant).or(pending.first());
        let expected: Box<[Name]> = waiting.map_or_else(Box::default, |one| one.names().into());
        let item = expected.first().copied().map(QName::from);
        let rule = Rule::unexpected(expected, (namespace, local));
        (rule, item.or_else(|| self.open_name()))
    }

    /// Where the element whose tag was looked at was missed in the parent that begins at `parent`; the names of what was missed
    /// there first, and whether that was more than one.
    fn missed(&self, parent: usize) -> Option<(usize, Box<[Name]>, bool)> {
        let tag = (
            self.scope.uri(self.tag.namespace),
            &self.tag.raw[self.tag.local..],
        );
        let is_tag = |name: &Name| (name.namespace().uri(), name.local()) == tag;
        let inside = self
            .found
            .iter()
            .rposition(|found| found.element < Some(parent));
        let inside = &self.found[inside.map_or(0, |last| last + 1)..];
        let missing: Vec<&Found<'_>> = inside
            .iter()
            .filter(|found| {
                let is_missing = matches!(found.beyond, Beyond::Child(_)) || found.rule.is_open();
                found.element == Some(parent) && is_missing
            })
            .collect();
        let offset = missing
            .iter()
            .find(|found| {
                found.rule.missing_names().iter().any(is_tag) || found.rule.lets_in(tag.0)
            })?
            .offset;
        let mut there = missing.iter().filter(|found| found.offset == offset);
        let first = there.next()?.rule.missing_names().into();
        Some((offset, first, there.next().is_some()))
    }

    /// Stands before the content of `parent` as it did when its start tag had been looked at.
    fn go_back(&mut self, parent: &Open<'a>) -> Result<(), Refused> {
        let before = |found: &Found<'_>| found.element < Some(parent.start);
        let kept = self.found.iter().rposition(before);
        self.found.truncate(kept.map_or(0, |last| last + 1));
        self.pending.clear();
        self.attributes.clear();
        self.full = None;
        self.copied = 0;
        self.open.pop();
        self.scope.truncate(parent.scope);
        self.xml = Self::tokens(self.message);
        self.xml.stream().consume(parent.start);
        self.between_tags = false;
        self.careful = true;
        if let Token::Start = self.pull()? {
            self.next = Next::Start;
        }
        Ok(())
    }

    /// Looks at the next tag, and past children that have no place.
    #[cold]
    pub(super) fn peek_carefully(&mut self) -> Result<(), Refused> {
        let mut last: Option<(String, &str)> = None;
        loop {
            if self.fatal {
                return Err(Refused::RECORDED);
            }
            if self.next == Next::Unread {
                self.pull_tag()?;
            }
            let Some(misplaced) = &mut self.misplaced else {
                return Ok(());
            };
            if self.next != Next::Start {
                break;
            }
            let namespace = self.scope.uri(self.tag.namespace);
            let local = &self.tag.raw[self.tag.local..];
            let again = last
                .as_ref()
                .is_some_and(|last| (last.0.as_str(), last.1) == (namespace, local));
            let known = misplaced.children.get(&self.token_start);
            if let Some(Child { rule, item, .. }) = known {
                let (rule, item) = (rule.clone(), item.clone());
                if last.is_none() {
                    misplaced.behind.1.clear();
                }
                misplaced.behind.1.extend_from_slice(rule.expected());
                last = Some((namespace.to_owned(), local));
                self.record_here(rule, item);
            } else if !again {
                break;
            }
            self.pass_over()?;
        }
        if let Some(misplaced) = &mut self.misplaced {
            if last.is_some() {
                misplaced.behind.0 = self.token_start;
            } else if misplaced.behind.0 != self.token_start {
                misplaced.behind.1.clear();
            }
            let further = misplaced.children.range(self.token_start..).next();
            self.careful = further.is_some();
        }
        Ok(())
    }

    /// Skips the element whose tag was looked at as if it was not there.
    fn pass_over(&mut self) -> Result<(), Refused> {
        let last = self
            .open
            .last()
            .map(|parent| (parent.last_child, parent.last_known));
        let pending = std::mem::take(&mut self.pending);
        self.skip()?;
        self.pending = pending;
        if let (Some(parent), Some(last)) = (self.open.last_mut(), last) {
            (parent.last_child, parent.last_known) = last;
        }
        Ok(())
    }

    /// Whether what is missing here has been told of a child that has no place.
    pub(super) fn is_told(&mut self, pending: &Pending) -> bool {
        let (Some(misplaced), Some(parent)) = (&mut self.misplaced, self.open.last()) else {
            return false;
        };
        let (names, here) = (pending.names(), self.token_start);
        let (behind, expected) = &misplaced.behind;
        // A wildcard has no names.
        let fits = names.is_empty() || names.iter().any(|name| expected.contains(name));
        if *behind == here && fits {
            return true;
        }
        let mut children = misplaced.children.range_mut(parent.start..);
        let told = children.find_map(|(start, child)| {
            let is_place = match child.place {
                Place::Before(offset) => offset == here,
                Place::Behind => {
                    *start < here && child.instead.is_none_or(|instead| instead == here)
                }
            };
            let is_it = names.iter().any(|name| name.is_local(child.local))
                || pending.rule.lets_in(&child.namespace);
            (child.parent == parent.start && is_place && is_it).then_some(child)
        });
        told.map(|child| child.instead = Some(here)).is_some()
    }
}

impl<'a> Child<'a> {
    /// A child that was read by a particle of its own, so that it is in the right namespace, and where others were missed.
    fn too_early(parent: usize, local: &'a str, missed: Box<[Name]>) -> Self {
        let item = missed.first().copied().map(QName::from);
        Self {
            parent,
            namespace: Box::default(),
            local,
            rule: Rule::unexpected(missed, ("", "")),
            item,
            place: Place::Behind,
            missed: Box::default(),
            instead: None,
        }
    }
}

/// The local part of the name in the start tag at `offset`.
fn name_at(message: &str, offset: usize) -> &str {
    let tag = message.get(offset + 1..).unwrap_or_default();
    let end = tag.find([' ', '\t', '\n', '\r', '/', '>']);
    let name = &tag[..end.unwrap_or(tag.len())];
    name.split_once(':').map_or(name, |(_, local)| local)
}
