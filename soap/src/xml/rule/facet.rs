//! The facets that a value can break, by their stable ids.

/// Makes the enumeration of facets; none is without an id.
macro_rules! facets {
    ($($name:ident: $id:literal;)*) => {
        /// A facet (XML Schema Part 2, section 4.3), or what several of them come to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Facet {
            $(#[doc = $id] $name,)*
        }

        impl Facet {
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            pub(super) const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

facets! {
    Pattern: "pattern";
    Length: "length";
    Digits: "digits";
    MinLength: "min-length";
    MaxLength: "max-length";
    MinInclusive: "min-inclusive";
    MaxInclusive: "max-inclusive";
    MinExclusive: "min-exclusive";
    MaxExclusive: "max-exclusive";
    TotalDigits: "total-digits";
    FractionDigits: "fraction-digits";
}
