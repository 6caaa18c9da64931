//! Who a client is, in the program's own words.

use std::any::TypeId;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::context::{BoxFuture, Context, Parts};
use crate::error::Result;
use crate::handler::{IntoError, Need, Needs, Parameters, Place};
use crate::head::Head;
use crate::peer::Who;

/// How long it may take where nothing else is written.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Something that says who a client is: `#[authenticator]` implements it for a type of the function's own
/// name, which [`Manager::with_authenticator`](crate::Manager::with_authenticator) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no authenticator",
    label = "no `#[authenticator]` of this name",
    note = "write `#[authenticator]` on an `async fn(..) -> Result<User>`"
)]
pub trait Authenticator: 'static {
    /// What the attribute said.
    const SPEC: AuthenticatorSpec;
    /// The parameters, as a list.
    type Parameters: Parameters;
    /// What it returns, as it was written.
    type Output: IntoIdentity;

    /// Runs it.
    fn run(
        values: <Self::Parameters as Parameters>::Values,
    ) -> impl Future<Output = Self::Output> + Send;
}

/// What an authenticator returns: who it is, or why not.
#[diagnostic::on_unimplemented(
    message = "an authenticator returns `{Self}`, which says of nobody that they may not come in",
    label = "return `Result<User>`",
    note = "an authenticator is `async fn(..) -> Result<User>`: who it is, or `Err(Error::unauthorized(..))`"
)]
pub trait IntoIdentity {
    /// Who it is.
    type Identity: Send + Sync + 'static;

    /// Who it is, or why not.
    fn into_identity(self) -> Result<Self::Identity>;
}

impl<T: Send + Sync + 'static, E: IntoError> IntoIdentity for std::result::Result<T, E> {
    type Identity = T;

    fn into_identity(self) -> Result<T> {
        self.map_err(E::into_error)
    }
}

/// The name and the options of an authenticator.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatorSpec {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) timeout: Duration,
}

impl AuthenticatorSpec {
    /// With every option at its default.
    pub const fn new(name: &'static str, place: Place) -> Self {
        AuthenticatorSpec { name, place, timeout: TIMEOUT }
    }

    /// How long it may take, in milliseconds.
    #[must_use]
    pub const fn timeout_millis(mut self, millis: u64) -> Self {
        self.timeout = Duration::from_millis(millis);
        self
    }
}

/// A linked authenticator.
#[derive(Clone, Copy)]
pub struct AuthenticatorEntry {
    pub(crate) spec: AuthenticatorSpec,
    pub(crate) needs: fn(&mut Needs),
    /// The type that it gives.
    gives: fn() -> Need,
    pub(crate) run: for<'a> fn(&'a Context, &'a Head) -> BoxFuture<'a, Result<Who>>,
}

inventory::collect!(AuthenticatorEntry);

impl AuthenticatorEntry {
    /// The entry of `A`.
    pub const fn of<A: Authenticator>() -> Self {
        AuthenticatorEntry {
            spec: A::SPEC,
            needs: <A::Parameters as Parameters>::needs,
            gives: Need::of::<<A::Output as IntoIdentity>::Identity>,
            run: |context, head| {
                Box::pin(async move {
                    let mut parts = Parts::of_context(context).with_head(head);
                    let values = A::Parameters::collect(&mut parts, None).await?;
                    let who: Who = Arc::new(A::run(values).await.into_identity()?);
                    Ok(who)
                })
            },
        }
    }

    /// Whether it is a `T` that it gives, by the number of the type.
    pub(crate) fn gives(&self, id: TypeId) -> bool {
        (self.gives)().id == id
    }

    /// What it gives is called.
    pub(crate) fn given(&self) -> &'static str {
        (self.gives)().name
    }
}
