//! What a running handler can reach, and what is known of the call that it serves.

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::net::SocketAddr;
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::exchange::MultiBus;
use crate::handler::{Answer, Handler, Needs, Parameter, Part, Request, role};
use crate::head::Head;
use crate::message::{IntoPayload, Payload, Reply};
use crate::middleware::Caught;
use crate::panics;
use crate::state::SharedState;

/// A future that has been boxed, so that handlers may call each other in any order without their
/// types growing into each other.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a running handler can reach: other handlers, the state, and the facts of its own call.
///
/// A handler takes it as a parameter of type `Context`; a program gets one from
/// [`Running::context`](crate::Running::context). Cloning is cheap. A context that outlives its
/// handler still reaches the bus, and holds no replica.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[message]
/// pub struct Sum { pub a: i64, pub b: i64 }
///
/// #[handler]
/// async fn add(sum: Sum) -> Json<i64> {
///     Json(sum.a + sum.b)
/// }
///
/// #[handler]
/// async fn double(ctx: Context, sum: Sum) -> Result<Json<i64>> {
///     let once = ctx.call::<add>(sum).await?; // checked by the compiler
///     Ok(Json(once * 2))
/// }
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Context {
    pub(crate) frame: Arc<Frame>,
}

impl Context {
    /// Calls the handler `H` and waits for its reply. The request moves into the handler as it is.
    ///
    /// With a replica free the handler runs in this very task. The call has the handler's own
    /// timeout, or what is left of this call's deadline if that is less; [`Call::timeout`] sets
    /// another one.
    ///
    /// # Errors
    ///
    /// What the handler returned, or a [`Kind`](crate::Kind) that says why it did not: `Overloaded`,
    /// `Timeout`, `Panicked`, `Cycle`, `ShuttingDown`, `NotFound` if this manager runs without it.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler]
    /// async fn length(text: String) -> Json<usize> {
    ///     Json(text.len())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<length>().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// assert_eq!(ctx.call::<length>("four".to_owned()).await?, 4);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn call<H: Handler>(&self, request: Request<H>) -> Call<'_, Request<H>, Answer<H>> {
        Call { context: self, request, timeout: None, start: start::<H> }
    }

    /// Sends a request to the handler `H` and does not wait for its reply.
    ///
    /// # Errors
    ///
    /// `Overloaded` if the queue of `H` is full, `NotFound` if this manager runs without it,
    /// `ShuttingDown`. What the handler itself returns later is logged and counted.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler]
    /// async fn audit(what: String) {
    ///     println!("{what}");
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<audit>().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// ctx.send::<audit>("an order was paid".to_owned()).await?; // accepted, maybe not begun
    /// # running.stop().await
    /// # }
    /// ```
    pub fn send<H: Handler>(&self, request: Request<H>) -> Sending<(&Self, Request<H>)> {
        Sending::new((self, request), |(context, request)| {
            context.bus().target::<H>()?.send(request, Origin::Dispatched(context.frame.sender()))
        })
    }

    /// Calls the handler with this name and waits for its reply.
    ///
    /// The time limit is that of [`call`](Self::call); [`Publish::timeout`] sets another one. A
    /// handler that is `internal` is reached as well: that option closes HTTP only.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call), and `BadRequest` or `Unprocessable` if the payload does not fit
    /// the handler's message.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn length(text: String) -> Json<usize> { Json(text.len()) }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<length>().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// let length: usize = ctx.publish("length", "four").await?.json()?;
    /// assert_eq!(length, 4);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn publish(&self, name: impl Into<String>, payload: impl IntoPayload) -> Publish<'_> {
        let origin = Origin::Called(self.frame.clone());
        Publish::new(self.bus(), origin, name.into(), payload.into_payload())
    }

    /// Sends a payload to the handler with this name and does not wait for its reply.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send), and `BadRequest` or `Unprocessable` if the payload does not fit
    /// the handler's message: it is read before it is accepted.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn audit(what: String) { drop(what) }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<audit>().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// ctx.dispatch("audit", "an order was paid").await?;
    /// assert!(ctx.dispatch("nobody", "hello").await.is_err());
    /// # running.stop().await
    /// # }
    /// ```
    pub fn dispatch<'a>(
        &'a self,
        name: &'a str,
        payload: impl IntoPayload,
    ) -> Sending<(&'a Self, &'a str, Payload)> {
        Sending::new((self, name, payload.into_payload()), |(context, name, payload)| {
            let origin = Origin::Dispatched(context.frame.sender());
            context.bus().exchange().dispatch(name, payload, origin)
        })
    }

    /// Tells every handler that subscribes to the topic, each through its own queue, and returns how
    /// many there are. A subscriber whose queue is full misses the event; that is counted and logged.
    ///
    /// A topic is words of ASCII letters, digits, `_` and `-` with single dots between, at most 255
    /// bytes. Handlers subscribe with the option `on` of [`#[handler]`](macro@crate::handler).
    ///
    /// # Errors
    ///
    /// `BadRequest` for something that is no topic, `ShuttingDown`, `Internal` if the payload
    /// cannot be written as JSON.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(on = "orders.*")]
    /// async fn watcher(order: String) {
    ///     println!("{order}");
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<watcher>().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// assert_eq!(ctx.emit("orders.paid", "order 7").await?, 1);
    /// assert_eq!(ctx.emit("users.joined", "Ada").await?, 0);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn emit<'a>(
        &'a self,
        topic: &'a str,
        payload: impl IntoPayload,
    ) -> Sending<(&'a Self, &'a str, Payload), usize> {
        Sending::new((self, topic, payload.into_payload()), |(context, topic, payload)| {
            context.bus().exchange().emit(topic, payload, Some(context.frame.trace().clone()))
        })
    }

    /// The key-value store that every handler sees.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler]
    /// async fn visit(ctx: Context) -> Result<Json<i64>> {
    ///     Ok(Json(ctx.state().increment("visits", 1)?))
    /// }
    /// # fn main() {}
    /// ```
    pub fn state(&self) -> &Arc<SharedState> {
        &self.frame.home.state
    }

    /// The bus, for what is written against the ancestor's interface.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use manager_runtime::prelude::*;
    ///
    /// async fn older_code(bus: Arc<MultiBus>) -> Result<String> {
    ///     bus.publish("length", "four").await?.text()
    /// }
    ///
    /// #[handler]
    /// async fn newer_code(ctx: Context) -> Result<String> {
    ///     older_code(ctx.bus().clone()).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn bus(&self) -> &Arc<MultiBus> {
        &self.frame.home.bus
    }

    /// Who made this call.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler]
    /// async fn whoami(ctx: Context) -> String {
    ///     ctx.source().to_string() // "http:127.0.0.1:50123", or the name of a handler
    /// }
    /// # fn main() {}
    /// ```
    pub fn source(&self) -> Source<'_> {
        self.frame.origin.source()
    }

    /// When this call has to be over, on tokio's clock; `None` for a program's own context.
    ///
    /// That is the handler's `timeout` (30 s unless it says otherwise), or the caller's deadline if
    /// that is earlier.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(timeout = "5s")]
    /// async fn left(ctx: Context) -> String {
    ///     match ctx.deadline() {
    ///         Some(deadline) => format!("{:?} left", deadline - tokio::time::Instant::now()),
    ///         None => "no limit".to_owned(),
    ///     }
    /// }
    /// # fn main() {}
    /// ```
    pub fn deadline(&self) -> Option<Instant> {
        self.frame.deadline()
    }

    /// The name of the handler that runs; `program` for a program's own context.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// assert_eq!(ctx.handler(), "program");
    /// # running.stop().await
    /// # }
    /// ```
    pub fn handler(&self) -> &str {
        &self.frame.home.name
    }

    /// The identifier of the request that all of this began with: what the client sent as
    /// `X-Request-Id`, or one made here. It stays the same through every call below it.
    ///
    /// A client's own counts if it is 1 to 128 visible ASCII characters; one made here is 16
    /// hexadecimal digits.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().without_http().spawn().await?;
    /// # let ctx = running.context();
    /// assert_eq!(ctx.request_id().len(), 16);
    /// assert_eq!(ctx.request_id(), ctx.request_id());
    /// # running.stop().await
    /// # }
    /// ```
    pub fn request_id(&self) -> Arc<str> {
        self.frame.trace().id()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("handler", &self.handler())
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

impl Parameter for Context {
    type Role = role::Part;
}

impl Part for Context {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(parts.context())
    }

    fn needs(_: &mut Needs) {}
}

