//! What a peer wrote, as it may be kept, logged, shown and passed on.

/// `text` as one line of at most `most` characters that is safe to show: the one gate for a peer's words, whether the reason of a
/// fault, the text of a receipt or a name that no contract declares. It passes them where they come in; behind it nothing has to be
/// filtered again.
///
/// - Line breaks and tabs become spaces and other control characters U+FFFD, so that no one forges a line or commands a terminal. What
///   nobody sees (marks of direction, characters without width) is left out.
/// - Markup and PEM are cut, from where they begin to the end: a service that quotes what it was sent quotes a token or a key. So is
///   each word that looks like base64 or hexadecimal digits, 40 characters or longer.
/// - What has the shape of a CPR number becomes `[CPR]`: ten digits, also in two parts of six and four or in pairs, with a hyphen of
///   any kind, points, slashes or spaces between, and also where letters touch them. Shape decides, not the date: test systems use
///   impossible dates.
///
/// A UUID in its canonical form (RFC 9562, section 4) stays as it is, whatever its digits are: `TransaktionIdentifikator` and MessageID
/// are what support goes by, the contract has no CPR number in them, and by their form alone they can be told apart.
///
/// ```
/// use soap::discreet;
///
/// assert_eq!(discreet("Borger 311385–0000\nfindes ikke.", 100), "Borger [CPR] findes ikke.");
/// assert_eq!(discreet("not accepted: <saml:Assertion ID=\"_1\">", 100), "not accepted: […]");
/// ```
#[must_use]
#[cold]
pub fn discreet(text: &str, most: usize) -> String {
    let plain: String = plain(text).collect();
    let mut told = String::new();
    let mut rest = &*plain;
    let mut before = None;
    while let Some(next) = rest.chars().next() {
        if begins_document(rest) {
            told.push_str(CUT);
            break;
        }
        let uuid = uuid(before, rest);
        let secret = secret(before, rest);
        let person = person(before, rest);
        let length = match (uuid, secret, person) {
            (Some(length), ..) => {
                told.push_str(&rest[..length]);
                length
            }
            (_, Some(length), _) => {
                told.push_str(CUT);
                length
            }
            (.., Some(length)) => {
                told.push_str("[CPR]");
                length
            }
            _ => {
                told.push(next);
                next.len_utf8()
            }
        };
        before = rest[..length].chars().next_back();
        rest = &rest[length..];
    }
    bounded(told, most)
}

/// Stands for what is cut.
const CUT: &str = "[…]";

/// `text` in characters that are seen and stand where they stand.
pub(crate) fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => Some(char::REPLACEMENT_CHARACTER),
        // The format characters of Unicode (category Cf) outside the scripts that are written with some.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        c => Some(c),
    })
}

/// Whether markup begins here, as it is or escaped for XML, a URL or JSON, or PEM.
fn begins_document(text: &str) -> bool {
    let after = |start: &str| {
        let head = text.get(..start.len())?;
        head.eq_ignore_ascii_case(start)
            .then(|| text[start.len()..].chars().next())?
    };
    let mut starts = ["<", "&lt;", "&#60;", "&#x3c;", "%3c", "\\u003c"].into_iter();
    let markup = starts.find_map(after);
    markup.is_some_and(|c| c.is_alphabetic() || "/!?_:".contains(c))
        || after("-----BEGIN").is_some()
}

/// The length of the UUID that begins here.
fn uuid(before: Option<char>, text: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    let is_part = |c: char| c.is_alphanumeric() || c == '-';
    let octets = text.as_bytes().get(..LENGTH)?;
    let mut octets = octets.iter().enumerate();
    let is_uuid = octets.all(|(at, octet)| match at {
        8 | 13 | 18 | 23 => *octet == b'-',
        _ => octet.is_ascii_hexdigit(),
    });
    let ends = || !text[LENGTH..].starts_with(is_part);
    (is_uuid && !before.is_some_and(is_part) && ends()).then_some(LENGTH)
}

/// The length of the word that begins here and looks like base64 or hexadecimal digits. Case and digits change often in them, and
/// seldom in names, paths and URLs, which are long as well.
fn secret(before: Option<char>, text: &str) -> Option<usize> {
    const LEAST: usize = 40;
    let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    if before.is_some_and(|c| u8::try_from(c).is_ok_and(|octet| is_part(&octet))) {
        return None;
    }
    let mut octets = text.bytes();
    let length = octets.position(|octet| !is_part(&octet));
    let length = length.unwrap_or(text.len());
    let pairs = text.as_bytes()[..length].windows(2);
    let changes = pairs.filter(|pair| match pair {
        [left, right] => {
            let case = left.is_ascii_lowercase() && right.is_ascii_uppercase();
            case || left.is_ascii_digit() && right.is_ascii_alphabetic()
                || left.is_ascii_alphabetic() && right.is_ascii_digit()
        }
        _ => false,
    });
    let padding = text[length..]
        .bytes()
        .take_while(|octet| *octet == b'=')
        .count();
    (length >= LEAST && changes.count() >= length / 8).then_some(length + padding)
}

