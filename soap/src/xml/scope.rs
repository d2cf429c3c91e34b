//! The namespace declarations in scope, as slices of the message.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::XML_NAMESPACE;

/// The prefixes in scope where a value stands: what a QName is resolved against.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    bindings: Vec<Binding<'a>>,
    /// The limit on items of one list.
    most_items: usize,
    /// Whether values are a contract's own, in which names are written out.
    written_out: bool,
    /// The prefixes that one tag declares, where they are many.
    many: BTreeSet<&'a str>,
}

/// As many declarations of one tag are compared each with each; what is more is looked up.
const FEW: usize = 32;

#[derive(Clone, Debug)]
struct Binding<'a> {
    prefix: &'a str,
    uri: Cow<'a, str>,
    /// The string of a contract that the URI was last found equal to.
    known: Option<&'static str>,
}

/// Where a binding stands in its scope; a namespace for as long as its element is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BindingId(usize);

impl BindingId {
    /// The binding that every scope begins with: the empty prefix, no namespace.
    pub(crate) const NONE: Self = Self(0);

    #[cfg(feature = "security")]
    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

/// Bindings that stand in every scope: no namespace, and `xml`.
const PREDECLARED: usize = 2;

impl Scope<'static> {
    /// Where the values stand that a contract gives: defaults, fixed values, codes. A name in them is `{namespace}local`, for
    /// the prefixes of its schema are not those of a message.
    pub(crate) const OF_CONTRACT: &'static Self = &Self {
        bindings: Vec::new(),
        most_items: usize::MAX,
        written_out: true,
        many: BTreeSet::new(),
    };
}

impl<'a> Scope<'a> {
    /// A scope in which only `xml` is declared.
    pub fn new() -> Self {
        Self::with_limit(0, usize::MAX)
    }

    pub(crate) fn with_limit(declarations: usize, most_items: usize) -> Self {
        let bindings = Vec::with_capacity(PREDECLARED + declarations);
        let mut scope = Self {
            bindings,
            most_items,
            written_out: false,
            many: BTreeSet::new(),
        };
        scope.declare("", Cow::Borrowed(""));
        scope.declare("xml", Cow::Borrowed(XML_NAMESPACE));
        scope
    }

    /// The namespace that `prefix` stands for; the empty prefix stands for the default namespace, which may be none (`""`).
    pub fn resolve(&self, prefix: &str) -> Option<&str> {
        self.find(prefix).map(|id| self.uri(id))
    }

    pub(crate) const fn is_written_out(&self) -> bool {
        self.written_out
    }

    pub(crate) const fn most_items(&self) -> usize {
        self.most_items
    }

    #[inline]
    pub(crate) fn find(&self, prefix: &str) -> Option<BindingId> {
        self.bindings
            .iter()
            .rposition(|binding| same(binding.prefix, prefix))
            .map(BindingId)
    }

    #[inline]
    pub(crate) fn uri(&self, id: BindingId) -> &str {
        &self.bindings[id.0].uri
    }

    /// What no prefix stands for; the contract's own string where it is known to be the same.
    pub(crate) fn default_namespace(&self) -> Cow<'static, str> {
        let held = self.find("").map(|id| &self.bindings[id.0]);
        match held {
            Some(Binding {
                known: Some(uri), ..
            }) => Cow::Borrowed(uri),
            Some(Binding { uri, .. }) => Cow::Owned(uri.clone().into_owned()),
            None => Cow::Borrowed(""),
        }
    }

    /// Whether `id` stands for `uri`. All names of a contract share the string, so that its octets are compared but once.
    #[inline]
    pub(crate) fn stands_for(&mut self, id: BindingId, uri: &'static str) -> bool {
        let binding = &mut self.bindings[id.0];
        if binding.known.is_some_and(|known| std::ptr::eq(known, uri)) {
            return true;
        }
        let same = same(&binding.uri, uri);
        if same {
            binding.known = Some(uri);
        }
        same
    }

    pub(crate) fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>) {
        self.bindings.push(Binding {
            prefix,
            uri,
            known: None,
        });
    }

    /// Declarations in scope, not counting what every scope begins with.
    pub(crate) fn declared(&self) -> usize {
        self.bindings.len() - PREDECLARED
    }

    /// How far the scope reaches now, for [`Scope::truncate`].
    #[inline]
    pub(crate) fn mark(&self) -> usize {
        self.bindings.len()
    }

    /// Whether `prefix` was declared since `mark`.
    pub(crate) fn declares(&self, mark: usize, prefix: &str) -> bool {
        self.bindings[mark..]
            .iter()
            .any(|binding| same(binding.prefix, prefix))
    }

    /// As [`declares`](Self::declares), for a prefix that the tag whose declarations begin at `mark` declares next.
    pub(crate) fn declares_again(&mut self, mark: usize, prefix: &'a str) -> bool {
        let own = self.bindings.len() - mark;
        if own < FEW {
            return self.declares(mark, prefix);
        }
        if own == FEW {
            self.many = self.prefixes_since(mark).into_iter().collect();
        }
        !self.many.insert(prefix)
    }

    /// The prefixes that were declared since `mark`.
    pub(crate) fn prefixes_since(&self, mark: usize) -> Vec<&'a str> {
        self.bindings[mark..]
            .iter()
            .map(|binding| binding.prefix)
            .collect()
    }

    /// What was declared since `mark`.
    #[cfg(feature = "security")]
    pub(crate) fn since(&self, mark: usize) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let declared = self.bindings[mark..].iter();
        declared.map(|binding| (binding.prefix, binding.uri.clone()))
    }

    #[inline]
    pub(crate) fn truncate(&mut self, mark: usize) {
        if mark < self.bindings.len() {
            self.bindings.truncate(mark);
        }
    }

    /// The declarations that hold before `mark`, innermost for each prefix, for an element that is copied elsewhere.
    pub(crate) fn effective(&self, mark: usize) -> impl Iterator<Item = (&str, &str)> {
        let held = &self.bindings[..mark];
        let innermost = |index: usize, prefix: &str| {
            held[index + 1..].iter().all(|later| later.prefix != prefix)
        };
        held.iter()
            .enumerate()
            .skip(PREDECLARED)
            .filter(move |(index, binding)| innermost(*index, binding.prefix))
            .map(|(_, binding)| (binding.prefix, &*binding.uri))
    }
}

/// Whether two texts are equal. Lengths differ most often; comparing octets is a call, which names are too short for. Of those
/// both ends are compared, which meet in the middle.
#[inline]
pub(crate) fn same(left: &str, right: &str) -> bool {
    same_octets(left.as_bytes(), right.as_bytes())
}

#[inline]
pub(crate) fn same_octets(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && match left.len() {
            0 => true,
            1 => left[0] == right[0],
            2..4 => ends::<2>(left) == ends::<2>(right),
            4..8 => ends::<4>(left) == ends::<4>(right),
            8..16 => ends::<8>(left) == ends::<8>(right),
            16..=32 => ends::<16>(left) == ends::<16>(right),
            _ => left == right,
        }
}

#[inline]
fn ends<const N: usize>(octets: &[u8]) -> (Option<&[u8; N]>, Option<&[u8; N]>) {
    (octets.first_chunk(), octets.last_chunk())
}

/// How two texts are ordered, as [`same`] tells whether they are equal.
#[cfg(feature = "security")]
pub(crate) fn order(left: &str, right: &str) -> std::cmp::Ordering {
    if left.is_empty() || right.is_empty() {
        left.len().cmp(&right.len())
    } else {
        left.cmp(right)
    }
}

impl Default for Scope<'_> {
    fn default() -> Self {
        Self::new()
    }
}
