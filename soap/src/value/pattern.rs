//! The `pattern` facet.

use std::sync::OnceLock;

use regex::Regex;

use crate::xml::Rule;

/// One pattern that a lexical form must match; compiled when it is first used.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    regex: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern as the schema has it, and the same in the syntax of the `regex` crate, anchored at both ends.
    pub const fn new(source: &'static str, regex: &'static str) -> Self {
        Self {
            source,
            regex,
            compiled: OnceLock::new(),
        }
    }

    /// Whether `lexical` matches. A `regex` that cannot be compiled matches nothing.
    pub(super) fn check(&self, lexical: &str) -> Result<(), Rule> {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.regex).ok());
        if compiled
            .as_ref()
            .is_some_and(|regex| regex.is_match(lexical))
        {
            return Ok(());
        }
        Err(Rule::facet("pattern", self.source))
    }
}
