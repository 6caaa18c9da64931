//! One value that came as text, read by what its type asks for.

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};

use super::misfit::Misfit;
use super::urlencoded::Pair;

/// A single text. `name` is what it is called, for who wants pairs.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

macro_rules! numbers {
    ($($deserialize:ident $visit:ident $kind:ty),* $(,)?) => {
        $(
            fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
                match self.text.parse::<$kind>() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => {
                        let (least, most) = (<$kind>::MIN, <$kind>::MAX);
                        let what = format_args!("a whole number from {least} to {most}");
                        Err(Misfit::expected(what, self.text))
                    }
                }
            }
        )*
    };
}

macro_rules! fractions {
    ($($deserialize:ident $visit:ident $kind:ty),* $(,)?) => {
        $(
            fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
                match self.text.parse::<$kind>() {
                    // What JSON has no word for is not read from a text either.
                    Ok(number) if number.is_finite() => visitor.$visit(number),
                    _ => Err(Misfit::expected("a number", self.text)),
                }
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(self.text)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.text {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Misfit::expected("`true` or `false`", other)),
        }
    }

    numbers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
    }

    fractions! {
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let mut characters = self.text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => visitor.visit_char(character),
            _ => Err(Misfit::expected("one character", self.text)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bytes(self.text.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bytes(self.text.as_bytes())
    }

    looked_through! {}

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.text {
            "" => visitor.visit_unit(),
            other => Err(Misfit::expected("nothing", other)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(SeqDeserializer::new(std::iter::once(self)))
    }

    /// Two of them are its name and itself.
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match length {
            2 => {
                let name = Text { name: self.name, text: self.name };
                visitor.visit_seq(SeqDeserializer::new([name, self].into_iter()))
            }
            _ => visitor.visit_seq(SeqDeserializer::new(std::iter::once(self))),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::ours("fields within a field cannot be read from text"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let text: StrDeserializer<'_, Misfit> = self.text.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { str string identifier }
}

impl<'de> IntoDeserializer<'de, Misfit> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// All values of one name, in order; there is one at least.
pub(super) struct Texts<'a>(pub(super) &'a [&'a Pair<'a>]);

impl<'a> Texts<'a> {
    fn texts(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        self.0.iter().map(|(name, text)| Text { name, text })
    }

    /// The value, for a type that asks for one.
    fn one(&self) -> Result<Text<'a>, Misfit> {
        match self.0 {
            [(name, text)] => Ok(Text { name, text }),
            several => Err(Misfit::new(format!(
                "given {} times, and one value is expected",
                several.len()
            ))),
        }
    }
}

impl<'de> Deserializer<'de> for Texts<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.one() {
            Ok(text) => text.deserialize_any(visitor),
            Err(_) => self.deserialize_seq(visitor),
        }
    }

    each_scalar! { of_one deserialize_unit deserialize_map }

    looked_through! {}

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.one()?.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(InOrder(self.texts()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if self.0.len() != length {
            let given = self.0.len();
            let text =
                format!("{length} values are expected, and the number of those given is {given}");
            return Err(Misfit::new(text));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.one()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.one()?.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }
}

/// A sequence of texts.
pub(super) struct InOrder<I>(pub(super) I);

impl<'de, 'a, I: Iterator<Item = Text<'a>>> SeqAccess<'de> for InOrder<I> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        self.0.next().map(|text| seed.deserialize(text)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        match self.0.size_hint() {
            (least, Some(most)) if least == most => Some(least),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::num::NonZeroU8;

    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Plain {
        One,
        Two(u8),
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Id(u32);

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Nested {
        a: u8,
    }

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
        T::deserialize(Text { name: "name", text }).map_err(|misfit| misfit.to_string())
    }

    fn many<T: serde::de::DeserializeOwned>(texts: &[&str]) -> Result<T, String> {
        let pairs: Vec<Pair<'_>> =
            texts.iter().map(|text| (Cow::Borrowed("a"), Cow::Borrowed(*text))).collect();
        T::deserialize(Texts(&pairs.iter().collect::<Vec<_>>()))
            .map_err(|misfit| misfit.to_string())
    }

    #[test]
    fn a_text_is_read_by_what_the_type_asks_for() {
        assert_eq!(read::<bool>("true"), Ok(true));
        assert_eq!(read::<i8>("-128"), Ok(-128));
        assert_eq!(read::<u128>("340282366920938463463374607431768211455"), Ok(u128::MAX));
        assert_eq!(read::<f32>("-1.5e3"), Ok(-1500.0));
        assert_eq!(read::<char>("ä"), Ok('ä'));
        assert_eq!(read::<String>("12"), Ok("12".to_owned()));
        assert_eq!(read::<Option<u8>>("7"), Ok(Some(7)));
        assert_eq!(read::<Id>("7"), Ok(Id(7)));
        assert_eq!(read::<Colour>("red"), Ok(Colour::Red));
        assert_eq!(read::<Colour>("green"), Ok(Colour::Green));
        assert_eq!(read::<Plain>("One"), Ok(Plain::One));
        assert_eq!(read::<()>(""), Ok(()));
        assert_eq!(read::<std::net::IpAddr>("::1"), Ok("::1".parse().unwrap()));
        assert_eq!(read::<(String, u8)>("7"), Ok(("name".to_owned(), 7)));
        assert_eq!(read::<serde_json::Value>("7"), Ok("7".into()));
    }

    #[test]
    fn a_text_that_does_not_fit_says_what_is_expected() {
        fn check<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str, expected: &str) {
            assert_eq!(read::<T>(text).unwrap_err(), expected, "{text}");
        }
        check::<u8>("256", r#"expected a whole number from 0 to 255, found "256""#);
        check::<u8>("", r#"expected a whole number from 0 to 255, found """#);
        check::<u8>(" 1", r#"expected a whole number from 0 to 255, found " 1""#);
        check::<i8>("1.0", r#"expected a whole number from -128 to 127, found "1.0""#);
        check::<f64>("NaN", r#"expected a number, found "NaN""#);
        check::<f64>("1e999", r#"expected a number, found "1e999""#);
        check::<bool>("1", r#"expected `true` or `false`, found "1""#);
        check::<char>("ab", r#"expected one character, found "ab""#);
        check::<Plain>("<b>\n", r#""<b>\n" is none of `One`, `Two`"#);
        check::<NonZeroU8>("0", "expected a nonzero u8, found integer `0`");
        check::<Nested>("a", "fields within a field cannot be read from text");
        check::<std::net::IpAddr>("x\n", "invalid IP address syntax");
        assert!(read::<Plain>("Two").is_err());
    }

    #[test]
    fn a_name_that_is_repeated_is_a_sequence() {
        assert_eq!(many::<Vec<u8>>(&["3", "1", "2"]), Ok(vec![3, 1, 2]));
        assert_eq!(many::<Vec<u8>>(&["3"]), Ok(vec![3]));
        assert_eq!(many::<Option<Vec<Id>>>(&["3", "1"]), Ok(Some(vec![Id(3), Id(1)])));
        assert_eq!(many::<(u8, u8)>(&["3", "1"]), Ok((3, 1)));
        assert_eq!(many::<u8>(&["3"]), Ok(3));
        assert_eq!(many::<serde_json::Value>(&["3", "x"]), Ok(serde_json::json!(["3", "x"])));
        assert_eq!(
            many::<u8>(&["3", "1"]),
            Err("given 2 times, and one value is expected".to_owned())
        );
        assert_eq!(
            many::<(u8, u8)>(&["3"]),
            Err("2 values are expected, and the number of those given is 1".to_owned())
        );
    }
}
