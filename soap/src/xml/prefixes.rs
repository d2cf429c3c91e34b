//! The prefixes of what is written: each is declared once, where it is first used, and stands for one namespace at a time.

use std::borrow::Cow;

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

impl Writer {
    /// Declares a namespace on the open tag unless its prefix already stands for it.
    pub(super) fn declare(&mut self, namespace: Namespace) {
        let (prefix, uri) = (namespace.prefix(), namespace.uri());
        let current = |held: Namespace| same(held.prefix(), prefix) && same(held.uri(), uri);
        if self.current.is_some_and(current) {
            return;
        }
        if self.stands_for(prefix) != uri {
            let at = self.out.len();
            self.declare_at(at, prefix.into(), uri.into());
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
        match self
            .in_scope()
            .find(|declared| same(&declared.prefix, prefix))
        {
            Some(declared) => &declared.uri,
            None if prefix == "xml" => XML_NAMESPACE,
            None => "",
        }
    }

    pub(super) fn declare_at(&mut self, at: usize, prefix: PrefixText, uri: UriText) {
        let carried = if at == self.out.len() {
            push_declaration(&mut self.out, &prefix, &uri)
        } else {
            let after = self.out.split_off(at);
            let carried = push_declaration(&mut self.out, &prefix, &uri);
            self.out.push_str(&after);
            carried
        };
        self.note(Declared {
            prefix,
            uri,
            depth: self.depth,
        });
        if !carried {
            self.fail(Rule::CHARACTER, None);
        }
    }
}

/// Equality; constants are most often the same in place.
#[inline]
fn same(left: &str, right: &str) -> bool {
    std::ptr::eq(left, right) || left == right
}
