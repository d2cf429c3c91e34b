//! Policies in normal form (WS-Policy 1.5 Framework, 4): alternatives, each with the assertions that hold together in it.
//!
//! `wsp:Policy` and `wsp:All` combine the alternatives of what is in them, each with each; those of `wsp:ExactlyOne` stand side by
//! side; a reference stands for the policy that it names; an optional assertion is there in one alternative and not in the other.
//! What cannot be read, and what grows beyond the bounds, is an assertion that nobody meets: whatever is beside it in
//! `wsp:ExactlyOne` can be met nevertheless, and nothing that is demanded gets lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{SP, WSP, is_policy};
use crate::diagnostic::Diagnostic;
use crate::load::{Document, Element, Link, XML, normal};

const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// The most alternatives of a policy.
const ALTERNATIVES: usize = 64;
/// The most assertions of an alternative.
const ASSERTIONS: usize = 256;
/// How deep a policy may nest, what its references lead to included.
const DEPTH: usize = 64;
/// The most elements of a policy, what its references lead to counted each time.
const ELEMENTS: usize = 1024;

/// The alternatives of a policy. Without any it cannot be met; one without assertions demands nothing.
pub(super) type Normal = Vec<Vec<Assertion>>;

/// An assertion, every policy inside which has come down to one alternative.
#[derive(Clone, Debug)]
pub(super) struct Assertion {
    /// Where it stands.
    pub(super) element: Element,
    /// What stands in it: the assertions of the policy inside, and its parameters.
    pub(super) inside: Vec<Self>,
    /// What could not be read, in words, where it stands for that; a warning has told of it.
    unread: Option<String>,
}

impl Assertion {
    /// What it demands, in words.
    pub(super) fn name(&self) -> &str {
        let name = || self.element.name().local.as_str();
        self.unread.as_deref().unwrap_or_else(name)
    }

    /// Its local name, if it is one of WS-SecurityPolicy.
    pub(super) fn security(&self) -> Option<&str> {
        self.is_of(&SP).then(|| self.element.name().local.as_str())
    }

    /// Whether it could be read, and is in one of `namespaces`.
    pub(super) fn is_of(&self, namespaces: &[&str]) -> bool {
        let own = self.element.name().namespace.as_str();
        self.unread.is_none() && namespaces.contains(&own)
    }

    /// Whether it is in an alternative because it, or what it is in, is optional.
    pub(super) fn is_optional(&self) -> bool {
        let mut around = std::iter::successors(Some(self.element.clone()), Element::parent);
        around.any(|element| says(&element, "Optional"))
    }

    /// What could not be read of it, in words.
    pub(super) fn unread(&self) -> Vec<&str> {
        let inside = self.inside.iter().flat_map(Self::unread);
        self.unread.as_deref().into_iter().chain(inside).collect()
    }

    /// Whether it demands the same as `other`.
    fn same_as(&self, other: &Self) -> bool {
        self.unread == other.unread
            // What differs mostly differs in this, which is soon told.
            && self.element.name() == other.element.name()
            && self.element.same_as(&other.element, &|_| false)
            && same(&self.inside, &other.inside)
    }
}

/// Whether two alternatives demand the same; neither has anything twice.
fn same(one: &[Assertion], other: &[Assertion]) -> bool {
    one.len() == other.len() && one.iter().all(|assertion| holds(other, assertion))
}

fn holds(alternative: &[Assertion], assertion: &Assertion) -> bool {
    alternative.iter().any(|known| known.same_as(assertion))
}

/// Reads policies, and warns of what cannot be read.
pub(super) struct Reading<'w> {
    links: &'w [Link],
    warnings: &'w mut Vec<Diagnostic>,
    /// What references lead to, by the document that they stand in and their URI.
    targets: BTreeMap<(PathBuf, String), Option<Element>>,
    /// The policies that references have led to and that are being read.
    open: Vec<Element>,
    depth: usize,
    elements: usize,
}

impl<'w> Reading<'w> {
    pub(super) const fn new(links: &'w [Link], warnings: &'w mut Vec<Diagnostic>) -> Self {
        Self {
            links,
            warnings,
            targets: BTreeMap::new(),
            open: Vec::new(),
            depth: 0,
            elements: 0,
        }
    }

    /// `all`, together with all the policies that are attached to `subjects`. Those that are `known` are in it: what messages and
    /// operations refer to alike is demanded once.
    ///
    /// # Errors
    /// A reference does not say what it refers to.
    pub(super) fn attached(
        &mut self,
        subjects: &[Element],
        mut all: Normal,
        known: &mut Vec<Element>,
    ) -> Result<Normal, Diagnostic> {
        for subject in subjects {
            for Attachment { at, uri } in Attachment::all(subject)? {
                let policy = match &uri {
                    Some(uri) => self.target(&at, uri),
                    None => Some(at.clone()),
                };
                let again = |policy: &Element| known.iter().any(|known| is(known, policy));
                if policy.as_ref().is_some_and(again) {
                    continue;
                }
                known.extend(policy);
                self.elements = 0;
                let normal = match &uri {
                    Some(uri) => self.referred(&at, uri)?,
                    None if is_expression(&at) => self.expression(&at)?,
                    None => self.unread(&at, format!("the policy {}", at.name())),
                };
                all = match both(&all, &normal) {
                    Ok(together) => together,
                    Err(what) => return Ok(self.unread(&at, what)),
                };
            }
        }
        Ok(all)
    }

