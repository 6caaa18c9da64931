//! What a type is given when it asks for all that there is: the fields of a query, a form or a message, and
//! what a path captured.

use serde::de::value::SeqDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::misfit::Misfit;
use super::text::{InOrder, Text, Texts};
use super::urlencoded::Pair;

/// Texts with names, and members of an object that have types of their own.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) pairs: &'a [Pair<'a>],
    pub(super) members: Option<&'a Map<String, Value>>,
}

impl<'a> Named<'a> {
    /// One entry for each name, those of texts first. Sorting brings the values of a name together and
    /// leaves them in order, at a cost that no number of names makes worse than it should be.
    fn entries(self) -> Entries<'a> {
        let Named { pairs, members } = self;
        let mut pairs: Vec<&Pair<'_>> = pairs.iter().collect();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        Entries { pairs, given: 0..0, members: members.into_iter().flatten(), member: None }
    }
}

fn needs_names() -> Misfit {
    Misfit::ours("what is read here has names: it takes a struct or a map")
}

macro_rules! refuse {
    ($($deserialize:ident)*) => {
        $(
            fn $deserialize<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misfit> {
                Err(needs_names())
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Named<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(self.entries())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    /// All of them as they came, each with its name.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.members.is_some() {
            return Err(needs_names());
        }
        visitor.visit_seq(InOrder(self.pairs.iter().map(|(name, text)| Text { name, text })))
    }

    looked_through! {}
    nothing_asked! {}

    each_scalar! { refuse }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(needs_names())
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Misfit> {
        Err(needs_names())
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Misfit> {
        Err(needs_names())
    }
}

/// The fields one after the other.
struct Entries<'a> {
    /// Sorted by name.
    pairs: Vec<&'a Pair<'a>>,
    /// Which of them have the name that was given last.
    given: std::ops::Range<usize>,
    members: std::iter::Flatten<std::option::IntoIter<&'a Map<String, Value>>>,
    /// The member whose name was given last.
    member: Option<&'a Value>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        let begin = self.given.end;
        if let Some((name, _)) = self.pairs.get(begin) {
            let same = self.pairs[begin..].iter().take_while(|pair| pair.0 == *name).count();
            self.given = begin..begin + same;
            return seed.deserialize(Text { name, text: name }).map(Some);
        }
        let is_text = |name: &str| self.pairs.binary_search_by(|pair| (*pair.0).cmp(name)).is_ok();
        let Some((name, member)) = self.members.find(|(name, _)| !is_text(name)) else {
            return Ok(None);
        };
        self.member = Some(member);
        seed.deserialize(Text { name, text: name }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        match self.member.take() {
            Some(member) => seed.deserialize(member).map_err(serde::de::Error::custom),
            None => seed.deserialize(Texts(&self.pairs[self.given.clone()])),
        }
    }
}

/// What a path captured, in the order of its pattern.
#[derive(Clone, Copy)]
pub(super) struct Captured<'a>(pub(super) &'a [(&'static str, &'a str)]);

impl<'a> Captured<'a> {
    fn texts(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        self.0.iter().map(|(name, text)| Text { name, text })
    }

    /// The one value, for a type that asks for one.
    fn one(&self) -> Result<Text<'a>, Misfit> {
        match self.0 {
            [(name, text)] => Ok(Text { name, text }),
            several => Err(self.miscounted("one value", several.len())),
        }
    }

    fn miscounted(&self, wanted: &str, captured: usize) -> Misfit {
        Misfit::ours(format!("{wanted} should be read of a pattern that captures {captured}"))
    }
}

impl<'de> Deserializer<'de> for Captured<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(ByName { texts: self.0.iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(SeqDeserializer::new(self.texts()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if self.0.len() != length {
            return Err(self.miscounted(&format!("a tuple of {length}"), self.0.len()));
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

    looked_through! {}
    nothing_asked! {}

    each_scalar! { of_one }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.one()?.deserialize_enum(name, variants, visitor)
    }
}

/// Captures one after the other; their names are all different.
struct ByName<'a> {
    texts: std::slice::Iter<'a, (&'static str, &'a str)>,
    value: Option<Text<'a>>,
}

impl<'de> MapAccess<'de> for ByName<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        let Some((name, text)) = self.texts.next() else { return Ok(None) };
        self.value = Some(Text { name, text });
        seed.deserialize(Text { name, text: name }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(Misfit::ours("a value was asked for before its name")),
        }
    }
}
