//! Start tags: their namespace declarations and attributes (XML 1.0, section 3.1; Namespaces in XML 1.0).

use std::borrow::Cow;

use super::escape::{holds_any, resolve_reference};
use super::locate::Beyond;
use super::name::{Preset, XSI_NAMESPACE, is_ncname};
use super::plain::{Span, TagName};
use super::reader::{Reader, Refused, Tag};
use super::scope::{BindingId, same};
use super::text::{check_fixed, process};
use super::{AnyAttribute, Attribute, Name, Reason, Rule, Scope};
use crate::value::Value;

/// An attribute that is no namespace declaration.
#[derive(Clone, Debug)]
pub(super) struct RawAttribute<'a> {
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    pub(super) namespace: BindingId,
    /// With references resolved and white space normalised (XML 1.0, section 3.3.3).
    pub(super) value: Cow<'a, str>,
    pub(super) offset: usize,
    pub(super) used: bool,
    /// No violation if it is left over.
    spare: bool,
}

impl RawAttribute<'_> {
    /// Whether no one has read it and `wanted` wants it, by namespace; those of XML Schema itself are none such.
    pub(super) fn is_left(&self, scope: &Scope<'_>, wanted: impl Fn(&str) -> bool) -> bool {
        let namespace = scope.uri(self.namespace);
        !self.used && !is_schema_instance(namespace, self.local) && wanted(namespace)
    }
}

/// Whether it is one of the four attributes that XML Schema itself gives meaning to (Part 1, section 2.6).
pub(super) fn is_schema_instance(namespace: &str, local: &str) -> bool {
    namespace == XSI_NAMESPACE
        && matches!(
            local,
            "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation"
        )
}

impl<'a> Reader<'a> {
    /// Takes in the start tag from `start` to `end`, which is where its `>` or `/>` begins. `spans` are all its attributes, if
    /// they have been found already.
    pub(super) fn start_tag(
        &mut self,
        start: usize,
        end: usize,
        name: TagName,
        empty: bool,
        spans: &[Span],
    ) -> Result<(), Refused> {
        let TagName { length, local } = name;
        let name_start = start + 1;
        let raw = &self.message[name_start..name_start + length];
        if self.open.len() >= self.limits.depth {
            let rule = Rule::limit(Reason::Depth, self.limits.depth);
            return Err(self.fatal_in_tag(start, Beyond::Nothing, rule));
        }
        if length > self.limits.name_length {
            let rule = Rule::limit(Reason::NameLength, self.limits.name_length);
            return Err(self.fatal_in_tag(start, Beyond::Nothing, rule));
        }
        let scope = self.scope.mark();
        if !spans.is_empty() {
            self.take_spans(spans)?;
        } else if name_start + length < end {
            self.read_attributes(name_start + length, end)?;
        }
        // The local part is checked where it is compared; an empty prefix before a colon is never declared.
        let prefix = if local == 0 {
            Some("")
        } else {
            Some(&raw[..local - 1]).filter(|prefix| !prefix.is_empty())
        };
        let Some(namespace) = prefix.and_then(|prefix| self.scope.find(prefix)) else {
            let what = if is_ncname(&raw[..local.saturating_sub(1)]) {
                Reason::UndeclaredPrefix
            } else {
                Reason::NoName
            };
            return Err(self.fatal_in_tag(start, Beyond::Nothing, Rule::malformed(what)));
        };
        self.tag = Tag {
            raw,
            local,
            namespace,
            scope,
            empty,
            plain: false,
            good: false,
        };
        Ok(())
    }

    fn take_spans(&mut self, spans: &[Span]) -> Result<(), Refused> {
        let (message, scope) = (self.message, self.scope.mark());
        for span in spans {
            let name = &message[span.start..span.name_end];
            let (prefix, local) = name.split_at(span.local - span.start);
            let prefix = &prefix[..prefix.len().saturating_sub(1)];
            let value = &message[span.name_end + 2..span.value_end];
            self.take_named(
                name,
                (prefix, local),
                Cow::Borrowed(value),
                span.start,
                scope,
            )?;
        }
        match &self.attributes[..] {
            // Most tags have one, in no namespace.
            [only] if only.prefix.is_empty() => Ok(()),
            _ => self.resolve_attributes(),
        }
    }

