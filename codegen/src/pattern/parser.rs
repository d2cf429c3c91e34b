//! The grammar of the expressions (XSD 1.0 Part 2, appendix F).

use super::{Atom, Class, Item, Pattern, Piece, blocks};

/// The characters that may begin a name, and those that may follow (XML 1.0, 2.3), as items of a class.
const NAME_START: &str = r":A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}";
const NAME_REST: &str = r"\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}";

/// Groups may nest this deep.
const DEPTH: usize = 64;

pub(super) struct Parser {
    characters: Vec<char>,
    position: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn new(source: &str) -> Self {
        Self {
            characters: source.chars().collect(),
            position: 0,
            depth: 0,
        }
    }

    /// The whole expression.
    pub(super) fn whole(mut self) -> Result<Pattern, String> {
        let pattern = self.pattern()?;
        match self.peek() {
            None => Ok(pattern),
            Some(c) => Err(format!(
                "`{c}` at character {} has no partner",
                self.position + 1
            )),
        }
    }

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

    /// What follows `\p` or `\P`: a general category or a block in braces.
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
        if let Some(class) = name.strip_prefix("Is").and_then(blocks::class) {
            let negated = if letter == 'P' { "^" } else { "" };
            return Ok(Item::Escape(format!("[{negated}{class}]")));
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
