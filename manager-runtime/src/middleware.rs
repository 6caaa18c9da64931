//! What stands around handlers: middleware, and what gives errors their body.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;

use crate::context::{BoxFuture, Context, Parts};
use crate::error::{Error, Result};
use crate::handler::{IntoReply, Needs, Parameters, Place};
use crate::head::{Head, Request, Response};
use crate::message::Reply;

/// What comes after a middleware: the next one, and in the end the handler.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[middleware(global)]
/// async fn timed(request: Request, next: Next) -> Result<Response> {
///     let begin = std::time::Instant::now();
///     let response = next.run(request).await; // an error comes back typed
///     tracing::info!(elapsed = ?begin.elapsed(), ok = response.is_ok());
///     response
/// }
/// # fn main() {}
/// ```
///
/// The route has been chosen before any middleware runs: whoever changes the path of the request changes
/// what the handler reads, not which handler it is. A clone runs the rest once more, for whoever tries
/// again.
#[derive(Clone)]
pub struct Next {
    chain: Chain,
    /// Which one of the chain comes next.
    at: usize,
    end: Arc<dyn End>,
}

impl Next {
    pub(crate) fn new(chain: Chain, end: Arc<dyn End>) -> Self {
        Next { chain, at: 0, end }
    }

    /// Goes on with this request. The response may be changed before it is returned; an error is what
    /// the handler, another middleware or the router returned, before it has become a response.
    ///
    /// # Errors
    ///
    /// Whatever kept the handler from answering.
    pub async fn run(self, request: Request) -> Result<Response> {
        self.forward(request).await
    }

    /// The same to a response that a client could get.
    #[cfg(feature = "tower")]
    pub(crate) fn settle(self, request: Request) -> BoxFuture<'static, Response> {
        let end = self.end.clone();
        end.settle(self.forward(request))
    }

    pub(crate) fn forward(self, request: Request) -> BoxFuture<'static, Result<Response>> {
        let Next { chain, at, end } = self;
        match chain.0.get(at) {
            Some(link) => {
                let link = link.clone();
                let next = Next { chain, at: at + 1, end };
                link.wrap.call(link.context, request, next)
            }
            None => end.call(request),
        }
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left: Vec<_> = self.chain.0.iter().skip(self.at).map(|link| link.name).collect();
        f.debug_struct("Next").field("middleware", &left).finish_non_exhaustive()
    }
}

/// What a chain leads to.
pub(crate) trait End: Send + Sync {
    /// The head of a request that is on its way there, for the parameters of a middleware.
    fn head(&self, parts: http::request::Parts) -> Head;

    fn call(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response>>;

    /// Runs what is left of the chain to a response that a client could get: an error, or a panic, is
    /// written as it would be at the very end. For a layer that knows nothing of our errors.
    #[cfg_attr(not(feature = "tower"), expect(dead_code, reason = "only such layers ask for it"))]
    fn settle(
        self: Arc<Self>,
        rest: BoxFuture<'static, Result<Response>>,
    ) -> BoxFuture<'static, Response>;
}

/// Middleware in the order in which a request meets it.
#[derive(Clone, Default)]
pub(crate) struct Chain(Arc<[Link]>);

impl Chain {
    pub(crate) fn new(links: Vec<Link>) -> Self {
        Chain(links.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One middleware of a running manager.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) name: &'static str,
    wrap: Arc<dyn Wrap>,
    context: Context,
}

impl Link {
    /// Begins the life of the middleware: inside of the runtime, before the first request.
    pub(crate) fn new(layered: &Layered, context: Context) -> Self {
        layered.wrap.start();
        Link { name: layered.name, wrap: layered.wrap.clone(), context }
    }
}

/// Something that can stand around a handler.
pub(crate) trait Wrap: Send + Sync {
    /// Makes what lives as long as the manager. Called once for each place that it stands at.
    fn start(&self) {}

