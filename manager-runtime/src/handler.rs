//! The typed side of a handler: what its parameters are, what it answers, what it needs.
//!
//! `#[handler]` writes the implementations of [`Handler`]; people meet the traits here when they
//! write a parameter of their own ([`Part`]) or read a compile error.

use std::any::TypeId;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Parts;
use crate::error::{BoxError, Error, Result};
use crate::fields::{self, Shape};
use crate::message::{self, Form, Json, Payload, Reply};
use crate::middleware::Layered;
use crate::rate::Rate;
use crate::route::{Deprecation, Host, HttpOptions, Moved, Port, Ports, Route};

/// A type that may stand in the parameter list of a handler.
///
/// It names its role: [`role::Part`] for what the runtime provides ([`Context`](crate::Context),
/// [`Res`](crate::Res)), [`role::Message`] for what the caller sends. A parameter of your own names
/// `role::Part` and implements [`Part`], where an example stands; one that reads messages in a
/// format of its own names `role::Message` and implements [`Message`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "neither a message nor a part of a call",
    note = "a message is `String`, `Bytes`, `Json<T>`, `Form<T>`, `BodyStream`, `Upload`, `Request`, `Multipart` or a type with `#[message]`",
    note = "a part is `Context`, `Res<T>`, `Path<T>`, `Query<T>`, `Header<T>`, `Extension<T>`, `Cookies`, `ClientAddr`, `Host`, `Method`, `Uri`, `HeaderMap`, `Arc<MultiBus>`, `Arc<SharedState>` or a type of yours that implements `Part`",
    note = "around them stand `Option<_>` where it may be absent, and `Result<_, Rejection>`"
)]
pub trait Parameter: Sized + Send + 'static {
    /// [`role::Part`] or [`role::Message`]. A type is one of them, everywhere.
    type Role: Role<Self>;
}

/// A parameter that is made from the call itself, not from what the caller sent.
///
/// The parts of a call are made in the order of the parameters, once a replica is there and before
/// the function runs. The time this takes counts for the deadline.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::{Parameter, Part, Parts, role};
///
/// /// Who called, in words.
/// struct Caller(String);
///
/// impl Parameter for Caller {
///     type Role = role::Part;
/// }
///
/// impl Part for Caller {
///     async fn part(parts: &mut Parts<'_>) -> Result<Self> {
///         Ok(Caller(parts.context().source().to_string()))
///     }
/// }
///
/// #[handler]
/// async fn whoami(Caller(name): Caller) -> String {
///     name
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it is made from a call",
    label = "no `impl Part`",
    note = "a parameter with `type Role = role::Part` implements `Part` as well"
)]
pub trait Part: Parameter<Role = role::Part> {
    /// Makes the value for one call; the example on [`Part`] shows one.
    ///
    /// # Errors
    ///
    /// Whatever the part itself returns. The call ends with that error, and the function does not
    /// run.
    fn part(parts: &mut Parts<'_>) -> impl Future<Output = Result<Self>> + Send;

    /// Says what has to be provided for this parameter, and what it reads of a path, so that what is
    /// missing is found at start. Without an implementation it needs nothing, and may look at all of the
    /// path. The example on [`Parts::resource`] has one.
    fn needs(needs: &mut Needs) {
        needs.whole_path();
    }
}

/// A parameter that is what the caller sent.
///
/// `String`, [`Bytes`], [`Json`] and [`Form`] implement it, and so does a type with
/// [`#[message]`](macro@crate::message). Implement it for a format of your own:
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::{Message, Parameter, Payload, role};
///
/// /// Words with commas between.
/// struct Words(Vec<String>);
///
/// impl Parameter for Words {
///     type Role = role::Message;
/// }
///
/// impl Message for Words {
///     type Value = Vec<String>;
///
///     fn from_value(words: Vec<String>) -> Self {
///         Words(words)
///     }
///
///     fn decode(payload: Payload) -> Result<Vec<String>> {
///         let text = <String as Message>::decode(payload)?;
///         Ok(text.split(',').map(str::to_owned).collect())
///     }
/// }
///
/// #[handler]
/// async fn count(Words(words): Words) -> Json<usize> {
///     Json(words.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let running = Manager::empty().add::<count>().without_http().spawn().await?;
/// # let ctx = running.context();
/// assert_eq!(ctx.publish("count", "a,b,c").await?.json::<usize>()?, 3);
/// assert_eq!(ctx.call::<count>(vec!["a".to_owned()]).await?, 1);
/// # running.stop().await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it is read from what a caller sends",
    label = "no `impl Message`",
    note = "a parameter with `type Role = role::Message` implements `Message` as well"
)]
pub trait Message: Parameter<Role = role::Message> {
    /// What a typed caller hands over: `T` for a parameter `Json<T>`. The example on [`Message`]
    /// has a `Vec`.
    type Value: Send + 'static;

    /// What it reads of a request on a route; [`Reads::Bytes`] if nothing is said. A custom stream has
    /// [`Reads::Stream`] and builds on the `decode` of [`Body`](crate::Body).
    const READS: Reads = Reads::Bytes;

    /// The parameter around the value; it runs for typed calls and for calls by name alike. See the
    /// example on [`Message`].
    fn from_value(value: Self::Value) -> Self;

    /// Reads the value from a payload that came by name, over HTTP or from the command line. See
    /// the example on [`Message`]: it builds on the `decode` of a type that is a message already.
    ///
    /// # Errors
    ///
    /// `BadRequest` for what cannot be read at all, `Unprocessable` for what does not fit. The
    /// caller gets the error as it is, and the handler is not called.
    fn decode(payload: Payload) -> Result<Self::Value>;

