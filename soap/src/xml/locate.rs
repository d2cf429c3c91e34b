//! Places for people: the path, line and column of an offset. Worked out only once something is wrong.

use quick_xml::events::Event;

use super::content::shown;
use super::reader::Open;

/// The path of the innermost open element.
pub(super) fn path<'a>(message: &str, open: impl Iterator<Item = &'a Open<'a>>) -> String {
    let mut path = String::new();
    let mut parent = None;
    for element in open {
        match parent {
            None => path.push_str(shown(local(element.raw))),
            Some(parent) => {
                path.push('/');
                path.push_str(&numbered(
                    &message[parent..element.start],
                    local(element.raw),
                ));
            }
        }
        parent = Some(element.start);
    }
    path
}

/// The name of a child, with its position from the second occurrence on. `before` begins with the parent's start tag and
/// ends where the child begins.
pub(super) fn numbered(before: &str, local: &str) -> String {
    match earlier_siblings(before, local) {
        0 => shown(local).to_owned(),
        earlier => format!("{}[{}]", shown(local), earlier + 1),
    }
}

/// Line and column of an offset, both from 1, the column in characters.
pub(super) fn line_and_column(message: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(message.len());
    while !message.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &message[..offset];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[line_start..].chars().count() + 1)
}

/// The path of the innermost element that `out` leaves open; `tag_open` if its start tag still lacks the `>`.
pub(super) fn written_path(out: &str, tag_open: bool) -> String {
    // What has been written ends inside a text or a tag: cut or completed, it can be read.
    let closed;
    let text = if tag_open {
        let tag = out.rfind('<').unwrap_or(0);
        let name_end = out[tag..]
            .find(' ')
            .map_or(out.len(), |length| tag + length);
        closed = format!("{}>", &out[..name_end]);
        &closed
    } else {
        out
    };
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut xml = quick_xml::Reader::from_str(text);
    xml.config_mut().check_end_names = false;
    loop {
        let start = xml.buffer_position() as usize;
        match xml.read_event() {
            Ok(Event::Start(tag)) => {
                let raw = &text[start + 1..start + 1 + tag.name().0.len()];
                open.push(Open {
                    raw,
                    start,
                    ..Open::NONE
                });
            }
            Ok(Event::End(_)) => {
                open.pop();
            }
            Ok(Event::Eof) | Err(_) => return path(text, open.iter()),
            Ok(_) => {}
        }
    }
}

/// Children called `local` in a text that begins with the parent's start tag.
fn earlier_siblings(text: &str, local_name: &str) -> usize {
    let mut xml = quick_xml::Reader::from_str(text);
    let mut depth = 0usize;
    let mut count = 0;
    loop {
        match xml.read_event() {
            Ok(Event::Start(tag)) => {
                count += usize::from(depth == 1 && local(tag.name().0) == local_name);
                depth += 1;
            }
            Ok(Event::Empty(tag)) => {
                count += usize::from(depth == 1 && local(tag.name().0) == local_name);
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) | Err(_) => return count,
            Ok(_) => {}
        }
    }
}

fn local(raw: &str) -> &str {
    raw.split_once(':').map_or(raw, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_and_column("<a>\n  æøå<b/>", 12), (2, 6));
        assert_eq!(line_and_column("<a>", 0), (1, 1));
    }
}
