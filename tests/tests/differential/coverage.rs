//! Whether the samples try all that the schemas say: told by the schemas themselves, not by the model that the samples come from.

use std::collections::BTreeSet;
use std::path::Path;

use codegen::Sample;
use roxmltree::{Document, Node};
use soap::AnyRoot;
use tests::schemas::documents;
use tests::system::root;

use super::Verdict;
use super::differences::{NEVER_BROKEN, OPEN_ROOTS, UNUSED};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Something that a schema says, and the rules of which one is broken where a message goes against it.
struct Said {
    what: &'static str,
    is: fn(Node<'_, '_>) -> bool,
    rules: &'static [&'static str],
}

/// All that is looked for in a schema.
static SAID: &[Said] = &[
    facet("enumeration", &["enumeration"]),
    // A pattern may say no more than so many digits, or the form of a UUID.
    facet("pattern", &["pattern", "digits", "lexical"]),
    facet("length", &["length"]),
    facet("minLength", &["min-length"]),
    facet("maxLength", &["max-length"]),
    facet("minInclusive", &["min-inclusive", "lexical"]),
    facet("maxInclusive", &["max-inclusive", "lexical"]),
    facet("minExclusive", &["min-exclusive"]),
    facet("maxExclusive", &["max-exclusive"]),
    facet("totalDigits", &["total-digits"]),
    facet("fractionDigits", &["fraction-digits", "lexical"]),
    facet("union", &["union"]),
    Said {
        what: "a required element",
        is: |node| {
            is_local_element(node)
                && node.parent().is_some_and(|parent| !is(parent, "choice"))
                && node.attribute("minOccurs").is_none_or(|least| least != "0")
        },
        rules: &["missing-element"],
    },
    Said {
        what: "an element among others",
        is: is_local_element,
        rules: &["unexpected-element"],
    },
    Said {
        what: "an element that occurs once",
        is: |node| is_local_element(node) && node.attribute("maxOccurs").is_none(),
        rules: &["too-many", "unexpected-element"],
    },
    Said {
        what: "a required attribute",
        is: |node| is(node, "attribute") && node.attribute("use") == Some("required"),
        rules: &["missing-attribute"],
    },
    Said {
        what: "a complex type",
        is: |node| is(node, "complexType"),
        rules: &["undeclared-attribute"],
    },
    Said {
        what: "a fixed value",
        is: |node| node.attribute("fixed").is_some() && !is(node, "enumeration"),
        rules: &["fixed"],
    },
    Said {
        what: "a nillable element",
        is: |node| is(node, "element") && node.attribute("nillable") == Some("true"),
        rules: &["nil-with-content"],
    },
    Said {
        what: "an element that is not nillable",
        is: |node| is(node, "element") && node.attribute("nillable") != Some("true"),
        rules: &["not-nillable"],
    },
    Said {
        what: "content of elements",
        is: |node| {
            is(node, "sequence")
                && node.children().any(is_local_element)
                && node
                    .ancestors()
                    .all(|above| above.attribute("mixed").is_none())
        },
        rules: &["text-not-allowed"],
    },
];

