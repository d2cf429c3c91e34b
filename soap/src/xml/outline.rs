//! Keeping the octets of an element while it is read, and finding the place of one of its children.

use std::borrow::Cow;
use std::ops::Range;

use super::escape::{Place, push_declaration, push_escaped};
use super::reader::Reader;
use super::{Name, XML_NAMESPACE};

/// An element that was read, as text that stands on its own.
#[derive(Clone)]
pub(crate) struct Kept {
    /// The element as written, with the declarations that it inherited.
    pub(crate) text: String,
    /// Where in the text the child stands that was looked for, or would.
    pub(crate) place: Range<usize>,
    /// What no prefix stands for there; empty for no namespace.
    pub(crate) default_namespace: Cow<'static, str>,
    /// Attributes of the namespace `xml` that the element inherited, as written in a tag.
    pub(crate) xml_attributes: String,
}

/// What is looked for among the children of the element that is kept.
#[derive(Debug)]
pub(super) struct Outline {
    /// How many elements are open where the children stand.
    pub(super) depth: usize,
    name: Name,
    after: &'static [Name],
    place: Option<Range<usize>>,
    /// Whether the child that was looked for is open.
    inside: bool,
}

/// An element before it is read, for [`Reader::kept`].
pub(crate) struct Beginning {
    start: usize,
    name_length: usize,
    /// The beginning of its tag, with the declarations that it inherits.
    text: String,
    default_namespace: Cow<'static, str>,
}

/// Room for what most elements inherit: the declaration of the envelope's namespace.
const INHERITED: usize = 128;

impl Reader<'_> {
    /// Remembers the attributes of the open element that hold for all that is in it (XML 1.0, sections 2.10 and 2.12; XML
    /// Base).
    pub(crate) fn inherit(&mut self) {
        if self.attributes.is_empty() {
            return;
        }
        for local in ["lang", "space", "base"] {
            if let Some(value) = self.raw_attribute(XML_NAMESPACE, local) {
                self.inherited.retain(|(known, _)| *known != local);
                self.inherited.push((local, value));
            }
        }
    }

    /// Begins to keep the next child, in which the place of `name` is right before the first child that is none of `after`,
    /// unless `name` is there itself; none if there is no next child.
    pub(crate) fn begin_kept(&mut self, name: Name, after: &'static [Name]) -> Option<Beginning> {
        let start = self.next_start()?;
        let tag = self.tag;
        let mut text = String::with_capacity(self.message.len() - start + INHERITED);
        text.push('<');
        text.push_str(tag.raw);
        for (prefix, uri) in self.scope.effective(tag.scope) {
            if !uri.is_empty() && !self.scope.declares(tag.scope, prefix) {
                push_declaration(&mut text, prefix, uri);
            }
        }
        self.outline = Some(Outline {
            depth: self.open.len() + 1,
            name,
            after,
            place: None,
            inside: false,
        });
        Some(Beginning {
            start,
            name_length: tag.raw.len(),
            text,
            default_namespace: self.scope.default_namespace(),
        })
    }

    /// The child that was begun, now that it has been read.
    pub(crate) fn kept(&mut self, beginning: Beginning) -> Kept {
        let Beginning {
            start,
            name_length,
            mut text,
            default_namespace,
        } = beginning;
        let raw = &self.message[start..self.offset()];
        let (name, rest) = raw.split_at(1 + name_length);
        // Where what follows the name is now, seen from where it was in the message.
        let moved = text.len();
        let begin = start + name.len();
        let place = match self.outline.take().and_then(|outline| outline.place) {
            Some(Range { start: from, end }) => {
                text.push_str(rest);
                from - begin + moved..end - begin + moved
            }
            // No child: the place is before the end tag, which an empty tag does not have.
            None => {
                let end = match rest.strip_suffix("/>") {
                    Some(open) => {
                        text.extend([open, ">"]);
                        ["</", &name[1..], ">"].concat()
                    }
                    None => {
                        let (open, end) = rest.split_at(rest.rfind("</").unwrap_or(rest.len()));
                        text.push_str(open);
                        end.to_owned()
                    }
                };
                let at = text.len();
                text.push_str(&end);
                at..at
            }
        };
        let mut xml_attributes = String::new();
        for (local, value) in &self.inherited {
            xml_attributes.push_str(" xml:");
            xml_attributes.push_str(local);
            xml_attributes.push_str("=\"");
            // The characters came in as XML, and can go out as such.
            push_escaped(&mut xml_attributes, value, Place::Attribute);
            xml_attributes.push('"');
        }
        Kept {
            text,
            place,
            default_namespace,
            xml_attributes,
        }
    }

    /// A child begins where it is looked for one.
    #[cold]
    pub(super) fn outline_start(&mut self) {
        let Some(mut outline) = self.outline.take() else {
            return;
        };
        if outline.place.is_none() && !outline.after.iter().any(|name| self.tag_is(*name)) {
            outline.place = Some(self.token_start..self.token_start);
            outline.inside = self.tag_is(outline.name);
        }
        self.outline = Some(outline);
    }

    /// A child ended where it is looked for one.
    #[cold]
    pub(super) fn outline_end(&mut self) {
        let end = self.offset();
        if let Some(outline) = &mut self.outline
            && std::mem::take(&mut outline.inside)
            && let Some(place) = &mut outline.place
        {
            place.end = end;
        }
    }

    /// Whether the children of the innermost open element are looked at.
    #[inline]
    pub(super) fn outlines(&self) -> bool {
        matches!(&self.outline, Some(outline) if outline.depth == self.open.len())
    }
}
