//! A message as flat lists of what the cursor met: for signatures, which need parts of it in an order of their own.
//!
//! The tokenizer, its checks and its limits are those of the cursor, so that what is verified is what is decoded.

mod growing;

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use super::scope::same;
use super::{Limits, Violations};

/// A whole message.
pub(crate) struct Tree<'a> {
    message: &'a str,
    items: Vec<Item<'a>>,
    has_instructions: bool,
    has_comments: bool,
    elements: Vec<ElementFacts<'a>>,
    attributes: Vec<AttributeFacts<'a>>,
    declarations: Vec<Declaration<'a>>,
}

/// What a message is made of, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Start(ElementId),
    End(ElementId),
    /// As written; line ends are not normalised.
    Text(&'a str),
    /// The inside of a CDATA section; line ends are not normalised.
    CData(&'a str),
    /// What a reference stands for.
    Character(char),
    /// Comments in a row, which no decoder sees.
    Comment,
    /// The content of an element that was passed over.
    Passed,
}

/// An element of a tree, counted in the order of start tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ElementId(usize);

/// A namespace declaration of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeclarationId(usize);

pub(crate) struct ElementFacts<'a> {
    /// The name as written, prefix included.
    pub(crate) raw: &'a str,
    /// Where the local part begins in `raw`.
    local: usize,
    namespace: DeclarationId,
    pub(crate) parent: Option<ElementId>,
    start: usize,
    /// Where the start tag ends.
    content: usize,
    end: usize,
    first_item: usize,
    last_item: usize,
    attributes: Range<usize>,
    declarations: Range<usize>,
    /// Whether its tags are written as canonical XML has them, but for namespaces; it declares none.
    canonical: bool,
    /// Whether all that is in it is, too, and every name in it is in its own namespace, by the same declaration.
    uniform: bool,
}

pub(crate) struct AttributeFacts<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) local: &'a str,
    namespace: DeclarationId,
    /// With references resolved and white space normalised.
    pub(crate) value: Cow<'a, str>,
}

pub(crate) struct Declaration<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) uri: Cow<'a, str>,
    /// The string of a name that the URI was last found equal to: names of one namespace share it, so that its octets are
    /// compared but once.
    known: Cell<Option<&'static str>>,
}

impl Declaration<'_> {
    #[inline]
    fn stands_for(&self, uri: &'static str) -> bool {
        let known = self.known.get();
        known.is_some_and(|known| std::ptr::eq(known, uri)) || self.compares(uri)
    }

    #[inline(never)]
    fn compares(&self, uri: &'static str) -> bool {
        let stands = same(&self.uri, uri);
        if stands {
            self.known.set(Some(uri));
        }
        stands
    }
}

impl<'a> Tree<'a> {
    /// Reads a whole message.
    ///
    /// # Errors
    /// It is malformed or passes a limit.
    pub(crate) fn read(message: &'a [u8], limits: &Limits) -> Result<Self, Violations> {
        Self::read_past(message, limits, |_, _| None)
    }

