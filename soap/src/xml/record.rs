//! Recording what is wrong: at once, or when reading goes on past the place where something should have stood.

use super::locate::{Beyond, Found};
use super::name::{is_name, is_ncname};
use super::reader::{Reader, Refused};
use super::{Name, Reason, Rule};
use crate::discreet;
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

impl<'a> Reader<'a> {
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
    #[inline]
    pub(super) fn check_tag_name(&mut self) -> Result<(), Refused> {
        if self.tag.good {
            return Ok(());
        }
        self.look_at_tag_name()
    }

    #[inline(never)]
    fn look_at_tag_name(&mut self) -> Result<(), Refused> {
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

/// A name out of the message as messages show it: nothing unless it is a name, discreet, and cut to 64 characters.
pub(super) fn shown(name: &str) -> String {
    const SHOWN: usize = 64;
    if is_name(name) {
        discreet(name, SHOWN)
    } else {
        "?".to_owned()
    }
}
