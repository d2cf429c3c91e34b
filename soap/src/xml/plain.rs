//! The short way past what most of a message is made of: tags, white space between them, and text without references. quick-xml
//! reads all else, and is told how far to go on.
//!
//! What is taken here is what quick-xml's events would have brought; in doubt nothing is taken.

use std::borrow::Cow;
use std::io::BufRead;

use super::attributes::is_special_in_value;
use super::escape::holds_any;
use super::name::{IS_PLAIN, begins_name};
use super::reader::{Next, Reader, Refused, Tag};
use super::scope::same_octets;
use super::token::Token;
use super::{Name, Scope};

impl<'a> Reader<'a> {
    /// The next token if it is a start tag, or an end tag without white space.
    #[inline]
    pub(super) fn plain_tag(&mut self) -> Option<Result<Token<'a>, Refused>> {
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        if octets.starts_with(b"</") {
            let length = self.plain_end(start)?;
            self.pass(start, length);
            return Some(Ok(Token::End));
        }
        let name = octets.strip_prefix(b"<")?;
        let (tag_name, good) = tag_name(name)?;
        let length = tag_name.length;
        let mut spans = Spans::NONE;
        let behind = match name[length] {
            b'>' => 0,
            b'/' | b' ' | b'\t' | b'\n' | b'\r' => match self.spans(start + 1 + length, &mut spans)
            {
                Some(end) => end - (start + 1 + length),
                None => {
                    spans.count = 0;
                    tag_end(&name[length..])?
                }
            },
            _ => return None,
        };
        let empty = behind > 0 && name[length + behind - 1] == b'/';
        let end = 1 + length + behind;
        self.pass(start, end + 1);
        let end = start + end - usize::from(empty);
        let tag = self.start_tag(start, end, tag_name, empty, spans.all());
        self.tag.plain = true;
        self.tag.good = good;
        Some(tag.map(|()| Token::Start))
    }

    /// Finds the attributes of a tag whose name ends at `at`, and where its `>` stands: if they are few, and each is written as
    /// most are, after one space, with an ASCII name, in double quotes, and with a value that stands for itself.
    #[inline]
    fn spans(&self, mut at: usize, spans: &mut Spans) -> Option<usize> {
        let octets = self.message.as_bytes();
        let begins = |at: usize| octets.get(at).is_some_and(|octet| begins_name(*octet));
        loop {
            match octets.get(at)? {
                b'>' => return Some(at),
                b'/' => return (octets.get(at + 1) == Some(&b'>')).then_some(at + 1),
                b' ' => at += 1,
                _ => return None,
            }
            let start = at;
            let mut local = at;
            if !begins(local) {
                return None;
            }
            at = plain_name_end(octets, at);
            if octets.get(at) == Some(&b':') {
                local = at + 1;
                if !begins(local) {
                    return None;
                }
                at = plain_name_end(octets, local);
            }
            let name_end = at;
            let value = octets[name_end..].strip_prefix(b"=\"")?;
            let length = memchr::memchr3(b'"', b'&', b'<', value)?;
            let fits = name_end - start <= self.limits.name_length
                && length <= self.limits.text_length
                && spans.count < spans.spans.len();
            let special = value[length] != b'"'
                || (self.marks.breaks && holds_any(&value[..length], is_special_in_value));
            if !fits || special {
                return None;
            }
            let value_end = name_end + 2 + length;
            spans.spans[spans.count] = Span {
                start,
                local,
                name_end,
                value_end,
            };
            spans.count += 1;
            at = value_end + 1;
        }
    }

    /// Whether the next token is the start tag of `name` as it stands most often: without attributes, and with the prefix of
    /// the element around it, which then stands for the same namespace. If so, it is now the tag that was looked at.
    #[inline]
    pub(super) fn plain_child(&mut self, name: Name) -> bool {
        let unread = self.next == Next::Unread && self.between_tags && !self.careful;
        if !unread || !self.attributes.is_empty() || self.mixed.depth == self.open.len() {
            return false;
        }
        self.pass_white();
        let Some(parent) = self.open.last() else {
            return false;
        };
        let (raw, local, namespace) = (parent.raw, parent.local, parent.namespace);
        let length = local + name.local().len();
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        let (Some(b'<'), Some(b'>')) = (octets.first(), octets.get(1 + length)) else {
            return false;
        };
        let (prefix, rest) = octets[1..1 + length].split_at(local);
        if rest != name.local().as_bytes()
            // Most have no prefix, and comparing octets is a call.
            || (local > 0 && prefix != &raw.as_bytes()[..local])
            || !self.scope.stands_for(namespace, name.namespace().uri())
            || self.open.len() >= self.limits.depth
            || length > self.limits.name_length
        {
            return false;
        }
        self.pass(start, 1 + length + 1);
        self.next = Next::Start;
        self.tag = Tag {
            raw: &self.message[start + 1..start + 1 + length],
            local,
            namespace,
            scope: self.scope.mark(),
            empty: false,
            plain: true,
            good: true,
        };
        true
    }

    /// The text of the open element, and its end, if there is nothing else in it.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Option<Cow<'a, str>> {
        if !self.between_tags || self.marks.bracket {
            return None;
        }
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        let length = memchr::memchr2(b'<', b'&', octets)?;
        let end = self.plain_end(start + length)?;
        let text = &self.message[start..start + length];
        self.pass(start + length, length + end);
        self.next = Next::End;
        Some(self.normalised(text))
    }

    /// The value of the element whose tag was looked at, which is left then, if it stands as it does most often: without
    /// attributes, and with nothing but text. What `parse` does not take is left to the long way, which says why.
    #[inline]
    pub(super) fn plain_value<T>(
        &mut self,
        namespace: &'static str,
        parse: impl FnOnce(&'a str, &Scope<'a>) -> Option<T>,
    ) -> Option<T> {
        let Tag {
            raw,
            scope,
            empty,
            plain,
            ..
        } = self.tag;
        let bare = plain && !empty && self.attributes.is_empty() && self.scope.mark() == scope;
        if !bare
            || self.careful
            || !self.pending.is_empty()
            || self.marks.bracket
            || self.marks.carriage_return
            || self.outlines()
        {
            return None;
        }
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        let length = memchr::memchr2(b'<', b'&', octets)?;
        let end = octets[length..].strip_prefix(b"</")?;
        let end = end.strip_prefix(raw.as_bytes())?;
        if end.first() != Some(&b'>') || length > self.limits.text_length {
            return None;
        }
        let value = parse(&self.message[start..start + length], &self.scope)?;
        self.pass(start + length, length + raw.len() + "</>".len());
        if let Some(parent) = self.open.last_mut() {
            (parent.last_child, parent.last_known) = (raw, Some(namespace));
        }
        self.root_seen = true;
        self.full = None;
        (self.preset, self.told) = (None, None);
        self.next = Next::Unread;
        Some(value)
    }

    /// Text as it is written, up to the tag that follows it; none if something else follows, or it holds a `>`.
    #[cfg(feature = "security")]
    pub(super) fn plain_run(&mut self) -> Option<&'a str> {
        if !self.between_tags || self.marks.bracket {
            return None;
        }
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        let length = plain_length(octets).filter(|length| octets[*length] == b'<')?;
        self.pass(start, length);
        Some(&self.message[start..start + length])
    }

    /// The text of the element whose tag was looked at, which is left then without having been opened, if it stands in another and
    /// has nothing but text in it, as most do, without a `>`.
    #[cfg(feature = "security")]
    #[inline]
    pub(super) fn plain_leaf(&mut self) -> Option<&'a str> {
        let Tag {
            raw, scope, empty, ..
        } = self.tag;
        if !self.tag.plain || !self.between_tags || self.marks.bracket {
            return None;
        }
        let start = self.offset();
        let parent = self.open.last_mut()?;
        let mut length = 0;
        if !empty {
            let octets = &self.message.as_bytes()[start..];
            if octets.first() != Some(&b'<') {
                length = plain_length(octets)?;
            }
            if !is_end_tag(&octets[length..], raw) || length > self.limits.text_length {
                return None;
            }
        }
        (parent.last_child, parent.last_known) = (raw, None);
        self.full = None;
        if !empty {
            self.pass(start + length, length + raw.len() + "</>".len());
        }
        self.scope.truncate(scope);
        self.next = Next::Unread;
        Some(&self.message[start..start + length])
    }

    /// Whether a tag, or other markup, stands next.
    #[cfg(feature = "security")]
    #[inline]
    pub(super) fn before_markup(&self) -> bool {
        self.message.as_bytes().get(self.offset()) == Some(&b'<')
    }

    /// Passes over the content of the open element, which ends right before `end`, and stands before its end; false if it has none.
    #[cfg(feature = "security")]
    pub(super) fn pass_content(&mut self, end: usize) -> bool {
        let start = self.offset();
        let passes = self.tag.plain && self.next == Next::Unread && self.between_tags;
        if passes {
            self.pass(start, end - start);
            self.next = Next::End;
        }
        passes
    }

    /// Passes over white space that a tag follows.
    #[inline]
    pub(super) fn pass_white(&mut self) {
        if !self.between_tags {
            return;
        }
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        let length = white(octets);
        if octets.get(length) == Some(&b'<') {
            self.pass(start, length);
        }
    }

    /// How long the end tag of the innermost open element is, if it stands at `offset` and quick-xml need not see it.
    #[inline]
    fn plain_end(&self, offset: usize) -> Option<usize> {
        let open = self.open.last().filter(|open| open.plain)?;
        is_end_tag(&self.message.as_bytes()[offset..], open.raw).then_some(open.raw.len() + 3)
    }

    /// Goes on by `length` octets; the token that they end with begins at `start`.
    #[inline]
    fn pass(&mut self, start: usize, length: usize) {
        self.token_start = start;
        self.xml.stream().consume(length);
    }
}

