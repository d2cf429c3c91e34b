//! What was wrong with a message, and where.

use std::fmt;

use super::{Class, Name, Rule};

/// One broken rule and its place in the message.
///
/// It holds names and what the schema says, never a value out of the message.
///
/// `Display` shows `PATH (line L, column C): RULE`.
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
    /// The element or attribute of the schema that the rule is about, where one is.
    pub item: Option<Name>,
}

impl Violation {
    /// The violation in Danish, as `Display` has it in English: `STI (linje L, kolonne K): REGEL`.
    pub fn danish(&self) -> String {
        let place = format!("(linje {}, kolonne {})", self.line, self.column);
        let rule = self.rule.danish();
        match self.path.as_str() {
            "" => format!("{place}: {rule}"),
            path => format!("{path} {place}: {rule}"),
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
            "(line {}, column {}): {}",
            self.line, self.column, self.rule
        )
    }
}

/// All that was wrong with one message, in reading order; never empty.
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

    /// The violations in reading order; at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The first violation.
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
