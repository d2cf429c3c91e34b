//! [`Nillable`]: nothing, or what its value is; an object with the one key `@nil`, which no XML name is, where a nil element
//! has attributes.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::xml::Nillable;

const NIL: &str = "@nil";

impl<T: Serialize> Serialize for Nillable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => serializer.serialize_none(),
            Self::NilWith(attributes) => serializer.collect_map([(NIL, attributes)]),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nillable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Content(PhantomData))
    }
}

struct Content<T>(PhantomData<T>);

/// Hands on what the value is made of.
macro_rules! hand_on {
    ($($visit:ident: $form:ty),+) => {$(
        fn $visit<E: Error>(self, form: $form) -> Result<Nillable<T>, E> {
            T::deserialize(form.into_deserializer()).map(Nillable::Value)
        }
    )+};
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Content<T> {
    type Value = Nillable<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing or a value")
    }

    hand_on!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Nillable<T>, E> {
        Ok(Nillable::Nil)
    }

    fn visit_none<E: Error>(self) -> Result<Nillable<T>, E> {
        Ok(Nillable::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Nillable<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Nillable<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(items)).map(Nillable::Value)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nillable<T>, A::Error> {
        let first: Option<String> = map.next_key()?;
        if first.as_deref() == Some(NIL) {
            return map.next_value().map(Nillable::NilWith);
        }
        let fields = Fields { first, map };
        T::deserialize(MapAccessDeserializer::new(fields)).map(Nillable::Value)
    }
}

/// The fields of an object of which the first key has been read.
struct Fields<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(first.into_deserializer()).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
