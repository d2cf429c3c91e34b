//! The cursor that typed readers walk: one call per particle of the schema.

use std::borrow::Cow;
use std::ops::{Bound, RangeBounds};

use super::attributes::RawAttribute;
use super::locate::Found;
use super::misplaced::Misplaced;
use super::mixed::MixedLevel;
use super::name::Preset;
use super::outline::Outline;
use super::record::Pending;
use super::scope::BindingId;
use super::stack::OpenElements;
use super::token::{Marks, Token};
use super::{Declarations, Element, Limits, Name, Reason, Rule, Scope, Violations, Wildcard};
use crate::value::BuiltIn;

/// Says that a value could not be read; why is recorded in the [`Reader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(());

impl Refused {
    /// Only the reader makes one, once it has recorded why.
    pub(super) const RECORDED: Self = Self(());
}

/// A type that can be read from the element that is open: its attributes, then its content.
pub trait ReadXml: Sized {
    /// The type's name in its schema, where it has one of its own: an `xsi:type` that says so tells nothing new.
    const TYPE: Option<Name> = None;

    /// What takes the text of an element without attributes for a value, where the type is a simple one; it gives none where
    /// [`read`](Self::read) would refuse the text.
    const FROM_TEXT: Option<fn(&str, &Scope<'_>) -> Option<Self>> = None;

    /// Reads the attributes and the content of the open element, up to its end.
    ///
    /// Read every field before the first `?`, so that one pass finds all violations. It may be called once more on the same
    /// element, from its start tag on: to go on behind a child that has no place in it.
    ///
    /// # Errors
    /// The reader has recorded what is wrong.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused>;
}

/// The content of an element that has none, such as the answer of a one-way operation.
impl ReadXml for () {
    fn read(_: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(())
    }
}

/// A cursor over one complete message.
///
/// It has looked one tag ahead at most. Once the message is found malformed, or a limit is passed, every call returns
/// `Err(Refused)` and records nothing more.
pub struct Reader<'a> {
    pub(super) xml: quick_xml::Reader<&'a [u8]>,
    /// The whole message without its byte order mark; all offsets count from here.
    pub(super) message: &'a str,
    pub(super) marks: Marks,
    /// Whether quick-xml has given out a whole token and would begin another, so that plain tags may be passed over in the
    /// message itself.
    pub(super) between_tags: bool,
    pub(super) limits: Limits,
    /// What is declared globally, if that is known.
    pub(super) declared: Option<&'static Declarations>,
    /// Whether what is read is checked alone, and thrown away.
    pub(super) assessing: bool,
    pub(super) scope: Scope<'a>,
    pub(super) open: OpenElements<'a>,
    pub(super) next: Next,
    /// Where the token that `next` speaks of begins.
    pub(super) token_start: usize,
    /// The start tag that `next` speaks of.
    pub(super) tag: Tag<'a>,
    /// Of the element that was opened last, until its content begins.
    pub(super) attributes: Vec<RawAttribute<'a>>,
    /// Of the element that was opened last, until its text is read.
    pub(super) preset: Option<Preset>,
    /// The built-in type that the open element says it has, where that is one derived from the declared one.
    pub(super) told: Option<&'static BuiltIn>,
    pub(super) pending: Vec<Pending>,
    /// How often the element that stands next has come at most, if it came so often for one particle.
    pub(super) full: Option<(usize, Option<Name>)>,
    pub(super) mixed: MixedLevel,
    /// The element that is kept in its own octets, if one is.
    pub(super) outline: Option<Outline>,
    /// Attributes of envelope and body that hold for all that is in them.
    pub(super) inherited: Vec<(&'static str, Cow<'a, str>)>,
    pub(super) asides: Asides,
    /// Octets of the declarations that were copied to elements kept whole.
    pub(super) copied: usize,
    pub(super) found: Vec<Found<'a>>,
    /// Where the last element begins that says it is nil and must not be.
    pub(super) nil_refused: Option<usize>,
    /// Children that are passed over, once there are any.
    pub(super) misplaced: Option<Box<Misplaced<'a>>>,
    /// Whether reading has stopped.
    pub(super) fatal: bool,
    /// Whether the next tag is not simply the next in the message: reading has stopped, or passes over children.
    pub(super) careful: bool,
    pub(super) root_seen: bool,
}

/// How much has been passed over that is no part of any value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asides {
    pub(super) comments: usize,
    pub(super) instructions: usize,
}

/// What the cursor stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Not looked at yet.
    Unread,
    /// The start tag in `Reader::tag`.
    Start,
    /// The end of the innermost open element.
    End,
}

