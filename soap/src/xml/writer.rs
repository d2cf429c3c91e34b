//! Writing elements: prefixes from the contract, canonical values, nothing that XML cannot carry.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Range, RangeBounds};

use super::escape::Place;
use super::mixed::WrittenMixed;
use super::name::Preset;
use super::prefixes::{Declared, Index};
use super::reader::bounds;
use super::text::is_fixed;
use super::written::Text;
use super::{Attribute, Element, Name, Namespace, Rule, locate};
use crate::value::{SCHEMA, Value};

/// A type that can be written into the element that is open: its attributes, then its content.
pub trait WriteXml {
    /// Whether it is a simple type, which asks for no attributes.
    const SIMPLE: bool = false;

    /// Writes the attributes and the content of the open element.
    fn write(&self, writer: &mut Writer);

    /// Whether it can stand where the contract has the one value `fixed`, in lexical form. What is no simple value is not asked.
    fn is_fixed(&self, fixed: &'static str) -> bool {
        let _ = fixed;
        true
    }
}

impl<T: Value> WriteXml for T {
    const SIMPLE: bool = true;

    fn write(&self, writer: &mut Writer) {
        if let Some(name) = self.built_in() {
            writer.xsi_type(SCHEMA.name(name));
        }
        writer.text(self);
    }

    fn is_fixed(&self, fixed: &'static str) -> bool {
        is_fixed(self, fixed)
    }
}

impl WriteXml for () {
    fn write(&self, _: &mut Writer) {}
}

/// Says that a value cannot be written as the contract or XML demands, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unwritable {
    /// Local names from the root down, as in a [`Violation`](super::Violation).
    pub path: String,
    /// What would have been broken.
    pub rule: Rule,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)
    }
}

impl std::error::Error for Unwritable {}

/// Writes one message. The first thing that cannot be written is kept, and writing the message
/// fails with it.
#[derive(Debug)]
pub struct Writer {
    pub(super) out: String,
    /// Elements open, innermost last.
    pub(super) depth: usize,
    /// The start tag of the innermost element still lacks its `>`.
    tag_open: bool,
    pub(super) scope: Vec<Declared>,
    /// How many declarations at the beginning of `scope` do not hold where the writer is.
    pub(super) hidden: usize,
    /// Of `scope`, once it is long.
    pub(super) index: Index,
    /// The last number that a prefix was told apart by.
    pub(super) invented: usize,
    /// Declarations of the value that is being written: they go into the tag before it.
    pub(super) late: String,
    /// The namespace that was last found in scope.
    pub(super) current: Option<Namespace>,
    pub(super) mixed: WrittenMixed,
    /// Whether the part that is being written holds what only reading it can check.
    pub(super) open_content: bool,
    /// Of the innermost element, until something is in it.
    pub(super) preset: Option<Preset>,
    /// Where the last element began that does not take every type, and what it does take.
    pub(super) only: Option<(usize, &'static [Name])>,
    failure: Option<Box<Unwritable>>,
}

/// Room for the declarations that most messages have.
const DECLARED: usize = 4;

impl Writer {
    /// An empty message.
    pub(crate) fn new() -> Self {
        Self::with_capacity(4096)
    }

    pub(crate) fn with_capacity(octets: usize) -> Self {
        Self {
            out: String::with_capacity(octets),
            depth: 0,
            tag_open: false,
            scope: Vec::with_capacity(DECLARED),
            hidden: 0,
            index: Index::default(),
            invented: 0,
            late: String::new(),
            current: None,
            mixed: WrittenMixed::NONE,
            open_content: false,
            preset: None,
            only: None,
            failure: None,
        }
    }

    /// Writes a child that must be there.
    pub fn required<T: WriteXml + ?Sized>(&mut self, element: Element, value: &T) {
        let start = self.open(element, value);
        value.write(self);
        self.end(start);
    }

    /// Writes a child that may be absent.
    pub fn optional<T: WriteXml + ?Sized>(&mut self, element: Element, value: Option<&T>) {
        if let Some(value) = value {
            self.required(element, value);
        }
    }