    /// `all`, together with what a `wsp:PolicyAttachment` attaches to something that it names (external policy attachment), which may
    /// be any of `subjects`: a policy that is not known.
    pub(super) fn apart(&mut self, subjects: &[Element], mut all: Normal) -> Normal {
        let own = subjects.iter().map(Element::document);
        let linked = self.links.iter().map(|link| &link.target);
        let mut documents: Vec<&Arc<Document>> = Vec::new();
        for document in own.chain(linked) {
            if !documents.iter().any(|known| known.path == document.path) {
                documents.push(document);
            }
        }
        for root in documents.into_iter().map(Document::root) {
            for at in root.children().filter(|e| is_policy(e, "PolicyAttachment")) {
                let text = "a policy that is attached by PolicyAttachment, which is not carried";
                let warning = Diagnostic::at(at.place(), text).help(super::UNMET);
                self.warnings.push(warning);
                let apart = stand_in(&at, at.name().local.clone());
                // One of them is enough for a policy that nobody meets.
                all = both(&all, &apart).unwrap_or(apart);
            }
        }
        all
    }

    /// The alternatives of an operator, a reference or an assertion.
    fn expression(&mut self, element: &Element) -> Result<Normal, Diagnostic> {
        self.elements += 1;
        if self.elements > ELEMENTS {
            let what = format!("a policy of more than {ELEMENTS} elements");
            // One warning will do.
            return Ok(if self.elements == ELEMENTS + 1 {
                self.unread(element, what)
            } else {
                stand_in(element, what)
            });
        }
        if self.depth == DEPTH {
            return Ok(self.unread(element, format!("a policy deeper than {DEPTH} elements")));
        }
        self.depth += 1;
        let normal = if is_policy(element, "PolicyReference") {
            self.referred(element, element.required("URI")?)
        } else if is_policy(element, "ExactlyOne") {
            self.exactly_one(element)
        } else if is_expression(element) {
            self.all(element)
        } else {
            self.assertion(element)
        };
        self.depth -= 1;
        normal
    }

    /// The alternatives of everything in `element` together.
    fn all(&mut self, element: &Element) -> Result<Normal, Diagnostic> {
        let mut all = vec![Vec::new()];
        for child in element.children() {
            let normal = self.expression(&child)?;
            all = match both(&all, &normal) {
                Ok(together) => together,
                Err(what) => return Ok(self.unread(&child, what)),
            };
        }
        Ok(all)
    }

    fn exactly_one(&mut self, element: &Element) -> Result<Normal, Diagnostic> {
        let mut alternatives = Vec::new();
        for child in element.children() {
            for alternative in self.expression(&child)? {
                enter(&mut alternatives, alternative);
            }
            if alternatives.len() > ALTERNATIVES {
                return Ok(self.unread(&child, too_many()));
            }
        }
        Ok(alternatives)
    }

    /// An assertion, for each alternative of what is in it; where that has none, there is none (WS-Policy 1.5, 4.3.2).
    fn assertion(&mut self, element: &Element) -> Result<Normal, Diagnostic> {
        // What is not of security may be left to whom it concerns, if its author says so (WS-Policy 1.5, 4.5).
        let is_security = SP.contains(&element.name().namespace.as_str());
        if says(element, "Ignorable") && !is_security {
            return Ok(vec![Vec::new()]);
        }
        let assertion = |inside| Assertion {
            element: element.clone(),
            inside,
            unread: None,
        };
        let inside = self.all(element)?.into_iter();
        let mut normal: Normal = inside.map(|inside| vec![assertion(inside)]).collect();
        if says(element, "Optional") {
            normal.push(Vec::new());
        }
        Ok(normal)
    }

    /// The policy that `uri` at `at` names.
    fn referred(&mut self, at: &Element, uri: &str) -> Result<Normal, Diagnostic> {
        let Some(policy) = self.target(at, uri) else {
            // Deployed contracts have such references. What they ask for is not known.
            let warning = Diagnostic::at(at.place(), format!("no policy `{uri}`"));
            self.warnings.push(warning.help(
                "the policy's document must be imported by the WSDL, and the policy carry that wsu:Id; as it is, a role that has to meet it does not start",
            ));
            return Ok(stand_in(at, format!("the policy {uri}")));
        };
        if self.open.iter().any(|open| is(open, &policy)) {
            return Ok(self.unread(at, format!("the policy {uri} within itself")));
        }
        self.open.push(policy.clone());
        let normal = self.expression(&policy);
        self.open.pop();
        normal
    }