    /// Says what it reads of a path, so that a route that does not fit is found at start.
    #[doc(hidden)]
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }
}

/// What a [`Message`] reads of a request on a route. On the envelope endpoint, over the bus and from
/// the command line the payload comes as it is.
///
/// ```
/// use manager_runtime::{Bytes, Json, Message, Reads};
///
/// assert_eq!(<Json<u32> as Message>::READS, Reads::Json);
/// assert_eq!(<Bytes as Message>::READS, Reads::Bytes);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reads {
    /// Nothing: the body is ignored.
    Nothing,
    /// The whole body, whatever its media type.
    Bytes,
    /// JSON (RFC 8259): the body of media type `application/json` or one ending in `+json`, with what
    /// the path captured; for `GET`, `HEAD` and `DELETE` the path and the query instead.
    Json,
    /// A form: the body of media type `application/x-www-form-urlencoded`, for `GET`, `HEAD` and
    /// `DELETE` the query.
    Form,
    /// The request itself, whose body the handler reads as it comes.
    Stream,
    /// The same for a file, which may take its time: with the setting `upload_limit` instead of
    /// `body_limit`, without a deadline, and one of `streams` instead of the replicas.
    Upload,
    /// The connection, which the handler takes over (RFC 9110, section 7.8).
    Upgrade,
}

/// What a handler may return.
///
/// `()`, `String`, `&'static str`, [`Bytes`], `Vec<u8>`, [`Json`], [`Reply`], a type with
/// [`#[message]`](macro@crate::message), and an `Option` or a `Result` of one implement it.
///
/// Over HTTP, on a route, a reply may say more than its content. A typed caller, and one by name, gets the
/// rest as a value:
///
/// | reply | on a route | for a typed caller |
/// |---|---|---|
/// | [`StatusCode`](crate::StatusCode) | that status, no body | the status |
/// | `(StatusCode, R)` | `R` with that status | `(StatusCode, T)`, where `T` is what `R` is to a typed caller |
/// | `(H, R)`, up to four `H` | `R` with these headers, see [`IntoHeaders`](crate::IntoHeaders) | `(HeaderMap, T)` |
/// | `(StatusCode, H, R)`, up to four `H` | both | `(StatusCode, HeaderMap, T)` |
/// | [`NoContent`](crate::NoContent) | 204 | `()` |
/// | [`Html<T>`](crate::Html) | a page | `T` |
/// | [`Form<T>`](crate::Form) | `application/x-www-form-urlencoded` | `T` |
/// | [`Redirect`](crate::Redirect) | another place | the redirect |
/// | [`File`](crate::File) | a file, as it is read, or a part of it | the file |
/// | [`Download`](crate::Download) | a file, bytes, a reader or a stream, with what is said of it | the download |
/// | [`Body`](crate::Body) | what a stream says, as it says it | the body |
/// | [`Sse`](crate::Sse) | events, as they happen | the events |
/// | [`Response`](crate::Response) | the response as it is | the response |
/// | `Option<R>` | `R`, or 404 | `Option<T>` |
/// | `Result<R, E>` | `R`, or the error with the status of its kind | `T`, or the error |
///
/// In an envelope a reply is its content alone, and a stream has no place there: 501.
///
/// Implement it for a reply of your own:
///
/// ```
/// use manager_runtime::prelude::*;
///
/// /// A temperature: a number to a typed caller, text to everybody else.
/// struct Celsius(f64);
///
/// impl IntoReply for Celsius {
///     type Value = f64;
///
///     fn into_value(self) -> Result<f64> {
///         Ok(self.0)
///     }
///
///     fn encode(value: f64) -> Result<Reply> {
///         Ok(Reply::from_text(format!("{value} degrees")))
///     }
/// }
///
/// #[handler]
/// async fn outside() -> Celsius {
///     Celsius(21.5)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let running = Manager::empty().add::<outside>().without_http().spawn().await?;
/// # let ctx = running.context();
/// assert_eq!(ctx.call::<outside>(()).await?, 21.5);
/// assert_eq!(ctx.publish("outside", ()).await?.text()?, "21.5 degrees");
/// # running.stop().await
/// # }
/// ```
///
/// One with a status and a header of its own:
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::{HeaderName, HeaderValue};
///
/// /// Something that was made: 201 with its place (RFC 9110, section 15.3.2).
/// struct Created<T> { path: String, what: T }
///
/// impl<T: IntoReply> IntoReply for Created<T> {
///     type Value = (HeaderValue, T::Value);
///
///     fn into_value(self) -> Result<Self::Value> {
///         Ok((self.path.parse()?, self.what.into_value()?))
///     }
///
///     fn encode((place, what): Self::Value) -> Result<Reply> {
///         let location = HeaderName::from_static("location");
///         Ok(T::encode(what)?.with_status(StatusCode::CREATED).with_header(location, place))
///     }
/// }
///
/// #[handler(post = "/orders")]
/// async fn order() -> Created<Json<u64>> {
///     Created { path: "/orders/7".to_owned(), what: Json(7) }
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the reply of a handler",
    label = "not a reply",
    note = "a reply is `String`, `&'static str`, `Bytes`, `Json<T>`, `()`, a type with `#[message]`, or an `Option` or `Result` of one",
    note = "over HTTP it may also be `Html<T>`, `Form<T>`, `Redirect`, `StatusCode`, `Sse`, `File`, `Download`, `Body`, `Response`, or a tuple of a status, headers and a reply",
    note = "wrap a type that implements `serde::Serialize` in `Json<..>`"
)]
pub trait IntoReply: Sized {
    /// What a typed caller gets: `T` for a reply `Json<T>` or `Result<Json<T>, E>`. The example on
    /// [`IntoReply`] has a number.
    type Value: Send + 'static;