    fn call(
        &self,
        context: Context,
        request: Request,
        next: Next,
    ) -> BoxFuture<'static, Result<Response>>;
}

/// A middleware, ready to be put around something.
#[derive(Clone)]
pub struct Layered {
    pub(crate) name: &'static str,
    /// The type that `#[middleware]` made, with its place; none for a layer that has no name.
    declared: Option<(TypeId, Place)>,
    wrap: Arc<dyn Wrap>,
    needs: fn(&mut Needs),
}

impl Layered {
    pub(crate) fn new(name: &'static str, wrap: Arc<dyn Wrap>, needs: fn(&mut Needs)) -> Self {
        Layered { name, declared: None, wrap, needs }
    }

    pub(crate) fn place(&self) -> Option<Place> {
        self.declared.map(|(_, place)| place)
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        (self.needs)(needs);
    }
}

impl fmt::Debug for Layered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layered({})", self.name)
    }
}

/// The middleware of one manager. Wherever one stands it is the same: what it counts or limits, it counts
/// for all handlers that name it.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<TypeId, Layered>>);

impl Kept {
    pub(crate) fn get(&self, make: fn() -> Layered) -> Layered {
        let made = make();
        let Some((kind, _)) = made.declared else { return made };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(kind).or_insert(made).clone()
    }
}

/// What `with = [..]` may name: `#[middleware]` implements it for a type of the function's own name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no middleware",
    label = "no `#[middleware]` of this name",
    note = "write `#[middleware]` on an `async fn(request: Request, next: Next) -> Result<Response>`"
)]
pub trait Middleware: 'static {
    /// What the attribute said.
    const SPEC: MiddlewareSpec;

    /// The middleware, to be put around something.
    fn layered() -> Layered;
}

/// A middleware that is a function of the request and what comes after it.
pub trait Around: Middleware + Sized {
    /// The parameters after these two, as a list.
    type Parameters: Parameters;

    /// Runs it.
    fn run(
        request: Request,
        next: Next,
        values: MiddlewareValues<Self>,
    ) -> impl Future<Output = Result<Response>> + Send;
}

/// The values of the parameters of `M` after the first two.
pub type MiddlewareValues<M> = <<M as Around>::Parameters as Parameters>::Values;

/// The middleware of this name: what `with = [..]` holds.
pub fn with<M: Middleware>() -> Layered {
    let MiddlewareSpec { name, place, .. } = M::SPEC;
    Layered { name, declared: Some((TypeId::of::<M>(), place)), ..M::layered() }
}

/// Makes a middleware of a function.
pub fn around<M: Around>() -> Layered {
    struct Function<M>(std::marker::PhantomData<fn() -> M>);

    impl<M: Around> Wrap for Function<M> {
        fn call(
            &self,
            context: Context,
            request: Request,
            next: Next,
        ) -> BoxFuture<'static, Result<Response>> {
            Box::pin(async move {
                let parts = Parts::of_context(&context);
                if M::Parameters::IS_EMPTY {
                    let values = M::Parameters::collect(&mut { parts }, None).await?;
                    return M::run(request, next, values).await;
                }
                let (head, body) = request.into_parts();
                let head = next.end.head(head);
                let values = M::Parameters::collect(&mut parts.with_head(&head), None).await?;
                M::run(Request::from_parts(head.into_parts(), body), next, values).await
            })
        }
    }

    let function = Arc::new(Function::<M>(std::marker::PhantomData));
    Layered::new(M::SPEC.name, function, M::Parameters::needs)
}

/// The name and the options of a middleware.
#[derive(Clone, Copy, Debug)]
pub struct MiddlewareSpec {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) global: bool,
    pub(crate) path: Option<&'static str>,
    pub(crate) order: i64,
}

impl MiddlewareSpec {
    /// A middleware that is used by name only.
    pub const fn new(name: &'static str, place: Place) -> Self {
        MiddlewareSpec { name, place, global: false, path: None, order: 0 }
    }

    /// Around everything.
    #[must_use]
    pub const fn global(mut self) -> Self {
        self.global = true;
        self
    }

    /// Around everything below this path.
    #[must_use]
    pub const fn path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    /// Among those of the same reach, the lower is the outer one.
    #[must_use]
    pub const fn order(mut self, order: i64) -> Self {
        self.order = order;
        self
    }
}

