//! Wildcards: where a contract lets elements and attributes stand that it does not declare.

use std::ops::RangeBounds;

use super::reader::{Next, Reader, Refused};
use super::record::Pending;
use super::{AnyElement, Rule, Writer};

/// `xs:any` or `xs:anyAttribute` (XML Schema Part 1, section 3.10).
///
/// ```
/// use soap::{ProcessContents, Wildcard, WildcardNamespaces};
/// const OTHERS: Wildcard = Wildcard::new(WildcardNamespaces::Other("urn:example"), ProcessContents::Lax);
/// assert!(OTHERS.admits("urn:elsewhere") && !OTHERS.admits("urn:example") && !OTHERS.admits(""));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// The namespaces that it lets in.
    pub namespaces: WildcardNamespaces,
    /// What the contract wants checked of what is let in.
    pub process: ProcessContents,
}

/// The namespaces that a wildcard lets in (XML Schema Part 1, section 3.10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WildcardNamespaces {
    /// `##any`: all, and none at all.
    Any,
    /// `##other`: some namespace that is not this one.
    Other(&'static str),
    /// These; the empty text is no namespace.
    List(&'static [&'static str]),
}

/// What a wildcard wants checked, by the [`Declarations`](super::Declarations) of the [`Root`](super::Root) that is read. What
/// it lets in is kept as it came; where a root has no declarations, all that is asked of it is that it is well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessContents {
    /// Nothing but that it is well-formed.
    Skip,
    /// What is declared, or names a type that is, must be valid: the element itself, or else what is in it and on it.
    Lax,
    /// It must be declared, or name a type that is, and be valid.
    Strict,
}

impl Wildcard {
    /// A wildcard.
    pub const fn new(namespaces: WildcardNamespaces, process: ProcessContents) -> Self {
        Self {
            namespaces,
            process,
        }
    }

    /// Whether it lets in what is in `namespace`, which is empty for none (XML Schema Part 1, section 3.10.4).
    pub fn admits(self, namespace: &str) -> bool {
        self.namespaces.admit(namespace)
    }
}

impl WildcardNamespaces {
    /// Whether `namespace` is one of them.
    pub(super) fn admit(self, namespace: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Other(own) => !namespace.is_empty() && namespace != own,
            Self::List(namespaces) => namespaces.contains(&namespace),
        }
    }
}

impl Reader<'_> {
    /// Whether the next child is one that `wildcard` lets in.
    pub fn at_wildcard(&mut self, wildcard: Wildcard) -> bool {
        self.peek().is_ok()
            && self.next == Next::Start
            && wildcard.admits(self.scope.uri(self.tag.namespace))
    }

    /// Keeps a child that must be there, whatever it is called.
    ///
    /// # Errors
    /// There is none that `wildcard` lets in, or it is not as the wildcard wants it.
    pub fn any(&mut self, wildcard: Wildcard) -> Result<AnyElement, Refused> {
        if self.at_wildcard(wildcard) {
            self.keep_element(wildcard.process)
        } else {
            Err(self.expected_any(Some(wildcard)))
        }
    }

    /// Keeps a child if there is one that `wildcard` lets in.
    ///
    /// # Errors
    /// It is not as the wildcard wants it.
    pub fn optional_any(&mut self, wildcard: Wildcard) -> Result<Option<AnyElement>, Refused> {
        if self.at_wildcard(wildcard) {
            self.keep_element(wildcard.process).map(Some)
        } else {
            self.absent()
        }
    }

    /// Keeps as many children in a row as `wildcard` lets in.
    ///
    /// # Errors
    /// They are fewer or more than `occurs` allows, or one is not as the wildcard wants it.
    pub fn repeated_any(
        &mut self,
        wildcard: Wildcard,
        occurs: impl RangeBounds<usize>,
    ) -> Result<Vec<AnyElement>, Refused> {
        let first = |reader: &mut Self| reader.at_wildcard(wildcard);
        let keep = |reader: &mut Self| reader.keep_element(wildcard.process);
        self.many_when(first, (&[], Some(wildcard)), occurs, keep)
    }

    /// Records that a wildcard should find something here, and does not.
    pub(super) fn expected_any(&mut self, wildcard: Option<Wildcard>) -> Refused {
        if !self.fatal {
            self.pending.push(Pending {
                rule: Rule::missing_any(wildcard.map(|wildcard| wildcard.namespaces)),
                item: None,
            });
        }
        Refused::RECORDED
    }
}

impl Writer {
    /// Writes an element that was kept whole; one in another namespace cannot be written.
    pub fn any(&mut self, namespaces: WildcardNamespaces, element: &AnyElement) {
        let (namespace, local) = element.name();
        if !namespaces.admit(namespace) {
            self.fail(Rule::undeclared_element(), Some(local));
        }
        element.write_into(self);
    }

    /// Writes an element that was kept whole, if there is one; one in another namespace cannot be written.
    pub fn optional_any(&mut self, namespaces: WildcardNamespaces, element: Option<&AnyElement>) {
        if let Some(element) = element {
            self.any(namespaces, element);
        }
    }

    /// Writes elements that were kept whole; fewer or more than `occurs` allows cannot be written, nor one in
    /// another namespace.
    pub fn repeated_any(
        &mut self,
        namespaces: WildcardNamespaces,
        occurs: impl RangeBounds<usize>,
        elements: &[AnyElement],
    ) {
        self.check_count(occurs, elements.len(), "*");
        for element in elements {
            self.any(namespaces, element);
        }
    }
}
