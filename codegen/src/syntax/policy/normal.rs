//! Policies in normal form: what is attached to an element of a WSDL, by reference or in place, as the assertions of each alternative
//! (WS-Policy 1.5 Framework, 4.1 and 4.3; Attachment, 3 and 4).
//!
//! Both namespaces of WS-Policy are read, and a reference into an imported document finds the policy by its `wsu:Id`.

use std::sync::Arc;

use super::{WSP, WSU, is_operator, is_policy};
use crate::diagnostic::Diagnostic;
use crate::load::{Document, Element, Link};

/// The assertions of one alternative, which hold together.
#[derive(Clone, Debug, Default)]
pub(super) struct Conjunction {
    pub(super) assertions: Vec<Element>,
    /// The policies that are not there, and so met by nobody.
    pub(super) missing: Vec<String>,
}

impl Conjunction {
    /// Adds what holds too. What comes by two ways is one assertion.
    fn add(&mut self, other: &Self) {
        for assertion in &other.assertions {
            if !self.assertions.iter().any(|known| is_one(known, assertion)) {
                self.assertions.push(assertion.clone());
            }
        }
        for missing in &other.missing {
            if !self.missing.contains(missing) {
                self.missing.push(missing.clone());
            }
        }
    }
}

/// Whether both are the same element of the same document.
fn is_one(one: &Element, other: &Element) -> bool {
    one.range().start == other.range().start && Arc::ptr_eq(one.document(), other.document())
}

/// Brings policies into their normal form.
pub(super) struct Normaliser<'w> {
    links: &'w [Link],
    warnings: &'w mut Vec<Diagnostic>,
    /// The policies that references have led to, each in the one before it.
    path: Vec<Element>,
    steps: usize,
}

/// The most alternatives, over all that a policy is made of: references multiply.
const MOST_STEPS: usize = 50_000;

/// How many references may lead on from one another.
const DEEPEST: usize = 64;

impl<'w> Normaliser<'w> {
    pub(super) const fn new(links: &'w [Link], warnings: &'w mut Vec<Diagnostic>) -> Self {
        Self {
            links,
            warnings,
            path: Vec::new(),
            steps: 0,
        }
    }

    /// What is attached to `hosts`, together. A policy that is not there is warned of: deployed contracts have such references.
    ///
    /// # Errors
    /// A reference lacks its URI, or there is no end to the alternatives.
    pub(super) fn attached(&mut self, hosts: &[Element]) -> Result<Vec<Conjunction>, Diagnostic> {
        let mut together = vec![Conjunction::default()];
        for host in hosts {
            let uris = WSP
                .iter()
                .find_map(|ns| host.attribute_in(ns, "PolicyURIs"));
            for uri in uris.unwrap_or_default().split_whitespace() {
                let referred = self.referred(uri, host)?;
                together = self.both(together, &referred)?;
            }
            for child in host.children().filter(is_attached) {
                let policy = self.policy(&child)?;
                together = self.both(together, &policy)?;
            }
        }
        Ok(together)
    }

    /// What a `wsp:PolicyAttachment` attaches to something that it names (external policy attachment), which may be any of `hosts`: a
    /// policy that is not known. A warning tells of it.
    pub(super) fn apart(&mut self, hosts: &[Element]) -> Vec<Conjunction> {
        let own = hosts.iter().map(Element::document);
        let linked = self.links.iter().map(|link| &link.target);
        let mut documents: Vec<&Arc<Document>> = Vec::new();
        for document in own.chain(linked) {
            if !documents.iter().any(|known| Arc::ptr_eq(known, document)) {
                documents.push(document);
            }
        }
        let mut apart = Vec::new();
        for document in documents {
            let root = document.root();
            for attachment in root.children().filter(|e| is_policy(e, "PolicyAttachment")) {
                let text = "a policy that is attached by PolicyAttachment, which is not carried";
                let warning = Diagnostic::at(attachment.place(), text);
                self.warnings.push(warning.help(super::UNMET));
                apart.push(Conjunction {
                    assertions: Vec::new(),
                    missing: vec!["PolicyAttachment".to_owned()],
                });
            }
        }
        apart
    }

