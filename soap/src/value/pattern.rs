//! The `pattern` facet.

use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use regex::Regex;

use crate::xml::{Facet, Rule};

/// One pattern that a lexical form must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    source: &'static str,
    regex: &'static str,
}

impl Pattern {
    /// The pattern as the schema has it, and the same in the syntax of the `regex` crate, anchored at both ends.
    pub const fn new(source: &'static str, regex: &'static str) -> Self {
        Self { source, regex }
    }
}

/// The patterns of one [`Facets`](super::Facets), compiled when they are first used and never freed: facets are statics.
///
/// Without a destructor, since `..Facets::NONE` in a static would otherwise not compile.
#[derive(Debug)]
pub struct Compiled(ManuallyDrop<OnceLock<Vec<Option<Regex>>>>);

impl Default for Compiled {
    fn default() -> Self {
        Self::new()
    }
}

impl Compiled {
    /// Not compiled yet.
    pub const fn new() -> Self {
        Self(ManuallyDrop::new(OnceLock::new()))
    }

    /// Whether `lexical` matches all of `patterns`. One that cannot be compiled matches nothing.
    pub(super) fn check(&self, patterns: &[Pattern], lexical: &str) -> Result<(), Rule> {
        if patterns.is_empty() {
            return Ok(());
        }
        let compile = || {
            patterns
                .iter()
                .map(|pattern| Regex::new(pattern.regex).ok())
                .collect()
        };
        let compiled = self.0.get_or_init(compile);
        let broken = patterns
            .iter()
            .zip(compiled)
            .find(|(_, regex)| !regex.as_ref().is_some_and(|regex| regex.is_match(lexical)));
        broken.map_or(Ok(()), |(pattern, _)| {
            Err(Rule::facet(Facet::Pattern, pattern.source))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(patterns: &[Pattern], lexical: &str, matches: bool) {
        assert_eq!(
            Compiled::new().check(patterns, lexical).is_ok(),
            matches,
            "{patterns:?} {lexical:?}"
        );
    }

    #[test]
    fn all_must_match() {
        let digits = Pattern::new("[0-9]+", "^(?:[0-9]+)$");
        let short = Pattern::new(".{1,3}", "^(?:.{1,3})$");
        check(&[digits], "1234", true);
        check(&[digits, short], "123", true);
        check(&[digits, short], "1234", false);
        check(&[digits], "123\n", false);
        check(&[Pattern::new("(", "(")], "(", false);
        check(&[], "", true);
    }
}
