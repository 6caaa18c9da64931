//! Write a service out of functions.
//!
//! ```no_run
//! use manager_runtime::prelude::*;
//!
//! #[message] pub struct Sum { pub a: i64, pub b: i64 }
//! #[message] pub struct Total { pub total: i64 }
//!
//! /// Adds two numbers.
//! #[handler(name = "add", replicas = 5)]
//! async fn add(Json(sum): Json<Sum>) -> Json<Total> {
//!     Json(Total { total: sum.a + sum.b })
//! }
//!
//! #[handler(name = "double", replicas = 2)]
//! async fn double(ctx: Context, Json(sum): Json<Sum>) -> Result<Json<Total>> {
//!     let once = ctx.call::<add>(sum).await?;                     // checked by the compiler
//!     let twice = ctx.call::<add>(Sum { a: once.total, b: once.total }).await?;
//!     ctx.dispatch("audit", "doubled").await?;                    // by name, fire and forget
//!     Ok(Json(twice))
//! }
//!
//! #[handler(name = "audit", internal)]
//! async fn audit(what: String) { println!("{what}"); }
//!
//! fn main() -> ExitCode { manager!() }
//! ```
//!
//! `cargo run`, and there are `POST /add` and `POST /double`, a bus between the handlers, a state that
//! they share, health, a graceful stop, and a command line (`serve`, `routes`, `call`, `check`). Every
//! handler has replicas, a bounded queue, a deadline, panic isolation and figures.
//!
//! # Two ideas
//!
//! **A handler is a function from a message to a reply.** HTTP, the bus and the command line are only
//! ways to reach it.
//!
//! **A replica is an instance that one call owns at a time.** `replicas = 5` is a pool of five. With
//! one free, a call runs in the caller's own task with `&mut` access to it: no mailbox, no reply
//! channel, no lock. With none free it queues in order. `replicas = 1` with `&mut self` is an actor.
//!
//! # Where to begin
//!
//! * [`macro@handler`] makes a handler of a function or an impl block, [`macro@message`] a message
//!   of a struct, [`manager!`] a service of all of them.
//! * [`Context`] is what a running handler can reach: [`call`](Context::call) by type,
//!   [`publish`](Context::publish) by name, [`send`](Context::send) and
//!   [`dispatch`](Context::dispatch) without waiting, [`emit`](Context::emit) to a topic,
//!   [`state`](Context::state).
//! * [`Error`] and its [`Kind`] say why there is no reply.
//! * [`SharedState`] is the key-value store that every handler sees.
//! * [`Manager`] starts the whole in a test or in another program, with handlers replaced by fakes.
//! * [`Base`] is a handler written by hand, in the shape of the ancestor `manager_handlers`.
//!
//! # The map
//!
//! Imports go one way: each part uses those above it in this list and none below. A test reads the
//! sources and sees to it.
//!
//! | part | files | what |
//! |---|---|---|
//! | contract | `state/` | the key-value store; it knows nothing of the rest |
//! | | `error` | why a call has no reply |
//! | | `panics` | what is said of a panic, and where |
//! | | `representation/` | what is served in whole or in parts: bytes, and what is said of them |
//! | | `message` | what goes in and comes out, where types end |
//! | | `rate` | how often something may be |
//! | | `route` | patterns of paths and hosts, as the macros have checked them |
//! | | `captures` | what a route captured of a host and a path |
//! | | `edge` | what the limits of the edge count, and how long a client is waited for |
//! | | `peer` | who is at the other end of a request |
//! | | `store/` | files in a directory, kept so that nothing is lost |
//! | | `handler` | the typed side: parameters, replies, options |
//! | | `authenticator` | who a client is, in the program's own words |
//! | | `context` | what a handler can reach; the chain, the clock and the origin of a call |
//! | | `exchange` | the bus as handlers see it |
//! | | `reply/` | replies that say more than their content: status, headers, pages, events |
//! | | `extract/` | what a handler takes of a request: path, query, headers, cookies, streams |
//! | | `transfer/` | files on their way in and out |
//! | | `tower/` | layers and services of tower in the same places (feature `tower`) |
//! | | `base` | handlers written by hand |
//! | | `config/` | the settings and their five sources |
//! | | `shutdown` | serving, draining, cut |
//! | | `reload` | what was made of files, and is made again when they change or on SIGHUP |
//! | | `tls/` | what TLS is spoken with, and opening a connection (features `tls` and `tls-ring`) |
//! | | `ws/` | WebSockets, with the feature `ws`: what a handler holds, and the connection behind it |
//! | services | `replica/` | pools: who holds a replica, who waits, how a call runs, who would wait for itself |
//! | | `bus/` | finds handlers by name, type and topic; the registry of linked handlers |
//! | edge | `http/` | listener, connection, request, router, envelope, files, ranges, the ready-made store, what is ready-made |
//! | assembly | `manager` | checks, starts, drains |
//! | front | `cli/` | `manager!`, the command line, the log; a client for calls and files of a running service |
//!
//! # How a call goes
//!
//! ```text
//! POST /double            listener -> connection -> service -> router, guard, middleware -> goal
//!                                                                         | Payload, Origin::Http
//! ctx.publish("double")  ------------------------------------------> Directory
//!                                                                         | by name
//! ctx.call::<double>(sum) -----------------------------------------> Pool<double>
//!                                                                         | a free replica, or the line
//!                                                                       run: read the message, make the
//!                                                                         | parameters, poll the function
//!                                                                         | under the deadline, catch panics
//!                                                                       double(ctx, Json(sum))
//! ```
//!
//! and the reply goes back the same way: as a value to a typed caller, as a [`Reply`] to one by name, as
//! JSON to a client.
//!
//! # Over HTTP
//!
//! The service speaks HTTP/1.1 (RFC 9112) and, to a client that begins with its preface, HTTP/2
//! (RFC 9113, section 3.4). A handler has the routes that its attribute names (see
//! [`macro@handler`]), or else `POST /name`, its envelope endpoint; other methods get a 405 (RFC 9110,
//! section 15.5.6). There the body is the message, or wraps it: `{"type":"request","src":"client","data":..}`,
//! with `"type":"dispatch"` where nobody waits. A reply is `{"status":"Ok","message":..}`, an error
//! `{"status":"error","message":..}` with the status of its [`Kind`]. Where no handler could be, an
//! error is `application/problem+json` (RFC 9457, section 3). Keys are those of RFC 6750, section
//! 2.1: see [`Manager::with_api_key`]. A program that knows its clients by other means, such as a session in
//! a cookie, says so with an [`authenticator`](macro@authenticator).
//!
//! Around all of it stand parts that a setting switches on: the number of a request in every answer
//! ([`Manager::with_request_id`]), a line in the log for each ([`Manager::with_access_log`]), CORS
//! ([`Manager::with_cors`]), compression ([`Manager::with_compression`]), and directories that are served
//! as they are ([`Manager::with_static_files`]). [`Manager::with_files`] keeps files that clients upload, by a
//! [`DirectoryStore`](store::DirectoryStore) that programs can use by themselves; `app upload FILE.. --url URL` and
//! `app download NAME --url URL` of any such program bring them there and back, through connections that break.
//!
//! Files go in and out by paths of their own, `POST /name/upload/{file}`, `GET /name/download/{file}` and
//! `GET /name/metadata/{file}`: see [`macro@handler`], "Files", and [`Upload`].
//!
//! With the feature `tls` (aws-lc-rs) or `tls-ring` (ring) it speaks TLS 1.2 and 1.3 ([`Manager::with_tls`]), reads its
//! certificate again when the file changes or on SIGHUP, and may ask clients for theirs
//! ([`Manager::with_client_ca`]): a handler sees it in [`Peer`], and the option `peers` says whose it answers to.
//!
//! `GET /livez`, `/readyz` and `/healthz` need no key. `POST /shutdown` drains; without a key only
//! this machine may ask for it.
//!
//! # What one name in two places means
//!
//! `#[handler] async fn add(..)` leaves the function what it is, and adds a *type* `add` for typed
//! calls. So a module or a crate called like the handler (`log`, `time`) is hidden in that scope, a link
//! in documentation says which it means (`` [`add()`] `` or `` [`struct@add`] ``), and a `pub` handler
//! needs a `pub` message.

