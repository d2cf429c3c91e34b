//! Walking the content of elements: looking ahead, entering, leaving, skipping.

use super::locate::Beyond;
use super::reader::{Next, Open, Reader, Refused};
use super::token::Token;
use super::{Element, Name, ReadXml, Reason, Rule, Scope, Violations, locate};

/// How an element was left.
pub(super) enum Left {
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
    fn into_violations(mut self) -> Violations {
        // What is wrong with an element as a whole is known when what is in it has been read.
        self.found.sort_by_key(|found| found.offset);
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
    #[inline]
    pub(super) fn child<T: ReadXml>(&mut self, element: &Element) -> Result<T, Refused> {
        match T::FROM_TEXT {
            Some(parse) => self.text_child(element, parse),
            None => self.whole_child(element),
        }
    }

    #[inline]
    fn text_child<T: ReadXml>(
        &mut self,
        element: &Element,
        parse: fn(&str, &Scope<'_>) -> Option<T>,
    ) -> Result<T, Refused> {
        if element.preset().is_none()
            && let Some(value) = self.plain_value(element.name().namespace().uri(), parse)
        {
            return Ok(value);
        }
        self.whole_child(element)
    }

    /// Reads the child in every case. Elements stand in each other: what is not about `T` has a stack of its own.
    fn whole_child<T: ReadXml>(&mut self, element: &Element) -> Result<T, Refused> {
        loop {
            self.enter_child(element, T::TYPE)?;
            let value = T::read(self);
            match self.leave_or_begin_again(true) {
                Left::Clean => return value,
                Left::Refused => return Err(Refused::RECORDED),
                Left::Again => {}
            }
        }
    }

    /// Opens the element whose tag was looked at; if its `xsi:type` is refused it is over.
    #[inline]
    fn enter_child(&mut self, element: &Element, own: Option<Name>) -> Result<(), Refused> {
        self.enter_known(element.name().namespace().uri());
        self.preset = element.preset();
        if !self.attributes.is_empty()
            && let Err(refusal) = self.take_told_type(element, own)
        {
            (self.preset, self.told) = (None, None);
            self.close();
            return Err(refusal);
        }
        Ok(())
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
        self.next = self.tag.inside();
    }

    /// Opens the element whose tag was looked at as it was open before.
    #[cold]
    pub(super) fn open_again(&mut self, open: Open<'a>) {
        self.open.push(Open {
            last_child: "",
            last_known: None,
            ..open
        });
        self.next = self.tag.inside();
    }

    /// Closes the innermost open element; a child that no one has read is a violation.
    pub(crate) fn leave(&mut self) -> Result<(), Refused> {
        match self.leave_or_begin_again(false) {
            Left::Clean => Ok(()),
            Left::Refused | Left::Again => Err(Refused::RECORDED),
        }
    }

    /// As [`leave`](Self::leave); if the element `may` be read a second time, it is better read without such a child.
    pub(super) fn leave_or_begin_again(&mut self, may: bool) -> Left {
        let left = self.end_or_begin_again(may);
        if !matches!(left, Left::Again) {
            self.close();
        }
        left
    }

    /// Goes to the end of the innermost open element; a child that no one has read is a violation.
    #[inline]
    pub(super) fn end_or_begin_again(&mut self, may: bool) -> Left {
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
            if self.fatal {
                return Left::Refused;
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
}

fn is_white(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}
