//! Trees while they are read.

use std::borrow::Cow;
use std::cell::Cell;

use super::{AttributeFacts, Declaration, DeclarationId, ElementFacts, ElementId, Item, Tree};
use crate::xml::reader::{Next, Reader, Refused, Tag};
use crate::xml::token::Token;
use crate::xml::{Limits, Violations, XML_NAMESPACE};

/// Octets of a message that are about one element of it, with its tags and its text.
const OCTETS_OF_AN_ELEMENT: usize = 96;

/// What every scope begins with: the empty prefix, which stands for no namespace, and `xml`.
const PREDECLARED: [(&str, &str); 2] = [("", ""), ("xml", XML_NAMESPACE)];

impl<'a> Tree<'a> {
    /// Reads a message but for the content of elements that are known: `known` is asked at each start tag, and says how many
    /// octets the element has from there to its end. It must be an element that would be read without fault where it stands.
    ///
    /// # Errors
    /// The rest is malformed or passes a limit.
    pub(crate) fn read_past(
        message: &'a [u8],
        limits: &Limits,
        known: impl FnMut(&Self, ElementId) -> Option<usize>,
    ) -> Result<Self, Violations> {
        let mut reader = Reader::new(message, limits)?;
        // As many as messages of this length have, so that the lists of most grow at no time.
        let about = (message.len() / OCTETS_OF_AN_ELEMENT).clamp(16, 1024);
        let mut growing = Growing {
            tree: Self {
                message: reader.message,
                items: Vec::with_capacity(3 * about),
                has_instructions: false,
                has_comments: false,
                elements: Vec::with_capacity(about),
                attributes: Vec::with_capacity(about),
                declarations: Vec::with_capacity(64),
            },
            scope: Vec::with_capacity(16),
            open: Vec::with_capacity(16),
            known,
        };
        for (prefix, uri) in PREDECLARED {
            growing.declare(prefix, Cow::Borrowed(uri));
        }
        let grown = growing.grow(&mut reader);
        growing.tree.has_instructions = reader.asides.instructions > 0;
        growing.tree.has_comments = reader.asides.comments > 0;
        reader.finish(grown)?;
        Ok(growing.tree)
    }
}

/// A tree that is being read.
struct Growing<'a, K> {
    tree: Tree<'a>,
    /// The declarations in scope, one for each binding of the reader's own scope.
    scope: Vec<DeclarationId>,
    open: Vec<ElementId>,
    known: K,
}

