//! XML Schema's regular expressions (XSD 1.0 Part 2, appendix F) in the syntax of the `regex` crate.
//!
//! They differ: a pattern is anchored, `^` and `$` are plain characters, `\i` and `\c` are classes, classes can be
//! subtracted, and `.` leaves out line ends. The parse also tells whether a pattern says no more than "so many digits" or
//! "a UUID", which have types of their own.

use std::fmt::Write as _;

/// A parsed pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    branches: Vec<Vec<Piece>>,
}

#[derive(Debug)]
struct Piece {
    atom: Atom,
    min: u32,
    /// None: no bound.
    max: Option<u32>,
}

#[derive(Debug)]
enum Atom {
    Character(char),
    Class(Class),
    Group(Pattern),
}

#[derive(Debug, PartialEq, Eq)]
struct Class {
    negated: bool,
    items: Vec<Item>,
    subtracted: Option<Box<Self>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Item {
    Range(char, char),
    /// In the syntax of the `regex` crate, fit to stand inside brackets.
    Escape(String),
}

/// What a pattern is, where a type of the runtime says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Exactly this many ASCII digits.
    Digits(usize),
    /// 8-4-4-4-12 hexadecimal digits of either case.
    Uuid,
}

/// The characters that may begin a name, and those that may follow (XML 1.0, 2.3), as items of a class.
const NAME_START: &str = r":A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}";
const NAME_REST: &str = r"\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}";

impl Pattern {
    /// Parses `source`.
    ///
    /// # Errors
    ///
    /// What is not an expression of XML Schema, in words.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut parser = Parser {
            characters: source.chars().collect(),
            position: 0,
            depth: 0,
        };
        let pattern = parser.pattern()?;
        match parser.peek() {
            None => Ok(pattern),
            Some(c) => Err(format!(
                "`{c}` at character {} has no partner",
                parser.position + 1
            )),
        }
    }

    /// The expression in the syntax of the `regex` crate, not anchored.
    pub(crate) fn translated(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The shape, if the pattern is one.
    pub(crate) fn shape(&self) -> Option<Shape> {
        let [branch] = self.branches.as_slice() else {
            return None;
        };
        let mut classes = Vec::new();
        for piece in branch {
            if piece.max != Some(piece.min) || piece.min > 64 {
                return None;
            }
            let class = piece.atom.simple()?;
            classes.extend(std::iter::repeat_n(class, piece.min as usize));
        }
        let hyphens = [8, 13, 18, 23];
        let uuid = |(index, class): (usize, &Simple)| match class {
            Simple::Hyphen => hyphens.contains(&index),
            Simple::Hex => !hyphens.contains(&index),
            Simple::Digit => false,
        };
        if !classes.is_empty() && classes.iter().all(|class| *class == Simple::Digit) {
            Some(Shape::Digits(classes.len()))
        } else if classes.len() == 36 && classes.iter().enumerate().all(uuid) {
            Some(Shape::Uuid)
        } else {
            None
        }
    }

    fn write(&self, out: &mut String) {
        for (index, branch) in self.branches.iter().enumerate() {
            if index > 0 {
                out.push('|');
            }
            for piece in branch {
                piece.write(out);
            }
        }
    }
}

/// The classes that shapes are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Simple {
    Digit,
    Hex,
    Hyphen,
}

impl Atom {
    fn simple(&self) -> Option<Simple> {
        match self {
            Self::Character('-') => Some(Simple::Hyphen),
            Self::Character(_) | Self::Group(_) => None,
            Self::Class(class) => {
                if class.negated || class.subtracted.is_some() {
                    return None;
                }
                let has = |from, to| class.items.contains(&Item::Range(from, to));
                let hex = has('0', '9') && has('a', 'f') && has('A', 'F');
                match class.items.len() {
                    1 if has('0', '9') => Some(Simple::Digit),
                    3 if hex => Some(Simple::Hex),
                    _ => None,
                }
            }
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Character(c) => push_escaped(*c, out),
            Self::Class(class) => class.write(out),
            Self::Group(pattern) => {
                out.push_str("(?:");
                pattern.write(out);
                out.push(')');
            }
        }
    }
}

impl Piece {
    fn write(&self, out: &mut String) {
        self.atom.write(out);
        match (self.min, self.max) {
            (1, Some(1)) => {}
            (0, Some(1)) => out.push('?'),
            (0, None) => out.push('*'),
            (1, None) => out.push('+'),
            (min, Some(max)) if min == max => drop(write!(out, "{{{min}}}")),
            (min, Some(max)) => drop(write!(out, "{{{min},{max}}}")),
            (min, None) => drop(write!(out, "{{{min},}}")),
        }
    }
}

impl Class {
    fn write(&self, out: &mut String) {
        let Some(subtracted) = &self.subtracted else {
            return self.write_items(out);
        };
        // What is negated is so before anything is taken away.
        out.push('[');
        self.write_items(out);
        out.push_str("--");
        subtracted.write(out);
        out.push(']');
    }

