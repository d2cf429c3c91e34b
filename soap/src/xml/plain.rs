//! The short way past what most of a message is made of: tags without attributes, white space between them, and text without
//! references. quick-xml reads all else, and is told how far to go on.
//!
//! What is taken here is what quick-xml's events would have brought; in doubt nothing is taken.

use std::borrow::Cow;
use std::io::BufRead;

use super::reader::{Next, Reader, Refused};
use super::token::Token;

impl<'a> Reader<'a> {
    /// The next token if it is a tag without attributes and white space.
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
        let length = name
            .iter()
            .position(|octet| !IS_NAME[usize::from(*octet)])
            .filter(|length| *length > 0 && name[*length] == b'>')?;
        let end = 1 + length;
        self.pass(start, end + 1);
        let tag = self.start_tag(start, start + end, length, false);
        self.tag.plain = true;
        Some(tag.map(|()| Token::Start))
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

    /// Passes over white space that a tag follows.
    #[inline]
    pub(super) fn pass_white(&mut self) {
        if !self.between_tags {
            return;
        }
        let start = self.offset();
        let octets = &self.message.as_bytes()[start..];
        let white = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\n' | b'\r');
        let length = octets.iter().position(|octet| !white(octet));
        if let Some(length) = length.filter(|length| octets[*length] == b'<') {
            self.pass(start, length);
        }
    }

    /// How long the end tag of the innermost open element is, if it stands at `offset` and quick-xml need not see it.
    #[inline]
    fn plain_end(&self, offset: usize) -> Option<usize> {
        let open = self.open.last().filter(|open| open.plain)?;
        let rest = self.message.as_bytes()[offset..].strip_prefix(b"</")?;
        let rest = rest.strip_prefix(open.raw.as_bytes())?;
        (rest.first() == Some(&b'>')).then_some(open.raw.len() + 3)
    }

    /// Goes on by `length` octets; the token that they end with begins at `start`.
    #[inline]
    fn pass(&mut self, start: usize, length: usize) {
        self.token_start = start;
        self.xml.stream().consume(length);
    }
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