    /// Writes a child as often as there are values; fewer or more than `occurs` allows cannot be written.
    pub fn repeated<T: WriteXml>(
        &mut self,
        element: Element,
        occurs: impl RangeBounds<usize>,
        values: &[T],
    ) {
        self.check_count(occurs, values.len(), element.name().local());
        for value in values {
            self.required(element, value);
        }
    }

    /// Writes a group: a type that has no element of its own.
    pub fn group<T: WriteXml + ?Sized>(&mut self, value: &T) {
        value.write(self);
    }

    /// Writes a group that may be absent.
    pub fn optional_group<T: WriteXml + ?Sized>(&mut self, value: Option<&T>) {
        if let Some(value) = value {
            value.write(self);
        }
    }

    /// Writes a group as often as there are values; fewer or more than `occurs` allows cannot be written.
    pub fn repeated_group<T: WriteXml>(&mut self, occurs: impl RangeBounds<usize>, values: &[T]) {
        self.check_count(occurs, values.len(), "*");
        for value in values {
            value.write(self);
        }
    }

    /// Writes an attribute. Call it before any content.
    pub fn attribute<T: Value>(&mut self, attribute: Attribute, value: &T) {
        let name = attribute.name();
        if !self.tag_open {
            self.fail_attribute(Rule::UNDECLARED_ATTRIBUTE, name.local());
            return;
        }
        if let Some(Preset::Fixed(fixed)) = attribute.preset()
            && !is_fixed(value, fixed)
        {
            self.fail_attribute(Rule::fixed(fixed), name.local());
        }
        self.declare(name.namespace());
        let insert_at = self.out.len();
        self.out.push(' ');
        self.push_name(name);
        self.out.push_str("=\"");
        value.write(&mut Text {
            writer: self,
            place: Place::Attribute,
            insert_at,
        });
        self.insert_late(insert_at);
        self.out.push('"');
    }

    /// Writes an attribute that may be absent. Call it before any content.
    pub fn optional_attribute<T: Value>(&mut self, attribute: Attribute, value: Option<&T>) {
        if let Some(value) = value {
            self.attribute(attribute, value);
        }
    }

    /// Writes the text of the open element. Call it after the attributes.
    pub fn text<T: Value>(&mut self, value: &T) {
        let insert_at = self.out.len();
        let begins = std::mem::replace(&mut self.tag_open, false);
        if begins {
            self.out.push('>');
        }
        let before = self.out.len();
        value.write(&mut Text {
            writer: self,
            place: Place::Content,
            insert_at,
        });
        self.insert_late(insert_at);
        if begins && self.out.len() == before {
            // Nothing was written: the element stays `<a/>`.
            self.out.pop();
            self.tag_open = true;
            if let Some(Preset::Default(default)) = self.preset
                && !is_fixed(value, default)
            {
                self.fail(Rule::EMPTY, None);
            }
        }
    }

    /// Ends the message.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub(crate) fn finish(self) -> Result<String, Unwritable> {
        match self.failure {
            Some(failure) => Err(*failure),
            None => Ok(self.out),
        }
    }

    /// Opens an element for this value, as [`Writer::start`] does; one that the contract does not allow there cannot be written.
    pub(super) fn open<T: WriteXml + ?Sized>(
        &mut self,
        element: Element,
        value: &T,
    ) -> Range<usize> {
        let preset = element.preset();
        if let Some(Preset::Fixed(fixed)) = preset
            && !value.is_fixed(fixed)
        {
            self.fail(Rule::fixed(fixed), Some(element.name().local()));
        }
        let start = self.start(element.name());
        if preset.is_some() {
            self.preset = preset;
        }
        if let Some(only) = element.may_name() {
            self.only = Some((start.start - 1, only));
        }
        start
    }