    /// The class without what is subtracted from it.
    fn write_items(&self, out: &mut String) {
        out.push('[');
        if self.negated {
            out.push('^');
        }
        for item in &self.items {
            match item {
                Item::Range(from, to) => {
                    push_escaped(*from, out);
                    if from != to {
                        out.push('-');
                        push_escaped(*to, out);
                    }
                }
                Item::Escape(escape) => out.push_str(escape),
            }
        }
        out.push(']');
    }
}

/// Writes `c` so that it stands for itself, inside a class or outside.
fn push_escaped(c: char, out: &mut String) {
    if c.is_ascii_punctuation() {
        out.push('\\');
        out.push(c);
    } else if c.is_control() {
        let _ = write!(out, "\\u{{{:X}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

/// Groups may nest this deep.
const DEPTH: usize = 64;

struct Parser {
    characters: Vec<char>,
    position: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += 1;
        Some(c)
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.position += usize::from(found);
        found
    }

    fn pattern(&mut self) -> Result<Pattern, String> {
        let mut branches = vec![Vec::new()];
        while let Some(c) = self.peek() {
            match c {
                ')' => break,
                '|' => {
                    self.position += 1;
                    branches.push(Vec::new());
                }
                _ => {
                    let piece = self.piece()?;
                    if let Some(branch) = branches.last_mut() {
                        branch.push(piece);
                    }
                }
            }
        }
        Ok(Pattern { branches })
    }

    fn piece(&mut self) -> Result<Piece, String> {
        let atom = self.atom()?;
        let (min, max) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => {
                self.position += 1;
                let (min, max) = self.quantity()?;
                return Ok(Piece { atom, min, max });
            }
            _ => {
                return Ok(Piece {
                    atom,
                    min: 1,
                    max: Some(1),
                });
            }
        };
        self.position += 1;
        Ok(Piece { atom, min, max })
    }

    /// `n}`, `n,}` or `n,m}`.
    fn quantity(&mut self) -> Result<(u32, Option<u32>), String> {
        let min = self.number()?;
        let max = if self.eat(',') {
            if self.peek() == Some('}') {
                None
            } else {
                Some(self.number()?)
            }
        } else {
            Some(min)
        };
        if !self.eat('}') {
            return Err("a quantity is `{n}`, `{n,}` or `{n,m}`".to_owned());
        }
        if max.is_some_and(|max| max < min) {
            return Err(format!("the quantity begins at {min} and ends below"));
        }
        Ok((min, max))
    }

    fn number(&mut self) -> Result<u32, String> {
        let start = self.position;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.position += 1;
        }
        let digits: String = self.characters[start..self.position].iter().collect();
        digits
            .parse()
            .map_err(|_| "a quantity needs a number".to_owned())
    }

    fn atom(&mut self) -> Result<Atom, String> {
        match self.next() {
            Some('(') => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(format!("groups nest deeper than {DEPTH}"));
                }
                let pattern = self.pattern()?;
                self.depth -= 1;
                if self.eat(')') {
                    Ok(Atom::Group(pattern))
                } else {
                    Err("a group is not closed".to_owned())
                }
            }
            Some('[') => Ok(Atom::Class(self.class()?)),
            Some('.') => Ok(Atom::Class(Class {
                negated: true,
                items: vec![Item::Range('\n', '\n'), Item::Range('\r', '\r')],
                subtracted: None,
            })),
            Some('\\') => Ok(match self.escape()? {
                Item::Range(c, _) => Atom::Character(c),
                escape @ Item::Escape(_) => Atom::Class(Class {
                    negated: false,
                    items: vec![escape],
                    subtracted: None,
                }),
            }),
            Some(c @ ('?' | '*' | '+' | '{' | '}' | ']')) => {
                Err(format!("`{c}` stands for nothing here; write `\\{c}`"))
            }
            Some(c) => Ok(Atom::Character(c)),
            None => Err("the expression ends too early".to_owned()),
        }
    }

    /// What follows `[`.
    fn class(&mut self) -> Result<Class, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("classes nest deeper than {DEPTH}"));
        }
        let negated = self.eat('^');
        let mut items = Vec::new();
        let mut subtracted = None;
        loop {
            match self.next() {
                None => return Err("a class is not closed".to_owned()),
                Some(']') if !items.is_empty() => break,
                Some('-') if self.peek() == Some('[') && !items.is_empty() => {
                    self.position += 1;
                    subtracted = Some(Box::new(self.class()?));
                    if !self.eat(']') {
                        return Err("a subtraction ends its class".to_owned());
                    }
                    break;
                }
                Some(c @ ('[' | ']')) => return Err(format!("write `\\{c}` inside a class")),
                Some('\\') => match self.escape()? {
                    Item::Range(from, _) => items.push(self.range(from)?),
                    escape @ Item::Escape(_) => items.push(escape),
                },
                Some(c) => items.push(self.range(c)?),
            }
        }
        self.depth -= 1;
        Ok(Class {
            negated,
            items,
            subtracted,
        })
    }

    /// The range that begins with `from`; `from` alone where none does.
    fn range(&mut self, from: char) -> Result<Item, String> {
        let after = self.characters.get(self.position + 1).copied();
        if self.peek() != Some('-') || matches!(after, None | Some(']' | '[')) {
            return Ok(Item::Range(from, from));
        }
        self.position += 1;
        let to = match self.next() {
            Some('\\') => match self.escape()? {
                Item::Range(to, _) => to,
                Item::Escape(_) => return Err("a range ends in a class".to_owned()),
            },
            Some(c) => c,
            None => return Err("a class is not closed".to_owned()),
        };
        if to < from {
            return Err(format!("the range `{from}-{to}` runs backwards"));
        }
        Ok(Item::Range(from, to))
    }

    /// What follows a backslash: one character, or a class.
    fn escape(&mut self) -> Result<Item, String> {
        let c = self.next().ok_or("the expression ends in a backslash")?;
        let class = match c {
            'n' => return Ok(Item::Range('\n', '\n')),
            'r' => return Ok(Item::Range('\r', '\r')),
            't' => return Ok(Item::Range('\t', '\t')),
            's' => r"[ \t\n\r]".to_owned(),
            'S' => r"[^ \t\n\r]".to_owned(),
            'i' => format!("[{NAME_START}]"),
            'I' => format!("[^{NAME_START}]"),
            'c' => format!("[{NAME_START}{NAME_REST}]"),
            'C' => format!("[^{NAME_START}{NAME_REST}]"),
            'd' => r"\p{Nd}".to_owned(),
            'D' => r"\P{Nd}".to_owned(),
            'w' => r"[^\p{P}\p{Z}\p{C}]".to_owned(),
            'W' => r"[\p{P}\p{Z}\p{C}]".to_owned(),
            'p' | 'P' => return self.property(c),
            _ if r"\|.-^?*+{}()[]".contains(c) => return Ok(Item::Range(c, c)),
            _ => return Err(format!("`\\{c}` is no escape of XML Schema")),
        };
        Ok(Item::Escape(class))
    }

    /// What follows `\p` or `\P`: a general category in braces.
    fn property(&mut self, letter: char) -> Result<Item, String> {
        let start = self.position + 1;
        while self.peek().is_some_and(|c| c != '}') {
            self.position += 1;
        }
        let name: String = self
            .characters
            .get(start..self.position)
            .unwrap_or(&[])
            .iter()
            .collect();
        if !self.eat('}') {
            return Err("a property is not closed".to_owned());
        }
        let category = format!(r"\{letter}{{{name}}}");
        let known = name.len() <= 2 && regex_syntax::parse(&category).is_ok();
        if known {
            Ok(Item::Escape(category))
        } else {
            Err(format!("the property `{name}` is not known"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, translated: &str) {
        let pattern = Pattern::parse(source).expect("a valid expression");
        assert_eq!(pattern.translated(), translated);
        regex_syntax::parse(translated).expect("valid for the regex crate");
    }

    #[test]
    fn expressions_are_translated() {
        check("[0-9]{8}", "[0-9]{8}");
        check("^a$", r"\^a\$");
        check("a|b(c|d)*", "a|b(?:c|d)*");
        check(".", r"[^\u{A}\u{D}]");
        check("[a-z-[aeiou]]", "[[a-z]--[aeiou]]");
        check("[^.-[aeiou]]", r"[[^\.]--[aeiou]]");
        check("[^a-]", r"[^a\-]");
        check(r"\d{2,}", r"[\p{Nd}]{2,}");
        check(r"\p{Lu}", r"[\p{Lu}]");
        check("[æøå]?", "[æøå]?");
        check("", "");
        check("a&&b", r"a\&\&b");
    }

    #[track_caller]
    fn check_refused(source: &str) {
        assert!(Pattern::parse(source).is_err(), "{source}");
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for source in [
            "(", ")", "[", "[]", "a{", "a{2,1}", "*", r"\y", r"\p{Xx}", "[b-a]", "a{1",
        ] {
            check_refused(source);
        }
        check_refused(&"(".repeat(100_000));
    }

    #[track_caller]
    fn check_shape(source: &str, expected: Option<Shape>) {
        assert_eq!(Pattern::parse(source).expect("valid").shape(), expected);
    }

    #[test]
    fn shapes_are_recognised() {
        check_shape("[0-9]{8}", Some(Shape::Digits(8)));
        check_shape("[0-9][0-9]", Some(Shape::Digits(2)));
        check_shape(r"\d{8}", None);
        check_shape("[0-9]{1,2}", None);
        let hex = "[0-9a-fA-F]";
        check_shape(
            &format!("{hex}{{8}}-{hex}{{4}}-{hex}{{4}}-{hex}{{4}}-{hex}{{12}}"),
            Some(Shape::Uuid),
        );
        check_shape(
            "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
            None,
        );
    }
}
