//! Parameters that may be absent.

use std::future::Future;

use crate::context::Parts;
use crate::error::Result;
use crate::handler::{Message, Needs, Parameter, Part, Reads, Role};
use crate::message::Payload;

/// A part that a request may come without: `Option<P>` is then a parameter as well.
///
/// `None` stands for absent, and for nothing else: what is there and cannot be read is an error, as it is
/// without the `Option`. A call that did not come over HTTP has no request, so there everything of one is
/// absent.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::{OptionalPart, Parameter, Part, Parts, role};
///
/// /// The language that a client wants, if it says so.
/// pub struct Language(String);
///
/// impl Parameter for Language {
///     type Role = role::Part;
/// }
///
/// impl Part for Language {
///     async fn part(parts: &mut Parts<'_>) -> Result<Self> {
///         let found = Self::optional_part(parts).await?;
///         found.ok_or_else(|| Error::bad_request("say which language"))
///     }
/// }
///
/// impl OptionalPart for Language {
///     async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
///         let Ok(head) = parts.head() else { return Ok(None) };
///         let Some(said) = head.headers().get("accept-language") else { return Ok(None) };
///         let said = said.to_str().map_err(|_| Error::bad_request("that is no language"))?;
///         Ok(Some(Language(said.to_owned())))
///     }
/// }
///
/// #[handler(get = "/greeting")]
/// async fn greeting(language: Option<Language>) -> &'static str {
///     match language {
///         Some(Language(said)) if said.starts_with("de") => "Guten Tag",
///         _ => "Hello",
///     }
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` cannot be a parameter of a handler: `{Self}` is never absent",
    label = "write it without `Option`",
    note = "what may be absent is every message, `Path`, `Query`, `Header`, `Extension`, `Host`, `ClientAddr`, `Method`, `Uri`, `HeaderMap`, and a part of yours that implements `OptionalPart`"
)]
pub trait OptionalPart: Part {
    /// Makes the value for one call, if there is something to make it of. The example on
    /// [`OptionalPart`] shows one.
    ///
    /// # Errors
    ///
    /// For what is there and cannot be read. The call ends with that error.
    fn optional_part(parts: &mut Parts<'_>) -> impl Future<Output = Result<Option<Self>>> + Send;
}

// One implementation for both roles, since there can be no two: which of them it is, the type inside says.
impl<P: Parameter> Parameter for Option<P>
where
    P::Role: Role<Option<P>>,
{
    type Role = P::Role;
}

impl<P: OptionalPart> Part for Option<P> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        P::optional_part(parts).await
    }

    fn needs(needs: &mut Needs) {
        let before = needs.captures.len();
        P::needs(needs);
        for reading in &mut needs.captures[before..] {
            reading.optional = true;
        }
    }
}

/// `None` if nothing was sent: no body, for a message of a query no query, over the bus no payload, and
/// `null` where it is JSON.
impl<M: Message> Message for Option<M> {
    type Value = Option<M::Value>;

    const READS: Reads = M::READS;

    fn from_value(value: Self::Value) -> Self {
        value.map(M::from_value)
    }

    fn decode(payload: Payload) -> Result<Self::Value> {
        if payload.is_nothing() { Ok(None) } else { M::decode(payload).map(Some) }
    }

    fn needs(needs: &mut Needs) {
        M::needs(needs);
    }
}