    fn read_attributes(&mut self, start: usize, end: usize) -> Result<(), Refused> {
        let scope = self.scope.mark();
        let mut at = start;
        loop {
            let name_start = skip_white(self.message, at, end);
            if name_start == end {
                break;
            }
            if name_start == at {
                let rule = Rule::malformed(Reason::UnpartedAttributes);
                return Err(self.fatal_in_tag(at, Beyond::Nothing, rule));
            }
            at = self.read_attribute(name_start, end, scope)?;
        }
        self.resolve_attributes()
    }

    /// Reads `name = "value"` and returns where it ends.
    fn read_attribute(&mut self, start: usize, end: usize, scope: usize) -> Result<usize, Refused> {
        const FAULTY: Rule = Rule::malformed(Reason::FaultyAttribute);
        let message = self.message;
        let octets = &message.as_bytes()[..end];
        let length = octets[start..]
            .iter()
            .position(|byte| (*byte == b'=') | (*byte <= b' '));
        let name_end = length.map_or(end, |length| start + length);
        let name = &message[start..name_end];
        let equals = skip_white(message, name_end, end);
        if octets.get(equals) != Some(&b'=') {
            return Err(self.refuse_tag(name, start, FAULTY));
        }
        let quote_at = skip_white(message, equals + 1, end);
        let Some(&quote @ (b'"' | b'\'')) = octets.get(quote_at) else {
            return Err(self.refuse_tag(name, start, FAULTY));
        };
        let value_start = quote_at + 1;
        let Some(length) = memchr::memchr(quote, &octets[value_start..]) else {
            return Err(self.refuse_tag(name, start, FAULTY));
        };
        let value_end = value_start + length;
        if name.len() > self.limits.name_length {
            let rule = Rule::limit(Reason::NameLength, self.limits.name_length);
            return Err(self.refuse_tag(name, start, rule));
        }
        let value = self.attribute_value(name, value_start, value_end)?;
        if value.len() > self.limits.text_length {
            let rule = Rule::limit(Reason::TextLength, self.limits.text_length);
            return Err(self.refuse_tag(name, start, rule));
        }
        self.take_attribute(name, value, start, scope)?;
        Ok(value_end + 1)
    }

    /// Records what is wrong with the attribute `name`, as it is written, of the tag that is being taken in.
    #[cold]
    pub(super) fn refuse_tag(&mut self, name: &'a str, offset: usize, rule: Rule) -> Refused {
        let shown = match name.split_once(':') {
            Some((prefix, local)) if prefix != "xmlns" => local,
            _ => name,
        };
        self.fatal_in_tag(offset, Beyond::Attribute(shown), rule)
    }

