//! One header, as a type.

use headers::HeaderMapExt;

use crate::context::Parts;
use crate::error::{Error, Result};
use crate::extract::OptionalPart;
use crate::handler::{Needs, Parameter, Part, role};

/// One header of the request, as a `T` of the crate [`headers`], or of yours that
/// implements its trait [`Header`](headers::Header). With the feature `headers`.
///
/// `Option<Header<T>>` is `None` only if there is no such header.
///
/// ```
/// use manager_runtime::headers::UserAgent;
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/")]
/// async fn agent(Header(agent): Header<UserAgent>) -> String {
///     agent.to_string()
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` with the name of a header that is missing or cannot be read, and for a call that did not
/// come over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Header<T>(pub T);

impl<T: headers::Header + Send + 'static> Parameter for Header<T> {
    type Role = role::Part;
}

impl<T: headers::Header + Send + 'static> Part for Header<T> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        parts.head()?;
        let found = Self::optional_part(parts).await?;
        found.ok_or_else(|| Error::bad_request(format!("the header `{}` is missing", T::name())))
    }

    fn needs(_: &mut Needs) {}
}

impl<T: headers::Header + Send + 'static> OptionalPart for Header<T> {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        let Ok(head) = parts.head() else { return Ok(None) };
        match head.headers().typed_try_get::<T>() {
            Ok(found) => Ok(found.map(Header)),
            Err(error) => {
                let text = format!("the header `{}` cannot be read", T::name());
                Err(Error::bad_request(text).with_source(error))
            }
        }
    }
}