mod state;

mod error;

mod panics;

mod rate;

mod route;

mod captures;

mod edge;

mod body;

mod peer;

pub mod store;

mod head;

mod representation;

mod fields;

mod message;

mod handler;

mod context;

mod exchange;

mod middleware;

mod authenticator;

mod tower;

mod reply;

mod extract;

mod transfer;

mod base;

mod config;

mod shutdown;

#[allow(dead_code, reason = "not every build makes something of files")]
mod reload;

mod tls;

#[cfg(feature = "ws")]
mod ws;

mod replica;

mod bus;

mod http;

mod signals;

mod manager;

mod cli;

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "cookies")]
pub use ::cookie;
#[cfg(feature = "headers")]
pub use ::headers;
pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
pub use base::Base;
pub use body::Body;
pub use bytes::Bytes;
pub use config::{IntoDuration, IntoSize, ValueError};
pub use context::{Call, Context, Parts, Publish, Res, Sending, Source};
pub use edge::EdgeFigures;
pub use error::{BoxError, Error, Kind, Result};
pub use exchange::MultiBus;
#[cfg(feature = "headers")]
pub use extract::Header;
pub use extract::{
    BodyStream, ClientAddr, Extension, Host, Identity, OptionalPart, Path, Query, Rejection,
};
#[cfg(feature = "cookies")]
pub use extract::{CookieKey, Cookies, PrivateCookies, SignedCookies};
#[cfg(feature = "multipart")]
pub use extract::{Multipart, MultipartField};
pub use handler::{
    Answer as AnswerOf, Handler, IntoError, IntoReply, Message, Needs, NoMessage, Parameter, Part,
    Reads, Request as RequestOf, role,
};
pub use head::{Head, Request, Response};
#[cfg(feature = "tower")]
pub use http::ManagerService;
pub use manager::{IntoOrigins, IntoText, Manager, Running};
pub use message::{Form, IntoPayload, Json, Payload, Reply};
pub use middleware::{Caught, Next};
pub use peer::{Certificate, Peer};
pub use replica::Figures;
pub use reply::{
    Event, EventSender, Html, IntoEvent, IntoHeaders, LastEventId, NoContent, Redirect, Sse,
};
pub use state::{
    AsyncFunction, FromState, IntoEntry, SharedState, StateError, StateType, SyncFunction, Watch,
};
#[cfg(feature = "tower")]
pub use tower::{OriginalUri, TowerLayer, TowerService};
pub use transfer::{Download, File, Upload};
#[cfg(feature = "ws")]
pub use ws::{CloseFrame, Handshake, Subprotocols, WebSocket, WsMessage, WsReceiver, WsSender};