    /// Opens an element and returns its name as written, for [`Writer::end`].
    pub(crate) fn start(&mut self, name: Name) -> Range<usize> {
        self.begin_child();
        self.depth += 1;
        self.out.push('<');
        let start = self.out.len();
        self.push_name(name);
        let end = self.out.len();
        self.tag_open = true;
        self.preset = None;
        self.declare(name.namespace());
        start..end
    }

    /// Closes the element whose name was written there.
    pub(crate) fn end(&mut self, name: Range<usize>) {
        if self.tag_open {
            self.out.push_str("/>");
            self.tag_open = false;
        } else {
            self.out.push_str("</");
            self.out.extend_from_within(name);
            self.out.push('>');
        }
        while self
            .scope
            .last()
            .is_some_and(|declared| declared.depth == self.depth)
        {
            self.forget();
        }
        self.depth -= 1;
    }

    /// Closes the element whose name was written there, or takes it back if nothing is in it.
    pub(crate) fn end_unless_empty(&mut self, name: Range<usize>) {
        let begin = name.start.saturating_sub(1);
        let empty = self.tag_open;
        self.end(name);
        if empty {
            self.out.truncate(begin);
        }
    }

    /// Writes an element that is text already and declares all that it needs.
    pub(crate) fn verbatim(&mut self, element: &str) {
        self.verbatim_parts(&[element]);
    }

    /// Writes an element that is text already but for what `inside` writes between two parts of it, where no prefix stands for
    /// the namespace `default`.
    pub(crate) fn verbatim_around(
        &mut self,
        [before, after]: [&str; 2],
        default: Cow<'static, str>,
        inside: impl FnOnce(&mut Self),
    ) {
        self.begin_child();
        self.out.push_str(before);
        self.depth += 1;
        // What else the text declares is not looked at: the element inside declares its own.
        let default = Declared {
            prefix: Cow::Borrowed(""),
            uri: default,
            depth: self.depth,
        };
        let around = std::mem::replace(&mut self.hidden, self.scope.len());
        self.note(default);
        inside(self);
        while self.scope.len() > self.hidden {
            self.forget();
        }
        self.hidden = around;
        self.depth -= 1;
        self.out.push_str(after);
    }

    /// Writes attributes that are text already, each with a space before it.
    pub(crate) fn verbatim_attributes(&mut self, attributes: &str) {
        self.out.push_str(attributes);
    }

    /// Writes an element that is text already, in parts.
    pub(super) fn verbatim_parts(&mut self, parts: &[&str]) {
        self.begin_child();
        for part in parts {
            self.out.push_str(part);
        }
    }

    fn begin_child(&mut self) {
        self.close_tag();
        if self.mixed.depth == self.depth {
            self.mixed.children.push(self.out.len());
        }
    }

    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// Whether attributes can still be written on the innermost element.
    pub(super) const fn in_tag(&self) -> bool {
        self.tag_open
    }

    pub(super) fn close_tag(&mut self) {
        if self.tag_open {
            self.out.push('>');
            self.tag_open = false;
        }
    }

    fn push_name(&mut self, name: Name) {
        let prefix = name.namespace().prefix();
        if !prefix.is_empty() {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(name.local());
    }

    pub(super) fn check_count(
        &mut self,
        occurs: impl RangeBounds<usize>,
        count: usize,
        child: &str,
    ) {
        let (least, most) = bounds(&occurs);
        if count < least {
            self.fail(Rule::too_few(least), Some(child));
        } else if count > most {
            self.fail(Rule::too_many(most), Some(child));
        }
    }

    /// Keeps the first failure; the path is read off what has been written.
    pub(super) fn fail(&mut self, rule: Rule, child: Option<&str>) {
        if self.failure.is_none() {
            let path = locate::written_path(&self.out, self.tag_open, child);
            self.keep_failure(Unwritable { path, rule });
        }
    }

    #[cold]
    pub(super) fn fail_attribute(&mut self, rule: Rule, local: &str) {
        self.fail(rule, Some(&format!("@{local}")));
    }

    pub(super) fn keep_failure(&mut self, failure: Unwritable) {
        self.failure = Some(Box::new(failure));
    }

    pub(super) const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }
}
