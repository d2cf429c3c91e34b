//! From the bytes of a document to its text (XML 1.0, 4.3.3 and appendix F).

use encoding_rs::Encoding;

/// The text of `bytes`, its XML declaration naming UTF-8, which is what is embedded and served.
///
/// A byte order mark tells the encoding, then the first bytes where they are UTF-16, then the declaration; one that names
/// UTF-16 in a document that is not is passed over.
///
/// # Errors
///
/// In words, what the bytes are not.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let declared = declared(&bytes);
    let encoding = match (Encoding::for_bom(&bytes), bytes.as_slice()) {
        (Some((encoding, _)), _) => encoding,
        (None, [b'<', 0, ..]) => encoding_rs::UTF_16LE,
        (None, [0, b'<', ..]) => encoding_rs::UTF_16BE,
        (None, _) => match &declared {
            None => encoding_rs::UTF_8,
            Some(label) => Encoding::for_label(label.as_bytes())
                .map(Encoding::output_encoding)
                .ok_or_else(|| format!("is in `{label}`, which is not known"))?,
        },
    };
    let text = if encoding == encoding_rs::UTF_8 {
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            format!("is not UTF-8 (byte {at})")
        })?
    } else {
        let (text, _, malformed) = encoding.decode(&bytes);
        if malformed {
            return Err(format!("is not {}", encoding.name()));
        }
        text.into_owned()
    };
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(
        match label(&text).filter(|range| !text[range.clone()].eq_ignore_ascii_case("utf-8")) {
            None => text,
            Some(range) => format!("{}UTF-8{}", &text[..range.start], &text[range.end..]),
        },
    )
}

/// The encoding that the XML declaration names, in a document whose first bytes are ASCII.
fn declared(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    label(&start).map(|range| start[range].to_owned())
}

/// Where the XML declaration that `text` begins with names the encoding.
fn label(text: &str) -> Option<std::ops::Range<usize>> {
    let declaration = text.strip_prefix("<?xml").and(text.split_once("?>"))?.0;
    let (before, rest) = declaration.split_once("encoding")?;
    let quote = rest.find(['"', '\''])?;
    let start = before.len() + "encoding".len() + quote + 1;
    let length = text[start..].find(&rest[quote..=quote])?;
    Some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let decoded = decode(bytes.to_vec());
        assert_eq!(decoded.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn documents_become_utf_8() {
        check("<ø/>".as_bytes(), Ok("<ø/>"));
        check("\u{feff}<ø/>".as_bytes(), Ok("<ø/>"));
        let written = "<?xml version='1.0' encoding='UTF-16'?><ø/>";
        let expected = "<?xml version='1.0' encoding='UTF-8'?><ø/>";
        let units = || written.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        check(&little, Ok(expected));
        check(&big, Ok(expected));
        check(&[&[0xff, 0xfe], little.as_slice()].concat(), Ok(expected));
        check(&[&[0xfe, 0xff], big.as_slice()].concat(), Ok(expected));
        // Saved as UTF-8 by a tool that did not change the declaration.
        check(written.as_bytes(), Ok(expected));
        check(
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><\xf8/>",
            Ok("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ø/>"),
        );
    }

    #[test]
    fn what_is_no_text_is_refused() {
        check(b"<\xf8/>", Err("is not UTF-8 (byte 1)"));
        check(b"\xff\xfe<\0\0\xd8", Err("is not UTF-16LE"));
        check(
            b"<?xml encoding='klingon'?>",
            Err("is in `klingon`, which is not known"),
        );
    }
}