/// Makes a handler of an `async fn`, a `fn` or an `impl` block.
///
/// The function stays what it is, and can be called and tested as such. Beside it there is a type of the
/// same name for typed calls, and an entry in the registry that [`manager!`] and [`Manager`] start.
///
/// # Parameters
///
/// In any order, none required, any pattern. At most one is the message: `String`, [`Bytes`],
/// [`Json<T>`](Json), [`Form<T>`](Form) or a type with [`#[message]`](macro@message). The others are
/// parts of the call: [`Context`], [`Res<T>`](Res), `Arc<MultiBus>`, `Arc<SharedState>`, or a type of
/// yours that implements [`Part`].
///
/// # Reply
///
/// `()`, `String`, `&'static str`, [`Bytes`], [`Json<T>`](Json), a type with `#[message]`, an `Option`
/// (`None` is 404) or a `Result` of one. The error may be [`Error`], any standard error, or a boxed one.
/// On a route it may say more to HTTP: [`Html`], [`Redirect`], [`File`], [`Download`], [`Sse`], a tuple of a status,
/// headers and a reply, and what else [`IntoReply`] lists.
///
/// # Options
///
/// | option | default | what |
/// |---|---|---|
/// | `name = "add"` | the function's name, or the type's in snake case | what it is called by; `[a-z0-9][a-z0-9_.-]*` |
/// | `replicas = 5` | 1 | how many calls run at once; 1 to 65 535 |
/// | `queue = 100` | 1024 | how many calls may wait; 0 to 16 777 216; beyond it they are `Overloaded` at once |
/// | `timeout = "5s"` | `"30s"` | how long a call may take, waiting included; `500ms`, `10s`, `5m`, `1h` |
/// | `on = "orders.*"` | - | the topics it hears, one or a list; `*` is one word, `>` the rest |
/// | `internal` | off, on for a handler with `on` alone | not reachable over HTTP |
/// | `public` | off | reachable without a key |
/// | `keys = ["admin"]` | every key | the names of the keys that reach it over HTTP, one or a list; any other one gets 403 |
/// | `rate = "100/s"` | as often as one likes | how often each client may ask over HTTP: `/s`, `/m`, `/h`; a client is a key, or else an address; beyond it 429 |
/// | `burst = 20` | what a second brings, at least 1 | how many of these requests may come at once; 1 to 1 000 000 |
/// | `peers = ["client1", "cron"]` | all | the clients that reach it over HTTP, one or a list: names in their [certificates](Manager::with_client_ca), letter by letter; others get a 403 |
/// | `get = "/users/{id}"`, `post`, `put`, `patch`, `delete`, `head`, `options`, `any` | `POST /name` with its envelope | its routes, a pattern or a list of them for each method |
/// | `method("LOCK", "/x")` | - | the same for any other method, once for each |
/// | `host = "{sub}.example.com"` | every host | the hosts of its routes, one or a list |
/// | `slash = "strict"` | `"redirect"` | what becomes of the other form of a path, with or without a slash at its end: `"redirect"` (308), `"strict"` (404), `"lenient"` (the same) |
/// | `with = [log, auth]` | - | the [`#[middleware]`](macro@middleware) around it, the outermost first |
/// | `private` | off | only on the second address, the setting `private_bind` |
/// | `deprecated = "since 2026-01-01, until 2027-01-01, use /v2"` | - | every answer says so: `Deprecation` (RFC 9745; `@0` where `since` is left out, for the header has to have a date), `Sunset` (RFC 8594) if there is an `until`, `Warning` with the text |
/// | `moved = "/v2/users/{id}"` | - | it answers 301, with what the path captured and the query |
/// | `gone` | off | it answers 410 |
/// | `body_limit = "64KiB"` | the setting `body_limit`, of uploads `upload_limit` | how long a message over HTTP may be |
/// | `upload`, `download`, `metadata` | off | what comes is a file, or the name of one: see below |
/// | `blocking` | off | for a plain `fn`: runs on a thread that may block |
/// | `detached` | off | finishes even if the caller goes away |
/// | `rebuild_on_cancel` | off | for an impl block: a replica whose call was cut is made anew |
/// | `crate = path` | `::manager_runtime` | where the runtime is, if it was renamed or re-exported |
///
/// # Routes
///
/// A handler with a route answers plain HTTP: its reply is the body, its error a problem (RFC 9457), or
/// text or a page if the client rather reads these. It is on the bus and the command line all the same.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[message]
/// pub struct Range { pub from: u32, pub to: u32 }
///
/// /// `GET /days?from=1&to=3`, `ctx.call::<days>(..)`, and `app call days '{"from":1,"to":3}'`.
/// #[handler(get = "/days")]
/// async fn days(range: Range) -> Json<Vec<u32>> {
///     Json((range.from..=range.to).collect())
/// }
///
/// #[handler(get = "/shops/{shop}/orders/{order:[0-9]+}")]
/// async fn order(Path((shop, order)): Path<(String, u64)>) -> String {
///     format!("order {order} of {shop}")
/// }
/// # fn main() {}
/// ```
///
/// A message that is a struct is read from the path and the query for `GET`, `HEAD` and `DELETE`, and
/// from the body for other methods, together with what the path captured. The extractors ([`Path`],
/// [`Query`], [`Header`], ..) read the request; over the bus, where there is none, they answer
/// `BadRequest`.
///
/// A pattern is made of segments:
///
/// | segment | what it takes |
/// |---|---|
/// | `users` | this text; a brace is doubled: `{{` |
/// | `{id}` | anything that is not empty |
/// | `{n:[0-9]+}` | what the whole of the regular expression matches, in the syntax of `regex-lite` |
/// | `{name}.{ext}`, `{n:[0-9]+}-days` | text and captures; each takes as much as it can from the left |
/// | `{*rest}`, `{+rest}` | none or more, one or more of the segments that are left; only at the end |
///
/// Of several that match, the more exact segment wins, from the left: text, expression, text with
/// captures, capture, rest; what leads to no end is gone back on. After a blank a pattern may say ` !`
/// (strict), ` ?` (lenient) and ` *` (it answers everything below it as well, where nothing else does).
///
/// # Files
///
/// A function with `upload` takes files in, one with `download` gives them, one with `metadata` says what is
/// known of them. The message of an upload is an [`Upload`], that of the others the name of the file:
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::File;
///
/// /// `POST /photos/upload/{file}`
/// #[handler(upload, name = "photos")]
/// async fn keep(mut photo: Upload) -> Result<StatusCode> {
///     while let Some(piece) = photo.next().await? {
///         println!("{} more bytes of {}", piece.len(), photo.name());
///     }
///     Ok(StatusCode::CREATED)
/// }
///
/// /// `GET /terms/download/{file}`, and HEAD
/// #[handler(download)]
/// async fn terms(file: String) -> Result<File> {
///     File::open(format!("terms/{file}")).await
/// }
/// # fn main() {}
/// ```
///
/// The handlers *named* `upload`, `download` and `metadata` are reached at `/stream/upload/{file}` and so on as
/// well. A name is one segment of a path, decoded; one with `/`, `\`, NUL, and `.` and `..`, is a 400 before any
/// handler runs. So is an `Approximate-Size` that is no number. Errors are problems, replies are plain, as on
/// routes; such a function has neither a route nor an envelope endpoint of its own.
///
/// An upload has no deadline unless `timeout` is written, and is one of the setting `streams` instead of a
/// replica. A download frees its replica when the function returns; a reply with a length that ends before it
/// cuts the connection, and so is never taken for the whole.
///
/// # Impl blocks
///
/// `run` serves a call, by `&self` or `&mut self`. `new`, if it is there, makes one replica: it may be
/// async, may fail, and may take [`Context`], [`Res<T>`](Res), `Arc<MultiBus>` and `Arc<SharedState>`.
/// Without it the type needs `Default`. All other functions are left alone.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[derive(Default)]
/// pub struct Counter { total: u64 }
///
/// #[handler(name = "counter")]
/// impl Counter {
///     async fn run(&mut self, Json(by): Json<u64>) -> Json<u64> {
///         self.total += by;
///         Json(self.total)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let running = Manager::empty().add::<Counter>().without_http().spawn().await?;
/// assert_eq!(running.context().call::<Counter>(2).await?, 2);
/// assert_eq!(running.context().call::<Counter>(3).await?, 5);
/// # running.stop().await
/// # }
/// ```
///
/// `run_stream`, `run_file` and `run_metadata` are for [files](#files), each with the message of its kind; at
/// least one of the four is there. `run`, `run_file` and `run_metadata` share the replicas: one call owns an
/// instance at a time, whichever way it comes. An upload has an instance of its own, made by `new` when it is
/// needed and kept for the next upload, so that a slow client keeps nobody waiting; the first of them is made at
/// the start.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[derive(Default)]
/// pub struct Album { seen: u64 }
///
/// #[handler]
/// impl Album {
///     /// `POST /album`, `ctx.call::<Album>(..)`
///     async fn run(&mut self, question: String) -> String {
///         format!("{question}: {}", self.seen)
///     }
///
///     /// `GET /album/metadata/{file}`
///     async fn run_metadata(&mut self, file: String) -> Json<usize> {
///         self.seen += 1;
///         Json(file.len())
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// A mistake is a compile error under the token that is wrong; several are shown together.
pub use manager_macros::handler;

