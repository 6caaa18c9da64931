//! What a type asks for, found out before there is any value: its `Deserialize` is run against something
//! that has nothing to give and remembers what it was asked for.

use std::cell::Cell;
use std::fmt::{self, Display};

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};

use crate::panics;

/// What a type reads of named texts, as far as its `Deserialize` tells without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A struct with these fields.
    Fields(&'static [&'static str]),
    /// A tuple of so many.
    Tuple(usize),
    /// One value.
    One,
    /// Whatever there is.
    Any,
}

/// How many types may stand within each other. One that contains itself would have no end.
const DEPTH: u8 = 16;

/// What a type asks for. What is new about a type around another is looked through; one that panics, or
/// that does not ask at all, is taken to read whatever there is.
pub(crate) fn shape_of<T: DeserializeOwned>() -> Shape {
    let asked = Cell::new(None);
    // What the type makes of the refusal is its own business.
    let _ = panics::catch(|| T::deserialize(Probe { asked: &asked, depth: DEPTH }).is_ok());
    asked.take().unwrap_or(Shape::Any)
}

/// The field that a `T` misses if these, and no others, are there; `None` if it can do without, or if that
/// cannot be told: a type may refuse the values that it is tried with.
pub(crate) fn missing_field<T: DeserializeOwned>(present: &[&'static str]) -> Option<&'static str> {
    let missing = |names: &[&'static str]| {
        let entries = Trial { names, value: None, depth: DEPTH };
        match panics::catch(|| T::deserialize(Sample { entries })) {
            Ok(Err(Refusal::Missing(field))) => Some(field),
            _ => None,
        }
    };
    // Where a value is refused, the first field that is missed when there is nothing at all says enough.
    missing(present).or_else(|| missing(&[]).filter(|field| !present.contains(field)))
}

/// The end of a trial.
#[derive(Debug)]
enum Refusal {
    Missing(&'static str),
    Other,
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a trial")
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: Display>(_: T) -> Self {
        Refusal::Other
    }

    fn missing_field(field: &'static str) -> Self {
        Refusal::Missing(field)
    }
}

/// Has nothing to give.
struct Probe<'a> {
    asked: &'a Cell<Option<Shape>>,
    depth: u8,
}

impl Probe<'_> {
    fn refuse<T>(self, asked: Shape) -> Result<T, Refusal> {
        self.asked.set(Some(asked));
        Err(Refusal::Other)
    }

    fn below(self) -> Result<Self, Refusal> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Probe { depth, ..self }),
            None => self.refuse(Shape::Any),
        }
    }
}

macro_rules! asked {
    ($($deserialize:ident)* => $shape:expr) => {
        $(
            fn $deserialize<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refusal> {
                self.refuse($shape)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Refusal;

    asked! {
        deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_identifier
        deserialize_bytes deserialize_byte_buf
        => Shape::One
    }

    asked! { deserialize_any deserialize_map deserialize_seq deserialize_ignored_any => Shape::Any }

    asked! { deserialize_unit => Shape::Tuple(0) }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self.below()?)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, Refusal> {
        self.refuse(Shape::Tuple(0))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self.below()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, _: V) -> Result<V::Value, Refusal> {
        self.refuse(Shape::Tuple(length))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        _: V,
    ) -> Result<V::Value, Refusal> {
        self.refuse(Shape::Tuple(length))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Refusal> {
        self.refuse(Shape::Fields(fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Refusal> {
        self.refuse(Shape::One)
    }
}

/// A struct whose values are made up.
struct Sample<'a> {
    entries: Trial<'a>,
}

impl<'de> Deserializer<'de> for Sample<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_map(self.entries)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self.below()?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self.below()?)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl Sample<'_> {
    fn below(mut self) -> Result<Self, Refusal> {
        self.entries.depth = self.entries.depth.checked_sub(1).ok_or(Refusal::Other)?;
        Ok(self)
    }
}

/// Names with values that are made up.
struct Trial<'a> {
    names: &'a [&'static str],
    value: Option<MadeUp>,
    depth: u8,
}

impl<'de> MapAccess<'de> for Trial<'_> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        let Some((name, rest)) = self.names.split_first() else { return Ok(None) };
        self.names = rest;
        self.value = Some(MadeUp { depth: self.depth });
        let name: StrDeserializer<'_, Refusal> = (*name).into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        seed.deserialize(self.value.take().ok_or(Refusal::Other)?)
    }
}

/// A value that most types take.
#[derive(Clone, Copy)]
struct MadeUp {
    depth: u8,
}

impl MadeUp {
    fn below(self) -> Result<Self, Refusal> {
        Ok(MadeUp { depth: self.depth.checked_sub(1).ok_or(Refusal::Other)? })
    }
}

