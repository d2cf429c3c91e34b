//! The `whiteSpace` facet.

/// What is done with white space before a value is read (XML Schema Part 2, section 4.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhiteSpace {
    /// Nothing.
    Preserve,
    /// Tabs and line ends become spaces.
    Replace,
    /// Tabs and line ends become spaces, runs of them one space, none is left at the ends.
    Collapse,
}
