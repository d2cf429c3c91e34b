//! What a message may cost before it is refused.

/// The most that a message may hold. Past any of these the message is refused as a whole.
///
/// One limit is not set here. To tell what is wrong behind elements that have no place where they stand, parts of a message are
/// read again: in all at most four times its octets and 32 KiB. Reading stops where that does not do.
///
/// ```
/// let limits = soap::Limits { bytes: 64 * 1024, ..soap::Limits::default() };
/// assert_eq!(limits.depth, 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of the whole message; 1 MiB.
    pub bytes: usize,
    /// Elements inside each other, the root being 1; 64. Types that hold themselves are read on the stack: 400 levels fit the 2 MiB
    /// of a thread of tokio's, and more want a larger one.
    pub depth: usize,
    /// Attributes of one element, namespace declarations not counted; 64.
    pub attributes: usize,
    /// Namespace declarations in scope at once, hence also of one element; 32.
    pub namespaces: usize,
    /// Octets of the name of an element or attribute, prefix included; 256.
    pub name_length: usize,
    /// Octets of one text or attribute value, as it is read: references resolved, line ends normalised (XML 1.0, sections 2.11
    /// and 3.3.3), before white space is collapsed as its type says; 256 KiB.
    pub text_length: usize,
    /// Occurrences of one repeated element, and items of one list; 10,000.
    pub items: usize,
    /// Violations reported before reading stops, at least 1; 20.
    pub violations: usize,
}

impl Limits {
    /// None but one: the first violation ends the reading. For text that a reader has let through before.
    pub const UNBOUNDED: Self = Self {
        bytes: usize::MAX,
        depth: usize::MAX,
        attributes: usize::MAX,
        namespaces: usize::MAX,
        name_length: usize::MAX,
        text_length: usize::MAX,
        items: usize::MAX,
        violations: 1,
    };

    /// The default ones, but for the length of the message and of its texts.
    pub(crate) fn of_any_length() -> Self {
        Self {
            bytes: usize::MAX,
            text_length: usize::MAX,
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1024 * 1024,
            depth: 64,
            attributes: 64,
            namespaces: 32,
            name_length: 256,
            text_length: 256 * 1024,
            items: 10_000,
            violations: 20,
        }
    }
}