impl<'a, K: FnMut(&Tree<'a>, ElementId) -> Option<usize>> Growing<'a, K> {
    fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>) {
        self.scope.push(DeclarationId(self.tree.declarations.len()));
        self.tree.declarations.push(Declaration {
            prefix,
            uri,
            known: Cell::new(None),
        });
    }

    fn grow(&mut self, reader: &mut Reader<'a>) -> Result<(), Refused> {
        loop {
            match reader.next {
                Next::Start => self.start(reader)?,
                Next::End => {
                    let Some(id) = self.open.pop() else {
                        return Ok(());
                    };
                    let length = reader.offset() - reader.token_start;
                    self.end(id, reader, length);
                    reader.close();
                    self.scope.truncate(reader.scope.mark());
                    if self.open.is_empty() {
                        return Ok(());
                    }
                }
                Next::Unread => {
                    if !reader.before_markup()
                        && !self.open.is_empty()
                        && let Some(text) = reader.plain_run()
                    {
                        reader.check_text_length(reader.normalised(text).len())?;
                        self.tree.items.push(Item::Text(text));
                    }
                    let asides = reader.asides;
                    let token = reader.pull()?;
                    if reader.asides != asides && !self.open.is_empty() {
                        if reader.asides.comments > asides.comments {
                            self.tree.items.push(Item::Comment);
                        }
                        self.vary();
                    }
                    let item = match token {
                        Token::Start => {
                            reader.next = Next::Start;
                            continue;
                        }
                        Token::End | Token::EndOfMessage => {
                            reader.next = Next::End;
                            continue;
                        }
                        Token::Text(text) => {
                            reader.check_text_length(reader.normalised(text).len())?;
                            Item::Text(text)
                        }
                        Token::CData(text) => {
                            reader.check_text_length(reader.normalised(text).len())?;
                            Item::CData(text)
                        }
                        Token::Character(character) => Item::Character(character),
                    };
                    // What stands before the root is white space.
                    if !self.open.is_empty() {
                        self.tree.items.push(item);
                        self.vary();
                    }
                }
            }
        }
    }

    fn start(&mut self, reader: &mut Reader<'a>) -> Result<(), Refused> {
        reader.check_tag_name()?;
        let Tag {
            raw,
            local,
            namespace,
            scope,
            ..
        } = reader.tag;
        let first_declaration = self.tree.declarations.len();
        for (prefix, uri) in reader.scope.since(scope) {
            self.declare(prefix, uri);
        }
        let tree = &mut self.tree;
        let first_attribute = tree.attributes.len();
        let mut canonical = Canonical::new(raw);
        let mut uniform = !reader.marks.carriage_return;
        for (prefix, local, namespace, value, offset) in reader.take_all_attributes() {
            let attribute = AttributeFacts {
                prefix,
                local,
                namespace: self.scope[namespace.index()],
                value,
            };
            let before = tree.attributes[first_attribute..].last();
            canonical.take(tree.message, offset, &attribute, before);
            uniform &= prefix.is_empty();
            tree.attributes.push(attribute);
        }
        let id = ElementId(tree.elements.len());
        tree.elements.push(ElementFacts {
            raw,
            local,
            namespace: self.scope[namespace.index()],
            parent: self.open.last().copied(),
            start: reader.token_start,
            content: reader.offset(),
            end: 0,
            first_item: tree.items.len(),
            last_item: 0,
            attributes: first_attribute..tree.attributes.len(),
            declarations: first_declaration..tree.declarations.len(),
            canonical: canonical.is(reader.offset() - reader.token_start),
            uniform,
        });
        tree.items.push(Item::Start(id));
        let start = reader.token_start;
        if let Some(text) = reader.plain_leaf() {
            if !text.is_empty() {
                tree.items.push(Item::Text(text));
            }
            let length = raw.len() + "</>".len();
            self.end(id, reader, length);
            self.scope.truncate(reader.scope.mark());
            return Ok(());
        }
        self.open.push(id);
        reader.enter();
        if let Some(octets) = (self.known)(&self.tree, id)
            && reader.pass_content(start + octets)
        {
            self.tree.items.push(Item::Passed);
            self.vary();
        }
        Ok(())
    }
}

impl<K> Growing<'_, K> {
    /// The element `id` ends where the reader stands, with an end tag of `length` octets.
    fn end(&mut self, id: ElementId, reader: &Reader<'_>, length: usize) {
        let tree = &mut self.tree;
        let element = &mut tree.elements[id.0];
        element.end = reader.offset();
        element.canonical &= length == element.raw.len() + "</>".len();
        element.uniform &= element.canonical;
        element.last_item = tree.items.len();
        let (uniform, namespace) = (element.uniform, element.namespace);
        tree.items.push(Item::End(id));
        if let Some(parent) = self.open.last() {
            let parent = &mut tree.elements[parent.0];
            parent.uniform &= uniform && parent.namespace == namespace;
        }
    }

    /// What was met in the open element is not written as canonical XML has it, or may not be.
    fn vary(&mut self) {
        if let Some(open) = self.open.last() {
            self.tree.elements[open.0].uniform = false;
        }
    }
}

/// Whether a start tag is written as canonical XML has it, but for namespaces.
struct Canonical {
    /// How many octets it would have then.
    length: usize,
    so_far: bool,
}

impl Canonical {
    fn new(name: &str) -> Self {
        Self {
            length: "<>".len() + name.len(),
            so_far: true,
        }
    }

    /// Takes in an attribute whose name stands at `offset`, and the one `before` it. In doubt it is not canonical.
    fn take(
        &mut self,
        message: &str,
        offset: usize,
        attribute: &AttributeFacts<'_>,
        before: Option<&AttributeFacts<'_>>,
    ) {
        let colon = usize::from(!attribute.prefix.is_empty());
        let name = attribute.prefix.len() + colon + attribute.local.len();
        let octets = message.as_bytes();
        self.length += " =\"\"".len() + name + attribute.value.len();
        let ordered = before.is_none_or(|before| {
            let plain = before.prefix.is_empty() && colon == 0;
            plain && before.local < attribute.local
        });
        self.so_far &= ordered
            && octets[offset - 1] == b' '
            && octets.get(offset + name + 1) == Some(&b'"')
            && matches!(attribute.value, Cow::Borrowed(_));
    }

    /// Whether a tag of `length` octets is: then there is nothing else in it.
    fn is(&self, length: usize) -> bool {
        self.so_far && self.length == length
    }
}
