//! What our decoder tells of a message in which one rule is broken: a rule that this breaks, at the element where it is broken,
//! and nothing more but what follows.

use std::collections::BTreeSet;

use soap::{Class, Violation, Violations};

use super::Verdict;

/// What is told of an element that is not where it should be.
const OUT_OF_PLACE: &[&str] = &[
    "missing-element",
    "too-few",
    "too-many",
    "unexpected-element",
];

/// The rules, by their ids, one of which is told where a sample of the first breaks something. Each of them is told of some sample.
static TOLD: &[(&str, &[&str])] = &[
    ("attribute", &["missing-attribute"]),
    (
        "attribute-namespace",
        &["missing-attribute", "undeclared-attribute"],
    ),
    ("element-in-text", &["element-not-allowed"]),
    (
        "empty",
        &[
            "digits",
            "enumeration",
            "length",
            "lexical",
            "min-length",
            "missing-element",
            "pattern",
            "union",
        ],
    ),
    ("enumeration", &["enumeration", "fixed", "lexical"]),
    ("fixed", &["enumeration", "fixed", "lexical", "union"]),
    (
        "form",
        &["missing-element", "too-many", "unexpected-element"],
    ),
    ("fraction-digits", &["fraction-digits"]),
    ("length", &["length"]),
    (
        "lexical",
        &[
            "digits",
            "enumeration",
            "fixed",
            "length",
            "lexical",
            "max-exclusive",
            "max-inclusive",
            "max-length",
            "min-exclusive",
            "min-inclusive",
            "min-length",
            "pattern",
            "total-digits",
        ],
    ),
    ("list", &["enumeration", "length", "lexical"]),
    (
        "markup",
        &[
            "digits",
            "enumeration",
            "fixed",
            "length",
            "lexical",
            "max-length",
            "pattern",
        ],
    ),
    ("max-exclusive", &["lexical", "max-exclusive"]),
    (
        "max-inclusive",
        &["lexical", "max-inclusive", "min-inclusive"],
    ),
    ("max-length", &["max-length"]),
    (
        "min-exclusive",
        &["lexical", "max-exclusive", "min-exclusive"],
    ),
    ("min-inclusive", &["lexical", "min-inclusive"]),
    ("min-length", &["max-length", "min-length"]),
    ("missing-element", OUT_OF_PLACE),
    ("name", &["unexpected-element"]),
    ("namespace", &["too-many", "unexpected-element"]),
    (
        "nil",
        &[
            "fixed",
            "lexical",
            "nil-with-content",
            "not-empty",
            "not-nillable",
        ],
    ),
    ("occurrence", &["too-many"]),
    ("order", OUT_OF_PLACE),
    (
        "pattern",
        &["digits", "lexical", "malformed", "max-inclusive", "pattern"],
    ),
    ("repeated", &["too-many", "unexpected-element"]),
    ("text", &["not-empty", "text-not-allowed"]),
    (
        "total-digits",
        &["fraction-digits", "lexical", "total-digits"],
    ),
    ("undeclared-attribute", &["undeclared-attribute"]),
    ("union", &["fixed", "union"]),
    ("unknown-element", &["too-many", "unexpected-element"]),
    (
        "well-formed",
        &["doctype", "element-not-allowed", "malformed"],
    ),
    (
        "white-space",
        &[
            "digits",
            "enumeration",
            "fixed",
            "length",
            "lexical",
            "max-length",
            "not-empty",
            "pattern",
        ],
    ),
    (
        "xsi-type",
        &[
            "abstract-type",
            "digits",
            "element-not-allowed",
            "enumeration",
            "lexical",
            "max-length",
            "missing-attribute",
            "missing-element",
            "not-empty",
            "pattern",
            "text-not-allowed",
            "undeclared-attribute",
            "unexpected-element",
            "xsi-type",
        ],
    ),
];

/// What is told beside it.
struct Follows {
    /// What the samples try.
    rules: &'static [&'static str],
    /// What is told first.
    first: &'static str,
    /// What may be told after it.
    then: &'static [&'static str],
    /// Why that is another mistake.
    why: &'static str,
}