    /// The value, or the error that the handler returned. See the example on [`IntoReply`].
    ///
    /// # Errors
    ///
    /// That error, with the kind that it has.
    fn into_value(self) -> Result<Self::Value>;

    /// The value as a reply for a caller that knows the name only. See the example on
    /// [`IntoReply`].
    ///
    /// # Errors
    ///
    /// Whatever keeps the value from being written; for `None` it is `NotFound`.
    fn encode(value: Self::Value) -> Result<Reply>;
}

/// What may be the error of a handler, or of its `new`: [`Error`], any standard error, or a boxed one.
///
/// ```
/// use manager_runtime::{Error, IntoError, Kind};
///
/// fn kind_of(error: impl IntoError) -> Kind {
///     error.into_error().kind()
/// }
///
/// assert_eq!(kind_of(Error::gone("the order was deleted")), Kind::Gone);
/// assert_eq!(kind_of(std::io::Error::other("the disk is full")), Kind::Internal);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    label = "not an error",
    note = "an error is `manager_runtime::Error`, a type that implements `std::error::Error`, or `Box<dyn Error + Send + Sync>`"
)]
pub trait IntoError {
    /// The error as a caller sees it. An [`Error`] keeps its kind, boxed or not; any other is a
    /// foreign [`Kind::Internal`](crate::Kind::Internal).
    fn into_error(self) -> Error;
}

// Boxed and unboxed again: one bound takes `Error`, every standard error and a box.
#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> IntoError for E {
    fn into_error(self) -> Error {
        Error::from_boxed(self.into())
    }
}

/// A handler that typed calls can name: `ctx.call::<add>(request)`.
///
/// `#[handler]` implements it for a type of the function's own name, or for the type of the impl
/// block.
///
/// It is no trait to implement by hand: what a replica, a list of parameters and the options are is
/// between the macro and the runtime. It is a bound for code that works with any handler:
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::{AnswerOf, Handler, RequestOf};
///
/// /// Calls a handler for each request, one after the other.
/// async fn each<H: Handler>(
///     ctx: &Context,
///     requests: Vec<RequestOf<H>>,
/// ) -> Result<Vec<AnswerOf<H>>> {
///     let mut answers = Vec::new();
///     for request in requests {
///         answers.push(ctx.call::<H>(request).await?);
///     }
///     Ok(answers)
/// }
///
/// # #[handler] async fn length(text: String) -> Json<usize> { Json(text.len()) }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let running = Manager::empty().add::<length>().without_http().spawn().await?;
/// # let ctx = running.context();
/// let lengths = each::<length>(ctx, vec!["a".to_owned(), "to".to_owned()]).await?;
/// assert_eq!(lengths, [1, 2]);
/// # running.stop().await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "no `#[handler]` of this name",
    note = "a typed call names a function or an impl block with `#[handler]`; a handler that returns `impl IntoReply` is reached by name"
)]
pub trait Handler: Sized + 'static {
    /// What one replica owns: `()` for a function, the type itself for an impl block.
    type Replica: Send + 'static;
    /// The parameters, as a list.
    type Parameters: Parameters;
    /// What the function returns, as it was written.
    type Output: IntoReply;
    /// The name and the options.
    const SPEC: Spec;
    /// What an impl block has beside `run`; `()` for every other handler.
    #[doc(hidden)]
    type Files: Files<Self>;

    /// The number under which a bus finds this handler without looking for its name.
    #[doc(hidden)]
    fn key() -> &'static Key;

    /// Makes one replica: what `new` does in an impl block, or `Default`.
    ///
    /// # Errors
    ///
    /// What `new` returned. At the start of a manager it ends the start.
    fn build(building: &Building) -> impl Future<Output = Result<Self::Replica>> + Send;

    /// What [`build`](Self::build) needs to be provided.
    fn needs_to_build(needs: &mut Needs) {
        let _ = needs;
    }

    /// Runs one call. The pool of the handler does that; call a handler with
    /// [`Context::call`](crate::Context::call).
    fn handle(
        replica: &mut Self::Replica,
        values: Values<Self>,
    ) -> impl Future<Output = Self::Output> + Send;
}

/// What a typed caller of `H` sends: `T` for a parameter `Json<T>`, `()` for a handler without a
/// message. [`Handler`] shows a use.
pub type Request<H> = <MessageOf<H> as Message>::Value;

/// What a typed caller of `H` gets: `T` for a handler that returns `Json<T>` or `Result<Json<T>>`.
/// [`Handler`] shows a use.
pub type Answer<H> = <<H as Handler>::Output as IntoReply>::Value;

/// The values of the parameters of `H`, as a list.
pub type Values<H> = <<H as Handler>::Parameters as Parameters>::Values;

pub(crate) type MessageOf<H> = <<H as Handler>::Parameters as Parameters>::Message;

/// What makes a replica: the part of a call that exists before any call.
pub struct Building {
    pub(crate) context: crate::context::Context,
}

/// The two roles of a [`Parameter`]. The examples on [`Part`] and on [`Message`] have one each.
pub mod role {
    /// Made from the call itself: the type implements [`Part`](super::Part).
    pub struct Part;
    /// What the caller sent: the type implements [`Message`](super::Message). A handler has one at
    /// most.
    pub struct Message;
}