/// Makes a middleware of a function: it stands around handlers, sees each request before them and each
/// answer after them.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// /// Only from inside of the house.
/// #[middleware(path = "/admin")]
/// async fn from_inside(request: Request, next: Next, ctx: Context) -> Result<Response> {
///     if request.headers().contains_key("x-forwarded-for") {
///         return Err(Error::forbidden("not from there"));
///     }
///     ctx.state().increment("visits", 1)?;
///     next.run(request).await
/// }
///
/// #[handler(get = "/admin/users", with = [from_inside])]
/// async fn users() -> &'static str {
///     "Ada, Bob"
/// }
/// # fn main() {}
/// ```
///
/// The first parameter is the [`Request`], the second is what comes [`Next`]; after them stand parts of
/// the request as in a handler: [`Context`], [`Res`], [`ClientAddr`], [`Path`], your own. It returns the [`Response`] or an error. An
/// error that comes back from [`Next::run`] is typed: it has not become a response yet.
///
/// | option | where it stands |
/// |---|---|
/// | none | around the handlers that name it: `with = [from_inside]` |
/// | `global` | around everything, also where the answer is 401, 404 or 405 |
/// | `path = "/admin"` | around this path and everything below it, in whole segments |
/// | `order = 10` | among those of the same reach, the lower stands outside; the default is 0 |
/// | `crate = path` | where the runtime is |
///
/// Around a handler stand first the global ones, then those of paths (the shorter outside), then its own
/// `with`, in the order of the list. A request meets the key check after the global ones.
///
/// # Errors
///
/// A mistake is a compile error under the token that is wrong. A `path` that no route lies under ends
/// the start.
pub use manager_macros::middleware;

