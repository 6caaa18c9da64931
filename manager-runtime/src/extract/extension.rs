//! What a middleware left for the handler.

use std::any::type_name;

use crate::context::Parts;
use crate::error::{Error, Result};
use crate::extract::OptionalPart;
use crate::handler::{Needs, Parameter, Part, role};

/// What a middleware left in the extensions of the request, cloned.
///
/// `Option<Extension<T>>` is `None` where none did.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[derive(Clone)]
/// pub struct User(String);
///
/// #[middleware]
/// async fn log_in(mut request: Request, next: Next) -> Result<Response> {
///     request.extensions_mut().insert(User("Ada".to_owned()));
///     next.run(request).await
/// }
///
/// #[handler(get = "/me", with = [log_in])]
/// async fn me(Extension(user): Extension<User>) -> String {
///     user.0
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `Internal` if there is none: the program is put together wrongly, and the client cannot help it.
/// `BadRequest` for a call that did not come over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extension<T>(pub T);

impl<T: Clone + Send + Sync + 'static> Parameter for Extension<T> {
    type Role = role::Part;
}

impl<T: Clone + Send + Sync + 'static> Part for Extension<T> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let found = parts.head()?.extensions().get::<T>().cloned().map(Extension);
        found.ok_or_else(|| {
            let name = type_name::<T>();
            Error::internal("a part of the request is missing, which a middleware has to leave")
                .with_source(Missing(name))
        })
    }

    fn needs(_: &mut Needs) {}
}

impl<T: Clone + Send + Sync + 'static> OptionalPart for Extension<T> {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        let found = parts.head().ok().and_then(|head| head.extensions().get::<T>().cloned());
        Ok(found.map(Extension))
    }
}

/// What is missing, for the log: the names of types are none of the client's.
#[derive(Debug, thiserror::Error)]
#[error("no middleware around the handler inserted a value of type `{0}` into the extensions")]
struct Missing(&'static str);
