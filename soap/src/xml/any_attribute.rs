//! Attributes that a wildcard lets in.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use super::attributes::is_schema_instance;
use super::escape::{Place, push_escaped};
use super::name::{XML_NAMESPACE, XMLNS_NAMESPACE, XSI_NAMESPACE, is_ncname};
use super::reader::{Reader, Refused};
use super::{Rule, Wildcard, WildcardNamespaces, Writer};

/// One attribute that the contract does not declare: its expanded name and its value.
///
/// `Debug` shows the name alone, for the value may be anything. The prefixes of a QName in the value are not kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyAttribute {
    namespace: String,
    local: String,
    value: String,
}

impl AnyAttribute {
    /// The attribute `local` in `namespace`, which is empty for none.
    ///
    /// # Errors
    /// `local` is no NCName, or the attribute would be a namespace declaration.
    pub fn new(
        namespace: impl Into<String>,
        local: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, Rule> {
        let (namespace, local, value) = (namespace.into(), local.into(), value.into());
        let declares = namespace == XMLNS_NAMESPACE || (namespace.is_empty() && local == "xmlns");
        if declares || !is_ncname(&local) {
            return Err(Rule::lexical("xs:QName"));
        }
        Ok(Self {
            namespace,
            local,
            value,
        })
    }

    /// One that a reader has looked at.
    pub(super) fn taken(namespace: &str, local: &str, value: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            local: local.to_owned(),
            value: value.to_owned(),
        }
    }

    /// The namespace name; empty for none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The local part of the name.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The value.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for AnyAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyAttribute({{{}}}{})", self.namespace, self.local)
    }
}

impl Reader<'_> {
    /// Keeps the attributes that are left and that `wildcard` lets in. Call it after the declared ones and before any content.
    ///
    /// # Errors
    /// One is not as the wildcard wants it, the reader has stopped, or what is kept is too much.
    pub fn any_attributes(&mut self, wildcard: Wildcard) -> Result<Vec<AnyAttribute>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        let admitted = |namespace: &str| wildcard.admits(namespace);
        let assessed = self.assess_attributes(admitted, wildcard.process);
        let taken = self.take_attributes(admitted);
        self.charge(taken.iter().map(|one| one.namespace.len()).sum())?;
        assessed.map(|()| taken)
    }
}

impl Writer {
    /// Writes attributes that the contract does not declare; one in another namespace cannot be written, nor one of the four that
    /// XML Schema itself gives meaning to. Call it after the declared ones and before any content.
    pub fn any_attributes(&mut self, namespaces: WildcardNamespaces, attributes: &[AnyAttribute]) {
        let refused = attributes
            .iter()
            .find(|attribute| !namespaces.admit(&attribute.namespace));
        if let Some(AnyAttribute { local, .. }) = refused {
            self.fail_attribute(Rule::UNDECLARED_ATTRIBUTE, local);
        }
        self.attributes_as_given(attributes);
    }

    /// The same, whatever their namespaces.
    pub(super) fn attributes_as_given(&mut self, attributes: &[AnyAttribute]) {
        if attributes.is_empty() {
            return;
        }
        self.note_open_content();
        let mut taken = self.open_tag_attributes();
        for attribute in attributes {
            let AnyAttribute {
                namespace, local, ..
            } = attribute;
            let name = (Cow::from(namespace), Cow::from(local));
            let is_own = is_schema_instance(namespace, local);
            if is_own || !self.in_tag() || !taken.insert(name) {
                self.fail_attribute(Rule::UNDECLARED_ATTRIBUTE, &attribute.local);
                return;
            }
            self.any_attribute(attribute);
        }
    }

    fn any_attribute(&mut self, attribute: &AnyAttribute) {
        let AnyAttribute {
            namespace,
            local,
            value,
        } = attribute;
        let prefix = self.attribute_prefix(namespace);
        self.out.push(' ');
        if !prefix.is_empty() {
            self.out.push_str(&prefix);
            self.out.push(':');
        }
        self.out.push_str(local);
        self.out.push_str("=\"");
        if !push_escaped(&mut self.out, value, Place::Attribute) {
            self.fail_attribute(Rule::CHARACTER, local);
        }
        self.out.push('"');
    }

    /// A prefix that stands for `uri` on the open tag; empty for no namespace. The default namespace is not that of attributes.
    fn attribute_prefix(&mut self, uri: &str) -> String {
        if uri.is_empty() || uri == XML_NAMESPACE {
            return if uri.is_empty() { "" } else { "xml" }.to_owned();
        }
        if let Some(prefix) = self.prefix_of(uri) {
            return prefix.into_owned();
        }
        let prefix = self.invent(if uri == XSI_NAMESPACE { "xsi" } else { "q" });
        self.declare_as(prefix.clone().into(), uri.to_owned().into());
        prefix
    }

    /// The expanded names of the attributes on the open tag, declarations left out.
    fn open_tag_attributes<'a>(&self) -> BTreeSet<(Cow<'a, str>, Cow<'a, str>)> {
        let attributes = self.open_tag_names().skip(1).filter_map(|name| {
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            if prefix == "xmlns" || name == "xmlns" {
                return None;
            }
            let uri = if prefix.is_empty() {
                ""
            } else {
                self.stands_for(prefix)
            };
            Some((Cow::Owned(uri.to_owned()), Cow::Owned(local.to_owned())))
        });
        attributes.collect()
    }

    /// The names on the open tag as they are written: the element's, then those of the attributes, declarations among them.
    pub(super) fn open_tag_names(&self) -> impl Iterator<Item = &str> {
        let tag = self.out.rfind('<').map_or("", |at| &self.out[at + 1..]);
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        // The writer quotes with `"` alone and escapes it in values.
        std::iter::once(name).chain(std::iter::from_fn(move || {
            let (name, value) = rest.split_once("=\"")?;
            rest = value.split_once('"').map_or("", |(_, rest)| rest);
            Some(name.trim_start())
        }))
    }
}
