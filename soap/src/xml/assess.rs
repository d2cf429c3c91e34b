//! Checking what stands where a contract leaves the name open, by what the contract declares (XML Schema Part 1, sections
//! 3.3.4 and 3.10.4): in the same pass, and each octet once, however deep wildcards stand in each other.

use super::attributes::RawAttribute;
use super::content::Left;
use super::kept::Taken;
use super::locate::Beyond;
use super::name::XSI_NAMESPACE;
use super::reader::{Asides, Next, Reader, Refused};
use super::{AnyType, ProcessContents, ReadXml, Rule};
use crate::value::{QName, SCHEMA, built_in_type, member};

/// How attributes and content of the open element are read.
pub(super) type Read = fn(&mut Reader<'_>) -> Result<(), Refused>;

/// What is known of a type that an element names.
enum Named {
    /// How its attributes and its content are read.
    Type(Read),
    /// It is abstract.
    Abstract,
    Unknown,
}

/// Where a reader stands in an element that has just been opened.
pub(super) struct Mark<'a> {
    xml: quick_xml::Reader<&'a [u8]>,
    between_tags: bool,
    next: Next,
    token_start: usize,
    attributes: Vec<RawAttribute<'a>>,
    asides: Asides,
    copied: usize,
}

impl<'a> Reader<'a> {
    /// Passes over the element whose tag was looked at and checks as much of it as `process` says.
    pub(super) fn assess(&mut self, process: ProcessContents) -> Result<(), Refused> {
        if process == ProcessContents::Skip || self.declared.is_none() {
            return self.walk(|_| Ok(Taken::Nothing), |_, _| ());
        }
        let mut strict = process == ProcessContents::Strict;
        let mut valid = Ok(());
        let walked = self.thrown_away(|reader| {
            let take = |reader: &mut Self| {
                let (taken, assessed) = reader.assess_one(std::mem::take(&mut strict));
                if reader.fatal {
                    return Err(Refused::RECORDED);
                }
                if assessed.is_err() {
                    valid = assessed;
                }
                Ok(taken)
            };
            reader.walk(take, |_, _| ())
        });
        walked.and(valid)
    }