    /// Each alternative of the one with each of the other.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn both(
        &mut self,
        mut one: Vec<Conjunction>,
        other: &[Conjunction],
    ) -> Result<Vec<Conjunction>, Diagnostic> {
        self.steps = self
            .steps
            .saturating_add(one.len().saturating_mul(other.len()));
        if self.steps > MOST_STEPS {
            let text = format!("a policy comes to more than {MOST_STEPS} alternatives");
            let at = other.first().and_then(|other| other.assertions.first());
            return Err(match at {
                Some(assertion) => Diagnostic::at(assertion.place(), text),
                None => Diagnostic::new(text),
            });
        }
        if let [only] = other {
            one.iter_mut().for_each(|together| together.add(only));
            return Ok(one);
        }
        let pairs = one.iter().flat_map(|one| {
            other.iter().map(move |other| {
                let mut together = one.clone();
                together.add(other);
                together
            })
        });
        Ok(pairs.collect())
    }

    /// The alternatives of a policy, an operator or a reference.
    fn policy(&mut self, element: &Element) -> Result<Vec<Conjunction>, Diagnostic> {
        if is_policy(element, "PolicyReference") {
            return self.referred(element.required("URI")?, element);
        }
        let choice = is_policy(element, "ExactlyOne");
        let mut alternatives = Vec::new();
        if !choice {
            alternatives.push(Conjunction::default());
        }
        for child in element.children() {
            let inner = if is_attached(&child) {
                self.policy(&child)?
            } else {
                vec![Conjunction {
                    assertions: vec![child],
                    missing: Vec::new(),
                }]
            };
            if choice {
                alternatives.extend(inner);
            } else {
                alternatives = self.both(alternatives, &inner)?;
            }
        }
        Ok(alternatives)
    }

    /// The alternatives of the policy that `user` refers to by `uri`.
    fn referred(&mut self, uri: &str, user: &Element) -> Result<Vec<Conjunction>, Diagnostic> {
        let found = target(uri, user, self.links).and_then(|policy| {
            if self.path.len() < DEEPEST && !self.path.iter().any(|on| is_one(on, &policy)) {
                return Ok(policy);
            }
            let text =
                format!("the policy `{uri}` leads back to itself, or further than is followed");
            Err(Diagnostic::at(user.place(), text).help(super::UNMET))
        });
        match found {
            Ok(policy) => {
                self.path.push(policy.clone());
                let alternatives = self.policy(&policy);
                self.path.pop();
                alternatives
            }
            Err(missing) => {
                self.warnings.push(missing);
                Ok(vec![Conjunction {
                    assertions: Vec::new(),
                    missing: vec![format!("the policy {uri}")],
                }])
            }
        }
    }
}

/// Whether an element is a policy or part of one, and no assertion.
fn is_attached(element: &Element) -> bool {
    is_operator(element) || is_policy(element, "PolicyReference")
}

/// The policy that `user` names by `uri`: one with that `wsu:Id` in its document, or with that `Name` in any.
fn target(uri: &str, user: &Element, links: &[Link]) -> Result<Element, Diagnostic> {
    let (file, id) = uri.split_once('#').unwrap_or((uri, ""));
    let own = user.document();
    let folder = own.path.parent();
    let path = match file {
        "" => Some(own.path.clone()),
        file => folder.map(|folder| folder.join(file)),
    };
    let linked = links.iter().map(|link| &link.target);
    let documents: Vec<&Arc<Document>> = std::iter::once(own).chain(linked).collect();
    let policy = |document: &Arc<Document>, is: &dyn Fn(&Element) -> bool| {
        let root = document.root();
        let mut all = root.descendants();
        all.find(|e| is_policy(e, "Policy") && is(e))
    };
    let by_id = |e: &Element| e.attribute_in(WSU, "Id") == Some(id);
    let by_name = |e: &Element| e.attribute("Name") == Some(uri);
    let here = |document: &&&Arc<Document>| Some(&document.path) == path.as_ref();
    let found = documents
        .iter()
        .find(here)
        .and_then(|document| policy(document, &by_id));
    let found = found.or_else(|| {
        documents
            .iter()
            .find_map(|document| policy(document, &by_name))
    });
    found.ok_or_else(|| {
        Diagnostic::at(user.place(), format!("no policy `{uri}`")).help(
            "the policy's document must be imported by the WSDL, and the policy carry that wsu:Id; as it is, a role that has to meet it does not start",
        )
    })
}