static FOLLOWS: &[Follows] = &[
    Follows {
        rules: &["attribute-namespace"],
        first: "missing-attribute",
        then: &["undeclared-attribute"],
        why: "an attribute in another namespace is missed in its own",
    },
    Follows {
        rules: &["empty"],
        first: "missing-element",
        then: &["missing-element"],
        why: "all children are missing at once",
    },
    Follows {
        rules: &["name", "unknown-element"],
        first: "unexpected-element",
        then: &["missing-element"],
        why: "what is missing of an xs:all is known at its end",
    },
    Follows {
        rules: RENAMED,
        first: "unexpected-element",
        then: &["unexpected-element"],
        why: "in a choice within a choice the rest has no place behind a stranger",
    },
    Follows {
        rules: &["name", "unknown-element"],
        first: "unexpected-element",
        then: &["too-few"],
        why: "one with another name is one too few",
    },
    Follows {
        rules: &["unknown-element"],
        first: "unexpected-element",
        then: &["too-many"],
        why: "a wildcard lets the stranger in, and then one too many",
    },
    Follows {
        rules: &["form"],
        first: "missing-element",
        then: &["unexpected-element"],
        why: "elements of one name differ in their namespaces alone",
    },
    Follows {
        rules: &["nil"],
        first: "not-empty",
        then: &["not-nillable"],
        why: "one that cannot be nil is not empty either",
    },
    Follows {
        rules: &["nil"],
        first: "fixed",
        then: &["not-nillable"],
        why: "one that cannot be nil has another value than the fixed one",
    },
    Follows {
        rules: &["order"],
        first: "unexpected-element",
        then: &["unexpected-element"],
        why: "each that stands before its place is one",
    },
    Follows {
        rules: &["order"],
        first: "too-few",
        then: &["unexpected-element"],
        why: "of a row that is torn apart one part is too short and the other has no place",
    },
    Follows {
        rules: &["order"],
        first: "missing-element",
        then: &["missing-element"],
        why: "of a long row in reverse all is missed before the last",
    },
    Follows {
        rules: &["well-formed"],
        first: "element-not-allowed",
        then: &["malformed"],
        why: "an element that is not closed has no place either",
    },
    Follows {
        rules: &["xsi-type"],
        first: "text-not-allowed",
        then: &["missing-element", "unexpected-element"],
        why: "content of one type is read as that of another",
    },
    Follows {
        rules: &["xsi-type"],
        first: "not-empty",
        then: &["unexpected-element"],
        why: "content of one type is read as that of another, which has none",
    },
    Follows {
        rules: &["xsi-type"],
        first: "undeclared-attribute",
        then: &["undeclared-attribute", "unexpected-element"],
        why: "what a derived type adds is none of its base",
    },
];

/// Another name in the place of one.
const RENAMED: &[&str] = &["form", "name", "namespace", "unknown-element"];

/// What of the tables was met.
#[derive(Default)]
pub(super) struct Met {
    told: BTreeSet<(&'static str, &'static str)>,
    follows: BTreeSet<usize>,
}

impl Met {
    /// Adds what was met elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        self.told.extend(other.told);
        self.follows.extend(other.follows);
    }

    /// What is wrong with what was told of a sample that is invalid by the model too.
    pub(super) fn take(
        &mut self,
        verdict: &Verdict<'_>,
        violations: &Violations,
    ) -> Option<String> {
        let (rule, first) = (verdict.sample.rule, violations.first().rule.id());
        self.told.insert((rule, first));
        if !admitted(rule).contains(&first) {
            return Some(format!("breaks one rule, and another is told, {first}"));
        }
        if !is_there(verdict, violations) {
            return Some("breaks a rule at one element, and is told of at another".to_owned());
        }
        let more: BTreeSet<&str> = violations.iter().skip(1).map(|one| one.rule.id()).collect();
        if more.is_empty() {
            return None;
        }
        let known = FOLLOWS.iter().position(|follows| {
            let all = more.iter().all(|one| follows.then.contains(one));
            all && follows.rules.contains(&rule) && follows.first == first
        });
        match known {
            Some(index) => {
                self.follows.insert(index);
                None
            }
            None => Some(format!(
                "breaks one rule, {first}, and more is told, {more:?}"
            )),
        }
    }

    /// What the tables hold and no sample met.
    pub(super) fn needless(&self) -> impl Iterator<Item = String> {
        let pairs = TOLD
            .iter()
            .flat_map(|(rule, ids)| ids.iter().map(|id| (*rule, *id)));
        let told = pairs.filter(|pair| !self.told.contains(pair));
        let told = told.map(|(rule, id)| format!("{id} is told of no sample of {rule}"));
        let follows = FOLLOWS.iter().enumerate();
        let follows = follows.filter(|(index, _)| !self.follows.contains(index));
        told.chain(follows.map(|(_, follows)| {
            format!(
                "nothing follows {} any more: {}",
                follows.first, follows.why
            )
        }))
    }
}

fn admitted(rule: &str) -> &'static [&'static str] {
    let told = TOLD.iter().find(|(known, _)| *known == rule);
    told.map_or(&[], |(_, ids)| ids)
}

/// Whether what is told of a value is told of the element, or of an attribute of the element, where it stands.
fn is_there(verdict: &Verdict<'_>, violations: &Violations) -> bool {
    let (Some(_), Some((_, local))) = (&verdict.sample.value, &verdict.sample.at) else {
        return true;
    };
    let Violation { path, rule, .. } = violations.first();
    if rule.class() == Class::Malformed {
        return true;
    }
    let element = match path.rsplit_once("/@") {
        Some((element, _)) => element,
        None => path,
    };
    let last = element.rsplit('/').next().unwrap_or(element);
    let name = last.split_once('[').map_or(last, |(name, _)| name);
    name == local
}