impl Parameter for Arc<MultiBus> {
    type Role = role::Part;
}

impl Part for Arc<MultiBus> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(parts.home().bus.clone())
    }

    fn needs(_: &mut Needs) {}
}

impl Parameter for Arc<SharedState> {
    type Role = role::Part;
}

impl Part for Arc<SharedState> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(parts.home().state.clone())
    }

    fn needs(_: &mut Needs) {}
}

/// A typed call that has not begun; `.await` runs it.
///
/// `R` is the request, `T` the reply. No bound stands here, so that a call of something that is no
/// handler is one mistake and not several.
///
/// ```
/// use manager_runtime::prelude::*;
/// # #[handler] async fn length(text: String) -> Json<usize> { Json(text.len()) }
/// # async fn example(ctx: Context) -> Result<()> {
/// let call = ctx.call::<length>("four".to_owned()); // nothing has happened yet
/// assert_eq!(call.await?, 4);
/// # Ok(()) }
/// # fn main() {}
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'a, R, T> {
    context: &'a Context,
    request: R,
    timeout: Option<Duration>,
    start: fn(&'a Context, R, Option<Duration>) -> BoxFuture<'a, Result<T>>,
}

impl<R, T> Call<'_, R, T> {
    /// How long this call may take, waiting for a replica included, instead of the handler's own
    /// timeout. What is left of the caller's deadline still is the limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn length(text: String) -> Json<usize> { Json(text.len()) }
    /// # async fn example(ctx: Context) -> Result<()> {
    /// let second = Duration::from_secs(1);
    /// let length = ctx.call::<length>("four".to_owned()).timeout(second).await?;
    /// # Ok(()) }
    /// # fn main() {}
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl<'a, R, T> IntoFuture for Call<'a, R, T> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        (self.start)(self.context, self.request, self.timeout)
    }
}