    fn target(&mut self, at: &Element, uri: &str) -> Option<Element> {
        let key = (at.document().path.clone(), uri.to_owned());
        let known = self.targets.entry(key);
        known.or_insert_with(|| target(at, uri, self.links)).clone()
    }

    /// What stands for a policy at `at` that is not read, with a warning.
    fn unread(&mut self, at: &Element, what: String) -> Normal {
        let warning = Diagnostic::at(at.place(), what.as_str());
        let help = "it is not read; as it is, a role that has to meet it does not start";
        self.warnings.push(warning.help(help));
        stand_in(at, what)
    }
}

/// Each alternative of `one` with each of `other`.
///
/// # Errors
/// What grows beyond the bounds, in words.
fn both(one: &Normal, other: &Normal) -> Result<Normal, String> {
    if one.len() * other.len() > ALTERNATIVES {
        return Err(too_many());
    }
    let mut product = Vec::new();
    for left in one {
        for right in other {
            let mut both = left.clone();
            for assertion in right {
                if !holds(&both, assertion) {
                    both.push(assertion.clone());
                }
            }
            if both.len() > ASSERTIONS {
                return Err(format!("more than {ASSERTIONS} assertions at once"));
            }
            enter(&mut product, both);
        }
    }
    Ok(product)
}

fn too_many() -> String {
    format!("a policy of more than {ALTERNATIVES} alternatives")
}

fn stand_in(at: &Element, what: String) -> Normal {
    vec![vec![Assertion {
        element: at.clone(),
        inside: Vec::new(),
        unread: Some(what),
    }]]
}

/// Adds an alternative that is not there yet.
fn enter(alternatives: &mut Normal, new: Vec<Assertion>) {
    if !alternatives.iter().any(|known| same(known, &new)) {
        alternatives.push(new);
    }
}

/// Where a policy is attached, and by which URI unless it stands there.
struct Attachment {
    at: Element,
    uri: Option<String>,
}

impl Attachment {
    /// All of a subject: by reference in an attribute or inside it, where policies may also stand as they are.
    fn all(subject: &Element) -> Result<Vec<Self>, Diagnostic> {
        let lists = subject.attributes().iter();
        let lists = lists.filter(|attribute| attribute.name.local == "PolicyURIs");
        let uris = lists.flat_map(|attribute| attribute.value.split_whitespace());
        let by_attribute = uris.map(|uri| {
            Ok(Self {
                at: subject.clone(),
                uri: Some(uri.to_owned()),
            })
        });
        // Those of other versions of WS-Policy, too, so that none gets lost.
        let policies = |child: &Element| {
            is_expression(child)
                || ["Policy", "PolicyReference"].contains(&child.name().local.as_str())
        };
        let inside = subject.children().filter(policies).map(|at| {
            let refers = is_policy(&at, "PolicyReference");
            let uri = refers
                .then(|| at.required("URI").map(str::to_owned))
                .transpose()?;
            Ok(Self { at, uri })
        });
        by_attribute.chain(inside).collect()
    }
}

/// The policy that `uri` at `at` names: one with that id in its document, or with that `Name` in any (WS-PolicyAttachment 1.5, 3.4).
fn target(at: &Element, uri: &str, links: &[Link]) -> Option<Element> {
    let (file, id) = uri.split_once('#').unwrap_or((uri, ""));
    let own = at.document();
    let folder = || own.path.parent().unwrap_or_else(|| Path::new(""));
    let path = match file {
        "" => own.path.clone(),
        file => normal(&folder().join(file)),
    };
    let linked = links.iter().map(|link| &link.target);
    let documents: Vec<&Arc<Document>> = std::iter::once(own).chain(linked).collect();
    let policy = |document: &Arc<Document>, is: &dyn Fn(&Element) -> bool| {
        let root = document.root();
        let mut all = root.descendants();
        all.find(|e| is_policy(e, "Policy") && is(e))
    };
    let ids = [(WSU, "Id"), (XML, "id")];
    let by_id = |e: &Element| {
        let mut ids = ids.iter();
        !id.is_empty() && ids.any(|(ns, name)| e.attribute_in(ns, name) == Some(id))
    };
    let by_name = |e: &Element| e.attribute("Name") == Some(uri);
    let there = documents.iter().find(|document| document.path == path);
    let found = there.and_then(|document| policy(document, &by_id));
    found.or_else(|| {
        let mut documents = documents.iter();
        documents.find_map(|document| policy(document, &by_name))
    })
}

/// Whether the two are the same element of the same document.
fn is(one: &Element, other: &Element) -> bool {
    one.document().path == other.document().path && one.range() == other.range()
}

/// Whether `element` is an operator of WS-Policy, or refers to a policy.
fn is_expression(element: &Element) -> bool {
    let names = ["Policy", "ExactlyOne", "All", "PolicyReference"];
    names.iter().any(|local| is_policy(element, local))
}

/// Whether the attribute `local` of WS-Policy says so at `element`.
fn says(element: &Element, local: &str) -> bool {
    let mut said = WSP.iter().filter_map(|ns| element.attribute_in(ns, local));
    said.any(|said| matches!(said.trim(), "true" | "1"))
}