    /// Resolves references and makes each white space character a space (XML 1.0, section 3.3.3).
    fn attribute_value(
        &mut self,
        name: &'a str,
        start: usize,
        end: usize,
    ) -> Result<Cow<'a, str>, Refused> {
        let raw = &self.message[start..end];
        if !holds_any(raw.as_bytes(), is_special_in_value) {
            return Ok(Cow::Borrowed(raw));
        }
        let mut value = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.bytes().position(is_special_in_value) {
            value.push_str(&rest[..at]);
            let offset = end - rest.len() + at;
            match rest.as_bytes()[at] {
                b'<' => {
                    let rule = Rule::malformed(Reason::LessThanInAttribute);
                    return Err(self.refuse_tag(name, offset, rule));
                }
                b'&' => {
                    let Some((reference, after)) = rest[at + 1..].split_once(';') else {
                        let rule = Rule::malformed(Reason::StrayAmpersand);
                        return Err(self.refuse_tag(name, offset, rule));
                    };
                    let character = resolve_reference(reference)
                        .map_err(|what| self.refuse_tag(name, offset, Rule::malformed(what)))?;
                    value.push(character);
                    rest = after;
                }
                b'\r' if rest[at..].starts_with("\r\n") => {
                    value.push(' ');
                    rest = &rest[at + 2..];
                }
                _ => {
                    value.push(' ');
                    rest = &rest[at + 1..];
                }
            }
        }
        value.push_str(rest);
        Ok(Cow::Owned(value))
    }

    fn take_attribute(
        &mut self,
        name: &'a str,
        value: Cow<'a, str>,
        offset: usize,
        scope: usize,
    ) -> Result<(), Refused> {
        let (prefix, local) = match name.bytes().position(|octet| octet == b':') {
            Some(colon) => (&name[..colon], &name[colon + 1..]),
            None => ("", name),
        };
        if local.len() < name.len() && !is_ncname(prefix) || !is_ncname(local) {
            return Err(self.refuse_tag(name, offset, Rule::malformed(Reason::NoName)));
        }
        self.take_named(name, (prefix, local), value, offset, scope)
    }

    /// Takes an attribute, or a namespace declaration, whose name is one.
    // Of its two callers one is called for each attribute of most messages.
    #[inline(always)]
    fn take_named(
        &mut self,
        name: &'a str,
        (prefix, local): (&'a str, &'a str),
        value: Cow<'a, str>,
        offset: usize,
        scope: usize,
    ) -> Result<(), Refused> {
        if prefix == "xmlns" {
            return self.declare(name, local, value, offset, scope);
        }
        if prefix.is_empty() && local == "xmlns" {
            return self.declare(name, "", value, offset, scope);
        }
        if self.attributes.len() >= self.limits.attributes {
            let rule = Rule::limit(Reason::Attributes, self.limits.attributes);
            return Err(self.refuse_tag(name, offset, rule));
        }
        self.attributes.push(RawAttribute {
            prefix,
            local,
            namespace: BindingId::NONE,
            value,
            offset,
            used: false,
            spare: false,
        });
        Ok(())
    }

    /// Reads an attribute that must be there, unless it has a default or fixed value. Call it before any content.
    ///
    /// # Errors
    /// It is missing, or its value is refused.
    pub fn attribute<T: Value>(&mut self, attribute: Attribute) -> Result<T, Refused> {
        match self.optional_attribute(attribute)? {
            Some(value) => Ok(value),
            None => Err(self.record_attribute(
                self.open_start(),
                Rule::MISSING_ATTRIBUTE,
                attribute.name(),
            )),
        }
    }

    /// Reads an attribute that may be absent; a default or fixed value stands in for it. Call it before any content.
    ///
    /// # Errors
    /// Its value is refused.
    pub fn optional_attribute<T: Value>(
        &mut self,
        attribute: Attribute,
    ) -> Result<Option<T>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        let name = attribute.name();
        let Some(index) = self.find_attribute(name.namespace().uri(), name.local()) else {
            let Some(preset) = attribute.preset() else {
                return Ok(None);
            };
            return match T::parse(
                &process(Cow::Borrowed(preset.lexical()), T::WHITE_SPACE),
                Scope::OF_CONTRACT,
            ) {
                Ok(value) => Ok(Some(value)),
                Err(rule) => Err(self.record_attribute(self.open_start(), rule, name)),
            };
        };
        self.attributes[index].used = true;
        let raw = &self.attributes[index];
        let offset = raw.offset;
        let parsed = T::parse(
            &process(Cow::Borrowed(&*raw.value), T::WHITE_SPACE),
            &self.scope,
        )
        .and_then(|value| match attribute.preset() {
            Some(Preset::Fixed(fixed)) => check_fixed(value, fixed),
            _ => Ok(value),
        });
        parsed
            .map(Some)
            .map_err(|rule| self.record_attribute(offset, rule, name))
    }

    /// Takes an attribute of the runtime's own, such as xsi:nil or mustUnderstand, as text.
    pub(crate) fn take_raw_attribute(&mut self, uri: &str, local: &str) -> Option<Cow<'a, str>> {
        let index = self.find_attribute(uri, local)?;
        self.attributes[index].used = true;
        Some(self.attributes[index].value.clone())
    }

    /// As [`take_raw_attribute`](Self::take_raw_attribute), and leaves it to be read.
    pub(super) fn raw_attribute(&self, uri: &str, local: &str) -> Option<Cow<'a, str>> {
        let index = self.find_attribute(uri, local)?;
        Some(self.attributes[index].value.clone())
    }

    /// Records a value of an attribute of the runtime's own that is none.
    pub(crate) fn refuse_raw_attribute(&mut self, name: Name, rule: Rule) -> Refused {
        let (uri, local) = (name.namespace().uri(), name.local());
        let raw = self
            .attributes
            .iter()
            .find(|raw| raw.local == local && self.scope.uri(raw.namespace) == uri);
        let offset = raw.map_or_else(|| self.open_start(), |raw| raw.offset);
        self.record_attribute(offset, rule, name)
    }

    /// Lets go of attributes that may be anything.
    pub(crate) fn ignore_attributes(&mut self) {
        self.attributes.clear();
    }

    /// Lets whatever attributes are left over be there.
    pub(crate) fn spare_attributes(&mut self) {
        for raw in &mut self.attributes {
            raw.spare = true;
        }
    }

    /// Takes the attributes that are left and that `wanted` wants, by namespace.
    pub(super) fn take_attributes(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<AnyAttribute> {
        let mut taken = Vec::new();
        for raw in &mut self.attributes {
            if raw.is_left(&self.scope, &wanted) {
                raw.used = true;
                let namespace = self.scope.uri(raw.namespace);
                taken.push(AnyAttribute::taken(namespace, raw.local, &raw.value));
            }
        }
        taken
    }

    /// Takes all attributes of the tag that was looked at: prefix, local part, binding of the namespace, value, and where it
    /// begins.
    #[cfg(feature = "security")]
    pub(super) fn take_all_attributes(
        &mut self,
    ) -> impl Iterator<Item = (&'a str, &'a str, BindingId, Cow<'a, str>, usize)> {
        let taken = self.attributes.drain(..);
        taken.map(|raw| (raw.prefix, raw.local, raw.namespace, raw.value, raw.offset))
    }

    /// Calls `visit` with the expanded name and the value of each attribute of the tag that was looked at.
    pub(super) fn each_attribute(&self, mut visit: impl FnMut(&str, &str, &str)) {
        for raw in &self.attributes {
            visit(self.scope.uri(raw.namespace), raw.local, &raw.value);
        }
    }

    pub(super) fn find_attribute(&self, uri: &str, local: &str) -> Option<usize> {
        self.attributes.iter().position(|raw| {
            !raw.used && same(raw.local, local) && same(self.scope.uri(raw.namespace), uri)
        })
    }

    /// Content begins: what attributes are left were declared by no one.
    #[inline]
    pub(super) fn begin_content(&mut self) {
        if !self.attributes.is_empty() && self.next != super::reader::Next::Start {
            self.refuse_unused();
        }
    }

    #[cold]
    fn refuse_unused(&mut self) {
        for raw in std::mem::take(&mut self.attributes) {
            if !raw.used && !raw.spare {
                self.refuse_undeclared(&raw);
            }
        }
    }

    fn refuse_undeclared(&mut self, raw: &RawAttribute<'a>) {
        let rule = match (self.scope.uri(raw.namespace), raw.local) {
            (XSI_NAMESPACE, "schemaLocation" | "noNamespaceSchemaLocation") => return,
            (XSI_NAMESPACE, "nil") => Rule::NOT_NILLABLE,
            (XSI_NAMESPACE, "type") => Rule::XSI_TYPE,
            _ => Rule::UNDECLARED_ATTRIBUTE,
        };
        let beyond = Beyond::Attribute(raw.local);
        let (element, item) = (self.open_element(), self.open_name());
        if rule == Rule::NOT_NILLABLE && is_true(&raw.value) {
            self.nil_refused = element;
        }
        self.record(raw.offset, element, beyond, rule, item);
    }

    fn record_attribute(&mut self, offset: usize, rule: Rule, name: Name) -> Refused {
        let element = self.open_element();
        // Of which type an element is, is said of the element.
        let item = if rule == Rule::XSI_TYPE {
            self.open_name()
        } else {
            Some(name.into())
        };
        self.record(offset, element, Beyond::Attribute(name.local()), rule, item)
    }

    /// Where the innermost open element begins.
    pub(crate) fn open_start(&self) -> usize {
        self.open.last().map_or(0, |open| open.start)
    }
}

/// Whether an octet in quotes does not stand for itself. No other octets are as low as white space, for a message that holds
/// other control characters is not taken in.
pub(super) const fn is_special_in_value(octet: u8) -> bool {
    (octet < b' ') | (octet == b'&') | (octet == b'<')
}

/// Whether an `xs:boolean` is true.
pub(super) fn is_true(lexical: &str) -> bool {
    matches!(lexical.trim_matches([' ', '\t', '\n', '\r']), "true" | "1")
}

fn skip_white(message: &str, from: usize, end: usize) -> usize {
    let octets = &message.as_bytes()[from..end];
    octets
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .map_or(end, |length| from + length)
}
