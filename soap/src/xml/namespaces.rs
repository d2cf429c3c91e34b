//! Namespace declarations in start tags, and what they make of the names of attributes (Namespaces in XML 1.0).

use std::borrow::Cow;

use super::attributes::RawAttribute;
use super::name::{XML_NAMESPACE, XMLNS_NAMESPACE};
use super::reader::{Reader, Refused};
use super::scope::same;
use super::{Reason, Rule};

/// As many attributes of one tag are compared each with each.
const FEW: usize = 8;

impl<'a> Reader<'a> {
    /// Namespaces in XML 1.0, sections 2.2 and 3.
    pub(super) fn declare(
        &mut self,
        name: &'a str,
        prefix: &'a str,
        uri: Cow<'a, str>,
        offset: usize,
        scope: usize,
    ) -> Result<(), Refused> {
        let reserved = (prefix == "xml") != (uri == XML_NAMESPACE)
            || prefix == "xmlns"
            || uri == XMLNS_NAMESPACE;
        if reserved {
            return Err(self.refuse_tag(name, offset, Rule::malformed(Reason::ReservedPrefix)));
        }
        if uri.is_empty() && !prefix.is_empty() {
            return Err(self.refuse_tag(name, offset, Rule::malformed(Reason::PrefixAsNone)));
        }
        if self.scope.declares_again(scope, prefix) {
            return Err(self.refuse_tag(name, offset, Rule::malformed(Reason::PrefixTwice)));
        }
        if self.scope.declared() >= self.limits.namespaces {
            let rule = Rule::limit(Reason::Namespaces, self.limits.namespaces);
            return Err(self.refuse_tag(name, offset, rule));
        }
        self.scope.declare(prefix, uri);
        Ok(())
    }

    /// Gives attributes their namespaces and refuses two of one expanded name.
    pub(super) fn resolve_attributes(&mut self) -> Result<(), Refused> {
        for index in 0..self.attributes.len() {
            let RawAttribute {
                prefix,
                local,
                offset,
                ..
            } = self.attributes[index];
            if !prefix.is_empty() {
                let Some(namespace) = self.scope.find(prefix) else {
                    let rule = Rule::malformed(Reason::UndeclaredPrefix);
                    return Err(self.refuse_tag(local, offset, rule));
                };
                self.attributes[index].namespace = namespace;
            }
        }
        if self.attributes.len() < 2 {
            return Ok(());
        }
        let expanded =
            |attribute: &RawAttribute<'a>| (attribute.local, self.scope.uri(attribute.namespace));
        // A few are compared each with each.
        let repeats = |index: usize| {
            let (one, before) = (&self.attributes[index], &self.attributes[..index]);
            before.iter().any(|other| {
                same(other.local, one.local)
                    && same(
                        self.scope.uri(other.namespace),
                        self.scope.uri(one.namespace),
                    )
            })
        };
        let count = self.attributes.len();
        if count <= FEW && !(1..count).any(repeats) {
            return Ok(());
        }
        // Sorting keeps many attributes cheap; the order of `attributes` itself stays as written.
        let mut order: Vec<usize> = (0..self.attributes.len()).collect();
        order.sort_unstable_by_key(|index| (expanded(&self.attributes[*index]), *index));
        let twice = order
            .windows(2)
            .find(|pair| expanded(&self.attributes[pair[0]]) == expanded(&self.attributes[pair[1]]))
            .map(|pair| &self.attributes[pair[1]])
            .map(|raw| (raw.local, raw.offset));
        twice.map_or(Ok(()), |(local, offset)| {
            let rule = Rule::malformed(Reason::AttributeTwice);
            Err(self.refuse_tag(local, offset, rule))
        })
    }
}