fn start<H: Handler>(
    context: &Context,
    request: Request<H>,
    timeout: Option<Duration>,
) -> BoxFuture<'_, Result<Answer<H>>> {
    match context.bus().target::<H>() {
        Ok(target) => target.call(request, &context.frame, timeout),
        Err(error) => Box::pin(std::future::ready(Err(error))),
    }
}

/// Something that is sent without waiting for a reply; `.await` sends it.
///
/// It is done as soon as the message is accepted or refused; it never waits for room in a queue.
/// Made by [`Context::send`], [`Context::dispatch`] and [`Context::emit`].
///
/// ```
/// use manager_runtime::prelude::*;
///
/// # async fn example(ctx: Context) -> Result<()> {
/// let sending = ctx.dispatch("audit", "an order was paid"); // nothing is sent yet
/// sending.await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Sending<R, T = ()> {
    /// Gone once it was sent.
    what: Option<R>,
    send: fn(R) -> Result<T>,
}

impl<R, T> Sending<R, T> {
    pub(crate) fn new(what: R, send: fn(R) -> Result<T>) -> Self {
        Sending { what: Some(what), send }
    }
}

// Nothing in it is ever pinned: what is sent moves out in one step.
impl<R, T> Unpin for Sending<R, T> {}

impl<R, T> Future for Sending<R, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        // A hot loop that only sends must let those run who receive.
        let coop = ready!(tokio::task::coop::poll_proceed(cx));
        coop.made_progress();
        match self.what.take() {
            Some(what) => Poll::Ready((self.send)(what)),
            None => Poll::Ready(Err(Error::internal("a message cannot be sent twice"))),
        }
    }
}

/// A call by name that has not begun; `.await` runs it. Made by [`Context::publish`] and
/// [`MultiBus::publish`].
///
/// ```
/// use manager_runtime::prelude::*;
///
/// # async fn example(ctx: Context) -> Result<()> {
/// let greeting = ctx.publish("greet", "Ada").await?.text()?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Publish<'a> {
    bus: &'a MultiBus,
    origin: Origin,
    name: String,
    payload: Payload,
    timeout: Option<Duration>,
}

impl<'a> Publish<'a> {
    pub(crate) fn new(bus: &'a MultiBus, origin: Origin, name: String, payload: Payload) -> Self {
        Publish { bus, origin, name, payload, timeout: None }
    }

    /// How long this call may take, waiting for a replica included, instead of the handler's own
    /// timeout. What is left of the caller's deadline still is the limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manager_runtime::prelude::*;
    ///
    /// # async fn example(ctx: Context) -> Result<()> {
    /// let half = Duration::from_millis(500);
    /// let greeting = ctx.publish("greet", "Ada").timeout(half).await?.text()?;
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl<'a> IntoFuture for Publish<'a> {
    type Output = Result<Reply>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        self.bus.exchange().call(&self.name, self.payload, self.origin, self.timeout)
    }
}

