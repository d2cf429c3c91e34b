//! Mixed content: text between the elements that a contract declares (XML Schema Part 1, section 3.4.2).

use std::fmt;

use super::escape::{Place, push_escaped};
use super::name::Preset;
use super::reader::{Next, Reader, Refused};
use super::token::Token;
use super::{ReadXml, Rule, WriteXml, Writer};

/// Element content `T` with text around and between its elements.
///
/// `Debug` leaves the text out, for it may be anything.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Mixed<T> {
    value: T,
    text: Vec<(usize, String)>,
}

impl<T> Mixed<T> {
    /// Without text.
    pub const fn new(value: T) -> Self {
        Self {
            value,
            text: Vec::new(),
        }
    }

    /// With these texts, each behind as many child elements as its number says. They are written in the order of the
    /// numbers; those past the last child come after it.
    #[must_use]
    pub fn with_text(mut self, mut text: Vec<(usize, String)>) -> Self {
        text.sort_by_key(|(behind, _)| *behind);
        self.text = text;
        self
    }

    /// The elements.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The elements.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The texts that are not empty, in their order, each with the number of child elements before it.
    pub fn text(&self) -> &[(usize, String)] {
        &self.text
    }
}

impl<T> From<T> for Mixed<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Mixed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mixed")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

impl<T: ReadXml> ReadXml for Mixed<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let preset = reader.preset.take();
        if let Some(Preset::Fixed(fixed)) = preset {
            reader.fixed_text(fixed)?;
        }
        let inside = MixedLevel {
            depth: reader.open.len(),
            ..MixedLevel::NONE
        };
        let outside = std::mem::replace(&mut reader.mixed, inside);
        let value = T::read(reader);
        // Up to the end, for the text that is left.
        let end = reader.peek();
        let MixedLevel {
            children, mut text, ..
        } = std::mem::replace(&mut reader.mixed, outside);
        end?;
        let value = value?;
        // What has no content has that of the declaration (XML Schema Part 1, section 3.3.4, clause 5.1).
        if let (Some(preset), 0, true) = (preset, children, text.is_empty()) {
            text = vec![(0, preset.lexical().to_owned())];
            text.retain(|(_, text)| !text.is_empty());
        }
        Ok(Self { value, text })
    }
}

impl<T: WriteXml> WriteXml for Mixed<T> {
    fn write(&self, writer: &mut Writer) {
        let preset = writer.preset;
        let outside = writer.begin_mixed();
        self.value.write(writer);
        if let Some(preset) = preset {
            writer.check_preset(preset, &self.text);
        }
        writer.end_mixed(outside, &self.text);
    }
}

/// The element whose content is mixed and is being read.
#[derive(Debug)]
pub(super) struct MixedLevel {
    /// How many elements are open in it, itself included; elements are never that many if there is none.
    pub(super) depth: usize,
    /// Children that have been looked at.
    children: usize,
    text: Vec<(usize, String)>,
}

impl MixedLevel {
    pub(super) const NONE: Self = Self {
        depth: usize::MAX,
        children: 0,
        text: Vec::new(),
    };
}

impl Reader<'_> {
    /// Passes over the content of an element whose text is fixed: no element may be in it, and the text is compared as it is
    /// written (XML Schema Part 1, section 3.3.4, clause 5.2.2).
    #[cold]
    fn fixed_text(&mut self, fixed: &'static str) -> Result<(), Refused> {
        let text = self.raw_text()?;
        if text.is_empty() || text == fixed {
            return Ok(());
        }
        Err(self.record_open(Rule::fixed(fixed)))
    }

    /// Looks at the next tag of mixed content and keeps the text before it.
    #[cold]
    pub(super) fn pull_mixed(&mut self) -> Result<(), Refused> {
        let mut text = String::new();
        loop {
            match self.pull()? {
                Token::Start => self.next = Next::Start,
                Token::End | Token::EndOfMessage => self.next = Next::End,
                Token::Text(part) | Token::CData(part) => text.push_str(&self.normalised(part)),
                Token::Character(character) => text.push(character),
            }
            self.check_text_length(text.len())?;
            if self.next != Next::Unread {
                break;
            }
        }
        let level = &mut self.mixed;
        if !text.is_empty() {
            level.text.push((level.children, text));
        }
        level.children += usize::from(self.next == Next::Start);
        Ok(())
    }
}

/// The element whose content is mixed and is being written.
#[derive(Debug)]
pub(super) struct WrittenMixed {
    /// How many elements are open in it, itself included.
    pub(super) depth: usize,
    /// Where its children begin.
    pub(super) children: Vec<usize>,
}

impl WrittenMixed {
    pub(super) const NONE: Self = Self {
        depth: usize::MAX,
        children: Vec::new(),
    };
}

impl Writer {
    fn begin_mixed(&mut self) -> WrittenMixed {
        let inside = WrittenMixed {
            depth: self.depth(),
            children: Vec::new(),
        };
        std::mem::replace(&mut self.mixed, inside)
    }

    /// Where a value is fixed, its text is all there may be, and where one is given, nothing at all means that (XML Schema Part 1,
    /// section 3.3.4, clauses 5.1 and 5.2.2).
    #[cold]
    fn check_preset(&mut self, preset: Preset, text: &[(usize, String)]) {
        let elements = !self.mixed.children.is_empty();
        let text: String = text.iter().map(|(_, text)| text.as_str()).collect();
        match preset {
            Preset::Fixed(fixed) if elements || text != fixed => {
                self.fail(Rule::fixed(fixed), None);
            }
            Preset::Default(default) if !elements && text.is_empty() && !default.is_empty() => {
                self.fail(Rule::EMPTY, None);
            }
            Preset::Fixed(_) | Preset::Default(_) => {}
        }
    }

    /// Puts the texts between the children that have been written.
    fn end_mixed(&mut self, outside: WrittenMixed, text: &[(usize, String)]) {
        let children = std::mem::replace(&mut self.mixed, outside).children;
        if text.is_empty() {
            return;
        }
        self.close_tag();
        let begin = children.first().copied().unwrap_or(self.out.len());
        let elements = self.out.split_off(begin);
        let mut text = text.iter().peekable();
        let mut carried = true;
        for (index, start) in children.iter().enumerate() {
            while let Some((_, text)) = text.next_if(|(behind, _)| *behind <= index) {
                carried &= push_escaped(&mut self.out, text, Place::Content);
            }
            let end = children
                .get(index + 1)
                .map_or(elements.len(), |next| next - begin);
            self.out.push_str(&elements[start - begin..end]);
        }
        for (_, text) in text {
            carried &= push_escaped(&mut self.out, text, Place::Content);
        }
        if !carried {
            self.fail(Rule::CHARACTER, None);
        }
    }
}
