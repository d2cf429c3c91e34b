//! XML Schema's regular expressions (XSD 1.0 Part 2, appendix F) in the syntax of the `regex` crate.
//!
//! They differ: a pattern is anchored, `^` and `$` are plain characters, `\i` and `\c` are classes, classes can be
//! subtracted, and `.` leaves out line ends. The parse also tells whether a pattern says no more than "so many digits" or
//! "a UUID", which have types of their own.

mod blocks;
mod parser;

use std::fmt::Write as _;

use self::parser::Parser;

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

impl Pattern {
    /// Parses `source`.
    ///
    /// # Errors
    ///
    /// What is not an expression of XML Schema, in words.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        Parser::new(source).whole()
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
    // Escaped, `<` and `>` would be the bounds of words.
    let is_bracket = matches!(c, '<' | '>');
    if c.is_ascii_punctuation() && !is_bracket {
        out.push('\\');
        out.push(c);
    } else if c.is_control() {
        let _ = write!(out, "\\u{{{:X}}}", u32::from(c));
    } else {
        out.push(c);
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
        check(r"\p{IsGreek}", r"[[\x{370}-\x{3FF}]]");
        check(
            r"[\P{IsSpecials}-[a]]",
            r"[[[^\x{FEFF}-\x{FEFF}\x{FFF0}-\x{FFFD}]]--[a]]",
        );
        check("[æøå]?", "[æøå]?");
        check("", "");
        check("a&&b", r"a\&\&b");
        check("<[<>]>", "<[<>]>");
    }

    #[track_caller]
    fn check_refused(source: &str) {
        assert!(Pattern::parse(source).is_err(), "{source}");
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for source in [
            "(",
            ")",
            "[",
            "[]",
            "a{",
            "a{2,1}",
            "*",
            r"\y",
            r"\p{Xx}",
            r"\p{IsKlingon}",
            "[b-a]",
            "a{1",
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
