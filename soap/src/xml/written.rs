//! Values as text, on their way into a message or out of it.

use std::fmt;

use quick_xml::escape::unescape;

use super::escape::{Place, push_escaped};
use super::writer::Writer;
use super::{Rule, Scope, XML_NAMESPACE};
use crate::value::Value;

/// Where a value writes its lexical form; what needs escaping is escaped here.
#[derive(Debug)]
pub struct Text<'a> {
    pub(super) writer: &'a mut Writer,
    pub(super) place: Place,
    /// Where a namespace declaration can still be put into the tag of this element.
    pub(super) insert_at: usize,
}

impl Text<'_> {
    /// Appends text, escaped; a character that XML 1.0 cannot carry makes the message unwritable.
    pub fn push(&mut self, text: &str) {
        if !push_escaped(&mut self.writer.out, text, self.place) {
            self.refuse(Rule::CHARACTER);
        }
    }

    /// Appends ASCII that needs no escape: digits, letters, signs.
    #[inline]
    pub(crate) fn push_plain(&mut self, text: &str) {
        self.writer.out.push_str(text);
    }

    /// Appends a value of one member of a union. `earlier` says of each member before it whether it takes a form: the first one
    /// that does has the value (XML Schema Part 2, section 2.5.1.3), and then the message is unwritable.
    pub fn member<T: Value>(&mut self, value: &T, earlier: &[fn(&str, &Scope<'_>) -> bool]) {
        let before = self.length();
        value.write(self);
        // It is escaped, and what the writer has escaped can be read.
        let form = unescape(&self.writer.out[self.insert_at + before..]).unwrap_or_default();
        let scope = self.writer.scope();
        if earlier.iter().any(|takes| takes(&form, &scope)) {
            self.refuse(Rule::MEMBER);
        }
    }

    /// Makes the message unwritable: the value breaks a rule.
    pub fn refuse(&mut self, rule: Rule) {
        self.writer.fail(rule, None);
    }

    /// Whether names are written out, as values of contracts have them.
    pub(crate) fn writes_out(&self) -> bool {
        self.place == Place::WrittenOut
    }

    /// How much has been written, for [`Text::is_one_word`].
    pub(crate) fn length(&self) -> usize {
        // Counted from where declarations are put in, since they move all that follows.
        self.writer.out.len() - self.insert_at
    }

    /// Whether what was written since is something, without white space.
    pub(crate) fn is_one_word(&self, since: usize) -> bool {
        let written = &self.writer.out[self.insert_at + since..];
        !written.is_empty() && !written.contains([' ', '\t', '\n', '\r'])
    }

    /// A prefix that stands for `uri` here: `wished` if it can, else one that is free. Declared on this element if need be.
    pub(crate) fn prefix(&mut self, wished: &str, uri: &str) -> String {
        if uri == XML_NAMESPACE {
            return "xml".to_owned();
        }
        if self.place == Place::Plain || self.writer.stands_for(wished) == uri {
            return wished.to_owned();
        }
        if uri.is_empty() {
            // Only the empty prefix can stand for no namespace, and here it stands for another.
            self.refuse(Rule::lexical("xs:QName"));
            return String::new();
        }
        if let Some(prefix) = self.writer.prefix_of(uri) {
            return prefix.into_owned();
        }
        if self.writer.stands_for("") == uri {
            return String::new();
        }
        let wished = if wished.is_empty() { "q" } else { wished };
        let prefix = self.writer.invent(wished);
        self.writer
            .declare_late(prefix.clone().into(), uri.to_owned().into());
        prefix
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// The lexical form of a value, without escapes.
pub(crate) fn lexical<T: Value>(value: &T) -> String {
    plain(value, Place::Plain)
}

/// The same, with names as contracts have them: equal values have equal forms.
pub(crate) fn written_out<T: Value>(value: &T) -> String {
    plain(value, Place::WrittenOut)
}

fn plain<T: Value>(value: &T, place: Place) -> String {
    let mut writer = Writer::with_capacity(0);
    value.write(&mut Text {
        writer: &mut writer,
        place,
        insert_at: 0,
    });
    writer.out
}
