//! What the pattern of a route captured.

use serde::de::DeserializeOwned;

use crate::context::Parts;
use crate::error::Result;
use crate::extract::OptionalPart;
use crate::fields;
use crate::handler::{Needs, Parameter, Part, role};

/// What the pattern of the route captured, as a `T`.
///
/// A struct or a map takes the captures by name, a tuple or a sequence in the order of the pattern (those
/// of the host first), and a single value is the only capture there is. Each is read by what the type asks
/// for: numbers, `bool`, `char`, text, an enum of names, a type around one of these.
///
/// `Option<Path<T>>` is `None` where the pattern captured nothing, for a handler with several patterns. So
/// is a field of a struct that is an `Option` or has `#[serde(default)]`.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/users/{id}")]
/// async fn user(Path(id): Path<u64>) -> String {
///     format!("user {id}")
/// }
///
/// #[handler(get = "/users/{id}/orders/{number}")]
/// async fn order(Path((id, number)): Path<(u64, u32)>) -> String {
///     format!("order {number} of user {id}")
/// }
///
/// #[message]
/// pub struct Month { year: u16, month: Option<u8> }
///
/// #[handler(get = ["/archive/{year}", "/archive/{year}/{month}"])]
/// async fn archive(Path(month): Path<Month>) -> String {
///     format!("{} {:?}", month.year, month.month)
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `NotFound` for what does not fit: there is nothing at such a path. `BadRequest` for a call that did not
/// come over HTTP. A tuple of another length than the pattern is a compile error; a field that no pattern
/// captures, and a capture that no parameter takes, end the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> Parameter for Path<T> {
    type Role = role::Part;
}

impl<T: DeserializeOwned + Send + 'static> Part for Path<T> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        fields::read_path(parts.head()?.captures()).map(Path)
    }

    fn needs(needs: &mut Needs) {
        needs.captures::<T>();
    }
}

impl<T: DeserializeOwned + Send + 'static> OptionalPart for Path<T> {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        match parts.head() {
            Ok(head) if head.captures().next().is_some() => Self::part(parts).await.map(Some),
            _ => Ok(None),
        }
    }
}
