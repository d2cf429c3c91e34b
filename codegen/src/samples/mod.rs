//! Messages made from the contract: valid ones, and ones in which one rule is broken, for judges to agree on.
//!
//! The valid ones hold the least and the most that the contract allows, every branch of its choices and every type that
//! `xsi:type` may name. Each declaration is then taken where it is first met, and each rule that it sets is tried there, at
//! its bound and beyond it, with all else left as it was.
//!
//! | module | what |
//! |---|---|
//! | `tree` | elements with their declarations, and their text |
//! | `instance` | the valid trees of a root |
//! | `markup` | what can be wrong with elements and attributes |
//! | `value` | the values of a type at its bounds and beyond them |
//! | `lexical` | forms of the built-in types, of which some are none |
//! | `matching` | texts that a pattern matches |
//! | `judge` | what the model itself says of a message: `content` of its elements, `derivation` of its types |
//! | `verdict` | what it says of a value: `lexis` of its form, `number` and `moment` of how it stands to others |

mod content;
mod derivation;
mod instance;
mod judge;
mod lexical;
mod lexis;
mod markup;
mod matching;
mod moment;
mod number;
mod tree;
mod value;
mod verdict;

use std::collections::BTreeSet;

use crate::model::Model;

/// A message made from the contract, and what it was made to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The namespace of the root element; empty where it has none.
    pub namespace: String,
    /// The local name of the root element.
    pub local: String,
    /// The message.
    pub text: String,
    /// The rule that it tries, in a word or two of the standard, such as `max-length` or `order`.
    pub rule: &'static str,
    /// Whether the message is valid by the model; none where that is left to those who read it.
    pub valid: Option<bool>,
    /// The element at which something is tried, by namespace and local name; none where the message is tried as a whole.
    pub at: Option<(String, String)>,
    /// The global type, by namespace and local name, of the element or attribute at which something is tried; none where it is
    /// anonymous or built in, or where the message is tried as a whole.
    pub of: Option<(String, String)>,
    /// The value that is tried, where one is.
    pub value: Option<SampleValue>,
}

/// A value that a [`Sample`] tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleValue {
    /// The built-in type that its type comes from, `list` or `union`.
    pub r#type: &'static str,
    /// The text, as the parser of the message tells it.
    pub text: String,
}

/// What a message is made to try.
struct Try {
    rule: &'static str,
    valid: Option<bool>,
    at: Option<(String, String)>,
    of: Option<(String, String)>,
    value: Option<SampleValue>,
}

/// The samples of all roots of `model`, no two the same.
pub(crate) fn samples(model: &Model) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut seen = BTreeSet::new();
    let mut tried = markup::Tried::default();
    for root in model.roots.iter().filter(|root| !root.bare) {
        let name = &root.element.name;
        let mut take = |tried: Try, text: String| {
            let Try {
                rule,
                valid,
                at,
                of,
                value,
            } = tried;
            if seen.insert(text.clone()) {
                let (namespace, local) = (name.namespace.clone(), name.local.clone());
                samples.push(Sample {
                    namespace,
                    local,
                    text,
                    rule,
                    valid,
                    at,
                    of,
                    value,
                });
            }
        };
        for tree in instance::instances(model, &root.element) {
            let whole = Try {
                rule: "valid",
                valid: judge::is_valid(model, &tree),
                at: None,
                of: None,
                value: None,
            };
            take(whole, tree.text());
            markup::broken(model, &tree, &mut tried, &mut take);
        }
    }
    samples
}