/// Makes a function give errors their body.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[catcher(404)]
/// async fn not_found(caught: Caught) -> String {
///     format!("there is nothing at {}", caught.uri().path())
/// }
///
/// #[catcher(path = "/api")] // every status from 400
/// async fn api(caught: Caught) -> Json<String> {
///     Json(caught.message())
/// }
/// # fn main() {}
/// ```
///
/// Of several that fit, the one with the longer `path` runs, then one that names the status. What it
/// returns is the body; the status and the headers of the error stay, unless the reply has its own. One
/// that fails or panics is logged, and the answer is what it would be without it.
///
/// # Errors
///
/// A mistake is a compile error under the token that is wrong.
pub use manager_macros::catcher;

/// Makes a function say who a client is: the program's own authentication, beside keys or instead of them.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::HeaderMap;
///
/// pub struct User { pub name: String }
///
/// #[authenticator]
/// async fn session(headers: HeaderMap, state: std::sync::Arc<SharedState>) -> Result<User> {
///     let session = headers.get("x-session").and_then(|session| session.to_str().ok());
///     let session = session.ok_or_else(|| Error::unauthorized("log in first"))?;
///     match state.get::<String>(&format!("session.{session}")) {
///         Ok(Some(name)) => Ok(User { name }),
///         _ => Err(Error::unauthorized("this session has ended")),
///     }
/// }
///
/// #[handler(get = "/me")]
/// async fn me(user: Identity<User>) -> String {
///     user.name.clone()
/// }
///
/// /// Everybody may come in; who is known is greeted by name.
/// #[handler(get = "/", public)]
/// async fn home(user: Option<Identity<User>>) -> String {
///     user.map_or_else(|| "Hello".to_owned(), |user| format!("Hello {}", user.name))
/// }
/// # fn main() {}
/// ```
///
/// Its parameters are parts of the request, as in a handler: [`HeaderMap`], `Cookies`, [`ClientAddr`], [`Peer`],
/// [`Res`], [`Context`], your own. It knows no captures of a path. It returns `Result<U>`: handlers and middleware take that
/// `U` as an [`Identity<U>`](Identity), or as `Option<Identity<U>>`. A program has one authenticator.
///
/// # When it is asked
///
/// | a request | is let in by |
/// |---|---|
/// | with a valid key | the key; the authenticator is not asked, and there is no identity |
/// | without one | the authenticator, before the body is read |
/// | to a `public` handler | everybody; the authenticator is asked where the handler, or a middleware around it, takes an `Identity`, and `Unauthorized` is `None` there |
/// | to a handler with `keys` | one of these keys; whom the authenticator knows gets 403 |
/// | to `/livez`, `/readyz`, `/healthz` | everybody, and it is not asked |
/// | `POST /shutdown` | a key; where none is set, this machine as without an authenticator; it is not asked |
///
/// Its error is the answer: `Unauthorized` is 401 with `WWW-Authenticate: Bearer` unless it [brings its
/// own](Error::with_header), `Forbidden` 403, a panic 500. It is the same for paths that there are and for those that there
/// are not. Over the bus nobody is asked.
///
/// It is not asked for what a page of another site wants by `Sec-Fetch-Site` or `Origin`, unless CORS
/// ([`Manager::with_cors`]) allows that page: a browser sends cookies along for every page. That is 403 for all methods
/// that do more than read (RFC 9110, section 9.2.1) and for WebSockets, and nobody is known at a `public` handler.
///
/// | option | default | what |
/// |---|---|---|
/// | `timeout = "5s"` | `"30s"` | how long it may take; then it is 504 |
/// | `crate = path` | `::manager_runtime` | where the runtime is |
///
/// # Errors
///
/// A mistake is a compile error under the token that is wrong. A second authenticator, an [`Identity`] of a type that it does
/// not give, and a middleware that stands around everything and takes one, end the start.
pub use manager_macros::authenticator;

