//! The query of a request.

use serde::de::DeserializeOwned;

use crate::context::Parts;
use crate::error::Result;
use crate::extract::OptionalPart;
use crate::fields;
use crate::handler::{Needs, Parameter, Part, role};

/// The query of the request, as a `T`: `?page=2&tag=a&tag=b` (URL Standard, section 5.1).
///
/// A struct or a map takes the fields by name; a name that is repeated is a sequence, and a sequence takes
/// a single value as well. A field that may be absent is an `Option` or has `#[serde(default)]`. Values
/// are read by what the type asks for: numbers, `bool`, `char`, text, an enum of names, a type around one
/// of these. (A struct with `#[serde(flatten)]` and an enum with a tag ask for nothing in particular: what
/// is inside of them is text.) `Vec<(String, String)>` takes all fields as they came.
///
/// `Option<Query<T>>` is `None` only if there is no query at all.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[message]
/// pub struct Filter {
///     page: Option<u32>,
///     #[serde(default)]
///     tag: Vec<String>,
/// }
///
/// #[handler(get = "/posts")]
/// async fn posts(Query(filter): Query<Filter>) -> String {
///     format!("page {} of {}", filter.page.unwrap_or(1), filter.tag.join(", "))
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` for what does not fit, with the field and the reason, and for a call that did not come
/// over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> Parameter for Query<T> {
    type Role = role::Part;
}

impl<T: DeserializeOwned + Send + 'static> Part for Query<T> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        fields::read_query(parts.head()?.uri().query().unwrap_or_default()).map(Query)
    }

    fn needs(_: &mut Needs) {}
}

impl<T: DeserializeOwned + Send + 'static> OptionalPart for Query<T> {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        match parts.head().ok().and_then(|head| head.uri().query()) {
            Some(query) => fields::read_query(query).map(|query| Some(Query(query))),
            None => Ok(None),
        }
    }
}
