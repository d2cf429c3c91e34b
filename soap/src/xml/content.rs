//! Walking the content of elements: looking ahead, entering, leaving, skipping, and recording what is wrong.

use super::locate::{Beyond, Found};
use super::name::{is_name, is_ncname};
use super::reader::{Next, Open, Reader, Refused};
use super::token::Token;
use super::{Element, Name, ReadXml, Reason, Rule, Violations, locate};
use crate::value::QName;

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

impl Pending {
    /// The names that it can have.
    pub(super) fn names(&self) -> &[Name] {
        match self.rule.missing_names() {
            [] => self.item.as_slice(),
            names => names,
        }
    }
}

/// How an element was left.
enum Left {
    Clean,
    Refused,
    /// Not at all: its start tag is next again.
    Again,
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
            Ok(value) if self.found.is_empty() => Ok(value),
            _ => Err(self.into_violations()),
        }
    }

    #[cold]
    fn into_violations(self) -> Violations {
        Violations::new(locate::places(self.message, self.found))
    }

    /// Stops reading: the next child is not one that reading can go on with.
    pub(crate) fn stop(mut self) -> Violations {
        if !self.fatal && self.next == Next::Start && !self.pending.is_empty() {
            self.unexpected();
        }
        self.settle();
        self.into_violations()
    }

    /// Records that the envelope is not one that a reply can have.
    pub(crate) fn refuse_envelope(&mut self) -> Refused {
        let element = self.open_element();
        self.record(0, element, Beyond::Nothing, Rule::ENVELOPE, None)
    }

    fn end_of_message(&mut self) -> Result<(), Refused> {
        self.peek()?;
        match self.next {
            Next::Start if self.root_seen => {
                Err(self.malformed(self.token_start, Reason::SecondRoot))
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
        if self.careful {
            return self.peek_carefully();
        }
        if self.next == Next::Unread {
            self.pull_tag()
        } else {
            Ok(())
        }
    }

    pub(super) fn pull_tag(&mut self) -> Result<(), Refused> {
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
                let (element, item) = (self.open_element(), self.open_name());
                self.record(
                    start,
                    element,
                    Beyond::Nothing,
                    Rule::TEXT_NOT_ALLOWED,
                    item,
                );
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
        if let (Some(parse), None) = (T::FROM_TEXT, element.preset())
            && let Some(value) = self.plain_value(element.name().namespace().uri(), parse)
        {
            return Ok(value);
        }
        loop {
            self.enter_known(element.name().namespace().uri());
            self.preset = element.preset();
            if let (Some(own), false) = (T::TYPE, self.attributes.is_empty()) {
                self.drop_own_type(own);
            }
            let value = T::read(self);
            match self.leave_or_begin_again(true) {
                Left::Clean => return value,
                Left::Refused => return Err(Refused::RECORDED),
                Left::Again => {}
            }
        }
    }

    /// Opens the element whose tag was looked at.
    #[inline]
    pub(crate) fn enter(&mut self) {
        self.enter_as(None);
    }

    /// The same, of an element that the contract declares in `namespace`, or SOAP.
    #[inline]
    pub(crate) fn enter_known(&mut self, namespace: &'static str) {
        self.enter_as(Some(namespace));
    }

    #[inline]
    fn enter_as(&mut self, known: Option<&'static str>) {
        if !self.pending.is_empty() {
            self.settle();
        }
        if self.outlines() {
            self.outline_start();
        }
        if let Some(parent) = self.open.last_mut() {
            parent.last_child = self.tag.raw;
            parent.last_known = known;
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
            last_known: None,
            known: known.is_some(),
        });
        self.next = if self.tag.empty {
            Next::End
        } else {
            Next::Unread
        };
    }

    /// Closes the innermost open element; a child that no one has read is a violation.
    pub(crate) fn leave(&mut self) -> Result<(), Refused> {
        match self.leave_or_begin_again(false) {
            Left::Clean => Ok(()),
            Left::Refused | Left::Again => Err(Refused::RECORDED),
        }
    }

    /// Goes to the end of the innermost open element; a child that no one has read is a violation.
    pub(super) fn go_to_end(&mut self) -> Result<(), Refused> {
        match self.end_or_begin_again(false) {
            Left::Clean => Ok(()),
            Left::Refused | Left::Again => Err(Refused::RECORDED),
        }
    }

    /// As [`leave`](Self::leave); if the element `may` be read a second time, it is better read without such a child.
    fn leave_or_begin_again(&mut self, may: bool) -> Left {
        let left = self.end_or_begin_again(may);
        if !matches!(left, Left::Again) {
            self.close();
        }
        left
    }

    #[inline]
    fn end_or_begin_again(&mut self, may: bool) -> Left {
        self.begin_content();
        self.preset = None;
        self.told = None;
        if self.peek().is_err() {
            return Left::Refused;
        }
        let unread = self.next == Next::Start;
        if unread {
            if may && self.begin_again() {
                return Left::Again;
            }
            self.unexpected();
            if self.skip_rest().is_err() {
                return Left::Refused;
            }
        } else if !self.pending.is_empty() {
            self.settle();
        }
        if self.fatal || unread {
            Left::Refused
        } else {
            Left::Clean
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
        let item = self.tag_name();
        self.record_here(Rule::REPEATED, item);
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

    /// The expanded name of the element whose tag was looked at, which must be one that the contract declares.
    pub(super) fn tag_name(&self) -> Option<QName> {
        let local = &self.tag.raw[self.tag.local..];
        QName::new(self.scope.uri(self.tag.namespace), local, "").ok()
    }

    /// The expanded name of the innermost open element, if the contract declares it.
    pub(super) fn open_name(&self) -> Option<QName> {
        let open = self.open.last().filter(|open| open.known)?;
        QName::new(self.scope.uri(open.namespace), &open.raw[open.local..], "").ok()
    }

    /// Where the innermost open element begins.
    pub(super) fn open_element(&self) -> Option<usize> {
        self.open.last().map(|open| open.start)
    }

    /// A name that no schema name was equal to has not been looked at yet.
    pub(super) fn check_tag_name(&mut self) -> Result<(), Refused> {
        if is_ncname(&self.tag.raw[self.tag.local..]) {
            return Ok(());
        }
        let rule = Rule::malformed(Reason::NoName);
        Err(self.fatal_in_tag(self.token_start, Beyond::Nothing, rule))
    }

    /// Makes violations of what should have stood here: reading goes on past it.
    #[cold]
    pub(super) fn settle(&mut self) {
        let element = self.open_element();
        for pending in std::mem::take(&mut self.pending) {
            if element == self.nil_refused && element.is_some() || self.is_told(&pending) {
                continue;
            }
            let Pending { rule, item } = pending;
            let beyond = item.map_or(Beyond::Nothing, Beyond::Child);
            let item = item.map(QName::from).or_else(|| self.open_name());
            self.record(self.token_start, element, beyond, rule, item);
        }
    }

    /// Records a violation at `offset`; the path leads to the element that begins at `element`, and `beyond`.
    #[cold]
    pub(super) fn record(
        &mut self,
        offset: usize,
        element: Option<usize>,
        beyond: Beyond<'a>,
        rule: Rule,
        item: Option<QName>,
    ) -> Refused {
        if self.fatal {
            return Refused::RECORDED;
        }
        self.found.push(Found {
            offset,
            element,
            beyond,
            rule,
            item,
        });
        if self.found.len() >= self.limits.violations {
            self.stop_reading();
        }
        Refused::RECORDED
    }

    /// Records a violation of the element whose tag was looked at.
    pub(super) fn record_here(&mut self, rule: Rule, item: Option<QName>) -> Refused {
        let start = self.token_start;
        self.record(start, Some(start), Beyond::Nothing, rule, item)
    }

    /// Records a violation of the innermost open element.
    #[cold]
    pub(super) fn record_open(&mut self, rule: Rule) -> Refused {
        let element = self.open_element();
        let item = self.open_name();
        let offset = element.unwrap_or_default();
        self.record(offset, element, Beyond::Nothing, rule, item)
    }

    /// Records a violation after which nothing more is read.
    #[cold]
    pub(super) fn fatal_at(&mut self, offset: usize, rule: Rule) -> Refused {
        self.settle();
        let element = self.open_element();
        self.record(offset, element, Beyond::Nothing, rule, None);
        self.stop_reading();
        Refused::RECORDED
    }

    /// As [`fatal_at`](Self::fatal_at), inside the tag that is being looked at.
    #[cold]
    pub(super) fn fatal_in_tag(
        &mut self,
        offset: usize,
        beyond: Beyond<'a>,
        rule: Rule,
    ) -> Refused {
        self.settle();
        self.record(offset, Some(self.token_start), beyond, rule, None);
        self.stop_reading();
        Refused::RECORDED
    }

    fn stop_reading(&mut self) {
        self.fatal = true;
        self.careful = true;
        self.between_tags = false;
        // Nobody reads them now, and those of a tag that is not entered must not be looked up when its declarations are gone.
        self.attributes.clear();
    }

    pub(super) fn fatal_here(&mut self, rule: Rule) -> Refused {
        self.fatal_at(self.token_start, rule)
    }

    #[cold]
    pub(super) fn malformed(&mut self, offset: usize, what: Reason) -> Refused {
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