/// Gives the variants of an error their kinds, which `?` keeps.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[derive(Debug, HandlerError)]
/// enum ShopError {
///     #[error(kind = NotFound, "no order {id}")]
///     NoOrder { id: u64 },
///     #[error(kind = Conflict, "order {0} was paid before")]
///     Paid(u64),
///     #[error(kind = Internal, "the database does not answer")]
///     Database(#[from] std::io::Error),
/// }
///
/// #[handler]
/// async fn pay(Json(id): Json<u64>) -> Result<(), ShopError> {
///     if id == 0 { Err(ShopError::NoOrder { id }) } else { Ok(()) }
/// }
///
/// # fn main() {
/// let error = Error::from(ShopError::Paid(7)); // what `?` does
/// assert_eq!(error.kind(), Kind::Conflict);
/// assert_eq!(error.message(), "order 7 was paid before");
/// # }
/// ```
///
/// `#[error(kind = .., "text")]` on every variant, or on a struct, writes [`Display`](std::fmt::Display)
/// and [`Error`](std::error::Error) as well; the text is that of [`format!`] with the fields in it.
/// `#[source]` marks the cause, `#[from]` the cause that `?` converts. A type that has these from elsewhere
/// (`thiserror`, by hand) takes `#[kind(NotFound)]`, which gives the kind alone.
///
/// The text of a variant is for every caller, HTTP clients included; that of an `Internal` one is for
/// callers in the process and the log.
///
/// # Errors
///
/// A mistake is a compile error under the token that is wrong.
pub use manager_macros::HandlerError;

