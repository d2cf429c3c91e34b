//! Walking the content of elements: looking ahead, entering, leaving, skipping, and recording what is wrong.

use super::name::{is_name, is_ncname};
use super::reader::{Next, Open, Reader, Refused};
use super::token::Token;
use super::{Element, Name, ReadXml, Rule, Violation, Violations, locate};

/// A child that should have stood where the cursor stands.
///
/// It becomes a violation of its own when reading goes on past this place, and part of one `unexpected-element` when the
/// element that stands here is wanted by no one.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) rule: Rule,
    /// None if a wildcard would have let it in.
    pub(super) item: Option<Name>,
}

impl<'a> Reader<'a> {
    /// Reads a whole message whose root is `element`.
    pub(crate) fn document<T: ReadXml>(mut self, element: Element) -> Result<T, Violations> {
        let value = self.required(element);
        self.finish(value)
    }

    /// Ends reading: nothing but comments may follow the root.
    pub(crate) fn finish<T>(mut self, value: Result<T, Refused>) -> Result<T, Violations> {
        if !self.fatal {
            // What is wrong has been recorded either way.
            let _ = self.end_of_message();
        }
        self.settle();
        match value {
            Ok(value) if self.violations.is_empty() => Ok(value),
            _ => Err(Violations::new(self.violations)),
        }
    }

    /// Stops reading: the next child is not one that reading can go on with.
    pub(crate) fn stop(mut self) -> Violations {
        if !self.fatal && self.next == Next::Start && !self.pending.is_empty() {
            self.unexpected();
        }
        self.settle();
        Violations::new(self.violations)
    }

    /// Records that the envelope is not one that a reply can have.
    pub(crate) fn refuse_envelope(&mut self) -> Refused {
        self.record(0, Rule::ENVELOPE, None, None)
    }

    fn end_of_message(&mut self) -> Result<(), Refused> {
        self.peek()?;
        match self.next {
            Next::Start if self.root_seen => {
                Err(self.malformed(self.token_start, "a second root element"))
            }
            Next::Start => {
                let refusal = self.unexpected();
                self.skip()?;
                self.end_of_message()?;
                Err(refusal)
            }
            Next::Unread | Next::End => Ok(()),
        }
    }

