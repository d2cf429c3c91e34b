//! Places for people: the path, line and column of an offset. Worked out only once something is wrong, for all that is wrong
//! with a message together: one walk finds the paths, another the lines.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::record::shown;
use super::{Name, Rule, Violation};
use crate::value::QName;

/// A violation whose place is still an offset.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) offset: usize,
    /// Where the start tag begins of the element that the path leads to; none for the message as a whole.
    pub(super) element: Option<usize>,
    pub(super) beyond: Beyond<'a>,
    pub(super) rule: Rule,
    pub(super) item: Option<QName>,
}

/// What the path gets in addition to the element.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beyond<'a> {
    Nothing,
    /// A child that is not there.
    Child(Name),
    Attribute(&'a str),
}

/// Gives what was found in `message` its places.
pub(super) fn places(message: &str, found: Vec<Found<'_>>) -> Vec<Violation> {
    let paths = paths(message, &found);
    let lines = lines(message, &found);
    let places = paths.into_iter().zip(lines);
    // No larger than need be, for it is not to grow again.
    let mut violations = Vec::with_capacity(found.len());
    violations.extend(
        found
            .into_iter()
            .zip(places)
            .map(|(found, (path, (line, column)))| Violation {
                path,
                line,
                column,
                rule: found.rule,
                item: found.item,
            }),
    );
    violations
}

fn paths(message: &str, found: &[Found<'_>]) -> Vec<String> {
    let mut paths = vec![String::new(); found.len()];
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|index| found[*index].element);
    let mut walk = Walk::new(message);
    let mut at = None;
    for index in order {
        let Found {
            element, beyond, ..
        } = &found[index];
        while at < *element {
            let Some(start) = walk.next_start() else {
                break;
            };
            at = Some(start);
        }
        let path = &mut paths[index];
        if element.is_some() {
            *path = walk.path();
        }
        let (mark, name) = match beyond {
            Beyond::Nothing => continue,
            Beyond::Child(name) => ("", name.local().to_owned()),
            Beyond::Attribute(name) => ("@", shown(name)),
        };
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(mark);
        path.push_str(&name);
    }
    paths
}

fn lines(message: &str, found: &[Found<'_>]) -> Vec<(usize, usize)> {
    let mut lines = vec![(1, 1); found.len()];
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|index| found[*index].offset);
    let mut position = Position::default();
    for index in order {
        position.go_on(message, found[index].offset);
        lines[index] = (position.line, position.column);
    }
    lines
}

/// Line and column of an offset, both from 1, the column in characters.
pub(super) fn line_and_column(message: &str, offset: usize) -> (usize, usize) {
    let mut position = Position::default();
    position.go_on(message, offset);
    (position.line, position.column)
}

/// An offset with its line and column.
struct Position {
    offset: usize,
    line: usize,
    column: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self {
            offset: 0,
            line: 1,
            column: 1,
        }
    }
}

impl Position {
    /// Goes on to a later offset.
    fn go_on(&mut self, message: &str, offset: usize) {
        let mut offset = offset.min(message.len());
        while !message.is_char_boundary(offset) {
            offset -= 1;
        }
        let Some(passed) = message.get(self.offset..offset) else {
            return;
        };
        self.offset = offset;
        let last_line = match passed.rfind('\n') {
            Some(newline) => {
                self.line += memchr::memchr_iter(b'\n', passed.as_bytes()).count();
                self.column = 1;
                &passed[newline + 1..]
            }
            None => passed,
        };
        self.column += last_line.chars().count();
    }
}

/// The path of the innermost element that `out` leaves open, or of a `child` that comes next in it; `tag_open` if its start tag
/// still lacks the `>`.
pub(super) fn written_path(out: &str, tag_open: bool, child: Option<&str>) -> String {
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
    let mut walk = Walk::new(text);
    while walk.next_start().is_some() {}
    let mut path = walk.path();
    if let Some(child) = child {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(child);
        let parent = walk.open.last();
        if let Some(before) = parent.and_then(|parent| parent.children.get(child)) {
            path.push_str(&format!("[{}]", before + 1));
        }
    }
    path
}

/// A walk from start tag to start tag that knows which elements are open.
struct Walk<'t> {
    text: &'t str,
    xml: quick_xml::Reader<&'t [u8]>,
    open: Vec<Level<'t>>,
}

struct Level<'t> {
    local: &'t str,
    /// Among the siblings of that name, from 1.
    position: usize,
    /// How many children of each name have begun.
    children: BTreeMap<&'t str, usize>,
}

impl<'t> Walk<'t> {
    fn new(text: &'t str) -> Self {
        let mut xml = quick_xml::Reader::from_str(text);
        xml.config_mut().check_end_names = false;
        xml.config_mut().expand_empty_elements = true;
        Self {
            text,
            xml,
            open: Vec::new(),
        }
    }

    /// Goes on to the next start tag, whose element is then the innermost open one; tells where it begins.
    fn next_start(&mut self) -> Option<usize> {
        loop {
            let start = self.xml.buffer_position() as usize;
            match self.xml.read_event().ok()? {
                Event::Start(tag) => {
                    let name = &self.text[start + 1..start + 1 + tag.name().0.len()];
                    self.enter(local(name));
                    return Some(start);
                }
                Event::End(_) => {
                    self.open.pop();
                }
                Event::Eof => return None,
                _ => {}
            }
        }
    }

    fn enter(&mut self, local: &'t str) {
        let position = self.open.last_mut().map_or(1, |parent| {
            let came = parent.children.entry(local).or_default();
            *came += 1;
            *came
        });
        self.open.push(Level {
            local,
            position,
            children: BTreeMap::new(),
        });
    }

    /// Local names from the root down, each with its position from the second occurrence on.
    fn path(&self) -> String {
        let mut path = String::new();
        for level in &self.open {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&shown(level.local));
            if level.position > 1 {
                path.push_str(&format!("[{}]", level.position));
            }
        }
        path
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

    #[test]
    fn places_are_found_in_any_order() {
        let message = "<a>\n<b/><c>\næ<b/></c><b/></a>";
        let at = |offset, element| Found {
            offset,
            element,
            beyond: Beyond::Nothing,
            rule: Rule::union(),
            item: None,
        };
        let found = vec![
            at(message.len() - 8, Some(message.len() - 8)),
            at(4, Some(4)),
            at(0, None),
            at(14, Some(14)),
            at(8, Some(8)),
        ];
        let places: Vec<String> = places(message, found)
            .into_iter()
            .map(|one| format!("{} {}:{}", one.path, one.line, one.column))
            .collect();
        assert_eq!(
            places,
            ["a/b[2] 3:10", "a/b 2:1", " 1:1", "a/c/b 3:2", "a/c 2:5"]
        );
    }
}
