//! Exclusive XML canonicalisation without comments (Exclusive XML Canonicalization 1.0) of elements of a message that has been
//! read already.
//!
//! The time it takes is linear in what it writes: namespaces in scope and attributes of one element are bounded by
//! [`Limits`](crate::Limits).

use std::borrow::Cow;
use std::ops::Range;

use crate::xml::{DeclarationId, ElementId, Item, Tree, order, same};

/// How an element is to be canonicalised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// The prefixes of `InclusiveNamespaces`, the empty one for `#default`: treated as if they were used everywhere.
    pub(super) inclusive: Vec<String>,
    /// Whether the apex says `xmlns=""` where it has no default namespace (WSS SOAP Message Security 1.1.1, section 8.3).
    pub(super) bare_apex: bool,
}

impl Form {
    /// The form that a `PrefixList` asks for.
    pub(super) fn with_prefixes(list: &str) -> Self {
        let prefix = |token: &str| if token == "#default" { "" } else { token }.to_owned();
        let tokens = list.split([' ', '\t', '\n', '\r']);
        // The prefix `xml` is never declared (Canonical XML 1.0, section 2.3).
        let inclusive = tokens.filter(|token| !matches!(*token, "" | "xml"));
        let inclusive = inclusive.map(prefix);
        Self {
            inclusive: inclusive.collect(),
            bare_apex: false,
        }
    }
}

/// Writes canonical forms, one after the other into the same memory.
#[derive(Default)]
pub(super) struct Canonicaliser {
    out: String,
    /// All declarations in scope, innermost last, where a form asks for prefixes that are not visibly used.
    scope: Vec<DeclarationId>,
    /// Those that the output has declared, innermost last.
    rendered: Vec<DeclarationId>,
    /// Each open element whose tag was not copied, and how long both were before it.
    open: Vec<(ElementId, usize, usize)>,
    /// Declarations that a start tag needs.
    wanted: Vec<DeclarationId>,
    /// Attributes of a start tag, by their place.
    order: Vec<usize>,
}

impl Canonicaliser {
    /// The canonical form of `apex`, leaving `without` out of it; none if a comment stands in the middle of a text: one reader
    /// might take the text for whole where another stops; and none if content in it was passed over.
    pub(super) fn form(
        &mut self,
        tree: &Tree<'_>,
        apex: ElementId,
        without: Option<ElementId>,
        form: &Form,
    ) -> Option<&str> {
        self.out.clear();
        self.scope.clear();
        self.rendered.clear();
        self.open.clear();
        self.out.reserve(tree.range(apex).len() + 256);
        let mut writer = Canonical {
            tree,
            form,
            run: 0..0,
            to: self,
        };
        writer.enter_ancestors(apex);
        let whole = writer.write(apex, without);
        writer.flush();
        whole.then_some(&*self.out)
    }

    /// The form that was written last.
    pub(super) fn written(&self) -> &str {
        &self.out
    }
}

/// One canonical form that is being written.
struct Canonical<'t, 'a, 'o> {
    tree: &'t Tree<'a>,
    form: &'t Form,
    /// Octets of the message that are canonical as they are written, and come next in the output.
    run: Range<usize>,
    to: &'o mut Canonicaliser,
}