const fn facet(what: &'static str, rules: &'static [&'static str]) -> Said {
    // A function for each facet would say no more than its name.
    Said {
        what,
        is: |_| false,
        rules,
    }
}

impl Said {
    fn said_in(&self, schemas: &Document<'_>) -> bool {
        schemas
            .descendants()
            .any(|node| is(node, self.what) || (self.is)(node))
    }
}

fn is(node: Node<'_, '_>, local: &str) -> bool {
    node.has_tag_name((XSD, local))
}

fn is_local_element(node: Node<'_, '_>) -> bool {
    is(node, "element") && node.parent().is_some_and(|parent| !is(parent, "schema"))
}

/// The rules that invalid samples break, to us.
pub(super) fn broken(verdicts: &[Verdict<'_>]) -> BTreeSet<&'static str> {
    verdicts
        .iter()
        .filter(|verdict| verdict.sample.valid != Some(true))
        .filter_map(|verdict| verdict.ours.as_ref().err())
        .flatten()
        .map(|violation| violation.rule.id())
        .collect()
}

/// What the documents under `folder`, those of `name`, say and no sample goes against: the samples break the rules `broken`.
pub(super) fn gaps(name: &str, folder: &Path, broken: &BTreeSet<&str>) -> Vec<String> {
    let texts: Vec<String> = documents(folder)
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap_or_default())
        .collect();
    let schemas: Vec<Document<'_>> = texts
        .iter()
        .filter_map(|text| Document::parse(text).ok())
        .collect();
    SAID.iter()
        .filter(|said| schemas.iter().any(|schema| said.said_in(schema)))
        .filter(|said| !said.rules.iter().any(|rule| broken.contains(rule)))
        .filter(|said| !NEVER_BROKEN.contains(&(name, said.what)))
        .map(|said| format!("{name}: nothing goes against {}", said.what))
        .collect()
}

/// The roots of which there are not both valid and invalid samples.
pub(super) fn untried_roots(
    batch: &str,
    roots: &[&[&dyn AnyRoot]],
    verdicts: &[Verdict<'_>],
) -> Vec<String> {
    let valid = |root: &dyn AnyRoot, valid: bool| {
        verdicts.iter().any(|verdict| {
            let Sample {
                namespace, local, ..
            } = verdict.sample;
            let of = local == root.name().local() && namespace == root.name().namespace().uri();
            of && verdict.ours.is_ok() == valid
        })
    };
    let here = |root: &&&dyn AnyRoot| {
        let namespace = root.name().namespace();
        verdicts
            .first()
            .is_some_and(|first| first.sample.namespace == namespace.uri())
    };
    roots
        .iter()
        .flat_map(|roots| roots.iter())
        .filter(here)
        .filter(|root| !OPEN_ROOTS.contains(&(batch, root.name().local())))
        .filter(|root| !(valid(**root, true) && valid(**root, false)))
        .map(|root| format!("{batch}: no valid or no invalid {}", root.name().local()))
        .collect()
}

/// The global elements and types of the contracts of SF2090 at which no valid value, or no broken rule, was tried; those that
/// nothing uses must be untried.
pub(super) fn untried(samples: &[&Sample]) -> Vec<String> {
    let mut untried = BTreeSet::new();
    for file in documents(&root().join("wsdl")) {
        let text = std::fs::read_to_string(&file).expect("a readable document");
        let document = Document::parse(&text).expect("a well-formed document");
        let is_global =
            |node: &Node<'_, '_>| node.parent().is_some_and(|parent| is(parent, "schema"));
        for declared in document.descendants().filter(is_global) {
            let schema = declared.parent();
            let target = schema.and_then(|schema| schema.attribute("targetNamespace"));
            let (Some(local), Some(namespace)) = (declared.attribute("name"), target) else {
                continue;
            };
            let tried = |valid: bool| {
                samples.iter().any(|sample| {
                    sample.valid == Some(valid) && is_about(sample, declared, namespace, local)
                })
            };
            if !(tried(true) && tried(false)) {
                untried.insert((namespace.to_owned(), local.to_owned()));
            }
        }
    }
    let unused = UNUSED.map(|(namespace, local)| (namespace.to_owned(), local.to_owned()));
    untried
        .symmetric_difference(&unused.into())
        .map(|(namespace, local)| {
            format!("sf2090: no valid or no broken {namespace} {local}, or one of an unused one")
        })
        .collect()
}

/// Whether the sample tries something at the global element or type `declared`, or is a message of the element.
fn is_about(sample: &Sample, declared: Node<'_, '_>, namespace: &str, local: &str) -> bool {
    let is_it = |name: &Option<(String, String)>| {
        name.as_ref()
            .is_some_and(|(of, name)| of == namespace && name == local)
    };
    if is(declared, "element") {
        is_it(&sample.at) || (sample.namespace == namespace && sample.local == local)
    } else {
        is_it(&sample.of)
    }
}
