//! Simple content: the text of an element, its white space, default and fixed values.

use std::borrow::Cow;

use super::escape::holds_any;
use super::name::Preset;
use super::reader::{Next, ReadXml, Reader, Refused};
use super::token::Token;
use super::{Class, Name, Rule, Scope};
use crate::value::{BuiltIn, Value, WhiteSpace};

impl<'a> Reader<'a> {
    /// Reads the text of the open element, up to its end. Call it after the attributes.
    ///
    /// # Errors
    /// The text is no value of the type, is not the fixed one, or has elements in it.
    pub fn text<T: Value>(&mut self) -> Result<T, Refused> {
        let (preset, told) = (self.preset.take(), self.told.take());
        let text = self.raw_text()?;
        let (text, scope) = match preset {
            Some(preset) if text.is_empty() => {
                (Cow::Borrowed(preset.lexical()), Scope::OF_CONTRACT)
            }
            _ => (text, &self.scope),
        };
        if let Some(BuiltIn { check, .. }) = told
            && let Err(rule) = check(&text, scope)
        {
            return Err(self.refuse_value(rule));
        }
        let parsed =
            T::parse(&process(text, T::WHITE_SPACE), scope).and_then(|value| match preset {
                Some(Preset::Fixed(fixed)) => check_fixed(value, fixed),
                _ => Ok(value),
            });
        let parsed = parsed.map(|value| match told {
            Some(BuiltIn { name, .. }) => value.of_built_in(name),
            None => value,
        });
        parsed.map_err(|rule| self.refuse_value(rule))
    }

    fn refuse_value(&mut self, rule: Rule) -> Refused {
        match rule.class() {
            Class::Limit => self.fatal_here(rule),
            // An element that must not be nil and says it is has no value to look at.
            _ if self.nil_refused.is_some() && self.nil_refused == self.open_element() => {
                Refused::RECORDED
            }
            Class::Content | Class::Malformed => self.record_open(rule),
        }
    }

    /// The text of the open element with references resolved and line ends normalised.
    pub(crate) fn raw_text(&mut self) -> Result<Cow<'a, str>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        self.begin_content();
        if self.next == Next::Unread
            && let Some(text) = self.plain_text()
        {
            self.check_text_length(text.len())?;
            return Ok(text);
        }
        let mut text = Cow::Borrowed("");
        let mut elements = Ok(());
        while self.next != Next::End {
            match self.pull()? {
                Token::End | Token::EndOfMessage => self.next = Next::End,
                Token::Text(part) | Token::CData(part) => {
                    let part = self.normalised(part);
                    if text.is_empty() {
                        text = part;
                    } else {
                        text.to_mut().push_str(&part);
                    }
                }
                Token::Character(character) => text.to_mut().push(character),
                Token::Start => {
                    self.next = Next::Start;
                    if elements.is_ok() {
                        let item = self.open_name();
                        elements = Err(self.record_here(Rule::ELEMENT_NOT_ALLOWED, item));
                    }
                    self.skip()?;
                }
            }
            self.check_text_length(text.len())?;
        }
        elements.map(|()| text)
    }

    /// XML 1.0, section 2.11.
    #[inline]
    pub(super) fn normalised(&self, text: &'a str) -> Cow<'a, str> {
        if !self.marks.carriage_return || !text.contains('\r') {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    }
}

impl<T: Value> ReadXml for T {
    const TYPE: Option<Name> = T::TYPE;
    const FROM_TEXT: Option<fn(&str, &Scope<'_>) -> Option<Self>> =
        Some(|text, scope| T::parse(&process(Cow::Borrowed(text), T::WHITE_SPACE), scope).ok());

    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.text()
    }
}

/// White space processing (XML Schema Part 2, section 4.3.6).
pub(crate) fn process(text: Cow<'_, str>, white_space: WhiteSpace) -> Cow<'_, str> {
    let white = |byte: u8| byte <= b' ' && matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    match white_space {
        WhiteSpace::Preserve => text,
        WhiteSpace::Replace if !text.bytes().any(|byte| white(byte) && byte != b' ') => text,
        WhiteSpace::Replace => Cow::Owned(text.replace(['\t', '\n', '\r'], " ")),
        WhiteSpace::Collapse if !holds_any(text.as_bytes(), |octet| octet <= b' ') => text,
        WhiteSpace::Collapse => {
            let mut words = text
                .split([' ', '\t', '\n', '\r'])
                .filter(|word| !word.is_empty());
            let mut collapsed = words.next().unwrap_or_default().to_owned();
            for word in words {
                collapsed.push(' ');
                collapsed.push_str(word);
            }
            Cow::Owned(collapsed)
        }
    }
}

/// Whether `value` is the fixed value of a declaration.
pub(super) fn is_fixed<T: Value>(value: &T, fixed: &'static str) -> bool {
    let text = process(Cow::Borrowed(fixed), T::WHITE_SPACE);
    T::parse(&text, Scope::OF_CONTRACT).is_ok_and(|other| value.same(&other))
}

/// Compares with the fixed value of a declaration.
pub(super) fn check_fixed<T: Value>(value: T, fixed: &'static str) -> Result<T, Rule> {
    if is_fixed(&value, fixed) {
        Ok(value)
    } else {
        Err(Rule::fixed(fixed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, replaced: &str, collapsed: &str) {
        assert_eq!(process(Cow::Borrowed(text), WhiteSpace::Preserve), text);
        assert_eq!(process(Cow::Borrowed(text), WhiteSpace::Replace), replaced);
        assert_eq!(
            process(Cow::Borrowed(text), WhiteSpace::Collapse),
            collapsed
        );
    }

    #[test]
    fn white_space() {
        check("a", "a", "a");
        check(" a\t\nb  c ", " a  b  c ", "a b c");
        check("\r\n", "  ", "");
        // Only the four characters of XML are white space.
        check("a\u{A0}b", "a\u{A0}b", "a\u{A0}b");
    }
}