// ---- the list of parameters ----------------------------------------------------------------------
//
// A handler's parameters are `(Slot<H, 0>, (Slot<H, 1>, ()))`, and `H: At<0>` names the user's type.
// Every bound that a user's type can miss is an item bound of `At`, so the compiler complains once,
// under the user's own tokens, and takes the rest as given.

/// The type of the parameter with the number `N`.
pub trait At<const N: usize> {
    /// The type as the user wrote it.
    type Parameter: Parameter;
}

/// The same for a parameter of a middleware, after the first two, of a catcher, or of an authenticator: they
/// take no message.
pub trait BesideAt<const N: usize> {
    /// The type as the user wrote it.
    type Parameter: Beside;
}

impl<H: BesideAt<N>, const N: usize> At<N> for H {
    type Parameter = <H as BesideAt<N>>::Parameter;
}

/// What a middleware, a catcher or an authenticator may take: any part of a call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a middleware, a catcher or an authenticator",
    label = "not a part of a call",
    note = "a middleware is `async fn(request: Request, next: Next, ..)`, and reads the body from the request; a catcher takes `Caught`",
    note = "what else they take is a part: `Context`, `Res<T>`, `Path<T>`, `Query<T>`, `Header<T>`, `Extension<T>`, `Cookies`, `ClientAddr`, `Host`, `Method`, `Uri`, `HeaderMap`, `Arc<MultiBus>`, `Arc<SharedState>` or a type of yours that implements `Part`"
)]
pub trait Beside: Part {}

#[diagnostic::do_not_recommend]
impl<P: Part> Beside for P {}

/// Stands for the parameter with the number `N` of `H`.
pub struct Slot<H, const N: usize>(PhantomData<fn() -> H>);

/// A list of parameters.
pub trait Parameters {
    /// The one that is the message, [`NoMessage`] if none is.
    type Message: Message;
    /// The values, as a nested pair.
    type Values: Send + 'static;
    /// How many are messages.
    const MESSAGES: usize;
    /// Whether there is none at all.
    const IS_EMPTY: bool = false;

    /// Makes the values of one call.
    fn collect(
        parts: &mut Parts<'_>,
        message: Option<<Self::Message as Message>::Value>,
    ) -> impl Future<Output = Result<Self::Values>> + Send;

    /// Says what has to be provided.
    fn needs(needs: &mut Needs);
}

/// How a parameter takes its place in the list.
pub trait Role<P> {
    /// The message of the list that begins with this parameter.
    type Message<Rest: Parameters>: Message;
    /// Whether this one is a message.
    const IS_MESSAGE: bool;

    /// Makes this value and the rest.
    fn collect<Rest: Parameters>(
        parts: &mut Parts<'_>,
        message: Option<<Self::Message<Rest> as Message>::Value>,
    ) -> impl Future<Output = Result<(P, Rest::Values)>> + Send;

    /// Says what has to be provided.
    fn needs(needs: &mut Needs);
}

impl<P: Part> Role<P> for role::Part {
    type Message<Rest: Parameters> = Rest::Message;
    const IS_MESSAGE: bool = false;

    #[expect(clippy::manual_async_fn, reason = "an async fn keeps its arguments twice")]
    fn collect<Rest: Parameters>(
        parts: &mut Parts<'_>,
        message: Option<<Rest::Message as Message>::Value>,
    ) -> impl Future<Output = Result<(P, Rest::Values)>> + Send {
        async move {
            let part = P::part(parts).await?;
            Ok((part, Rest::collect(parts, message).await?))
        }
    }

    fn needs(needs: &mut Needs) {
        P::needs(needs);
    }
}

impl<P: Message> Role<P> for role::Message {
    type Message<Rest: Parameters> = P;
    const IS_MESSAGE: bool = true;

    #[expect(clippy::manual_async_fn, reason = "an async fn keeps its arguments twice")]
    fn collect<Rest: Parameters>(
        parts: &mut Parts<'_>,
        message: Option<P::Value>,
    ) -> impl Future<Output = Result<(P, Rest::Values)>> + Send {
        async move {
            let rest = Rest::collect(parts, None).await?;
            match message {
                Some(value) => Ok((P::from_value(value), rest)),
                // A second message would land here; `one_message` has refused it at compile time.
                None => Err(Error::internal("a call came without its message")),
            }
        }
    }

    fn needs(needs: &mut Needs) {
        P::needs(needs);
    }
}

impl Parameters for () {
    type Message = NoMessage;
    type Values = ();
    const MESSAGES: usize = 0;
    const IS_EMPTY: bool = true;

    async fn collect(_: &mut Parts<'_>, _: Option<()>) -> Result<()> {
        Ok(())
    }

    fn needs(_: &mut Needs) {}
}

type RoleAt<H, const N: usize> = <<H as At<N>>::Parameter as Parameter>::Role;

impl<H: At<N>, const N: usize, Rest: Parameters> Parameters for (Slot<H, N>, Rest) {
    type Message = <RoleAt<H, N> as Role<H::Parameter>>::Message<Rest>;
    type Values = (H::Parameter, Rest::Values);
    const MESSAGES: usize =
        <RoleAt<H, N> as Role<H::Parameter>>::IS_MESSAGE as usize + Rest::MESSAGES;

    fn collect(
        parts: &mut Parts<'_>,
        message: Option<<Self::Message as Message>::Value>,
    ) -> impl Future<Output = Result<Self::Values>> + Send {
        <RoleAt<H, N> as Role<H::Parameter>>::collect::<Rest>(parts, message)
    }

    fn needs(needs: &mut Needs) {
        <RoleAt<H, N> as Role<H::Parameter>>::needs(needs);
        Rest::needs(needs);
    }
}

