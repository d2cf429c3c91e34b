//! Simple types: the built-ins of XML Schema 1.0 Part 2 as Rust values, exact and lossless.

mod any_simple;
mod as_written;
mod ascii;
mod beyond;
mod binary;
mod date;
mod date_time;
mod decimal;
mod derivation;
mod digits;
mod duration;
mod facet;
mod gregorian;
mod integer;
mod list;
mod non_empty_list;
mod pattern;
mod primitive;
mod qname;
mod signed;
mod string;
mod time;
mod uuid;
mod white_space;
mod zone;

pub use self::any_simple::AnySimple;
pub use self::as_written::AsWritten;
pub use self::binary::{Base64Binary, HexBinary};
pub use self::date::Date;
pub use self::date_time::DateTime;
pub use self::decimal::Decimal;
pub(crate) use self::derivation::{BuiltIn, built_in_type, derived};
pub use self::digits::Digits;
pub use self::duration::Duration;
pub use self::facet::{Bounded, Facets};
pub use self::gregorian::{GDay, GMonth, GMonthDay, GYear, GYearMonth};
pub use self::integer::Integer;
pub use self::list::List;
pub use self::non_empty_list::NonEmptyList;
pub use self::pattern::{Compiled, Pattern};
pub use self::qname::QName;
pub use self::signed::{NegativeInteger, NonNegativeInteger, NonPositiveInteger, PositiveInteger};
pub use self::string::{
    AnyUri, Entity, Id, IdRef, Language, NcName, NmToken, NormalizedString, Token, XmlName,
};
pub use self::time::Time;
pub use self::uuid::Uuid;
pub use self::white_space::WhiteSpace;

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::xml::{Name, Namespace, Rule, Scope, Text, lexical, process, written_out};

/// A simple type.
pub trait Value: Sized {
    /// The type's name in its schema, where it has one of its own: an `xsi:type` that says so tells nothing new.
    const TYPE: Option<Name> = None;

    /// What is done with white space before [`Value::parse`].
    const WHITE_SPACE: WhiteSpace;

    /// Reads a lexical form whose white space has been processed. `scope` tells what the prefix of a QName stands for.
    ///
    /// # Errors
    /// The form is not in the lexical space, or breaks a facet.
    fn parse(lexical: &str, scope: &Scope<'_>) -> Result<Self, Rule>;

    /// Writes the lexical form.
    fn write(&self, text: &mut Text<'_>);

    /// Whether both are the same value, as `fixed` asks. Types whose forms differ for one value say so here.
    fn same(&self, other: &Self) -> bool {
        written_out(self) == written_out(other)
    }

    /// The value as one of the built-in type `name`, which the `xsi:type` of its element says. A type whose own values are of
    /// no other use has no use for it.
    #[must_use]
    fn of_built_in(self, name: &'static str) -> Self {
        let _ = name;
        self
    }

    /// The built-in type that the `xsi:type` of its element is to say, if any.
    fn built_in(&self) -> Option<&'static str> {
        None
    }
}

/// Reads a value from text, after the type's white space processing. No prefix but `xml` is declared.
///
/// ```
/// assert_eq!(soap::from_lexical::<i32>(" 42 "), Ok(42));
/// assert_eq!(soap::from_lexical::<i32>("4.2").unwrap_err().id(), "lexical");
/// ```
///
/// # Errors
/// The text is not in the lexical space of the type, or breaks a facet.
pub fn from_lexical<T: Value>(text: &str) -> Result<T, Rule> {
    T::parse(&process(Cow::Borrowed(text), T::WHITE_SPACE), &Scope::new())
}

/// The lexical form of a value as a text of its own.
///
/// ```
/// assert_eq!(soap::to_lexical(&true), "true");
/// ```
pub fn to_lexical<T: Value>(value: &T) -> String {
    lexical(value)
}

/// The member of an enumeration whose code is `lexical`; what the reader of an emitted enumeration comes down to.
///
/// # Errors
/// No member has that code.
pub fn code_of<T: Copy>(
    lexical: &str,
    all: &[T],
    code: impl Fn(T) -> &'static str,
) -> Result<T, Rule> {
    let found = all.iter().copied().find(|member| code(*member) == lexical);
    found.ok_or_else(|| Rule::codes(all.iter().map(|member| code(*member)).collect()))
}

/// Reads a value of one member of a union: each processes white space in its own way (XML Schema Part 2, sections 2.5.1.3
/// and 4.3.6).
///
/// # Errors
/// The text is no value of the member.
pub fn member<T: Value>(lexical: &str, scope: &Scope<'_>) -> Result<T, Rule> {
    T::parse(&process(Cow::Borrowed(lexical), T::WHITE_SPACE), scope)
}

/// Whether the member `T` of a union takes a form.
pub fn takes<T: Value>(lexical: &str, scope: &Scope<'_>) -> bool {
    member::<T>(lexical, scope).is_ok()
}

/// How two values stand of which only equality is known, as those of a union.
pub fn equal<T: Value>(left: &T, right: &T) -> Option<Ordering> {
    left.same(right).then_some(Ordering::Equal)
}

/// The namespace of XML Schema.
pub(crate) const SCHEMA: Namespace = Namespace::SCHEMA;

/// The name of a built-in type (XML Schema Part 2, section 3); `name` with the prefix `xs:`.
const fn built_in(name: &'static str) -> Option<Name> {
    Some(SCHEMA.name(name.split_at("xs:".len()).1))
}

/// `Display` and `FromStr` by way of the lexical form.
macro_rules! lexical_text {
    ($($type:ty),+) => {$(
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&crate::value::to_lexical(self))
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::Rule;

            fn from_str(text: &str) -> Result<Self, crate::Rule> {
                crate::value::from_lexical(text)
            }
        }
    )+};
}
use lexical_text;

/// Checks what is in the lexical space of a type, and what is not.
#[cfg(test)]
#[track_caller]
fn check<T: Value>(valid: &[&str], invalid: &[&str]) {
    for text in valid {
        assert!(from_lexical::<T>(text).is_ok(), "{text:?}");
    }
    for text in invalid {
        assert!(from_lexical::<T>(text).is_err(), "{text:?}");
    }
}