    /// The message.
    pub(crate) fn message(&self) -> &'a str {
        self.message
    }

    /// Whether there are processing instructions before the end of the root, which no SOAP message may hold.
    pub(crate) fn has_instructions(&self) -> bool {
        self.has_instructions
    }

    /// Whether there are comments before the end of the root.
    pub(crate) fn has_comments(&self) -> bool {
        self.has_comments
    }

    pub(crate) fn root(&self) -> ElementId {
        // A message without one is refused.
        ElementId(0)
    }

    #[inline]
    pub(crate) fn element(&self, id: ElementId) -> &ElementFacts<'a> {
        &self.elements[id.0]
    }

    /// All elements, in the order of their start tags.
    pub(crate) fn elements(&self) -> impl Iterator<Item = ElementId> + use<> {
        (0..self.elements.len()).map(ElementId)
    }

    /// The elements inside an element, in the order of their start tags.
    pub(crate) fn elements_in(&self, id: ElementId) -> impl Iterator<Item = ElementId> {
        let inside = self.items(id).iter().skip(1);
        inside.filter_map(|item| match item {
            Item::Start(inside) => Some(*inside),
            _ => None,
        })
    }

    /// How many elements an element stands in.
    pub(crate) fn depth(&self, id: ElementId) -> usize {
        std::iter::successors(self.element(id).parent, |id| self.element(*id).parent).count()
    }

    /// The expanded name.
    pub(crate) fn name(&self, id: ElementId) -> (&str, &'a str) {
        let element = self.element(id);
        let uri = &self.declaration(element.namespace).uri;
        (uri, &element.raw[element.local..])
    }

    #[inline]
    pub(crate) fn is(&self, id: ElementId, uri: &'static str, local: &str) -> bool {
        let element = self.element(id);
        same(&element.raw[element.local..], local)
            && self.declaration(element.namespace).stands_for(uri)
    }

    /// The message from the start tag on, for an element whose end need not have been read.
    pub(crate) fn message_from(&self, id: ElementId) -> &'a str {
        &self.message[self.element(id).start..]
    }

    /// The octets of the message from the start tag to the end tag.
    pub(crate) fn range(&self, id: ElementId) -> Range<usize> {
        let element = self.element(id);
        element.start..element.end
    }

    /// The octets of the start tag and those of the end tag, if both are written as canonical XML has them, and the element
    /// declares no namespace.
    pub(crate) fn canonical_tags(&self, id: ElementId) -> Option<(Range<usize>, Range<usize>)> {
        let element = self.element(id);
        element.canonical.then(|| {
            let end_tag = element.end - element.raw.len() - "</>".len();
            (element.start..element.content, end_tag..element.end)
        })
    }

    /// The octets of a whole element, and how many items come after its start, if it and all that is in it are written as canonical
    /// XML has them, and every name in it is in one namespace, by the same declaration.
    pub(crate) fn canonical_whole(&self, id: ElementId) -> Option<(Range<usize>, usize)> {
        let element = self.element(id);
        let inside = element.last_item - element.first_item;
        element.uniform.then(|| (self.range(id), inside))
    }

    /// Where a text of the message stands in it.
    pub(crate) fn range_of(&self, text: &'a str) -> Range<usize> {
        let start = text.as_ptr().addr() - self.message.as_ptr().addr();
        start..start + text.len()
    }

    /// The items from the start tag to the end tag.
    pub(crate) fn items(&self, id: ElementId) -> &[Item<'a>] {
        let element = self.element(id);
        &self.items[element.first_item..=element.last_item]
    }

    /// The child elements.
    #[inline]
    pub(crate) fn children(&self, id: ElementId) -> Children<'_, 'a> {
        let element = self.element(id);
        Children {
            tree: self,
            at: element.first_item + 1,
            last: element.last_item,
            among_others: false,
        }
    }

    /// The attributes, in the order of the message.
    #[inline]
    pub(crate) fn attributes(&self, id: ElementId) -> &[AttributeFacts<'a>] {
        &self.attributes[self.element(id).attributes.clone()]
    }

    /// The value of an attribute.
    #[inline]
    pub(crate) fn attribute(&self, id: ElementId, uri: &'static str, local: &str) -> Option<&str> {
        let attributes = self.attributes(id).iter();
        attributes
            .filter(|attribute| same(attribute.local, local))
            .find(|attribute| self.declaration(attribute.namespace).stands_for(uri))
            .map(|attribute| &*attribute.value)
    }

    pub(crate) fn attribute_namespace(&self, attribute: &AttributeFacts<'a>) -> &str {
        &self.declaration(attribute.namespace).uri
    }

    #[inline]
    pub(crate) fn declaration(&self, id: DeclarationId) -> &Declaration<'a> {
        &self.declarations[id.0]
    }

    /// A declaration as it is written, if that is as canonical XML has it, and it is one of a prefix.
    pub(crate) fn canonical_declaration(&self, declaration: &Declaration<'a>) -> Option<&'a str> {
        let prefix = declaration.prefix;
        let Cow::Borrowed(uri) = declaration.uri else {
            return None;
        };
        if matches!(prefix, "" | "xml") {
            return None;
        }
        let (start, end) = (self.range_of(prefix).start, self.range_of(uri).end);
        let plain = end - start == prefix.len() + "=\"".len() + uri.len();
        (plain && self.message.as_bytes()[end] == b'"')
            .then(|| &self.message[start - "xmlns:".len()..=end])
    }

    /// The namespace declarations of the start tag itself.
    pub(crate) fn declarations(
        &self,
        id: ElementId,
    ) -> impl Iterator<Item = DeclarationId> + use<> {
        self.element(id).declarations.clone().map(DeclarationId)
    }

    /// The namespace declarations of an element's ancestors, from the parent up.
    pub(crate) fn inherited(&self, id: ElementId) -> impl Iterator<Item = (&str, &str)> {
        let ancestors =
            std::iter::successors(self.element(id).parent, |id| self.element(*id).parent);
        let declared = ancestors.flat_map(|ancestor| self.declarations(ancestor));
        declared.map(|id| {
            let declaration = self.declaration(id);
            (declaration.prefix, &*declaration.uri)
        })
    }

    /// All prefixes that are declared anywhere, the empty one included, each once.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &'a str> {
        let declared = self
            .declarations
            .iter()
            .map(|declaration| declaration.prefix);
        let mut prefixes: Vec<&str> = declared.filter(|prefix| *prefix != "xml").collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes.into_iter()
    }

    pub(crate) fn namespace(&self, id: ElementId) -> DeclarationId {
        self.element(id).namespace
    }

    pub(crate) fn namespace_of(&self, attribute: &AttributeFacts<'a>) -> DeclarationId {
        attribute.namespace
    }

    /// The text of an element that has no child element, with line ends normalised; none if it has one, or if a comment stands
    /// in it, at which a less careful reader might stop.
    pub(crate) fn text(&self, id: ElementId) -> Option<Cow<'a, str>> {
        let element = self.element(id);
        let inside = &self.items[element.first_item + 1..element.last_item];
        match inside {
            [] => Some(Cow::Borrowed("")),
            [Item::Text(text)] if memchr::memchr(b'\r', text.as_bytes()).is_none() => {
                Some(Cow::Borrowed(text))
            }
            inside => {
                let mut whole = String::new();
                for item in inside {
                    match item {
                        Item::Text(text) | Item::CData(text) => {
                            whole.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
                        }
                        Item::Character(character) => whole.push(*character),
                        Item::Start(_) | Item::End(_) | Item::Comment | Item::Passed => {
                            return None;
                        }
                    }
                }
                Some(Cow::Owned(whole))
            }
        }
    }
}

/// The child elements of one element that are left.
pub(crate) struct Children<'t, 'a> {
    tree: &'t Tree<'a>,
    at: usize,
    last: usize,
    among_others: bool,
}

impl Children<'_, '_> {
    /// Whether anything but child elements and white space has been passed over.
    pub(crate) const fn among_others(&self) -> bool {
        self.among_others
    }
}

impl Iterator for Children<'_, '_> {
    type Item = ElementId;

    #[inline]
    fn next(&mut self) -> Option<ElementId> {
        while self.at < self.last {
            match self.tree.items[self.at] {
                Item::Start(child) => {
                    self.at = self.tree.element(child).last_item + 1;
                    return Some(child);
                }
                Item::Text(text) => self.among_others |= !is_white(text),
                _ => self.among_others = true,
            }
            self.at += 1;
        }
        None
    }
}

fn is_white(text: &str) -> bool {
    text.bytes()
        .all(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r'))
}
