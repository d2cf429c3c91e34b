//! Values in other forms than XML, by way of serde; with the feature `serde`.
//!
//! A simple type is its lexical form as a text, so that no digit is lost; only booleans and the numbers that Rust has itself
//! are those of the format. A [`QName`] is `{namespace}local`, a list the sequence of its items, a nil element nothing
//! (`null`), with attributes an object whose one key is `@nil`. An [`AnySimple`] that says its type is an object of `type`
//! and `text`. What a contract leaves open is XML in a text: an [`AnyElement`] its own, an [`AnyType`] an element `anyType`
//! around it. What is read is checked as it is in XML.
//!
//! ```
//! let amount: soap::Decimal = serde_json::from_str("\"0.10\"")?;
//! assert_eq!(serde_json::to_string(&amount)?, "\"0.10\"");
//! assert!(serde_json::from_str::<soap::Date>("\"2026-02-30\"").is_err());
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod floats;
mod nillable;

use std::fmt;
use std::marker::PhantomData;

pub use serde;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, Serializer};
pub use serde::{Deserialize, Serialize};

use crate::value::{
    AnySimple, AnyUri, AsWritten, Base64Binary, Date, DateTime, Decimal, Digits, Duration, Entity,
    GDay, GMonth, GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef, Integer, Language, List,
    NcName, NegativeInteger, NmToken, NonEmptyList, NonNegativeInteger, NonPositiveInteger,
    NormalizedString, PositiveInteger, QName, Time, Token, Uuid, Value, XmlName, from_lexical,
    to_lexical,
};
use crate::xml::{AnyAttribute, AnyElement, AnyType, Boxed, Element, Limits, Mixed, Root, Rule};

/// A field that must be there, be it nothing: for `serde(deserialize_with)` on a required [`Nillable`](crate::Nillable).
///
/// # Errors
/// The value's own.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

/// A field that is there, be it nothing: for `serde(default, deserialize_with)` on an `Option` of a [`Nillable`](crate::Nillable), which is
/// absent only if the field is.
///
/// # Errors
/// The value's own.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// An optional value of a variant, for `serde(with)` where the value itself may be nothing: a sequence of none or one.
pub mod at_most_one {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    /// Writes the value.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<T: Serialize, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value)
    }

    /// Reads the value.
    ///
    /// # Errors
    /// The value's own, or there are several.
    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let mut values: Vec<T> = Vec::deserialize(deserializer)?;
        match values.len() {
            0 | 1 => Ok(values.pop()),
            count => Err(D::Error::invalid_length(count, &"one value at most")),
        }
    }
}

/// Reads a text and makes a value of it.
struct TextVisitor<T, F>(F, PhantomData<T>);

impl<T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for TextVisitor<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<D: serde::de::Error>(self, text: &str) -> Result<T, D> {
        (self.0)(text).map_err(D::custom)
    }
}

fn read_text<'de, T, E, D>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    E: fmt::Display,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(TextVisitor(parse, PhantomData))
}

/// Makes simple types implement serde's traits by their lexical form; for emitted types.
#[macro_export]
macro_rules! serial_as_text {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::serial::Serialize for $type {
            fn serialize<S: $crate::serial::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$crate::to_lexical(self))
            }
        }

        impl<'de> $crate::serial::Deserialize<'de> for $type {
            fn deserialize<D: $crate::serial::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::serial::from_text(deserializer)
            }
        }
    )+};
}

/// Reads a simple type from its lexical form.
///
/// # Errors
/// The text is no value of the type.
pub fn from_text<'de, T: Value, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    read_text(deserializer, from_lexical::<T>)
}

serial_as_text!(
    AnyUri,
    Base64Binary,
    Date,
    DateTime,
    Decimal,
    Duration,
    Entity,
    GDay,
    GMonth,
    GMonthDay,
    GYear,
    GYearMonth,
    HexBinary,
    Id,
    IdRef,
    Integer,
    Language,
    NcName,
    NegativeInteger,
    NmToken,
    NonNegativeInteger,
    NonPositiveInteger,
    NormalizedString,
    PositiveInteger,
    Time,
    Token,
    Uuid,
    XmlName,
);

impl<const N: usize> Serialize for Digits<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, const N: usize> Deserialize<'de> for Digits<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, from_lexical::<Self>)
    }
}

impl Serialize for AnySimple {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.r#type() {
            None => serializer.serialize_str(self.as_str()),
            Some(told) => serializer.collect_map([("type", told), ("text", self.as_str())]),
        }
    }
}

impl<'de> Deserialize<'de> for AnySimple {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnySimpleVisitor)
    }
}

struct AnySimpleVisitor;

impl<'de> Visitor<'de> for AnySimpleVisitor {
    type Value = AnySimple;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a text with its type")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AnySimple, E> {
        Ok(text.to_owned().into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnySimple, A::Error> {
        let (mut told, mut text) = (String::new(), String::new());
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            match key.as_str() {
                "type" => told = value,
                "text" => text = value,
                _ => return Err(A::Error::unknown_field(&key, &["type", "text"])),
            }
        }
        let text = AnySimple::from(text);
        text.with_type(&told).map_err(A::Error::custom)
    }
}

impl<T: Value> Serialize for AsWritten<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_lexical(self))
    }
}

impl<'de, T: Value> Deserialize<'de> for AsWritten<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, from_lexical::<Self>)
    }
}

impl Serialize for QName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for QName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, |text| {
            // A namespace may hold a brace, a local part may not.
            let parts = text
                .strip_prefix('{')
                .and_then(|text| text.rsplit_once('}'));
            let (namespace, local) = parts.unwrap_or(("", text));
            Self::new(namespace, local, "")
        })
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&**self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::new)
    }
}

impl<T: Serialize> Serialize for NonEmptyList<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&**self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NonEmptyList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items: Vec<T> = Vec::deserialize(deserializer)?;
        items
            .try_into()
            .map_err(|rule: Rule| D::Error::custom(rule))
    }
}

impl<T: Serialize> Serialize for Boxed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de> + Send + Sync + 'static> Deserialize<'de> for Boxed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

/// The fields of [`Mixed`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "Mixed", deny_unknown_fields)]
struct MixedForm<T, X> {
    value: T,
    text: X,
}

impl<T: Serialize> Serialize for Mixed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (value, text) = (self.value(), self.text());
        MixedForm { value, text }.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Mixed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MixedForm { value, text } = MixedForm::deserialize(deserializer)?;
        Ok(Self::new(value).with_text(text))
    }
}

/// The fields of [`AnyAttribute`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "AnyAttribute", deny_unknown_fields)]
struct AttributeForm<T> {
    namespace: T,
    local: T,
    value: T,
}

impl Serialize for AnyAttribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (namespace, local, value) = (self.namespace(), self.local(), self.value());
        let form = AttributeForm {
            namespace,
            local,
            value,
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AnyAttribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form: AttributeForm<String> = AttributeForm::deserialize(deserializer)?;
        Self::new(form.namespace, form.local, form.value).map_err(D::Error::custom)
    }
}

impl Serialize for AnyElement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.xml())
    }
}

impl<'de> Deserialize<'de> for AnyElement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, Self::parse)
    }
}

const ANY_TYPE: Root<AnyType> = Root::new(Element::unqualified("anyType"), &[]);

impl Serialize for AnyType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let xml = ANY_TYPE.write(self).map_err(S::Error::custom)?;
        serializer.serialize_str(&xml)
    }
}

impl<'de> Deserialize<'de> for AnyType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, |text| {
            ANY_TYPE.read(text.as_bytes(), &Limits::of_any_length())
        })
    }
}
