//! Values that came as text: from a path, a query, a form, or several of them at once.

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// What a request says outside of its body, and what of its body goes with that.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// What the path captured; it counts more than what else has the same name.
    pub(crate) captures: Vec<(&'static str, String)>,
    /// The query, still encoded.
    pub(crate) query: Option<String>,
    /// The members of the object that the body holds.
    pub(crate) body: serde_json::Map<String, serde_json::Value>,
}

/// Reads a message out of all of them.
pub(crate) fn read_message<T: DeserializeOwned>(fields: &Fields) -> Result<T> {
    let _ = fields;
    Err(Error::internal("not yet"))
}

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

/// What a type reads.
pub(crate) fn shape_of<T: DeserializeOwned>() -> Shape {
    Shape::Any
}