/// Who made a call. Nothing in it that a client wrote is presented as fact.
///
/// As text it is one line for a log: `http:127.0.0.1:50123`, `topic:orders.paid`, `command line`,
/// `program`, or the name of a handler.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::Source;
///
/// #[handler]
/// async fn delete_all(ctx: Context) -> Result<String> {
///     match ctx.source() {
///         Source::Handler("admin") | Source::Command => Ok("gone".to_owned()),
///         other => Err(Error::forbidden(format!("not for {other}"))),
///     }
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source<'a> {
    /// Another handler, by name.
    Handler(&'a str),
    /// A client over HTTP.
    Http {
        /// The address that the connection came from.
        peer: SocketAddr,
        /// What the envelope *claimed* in `src`.
        claimed: Option<&'a str>,
    },
    /// An event on this topic.
    Topic(&'a str),
    /// The binary's own command line.
    Command,
    /// The program that the manager runs in, or a test.
    Program,
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Handler(name) => f.write_str(name),
            Source::Http { peer, claimed: None } => write!(f, "http:{peer}"),
            // Quoted, because a client chose the text.
            Source::Http { peer, claimed: Some(claimed) } => {
                write!(f, "http:{peer} as {claimed:?}")
            }
            Source::Topic(topic) => write!(f, "topic:{topic}"),
            Source::Command => f.write_str("command line"),
            Source::Program => f.write_str("program"),
        }
    }
}

/// Something that `manager! { provide: [..] }` provided, by its type.
///
/// A handler that names a type which nobody provides ends the start, not a request.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// pub struct Pool { size: usize }
///
/// #[handler]
/// async fn size(pool: Res<Pool>) -> String {
///     pool.size.to_string()
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Res<T>(Arc<T>);

impl<T> Res<T> {
    /// The shared pointer inside.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use manager_runtime::prelude::*;
    ///
    /// pub struct Pool { size: usize }
    ///
    /// #[handler]
    /// async fn keep(pool: Res<Pool>) -> Json<usize> {
    ///     let pool: Arc<Pool> = pool.into_inner();
    ///     Json(pool.size)
    /// }
    /// # fn main() {}
    /// ```
    pub fn into_inner(self) -> Arc<T> {
        self.0
    }
}

impl<T> Clone for Res<T> {
    fn clone(&self) -> Self {
        Res(self.0.clone())
    }
}

impl<T> Deref for Res<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Send + Sync + 'static> Parameter for Res<T> {
    type Role = role::Part;
}

impl<T: Send + Sync + 'static> Part for Res<T> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        parts.resource::<T>().map(Res)
    }

    fn needs(needs: &mut Needs) {
        needs.resource::<T>();
    }
}

