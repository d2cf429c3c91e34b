//! The prefixes of what is written: each is declared once, where it is first used, and stands for one namespace at a time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::escape::push_declaration;
use super::writer::Writer;
use super::{Namespace, Rule, Scope, XML_NAMESPACE};

/// A namespace declaration and the depth of the element it stands on.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) prefix: PrefixText,
    pub(super) uri: UriText,
    pub(super) depth: usize,
}

type PrefixText = Cow<'static, str>;
type UriText = Cow<'static, str>;

/// As many declarations are looked through; where there are more, they are looked up.
const FEW: usize = 32;

/// The places of all declarations in the writer's scope, outermost first: by prefix, and by namespace for those with a prefix.
/// Empty as long as they are few.
#[derive(Debug, Default)]
pub(super) struct Index {
    prefixes: BTreeMap<PrefixText, Vec<usize>>,
    uris: BTreeMap<UriText, Vec<usize>>,
}

impl Index {
    fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }

    fn add(&mut self, place: usize, declared: &Declared) {
        let Declared { prefix, uri, .. } = declared;
        self.prefixes.entry(prefix.clone()).or_default().push(place);
        if !prefix.is_empty() {
            self.uris.entry(uri.clone()).or_default().push(place);
        }
    }

    /// Takes out the declaration that was added last.
    fn remove(&mut self, declared: &Declared) {
        let Declared { prefix, uri, .. } = declared;
        remove_last(&mut self.prefixes, prefix);
        if !prefix.is_empty() {
            remove_last(&mut self.uris, uri);
        }
    }
}

fn remove_last(places: &mut BTreeMap<Cow<'static, str>, Vec<usize>>, key: &str) {
    if let Some(held) = places.get_mut(key) {
        held.pop();
        if held.is_empty() {
            places.remove(key);
        }
    }
}

impl Writer {
    /// Declares a namespace on the open tag unless its prefix already stands for it. Most names are in the namespace that was
    /// last found in scope.
    #[inline]
    pub(super) fn declare(&mut self, namespace: Namespace) {
        let (prefix, uri) = (namespace.prefix(), namespace.uri());
        let current = |held: Namespace| same(held.prefix(), prefix) && same(held.uri(), uri);
        if !self.current.is_some_and(current) {
            self.change_to(namespace);
        }
    }

    #[inline(never)]
    fn change_to(&mut self, namespace: Namespace) {
        let (prefix, uri) = (namespace.prefix(), namespace.uri());
        if self.stands_for(prefix) != uri {
            self.declare_as(prefix.into(), uri.into());
        }
        self.current = Some(namespace);
    }

    /// What the prefixes stand for where the writer is.
    pub(super) fn scope(&self) -> Scope<'_> {
        let mut scope = Scope::new();
        let declared: Vec<_> = self.in_scope().collect();
        for Declared { prefix, uri, .. } in declared.into_iter().rev() {
            scope.declare(prefix, Cow::Borrowed(uri));
        }
        scope
    }

    /// What a prefix stands for; the empty text if it is not declared.
    pub(super) fn stands_for(&self, prefix: &str) -> &str {
        let declared = if self.index.is_empty() {
            self.in_scope()
                .find(|declared| same(&declared.prefix, prefix))
        } else {
            self.indexed(&self.index.prefixes, prefix).next()
        };
        match declared {
            Some(declared) => &declared.uri,
            None if prefix == "xml" => XML_NAMESPACE,
            None => "",
        }
    }

    /// A prefix that stands for `uri` here, and is not the empty one.
    pub(super) fn prefix_of(&self, uri: &str) -> Option<PrefixText> {
        let holds = |declared: &&Declared| {
            declared.uri == uri
                && !declared.prefix.is_empty()
                && self.stands_for(&declared.prefix) == uri
        };
        let found = if self.index.is_empty() {
            self.in_scope().find(holds)
        } else {
            self.indexed(&self.index.uris, uri).find(holds)
        };
        found.map(|declared| declared.prefix.clone())
    }

    /// A prefix that stands for nothing here: `wished` if it can, else with a number behind it that no other has had.
    pub(super) fn invent(&mut self, wished: &str) -> String {
        let mut prefix = wished.to_owned();
        while prefix == "xmlns" || !self.stands_for(&prefix).is_empty() {
            self.invented += 1;
            prefix = format!("{wished}{}", self.invented);
        }
        prefix
    }

    /// Declares a namespace on the open tag, which ends here.
    pub(super) fn declare_as(&mut self, prefix: PrefixText, uri: UriText) {
        let carried = push_declaration(&mut self.out, &prefix, &uri);
        self.declared(prefix, uri, carried);
    }

    /// Declares a namespace on the open tag, before the value that is being written.
    pub(super) fn declare_late(&mut self, prefix: PrefixText, uri: UriText) {
        let carried = push_declaration(&mut self.late, &prefix, &uri);
        self.declared(prefix, uri, carried);
    }

    /// Puts the declarations of a value where they belong, all at once, for they move what has been written of it.
    #[inline]
    pub(super) fn insert_late(&mut self, at: usize) {
        if !self.late.is_empty() {
            self.out.insert_str(at, &self.late);
            self.late.clear();
        }
    }

    fn declared(&mut self, prefix: PrefixText, uri: UriText, carried: bool) {
        self.note(Declared {
            prefix,
            uri,
            depth: self.depth,
        });
        if !carried {
            self.fail(Rule::CHARACTER, None);
        }
    }

    /// The declarations that hold here, the innermost first.
    fn in_scope(&self) -> impl Iterator<Item = &Declared> {
        self.scope.iter().skip(self.hidden).rev()
    }

    /// Those of them that `places` has for `key`.
    fn indexed<'a>(
        &'a self,
        places: &'a BTreeMap<Cow<'static, str>, Vec<usize>>,
        key: &str,
    ) -> impl Iterator<Item = &'a Declared> {
        let places = places.get(key).into_iter().flatten().rev();
        places
            .take_while(|place| **place >= self.hidden)
            .map(|place| &self.scope[*place])
    }

    /// Notes what the innermost element declares.
    pub(super) fn note(&mut self, declared: Declared) {
        self.current = None;
        self.scope.push(declared);
        if self.scope.len() > FEW {
            let first = if self.index.is_empty() {
                0
            } else {
                self.scope.len() - 1
            };
            for (place, declared) in self.scope.iter().enumerate().skip(first) {
                self.index.add(place, declared);
            }
        }
    }

    /// Forgets what was noted last.
    pub(super) fn forget(&mut self) {
        self.current = None;
        if let Some(declared) = self.scope.pop()
            && !self.index.is_empty()
        {
            self.index.remove(&declared);
        }
    }
}

/// Equality; constants are most often the same in place.
#[inline]
fn same(left: &str, right: &str) -> bool {
    std::ptr::eq(left, right) || left == right
}
