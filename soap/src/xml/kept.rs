//! Elements that are passed over as a whole, and what has to be declared on them so that they stand on their own.

use super::escape::{Place, push_declaration, push_escaped};
use super::name::{XSI_NAMESPACE, is_name_char, is_ncname, starts_ncname};
use super::reader::{Next, Reader, Refused, Tag};
use super::token::Token;
use super::{Limits, Reason, Rule, Scope};

/// What [`Reader::walk`] meets.
pub(super) enum Visit<'t> {
    /// A start tag, with its attributes in the reader.
    Start,
    /// A part of a text, with line ends normalised.
    Text(&'t str),
    /// The end of an element.
    End,
}

/// How much of an element someone else has read when [`Reader::walk`] goes on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Nothing,
    /// Its start tag: it is open.
    Tag,
    /// All of it, its end included.
    Whole,
}

impl<'a> Reader<'a> {
    /// Passes over the element whose tag was looked at; well-formedness and limits are those of elements that are read.
    /// Each element is offered to `take` first. The stack of the walk itself grows on the heap alone.
    pub(super) fn walk(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Result<Taken, Refused>,
        mut visit: impl FnMut(&Self, Visit<'_>),
    ) -> Result<(), Refused> {
        let floor = self.open.len();
        // How often the child that was opened last has come in a row, level by level.
        let mut in_a_row: Vec<usize> = Vec::new();
        let mut text = 0;
        loop {
            match self.next {
                Next::Start => {
                    self.check_tag_name()?;
                    self.count_occurrence(&mut in_a_row)?;
                    text = 0;
                    let taken = take(self)?;
                    if taken == Taken::Whole {
                        if self.open.len() == floor {
                            return Ok(());
                        }
                        continue;
                    }
                    visit(self, Visit::Start);
                    if taken == Taken::Nothing {
                        self.enter();
                    }
                    self.attributes.clear();
                    in_a_row.push(0);
                }
                Next::End => {
                    visit(self, Visit::End);
                    self.close();
                    in_a_row.pop();
                    text = 0;
                    if self.open.len() == floor {
                        return Ok(());
                    }
                }
                Next::Unread => match self.pull()? {
                    Token::Start => self.next = Next::Start,
                    Token::End | Token::EndOfMessage => self.next = Next::End,
                    Token::Text(part) | Token::CData(part) => {
                        let part = self.normalised(part);
                        text += part.len();
                        self.check_text_length(text)?;
                        visit(self, Visit::Text(&part));
                    }
                    Token::Character(character) => {
                        text += character.len_utf8();
                        self.check_text_length(text)?;
                        visit(self, Visit::Text(character.encode_utf8(&mut [0; 4])));
                    }
                },
            }
        }
    }

    /// Counts the child whose tag was looked at among those in a row that have its name; `in_a_row` ends with its level.
    pub(super) fn count_occurrence(&mut self, in_a_row: &mut [usize]) -> Result<(), Refused> {
        let repeats = self
            .open
            .last()
            .is_some_and(|parent| parent.last_child == self.tag.raw);
        let Some(count) = in_a_row.last_mut() else {
            return Ok(());
        };
        *count = if repeats { *count + 1 } else { 1 };
        if *count > self.limits.items {
            return Err(self.fatal_here(Rule::limit(Reason::Occurrences, self.limits.items)));
        }
        Ok(())
    }

    pub(super) fn check_text_length(&mut self, length: usize) -> Result<(), Refused> {
        if length > self.limits.text_length {
            return Err(self.fatal_here(Rule::limit(Reason::TextLength, self.limits.text_length)));
        }
        Ok(())
    }

    /// The text of the element that began with `tag` at `start` and is closed: it declares all that it uses, as far as `own`,
    /// the prefixes that its tag declares, do not.
    pub(super) fn declared_text(
        &mut self,
        tag: &Tag<'a>,
        start: usize,
        own: &[&str],
    ) -> Result<String, Refused> {
        // What is in scope now is what the element inherited.
        let raw = &self.message[start..self.offset()];
        let mut inherited = String::new();
        for (prefix, uri) in used(&self.scope, raw) {
            if !own.contains(&prefix) {
                push_declaration(&mut inherited, prefix, uri);
            }
        }
        self.charge(inherited.len())?;
        let name_end = 1 + tag.raw.len();
        Ok([&raw[..name_end], &inherited, &raw[name_end..]].concat())
    }

    /// Counts octets that are copied beside those of the message: many small elements may inherit one long declaration.
    pub(super) fn charge(&mut self, octets: usize) -> Result<(), Refused> {
        /// How many times the longest message a reader may copy.
        const MOST: usize = 4;
        let most = self.limits.bytes.saturating_mul(MOST);
        self.copied = self.copied.saturating_add(octets);
        if self.copied > most {
            let rule = Rule::limit(Reason::Copied, most);
            return Err(self.fatal_here(rule));
        }
        Ok(())
    }
}

/// The declarations in `scope` that an element with the text `raw` may use: those whose prefix stands before a colon
/// anywhere in it, and the default namespace.
fn used<'s>(scope: &'s Scope<'_>, raw: &'s str) -> Vec<(&'s str, &'s str)> {
    // A reference may hide a prefix or its colon.
    if raw.contains("&#") {
        let all = scope.effective(scope.mark());
        return all.filter(|(_, uri)| !uri.is_empty()).collect();
    }
    let mut used: Vec<(&str, &str)> = Vec::new();
    for prefix in std::iter::once("").chain(qualified(raw)) {
        let known = prefix == "xml" || used.iter().any(|(held, _)| *held == prefix);
        if !known && let Some(uri) = scope.resolve(prefix).filter(|uri| !uri.is_empty()) {
            used.push((prefix, uri));
        }
    }
    used
}