/// What a [`Part`] is made from: one call, before its handler runs. [`Part`] shows one that is made
/// from the context, [`resource`](Parts::resource) one that is made from a resource.
pub struct Parts<'a> {
    /// The seat of the call, in its present turn.
    home: &'a Arc<Home>,
    caller: Caller<'a>,
    limit: Limit,
    /// Made when the first part asks for a context: a call without one pays nothing for it.
    frame: Option<Arc<Frame>>,
    /// The request that a middleware was given, or whose error a catcher caught; that of a call is its
    /// caller's.
    head: Option<&'a Head>,
    /// What a catcher caught.
    caught: Option<&'a Caught>,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(home: &'a Arc<Home>, caller: Caller<'a>, limit: Limit) -> Self {
        Parts { home, caller, limit, frame: None, head: None, caught: None }
    }

    /// The parts of no call: what `new` can take.
    pub(crate) fn of_context(context: &'a Context) -> Self {
        let frame = &context.frame;
        Parts {
            home: &frame.home,
            caller: Caller::Origin(&Origin::Program),
            limit: Limit::none(),
            frame: Some(frame.clone()),
            head: None,
            caught: None,
        }
    }

    /// The same with the request that a middleware was given.
    pub(crate) fn with_head(self, head: &'a Head) -> Self {
        Parts { head: Some(head), ..self }
    }

    /// The same with what a catcher caught.
    pub(crate) fn with_caught(self, caught: &'a Caught) -> Self {
        Parts { caught: Some(caught), head: caught.head(), ..self }
    }

    pub(crate) fn caught(&self) -> Option<&'a Caught> {
        self.caught
    }

    /// The context of the call, as the handler itself would get it: its source, its deadline, the
    /// state. [`Part`] shows a use.
    pub fn context(&mut self) -> Context {
        let frame = self.frame.get_or_insert_with(|| {
            Arc::new(Frame {
                home: self.home.clone(),
                turn: self.home.seat.turn.load(Ordering::Relaxed),
                origin: self.caller.to_origin(),
                limit: self.limit,
                deadline: OnceLock::new(),
                trace: OnceLock::new(),
                sender: OnceLock::new(),
            })
        });
        Context { frame: frame.clone() }
    }

    /// What was provided with the type `T`.
    ///
    /// # Errors
    ///
    /// `Internal` if nothing was; a [`Part::needs`] that names the type makes that impossible.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// use manager_runtime::{Needs, Parameter, Part, Parts, role};
    ///
    /// pub struct Settings { pub currency: String }
    ///
    /// /// The currency that this service counts in.
    /// pub struct Currency(pub String);
    ///
    /// impl Parameter for Currency {
    ///     type Role = role::Part;
    /// }
    ///
    /// impl Part for Currency {
    ///     async fn part(parts: &mut Parts<'_>) -> Result<Self> {
    ///         Ok(Currency(parts.resource::<Settings>()?.currency.clone()))
    ///     }
    ///
    ///     fn needs(needs: &mut Needs) {
    ///         needs.resource::<Settings>();
    ///     }
    /// }
    /// ```
    pub fn resource<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        let found = self.home.bus.exchange().resource(TypeId::of::<T>());
        found.and_then(|resource| resource.clone().downcast::<T>().ok()).ok_or_else(|| {
            Error::internal(format!("nothing of type `{}` is provided", std::any::type_name::<T>()))
        })
    }

    /// The request that this call came with, up to its body; for a parameter of a middleware the request as it
    /// was given to it, and for one of a catcher the request as it came. [`Head`] shows a use.
    ///
    /// # Errors
    ///
    /// `BadRequest` for a call that did not come over HTTP: over the bus or from the command line.
    pub fn head(&self) -> Result<&Head> {
        match (self.head, self.caller) {
            (Some(head), _) => Ok(head),
            (None, Caller::Origin(Origin::Http(http))) => Ok(&http.head),
            _ => Err(Error::bad_request(format!(
                "`{}` reads an HTTP request, and this call did not come over HTTP",
                self.home.name
            ))),
        }
    }

    pub(crate) fn home(&self) -> &Arc<Home> {
        self.home
    }
}

/// One call as its context sees it; the link of the chain that travels with the calls below it.
pub(crate) struct Frame {
    /// The replica that serves the call. Shared by all calls of that replica, one at a time.
    pub(crate) home: Arc<Home>,
    /// Which turn of the replica this is; once the replica has moved on, the frame holds nothing.
    pub(crate) turn: u64,
    pub(crate) origin: Origin,
    limit: Limit,
    /// Set when somebody asks.
    deadline: OnceLock<u64>,
    trace: OnceLock<Arc<Trace>>,
    sender: OnceLock<Arc<Sender>>,
}

impl Frame {
    /// A frame at the top: what a program or a `new` calls from.
    pub(crate) fn top(home: Arc<Home>, origin: Origin) -> Arc<Self> {
        Arc::new(Frame {
            home,
            turn: 0,
            origin,
            limit: Limit::none(),
            deadline: OnceLock::new(),
            trace: OnceLock::new(),
            sender: OnceLock::new(),
        })
    }

    /// The call that waits for this one.
    pub(crate) fn parent(&self) -> Option<&Arc<Frame>> {
        self.origin.waiting_frame()
    }

    /// Whether the replica is still busy with this very call.
    pub(crate) fn holds_its_replica(&self) -> bool {
        self.turn % 2 == 1 && self.home.seat.turn.load(Ordering::Acquire) == self.turn
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.home.epoch.instant(self.deadline_number())
    }

    fn deadline_number(&self) -> u64 {
        *self.deadline.get_or_init(|| {
            // A call that has waited has a deadline already, and there is only one.
            match self.home.seat.deadline.load(Ordering::SeqCst) {
                written if written != 0 && self.holds_its_replica() => written,
                _ => self.limit.resolve(self.parent(), self.home.epoch),
            }
        })
    }

