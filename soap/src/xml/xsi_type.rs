//! `xsi:type`: elements that say of which type they are (XML Schema Part 1, sections 2.6.1 and 3.3.4).

use super::assess::Read;
use super::attributes::{RawAttribute, is_true};
use super::name::{XSI, XSI_NAMESPACE};
use super::reader::{Reader, Refused};
use super::{Declarations, Element, Name, Rule, Writer};
use crate::value::{QName, SCHEMA, built_in_type, derived, member};

impl Reader<'_> {
    /// The place among `types` of the one that `xsi:type` names; `None` if the open element does not say. Call it before the
    /// attributes are read.
    ///
    /// # Errors
    /// It names another, or is no name.
    pub fn xsi_type(&mut self, types: &[Name]) -> Result<Option<usize>, Refused> {
        let named = match self.take_xsi_type() {
            Ok(Some(named)) => named,
            Ok(None) => return Ok(None),
            Err(refusal) => return Err(self.leave_unread(refusal)),
        };
        match types.iter().position(|name| named == *name) {
            Some(index) => Ok(Some(index)),
            None => Err(self.refuse_type(Rule::XSI_TYPE)),
        }
    }

    /// Records that the open element is of an abstract type and does not say of which type it is instead.
    pub fn abstract_type(&mut self) -> Refused {
        let refusal = self.record_open(Rule::ABSTRACT_TYPE);
        self.leave_unread(refusal)
    }

    /// Looks at the type that the open element names before it is read as one of the type `own`. One that is `own` itself, or
    /// that can stand for it and is a simple one, tells nothing new once the value is one of it; it is passed over.
    ///
    /// # Errors
    /// `element` may not name the type, the value is none of it, or it adds what `own` does not hold.
    #[cold]
    pub(super) fn take_told_type(
        &mut self,
        element: &Element,
        own: Option<Name>,
    ) -> Result<(), Refused> {
        let Some(index) = self.find_attribute(XSI_NAMESPACE, "type") else {
            return Ok(());
        };
        // What is no name is told when it is read.
        let Ok(named) = member::<QName>(&self.attributes[index].value, &self.scope) else {
            return Ok(());
        };
        let is_named = |name: &Name| named == *name;
        if element
            .may_name()
            .is_some_and(|only| !only.iter().any(is_named))
        {
            return Err(self.refuse_type(Rule::XSI_TYPE));
        }
        let Some(own) = own else {
            return Ok(());
        };
        if named == own {
            self.attributes[index].used = true;
            return Ok(());
        }
        if [named.namespace(), own.namespace().uri()] == [SCHEMA.uri(); 2] {
            self.told = derived(named.local(), own.local());
            self.attributes[index].used = self.told.is_some();
            return Ok(());
        }
        let declared = self.declared.unwrap_or(&Declarations::NONE);
        let name = (named.namespace(), named.local());
        if !declared.stands_for(name, own) {
            return Ok(());
        }
        let read = match built_in_type(named.local()).filter(|_| name.0 == SCHEMA.uri()) {
            Some(built_in) => Some(built_in.read),
            None => declared.r#type(name.0, name.1).and_then(|one| one.read()),
        };
        let Some(read) = read else {
            return Err(self.refuse_type(Rule::XSI_TYPE));
        };
        self.attributes[index].used = true;
        self.check_told(read)
    }

    /// Reads the open element by the type that it names, and goes back to its beginning.
    fn check_told(&mut self, read: Read) -> Result<(), Refused> {
        let nil = self.raw_attribute(XSI_NAMESPACE, "nil");
        if nil.is_some_and(|nil| is_true(&nil)) {
            return Ok(());
        }
        let (mark, preset) = (self.mark(), self.preset);
        // That it is not nil, its type is not told.
        let _ = self.take_raw_attribute(XSI_NAMESPACE, "nil");
        self.thrown_away(|reader| reader.read_open(read))?;
        self.rewind(mark);
        self.preset = preset;
        let mut adds = false;
        self.each_attribute(|namespace, _, _| adds |= namespace != XSI_NAMESPACE);
        if adds {
            return Err(self.refuse_type(Rule::NOT_HELD));
        }
        Ok(())
    }

    /// How the open element is read by the type of the contract that it names in the place of the simple type `own`, if that has
    /// been looked at and passed over.
    #[cold]
    pub(super) fn told_read(&self, own: Option<Name>) -> Option<Read> {
        let (own, declared) = (own?, self.declared?);
        let is_type = |raw: &&RawAttribute<'_>| {
            raw.used && raw.local == "type" && self.scope.uri(raw.namespace) == XSI_NAMESPACE
        };
        let lexical = &self.attributes.iter().find(is_type)?.value;
        let named = member::<QName>(lexical, &self.scope).ok()?;
        let name = (named.namespace(), named.local());
        let stands = named != own && declared.stands_for(name, own);
        declared
            .r#type(name.0, name.1)
            .filter(|_| stands)
            .and_then(|one| one.read())
    }

    pub(super) fn refuse_type(&mut self, rule: Rule) -> Refused {
        let refusal = self.refuse_raw_attribute(XSI.name("type"), rule);
        self.leave_unread(refusal)
    }

    /// Passes over what is in the open element: what it is meant to be, nobody knows.
    pub(super) fn leave_unread(&mut self, refusal: Refused) -> Refused {
        self.ignore_attributes();
        // What is not well-formed is recorded.
        let _ = self.skip_rest();
        refusal
    }

    /// The type that the open element names, as `{namespace}local`, unless it is `own`.
    #[cold]
    pub(super) fn named_type(&self, own: Option<Name>) -> Option<String> {
        let lexical = self.raw_attribute(XSI_NAMESPACE, "type")?;
        let named = member::<QName>(&lexical, &self.scope).ok()?;
        (own.is_none_or(|own| named != own))
            .then(|| format!("{{{}}}{}", named.namespace(), named.local()))
    }

    pub(super) fn take_xsi_type(&mut self) -> Result<Option<QName>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        let Some(lexical) = self.take_raw_attribute(XSI_NAMESPACE, "type") else {
            return Ok(None);
        };
        member::<QName>(&lexical, &self.scope)
            .map(Some)
            .map_err(|rule| self.refuse_raw_attribute(XSI.name("type"), rule))
    }
}

impl Writer {
    /// Writes `xsi:type` on the open element; a type that the element may not name cannot be written. Call it before any content.
    pub fn xsi_type(&mut self, r#type: Name) {
        self.name_type(&QName::from(r#type));
    }

    /// The same, with a name that is the value's own.
    pub(super) fn name_type(&mut self, named: &QName) {
        // Elements after that one, and those in it, begin elsewhere.
        if let Some((begin, only)) = self.only
            && self.out.rfind('<') == Some(begin)
            && !only.iter().any(|name| *named == *name)
        {
            self.fail_attribute(Rule::XSI_TYPE, "type");
        }
        self.attribute(XSI.attribute("type"), named);
    }
}
