//! Floating point numbers, for `serde(with)`: JSON has no form for those that are infinite or no number at all, which are
//! texts, `INF`, `-INF` and `NaN`, as they are in XML (XML Schema Part 2, section 3.2.4).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::value::{List, Value, from_lexical, to_lexical};
use crate::xml::Nillable;

/// Writes numbers.
///
/// # Errors
/// The serializer's own.
pub fn serialize<T: Floats, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// Reads numbers.
///
/// # Errors
/// What is there is no number.
pub fn deserialize<'de, T: Floats, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// A number, or what holds some.
pub trait Floats: Sized {
    /// What stands for nothing where a value may be absent; none if nothing is the absence itself.
    const NIL: Option<Self> = None;

    /// Writes the value.
    ///
    /// # Errors
    /// The serializer's own.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    ///
    /// # Errors
    /// What is there is no number.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

macro_rules! number {
    ($($number:ident $serialize:ident),+) => {$(
        impl Floats for $number {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.is_finite() {
                    serializer.$serialize(*self)
                } else {
                    serializer.serialize_str(&to_lexical(self))
                }
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = deserializer.deserialize_any(NumberVisitor::<Self>(PhantomData))?;
                Ok(match number {
                    Number::Finite(number) => number as Self,
                    Number::Lexical(number) => number,
                })
            }
        }
    )+};
}

number!(f32 serialize_f32, f64 serialize_f64);

enum Number<T> {
    Finite(f64),
    Lexical(T),
}

struct NumberVisitor<T>(PhantomData<T>);

impl<T: Value> Visitor<'_> for NumberVisitor<T> {
    type Value = Number<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, `INF`, `-INF` or `NaN`")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Number<T>, E> {
        Ok(Number::Finite(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Number<T>, E> {
        Ok(Number::Finite(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Number<T>, E> {
        Ok(Number::Finite(number as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number<T>, E> {
        from_lexical(text).map(Number::Lexical).map_err(E::custom)
    }
}

impl<T: Floats> Floats for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Form).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value: Option<Form<T>> = Option::deserialize(deserializer)?;
        Ok(value.map(|Form(value)| value).or(T::NIL))
    }
}

impl<T: Floats> Floats for Nillable<T> {
    const NIL: Option<Self> = Some(Self::Nil);

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().map(Form).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value: Option<Form<T>> = Option::deserialize(deserializer)?;
        Ok(value.map_or(Self::Nil, |Form(value)| Self::Value(value)))
    }
}

impl<T: Floats> Floats for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Form))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items: Vec<Form<T>> = Vec::deserialize(deserializer)?;
        Ok(items.into_iter().map(|Form(item)| item).collect())
    }
}

impl<T: Floats> Floats for List<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Form))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::read(deserializer).map(Self::new)
    }
}

/// What brings [`Floats`] to serde's own containers.
struct Form<T>(T);

impl<T: Floats> Serialize for Form<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: Floats> Deserialize<'de> for Form<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Form)
    }
}
