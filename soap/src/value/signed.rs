//! Integers of one sign, without bound on the other side.

use std::cmp::Ordering;

use super::{Bounded, Integer, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// Newtypes around [`Integer`] whose sign is checked (XML Schema Part 2, sections 3.3.14 to 3.3.25).
macro_rules! signed {
    ($($(#[$doc:meta])* $type:ident = $name:literal, $holds:ident 0;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Integer);

        impl $type {
            /// The number.
            pub const fn value(&self) -> &Integer {
                &self.0
            }
        }

        impl TryFrom<Integer> for $type {
            type Error = Rule;

            fn try_from(number: Integer) -> Result<Self, Rule> {
                if number.cmp(&Integer::ZERO).$holds() { Ok(Self(number)) } else { Err(Rule::lexical($name)) }
            }
        }

        impl From<$type> for Integer {
            fn from(number: $type) -> Self {
                number.0
            }
        }

        impl Value for $type {
            const TYPE: Option<Name> = built_in($name);
            const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

            fn parse(lexical: &str, scope: &Scope<'_>) -> Result<Self, Rule> {
                Integer::parse(lexical, scope).and_then(Self::try_from).map_err(|_| Rule::lexical($name))
            }

            fn write(&self, text: &mut Text<'_>) {
                self.0.write(text);
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }

        impl Bounded for $type {
            fn compare(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }

            fn digits(&self) -> Option<(usize, usize)> {
                self.0.digits()
            }
        }

        lexical_text!($type);
    )+};
}

signed! {
    /// `xs:nonNegativeInteger`: 0 or more.
    NonNegativeInteger = "xs:nonNegativeInteger", is_ge 0;
    /// `xs:positiveInteger`: 1 or more.
    PositiveInteger = "xs:positiveInteger", is_gt 0;
    /// `xs:nonPositiveInteger`: 0 or less.
    NonPositiveInteger = "xs:nonPositiveInteger", is_le 0;
    /// `xs:negativeInteger`: -1 or less.
    NegativeInteger = "xs:negativeInteger", is_lt 0;
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn signs() {
        check::<NonNegativeInteger>(&["0", "-0", "+1", "99999999999999999999"], &["-1", "", "x"]);
        check::<PositiveInteger>(&["1", "+99999999999999999999"], &["0", "-0", "-1"]);
        check::<NonPositiveInteger>(&["0", "-1", "+0"], &["1"]);
        check::<NegativeInteger>(&["-1", "-99999999999999999999"], &["0", "-0", "1"]);
    }
}