    /// What the whole chain of cause and effect has in common.
    pub(crate) fn trace(&self) -> &Arc<Trace> {
        self.trace.get_or_init(|| match &self.origin {
            Origin::Called(frame) => frame.trace().clone(),
            Origin::Apart(apart) => apart.frame.trace().clone(),
            Origin::Dispatched(sender) => sender.trace.clone(),
            Origin::Http(http) => http.trace().clone(),
            Origin::Topic(event) => event.trace.clone().unwrap_or_default(),
            Origin::Command | Origin::Program => Arc::default(),
        })
    }

    /// What a message takes along of its sender. Not the frame: a handler that sends itself a message
    /// again and again would keep its whole past.
    pub(crate) fn sender(&self) -> Arc<Sender> {
        let make = || Arc::new(Sender { by: self.home.clone(), trace: self.trace().clone() });
        self.sender.get_or_init(make).clone()
    }
}

/// Who sent a message. Shared by all messages of one call: it is counted up where they are sent and down
/// where they run, and each count of its own would be fetched back and forth between two cores.
pub(crate) struct Sender {
    by: Arc<Home>,
    trace: Arc<Trace>,
}

/// One request and everything that it set in motion.
#[derive(Default)]
pub(crate) struct Trace(OnceLock<Arc<str>>);

impl Trace {
    fn given(id: Arc<str>) -> Self {
        Trace(OnceLock::from(id))
    }

    pub(crate) fn id(&self) -> Arc<str> {
        self.0.get_or_init(fresh_request_id).clone()
    }
}

/// The seat of one replica: what every call that it serves has in common.
pub(crate) struct Home {
    /// A copy of its own, so that replicas on two threads do not share a counter.
    pub(crate) name: Arc<str>,
    pub(crate) bus: Arc<MultiBus>,
    pub(crate) state: Arc<SharedState>,
    /// Which pool and which replica; `u32::MAX` for no pool.
    pub(crate) pool: u32,
    pub(crate) slot: u32,
    pub(crate) seat: Arc<Seat>,
    /// From when on the deadlines in the seat are counted.
    pub(crate) epoch: Epoch,
    /// Whether it is the command line that calls from here.
    pub(crate) is_command: bool,
}

/// What others may read of a replica while a call owns it. A cache line of its own: only the owner
/// writes here, at every call.
#[derive(Default)]
pub(crate) struct Seat(CachePadded<SeatState>);

/// The figures of a [`Seat`].
#[derive(Default)]
pub(crate) struct SeatState {
    /// Odd while a call holds the replica; it counts on at every change of hands.
    pub(crate) turn: AtomicU64,
    pub(crate) calls: AtomicU64,
    /// When the call of this turn has to be over; 0 while it has not had to wait. Set back before each
    /// turn begins, so that whoever reads the same turn before and after it reads that turn's deadline.
    pub(crate) deadline: AtomicU64,
    /// The turn whose time is over.
    pub(crate) expired: AtomicU64,
    /// Set when the manager is cut: whatever runs here is to end.
    pub(crate) cut: AtomicBool,
    /// How the call is taken apart before its end, while it is: see [`Gone`](crate::replica::run::Gone).
    pub(crate) gone: AtomicU8,
}

impl Deref for Seat {
    type Target = SeatState;

    fn deref(&self) -> &SeatState {
        &self.0
    }
}

impl Home {
    /// Nobody's seat: for a program, a `new`, the command line.
    pub(crate) fn nowhere(
        name: &str,
        origin: &Origin,
        bus: Arc<MultiBus>,
        state: Arc<SharedState>,
    ) -> Arc<Self> {
        Arc::new(Home {
            name: name.into(),
            bus,
            state,
            pool: u32::MAX,
            slot: 0,
            seat: Arc::default(),
            epoch: Epoch::begin(),
            is_command: matches!(origin, Origin::Command),
        })
    }

    fn source(&self) -> Source<'_> {
        if self.pool != u32::MAX {
            Source::Handler(&self.name)
        } else if self.is_command {
            Source::Command
        } else {
            Source::Program
        }
    }
}

