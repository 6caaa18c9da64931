//! Parameters whose error the handler wants to see.

use std::fmt;

use crate::context::Parts;
use crate::error::{BoxError, Error, Result};
use crate::handler::{Message, Needs, Parameter, Part, Reads, Role};
use crate::message::Payload;

/// Why a parameter could not be made: `Result<P, Rejection>` around any parameter hands the error to the
/// handler instead of ending the call.
///
/// Around a message it is also the error of a body that is too long, stalled, or of another media type. A
/// typed caller hands over `Ok(value)`.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::Rejection;
///
/// #[message]
/// pub struct Filter { page: u32 }
///
/// #[handler(get = "/posts")]
/// async fn posts(filter: Result<Query<Filter>, Rejection>) -> Result<String> {
///     match filter {
///         Ok(Query(filter)) => Ok(format!("page {}", filter.page)),
///         Err(rejection) if rejection.error().kind() == Kind::BadRequest => Ok("page 1".to_owned()),
///         Err(rejection) => Err(rejection.into()), // as it would have been
///     }
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Rejection(Error);

impl Rejection {
    /// The error that would have ended the call.
    ///
    /// ```
    /// use manager_runtime::{Error, Kind, Rejection};
    /// let rejection = Rejection::from(Error::bad_request("the query does not fit"));
    /// assert_eq!(rejection.error().kind(), Kind::BadRequest);
    /// ```
    pub fn error(&self) -> &Error {
        &self.0
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Rejection(error)
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        rejection.0
    }
}

impl From<Rejection> for BoxError {
    fn from(rejection: Rejection) -> Self {
        rejection.0.into()
    }
}

impl<P: Parameter> Parameter for Result<P, Rejection>
where
    P::Role: Role<Result<P, Rejection>>,
{
    type Role = P::Role;
}

impl<P: Part> Part for Result<P, Rejection> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(P::part(parts).await.map_err(Rejection))
    }

    fn needs(needs: &mut Needs) {
        P::needs(needs);
    }
}

impl<M: Message> Message for Result<M, Rejection> {
    type Value = Result<M::Value, Rejection>;

    const READS: Reads = M::READS;

    fn from_value(value: Self::Value) -> Self {
        value.map(M::from_value)
    }

    fn decode(payload: Payload) -> Result<Self::Value> {
        Ok(M::decode(payload).map_err(Rejection))
    }

    fn needs(needs: &mut Needs) {
        M::needs(needs);
    }
}