impl Canonical<'_, '_, '_> {
    fn enter_ancestors(&mut self, apex: ElementId) {
        if self.form.inclusive.is_empty() {
            return;
        }
        let mut ancestors = Vec::new();
        let mut at = self.tree.element(apex).parent;
        while let Some(parent) = at {
            ancestors.push(parent);
            at = self.tree.element(parent).parent;
        }
        for ancestor in ancestors.into_iter().rev() {
            self.to.scope.extend(self.tree.declarations(ancestor));
        }
    }

    fn write(&mut self, apex: ElementId, without: Option<ElementId>) -> bool {
        let tree = self.tree;
        let mut skipped = false;
        let mut gap = Gap::default();
        let mut items = tree.items(apex);
        while let [item, rest @ ..] = items {
            items = rest;
            match item {
                Item::Start(id) if Some(*id) == without => skipped = true,
                Item::End(id) if Some(*id) == without => skipped = false,
                _ if skipped => {}
                Item::Start(id) => {
                    gap = Gap::default();
                    if *id == apex {
                        self.start(*id, true);
                    } else if let (Some((octets, inside)), None) = (self.copied_whole(*id), without)
                    {
                        self.copy(octets);
                        items = &rest[inside..];
                    } else if let Some(octets) = self.copied_tag(*id) {
                        self.copy(octets);
                    } else {
                        self.start(*id, false);
                    }
                }
                Item::End(id) => {
                    gap = Gap::default();
                    match tree.canonical_tags(*id).filter(|_| !self.is_open(*id)) {
                        Some((_, octets)) => self.copy(octets),
                        None => self.end(*id),
                    }
                }
                Item::Text(text) => {
                    gap.text |= !is_white(text);
                    if memchr::memchr2(b'>', b'\r', text.as_bytes()).is_none() {
                        self.copy(tree.range_of(text));
                    } else {
                        self.text(text);
                    }
                }
                Item::CData(text) => {
                    gap.text = true;
                    self.flush();
                    // Of all texts these alone may hold a `<`.
                    for (index, piece) in text.split('<').enumerate() {
                        self.to.out.push_str(if index > 0 { "&lt;" } else { "" });
                        self.text(piece);
                    }
                }
                Item::Character(character) => {
                    gap.text = true;
                    self.character(*character);
                }
                Item::Comment => gap.comment = true,
                Item::Passed => return false,
            }
            if gap.text && gap.comment {
                return false;
            }
        }
        true
    }

    /// An element that can be copied as it is, and how many items there are in it, with its end: what is visibly used has been
    /// declared, and nothing else is.
    fn copied_whole(&self, id: ElementId) -> Option<(Range<usize>, usize)> {
        let whole = self.tree.canonical_whole(id)?;
        self.holds(self.tree.namespace(id)).then_some(whole)
    }

    /// The start tag of an element that can be copied as it is.
    fn copied_tag(&self, id: ElementId) -> Option<Range<usize>> {
        let (start, _) = self.tree.canonical_tags(id)?;
        let mut attributes = self.tree.attributes(id).iter();
        let held = self.holds(self.tree.namespace(id))
            && attributes.all(|attribute| {
                attribute.prefix.is_empty() || self.holds(self.tree.namespace_of(attribute))
            });
        held.then_some(start)
    }

    /// Whether this very declaration is the one that the output has for its prefix.
    fn holds(&self, id: DeclarationId) -> bool {
        self.to.rendered.last() == Some(&id)
            || self.rendered(self.tree.declaration(id).prefix) == Some(id)
    }

    /// The declaration that the output has for a prefix.
    fn rendered(&self, prefix: &str) -> Option<DeclarationId> {
        let of_prefix = |id: &DeclarationId| same(self.tree.declaration(*id).prefix, prefix);
        self.to.rendered.iter().rev().copied().find(of_prefix)
    }

    /// Appends octets of the message as they are.
    fn copy(&mut self, octets: Range<usize>) {
        if octets.start != self.run.end {
            self.flush();
            self.run.start = octets.start;
        }
        self.run.end = octets.end;
    }

    /// Writes what is to be copied.
    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        self.to.out.push_str(&self.tree.message()[run]);
    }

    fn is_open(&self, id: ElementId) -> bool {
        self.to.open.last().is_some_and(|(open, ..)| *open == id)
    }

    fn start(&mut self, id: ElementId, is_apex: bool) {
        let tree = self.tree;
        self.flush();
        self.to
            .open
            .push((id, self.to.scope.len(), self.to.rendered.len()));
        if !self.form.inclusive.is_empty() {
            self.to.scope.extend(tree.declarations(id));
        }
        let raw = tree.element(id).raw;
        self.to.out.push('<');
        self.to.out.push_str(raw);
        self.declarations(id, is_apex);
        if let Some((tag, _)) = tree.canonical_tags(id) {
            let attributes = tag.start + "<".len() + raw.len()..tag.end;
            self.to.out.push_str(&tree.message()[attributes]);
        } else {
            self.attributes(id);
            self.to.out.push('>');
        }
    }

    fn end(&mut self, id: ElementId) {
        self.flush();
        self.to.out.push_str("</");
        self.to.out.push_str(self.tree.element(id).raw);
        self.to.out.push('>');
        if let Some((_, scope, rendered)) = self.to.open.pop() {
            self.to.scope.truncate(scope);
            self.to.rendered.truncate(rendered);
        }
    }

    /// The namespace axis (section 3): what is visibly used and not declared by the output already.
    fn declarations(&mut self, id: ElementId, is_apex: bool) {
        let tree = self.tree;
        let namespace = tree.namespace(id);
        let qualified = || {
            tree.attributes(id)
                .iter()
                .any(|attribute| !attribute.prefix.is_empty())
        };
        // Most elements are in the namespace of the one before and say nothing else.
        if self.to.rendered.last() == Some(&namespace)
            && self.form.inclusive.is_empty()
            && !qualified()
        {
            return;
        }
        self.to.wanted.clear();
        self.want(namespace);
        for attribute in tree.attributes(id) {
            if !attribute.prefix.is_empty() {
                self.want(tree.namespace_of(attribute));
            }
        }
        for prefix in &self.form.inclusive {
            let in_scope = |id: &&DeclarationId| same(tree.declaration(**id).prefix, prefix);
            if let Some(declared) = self.to.scope.iter().rev().find(in_scope) {
                let declared = *declared;
                self.to.wanted.push(declared);
            }
        }
        let prefix = |id: &DeclarationId| tree.declaration(*id).prefix;
        self.to
            .wanted
            .sort_by(|left, right| order(prefix(left), prefix(right)));
        self.to
            .wanted
            .dedup_by(|left, right| same(prefix(left), prefix(right)));
        if is_apex
            && self.form.bare_apex
            && self
                .to
                .wanted
                .first()
                .is_none_or(|id| !prefix(id).is_empty())
        {
            self.to.out.push_str(" xmlns=\"\"");
        }
        for index in 0..self.to.wanted.len() {
            self.declare(self.to.wanted[index]);
        }
    }

    fn want(&mut self, id: DeclarationId) {
        if !same(self.tree.declaration(id).prefix, "xml") {
            self.to.wanted.push(id);
        }
    }

    fn declare(&mut self, id: DeclarationId) {
        let tree = self.tree;
        let declared = tree.declaration(id);
        if self.to.rendered.last() == Some(&id) {
            return;
        }
        let held = self.rendered(declared.prefix);
        let held = held.map(|held| &*tree.declaration(held).uri);
        // No default namespace is what the output begins with.
        let held = held.or(declared.prefix.is_empty().then_some(""));
        if held.is_some_and(|held| same(held, &declared.uri)) {
            return;
        }
        self.to.rendered.push(id);
        if let Some(written) = tree.canonical_declaration(declared) {
            self.to.out.push(' ');
            self.to.out.push_str(written);
            return;
        }
        self.to.out.push_str(" xmlns");
        if !declared.prefix.is_empty() {
            self.to.out.push(':');
            self.to.out.push_str(declared.prefix);
        }
        self.to.out.push_str("=\"");
        push_value(&mut self.to.out, &declared.uri);
        self.to.out.push('"');
    }

    /// Sorted by namespace, then local part; those without a prefix are in none and come first.
    fn attributes(&mut self, id: ElementId) {
        let tree = self.tree;
        let attributes = tree.attributes(id);
        self.to.order.clear();
        self.to.order.extend(0..attributes.len());
        if attributes.len() > 1 {
            self.to.order.sort_by(|left, right| {
                let (left, right) = (&attributes[*left], &attributes[*right]);
                let namespaces = [left, right].map(|one| tree.attribute_namespace(one));
                order(namespaces[0], namespaces[1]).then_with(|| left.local.cmp(right.local))
            });
        }
        for index in &self.to.order {
            let attribute = &attributes[*index];
            self.to.out.push(' ');
            if !attribute.prefix.is_empty() {
                self.to.out.push_str(attribute.prefix);
                self.to.out.push(':');
            }
            self.to.out.push_str(attribute.local);
            self.to.out.push_str("=\"");
            push_value(&mut self.to.out, &attribute.value);
            self.to.out.push('"');
        }
    }

    /// Text as written in the message: with line ends, which become one line feed each.
    fn text(&mut self, text: &str) {
        self.flush();
        let mut rest = text;
        while let Some(at) = memchr::memchr3(b'>', b'\r', b'&', rest.as_bytes()) {
            self.to.out.push_str(&rest[..at]);
            match rest.as_bytes()[at] {
                b'\r' if rest[at + 1..].starts_with('\n') => {}
                b'\r' => self.to.out.push('\n'),
                b'>' => self.to.out.push_str("&gt;"),
                _ => self.to.out.push_str("&amp;"),
            }
            rest = &rest[at + 1..];
        }
        self.to.out.push_str(rest);
    }

    fn character(&mut self, character: char) {
        self.flush();
        match character {
            '&' => self.to.out.push_str("&amp;"),
            '<' => self.to.out.push_str("&lt;"),
            '>' => self.to.out.push_str("&gt;"),
            '\r' => self.to.out.push_str("&#xD;"),
            other => self.to.out.push(other),
        }
    }
}

/// What has been met since the last tag.
#[derive(Default)]
struct Gap {
    text: bool,
    comment: bool,
}

fn is_white(text: &str) -> bool {
    text.bytes()
        .all(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r'))
}

#[allow(
    clippy::ptr_arg,
    reason = "a borrowed value stands in the message as it is, which its text does not tell"
)]
fn push_value(out: &mut String, value: &Cow<'_, str>) {
    // What stands in the message as it is has no reference in it, and nothing that need be one but for the quotes.
    if let Cow::Borrowed(value) = value
        && memchr::memchr(b'"', value.as_bytes()).is_none()
    {
        out.push_str(value);
        return;
    }
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