/// Who makes a call. Copied wherever it is needed: what is owned of it stands beside the call.
#[derive(Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// A handler that waits for the reply.
    Frame(&'a Arc<Frame>),
    /// Anything else.
    Origin(&'a Origin),
}

impl<'a> Caller<'a> {
    pub(crate) fn to_origin(self) -> Origin {
        match self {
            Caller::Frame(frame) => Origin::Called(frame.clone()),
            Caller::Origin(origin) => origin.clone(),
        }
    }

    /// The frame that waits for the reply, if one does.
    pub(crate) fn waiting_frame(self) -> Option<&'a Arc<Frame>> {
        match self {
            Caller::Frame(frame) => Some(frame),
            Caller::Origin(origin) => origin.waiting_frame(),
        }
    }
}

/// How a call came to be.
#[derive(Clone)]
pub(crate) enum Origin {
    /// By a handler (or a program's context) that waits for the reply.
    Called(Arc<Frame>),
    /// The same for a call in a task of its own, which goes on when its caller waits no more.
    Apart(Arc<ApartOrigin>),
    /// By a handler that does not wait.
    Dispatched(Arc<Sender>),
    Http(Arc<HttpOrigin>),
    Topic(Arc<TopicOrigin>),
    Command,
    Program,
}

/// A call that may outlive the waiting of its caller.
pub(crate) struct ApartOrigin {
    frame: Arc<Frame>,
    /// Whether the caller still waits. Until it does not, the call holds up its whole chain.
    waits: AtomicBool,
}

/// Waits for a call in a task of its own; dropping it ends the waiting.
pub(crate) struct Waiting(Option<Arc<ApartOrigin>>);

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(apart) = &self.0 {
            apart.waits.store(false, Ordering::SeqCst);
        }
    }
}

/// A call that came over HTTP.
#[derive(Clone)]
pub(crate) struct HttpOrigin {
    pub(crate) head: Head,
    pub(crate) claimed: Option<String>,
    /// Made when somebody asks.
    trace: OnceLock<Arc<Trace>>,
}

impl HttpOrigin {
    pub(crate) fn new(head: Head) -> Self {
        HttpOrigin { head, claimed: None, trace: OnceLock::new() }
    }

    pub(crate) fn trace(&self) -> &Arc<Trace> {
        self.trace.get_or_init(|| match self.head.request_id() {
            Some(id) => Arc::new(Trace::given(id)),
            None => Arc::default(),
        })
    }
}

/// A call that delivers an event.
pub(crate) struct TopicOrigin {
    pub(crate) topic: String,
    pub(crate) trace: Option<Arc<Trace>>,
}

impl Origin {
    /// The origin of a call in a task of its own, and what its caller keeps while it waits.
    pub(crate) fn apart(self) -> (Self, Waiting) {
        match self {
            Origin::Called(frame) => {
                let apart = Arc::new(ApartOrigin { frame, waits: AtomicBool::new(true) });
                (Origin::Apart(apart.clone()), Waiting(Some(apart)))
            }
            // Nobody's chain waits for these, or somebody is told already.
            other => (other, Waiting(None)),
        }
    }

    /// The frame that waits for the reply, if one does.
    pub(crate) fn waiting_frame(&self) -> Option<&Arc<Frame>> {
        match self {
            Origin::Called(frame) => Some(frame),
            Origin::Apart(apart) => apart.waits.load(Ordering::SeqCst).then_some(&apart.frame),
            _ => None,
        }
    }

    pub(crate) fn source(&self) -> Source<'_> {
        match self {
            Origin::Called(frame) => frame.home.source(),
            Origin::Apart(apart) => apart.frame.home.source(),
            Origin::Dispatched(sender) => sender.by.source(),
            Origin::Http(http) => {
                Source::Http { peer: http.head.peer().address(), claimed: http.claimed.as_deref() }
            }
            Origin::Topic(event) => Source::Topic(&event.topic),
            Origin::Command => Source::Command,
            Origin::Program => Source::Program,
        }
    }
}

/// No deadline: later than every other.
pub(crate) const NEVER: u64 = u64::MAX;

/// From when on the points in time of a manager are counted, in nanoseconds. They are numbers, because
/// they stand in atomics and are copied along with every call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(Instant);

impl Epoch {
    pub(crate) fn begin() -> Self {
        Epoch(Instant::now())
    }

    /// A point in time as a number, never 0.
    pub(crate) fn number(self, at: Instant) -> u64 {
        let nanos = at.saturating_duration_since(self.0).as_nanos();
        u64::try_from(nanos + 1).unwrap_or(NEVER - 1)
    }