/// The name of a tag.
#[derive(Clone, Copy)]
pub(super) struct TagName {
    pub(super) length: usize,
    /// Where its local part begins: behind the first colon, or at its begin if there is none.
    pub(super) local: usize,
}

impl TagName {
    pub(super) fn of(name: &[u8]) -> Self {
        let colon = name.iter().position(|octet| *octet == b':');
        Self {
            length: name.len(),
            local: colon.map_or(0, |colon| colon + 1),
        }
    }
}

/// Where an attribute stands that is written as most are: `prefix:local="value"`.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    /// Where the local part begins: at `start` if there is no prefix.
    pub(super) local: usize,
    pub(super) name_end: usize,
    /// Where the second quote stands.
    pub(super) value_end: usize,
}

/// The attributes of one tag.
struct Spans {
    spans: [Span; 6],
    count: usize,
}

impl Spans {
    const NONE: Self = Self {
        spans: [Span {
            start: 0,
            local: 0,
            name_end: 0,
            value_end: 0,
        }; 6],
        count: 0,
    };

    fn all(&self) -> &[Span] {
        &self.spans[..self.count]
    }
}

/// How long the text is that `octets` begin with, up to the first octet that canonical XML does not have in texts.
#[cfg(feature = "security")]
#[inline]
fn plain_length(octets: &[u8]) -> Option<usize> {
    memchr::memchr3(b'<', b'&', b'>', octets)
}

