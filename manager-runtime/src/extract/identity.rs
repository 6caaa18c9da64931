//! Who the client is, as the program's own authenticator says.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::context::Parts;
use crate::error::{Error, Result};
use crate::extract::OptionalPart;
use crate::handler::{Needs, Parameter, Part, role};

/// Who the client is: what the [`#[authenticator]`](macro@crate::authenticator) of the program returned for this
/// request.
///
/// `Option<Identity<U>>` is `None` where it was not asked: the request came with a key, or the call did not come
/// over HTTP; on a `public` handler also where the authenticator knows nobody.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// pub struct User { pub name: String }
///
/// #[authenticator]
/// async fn session(headers: HeaderMap) -> Result<User> {
///     match headers.get("x-session").and_then(|session| session.to_str().ok()) {
///         Some("4711") => Ok(User { name: "Ada".to_owned() }),
///         _ => Err(Error::unauthorized("log in first")),
///     }
/// }
///
/// #[handler(get = "/me")]
/// async fn me(user: Identity<User>) -> String {
///     user.name.clone()
/// }
/// # use manager_runtime::HeaderMap;
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `Unauthorized` if there is none.
pub struct Identity<U>(pub Arc<U>);

impl<U: Send + Sync + 'static> Parameter for Identity<U> {
    type Role = role::Part;
}

impl<U: Send + Sync + 'static> Part for Identity<U> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let found = Self::optional_part(parts).await?;
        found.ok_or_else(|| Error::unauthorized("this is for somebody who is known by name"))
    }

    fn needs(needs: &mut Needs) {
        needs.identity::<U>();
    }
}

impl<U: Send + Sync + 'static> OptionalPart for Identity<U> {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        Ok(parts.head().ok().and_then(|head| head.peer().identity()).map(Identity))
    }
}

impl<U> Clone for Identity<U> {
    fn clone(&self) -> Self {
        Identity(self.0.clone())
    }
}

impl<U> Deref for Identity<U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.0
    }
}

impl<U: fmt::Debug> fmt::Debug for Identity<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.0).finish()
    }
}