/// The prefixes of what looks like `prefix:local` in a text, in its order.
fn qualified(text: &str) -> impl Iterator<Item = &str> {
    let mut begun = 0;
    memchr::memchr_iter(b':', text.as_bytes()).filter_map(move |colon| {
        let before = &text[begun..colon];
        begun = colon + 1;
        let prefix_at = before
            .char_indices()
            .rev()
            .take_while(|(_, character)| is_name_char(*character))
            .last()
            .map_or(before.len(), |(at, _)| at);
        let prefix = &before[prefix_at..];
        (is_ncname(prefix) && starts_ncname(&text[colon + 1..])).then_some(prefix)
    })
}

/// The prefixes that values in `text` seem to use, with what they stand for in `scope`.
pub(super) fn bindings(scope: &Scope<'_>, text: &str, bound: &mut Vec<(Box<str>, Box<str>)>) {
    for prefix in qualified(text) {
        let known = prefix == "xml" || bound.iter().any(|(held, _)| **held == *prefix);
        if !known && let Some(uri) = scope.resolve(prefix) {
            bound.push((prefix.into(), uri.into()));
        }
    }
}

/// What there is to the text of an element when prefixes, comments, the order of attributes and the choice of escapes are
/// taken out; none if it is no element.
pub(super) fn canonical(xml: &str) -> Option<String> {
    let mut reader = Reader::new(xml.as_bytes(), &Limits::UNBOUNDED).ok()?;
    reader.next_name()?;
    let mut canonical = Canonical::default();
    reader
        .walk(
            |_| Ok(Taken::Nothing),
            |reader, visit| canonical.take(reader, &visit),
        )
        .ok()?;
    Some(canonical.out)
}

#[derive(Default)]
struct Canonical {
    out: String,
    /// Text since the last tag.
    text: String,
}

impl Canonical {
    fn take(&mut self, reader: &Reader<'_>, visit: &Visit<'_>) {
        match visit {
            Visit::Text(part) => self.text.push_str(part),
            Visit::Start => {
                self.end_text();
                self.start(reader);
            }
            Visit::End => {
                self.end_text();
                self.out.push_str("</>");
            }
        }
    }

    fn start(&mut self, reader: &Reader<'_>) {
        let tag = &reader.tag;
        self.out.push('<');
        self.name(reader.scope.uri(tag.namespace), &tag.raw[tag.local..]);
        let mut attributes = Vec::new();
        reader.each_attribute(|namespace, local, value| {
            let mut one = Self::default();
            one.name(namespace, local);
            one.out.push_str("=\"");
            one.value(value);
            one.out.push('"');
            if (namespace, local) == (XSI_NAMESPACE, "type") {
                let prefix = value
                    .split_once(':')
                    .map_or("", |(prefix, _)| prefix.trim_start());
                one.name(reader.scope.resolve(prefix).unwrap_or_default(), "");
            }
            attributes.push(one.out);
        });
        attributes.sort_unstable();
        for attribute in attributes {
            self.out.push(' ');
            self.out.push_str(&attribute);
        }
        self.out.push('>');
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.value(&text);
    }

    fn value(&mut self, value: &str) {
        push_escaped(&mut self.out, value, Place::Attribute);
    }

    fn name(&mut self, namespace: &str, local: &str) {
        self.out.push('{');
        push_escaped(&mut self.out, namespace, Place::Attribute);
        self.out.push('}');
        self.out.push_str(local);
    }
}