    /// Looks at the next tag of element-only content.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<(), Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        if self.next == Next::Unread {
            self.pull_tag()
        } else {
            Ok(())
        }
    }

    fn pull_tag(&mut self) -> Result<(), Refused> {
        self.begin_content();
        if self.mixed.depth == self.open.len() {
            return self.pull_mixed();
        }
        let mut text_seen = false;
        self.pass_white();
        loop {
            let start = self.offset();
            let white = match self.pull()? {
                Token::Start => {
                    self.next = Next::Start;
                    return Ok(());
                }
                Token::End | Token::EndOfMessage => {
                    self.next = Next::End;
                    return Ok(());
                }
                Token::Text(text) | Token::CData(text) => is_white(text),
                Token::Character(character) => matches!(character, ' ' | '\t' | '\n' | '\r'),
            };
            if !white && !text_seen {
                text_seen = true;
                self.record(start, Rule::TEXT_NOT_ALLOWED, None, None);
                if self.fatal {
                    return Err(Refused::RECORDED);
                }
            }
        }
    }

    /// Whether the tag that was looked at is `name`.
    #[inline]
    pub(super) fn tag_is(&mut self, name: Name) -> bool {
        self.next == Next::Start
            && name.is_local(&self.tag.raw[self.tag.local..])
            && self
                .scope
                .stands_for(self.tag.namespace, name.namespace().uri())
    }

    /// The expanded name of the tag that was looked at.
    pub(crate) fn next_name(&mut self) -> Option<(&str, &'a str)> {
        if self.peek().is_err() || self.next != Next::Start {
            return None;
        }
        Some((
            self.scope.uri(self.tag.namespace),
            &self.tag.raw[self.tag.local..],
        ))
    }

    /// Reads the child whose tag was looked at.
    pub(super) fn child<T: ReadXml>(&mut self, element: &Element) -> Result<T, Refused> {
        self.enter();
        self.preset = element.preset();
        if let (Some(own), false) = (T::TYPE, self.attributes.is_empty()) {
            self.drop_own_type(own);
        }
        let value = T::read(self);
        let left = self.leave();
        left.and(value)
    }

    /// Opens the element whose tag was looked at.
    #[inline]
    pub(crate) fn enter(&mut self) {
        if !self.pending.is_empty() {
            self.settle();
        }
        if self.outlines() {
            self.outline_start();
        }
        if let Some(parent) = self.open.last_mut() {
            parent.last_child = self.tag.raw;
        }
        self.root_seen = true;
        self.full = None;
        let scope = self.tag.scope;
        self.open.push(Open {
            raw: self.tag.raw,
            local: self.tag.local,
            namespace: self.tag.namespace,
            start: self.token_start,
            scope,
            plain: self.tag.plain,
            last_child: "",
        });
        self.next = if self.tag.empty {
            Next::End
        } else {
            Next::Unread
        };
    }

    /// Closes the innermost open element; a child that no one has read is a violation.
    pub(crate) fn leave(&mut self) -> Result<(), Refused> {
        self.begin_content();
        self.preset = None;
        self.told = None;
        self.peek()?;
        let mut clean = Ok(());
        if self.next == Next::Start {
            clean = Err(self.unexpected());
            self.skip_rest()?;
        } else if !self.pending.is_empty() {
            self.settle();
        }
        self.close();
        if self.fatal {
            Err(Refused::RECORDED)
        } else {
            clean
        }
    }

    #[inline]
    pub(super) fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.scope.truncate(open.scope);
        }
        if self.outlines() {
            self.outline_end();
        }
        self.next = Next::Unread;
    }

    /// Skips the element whose tag was looked at, with all that is in it.
    pub(crate) fn skip(&mut self) -> Result<(), Refused> {
        self.enter_to_skip()?;
        self.skip_to_end()
    }

    /// Opens an element of which nothing but attributes will be read.
    pub(crate) fn enter_to_skip(&mut self) -> Result<(), Refused> {
        self.check_tag_name()?;
        self.enter();
        Ok(())
    }

    /// Skips the content of the innermost open element and closes it.
    pub(crate) fn skip_to_end(&mut self) -> Result<(), Refused> {
        self.attributes.clear();
        self.skip_rest()?;
        self.close();
        Ok(())
    }

    /// Skips the next child, which has been there before and may not be repeated.
    pub(crate) fn skip_repeat(&mut self) -> Result<(), Refused> {
        self.record_here(Rule::REPEATED, None);
        self.skip()
    }

    /// Where the tag that was looked at begins.
    pub(crate) fn next_start(&mut self) -> Option<usize> {
        self.peek().ok()?;
        (self.next == Next::Start).then_some(self.token_start)
    }

    /// Skips the next child if it is `name`.
    pub(crate) fn skip_optional(&mut self, name: Name) -> Result<(), Refused> {
        if self.at(name) { self.skip() } else { Ok(()) }
    }

    /// Skips what is left of the innermost open element, up to its end. The stack grows on the heap alone.
    pub(super) fn skip_rest(&mut self) -> Result<(), Refused> {
        let floor = self.open.len();
        loop {
            match self.next {
                Next::Start => {
                    self.check_tag_name()?;
                    self.enter();
                    self.attributes.clear();
                }
                Next::End if self.open.len() == floor => return Ok(()),
                Next::End => self.close(),
                Next::Unread => match self.pull()? {
                    Token::Start => self.next = Next::Start,
                    Token::End | Token::EndOfMessage => self.next = Next::End,
                    Token::Text(_) | Token::CData(_) | Token::Character(_) => {}
                },
            }
        }
    }

    /// Records that the element whose tag was looked at is wanted by no one.
    fn unexpected(&mut self) -> Refused {
        if let Err(refusal) = self.check_tag_name() {
            return refusal;
        }
        let pending = std::mem::take(&mut self.pending);
        if let Some((most, item)) = self.full.take() {
            return self.record_here(Rule::too_many(most), item);
        }
        let repeats = self
            .open
            .last()
            .is_some_and(|parent| parent.last_child == self.tag.raw);
        let expected: Vec<Name> = pending
            .into_iter()
            .flat_map(|one| one.rule.into_expected())
            .collect();
        let item = expected.first().copied();
        let local = &self.tag.raw[self.tag.local..];
        let rule = if repeats {
            Rule::REPEATED
        } else {
            Rule::unexpected(expected, (self.scope.uri(self.tag.namespace), local))
        };
        self.record_here(rule, item)
    }

    /// A name that no schema name was equal to has not been looked at yet.
    pub(super) fn check_tag_name(&mut self) -> Result<(), Refused> {
        if is_ncname(&self.tag.raw[self.tag.local..]) {
            return Ok(());
        }
        Err(self.malformed(self.token_start, "a name that is none"))
    }

    /// Makes violations of what should have stood here: reading goes on past it.
    #[cold]
    pub(super) fn settle(&mut self) {
        for Pending { rule, item } in std::mem::take(&mut self.pending) {
            self.record(self.token_start, rule, item, item.map(Name::local));
        }
    }

    /// Records a violation at `offset`; `child` is what the path gets in addition to the open elements.
    #[cold]
    pub(super) fn record(
        &mut self,
        offset: usize,
        rule: Rule,
        item: Option<Name>,
        child: Option<&str>,
    ) -> Refused {
        if self.fatal {
            return Refused::RECORDED;
        }
        let mut path = locate::path(self.message, self.open.iter());
        if let Some(child) = child {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(child);
        }
        let (line, column) = locate::line_and_column(self.message, offset);
        self.violations.push(Violation {
            path,
            line,
            column,
            rule,
            item,
        });
        self.fatal = self.violations.len() >= self.limits.violations;
        Refused::RECORDED
    }

    /// Records a violation of the element whose tag was looked at.
    pub(super) fn record_here(&mut self, rule: Rule, item: Option<Name>) -> Refused {
        let parent = self.open.last().map_or(0, |parent| parent.start);
        let before = &self.message[parent..self.token_start];
        let child = locate::numbered(before, &self.tag.raw[self.tag.local..]);
        self.record(self.token_start, rule, item, Some(&child))
    }

    /// Records a violation of the innermost open element.
    pub(super) fn record_open(&mut self, rule: Rule) -> Refused {
        let start = self.open.last().map_or(0, |open| open.start);
        self.record(start, rule, None, None)
    }

    /// Records a violation after which nothing more is read.
    #[cold]
    pub(super) fn fatal_at(&mut self, offset: usize, rule: Rule) -> Refused {
        self.settle();
        self.record(offset, rule, None, None);
        self.fatal = true;
        Refused::RECORDED
    }

    pub(super) fn fatal_here(&mut self, rule: Rule) -> Refused {
        self.fatal_at(self.token_start, rule)
    }

    #[cold]
    pub(super) fn malformed(&mut self, offset: usize, what: &'static str) -> Refused {
        self.fatal_at(offset, Rule::malformed(what))
    }
}

/// A name out of the message as messages show it: nothing unless it is a name, and cut to 64 characters.
pub(super) fn shown(name: &str) -> &str {
    const SHOWN: usize = 64;
    if !is_name(name) {
        return "?";
    }
    name.char_indices()
        .nth(SHOWN)
        .map_or(name, |(end, _)| &name[..end])
}

fn is_white(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}