impl<'de> IntoDeserializer<'de, Refusal> for MadeUp {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! one {
    ($($deserialize:ident)*) => {
        $(
            fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
                visitor.visit_u8(1)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for MadeUp {
    type Error = Refusal;

    /// A text that is a number as well, for types that parse one.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_str("1")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_bool(true)
    }

    one! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_f64(1.0)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_f32(1.0)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_char('1')
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_bytes(b"1")
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_bytes(b"1")
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self.below()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_seq(SeqDeserializer::new(std::iter::empty::<MadeUp>()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let value = self.below()?;
        visitor.visit_seq(SeqDeserializer::new(std::iter::repeat_n(value, length)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let first = variants.first().ok_or(Refusal::Other)?;
        let variant: StrDeserializer<'_, Refusal> = (*first).into_deserializer();
        visitor.visit_enum(variant)
    }

    serde::forward_to_deserialize_any! { str string identifier unit_struct tuple_struct map struct }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;

    use super::*;

    #[expect(dead_code, reason = "only their shape counts")]
    mod types {
        use super::*;

        #[derive(Deserialize)]
        pub(super) struct Plain {
            id: u32,
            #[serde(rename = "called")]
            name: String,
        }

        #[derive(Deserialize)]
        pub(super) struct Lenient {
            id: std::num::NonZeroU64,
            year: Option<u16>,
            #[serde(default)]
            month: u8,
            day: u8,
        }

        #[derive(Deserialize)]
        pub(super) struct Picky {
            address: std::net::IpAddr,
            port: u16,
        }

        #[derive(Deserialize)]
        pub(super) struct Newtype(Plain);

        #[derive(Deserialize)]
        pub(super) struct Pair(u8, u8);

        #[derive(Deserialize)]
        pub(super) struct Endless(Box<Endless>);

        #[derive(Deserialize)]
        pub(super) struct Flat {
            #[serde(flatten)]
            rest: HashMap<String, String>,
        }

        #[derive(Deserialize)]
        pub(super) enum Colour {
            Red,
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        pub(super) enum Either {
            Plain(Plain),
            Text(String),
        }

        #[derive(Deserialize)]
        pub(super) struct Unit;

        pub(super) struct Panics;

        impl<'de> Deserialize<'de> for Panics {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                panic!("not today")
            }
        }

        pub(super) struct Silent;

        impl<'de> Deserialize<'de> for Silent {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Ok(Silent)
            }
        }
    }
    use types::*;

    #[test]
    fn a_type_says_what_it_asks_for() {
        fn check<T: DeserializeOwned>(expected: Shape) {
            assert_eq!(shape_of::<T>(), expected, "{}", std::any::type_name::<T>());
        }
        check::<Plain>(Shape::Fields(&["id", "called"]));
        check::<Newtype>(Shape::Fields(&["id", "called"]));
        check::<Option<Plain>>(Shape::Fields(&["id", "called"]));
        check::<Box<Plain>>(Shape::Fields(&["id", "called"]));
        check::<Pair>(Shape::Tuple(2));
        check::<(u8, String, Plain)>(Shape::Tuple(3));
        check::<[u8; 4]>(Shape::Tuple(4));
        check::<()>(Shape::Tuple(0));
        check::<Unit>(Shape::Tuple(0));
        check::<u64>(Shape::One);
        check::<String>(Shape::One);
        check::<Colour>(Shape::One);
        check::<std::net::IpAddr>(Shape::One);
        check::<Vec<String>>(Shape::Any);
        check::<HashMap<String, u8>>(Shape::Any);
        check::<serde_json::Value>(Shape::Any);
        check::<Flat>(Shape::Any);
        check::<Either>(Shape::Any);
        check::<Endless>(Shape::Any);
        check::<Panics>(Shape::Any);
        check::<Silent>(Shape::Any);
    }

    #[test]
    fn a_type_says_what_it_cannot_do_without() {
        assert_eq!(missing_field::<Plain>(&["id"]), Some("called"));
        assert_eq!(missing_field::<Plain>(&["called", "id", "more"]), None);
        assert_eq!(missing_field::<Newtype>(&["called"]), Some("id"));
        assert_eq!(missing_field::<Lenient>(&["id", "day"]), None);
        assert_eq!(missing_field::<Lenient>(&["id", "year"]), Some("day"));
        // The made-up address is refused, so nothing is known of what comes after it.
        assert_eq!(missing_field::<Picky>(&["address"]), None);
        assert_eq!(missing_field::<Picky>(&["port"]), Some("address"));
        assert_eq!(missing_field::<u64>(&["id"]), None);
        assert_eq!(missing_field::<Endless>(&["id"]), None);
        assert_eq!(missing_field::<Panics>(&["id"]), None);
        assert_eq!(missing_field::<HashMap<String, String>>(&["id"]), None);
    }
}