/// Refuses a second message at compile time: evaluated in a constant under that parameter's type.
#[track_caller]
pub const fn one_message<Before: Parameters, H: At<N>, const N: usize>() {
    if <RoleAt<H, N> as Role<H::Parameter>>::IS_MESSAGE && Before::MESSAGES > 0 {
        panic!(
            "a handler takes one message, and this is the second: put both into one struct with \
             `#[message]`"
        );
    }
}

/// Refuses a message among the parameters of `new`, in the same way.
#[track_caller]
pub const fn no_message<H: At<N>, const N: usize>() {
    if <RoleAt<H, N> as Role<H::Parameter>>::IS_MESSAGE {
        panic!(
            "`new` makes a replica before any call and takes no message: it may take \
             `Arc<MultiBus>`, `Arc<SharedState>`, `Context` and `Res<T>`"
        );
    }
}

/// The parameters of a `new`, as a list.
pub trait New {
    /// The list.
    type Parameters: Parameters;
}

/// The values of the parameters of `new`.
pub async fn arguments<N: New>(
    building: &Building,
) -> Result<<N::Parameters as Parameters>::Values> {
    N::Parameters::collect(&mut Parts::of_context(&building.context), None).await
}

/// What the parameters of `new` need to be provided.
pub fn needs_of<N: New>(needs: &mut Needs) {
    N::Parameters::needs(needs);
}

/// A replica without a `new`.
// Boxed, because a replica that is not `Send` is reported where it is declared, and not here as well.
pub fn default_replica<H: Handler>() -> Pin<Box<dyn Future<Output = Result<H::Replica>> + Send>>
where
    H::Replica: DefaultReplica,
{
    Box::pin(std::future::ready(Ok(H::Replica::default_replica())))
}

/// `Default`, under a name that can say what it is for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `new` and no `Default`, so nothing makes a replica of it",
    label = "neither `new` nor `Default`",
    note = "write `#[derive(Default)]` on the type, or `fn new() -> Self` in the impl block with `#[handler]`"
)]
pub trait DefaultReplica {
    /// The replica.
    fn default_replica() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultReplica for T {
    fn default_replica() -> Self {
        T::default()
    }
}

/// What `new` may return for a replica of type `T`: `T` itself or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`new` returns `{Self}`, which is no replica",
    label = "return `Self` or `Result<Self, E>`"
)]
pub trait Built<T> {
    /// The replica, or why there is none.
    fn built(self) -> Result<T>;
}

impl<T> Built<T> for T {
    fn built(self) -> Result<T> {
        Ok(self)
    }
}

impl<T, E: IntoError> Built<T> for std::result::Result<T, E> {
    fn built(self) -> Result<T> {
        self.map_err(E::into_error)
    }
}

// ---- entrances for files ---------------------------------------------------------------------------
//
// An impl block with more than `run` is still one handler: `run_file` and `run_metadata` run in the
// replicas of `run`. Each is a `Handler` of its own to the types, with the same replica; which of them
// there are is known to the compiler alone, and a block with none of them pays nothing for that.

/// The entrances that an impl block has beside `run`.
pub trait Files<H: Handler> {
    /// `run_stream`.
    type Upload: Handler<Replica = H::Replica>;
    /// `run_file`.
    type Download: Handler<Replica = H::Replica>;
    /// `run_metadata`.
    type Metadata: Handler<Replica = H::Replica>;

    /// Goes on with what fits.
    fn choose<C: Choice<H>>(choice: C) -> C::Chosen;
}

/// What is done for a handler alone, and for one with entrances for files. Only one of them is compiled.
pub trait Choice<H: Handler> {
    /// What comes of it.
    type Chosen;

    /// For a handler alone.
    fn alone(self) -> Self::Chosen;

    /// For a handler with entrances.
    fn block(self) -> Self::Chosen;
}

impl<H: Handler> Files<H> for () {
    type Upload = Absent<H::Replica>;
    type Download = Absent<H::Replica>;
    type Metadata = Absent<H::Replica>;

    fn choose<C: Choice<H>>(choice: C) -> C::Chosen {
        choice.alone()
    }
}

/// The three of them, each as the handler that stands for it.
pub struct Entrances<U, D, M>(PhantomData<U>, PhantomData<D>, PhantomData<M>);

impl<H, U, D, M> Files<H> for Entrances<U, D, M>
where
    H: Handler,
    U: Handler<Replica = H::Replica>,
    D: Handler<Replica = H::Replica>,
    M: Handler<Replica = H::Replica>,
{
    type Upload = U;
    type Download = D;
    type Metadata = M;

    fn choose<C: Choice<H>>(choice: C) -> C::Chosen {
        choice.block()
    }
}

/// Stands for an entrance that there is none of.
pub struct Absent<R>(PhantomData<fn() -> R>);

impl<R: Send + 'static> Handler for Absent<R> {
    type Replica = R;
    type Parameters = ();
    type Output = NoRun;
    const SPEC: Spec = Spec::new("", Place::new("", 0, 0, ""));
    type Files = ();

    fn key() -> &'static Key {
        static KEY: Key = Key::new();
        &KEY
    }

    async fn build(_: &Building) -> Result<R> {
        Err(Error::internal("a replica was made for nothing"))
    }

    async fn handle(_: &mut R, (): ()) -> NoRun {
        NoRun("this handler")
    }
}