/// Makes a message of a struct or an enum: derives serde's `Serialize` and `Deserialize`, and lets it
/// stand bare as a handler's parameter or reply, and as a payload.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[message]
/// #[derive(Debug, PartialEq)]
/// pub struct Point { pub x: f64, pub y: f64 }
///
/// #[handler]
/// async fn mirror(point: Point) -> Point {
///     Point { x: point.y, y: point.x }
/// }
/// # fn main() {}
/// ```
///
/// serde's own attributes (`#[serde(rename = "..")]`) work below it.
pub use manager_macros::message;

/// Makes a service of all linked handlers: the last expression of a plain `fn main() -> ExitCode`.
///
/// ```no_run
/// use manager_runtime::prelude::*;
///
/// fn main() -> ExitCode {
///     manager! {
///         bind: "127.0.0.1:9000",
///         drain: "10s",
///         state: { "greeting": "hello", "visitors": 0 },
///     }
/// }
/// ```
///
/// | key | default | what |
/// |---|---|---|
/// | `bind: "127.0.0.1:8080"` | that | where to listen; port 0 takes a free one |
/// | `private_bind: "127.0.0.1:9090"` | none | a second address, for `private` handlers |
/// | `api_key: "..."`, `api_keys: { "name": "..." }` | none | what a request must carry; `sha256:` and a digest stands for a key that is nowhere in plain text |
/// | `api_keys_file: "keys.toml"` | none | a file with more keys, `name = "key"` on a line each; read again when it changes ([`Manager::with_api_keys_file`]) |
/// | `rate: "100/s"`, `burst: 20` | none | how often each client may ask, for all handlers together ([`Manager::with_rate`]) |
/// | `max_requests: 10_000` | that | requests in flight at once |
/// | `streams: 1_000` | that | uploads, streamed answers, events and WebSockets at once |
/// | `connections: 25_000` | that | open connections |
/// | `connections_per_address: 5_000` | that | of these from one address, or one /64 of IPv6 |
/// | `keep_alive: "75s"` | that | how long a connection may be idle |
/// | `drain: "30s"` | that | how long a stop waits for what has begun |
/// | `body_limit: "2MiB"` | that | how long a message may be |
/// | `upload_limit: "10GiB"` | that | how long a file may be that a client uploads |
/// | `head_limit: "16KiB"` | that | how long a head may be, 8 KiB to 1 MiB |
/// | `head_timeout: "10s"`, `body_timeout: "20s"` | those | how long a head may take, and a pause in a body or an answer |
/// | `min_rate: "500B"` | that | how much of a body or an answer a client must move in a second |
/// | `tls: { cert: "cert.pem", key: "key.pem" }` | none | TLS on all addresses, with the feature `tls` or `tls-ring` ([`Manager::with_tls`]) |
/// | `tls: { .., client_ca: "ca.pem", allowed_names: ["shop"] }` | none | who comes in ([`Manager::with_client_ca`], [`Manager::with_allowed_names`]) |
/// | `tls: { dev: true }` | `false` | TLS with a certificate that is made at the start ([`Manager::with_tls_dev`]) |
/// | `handshake_timeout: "10s"` | that | how long a client may take to open TLS |
/// | `request_id: true` | `false` | every answer says the number of its request ([`Manager::with_request_id`]) |
/// | `access_log: true` | `false` | a line in the log for every request ([`Manager::with_access_log`]) |
/// | `cors: ["https://app.example.com"]`, `"*"` | none | the sites whose pages may ask ([`Manager::with_cors`]) |
/// | `compression: true` | `false` | brotli or gzip, with the feature `compression` ([`Manager::with_compression`]) |
/// | `files: "uploads"` | none | the ready-made store: upload, download, metadata, tus ([`Manager::with_files`]) |
/// | `files_quota: "50GiB"` | none | how much all files of the store may have together |
/// | `static_files: { "/assets": "public" }` | none | directories served as they are ([`Manager::with_static_files`]) |
/// | `public_static: ["/assets"]` | none | those of them that need no key |
/// | `handlers: ["a*", "b"]` | all | run only these |
/// | `state: { "k": 1 }` | - | what the state holds at the start |
/// | `provide: [expr, ..]` | - | resources, for [`Res`]; each may `.await` and use `?` |
/// | `crates: [billing]` | - | library crates with handlers, so that they are linked |
/// | `crate: path` | `::manager_runtime` | where the runtime is |
///
/// Over what stands here count `manager.toml`, the environment (`MANAGER_BIND`) and the command line
/// (`--bind`), each over the one before; `check` shows every setting with where it came from.
///
/// # Errors
///
/// A mistake in the keys is a compile error under the token that is wrong. The [`ExitCode`] is 0
/// after a clean end, 1 if the start or a call failed, 2 for a command line or settings that cannot
/// be, 3 if something was cut off, and 128 plus the number of the signal where a signal cut it.
///
/// [`ExitCode`]: std::process::ExitCode
pub use manager_macros::manager;

/// What a program of handlers needs.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler]
/// async fn greet(name: String) -> String {
///     format!("hello {name}")
/// }
/// # fn main() {}
/// ```
pub mod prelude {
    pub use std::process::ExitCode;

    #[cfg(feature = "headers")]
    pub use crate::Header;
    #[cfg(feature = "multipart")]
    pub use crate::Multipart;
    // Without `File`, which would be taken for that of the standard library.
    pub use crate::{
        Base, BodyStream, Bytes, Caught, ClientAddr, Context, Error, Event, Extension, Form,
        HandlerError, Html, Identity, IntoReply, Json, Kind, LastEventId, Manager, MultiBus, Next,
        NoContent, Path, Query, Redirect, Reply, Request, Res, Response, Result, Running,
        SharedState, Sse, StateType, StatusCode, Upload, authenticator, catcher, handler, manager,
        message, middleware,
    };
    #[cfg(feature = "cookies")]
    pub use crate::{Cookies, PrivateCookies, SignedCookies};
    #[cfg(feature = "ws")]
    pub use crate::{WebSocket, WsMessage};
}
