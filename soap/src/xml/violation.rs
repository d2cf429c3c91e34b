//! What was wrong with a message, and where.

use std::fmt;

use super::{Class, Rule};
use crate::value::QName;

/// One broken rule and its place in the message.
///
/// It holds names and what the schema says, never a value out of the message.
///
/// `Display` shows `PATH (line L, column C): RULE [ITEM]`, the item as `{namespace}local`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Local names from the root down, `/` between them: `OpretRequest/Header/Myndighed`, an attribute as `@name`.
    /// From its second occurrence on, an element shows its position: `GenoptagetArbejde[2]`.
    pub path: String,
    /// Line in the message, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was broken.
    pub rule: Rule,
    /// The declaration of the schema that the rule is about, by its expanded name: the element whose value or content it is,
    /// the attribute, or what is missing. For what no contract declares it is the element expected in its place, or the parent
    /// that has no place for it. None where the message is malformed or too large, and where nothing is declared: the namespaces
    /// of a sender's own are not told.
    pub item: Option<QName>,
}

impl Violation {
    /// The violation in Danish, as `Display` has it in English: `STI (linje L, kolonne K): REGEL [ERKLÆRING]`.
    pub fn danish(&self) -> String {
        let place = format!("(linje {}, kolonne {})", self.line, self.column);
        let rule = self.rule.danish();
        let item = Item(self.item.as_ref());
        match self.path.as_str() {
            "" => format!("{place}: {rule}{item}"),
            path => format!("{path} {place}: {rule}{item}"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{} ", self.path)?;
        }
        write!(
            f,
            "(line {}, column {}): {}{}",
            self.line,
            self.column,
            self.rule,
            Item(self.item.as_ref())
        )
    }
}

/// Shows an item behind a rule.
struct Item<'v>(Option<&'v QName>);

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, " [{name}]"),
            None => Ok(()),
        }
    }
}

/// All that was wrong with one message, in the order of the places in it; never empty.
///
/// If reading stopped before the end, the last one in the order of reading says why: it is of [`Class::Malformed`] or
/// [`Class::Limit`], unless there are as many as [`Limits::violations`](crate::Limits::violations).
///
/// `Display` shows one violation per line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(Box<[Violation]>);

impl Violations {
    /// Empty `found` comes from hand-written readers that refuse without a reason.
    pub(crate) fn new(mut found: Vec<Violation>) -> Self {
        if found.is_empty() {
            let rule = Rule::lexical("message");
            found.push(Violation {
                path: String::new(),
                line: 1,
                column: 1,
                rule,
                item: None,
            });
        }
        Self(found.into())
    }

    /// The violations in the order of their places; at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The violation that stands first.
    pub fn first(&self) -> &Violation {
        &self.0[0]
    }

    /// All of them in Danish, one per line, as `Display` has them in English.
    pub fn danish(&self) -> String {
        let lines: Vec<String> = self.iter().map(Violation::danish).collect();
        lines.join("\n")
    }

    /// The worst class among the violations: malformed before limit before content.
    pub fn class(&self) -> Class {
        self.iter()
            .map(|violation| violation.rule.class())
            .max()
            .unwrap_or(Class::Content)
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// What cannot be written, seen as a violation of the message that it would have made.
impl From<super::Unwritable> for Violations {
    fn from(unwritable: super::Unwritable) -> Self {
        let super::Unwritable { path, rule } = unwritable;
        Self::new(vec![Violation {
            path,
            line: 1,
            column: 1,
            rule,
            item: None,
        }])
    }
}