/// A middleware that has a reach of its own, as it is linked.
#[derive(Clone, Copy)]
pub struct MiddlewareEntry {
    pub(crate) spec: MiddlewareSpec,
    pub(crate) layered: fn() -> Layered,
}

inventory::collect!(MiddlewareEntry);

impl MiddlewareEntry {
    /// The entry of `M`.
    pub const fn of<M: Middleware>() -> Self {
        MiddlewareEntry { spec: M::SPEC, layered: with::<M> }
    }

    /// Whether it stands around everything. One that was added by hand, and has no path, does as well.
    pub(crate) fn is_global(&self) -> bool {
        self.spec.global || self.spec.path.is_none()
    }
}

/// The first parameter of a middleware.
#[diagnostic::on_unimplemented(
    message = "the first parameter of a middleware is `Request`, and not `{Self}`",
    label = "write `Request`",
    note = "a middleware is `async fn(request: Request, next: Next, ..) -> Result<Response>`; other parameters stand behind these two"
)]
pub trait FirstParameter {
    /// The parameter itself.
    fn of(request: Request) -> Self;
}

impl FirstParameter for Request {
    fn of(request: Request) -> Self {
        request
    }
}

/// The second parameter of a middleware.
#[diagnostic::on_unimplemented(
    message = "the second parameter of a middleware is `Next`, and not `{Self}`",
    label = "write `Next`",
    note = "a middleware is `async fn(request: Request, next: Next, ..) -> Result<Response>`; other parameters stand behind these two"
)]
pub trait SecondParameter {
    /// The parameter itself.
    fn of(next: Next) -> Self;
}

impl SecondParameter for Next {
    fn of(next: Next) -> Self {
        next
    }
}

/// What a middleware may return.
#[diagnostic::on_unimplemented(
    message = "a middleware returns `{Self}`, which is no response",
    label = "return `Result<Response>`"
)]
pub trait IntoResult {
    /// The response, or why there is none.
    fn into_result(self) -> Result<Response>;
}

impl IntoResult for Response {
    fn into_result(self) -> Result<Response> {
        Ok(self)
    }
}

impl<E: crate::handler::IntoError> IntoResult for std::result::Result<Response, E> {
    fn into_result(self) -> Result<Response> {
        self.map_err(E::into_error)
    }
}

// ---- catchers --------------------------------------------------------------------------------------

/// An error that is about to become a response, for a `#[catcher]` to give it a body.
///
/// The status and the headers of the error (`Allow`, `WWW-Authenticate`, `Retry-After`) stay, unless the
/// catcher sets its own.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[catcher(404)]
/// async fn not_found(caught: Caught) -> String {
///     format!("there is nothing at {}", caught.uri().path())
/// }
/// # fn main() {}
/// ```
///
/// Where a layer of tower stands around a handler, the error has become a response before the layer sees
/// it. Whoever stands outside of such a layer finds the error in the extensions of that response:
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[middleware(global)]
/// async fn counted(request: Request, next: Next) -> Result<Response> {
///     let response = next.run(request).await?;
///     if let Some(error) = response.extensions().get::<Caught>().and_then(Caught::error) {
///         tracing::info!(kind = %error.kind(), "an error passed a layer");
///     }
///     Ok(response)
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Caught(Arc<CaughtError>);

#[derive(Debug)]
pub(crate) struct CaughtError {
    pub(crate) error: Option<Error>,
    pub(crate) status: StatusCode,
    pub(crate) method: http::Method,
    pub(crate) uri: http::Uri,
    pub(crate) request_id: Arc<str>,
    /// For the parameters of a catcher; kept where there is one.
    pub(crate) head: Option<Arc<Head>>,
}

