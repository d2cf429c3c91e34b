//! The same message as another sender would lay it out: other prefixes, other places of declarations, other escapes, white
//! space, comments. Its infoset, but for those, stays.

use roxmltree::{Document, Node};

/// Lays messages out, the same way in every run.
#[derive(Debug)]
pub struct Layout {
    state: u64,
}

/// What prefixes stand for, innermost last; the empty prefix for the default namespace.
type Scope = Vec<(&'static str, String)>;

/// Prefixes that senders like, one of which the emitted code likes too.
const PREFIXES: [&str; 6] = ["", "soap", "s", "ac", "ns0", "æ"];

impl Layout {
    /// A layout of its own for each `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// `message` in a layout of this kind.
    ///
    /// # Panics
    ///
    /// When it is not well-formed, or has attributes that it needs.
    #[must_use]
    pub fn relaid(&mut self, message: &str) -> String {
        let document = Document::parse(message).expect("a well-formed message");
        let mut out = String::new();
        out.push_str(self.one_of(&["", "\u{feff}"]));
        out.push_str(self.one_of(&[
            "",
            "<?xml version='1.0'?>",
            "<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?>\r\n",
        ]));
        out.push_str(self.between());
        let mut scope = vec![("", String::new())];
        self.element(document.root_element(), &mut scope, &mut out);
        out.push_str(self.between());
        out
    }

    fn element(&mut self, node: Node<'_, '_>, scope: &mut Scope, out: &mut String) {
        let outer = scope.len();
        let namespace = node.tag_name().namespace().unwrap_or_default();
        let mut declarations = String::new();
        // Some declarations are of use further in, or of none.
        for _ in 0..self.next(3) {
            let uri = self.one_of(&[namespace, "urn:unused", "urn:&lt;odd&gt;"]);
            self.declare(uri, outer, scope, &mut declarations);
        }
        let prefix = loop {
            let known = |(prefix, uri): &&(&'static str, String)| {
                *uri == namespace && stands_for(scope, prefix) == Some(namespace)
            };
            match scope.iter().rev().find(known) {
                Some((prefix, _)) => break *prefix,
                None => self.declare(namespace, outer, scope, &mut declarations),
            }
        };
        let name = match prefix {
            "" => node.tag_name().name().to_owned(),
            prefix => format!("{prefix}:{}", node.tag_name().name()),
        };
        if matches!(node.tag_name().name(), "Envelope" | "Body") {
            declarations.push_str(self.one_of(&["", " xml:lang='da'", " xml:space=\"preserve\""]));
        }
        let space = self.one_of(&["", " ", "\n  "]);
        out.push_str(&format!("<{name}{declarations}{space}"));
        let children: Vec<_> = node.children().filter(Node::is_element).collect();
        let text = node.text().unwrap_or_default();
        if children.is_empty() && text.is_empty() && self.next(2) == 0 {
            out.push_str("/>");
        } else {
            out.push('>');
            if children.is_empty() {
                self.text(text, out);
            }
            for child in &children {
                out.push_str(self.between());
                self.element(*child, scope, out);
            }
            if !children.is_empty() {
                out.push_str(self.between());
            }
            out.push_str(&format!("</{name}{space}>"));
        }
        scope.truncate(outer);
    }

    /// Declares some prefix for `uri`, which is written as in XML, unless the tag has declared it.
    fn declare(&mut self, uri: &str, outer: usize, scope: &mut Scope, out: &mut String) {
        let prefix = PREFIXES[self.next(PREFIXES.len())];
        if scope[outer..].iter().any(|(known, _)| *known == prefix) {
            return;
        }
        let quote = self.one_of(&["\"", "'"]);
        let colon = if prefix.is_empty() { "" } else { ":" };
        out.push_str(&format!(
            "{}xmlns{colon}{prefix}={quote}{uri}{quote}",
            self.one_of(&[" ", "\r\n\t"])
        ));
        scope.push((prefix, uri.to_owned()));
    }

    /// The text in one of the forms that it can have.
    fn text(&mut self, text: &str, out: &mut String) {
        for character in text.chars() {
            match self.next(12) {
                0 => out.push_str(&format!("&#{};", u32::from(character))),
                1 => out.push_str(&format!("&#x{:x};", u32::from(character))),
                2 => out.push_str(&format!("<![CDATA[{character}]]>")),
                3 => out.push_str(&format!("<!-- > -->{}", escaped(character))),
                _ => out.push_str(&escaped(character)),
            }
        }
    }

    /// What may stand between two elements.
    fn between(&mut self) -> &'static str {
        self.one_of(&[
            "",
            "",
            "\n  ",
            "\r\n\t",
            " <!-- <AuthorityContext> & --> ",
            "<?note </Header> ?>",
        ])
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.next(choices.len())]
    }

    /// A number below `below` (splitmix64).
    fn next(&mut self, below: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % below
    }
}

fn stands_for<'s>(scope: &'s Scope, prefix: &str) -> Option<&'s str> {
    let held = scope.iter().rev().find(|(held, _)| *held == prefix);
    held.map(|(_, uri)| uri.as_str())
}

fn escaped(character: char) -> String {
    match character {
        '<' => "&lt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '>' => "&gt;".to_owned(),
        '\r' => "&#13;".to_owned(),
        other => other.to_string(),
    }
}