/// The length of what begins here and has the shape of a CPR number.
fn person(before: Option<char>, text: &str) -> Option<usize> {
    const SHAPES: [&[usize]; 5] = [&[10], &[6, 4], &[2, 2, 2, 4], &[2, 2, 2, 2, 2], &[6, 2, 2]];
    if before.is_some_and(char::is_numeric) {
        return None;
    }
    SHAPES.into_iter().find_map(|shape| {
        let mut rest = text;
        for (place, count) in shape.iter().enumerate() {
            if place > 0 {
                rest = behind_separators(rest);
            }
            let digits = rest.chars().take_while(|c| c.is_numeric()).take(11);
            let digits = digits.map(char::len_utf8);
            let (found, length) = digits.fold((0, 0), |(n, sum), length| (n + 1, sum + length));
            if found != *count {
                return None;
            }
            rest = &rest[length..];
        }
        Some(text.len() - rest.len())
    })
}

/// What follows up to three characters that may stand between the parts of a number.
fn behind_separators(text: &str) -> &str {
    let is_separator = |c: &char| {
        c.is_whitespace()
            || matches!(c, '-' | '.' | '/' | '_' | '·' | '\u{fffd}')
            || matches!(
                c,
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
            )
    };
    let separators = text.chars().take_while(is_separator).take(3);
    &text[separators.map(char::len_utf8).sum()..]
}

/// At most `most` characters of `text`, the last one `…` where some are left out.
fn bounded(mut text: String, most: usize) -> String {
    let last = most.saturating_sub(1);
    let mut ends = text.char_indices().skip(last).map(|(end, _)| end);
    if let (Some(end), Some(_)) = (ends.next(), ends.next()) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(discreet(text, 1000), expected);
    }

    #[test]
    fn cpr_numbers_go_however_they_are_spelled() {
        for number in [
            "3113850000",
            "311385-0000",
            "311385 0000",
            "311385.0000",
            "311385–0000",
            "311385\u{2011}0000",
            "311385\u{2212}0000",
            "311385 - 0000",
            "311385\u{a0}0000",
            "311385/0000",
            "31 13 85 00 00",
            "31.13.85-0000",
            "311385 00 00",
            "3113\u{200b}850000",
            "311385\u{ad}0000",
            "311385\n0000",
            "٣١١٣٨٥٠٠٠٠",
            // The dates of a test system.
            "9000000035",
            "3113850000",
        ] {
            check(number, "[CPR]");
            check(
                &format!("Borger {number}, ({number}) {number}."),
                "Borger [CPR], ([CPR]) [CPR].",
            );
            check(&format!("CPR{number}x"), "CPR[CPR]x");
            check(&format!("7 {number}"), "7 [CPR]");
        }
    }

    #[test]
    fn what_support_asks_for_stays() {
        for text in [
            "",
            "æøå – no number, a < b and 3 <4",
            "CallUUID: 5f2090a0-9e1d-4b02-8f33-000000000012, Received: 2026-03-02T08:15:27.512Z",
            "urn:uuid:5f2090a0-9e1d-4b02-8f33-003113850000",
            "AB123456-7890-4E5F-8A90-010101010101",
            "CVR number 90000019, port 123456-12345, 2026-03-02 08:15, 10.20.30.40:8080",
            "CVR:90000035-FID:12345678, 12345678901",
            "OpretRequest/Header/TransaktionIdentifikator (line 1, column 35): missing [{urn:oio:sagdok:3.0.0}A]",
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
            "http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/1/SygefravaerService/OpdaterLoenmodtager",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn no_one_forges_a_line_or_commands_a_terminal() {
        check("a\r\nb\tc\u{85}d\u{2028}e\u{2029}f", "a  b c d e f");
        check(
            "a\0b\u{1b}[2J\u{7f}\u{9b}31m",
            "a\u{fffd}b\u{fffd}[2J\u{fffd}\u{fffd}31m",
        );
        check("\u{202e}evil\u{2066}\u{200f}\u{feff}", "evil");
    }

    #[test]
    fn what_quotes_a_token_or_a_key_is_cut() {
        for quoted in [
            "<saml:Assertion ID=\"_1\">",
            "</a>",
            "<!-- -->",
            "<?xml version=\"1.0\"?>",
            "&lt;saml:Assertion",
            "&#x3C;saml:Assertion",
            "%3Csaml%3AAssertion",
            "\\u003csaml",
            "-----BEGIN PRIVATE KEY-----\nMIGHAgEA",
        ] {
            check(&format!("no: {quoted} 17"), "no: […]");
        }
        let base64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ";
        check(&format!("of {base64}== said"), "of […] said");
        check(&format!("of {base64}/+ZxQ1 said"), "of […] said");
        check("5f2090a09e1d4b028f33003113850000ab03ffd1 x", "[…] x");
    }

    #[test]
    fn it_is_bounded_and_takes_linear_time() {
        assert_eq!(discreet("øøøø", 4), "øøøø");
        assert_eq!(discreet("øøøøø", 4), "øøø…");
        for piece in ["ab", "Ab1", "07 ", "-", "<", "&lt;", "5f2090a0-"] {
            assert_eq!(
                discreet(&piece.repeat(200_000), 100).chars().count().min(4),
                match piece {
                    "Ab1" => 3,
                    _ => 4,
                }
            );
        }
    }
}