/// Whether `octets` begin with the end tag of the element `raw`, without white space.
#[inline]
fn is_end_tag(octets: &[u8], raw: &str) -> bool {
    let name = octets.strip_prefix(b"</");
    name.and_then(|octets| octets.split_at_checked(raw.len()))
        .is_some_and(|(name, rest)| {
            rest.first() == Some(&b'>') && same_octets(name, raw.as_bytes())
        })
}

/// The name that `octets` begin with, and whether it is ASCII and good: if not, whoever takes it looks at it.
#[inline]
fn tag_name(octets: &[u8]) -> Option<(TagName, bool)> {
    let begins = |at: usize| octets.get(at).is_some_and(|octet| begins_name(*octet));
    let prefix = plain_name_end(octets, 0);
    let (name, good) = if octets.get(prefix) == Some(&b':') {
        let local = prefix + 1;
        let length = plain_name_end(octets, local);
        (TagName { length, local }, begins(0) && begins(local))
    } else {
        let (length, local) = (prefix, 0);
        (TagName { length, local }, begins(0))
    };
    if good && !IS_NAME[usize::from(*octets.get(name.length)?)] {
        return Some((name, true));
    }
    let length = octets
        .iter()
        .position(|octet| !IS_NAME[usize::from(*octet)])?;
    (length > 0).then(|| (TagName::of(&octets[..length]), false))
}

/// Where the ASCII name ends that goes on at `at`.
#[inline]
fn plain_name_end(octets: &[u8], at: usize) -> usize {
    let rest = octets[at..].iter();
    let length = rest.take_while(|octet| IS_PLAIN[usize::from(**octet)]);
    at + length.count()
}

/// Where the `>` is that ends the tag of which `octets` are what follows the name: none stands in quotes. A `/` right behind the
/// name ends it at once.
fn tag_end(octets: &[u8]) -> Option<usize> {
    if octets.first() == Some(&b'/') {
        return (octets.get(1) == Some(&b'>')).then_some(1);
    }
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', &octets[at..])?;
        match octets[at] {
            b'>' => return Some(at),
            quote => at += 2 + memchr::memchr(quote, &octets[at + 1..])?,
        }
    }
}

/// How many octets of white space `octets` begin with. No other octets are as low, for a message that holds other control
/// characters is not taken in.
#[inline]
fn white(octets: &[u8]) -> usize {
    let mut length = 0;
    for eight in octets.chunks_exact(8) {
        let eight = eight.try_into().map_or(0, u64::from_le_bytes);
        // The high bit of each octet that is higher than a space; a carry only reaches octets behind the first of them.
        let higher = (eight.wrapping_add(0x5F5F_5F5F_5F5F_5F5F) | eight) & 0x8080_8080_8080_8080;
        if higher != 0 {
            return length + higher.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = octets[length..].iter();
    length + rest.take_while(|octet| **octet <= b' ').count()
}

/// The octets that names are made of, as far as one octet tells (XML 1.0, section 2.3): no other can end a name but `>`.
static IS_NAME: [bool; 256] = {
    let mut is_name = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        let ascii = octet as u8;
        is_name[octet] = ascii.is_ascii_alphanumeric()
            || matches!(ascii, b':' | b'_' | b'-' | b'.')
            || !ascii.is_ascii();
        octet += 1;
    }
    is_name
};