/// The reply of an impl block without `run` to whoever sends it a message; the name is the handler's.
pub struct NoRun(pub &'static str);

impl IntoReply for NoRun {
    type Value = ();

    fn into_value(self) -> Result<()> {
        Err(Error::not_implemented(format!("`{}` does not answer messages", self.0)))
    }

    fn encode((): ()) -> Result<Reply> {
        Ok(Reply::empty())
    }
}

/// A method of an impl block beside `run`; `N` says which.
pub trait Method<const N: usize>: Sized {
    /// The parameters, as a list.
    type Taken: Parameters;
    /// What it returns, as it was written.
    type Given: IntoReply;

    /// Runs one call.
    fn serve(
        replica: &mut Self,
        values: MethodValues<Self, N>,
    ) -> impl Future<Output = Self::Given> + Send;
}

/// The values of the parameters of a method, as a list.
pub type MethodValues<H, const N: usize> = <<H as Method<N>>::Taken as Parameters>::Values;

/// A method as the handler that it is to a pool: in all else that of the block.
pub struct Via<H, const N: usize>(PhantomData<fn() -> H>);

impl<H: Handler<Replica = H> + Method<N> + Send, const N: usize> Handler for Via<H, N> {
    type Replica = H;
    type Parameters = H::Taken;
    type Output = H::Given;
    const SPEC: Spec = H::SPEC;
    type Files = ();

    fn key() -> &'static Key {
        H::key()
    }

    fn build(building: &Building) -> impl Future<Output = Result<H>> + Send {
        H::build(building)
    }

    fn handle(replica: &mut H, values: Values<Self>) -> impl Future<Output = H::Given> + Send {
        H::serve(replica, values)
    }
}

/// Refuses at compile time an upload that could not read what is sent.
#[track_caller]
pub const fn takes_a_file<P: Parameters>() {
    if !matches!(<P::Message as Message>::READS, Reads::Upload | Reads::Stream) {
        panic!(
            "what is uploaded comes as an `Upload`: take one, as in `mut upload: Upload`, and read it \
             piece by piece"
        );
    }
}

/// Refuses at compile time a download or metadata that would wait for a body.
#[track_caller]
pub const fn takes_a_name<P: Parameters>() {
    if matches!(<P::Message as Message>::READS, Reads::Upload | Reads::Stream | Reads::Upgrade) {
        panic!(
            "what is sent here is the name of a file and no more: take it as text, as in \
             `file: String`"
        );
    }
}

// ---- messages --------------------------------------------------------------------------------------

/// The message of a handler that takes none: whatever was sent is ignored.
///
/// A typed caller sends `()`:
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let running = Manager::empty().add::<ping>().without_http().spawn().await?;
/// # let ctx = running.context();
/// assert_eq!(ctx.call::<ping>(()).await?, "pong");
/// # running.stop().await
/// # }
/// ```
pub struct NoMessage;

#[diagnostic::do_not_recommend]
impl Parameter for NoMessage {
    type Role = role::Message;
}

impl Message for NoMessage {
    type Value = ();

    const READS: Reads = Reads::Nothing;

    fn from_value((): ()) -> Self {
        NoMessage
    }

    fn decode(_: Payload) -> Result<()> {
        Ok(())
    }
}

impl Parameter for String {
    type Role = role::Message;
}

impl Message for String {
    type Value = String;

    fn from_value(value: String) -> Self {
        value
    }

    fn decode(payload: Payload) -> Result<String> {
        message::decode_text(payload)
    }
}

impl Parameter for Bytes {
    type Role = role::Message;
}

impl Message for Bytes {
    type Value = Bytes;

    fn from_value(value: Bytes) -> Self {
        value
    }

    fn decode(payload: Payload) -> Result<Bytes> {
        message::decode_bytes(payload)
    }
}

impl<T: DeserializeOwned + Send + 'static> Parameter for Json<T> {
    type Role = role::Message;
}

impl<T: DeserializeOwned + Send + 'static> Message for Json<T> {
    type Value = T;

    const READS: Reads = Reads::Json;

    fn from_value(value: T) -> Self {
        Json(value)
    }

    fn decode(payload: Payload) -> Result<T> {
        message::decode_value(payload)
    }

    fn needs(needs: &mut Needs) {
        needs.message::<T>();
    }
}

impl<T: DeserializeOwned + Send + 'static> Parameter for Form<T> {
    type Role = role::Message;
}

impl<T: DeserializeOwned + Send + 'static> Message for Form<T> {
    type Value = T;

    const READS: Reads = Reads::Form;

    fn from_value(value: T) -> Self {
        Form(value)
    }

    fn decode(payload: Payload) -> Result<T> {
        message::decode_form(payload)
    }

    fn needs(needs: &mut Needs) {
        needs.message::<T>();
    }
}

// ---- replies ---------------------------------------------------------------------------------------

impl IntoReply for () {
    type Value = ();

    fn into_value(self) -> Result<()> {
        Ok(())
    }

    fn encode((): ()) -> Result<Reply> {
        Ok(Reply::empty())
    }
}

impl IntoReply for String {
    type Value = String;

    fn into_value(self) -> Result<String> {
        Ok(self)
    }

    fn encode(value: String) -> Result<Reply> {
        Ok(Reply::from_text(value))
    }
}

impl IntoReply for &'static str {
    type Value = &'static str;

    fn into_value(self) -> Result<&'static str> {
        Ok(self)
    }

    fn encode(value: &'static str) -> Result<Reply> {
        Ok(message::static_text(value))
    }
}

impl IntoReply for Bytes {
    type Value = Bytes;

    fn into_value(self) -> Result<Bytes> {
        Ok(self)
    }

    fn encode(value: Bytes) -> Result<Reply> {
        Ok(message::bytes_reply(value))
    }
}

impl IntoReply for Vec<u8> {
    type Value = Vec<u8>;