    /// Reads what is checked and not kept.
    pub(super) fn thrown_away<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.assessing, true);
        let value = read(self);
        self.assessing = outside;
        value
    }

    /// Reads the element whose tag was looked at to its end, if it is declared or names a type; else its attributes alone, for
    /// what is in it is assessed on its own.
    fn assess_one(&mut self, strict: bool) -> (Taken, Result<(), Refused>) {
        let (namespace, local) = (
            self.scope.uri(self.tag.namespace),
            &self.tag.raw[self.tag.local..],
        );
        let element = self.declared.and_then(|all| all.element(namespace, local));
        if let Some(element) = element {
            let read = element.read(self);
            return (
                Taken::Whole,
                read.unwrap_or_else(|| self.refuse_element_undeclared()),
            );
        }
        let named = self
            .raw_attribute(XSI_NAMESPACE, "type")
            .and_then(|lexical| member::<QName>(&lexical, &self.scope).ok());
        match named.map_or(Named::Unknown, |named| self.named(&named)) {
            Named::Type(read) => (Taken::Whole, self.read_named(read)),
            Named::Abstract => (Taken::Whole, self.refuse_element(Rule::XSI_TYPE)),
            Named::Unknown if strict => (Taken::Whole, self.refuse_element_undeclared()),
            Named::Unknown => {
                self.enter();
                let assessed = self.assess_attributes(|_| true, ProcessContents::Lax);
                (Taken::Tag, assessed)
            }
        }
    }

    /// Reads the element whose tag was looked at as one of the type that it names.
    fn read_named(&mut self, read: Read) -> Result<(), Refused> {
        loop {
            self.enter();
            // What it says is known to be a name.
            let _ = self.take_xsi_type();
            let read = read(self);
            match self.leave_or_begin_again(true) {
                Left::Clean => return read,
                Left::Refused => return Err(Refused::RECORDED),
                Left::Again => {}
            }
        }
    }

    fn refuse_element_undeclared(&mut self) -> Result<(), Refused> {
        self.refuse_element(Rule::undeclared_element())
    }

    /// Skips the element whose tag was looked at, which breaks `rule`.
    fn refuse_element(&mut self, rule: Rule) -> Result<(), Refused> {
        self.enter_to_skip()?;
        let refusal = self.record_open(rule);
        self.skip_to_end()?;
        Err(refusal)
    }

    fn named(&self, name: &QName) -> Named {
        if name.namespace() == SCHEMA.uri() {
            return match name.local() {
                "anyType" => Named::Type(|reader| AnyType::read(reader).map(drop)),
                local => built_in_type(local).map_or(Named::Unknown, |one| Named::Type(one.read)),
            };
        }
        let declared = self
            .declared
            .and_then(|all| all.r#type(name.namespace(), name.local()));
        match declared.map(|declared| declared.read()) {
            Some(Some(read)) => Named::Type(read),
            Some(None) => Named::Abstract,
            None => Named::Unknown,
        }
    }

    /// Checks the open element, of which any type may be, by the type that it names, and goes back to where it begins; says
    /// whether that was one that says more than `xs:anyType` (XML Schema Part 1, section 3.3.4, clause 4).
    ///
    /// What is thrown away is not gone back to: it has been read to its end.
    pub(super) fn assess_named(&mut self, name: &QName) -> Result<bool, Refused> {
        if (name.namespace(), name.local()) == (SCHEMA.uri(), "anyType") {
            return Ok(false);
        }
        let read = match self.named(name) {
            Named::Type(read) => read,
            Named::Unknown if self.declared.is_none() && name.namespace() != SCHEMA.uri() => {
                return Ok(false);
            }
            Named::Unknown | Named::Abstract => return Err(self.record_open(Rule::XSI_TYPE)),
        };
        let mark = (!self.assessing).then(|| Box::new(self.mark()));
        let read = self.thrown_away(|reader| reader.read_open(read));
        if let (Some(mark), false) = (mark, self.fatal) {
            self.rewind(*mark);
        }
        read.map(|()| true)
    }

    /// Reads the open element, of which any type may be, to its end as one of another type.
    pub(super) fn read_open(&mut self, read: Read) -> Result<(), Refused> {
        let (open, preset) = (self.open.last().copied(), self.preset);
        loop {
            let read = read(self);
            match (self.end_or_begin_again(true), open) {
                (Left::Clean, _) => return read,
                (Left::Again, Some(open)) => self.open_again(open),
                _ => return Err(Refused::RECORDED),
            }
            self.preset = preset;
            let _ = self.take_xsi_type();
        }
    }

    pub(super) fn mark(&self) -> Mark<'a> {
        Mark {
            xml: self.xml.clone(),
            between_tags: self.between_tags,
            next: self.next,
            token_start: self.token_start,
            attributes: self.attributes.clone(),
            asides: self.asides,
            copied: self.copied,
        }
    }

    pub(super) fn rewind(&mut self, mark: Mark<'a>) {
        self.xml = mark.xml;
        self.between_tags = mark.between_tags;
        self.next = mark.next;
        self.token_start = mark.token_start;
        self.attributes = mark.attributes;
        self.asides = mark.asides;
        self.copied = mark.copied;
        if let Some(open) = self.open.last_mut() {
            open.last_child = "";
        }
    }

    /// Checks the attributes that are left and that `wanted` wants, by namespace, as much as `process` says.
    pub(super) fn assess_attributes(
        &mut self,
        wanted: impl Fn(&str) -> bool,
        process: ProcessContents,
    ) -> Result<(), Refused> {
        let Some(declared) = self.declared.filter(|_| process != ProcessContents::Skip) else {
            return Ok(());
        };
        let mut found = Vec::new();
        for raw in &self.attributes {
            if !raw.is_left(&self.scope, &wanted) {
                continue;
            }
            let namespace = self.scope.uri(raw.namespace);
            let one = declared.attribute(namespace, raw.local);
            let broken = match one {
                Some(one) => one.check(&raw.value, &self.scope).err(),
                None if process == ProcessContents::Strict => Some(Rule::UNDECLARED_ATTRIBUTE),
                None => None,
            };
            if let Some(rule) = broken {
                let item = one.map(|one| QName::from(one.name()));
                found.push((raw.offset, rule, item, raw.local));
            }
        }
        let element = self.open_element();
        let mut valid = Ok(());
        for (offset, rule, item, local) in found {
            let item = item.or_else(|| self.open_name());
            valid = Err(self.record(offset, element, Beyond::Attribute(local), rule, item));
        }
        valid
    }
}