impl Caught {
    pub(crate) fn new(caught: CaughtError) -> Self {
        Caught(Arc::new(caught))
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(crate) fn head(&self) -> Option<&Head> {
        self.0.head.as_deref()
    }

    /// The error, unless a handler answered with a status of this kind and no body by itself.
    pub fn error(&self) -> Option<&Error> {
        self.0.error.as_ref()
    }

    /// What a client may read of the error: its message, or a generic one with the number of the request.
    pub fn message(&self) -> String {
        match &self.0.error {
            Some(error) => match error.public_message() {
                Some(message) => message.to_owned(),
                None => hidden(&self.0.request_id),
            },
            None => self.0.status.canonical_reason().unwrap_or("error").to_ascii_lowercase(),
        }
    }

    /// The method of the request.
    pub fn method(&self) -> &http::Method {
        &self.0.method
    }

    /// The target of the request.
    pub fn uri(&self) -> &http::Uri {
        &self.0.uri
    }

    /// The identifier of the request, as in [`Context::request_id`](crate::Context::request_id).
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }
}

/// What a client reads instead of an error that is not for it.
pub(crate) fn hidden(request_id: &str) -> String {
    format!("internal error, see the log for request {request_id}")
}

impl crate::handler::Parameter for Caught {
    type Role = crate::handler::role::Part;
}

impl crate::handler::Part for Caught {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        parts.caught().cloned().ok_or_else(|| {
            Error::internal(
                "`Caught` is a parameter of a `#[catcher]`, and here nothing was caught",
            )
        })
    }

    fn needs(_: &mut Needs) {}
}

/// A service of somebody else's, under a path of its own.
#[derive(Clone)]
pub(crate) struct Mount {
    /// As it was written.
    pub(crate) path: Arc<str>,
    pub(crate) name: &'static str,
    /// `None` where it is known that there will be one, and it has not been made yet.
    pub(crate) service: Option<Arc<dyn Mounted>>,
}

/// Such a service, whatever its type.
pub(crate) trait Mounted: Send + Sync {
    /// Answers a request whose path begins with so many segments that are not the service's.
    fn call(&self, request: Request, segments: usize) -> BoxFuture<'static, Result<Response>>;
}

/// Something that gives errors their body: `#[catcher]` implements it.
pub trait Catcher: 'static {
    /// What the attribute said.
    const SPEC: CatcherSpec;
    /// The parameters, as a list.
    type Parameters: Parameters;

    /// Runs it.
    fn run(
        values: <Self::Parameters as Parameters>::Values,
    ) -> impl Future<Output = Result<Reply>> + Send;
}

/// What a catcher returned, for HTTP.
pub fn reply<T: IntoReply>(reply: T) -> Result<Reply> {
    reply.into_value().and_then(T::encode)
}

/// The name and the options of a catcher.
#[derive(Clone, Copy, Debug)]
pub struct CatcherSpec {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    /// None stands for all.
    pub(crate) statuses: &'static [u16],
    pub(crate) path: Option<&'static str>,
}

impl CatcherSpec {
    /// A catcher of everything.
    pub const fn new(name: &'static str, place: Place) -> Self {
        CatcherSpec { name, place, statuses: &[], path: None }
    }

    /// Only of these statuses.
    #[must_use]
    pub const fn statuses(mut self, statuses: &'static [u16]) -> Self {
        self.statuses = statuses;
        self
    }

    /// Only below this path.
    #[must_use]
    pub const fn path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }
}

/// A linked catcher.
#[derive(Clone, Copy)]
pub struct CatcherEntry {
    pub(crate) spec: CatcherSpec,
    pub(crate) needs: fn(&mut Needs),
    pub(crate) run: fn(Context, Caught) -> BoxFuture<'static, Result<Reply>>,
}

inventory::collect!(CatcherEntry);

impl CatcherEntry {
    /// The entry of `C`.
    pub const fn of<C: Catcher>() -> Self {
        CatcherEntry {
            spec: C::SPEC,
            needs: <C::Parameters as Parameters>::needs,
            run: |context, caught| {
                Box::pin(async move {
                    let mut parts = Parts::of_context(&context).with_caught(&caught);
                    let values = C::Parameters::collect(&mut parts, None).await?;
                    C::run(values).await
                })
            },
        }
    }
}
