//! Characters and references: what XML 1.0 allows, and how it is written.

use super::Reason;

/// Char of XML 1.0, section 2.2.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// What stands between `&` and `;`: a predefined entity or a character reference (XML 1.0, sections 4.1 and 4.6).
pub(super) fn resolve_reference(name: &str) -> Result<char, Reason> {
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => match name.strip_prefix('#') {
            Some(code) => character(code).ok_or(Reason::ReferenceToNoCharacter),
            None => Err(Reason::UnknownEntity),
        },
    }
}

fn character(code: &str) -> Option<char> {
    let (digits, radix) = match code.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (code, 10),
    };
    // `from_str_radix` would take a sign.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // The largest character has seven decimal digits; leading zeros may come before them.
    let digits = digits.trim_start_matches('0');
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| is_xml_char(*c))
}

/// Where escaped text goes: between tags, or between the quotes of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    Attribute,
    /// Nowhere in XML: nothing is escaped.
    Plain,
    /// The same, with names written out, so that one value has one form.
    WrittenOut,
}

/// Appends `text` with all escaped that could not be read back as it is; false if a character cannot be carried at all.
pub(super) fn push_escaped(out: &mut String, text: &str, place: Place) -> bool {
    if matches!(place, Place::Plain | Place::WrittenOut) {
        out.push_str(text);
        return true;
    }
    let octets = text.as_bytes();
    if !holds_any(octets, is_special) {
        out.push_str(text);
        return true;
    }
    let mut written = 0;
    for (index, &octet) in octets.iter().enumerate() {
        if !is_special(octet) {
            continue;
        }
        let escape = match (octet, place) {
            (b'&', _) => "&amp;",
            (b'<', _) => "&lt;",
            (b'>', _) => "&gt;",
            (b'\r', _) => "&#13;",
            (b'"', Place::Attribute) => "&quot;",
            (b'\t', Place::Attribute) => "&#9;",
            (b'\n', Place::Attribute) => "&#10;",
            (b'"' | b'\t' | b'\n', _) => continue,
            (0xEF, _) if !is_noncharacter(&octets[index..]) => continue,
            _ => return false,
        };
        out.push_str(&text[written..index]);
        out.push_str(escape);
        written = index + 1;
    }
    out.push_str(&text[written..]);
    true
}

/// Appends ` xmlns:prefix="uri"`; false if a character cannot be carried.
pub(super) fn push_declaration(out: &mut String, prefix: &str, uri: &str) -> bool {
    out.push_str(" xmlns");
    if !prefix.is_empty() {
        out.push(':');
        out.push_str(prefix);
    }
    out.push_str("=\"");
    let carried = push_escaped(out, uri, Place::Attribute);
    out.push('"');
    carried
}

/// Whether one of the octets is such a one. Sixteen are looked at at once, without a branch between them; the last sixteen may be
/// some that have been looked at already.
#[inline]
pub(crate) fn holds_any(octets: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let any = |octets: &[u8]| octets.iter().fold(false, |found, octet| found | is(*octet));
    let (chunks, rest) = octets.as_chunks::<16>();
    match octets.last_chunk::<16>() {
        Some(last) => chunks
            .iter()
            .fold(any(last), |found, chunk| found | any(chunk)),
        None => any(rest),
    }
}

/// U+FFFE and U+FFFF in UTF-8.
fn is_noncharacter(octets: &[u8]) -> bool {
    matches!(octets, [0xEF, 0xBF, 0xBE | 0xBF, ..])
}

/// Whether [`push_escaped`] must look at an octet.
const fn is_special(octet: u8) -> bool {
    (octet < b' ')
        | (octet == b'&')
        | (octet == b'<')
        | (octet == b'>')
        | (octet == b'"')
        | (octet == 0xEF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_reference(name: &str, expected: Option<char>) {
        assert_eq!(resolve_reference(name).ok(), expected, "{name:?}");
    }

    #[test]
    fn references() {
        check_reference("amp", Some('&'));
        check_reference("#xE6", Some('æ'));
        check_reference("#230", Some('æ'));
        check_reference("#000000000000000000065", Some('A'));
        check_reference("#x10FFFF", Some('\u{10FFFF}'));
        check_reference("#x110000", None);
        check_reference("#0", None);
        check_reference("#x1", None);
        check_reference("#xD800", None);
        check_reference("#xFFFE", None);
        check_reference("#X41", None);
        check_reference("#+65", None);
        check_reference("#", None);
        check_reference("#x", None);
        check_reference("nbsp", None);
        check_reference("", None);
    }

    #[track_caller]
    fn check_escape(text: &str, content: Option<&str>, attribute: Option<&str>) {
        for (place, expected) in [(Place::Content, content), (Place::Attribute, attribute)] {
            let mut out = String::new();
            let carried = push_escaped(&mut out, text, place);
            assert_eq!(
                carried.then_some(out.as_str()),
                expected,
                "{text:?} in {place:?}"
            );
        }
    }

    #[test]
    fn escapes() {
        check_escape(
            "a<b>&\"'",
            Some("a&lt;b&gt;&amp;\"'"),
            Some("a&lt;b&gt;&amp;&quot;'"),
        );
        check_escape("\t\n\r", Some("\t\n&#13;"), Some("&#9;&#10;&#13;"));
        check_escape(
            "æ\u{FEFF}\u{FFFD}",
            Some("æ\u{FEFF}\u{FFFD}"),
            Some("æ\u{FEFF}\u{FFFD}"),
        );
        check_escape("\u{1}", None, None);
        check_escape("\u{FFFE}", None, None);
        check_escape("\u{FFFF}", None, None);
    }
}