    fn into_value(self) -> Result<Vec<u8>> {
        Ok(self)
    }

    fn encode(value: Vec<u8>) -> Result<Reply> {
        Ok(message::bytes_reply(value.into()))
    }
}

impl<T: Serialize + Send + 'static> IntoReply for Json<T> {
    type Value = T;

    fn into_value(self) -> Result<T> {
        Ok(self.0)
    }

    fn encode(value: T) -> Result<Reply> {
        Ok(message::value_reply(value))
    }
}

impl IntoReply for Reply {
    type Value = Reply;

    fn into_value(self) -> Result<Reply> {
        Ok(self)
    }

    fn encode(value: Reply) -> Result<Reply> {
        Ok(value)
    }
}

impl<T: IntoReply> IntoReply for Option<T> {
    type Value = Option<T::Value>;

    fn into_value(self) -> Result<Option<T::Value>> {
        self.map(T::into_value).transpose()
    }

    fn encode(value: Option<T::Value>) -> Result<Reply> {
        match value {
            Some(value) => T::encode(value),
            None => Err(Error::not_found("there is no such thing here")),
        }
    }
}

impl<T: IntoReply, E: IntoError> IntoReply for std::result::Result<T, E> {
    type Value = T::Value;

    fn into_value(self) -> Result<T::Value> {
        match self {
            Ok(reply) => reply.into_value(),
            Err(error) => Err(error.into_error()),
        }
    }

    fn encode(value: T::Value) -> Result<Reply> {
        T::encode(value)
    }
}

/// The reply of a handler that returns `impl IntoReply`: its type has no name, so it is encoded at
/// once.
pub struct Erased(Result<Reply>);

impl Erased {
    /// Encodes the reply.
    pub fn of<T: IntoReply>(reply: T) -> Self {
        Erased(reply.into_value().and_then(T::encode))
    }
}

impl IntoReply for Erased {
    type Value = Reply;

    fn into_value(self) -> Result<Reply> {
        self.0
    }

    fn encode(value: Reply) -> Result<Reply> {
        Ok(value)
    }
}

// ---- what is known before the first call -----------------------------------------------------------

/// The name and the options of a handler, as its attribute said them.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) doc: &'static str,
    pub(crate) replicas: usize,
    pub(crate) queue: usize,
    /// `None` where nothing was written: then it depends on what the handler reads.
    pub(crate) timeout: Option<Duration>,
    pub(crate) on: &'static [&'static str],
    pub(crate) emits: &'static [&'static str],
    pub(crate) internal: bool,
    pub(crate) public: bool,
    pub(crate) blocking: bool,
    pub(crate) detached: bool,
    pub(crate) rebuild_on_cancel: bool,
    pub(crate) body_limit: Option<usize>,
    pub(crate) http: HttpOptions,
    /// The entrance that a function is instead of answering messages.
    pub(crate) port: Option<Port>,
    /// The entrances that an impl block has.
    pub(crate) ports: Ports,
    /// Whether it answers messages over HTTP: not a function that is an entrance, and not an impl block
    /// without `run`.
    pub(crate) answers: bool,
    /// What stands around it, the outermost first.
    pub(crate) with: &'static [fn() -> Layered],
}

/// Where something was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) module: &'static str,
}