/// An element whose end has not been seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open<'a> {
    /// The name as written, prefix included.
    pub(super) raw: &'a str,
    /// Where the local part begins in `raw`.
    pub(super) local: usize,
    pub(super) namespace: BindingId,
    /// Where its start tag begins.
    pub(super) start: usize,
    /// What the scope is cut back to at its end.
    pub(super) scope: usize,
    /// Whether quick-xml does not know of it.
    pub(super) plain: bool,
    /// The name of the child that was opened last, as written.
    pub(super) last_child: &'a str,
    /// The namespace that the contract declares that child in, if it does.
    pub(super) last_known: Option<&'static str>,
    /// Whether the contract declares the element: if not, its name is the sender's, and is not told.
    pub(super) known: bool,
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    /// The name as written, prefix included.
    pub(super) raw: &'a str,
    /// Where the local part begins in `raw`.
    pub(super) local: usize,
    pub(super) namespace: BindingId,
    /// How long the scope was before the tag's own declarations.
    pub(super) scope: usize,
    /// `<a/>`.
    pub(super) empty: bool,
    /// Whether quick-xml does not know of it.
    pub(super) plain: bool,
    /// Whether its name has been looked at, and is one.
    pub(super) good: bool,
}

impl Tag<'_> {
    /// What comes next once the element is open.
    pub(super) const fn inside(&self) -> Next {
        if self.empty { Next::End } else { Next::Unread }
    }
}

impl Open<'_> {
    pub(super) const NONE: Self = Self {
        raw: "",
        local: 0,
        namespace: BindingId::NONE,
        start: 0,
        scope: 0,
        plain: false,
        last_child: "",
        last_known: None,
        known: false,
    };
}

impl Tag<'_> {
    pub(super) const NONE: Self = Self {
        raw: "",
        local: 0,
        namespace: BindingId::NONE,
        scope: 0,
        empty: true,
        plain: false,
        good: false,
    };
}

impl<'a> Reader<'a> {
    /// A cursor before the root of `message`.
    ///
    /// # Errors
    /// The message is too long, not UTF-8, or holds a character that XML 1.0 (section 2.2) forbids.
    pub(crate) fn new(message: &'a [u8], limits: &Limits) -> Result<Self, Violations> {
        let (message, marks) = super::token::admit(message, limits)?;
        Ok(Self::over(message, marks, *limits))
    }

    /// A cursor of its own before the root of the same message.
    pub(crate) fn again(&self) -> Self {
        Self::over(self.message, self.marks, self.limits)
    }

    /// A cursor before the root of another message, with the same limits.
    ///
    /// # Errors
    /// As [`new`](Self::new), recorded here.
    pub(crate) fn over_another(&mut self, message: &'a [u8]) -> Result<Self, Refused> {
        Self::new(message, &self.limits).map_err(|_| self.refuse_envelope())
    }

    fn over(message: &'a str, marks: Marks, limits: Limits) -> Self {
        Self {
            xml: Self::tokens(message),
            message,
            marks,
            between_tags: false,
            limits,
            declared: None,
            assessing: false,
            scope: Scope::with_limit(14, limits.items),
            open: OpenElements::new(),
            next: Next::Unread,
            token_start: 0,
            tag: Tag::NONE,
            attributes: Vec::new(),
            preset: None,
            told: None,
            pending: Vec::new(),
            full: None,
            mixed: MixedLevel::NONE,
            outline: None,
            inherited: Vec::new(),
            asides: Asides::default(),
            copied: 0,
            found: Vec::new(),
            nil_refused: None,
            misplaced: None,
            fatal: false,
            careful: false,
            root_seen: false,
        }
    }

    /// Whether the next child is the element `name`.
    pub fn at(&mut self, name: Name) -> bool {
        self.plain_child(name) || (self.peek().is_ok() && self.tag_is(name))
    }

    /// Whether the next child is one of `names`.
    pub fn at_any(&mut self, names: &[Name]) -> bool {
        self.peek().is_ok() && names.iter().any(|name| self.tag_is(*name))
    }

    /// Reads a child that must be there.
    ///
    /// # Errors
    /// It is missing, or its content is refused.
    pub fn required<T: ReadXml>(&mut self, element: Element) -> Result<T, Refused> {
        if self.at(element.name()) {
            self.child(&element)
        } else {
            Err(self.expected(&[element.name()]))
        }
    }

    /// Reads a child that may be absent.
    ///
    /// # Errors
    /// Its content is refused.
    pub fn optional<T: ReadXml>(&mut self, element: Element) -> Result<Option<T>, Refused> {
        if self.at(element.name()) {
            self.child(&element).map(Some)
        } else {
            self.absent()
        }
    }

    /// Reads as many children in a row as there are.
    ///
    /// # Errors
    /// They are fewer or more than `occurs` allows, or the content of one is refused.
    pub fn repeated<T: ReadXml>(
        &mut self,
        element: Element,
        occurs: impl RangeBounds<usize>,
    ) -> Result<Vec<T>, Refused> {
        self.many(&[element.name()], occurs, |reader| reader.child(&element))
    }

    /// Reads a group: a type that has no element of its own.
    ///
    /// # Errors
    /// The group's own.
    pub fn group<T: ReadXml>(&mut self) -> Result<T, Refused> {
        T::read(self)
    }

    /// Reads a group if the next child is one of those that it can begin with.
    ///
    /// # Errors
    /// The group's own.
    pub fn optional_group<T: ReadXml>(&mut self, first: &[Name]) -> Result<Option<T>, Refused> {
        if self.at_any(first) {
            T::read(self).map(Some)
        } else {
            self.absent()
        }
    }