    /// The point in time that a number stands for; `None` for [`NEVER`].
    pub(crate) fn instant(self, number: u64) -> Option<Instant> {
        match number {
            NEVER => None,
            number => self.0.checked_add(Duration::from_nanos(number.saturating_sub(1))),
        }
    }

    /// The point in time so many nanoseconds from now.
    fn after(self, nanos: u64) -> u64 {
        if nanos == NEVER { NEVER } else { self.number(Instant::now()).saturating_add(nanos) }
    }
}

/// A time as it stands in a [`Limit`]; what is too long to count never ends.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}

/// The time limit of one call. The clock starts when the call first has to wait (or somebody asks for
/// the deadline), so a call that never waits never reads the time. Until then a limit is a plain value,
/// which whoever has a copy may start.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    /// The time from the start, or, once it was started, the deadline itself.
    number: u64,
    clock: Clock,
}

#[derive(Clone, Copy)]
enum Clock {
    /// Not started. What is left of the caller's deadline is the limit as well.
    Inherits,
    /// Not started, and the caller's deadline does not matter.
    Alone,
    Started,
}

impl Limit {
    /// A limit of so many nanoseconds.
    #[inline]
    pub(crate) fn new(nanos: u64) -> Self {
        Limit { number: nanos, clock: Clock::Inherits }
    }

    /// The same for a call that goes on when its caller is gone. It has not been started.
    pub(crate) fn detach(self) -> Self {
        Limit { clock: Clock::Alone, ..self }
    }

    fn none() -> Self {
        Limit { number: NEVER, clock: Clock::Started }
    }

    /// Starts the clock; from now on every copy has the same deadline.
    pub(crate) fn start(&mut self, caller: Option<&Arc<Frame>>, epoch: Epoch) -> u64 {
        *self = Limit { number: self.resolve(caller, epoch), clock: Clock::Started };
        self.number
    }

    /// The deadline: the call's own, or what is left of the caller's if that is earlier.
    fn resolve(self, caller: Option<&Arc<Frame>>, epoch: Epoch) -> u64 {
        match (self.clock, caller) {
            (Clock::Started, _) => self.number,
            // A context that outlives its handler has no deadline to hand on.
            (Clock::Inherits, Some(frame)) if frame.holds_its_replica() => {
                let inherited = match frame.deadline_number() {
                    number if frame.home.epoch == epoch => number,
                    // Of another manager, which counts from another epoch.
                    number => frame.home.epoch.instant(number).map_or(NEVER, |at| epoch.number(at)),
                };
                epoch.after(self.number).min(inherited)
            }
            (Clock::Inherits | Clock::Alone, _) => epoch.after(self.number),
        }
    }
}

tokio::task_local! {
    /// The hand-written handler that is being polled.
    static CURRENT: Current;
}

/// A hand-written handler in the middle of its `run`: its interface has no context, and the chain and
/// the deadline travel with its calls all the same.
struct Current {
    frame: Arc<Frame>,
    /// How deep in handlers that call each other it is polled. A handler that it calls is polled in the
    /// same task, one deeper, and is somebody else.
    depth: Cell<u32>,
}

/// Runs a hand-written handler, whose calls through the bus are to have this frame.
pub(crate) fn with_current<F: Future>(
    frame: Arc<Frame>,
    run: F,
) -> impl Future<Output = F::Output> {
    CURRENT.scope(Current { frame, depth: Cell::new(0) }, async move {
        let mut run = pin!(run);
        poll_fn(|cx| {
            CURRENT.with(|current| current.depth.set(panics::depth()));
            run.as_mut().poll(cx)
        })
        .await
    })
}

/// What the frame of the hand-written handler says that makes a call right now, if one does.
pub(crate) fn of_current<T>(say: impl FnOnce(&Arc<Frame>) -> T) -> Option<T> {
    CURRENT
        .try_with(|current| (current.depth.get() == panics::depth()).then(|| say(&current.frame)))
        .ok()
        .flatten()
}

/// Sixteen characters that no other request of this process has, and hardly one of another process.
pub(crate) fn fresh_request_id() -> Arc<str> {
    use std::hash::{BuildHasher, RandomState};
    static SEED: OnceLock<u64> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let seed = *SEED.get_or_init(|| RandomState::new().hash_one(std::process::id()));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:016x}", seed.wrapping_add(count)).into()
}

/// Any resource, by its type.
pub(crate) type Resource = Arc<dyn Any + Send + Sync>;