impl Place {
    /// The place of these `file!()`, `line!()`, `column!()` and `module_path!()`.
    pub const fn new(file: &'static str, line: u32, column: u32, module: &'static str) -> Self {
        Place { file, line, column, module }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Spec {
    /// A handler of this name, with every option at its default.
    pub const fn new(name: &'static str, place: Place) -> Self {
        Spec {
            name,
            place,
            doc: "",
            replicas: 1,
            queue: 1024,
            timeout: None,
            on: &[],
            emits: &[],
            internal: false,
            public: false,
            blocking: false,
            detached: false,
            rebuild_on_cancel: false,
            body_limit: None,
            http: HttpOptions {
                routes: &[],
                hosts: &[],
                private: false,
                deprecated: None,
                moved: None,
                gone: false,
                keys: &[],
                peers: &[],
                rate: None,
            },
            port: None,
            ports: Ports::NONE,
            answers: true,
            with: &[],
        }
    }
}

impl Spec {
    /// The impl block has this entrance.
    #[must_use]
    pub const fn port(mut self, port: Port) -> Self {
        self.ports = self.ports.with(port);
        self
    }

    /// There is no `run`.
    #[must_use]
    pub const fn without_run(mut self) -> Self {
        self.answers = false;
        self
    }
}

macro_rules! options {
    ($(
        $(#[$doc:meta])*
        $name:ident $(($argument:ident: $kind:ty))? => $($field:ident).+ = $value:expr;
    )*) => {
        impl Spec {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $name(mut self $(, $argument: $kind)?) -> Self {
                    self.$($field).+ = $value;
                    self
                }
            )*
        }
    };
}

options! {
    /// How many calls run at once.
    replicas(count: usize) => replicas = count;
    /// How many calls may wait.
    queue(length: usize) => queue = length;
    /// How long a call may take, in milliseconds.
    timeout_millis(millis: u64) => timeout = Some(Duration::from_millis(millis));
    /// The topics it subscribes to.
    on(topics: &'static [&'static str]) => on = topics;
    /// The topics that its body emits by a literal name.
    emits(topics: &'static [&'static str]) => emits = topics;
    /// Not reachable over HTTP.
    internal => internal = true;
    /// Reachable without a key.
    public => public = true;
    /// The names in certificates that it answers to; none are all.
    peers(names: &'static [&'static str]) => http.peers = names;
    /// Runs on the blocking pool.
    blocking => blocking = true;
    /// Finishes even if the caller goes away.
    detached => detached = true;
    /// A replica whose call was cancelled is made anew.
    rebuild_on_cancel => rebuild_on_cancel = true;
    /// How many bytes a message over HTTP may have.
    body_limit(bytes: usize) => body_limit = Some(bytes);
    /// Its routes.
    routes(routes: &'static [Route]) => http.routes = routes;
    /// The hosts that its routes belong to.
    hosts(hosts: &'static [Host]) => http.hosts = hosts;
    /// Only on the second address.
    private => http.private = true;
    /// It is to go.
    deprecated(deprecation: Deprecation) => http.deprecated = Some(deprecation);
    /// It has moved.
    moved(moved: Moved) => http.moved = Some(moved);
    /// It was here and will not come back.
    gone => http.gone = true;
    /// Only for these keys.
    keys(names: &'static [&'static str]) => http.keys = names;
    /// How often each client may ask.
    rate(rate: Rate) => http.rate = Some(rate);
    /// The function is this entrance.
    entrance(port: Port) => port = Some(port);
    /// What stands around it.
    with(layers: &'static [fn() -> Layered]) => with = layers;
    /// What the documentation comment says.
    doc(text: &'static str) => doc = text;
}

/// A number for a handler, given out when it is first asked for: the index into the table of every
/// bus in this process.
pub struct Key(AtomicU32);

static KEYS: AtomicU32 = AtomicU32::new(1);

impl Key {
    /// A key that has no number yet.
    #[expect(clippy::new_without_default, reason = "a default key would be a second one")]
    pub const fn new() -> Self {
        Key(AtomicU32::new(0))
    }

    pub(crate) fn get(&self) -> usize {
        match self.0.load(Ordering::Relaxed) {
            0 => self.number(),
            number => number as usize,
        }
    }

    #[cold]
    fn number(&self) -> usize {
        let fresh = KEYS.fetch_add(1, Ordering::Relaxed);
        // Whoever comes second uses the number of whoever came first; a gap costs one empty place.
        match self.0.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh as usize,
            Err(number) => number as usize,
        }
    }
}

/// What has to be provided before a handler can run, collected from its parameters. A start that
/// finds one of them missing says which and ends. [`Part::needs`] fills it.
///
/// ```
/// use manager_runtime::Needs;
///
/// pub struct Settings;
///
/// let mut needs = Needs::default();
/// needs.resource::<Settings>();
/// ```
#[derive(Default)]
pub struct Needs {
    pub(crate) resources: Vec<Need>,
    /// What parameters read of the captures of a path.
    pub(crate) captures: Vec<Reading>,
    /// What the message reads of a path or a query, if it does.
    pub(crate) message: Option<Shape>,
    /// Whether a parameter looks at the path itself.
    pub(crate) whole_path: bool,
    /// The types of the identities that parameters take.
    pub(crate) identities: Vec<Need>,
}

/// What one parameter reads of the captures of a path.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    /// The name of the type that is read.
    pub(crate) name: &'static str,
    pub(crate) shape: fn() -> Shape,
    /// The field that the type misses where only these are captured.
    pub(crate) missing: fn(&[&'static str]) -> Option<&'static str>,
    /// Whether it can do without any capture.
    pub(crate) optional: bool,
}

/// One resource, or an identity, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

impl Need {
    pub(crate) fn of<T: 'static>() -> Self {
        Need { id: TypeId::of::<T>(), name: std::any::type_name::<T>() }
    }
}

impl Needs {
    /// A resource of type `T` has to be provided. Saying so twice is no more than saying it once.
    ///
    /// ```
    /// use manager_runtime::Needs;
    /// let mut needs = Needs::default();
    /// needs.resource::<String>();
    /// ```
    pub fn resource<T: 'static>(&mut self) {
        let need = Need::of::<T>();
        if !self.resources.contains(&need) {
            self.resources.push(need);
        }
    }

    /// The part reads a `T` out of what the path captured, as [`Path`](crate::Path) does. A route that
    /// does not capture what a `T` needs is then found at start.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use manager_runtime::Needs;
    ///
    /// let mut needs = Needs::default();
    /// needs.captures::<HashMap<String, String>>(); // whatever there is
    /// ```
    pub fn captures<T: DeserializeOwned>(&mut self) {
        self.captures.push(Reading {
            name: std::any::type_name::<T>(),
            shape: fields::shape_of::<T>,
            missing: fields::missing_field::<T>,
            optional: false,
        });
    }

    /// The part looks at the path of the request itself. A capture that no parameter names is then no
    /// mistake.
    ///
    /// ```
    /// use manager_runtime::Needs;
    /// let mut needs = Needs::default();
    /// needs.whole_path();
    /// ```
    pub fn whole_path(&mut self) {
        self.whole_path = true;
    }

    /// The part takes the identity of the client, a `T`, as [`Identity`](crate::Identity) does. A program
    /// without an [`#[authenticator]`](macro@crate::authenticator) that gives one is found at start.
    ///
    /// ```
    /// use manager_runtime::Needs;
    ///
    /// pub struct User { pub name: String }
    ///
    /// let mut needs = Needs::default();
    /// needs.identity::<User>();
    /// ```
    pub fn identity<T: 'static>(&mut self) {
        let need = Need::of::<T>();
        if !self.identities.contains(&need) {
            self.identities.push(need);
        }
    }

    /// The message is a `T`, which a route may read from its path and its query.
    #[doc(hidden)]
    pub fn message<T: DeserializeOwned>(&mut self) {
        self.message = Some(fields::shape_of::<T>());
    }
}