    /// Reads a group if `first` says that the next child can begin it: for groups that wildcards begin.
    ///
    /// # Errors
    /// The group's own.
    pub fn optional_group_when<T: ReadXml>(
        &mut self,
        first: impl Fn(&mut Self) -> bool,
    ) -> Result<Option<T>, Refused> {
        if first(self) {
            T::read(self).map(Some)
        } else {
            self.absent()
        }
    }

    /// Reads a group as often as `first` says that the next child can begin it: for groups that wildcards begin.
    ///
    /// # Errors
    /// The groups are fewer or more than `occurs` allows, or one is refused.
    pub fn repeated_group_when<T: ReadXml>(
        &mut self,
        first: impl Fn(&mut Self) -> bool,
        occurs: impl RangeBounds<usize>,
    ) -> Result<Vec<T>, Refused> {
        self.many_when(first, (&[], None), occurs, T::read)
    }

    /// Reads a group as often as the next child is one of those that it can begin with.
    ///
    /// # Errors
    /// The groups are fewer or more than `occurs` allows, or one is refused.
    pub fn repeated_group<T: ReadXml>(
        &mut self,
        first: &[Name],
        occurs: impl RangeBounds<usize>,
    ) -> Result<Vec<T>, Refused> {
        self.many(first, occurs, T::read)
    }

    /// Reads the content of a type that has none: not even white space may stand in it (XML Schema Part 1, section 3.4.4). Call
    /// it after the attributes; an element in it is refused when the element is left.
    ///
    /// # Errors
    /// There is text in it.
    pub fn empty(&mut self) -> Result<(), Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        self.begin_content();
        let mut empty = Ok(());
        while self.next == Next::Unread {
            match self.pull()? {
                Token::Start => self.next = Next::Start,
                Token::End | Token::EndOfMessage => self.next = Next::End,
                Token::Text("") | Token::CData("") => {}
                Token::Text(_) | Token::CData(_) | Token::Character(_) if empty.is_err() => {}
                Token::Text(_) | Token::CData(_) | Token::Character(_) => {
                    empty = Err(self.record_open(Rule::NOT_EMPTY));
                }
            }
        }
        empty
    }

    /// Records that one of `names` should be next, and is not.
    pub fn expected(&mut self, names: &[Name]) -> Refused {
        if let (false, Some(first)) = (self.fatal, names.first()) {
            self.pending.push(Pending {
                rule: Rule::missing(names),
                item: Some(*first),
            });
        }
        Refused::RECORDED
    }

    pub(super) fn absent<T>(&self) -> Result<Option<T>, Refused> {
        if self.fatal {
            Err(Refused::RECORDED)
        } else {
            Ok(None)
        }
    }

    fn many<T>(
        &mut self,
        first: &[Name],
        occurs: impl RangeBounds<usize>,
        read: impl Fn(&mut Self) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        self.many_when(|reader| reader.at_any(first), (first, None), occurs, read)
    }

    /// `names` are those that the children can have; none if a wildcard lets others in, one that is known or several.
    pub(super) fn many_when<T>(
        &mut self,
        first: impl Fn(&mut Self) -> bool,
        (names, wildcard): (&[Name], Option<Wildcard>),
        occurs: impl RangeBounds<usize>,
        read: impl Fn(&mut Self) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        let (least, most) = bounds(&occurs);
        let mut items = Vec::new();
        let mut count = 0;
        let mut refused = None;
        while first(self) {
            if count == self.limits.items {
                return Err(self.fatal_here(Rule::limit(Reason::Occurrences, self.limits.items)));
            }
            if count == most {
                // What comes next may be another particle's, or another occurrence of the group's around it.
                self.full = Some((most, names.first().copied()));
                break;
            }
            count += 1;
            let start = self.token_start;
            match read(self) {
                Ok(item) => items.push(item),
                // A group that took nothing would be met again for ever.
                Err(refusal)
                    if self.fatal || (self.next == Next::Start && self.token_start == start) =>
                {
                    return Err(refusal);
                }
                Err(refusal) => refused = Some(refusal),
            }
        }
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        if count < least {
            return Err(self.too_few(names, wildcard, count, least));
        }
        refused.map_or(Ok(items), Err)
    }

    #[cold]
    fn too_few(
        &mut self,
        names: &[Name],
        wildcard: Option<Wildcard>,
        count: usize,
        least: usize,
    ) -> Refused {
        match names {
            [first, ..] if count > 0 => {
                self.pending.push(Pending {
                    rule: Rule::too_few(least),
                    item: Some(*first),
                });
                Refused::RECORDED
            }
            [] => self.expected_any(wildcard),
            names => self.expected(names),
        }
    }
}

/// The least and the most that a range of occurrences allows.
pub(super) fn bounds(occurs: &impl RangeBounds<usize>) -> (usize, usize) {
    let least = match occurs.start_bound() {
        Bound::Included(least) => *least,
        Bound::Excluded(least) => least.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let most = match occurs.end_bound() {
        Bound::Included(most) => *most,
        Bound::Excluded(most) => most.saturating_sub(1),
        Bound::Unbounded => usize::MAX,
    };
    (least, most)
}
