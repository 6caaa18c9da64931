//! Puts everything together, starts it, and ends it.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::authenticator::{Authenticator, AuthenticatorEntry};
use crate::base::Base;
use crate::bus::{Declared, Directory, registry};
use crate::config::{Door, IntoDuration, IntoSize, Layer, Layers, Settings, Warning};
use crate::context::{BoxFuture, Context, Frame, Home, Origin, Resource};
use crate::edge::EdgeFigures;
use crate::error::{Error, Kind, Result};
use crate::exchange::MultiBus;
use crate::handler::{Answer, Handler, Needs, Request};
use crate::http::{
    Folder, Keyring, Listener, Load, Rates, Served, Shelf, Side, Site, Surroundings, Table, check,
    fit, keyring, site,
};
use crate::middleware::{Catcher, CatcherEntry, Kept, Layered, Middleware, MiddlewareEntry, Mount};
use crate::reload::{self, Seen, Source};
use crate::replica::{Fake, Figures};
use crate::shutdown::{Life, Phase};
use crate::state::{SharedState, StateType};
use crate::tls::Tls;

/// Assembles the handlers, the bus, the state and the HTTP side; starts, drains and stops them.
///
/// A binary that is nothing but a service has [`manager!`](crate::manager!) instead. This is for tests
/// and for programs that do other things as well: it runs inside their tokio runtime (which needs its
/// time and I/O drivers: `enable_all`), installs no signal handlers and reads neither environment nor
/// file unless asked to.
///
/// Several managers in one process have nothing in common.
///
/// ```standalone_crate
/// use manager_runtime::prelude::*;
///
/// #[handler]
/// async fn greet(name: String) -> String {
///     format!("hello {name}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let running = Manager::new_default().with_bind("127.0.0.1:0").spawn().await?;
/// println!("http://{}", running.addr());
///
/// let reply = running.context().call::<greet>("Ada".to_owned()).await?;
/// assert_eq!(reply, "hello Ada");
/// running.stop().await
/// # }
/// ```
pub struct Manager {
    layer: Layer,
    /// Read before the program's own settings count, when it was asked for.
    surroundings: bool,
    state: Arc<SharedState>,
    linked: bool,
    added: Vec<Declared>,
    fakes: HashMap<usize, Box<dyn std::any::Any + Send + Sync>>,
    provided: Vec<Provided>,
    /// Added by hand, to those that were linked if those count.
    middleware: Vec<MiddlewareEntry>,
    catchers: Vec<CatcherEntry>,
    /// Around everything, the outermost first.
    layers: Vec<Layered>,
    authenticators: Vec<AuthenticatorEntry>,
    mounts: Vec<Mount>,
    http: bool,
    signals: bool,
    /// Opened by whoever started the process: the first instead of `bind`, the second instead of
    /// `private_bind`.
    inherited: Vec<TcpListener>,
}

/// A resource and what it is called in messages.
pub(crate) struct Provided {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
    pub(crate) resource: Resource,
}

impl Manager {
    /// A manager with every handler that was linked into this binary, and with every middleware and
    /// catcher.
    ///
    /// Nothing is started or checked yet; that is [`spawn`](Self::spawn) or [`start`](Self::start).
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::new_default();
    /// manager.with_bind("127.0.0.1:0").with_drain("10s");
    /// ```
    pub fn new_default() -> Self {
        Manager {
            layer: Layer::program(),
            surroundings: false,
            state: Arc::new(SharedState::new()),
            linked: true,
            added: Vec::new(),
            fakes: HashMap::new(),
            provided: Vec::new(),
            middleware: Vec::new(),
            catchers: Vec::new(),
            layers: Vec::new(),
            authenticators: Vec::new(),
            mounts: Vec::new(),
            http: true,
            signals: false,
            inherited: Vec::new(),
        }
    }

    /// A manager with no handler at all; [`add`](Self::add) those that it is to have. It has no
    /// [middleware](Self::with_middleware) and no [catcher](Self::with_catcher) either, except what its
    /// handlers name themselves.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn greet(name: String) -> String { name }
    /// let mut manager = Manager::empty();
    /// manager.add::<greet>().without_http();
    /// ```
    pub fn empty() -> Self {
        Manager { linked: false, ..Self::new_default() }
    }

    /// Adds a handler by its type. One that is linked already is not added again.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn greet(name: String) -> String { name }
    /// # #[handler] async fn part(name: String) -> String { name }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().add::<greet>().add::<part>().without_http().spawn().await?;
    /// assert!(running.figures("part").is_some());
    /// # running.stop().await
    /// # }
    /// ```
    pub fn add<H: Handler>(&mut self) -> &mut Self {
        self.added.push(Declared::of::<H>());
        self
    }

    /// Adds a hand-written handler under a name, with a number of replicas.
    ///
    /// A name is `[a-z0-9][a-z0-9_.-]*` and at most 128 bytes; there are 1 to 65 535 replicas. The
    /// other options have their defaults: a queue of 1024 and a timeout of 30 s. A name that is not
    /// allowed or used twice, or another number of replicas, is an error of [`start`](Self::start)
    /// or [`spawn`](Self::spawn). [`Base`] shows a handler.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// fn assemble<T: Base>() -> Manager {
    ///     let mut manager = Manager::empty();
    ///     manager.add_handler::<T>("echo", 3);
    ///     manager
    /// }
    /// ```
    pub fn add_handler<T: Base>(&mut self, name: &str, replicas: usize) -> &mut Self {
        self.added.push(Declared::by_hand::<T>(name, replicas));
        self
    }

    /// Puts a typed stand-in in the place of the handler `H`: whoever calls `H`, by type or by name,
    /// gets what the closure returns. The handler need not be linked, and its `new` is not run.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler]
    /// async fn price(item: String) -> Result<Json<u32>> {
    ///     Err(Error::internal(format!("no price server in tests, asked for {item}")))
    /// }
    ///
    /// #[handler]
    /// async fn order(ctx: Context, item: String) -> Result<String> {
    ///     let price = ctx.call::<price>(item).await?;
    ///     Ok(format!("that is {price}"))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty()
    ///     .add::<order>()
    ///     .fake::<price, _>(|_item| async { Ok(7) })
    ///     .without_http()
    ///     .spawn()
    ///     .await?;
    /// let reply = running.context().call::<order>("tea".to_owned()).await?;
    /// assert_eq!(reply, "that is 7");
    /// # running.stop().await
    /// # }
    /// ```
    pub fn fake<H: Handler, F>(
        &mut self,
        fake: impl Fn(Request<H>) -> F + Send + Sync + 'static,
    ) -> &mut Self
    where
        F: Future<Output = Result<Answer<H>>> + Send + 'static,
    {
        let fake: Arc<Fake<H>> =
            Arc::new(move |request, _context| -> BoxFuture<'static, _> { Box::pin(fake(request)) });
        self.fakes.insert(H::key().get(), Box::new(fake));
        self.add::<H>()
    }

    /// Provides a value to every handler that takes a [`Res`](crate::Res) of its type. Two values
    /// of one type are an error of [`start`](Self::start) or [`spawn`](Self::spawn).
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// pub struct Prices { pub tea: u32 }
    ///
    /// #[handler]
    /// async fn tea(prices: Res<Prices>) -> Json<u32> {
    ///     Json(prices.tea)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let mut manager = Manager::empty();
    /// manager.add::<tea>().provide(Prices { tea: 7 }).without_http();
    /// let running = manager.spawn().await?;
    /// assert_eq!(running.context().call::<tea>(()).await?, 7);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn provide<T: Send + Sync + 'static>(&mut self, value: T) -> &mut Self {
        self.provided.push(Provided {
            id: TypeId::of::<T>(),
            name: std::any::type_name::<T>(),
            resource: Arc::new(value),
        });
        self
    }

    /// Adds a middleware by its type. It stands where its options say; one without a reach of its own
    /// stands around everything, as with `global`. One that is linked already is not added again.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[middleware(path = "/admin")]
    /// async fn closed(_request: Request, _next: Next) -> Result<Response> {
    ///     Err(Error::forbidden("come back tomorrow"))
    /// }
    /// # #[handler(get = "/admin/users")] async fn users() {}
    ///
    /// let mut manager = Manager::empty();
    /// manager.add::<users>().with_middleware::<closed>();
    /// ```
    pub fn with_middleware<M: Middleware>(&mut self) -> &mut Self {
        self.middleware.push(MiddlewareEntry::of::<M>());
        self
    }

    /// Adds a catcher by its type. One that is linked already is not added again.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[catcher(404)]
    /// async fn nothing_here(caught: Caught) -> String {
    ///     format!("nothing at {}", caught.uri().path())
    /// }
    ///
    /// let mut manager = Manager::empty();
    /// manager.with_catcher::<nothing_here>();
    /// ```
    pub fn with_catcher<C: Catcher>(&mut self) -> &mut Self {
        self.catchers.push(CatcherEntry::of::<C>());
        self
    }

    /// Adds the authenticator by its type: whoever presents no key is let in by it, or by nobody. One that is
    /// linked already is not added again; a second one is an error at start.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// use manager_runtime::HeaderMap;
    ///
    /// pub struct User { pub name: String }
    ///
    /// #[authenticator]
    /// async fn session(headers: HeaderMap) -> Result<User> {
    ///     let name = headers.get("x-user").and_then(|name| name.to_str().ok());
    ///     let name = name.ok_or_else(|| Error::unauthorized("who are you?"))?;
    ///     Ok(User { name: name.to_owned() })
    /// }
    ///
    /// let mut manager = Manager::empty();
    /// manager.with_authenticator::<session>();
    /// ```
    pub fn with_authenticator<A: Authenticator>(&mut self) -> &mut Self {
        self.authenticators.push(AuthenticatorEntry::of::<A>());
        self
    }

    /// Puts a layer of tower around everything, outside of all middleware. The first one is the
    /// outermost; each is applied once, at the start, inside of the runtime.
    ///
    /// The layers stand around the router too, so one that changes the path of a request changes where it
    /// goes. They see responses: an error has become the one that the client is to get, with its status.
    /// What a layer itself fails with is `Internal` (500), unless it is an [`Error`] that was boxed or has
    /// `#[derive(HandlerError)]`; what it answers with an error status and an empty body is given a body
    /// by a catcher.
    ///
    /// The key, and without one the look at what browsers say of another site, stand inside of the layers.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// use tower_layer::Identity;
    ///
    /// let mut manager = Manager::empty();
    /// manager.with_layer(Identity::new()); // or `CompressionLayer`, `TraceLayer`, a `ServiceBuilder` ..
    /// ```
    #[cfg(feature = "tower")]
    pub fn with_layer(&mut self, layer: impl crate::tower::TowerLayer) -> &mut Self {
        self.layers.push(crate::tower::tower_layer(layer));
        self
    }

    /// Puts a service of tower under a path of whole segments: it answers what lies at and below the path,
    /// where no handler has a route. `/` is everything that no handler answers.
    ///
    /// The service sees the path without that prefix (`/` for the prefix alone), and finds the target as it
    /// was in the extensions, as [`OriginalUri`](crate::OriginalUri). A request reaches it like a handler:
    /// after the key, the middleware of its path, and the limits of bodies and of requests in flight. It
    /// has no deadline. An error or a panic of the service is a 500; one whose error is an [`Error`] that
    /// was boxed has its kind.
    ///
    /// A path that is none, a path of the manager's own, and one that a handler has as its route are errors
    /// at the start.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::future::{Ready, ready};
    /// use std::task::{Context, Poll};
    /// use manager_runtime::{Body, Manager, Request, Response};
    ///
    /// #[derive(Clone)]
    /// struct Legacy; // an axum `Router` would do as well
    ///
    /// impl tower_service::Service<Request> for Legacy {
    ///     type Response = Response;
    ///     type Error = Infallible;
    ///     type Future = Ready<Result<Response, Infallible>>;
    ///
    ///     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
    ///         Poll::Ready(Ok(()))
    ///     }
    ///
    ///     fn call(&mut self, request: Request) -> Self::Future {
    ///         ready(Ok(Response::new(Body::from(format!("old {}", request.uri().path())))))
    ///     }
    /// }
    ///
    /// let mut manager = Manager::empty();
    /// manager.mount("/legacy", Legacy); // `/legacy/orders` is `/orders` there
    /// ```
    #[cfg(feature = "tower")]
    pub fn mount<S: crate::tower::TowerService>(&mut self, path: &str, service: S) -> &mut Self {
        let service = crate::tower::mounted(service);
        let name = crate::tower::short_name::<S>();
        self.push_mount(Mount { path: path.into(), name, service: Some(service) })
    }

    pub(crate) fn push_mount(&mut self, mount: Mount) -> &mut Self {
        self.mounts.push(mount);
        self
    }

    /// The state that the handlers will see, to fill before the start.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.state().insert("greeting", "hello");
    /// ```
    pub fn state(&self) -> &Arc<SharedState> {
        &self.state
    }

    /// Sets a value in the state, in the ancestor's words.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.add_global_state("greeting", "hello").add_global_state("visitors", 0);
    /// ```
    pub fn add_global_state(&mut self, key: &str, value: impl Into<StateType>) -> &mut Self {
        self.state.insert(key, value);
        self
    }

    /// The address to listen on, `host:port`, an IPv6 address in brackets; port 0 takes any free
    /// one. Default `127.0.0.1:8080`.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_bind("127.0.0.1:0").with_bind("[::1]:9000"); // the last one counts
    /// ```
    pub fn with_bind(&mut self, address: impl fmt::Display) -> &mut Self {
        self.layer.bind(address);
        self
    }

    /// The key that every request must carry, unless its handler is `public`. Default: none, and so
    /// the service is open to everyone who reaches the port. `None` changes nothing.
    ///
    /// A key is 1 to 4096 visible ASCII characters, or `sha256:` and the 64 hexadecimal digits of its digest: then
    /// the key itself need be nowhere but with whoever presents it. It is sent as `Authorization: Bearer <key>`
    /// (RFC 6750, section 2.1); the bare key is accepted as well. A request without it gets a 401
    /// (RFC 9110, section 15.5.2).
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_api_key("hunter2").with_api_key(std::env::var("SERVICE_KEY").ok());
    /// ```
    pub fn with_api_key(&mut self, key: impl IntoText) -> &mut Self {
        self.layer.api_key(key.into_text().as_deref());
        self
    }

    /// Several keys, each with a name for the log: 1 to 128 visible ASCII characters. Any one of
    /// them opens the service, as [`with_api_key`](Self::with_api_key) says. No key at all is an
    /// error at start.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_api_keys([("shop", "hunter2"), ("cron", "hunter3")]);
    /// ```
    pub fn with_api_keys<N: Into<String>, K: AsRef<str>>(
        &mut self,
        keys: impl IntoIterator<Item = (N, K)>,
    ) -> &mut Self {
        self.layer.api_keys(keys);
        self
    }

    /// A file with more keys: TOML with nothing but a line `name = "key"` for each, where a key may be given as
    /// `sha256:` and the 64 hexadecimal digits of its digest. They are added to those of
    /// [`with_api_keys`](Self::with_api_keys). A file that is broken or without a key is an error at start. Default:
    /// none.
    ///
    /// The file is read again on SIGHUP and when it changes. One that is broken or without a key changes nothing
    /// then, and the log says what is wrong with it.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_api_keys_file("/run/secrets/keys.toml");
    /// ```
    pub fn with_api_keys_file(&mut self, path: impl AsRef<Path>) -> &mut Self {
        self.layer.api_keys_file(shown(path.as_ref()));
        self
    }

    /// How often each client may ask, for all handlers together: `"100/s"`, `"30/m"`, `"5/h"`. A client is a key, or
    /// else an address (of IP version 6 its first 64 bits). Beyond it, it gets 429 (RFC 6585, section 4) with
    /// `Retry-After`. Default: as often as it likes. A handler may have a `rate` of its own beside this.
    ///
    /// Health is not counted, nor is who is refused for want of a key. Of a server around a `ManagerService` that
    /// does not say who its client is, all clients are one.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_rate("100/s").with_burst(20);
    /// ```
    pub fn with_rate(&mut self, rate: impl Into<String>) -> &mut Self {
        self.layer.rate(rate);
        self
    }

    /// How many of the requests of [`with_rate`](Self::with_rate) may come at once, 1 to 1 000 000. Default: what a
    /// second brings, at least 1. Without a rate it is an error at start.
    pub fn with_burst(&mut self, burst: usize) -> &mut Self {
        self.layer.burst(burst);
        self
    }

    /// How many requests may be in flight at once; beyond that they are refused with 503 (RFC 9110,
    /// section 15.6.4). Default 10 000, at least 1.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_max_requests(500);
    /// ```
    pub fn with_max_requests(&mut self, requests: usize) -> &mut Self {
        self.layer.max_requests(requests);
        self
    }

    /// A second address, on which the handlers are that are `private`, and only they. Without one, a
    /// private handler ends the start.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(private)]
    /// async fn reload() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let mut manager = Manager::empty();
    /// manager.add::<reload>().with_bind("127.0.0.1:0").with_private_bind("127.0.0.1:0");
    /// let running = manager.spawn().await?;
    /// assert_ne!(running.private_addr(), Some(running.addr()));
    /// # running.stop().await
    /// # }
    /// ```
    pub fn with_private_bind(&mut self, address: impl fmt::Display) -> &mut Self {
        self.layer.private_bind(address);
        self
    }

    /// How many streams may be open at once: uploads, streamed answers, events, WebSockets; one more is refused
    /// with 503. Default 1 000, at least 1.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// let mut manager = Manager::empty();
    /// manager.with_streams(10_000);
    /// ```
    pub fn with_streams(&mut self, streams: usize) -> &mut Self {
        self.layer.streams(streams);
        self
    }

    /// How many connections may be open at once; one more waits to be accepted. Default 25 000, at
    /// least 1.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_connections(1_000);
    /// ```
    pub fn with_connections(&mut self, connections: usize) -> &mut Self {
        self.layer.connections(connections);
        self
    }

    /// How many connections may be open at once from one address; of IPv6, from one network of 64 bits,
    /// which is what one customer gets. One more is closed as soon as it is accepted. Behind a proxy all
    /// connections come from the proxy. Default 5 000, at least 1.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_connections_per_address(100);
    /// ```
    pub fn with_connections_per_address(&mut self, connections: usize) -> &mut Self {
        self.layer.connections_per_address(connections);
        self
    }

    /// How long a connection may be idle between two requests (RFC 9112, section 9.5): a duration,
    /// a text such as `"75s"`, or seconds. Default 75 s; 1 ms to 365 days.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_keep_alive("75s").with_keep_alive(75); // the same
    /// ```
    pub fn with_keep_alive(&mut self, time: impl IntoDuration) -> &mut Self {
        self.layer.keep_alive(time);
        self
    }

    /// How long [`Running::stop`] waits for what has begun: a duration, a text such as `"10s"`, or
    /// seconds. Default 30 s; 0 does not wait, 365 days is the most.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_drain(Duration::from_secs(10));
    /// ```
    pub fn with_drain(&mut self, time: impl IntoDuration) -> &mut Self {
        self.layer.drain(time);
        self
    }

    /// How long a message over HTTP may be: bytes, or a text such as `"2MiB"`. A longer one is
    /// refused with 413 (RFC 9110, section 15.5.14). Default 2 MiB; 1 byte to 1 TiB. A handler may
    /// have a limit of its own.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_body_limit("64KiB");
    /// ```
    pub fn with_body_limit(&mut self, limit: impl IntoSize) -> &mut Self {
        self.layer.body_limit(limit);
        self
    }

    /// How long a file may be that a client uploads: bytes, or a text such as `"10GiB"`. A longer one is
    /// refused with 413 (RFC 9110, section 15.5.14), before anything is read where the client announces
    /// it. Default 10 GiB; 1 byte to 1 TiB. A handler's own `body_limit` counts instead.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_upload_limit("100GiB");
    /// ```
    pub fn with_upload_limit(&mut self, limit: impl IntoSize) -> &mut Self {
        self.layer.upload_limit(limit);
        self
    }

    /// How long the head of a request may be: bytes, or a text such as `"16KiB"`. A longer one is
    /// refused with 431 (RFC 6585, section 5). Default 16 KiB; 8 KiB to 1 MiB.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_head_limit("32KiB");
    /// ```
    pub fn with_head_limit(&mut self, limit: impl IntoSize) -> &mut Self {
        self.layer.head_limit(limit);
        self
    }

    /// How long the head of a request may take from its first byte; then the connection is closed.
    /// Default 10 s; 1 ms to 365 days.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_head_timeout("5s");
    /// ```
    pub fn with_head_timeout(&mut self, time: impl IntoDuration) -> &mut Self {
        self.layer.head_timeout(time);
        self
    }

    /// How long a pause within a body may last; then the request is refused with 400 (RFC 9110,
    /// section 15.5.1). A client that takes nothing of an answer for that long is not waited for either: its
    /// connection ends, or on HTTP/2 the stream. Only what the client is waited for counts, so events may be
    /// as far apart as they are. Default 20 s; 1 ms to 365 days.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_body_timeout("5s");
    /// ```
    pub fn with_body_timeout(&mut self, time: impl IntoDuration) -> &mut Self {
        self.layer.body_timeout(time);
        self
    }

    /// How many bytes of a body must come in a second, and of an answer be taken, while the client is waited
    /// for. One that is behind by more than twice `body_timeout` is treated as one that stalls. What lies in
    /// the buffers of the systems on the way counts as taken, so this is a floor, not a measure. Default
    /// 500 bytes; 1 byte to 1 GiB.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_min_rate("2KiB");
    /// ```
    pub fn with_min_rate(&mut self, rate: impl IntoSize) -> &mut Self {
        self.layer.min_rate(rate);
        self
    }

    /// Speaks TLS 1.2 and 1.3 (RFC 8446) on all addresses: the file with the certificate, followed by those that
    /// have signed it, and the file with its private key, both in PEM. `None` is no TLS, the default. Needs
    /// the feature `tls` or `tls-ring`; without it this is an error at start.
    ///
    /// The key is RSA, EC (P-256, P-384) or Ed25519, as PKCS#1, PKCS#8 or SEC1, and not encrypted. Everything
    /// that is wrong with the files is an error at start: one that cannot be read, a key that does not fit,
    /// a certificate that is not valid now. HTTP/2 and HTTP/1.1 are agreed on by ALPN (RFC 7301).
    ///
    /// The files are read again when they change, and on SIGHUP if there are
    /// [signals](Self::with_signals): who connects from then on gets the new certificate, and who is
    /// connected notices nothing. New files that are wrong change nothing but the log.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_tls("cert.pem", "key.pem").with_tls(None::<&str>, None::<&str>); // off again
    /// ```
    pub fn with_tls(&mut self, cert: impl IntoText, key: impl IntoText) -> &mut Self {
        self.layer.tls_cert(cert.into_text()).tls_key(key.into_text());
        self
    }

    /// Speaks TLS with a certificate for `localhost`, `127.0.0.1` and `::1` that is made at the start, for
    /// development: nobody has signed it, and with the process it is gone. The log says its SHA-256
    /// fingerprint. Default: off. Beside [`with_tls`](Self::with_tls) it is an error at start.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_tls_dev(cfg!(feature = "tls"));
    /// ```
    pub fn with_tls_dev(&mut self, on: bool) -> &mut Self {
        self.layer.tls_dev(on);
        self
    }

    /// Lets in only clients with a certificate that is valid now and signed by one of those in this file
    /// (PEM), directly or through others that the client shows as well. A handler sees it as
    /// [`Peer::certificate`](crate::Peer::certificate). `None` asks for none, the default. A key, where one
    /// is set, is asked for as well.
    ///
    /// The file is read again with the certificate. Who is connected stays connected; a certificate cannot
    /// be taken back by a list (CRL), only by another file or [names](Self::with_allowed_names).
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_tls("cert.pem", "key.pem").with_client_ca("clients.pem");
    /// ```
    pub fn with_client_ca(&mut self, file: impl IntoText) -> &mut Self {
        self.layer.tls_client_ca(file.into_text());
        self
    }

    /// Of the clients with a certificate that [`with_client_ca`](Self::with_client_ca) lets in, only those
    /// whose common name or one of whose DNS names is one of these, letter by letter; `*` stands for
    /// nothing but itself. Default: all of them. No name at all is an error at start, and so are names
    /// without a CA. For a single handler there is the option `peers`.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_tls("cert.pem", "key.pem").with_client_ca("clients.pem");
    /// manager.with_allowed_names(["shop.example.com", "cron"]);
    /// ```
    pub fn with_allowed_names<N: Into<String>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
    ) -> &mut Self {
        self.layer.allowed_names(names);
        self
    }

    /// How long a client may take to open TLS, from the connection to the end of the handshake; then it is
    /// closed. Default 10 s; 1 ms to 365 days.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_handshake_timeout("3s");
    /// ```
    pub fn with_handshake_timeout(&mut self, time: impl IntoDuration) -> &mut Self {
        self.layer.handshake_timeout(time);
        self
    }

    /// Runs only the handlers whose names match one of these; `*` stands for any characters.
    /// Default: all of them. A name that matches no handler is an error at start.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_handlers(["greet", "billing.*"]);
    /// ```
    pub fn with_handlers<N: Into<String>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
    ) -> &mut Self {
        self.layer.handlers(names);
        self
    }

    /// Whether every answer says the number of its request, in `X-Request-Id`: the client's own if it sent
    /// one that can stand in a log line (at most 128 visible ASCII characters), a fresh one otherwise. It is
    /// that of [`Context::request_id`]. Default: off.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_request_id(true);
    /// ```
    pub fn with_request_id(&mut self, on: bool) -> &mut Self {
        self.layer.request_id(on);
        self
    }

    /// Whether there is a line in the log for every request, also for one that was refused: through
    /// `tracing`, at the level `INFO`, with the target `manager::access`. Default: off.
    ///
    /// The line has the fields `method`, `path` (without the query, and escaped), `status`, `micros` (from
    /// the end of the request's head to the answer, or to the end of a stream), `bytes` (of the answer's
    /// body), `peer`, `request_id`, and where they are known `route` and `handler`. An answer that did not
    /// come to its end has `broken=true`; no `status` means that the client went away before there was an
    /// answer. Keys, cookies and other headers are never logged. What is no request at all, because it is no
    /// HTTP, has no line.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_access_log(true);
    /// ```
    pub fn with_access_log(&mut self, on: bool) -> &mut Self {
        self.layer.access_log(on);
        self
    }

    /// The sites whose pages may ask from a browser (WHATWG Fetch, "CORS protocol"): a list of origins as
    /// browsers send them, such as `https://app.example.com` or `http://localhost:3000`, or `"*"` for every
    /// page. Default: none. An origin that no browser would send is an error at start.
    ///
    /// Preflights are answered before the key is asked for; the request itself needs its key all the same.
    /// Every answer says who may read it, errors too. Credentials in the sense of that specification, cookies
    /// above all, are not allowed to other sites; a key that a page sends in `Authorization` is none of them.
    /// Where no key is set, what an allowed page asks is answered, and `POST /shutdown` stays refused.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_cors(["https://app.example.com", "http://localhost:3000"]);
    /// manager.with_cors("*"); // the last one counts
    /// ```
    pub fn with_cors(&mut self, origins: impl IntoOrigins) -> &mut Self {
        self.layer.cors(origins.into_origins());
        self
    }

    /// Whether answers are compressed for clients that read it (RFC 9110, section 12.5.3), with brotli or
    /// gzip. Default: off. Needs the feature `compression`; without it `true` is an error at start.
    ///
    /// What is compressed is text in the widest sense: `text/*`, JSON, XML, JavaScript, SVG, fonts that are
    /// not compressed by themselves. Not what is known to be shorter than 1 KiB, what has a
    /// `Content-Encoding`, parts of something (206), events, or what says `Cache-Control: no-transform`.
    /// The `ETag` becomes a weak one. A stream is flushed whenever it has nothing more to say for now.
    ///
    /// An answer that holds a secret and what somebody else sent (BREACH) should say `no-transform`.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_compression(cfg!(feature = "compression"));
    /// ```
    pub fn with_compression(&mut self, on: bool) -> &mut Self {
        self.layer.compression(on);
        self
    }

    /// Serves the files of a directory below a path: `/assets/app.js` is `public/app.js`. Every call adds
    /// one; a directory that does not exist is an error at start. A relative one counts from the current
    /// directory.
    ///
    /// `GET` and `HEAD`, with conditions (RFC 9110, section 13) and ranges (section 14). Of a directory its
    /// `index.html` is served. Where a file `app.js.br` or `app.js.gz` stands beside `app.js` and is not older,
    /// a client that reads it gets that. A file that changes while it is sent breaks the answer off; to
    /// replace one, put a new one in its place (`rename`).
    ///
    /// Nothing outside of the directory is served: names are compared segment by segment after decoding,
    /// `..`, slashes, backslashes and NUL in a name are nothing, and a link is followed only to what lies in
    /// the directory. Whoever may write in the directory while it is served is trusted. Names that begin with
    /// a dot are not served; to serve such a directory, name it: `("/.well-known", "well-known")`.
    ///
    /// Files need the key like everything; see [`with_public_static`](Self::with_public_static).
    ///
    /// ```no_run
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::new_default();
    /// manager.with_static_files("/assets", "public").with_public_static(["/assets"]);
    /// ```
    pub fn with_static_files(
        &mut self,
        prefix: impl Into<String>,
        directory: impl AsRef<Path>,
    ) -> &mut Self {
        self.layer.static_files(prefix.into(), shown(directory.as_ref()));
        self
    }

    /// The paths of [`with_static_files`](Self::with_static_files) that need no key: a browser has none to
    /// send with what a page is made of. Default: none of them. Another path is an error at start.
    ///
    /// ```no_run
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::new_default();
    /// manager.with_api_key("hunter2");
    /// manager.with_static_files("/", "site").with_static_files("/reports", "reports");
    /// manager.with_public_static(["/"]);
    /// ```
    pub fn with_public_static<P: Into<String>>(
        &mut self,
        prefixes: impl IntoIterator<Item = P>,
    ) -> &mut Self {
        self.layer.public_static(prefixes);
        self
    }

    /// Keeps files in a directory, ready-made: uploads, downloads, metadata, deleting, a list, and resumable
    /// uploads by tus 1.0. Default: off. See [`DirectoryStore`](crate::store::DirectoryStore) for how a file
    /// gets there, what lies in the directory, and why one process at a time may serve it.
    ///
    /// | path | what |
    /// |---|---|
    /// | `POST /stream/upload/{file}` | saves a file: 201, or 200 if it replaces one, with its metadata as JSON |
    /// | `GET /stream/download/{file}` | the file, with conditions and ranges (RFC 9110, sections 13 and 14) |
    /// | `DELETE /stream/download/{file}` | deletes it: 204 |
    /// | `GET /stream/metadata/{file}` | name, size, `sha256`, media type, time and entity tag as JSON |
    /// | `GET /stream/metadata?after=..&limit=..` | the files in order of their names, up to 1000 at a time, with `next` for `after` |
    /// | `/stream/tus` | where clients of tus begin |
    ///
    /// Uploading and deleting heed `If-Match`, `If-None-Match` and `If-Unmodified-Since` (412); an upload with
    /// `Repr-Digest`, `Content-Digest` (RFC 9530) or `Digest` (RFC 3230) and another content is refused with
    /// 422. A file is no longer than the setting `upload_limit` (413), and all of them together no longer
    /// than [`with_files_quota`](Self::with_files_quota) (507). A download is always to be saved, never shown:
    /// `Content-Disposition: attachment`.
    ///
    /// All of it needs the key, if there is one, and middleware stands around it by its path. A handler of
    /// yours at one of these paths, so one named `upload`, `download` or `metadata` with such an entrance, ends
    /// the start with an error that names both.
    ///
    /// ```no_run
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::new_default();
    /// manager.with_api_key("hunter2").with_files("uploads").with_files_quota("50GiB");
    /// ```
    pub fn with_files(&mut self, directory: impl AsRef<Path>) -> &mut Self {
        self.layer.files(shown(directory.as_ref()));
        self
    }

    /// How many bytes all files of [`with_files`](Self::with_files) may have together, those that are being
    /// uploaded included. Default: no limit but the disk's.
    ///
    /// ```no_run
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::new_default();
    /// manager.with_files("uploads").with_files_quota("50GiB");
    /// ```
    pub fn with_files_quota(&mut self, quota: impl IntoSize) -> &mut Self {
        self.layer.files_quota(quota);
        self
    }

    /// Reads `manager.toml` in the current directory and the `MANAGER_*` variables over what the
    /// program says, when it starts. Without this neither is looked at.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.with_bind("127.0.0.1:0").with_environment(); // MANAGER_BIND wins
    /// ```
    pub fn with_environment(&mut self) -> &mut Self {
        self.surroundings = true;
        self
    }

    /// Drains on SIGTERM and ctrl-c; a second signal cuts. SIGHUP loads again what was made of files, as a
    /// change of the files does. Without this no signal handler is installed.
    ///
    /// ```no_run
    /// # async fn example() -> manager_runtime::Result<()> {
    /// manager_runtime::Manager::new_default().with_signals().start().await
    /// # }
    /// ```
    pub fn with_signals(&mut self) -> &mut Self {
        self.signals = true;
        self
    }

    /// Opens no socket: handlers are reached through [`Running::context`] only, and, with the feature
    /// `tower`, through `Running::service`.
    ///
    /// ```
    /// use manager_runtime::Manager;
    /// let mut manager = Manager::empty();
    /// manager.without_http();
    /// ```
    pub fn without_http(&mut self) -> &mut Self {
        self.http = false;
        self
    }

    /// Serves sockets that are open already, instead of opening its own.
    pub(crate) fn inherit(&mut self, sockets: Vec<TcpListener>) -> &mut Self {
        self.inherited = sockets;
        self
    }

    pub(crate) fn layer(&mut self) -> &mut Layer {
        self.layer.door(Door::Macro)
    }

    /// Serves until something stops it: a signal (if [`with_signals`](Self::with_signals)), or
    /// `POST /shutdown`.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn), and `Timeout` if the drain limit cut something off.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// ```no_run
    /// use manager_runtime::prelude::*;
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<()> {
    ///     Manager::new_default().with_bind("127.0.0.1:9000").with_signals().start().await
    /// }
    /// ```
    pub async fn start(&mut self) -> Result<()> {
        self.spawn().await?.ended().await
    }

    /// Starts, and returns once everything runs: replicas are made, the port is open. What was set
    /// and added goes into what runs; the manager is an [`empty`](Self::empty) one afterwards.
    ///
    /// # Errors
    ///
    /// `BadRequest` for settings that cannot be, `Internal` for all the rest.
    /// One error that lists everything that was found: a setting that cannot be, two handlers with one
    /// name, a resource that nobody provides; or the first thing that failed: a `new`, a busy port.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().with_bind("127.0.0.1:0").spawn().await?;
    /// assert_ne!(running.addr().port(), 0);
    /// running.stop().await?;
    ///
    /// let error = Manager::empty().with_bind("nowhere").spawn().await.unwrap_err();
    /// assert_eq!(error.kind(), Kind::BadRequest);
    /// # Ok(()) }
    /// ```
    pub async fn spawn(&mut self) -> Result<Running> {
        let layers = Layers {
            file: if self.surroundings {
                Layer::from_file(Path::new("manager.toml"))
            } else {
                Layer::default()
            },
            environment: if self.surroundings {
                Layer::from_environment(std::env::vars_os())
            } else {
                Layer::default()
            },
            ..Layers::default()
        };
        let plan = self.plan(layers, &[]).map_err(NoStart::into_error)?;
        plan.log_warnings();
        plan.spawn().await.map_err(NoStart::into_error)
    }

    /// Checks everything that can be checked before anything runs, and takes the manager apart.
    /// `promised` are resources that will be there although nobody has made them yet.
    pub(crate) fn plan(
        &mut self,
        layers: Layers,
        promised: &[(TypeId, &'static str)],
    ) -> std::result::Result<Plan, NoStart> {
        let Survey { plan, usage, failed } = self.survey(layers, promised);
        if !usage.is_empty() {
            Err(NoStart::Usage(usage))
        } else if !failed.is_empty() {
            Err(NoStart::Failed(failed))
        } else {
            Ok(plan)
        }
    }

    /// Finds everything that is wrong, and what the plan would be without it.
    pub(crate) fn survey(
        &mut self,
        mut layers: Layers,
        promised: &[(TypeId, &'static str)],
    ) -> Survey {
        let taken = std::mem::replace(self, Manager::empty());
        // In full: a new field has to be thought of here.
        let Manager {
            layer,
            surroundings: _,
            state,
            linked,
            added,
            fakes,
            provided,
            mut middleware,
            mut catchers,
            layers: around,
            authenticators,
            mounts,
            http,
            signals,
            inherited,
        } = taken;
        layers.program = layer;
        let mut findings = Vec::new();
        let mut usage = Vec::new();
        let (settings, mut warnings) = Settings::resolve(layers).unwrap_or_else(|problems| {
            usage.extend(problems.iter().map(ToString::to_string));
            Default::default()
        });
        // Looked at as soon as they were read.
        let key_files = Seen::of(settings.api_keys.files().map(Path::to_owned).collect());
        let mut declared = if linked { registry::linked() } else { Vec::new() };
        declared.extend(added);
        let declared = distinct(declared, &mut findings);
        let mut known: Vec<(TypeId, &'static str)> = promised.to_vec();
        known.extend(provided.iter().map(|provided| (provided.id, provided.name)));
        check_resources(&known, &mut findings);
        if let Some(patterns) = settings.handlers.patterns() {
            for pattern in patterns {
                if !declared.iter().any(|one| crate::config::glob(pattern, &one.options.name)) {
                    findings.push(format!(
                        "the setting `handlers` names `{pattern}`, which is no handler of this binary"
                    ));
                }
            }
        }
        if linked {
            middleware.extend(site::linked_middleware());
            catchers.extend(site::linked_catchers());
        }
        let middleware = site::in_order(middleware);
        let authenticators = site::authenticators(authenticators, linked);
        findings.extend(two_authenticators(&authenticators));
        let authenticator = authenticators.first().copied();
        if authenticator.is_some() {
            warnings.retain(|warning| !matches!(warning, Warning::Open { .. }));
        }
        catchers.sort_by_key(|one| (one.spec.place, one.spec.name));
        catchers.dedup_by_key(|one| (one.spec.place, one.spec.name));
        let files: Vec<&str> = settings.static_files.iter().map(|one| &*one.prefix).collect();
        // A route that the setting `handlers` leaves out today is a route all the same.
        let shelf = settings.files.is_some();
        let served = Served { handlers: &declared, files: &files, shelf, mounts: &mounts };
        findings.extend(check::middleware(served, &middleware));
        if http && let Err(missing) = folders(&settings) {
            findings.extend(missing);
        }
        if http && let Err(finding) = Shelf::check(&settings) {
            findings.push(finding);
        }
        let tls = match http && settings.has_tls() {
            true => match Tls::open(&settings) {
                Ok((tls, soon)) => {
                    warnings.extend(soon.into_iter().map(Warning::Certificate));
                    Some(tls)
                }
                Err(wrong) => {
                    findings.extend(wrong);
                    None
                }
            },
            false => None,
        };
        let (mut declared, left_out): (Vec<_>, Vec<_>) =
            declared.into_iter().partition(|one| settings.handlers.admits(&one.options.name));
        let mut missing = Missing { known: &known, authenticator, findings: &mut findings };
        for one in &declared {
            let faked = one.key.is_some_and(|key| fakes.contains_key(&key));
            let name = &one.options.name;
            if !faked {
                missing.look(&one.needs, || format!("handler `{name}`{}", declared_at(one)));
            }
        }
        let named = declared.iter().flat_map(|one| one.options.with).map(|make| make());
        let reaching = middleware.iter().map(|one| (one.layered)());
        for (layered, needs) in needs_once(named.chain(reaching)) {
            let place = layered.place().map_or_else(String::new, |place| format!(" ({place})"));
            missing.look(&needs, || format!("middleware `{}`{place}", layered.name));
        }
        for one in &catchers {
            let mut needs = Needs::default();
            (one.needs)(&mut needs);
            missing.look(&needs, || format!("catcher `{}` ({})", one.spec.name, one.spec.place));
        }
        if let Some(one) = authenticator {
            let mut needs = Needs::default();
            (one.needs)(&mut needs);
            missing.look(&needs, || describe(&one));
        }
        findings.extend(reaches_no_identity(&middleware, authenticator));
        if http && usage.is_empty() {
            findings.extend(keyring::check(&settings.api_keys, &declared));
        }
        findings.extend(fit::check(&declared));
        let served = Served { handlers: &declared, files: &files, shelf, mounts: &mounts };
        findings.extend(check::mounts(served));
        for side in [Side::Public, Side::Private] {
            findings.extend(check::conflicts(served, side));
        }
        let addresses = 1 + usize::from(settings.private_bind.is_some());
        if inherited.len() > addresses {
            findings.push(format!(
                "the supervisor handed over {} sockets, and there is an address for {addresses} of them: the \
                 first is served instead of `bind`, the second instead of `private_bind`",
                inherited.len()
            ));
        }
        if http && settings.private_bind.is_none() {
            let private = declared.iter().filter(|one| one.options.http.private);
            findings.extend(private.map(|one| {
                format!(
                    "handler `{}`{} is `private`, and there is no second address for it; set \
                     `private_bind`",
                    one.options.name,
                    declared_at(one)
                )
            }));
        }
        if http && settings.tls_client_ca.is_none() {
            let restricted = declared.iter().filter(|one| !one.options.http.peers.is_empty());
            findings.extend(restricted.map(|one| {
                format!(
                    "handler `{}`{} is for the `peers` {}, and no client is asked for a certificate, so nobody \
                     could reach it; set `tls_client_ca`",
                    one.options.name,
                    declared_at(one),
                    one.options.http.peers.join(", "),
                )
            }));
        }
        let per_stream = declared.iter_mut().flat_map(Declared::pools);
        for options in per_stream.filter(|options| options.per_stream) {
            options.replicas = settings.streams.min(MOST_REPLICAS);
        }
        let plan = Plan {
            settings,
            warnings,
            declared,
            left_out,
            fakes,
            provided,
            middleware,
            catchers,
            layers: around,
            authenticator,
            mounts,
            state,
            http,
            signals,
            inherited,
            tls,
            key_files,
        };
        Survey { plan, usage, failed: findings }
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manager").finish_non_exhaustive()
    }
}

/// Text where there may be none: what [`Manager::with_api_key`] takes. A `&str`, a `String`, or an
/// `Option` of one.
///
/// ```
/// use manager_runtime::IntoText;
///
/// assert_eq!("key".into_text().as_deref(), Some("key"));
/// assert_eq!(None::<String>.into_text(), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no text",
    label = "not a text",
    note = "pass a `&str`, a `String` or an `Option` of one"
)]
pub trait IntoText {
    /// The text, `None` to leave the default; the example on [`IntoText`] has both.
    fn into_text(self) -> Option<String>;
}

#[diagnostic::do_not_recommend]
impl IntoText for &str {
    fn into_text(self) -> Option<String> {
        Some(self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl IntoText for String {
    fn into_text(self) -> Option<String> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoText for &String {
    fn into_text(self) -> Option<String> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoText> IntoText for Option<T> {
    fn into_text(self) -> Option<String> {
        self.and_then(T::into_text)
    }
}

/// Origins: what [`Manager::with_cors`] takes. One text, or several.
///
/// ```
/// use manager_runtime::IntoOrigins;
///
/// assert_eq!("*".into_origins(), ["*"]);
/// assert_eq!(["https://a.example", "https://b.example"].into_origins().len(), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of origins",
    label = "not a list of origins",
    note = "pass `\"*\"`, or a list such as `[\"https://app.example.com\"]`"
)]
pub trait IntoOrigins {
    /// The origins as they were written; the example on [`IntoOrigins`] has both.
    fn into_origins(self) -> Vec<String>;
}

#[diagnostic::do_not_recommend]
impl IntoOrigins for &str {
    fn into_origins(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

#[diagnostic::do_not_recommend]
impl IntoOrigins for String {
    fn into_origins(self) -> Vec<String> {
        vec![self]
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>, const N: usize> IntoOrigins for [T; N] {
    fn into_origins(self) -> Vec<String> {
        self.into_iter().map(Into::into).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>> IntoOrigins for Vec<T> {
    fn into_origins(self) -> Vec<String> {
        self.into_iter().map(Into::into).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String> + Clone> IntoOrigins for &[T] {
    fn into_origins(self) -> Vec<String> {
        self.iter().cloned().map(Into::into).collect()
    }
}

/// The directories that are served as they are, or what is wrong with them.
fn folders(settings: &Settings) -> std::result::Result<Vec<Folder>, Vec<String>> {
    let mut missing = Vec::new();
    let mut folders = Vec::new();
    for one in &settings.static_files {
        match Folder::open(one, settings.public_static.contains(&one.prefix)) {
            Ok(folder) => folders.push(folder),
            Err(finding) => missing.push(finding),
        }
    }
    if missing.is_empty() { Ok(folders) } else { Err(missing) }
}

/// A directory as a setting: what is no text in it cannot be written in any of the other sources either, and
/// is not found.
pub(crate) fn shown(directory: &Path) -> String {
    directory.to_string_lossy().into_owned()
}

/// How many replicas a handler may have.
const MOST_REPLICAS: usize = 65_535;

/// Handlers in order of name. Adding one that is there already changes nothing; another one with the
/// same name is a mistake.
fn distinct(mut declared: Vec<Declared>, findings: &mut Vec<String>) -> Vec<Declared> {
    declared.sort_by(|one, other| one.options.name.cmp(&other.options.name));
    declared.dedup_by(|later, earlier| {
        later.key.is_some()
            && later.key == earlier.key
            && later.options.name == earlier.options.name
    });
    for one in &declared {
        if let Err(problem) = check_name(&one.options.name) {
            findings.push(format!("handler `{}`{}: {problem}", one.options.name, declared_at(one)));
        }
        if !(1..=MOST_REPLICAS).contains(&one.options.replicas) {
            findings.push(format!(
                "handler `{}`{} has {} replicas; 1 to 65535 are allowed",
                one.options.name,
                declared_at(one),
                one.options.replicas
            ));
        }
    }
    for pair in declared.windows(2) {
        if let [one, other] = pair
            && one.options.name == other.options.name
        {
            findings.push(format!(
                "two handlers are called `{}`:{} and{}; give one of them another name",
                one.options.name,
                declared_at(one),
                declared_at(other)
            ));
        }
    }
    declared
}

/// The rule that the macro checks for its own handlers, for those that are added at run time.
fn check_name(name: &str) -> std::result::Result<(), &'static str> {
    const RESERVED: [&str; 7] =
        ["shutdown", "stream", "healthz", "readyz", "livez", "metrics", "openapi.json"];
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_inner = |byte: u8| is_plain(byte) || matches!(byte, b'_' | b'.' | b'-');
    if RESERVED.contains(&name) {
        return Err("this name is reserved");
    }
    match name.as_bytes() {
        [first, rest @ ..]
            if is_plain(*first) && rest.iter().all(|byte| is_inner(*byte)) && name.len() <= 128 =>
        {
            Ok(())
        }
        _ => Err(
            "a name is `[a-z0-9][a-z0-9_.-]*`, at most 128 bytes: lower-case letters, digits, and \
             `_`, `.` or `-` after the first",
        ),
    }
}

fn check_resources(known: &[(TypeId, &'static str)], findings: &mut Vec<String>) {
    for (at, (id, name)) in known.iter().enumerate() {
        if known[..at].iter().any(|(other, _)| other == id) {
            findings.push(format!(
                "two resources of type `{name}` are provided; wrap one of them in a type of its own"
            ));
        }
    }
}

/// Finds what is needed and nobody provides.
struct Missing<'a> {
    known: &'a [(TypeId, &'static str)],
    authenticator: Option<AuthenticatorEntry>,
    findings: &'a mut Vec<String>,
}

impl Missing<'_> {
    fn look(&mut self, needs: &Needs, who: impl Fn() -> String) {
        for need in &needs.resources {
            if !self.known.iter().any(|(id, _)| *id == need.id) {
                self.findings.push(format!(
                    "{} needs a resource of type `{}`, which nobody provides; add one to `manager! {{ \
                     provide: [..] }}`",
                    who(),
                    need.name
                ));
            }
        }
        for need in &needs.identities {
            let there_is = match self.authenticator {
                Some(one) if one.gives(need.id) => continue,
                Some(one) => format!("{} gives a `{}`", describe(&one), one.given()),
                None => "there is no `#[authenticator]` that gives one".to_owned(),
            };
            self.findings.push(format!(
                "{} takes an identity of type `{}`, and {there_is}",
                who(),
                need.name
            ));
        }
    }
}

fn describe(one: &AuthenticatorEntry) -> String {
    format!("authenticator `{}` ({})", one.spec.name, one.spec.place)
}

/// Whose word would count?
fn two_authenticators(all: &[AuthenticatorEntry]) -> Option<String> {
    let [one, others @ ..] = all else { return None };
    let others: Vec<String> = others.iter().map(describe).collect();
    (!others.is_empty()).then(|| {
        format!("there is {} and {}; a program has one", describe(one), others.join(" and "))
    })
}

/// Whoever stands where no identity is known yet, and waits for one.
fn reaches_no_identity(
    middleware: &[MiddlewareEntry],
    authenticator: Option<AuthenticatorEntry>,
) -> Vec<String> {
    let mut findings = Vec::new();
    for one in middleware.iter().filter(|one| one.is_global()) {
        let mut needs = Needs::default();
        (one.layered)().needs(&mut needs);
        if !needs.identities.is_empty() {
            findings.push(format!(
                "middleware `{}` ({}) takes an identity and stands around everything, where nobody is known yet; \
                 give it a `path`, or name it in `with = [..]`",
                one.spec.name, one.spec.place
            ));
        }
    }
    findings.extend(authenticator.and_then(|one| {
        let mut needs = Needs::default();
        (one.needs)(&mut needs);
        let itself = needs.identities.iter().any(|need| one.gives(need.id));
        itself.then(|| format!("{} takes the identity that it is there to give", describe(&one)))
    }));
    findings
}

/// What middleware needs, each named once however many handlers name it.
fn needs_once(all: impl Iterator<Item = Layered>) -> Vec<(Layered, Needs)> {
    let mut once: Vec<(Layered, Needs)> = Vec::new();
    for layered in all {
        let same = |other: &Layered| other.name == layered.name && other.place() == layered.place();
        if !once.iter().any(|(other, _)| same(other)) {
            let mut needs = Needs::default();
            layered.needs(&mut needs);
            once.push((layered, needs));
        }
    }
    once
}

fn declared_at(one: &Declared) -> String {
    match one.options.place {
        Some(place) => format!(" ({place})"),
        None => " (added by hand)".to_owned(),
    }
}

/// Why a manager did not start.
#[derive(Debug)]
pub(crate) enum NoStart {
    /// Settings that cannot be.
    Usage(Vec<String>),
    /// Anything else, one text for each finding.
    Failed(Vec<String>),
}

impl NoStart {
    pub(crate) fn findings(&self) -> &[String] {
        match self {
            NoStart::Usage(findings) | NoStart::Failed(findings) => findings,
        }
    }

    fn into_error(self) -> Error {
        let kind = match self {
            NoStart::Usage(_) => Kind::BadRequest,
            NoStart::Failed(_) => Kind::Internal,
        };
        Error::new(kind, format!("the manager cannot start: {}", self.findings().join("\n  ")))
    }
}

/// A manager that was checked, and everything that was found.
pub(crate) struct Survey {
    /// Can start if nothing was found; with the default settings in the place of broken ones.
    pub(crate) plan: Plan,
    /// What is wrong with the settings.
    pub(crate) usage: Vec<String>,
    /// What is wrong with anything else.
    pub(crate) failed: Vec<String>,
}

/// A manager that was checked and can start.
pub(crate) struct Plan {
    pub(crate) settings: Settings,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) declared: Vec<Declared>,
    /// Linked, but not wanted by the setting `handlers`.
    pub(crate) left_out: Vec<Declared>,
    fakes: HashMap<usize, Box<dyn std::any::Any + Send + Sync>>,
    pub(crate) provided: Vec<Provided>,
    /// Those with a reach of their own, the outermost first.
    pub(crate) middleware: Vec<MiddlewareEntry>,
    pub(crate) catchers: Vec<CatcherEntry>,
    pub(crate) layers: Vec<Layered>,
    pub(crate) authenticator: Option<AuthenticatorEntry>,
    pub(crate) mounts: Vec<Mount>,
    state: Arc<SharedState>,
    pub(crate) http: bool,
    signals: bool,
    inherited: Vec<TcpListener>,
    /// Read when it was checked, so that what was checked is what is used.
    tls: Option<Arc<Tls>>,
    /// Where keys came from, as it was then.
    key_files: Seen,
}

impl Plan {
    pub(crate) fn log_warnings(&self) {
        for warning in &self.warnings {
            // Without a socket nobody can come in without a key.
            if self.http || !matches!(warning, Warning::Open { .. }) {
                tracing::warn!("{warning}");
            }
        }
    }

    pub(crate) async fn spawn(self) -> std::result::Result<Running, NoStart> {
        let Plan {
            settings,
            warnings: _,
            declared,
            left_out: _,
            fakes,
            provided,
            middleware,
            catchers,
            layers,
            authenticator,
            mounts,
            state,
            http,
            signals,
            inherited,
            tls,
            key_files,
        } = self;
        let failed = |text: String| NoStart::Failed(vec![text]);
        let resources = provided.into_iter().map(|one| (one.id, one.resource)).collect();
        let directory = Directory::open(&declared, fakes, resources, &Handle::current());
        let bus = Arc::new(MultiBus::new(Box::new(directory.clone())));
        let life = Arc::new(Life::default());
        // Whoever is dropped on the way here (an error, a cancelled start) takes the replicas along.
        let opened = CloseOnDrop(Some(directory.clone()));
        directory.fill(&bus, &state).await.map_err(|error| failed(error.story()))?;
        let folders = match folders(&settings) {
            Ok(folders) => folders,
            Err(missing) if http => return Err(NoStart::Failed(missing)),
            // Nobody listens, so a directory that is not there is none of the things to serve.
            Err(_) => Vec::new(),
        };
        let shelf = Shelf::of(&settings);
        if let Some(shelf) = shelf.as_ref().filter(|_| http) {
            shelf.start().await.map_err(failed)?;
        }
        let surroundings = Surroundings {
            bus: bus.clone(),
            state: state.clone(),
            layers,
            middleware,
            catchers,
            authenticator,
            rate: settings.rate,
            rates: Arc::new(Rates::new()),
            mounts,
            folders: folders.into_iter().map(Arc::new).collect(),
            shelf,
            kept: Kept::default(),
        };
        let load = Arc::new(Load::default());
        let keys = Keyring::new(&settings.api_keys, &declared).map(Arc::new);
        let site = |address: Option<SocketAddr>, table| {
            let (directory, life, load) = (directory.clone(), life.clone(), load.clone());
            let (keys, tls) = (keys.clone(), tls.clone().filter(|_| address.is_some()));
            let site = Site::new(directory, keys, &settings, life, address, table, load);
            Arc::new(site.over(tls))
        };
        // With or without a socket, the public side is reached through `Running::service`.
        let public = Arc::new(Table::new(&declared, Side::Public, &surroundings));
        #[cfg(feature = "tower")]
        let embedded = site(None, public.clone());
        let mut serving = Vec::new();
        let (mut address, mut private_address) = (None, None);
        if http {
            // Both ports are taken before either is served.
            let mut inherited = inherited.into_iter();
            let first = Listener::open(&settings.bind, inherited.next()).await;
            let mut listeners = vec![(Side::Public, first)];
            if let Some(bind) = &settings.private_bind {
                listeners.push((Side::Private, Listener::open(bind, inherited.next()).await));
            }
            for (side, listener) in listeners {
                let listener = listener.map_err(failed)?;
                let at = Some(listener.address());
                let table = match side {
                    Side::Public => {
                        address = at;
                        public.clone()
                    }
                    Side::Private => {
                        private_address = at;
                        Arc::new(Table::new(&declared, side, &surroundings))
                    }
                };
                serving.push((listener, site(at, table)));
            }
        }
        let serving: Vec<_> = serving
            .into_iter()
            .map(|(listener, site)| tokio::spawn(listener.serve(site)))
            .collect();
        let hangup = Arc::new(Notify::new());
        if signals {
            crate::signals::listen(life.clone());
            crate::signals::on_hangup(hangup.clone(), life.clone());
        }
        // What was made of files and is to follow them.
        let mut sources: Vec<_> = tls.iter().filter_map(Tls::source).collect();
        if let Some(keys) = keys.filter(|_| key_files.has_any()) {
            sources.push(Source::new("the file of keys", key_files, move || keys.reload()));
        }
        reload::watch(sources, hangup, life.clone());
        let (ending, ended) = watch::channel(None);
        let drain = settings.drain;
        tokio::spawn({
            let (directory, life, load) = (directory.clone(), life.clone(), load.clone());
            async move {
                life.reaches(Phase::Draining).await;
                let end = finish(serving, &directory, &load, &life, drain).await;
                drop(opened);
                let _ = ending.send(Some(end));
            }
        });
        if let Some(fingerprint) = tls.as_ref().and_then(|tls| tls.fingerprint()) {
            tracing::info!(
                sha256 = fingerprint,
                "TLS is spoken with a certificate for development that nobody has signed"
            );
        }
        let home = Home::nowhere("program", &Origin::Program, bus, state);
        let context = Context { frame: Frame::top(home, Origin::Program) };
        Ok(Running {
            address,
            private_address,
            scheme: if tls.is_some() { "https" } else { "http" },
            context,
            directory,
            life,
            load,
            ended,
            #[cfg(feature = "tower")]
            embedded,
        })
    }
}

/// Lets what has begun come to its end, until the limit.
async fn finish(
    serving: Vec<tokio::task::JoinHandle<()>>,
    directory: &Directory,
    load: &Load,
    life: &Arc<Life>,
    limit: Duration,
) -> End {
    let quiet = async {
        for serving in serving {
            let _ = serving.await;
        }
        // A look every few milliseconds, at the end of a life, instead of a counter that every call
        // would have to touch.
        let mut before = None;
        loop {
            let now = directory.calls_at_rest().filter(|_| load.is_quiet());
            if now.is_some() && now == before {
                break;
            }
            before = now;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let clean = tokio::select! {
        // Whoever asked for the cut is heard first, even if all is quiet in the same moment.
        biased;
        () = life.reaches(Phase::Cut) => false,
        () = quiet => true,
        () = tokio::time::sleep(limit) => {
            tracing::error!(?limit, "the drain limit is over; what is left is cut off");
            false
        }
    };
    life.advance(Phase::Cut);
    let lost = directory.close();
    if lost > 0 {
        tracing::error!(lost, "dispatched messages were lost");
    }
    if clean && lost == 0 { End::Clean } else { End::Cut }
}

/// How a manager ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything that had begun came to its end.
    Clean,
    /// Something was cut off.
    Cut,
}

/// Replicas hold the bus, and the bus holds the replicas: somebody has to let go.
struct CloseOnDrop(Option<Arc<Directory>>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if let Some(directory) = self.0.take() {
            directory.close();
        }
    }
}

/// A manager that runs. Dropping it cuts everything off at once; [`stop`](Self::stop) drains first.
/// Made by [`Manager::spawn`].
///
/// ```
/// use manager_runtime::prelude::*;
/// # #[handler] async fn greet(name: String) -> String { format!("hello {name}") }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let running = Manager::empty().add::<greet>().without_http().spawn().await?;
/// let greeting = running.context().publish("greet", "Ada").await?.text()?;
/// assert_eq!(greeting, "hello Ada");
/// running.stop().await
/// # }
/// ```
pub struct Running {
    address: Option<SocketAddr>,
    private_address: Option<SocketAddr>,
    scheme: &'static str,
    context: Context,
    directory: Arc<Directory>,
    life: Arc<Life>,
    load: Arc<Load>,
    ended: watch::Receiver<Option<End>>,
    #[cfg(feature = "tower")]
    embedded: Arc<Site>,
}

impl Running {
    /// The address that is listened on, with the real port.
    ///
    /// # Panics
    ///
    /// If the manager was started [`without_http`](Manager::without_http).
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().with_bind("127.0.0.1:0").spawn().await?;
    /// assert_ne!(running.addr().port(), 0);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn addr(&self) -> SocketAddr {
        match self.address {
            Some(address) => address,
            None => panic!("a manager without HTTP has no address"),
        }
    }

    /// The whole manager as a service of tower, for a server that is not the manager's: its routes and
    /// envelopes, its middleware, its key. [`ManagerService`](crate::ManagerService) says what is
    /// different. The manager may listen as well, or not ([`Manager::without_http`]).
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// use manager_runtime::Body;
    /// use tower_service::Service;
    ///
    /// #[handler(get = "/greet/{name}")]
    /// async fn greet(Json(name): Json<Name>) -> String { format!("hello {}", name.name) }
    /// # #[message] pub struct Name { pub name: String }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().add::<greet>().without_http().spawn().await?;
    /// let mut service = running.service(); // `Router::new().nest_service("/api", service)`
    ///
    /// let mut request = Request::new(Body::empty());
    /// *request.uri_mut() = "/greet/Ada".parse()?;
    /// let response = service.call(request).await?;
    /// assert_eq!(response.into_body().collect(1024).await?, "hello Ada");
    /// running.stop().await
    /// # }
    /// ```
    #[cfg(feature = "tower")]
    pub fn service(&self) -> crate::ManagerService {
        crate::ManagerService::new(self.embedded.clone())
    }

    /// The second address, with the real port; `None` without one. [`Manager::with_private_bind`] shows
    /// a use.
    pub fn private_addr(&self) -> Option<SocketAddr> {
        self.private_address
    }

    /// A context to call handlers from, with [`Source::Program`](crate::Source::Program) as the source.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().without_http().spawn().await?;
    /// let error = running.context().publish("nobody", "hello").await.unwrap_err();
    /// assert_eq!(error.kind(), Kind::NotFound);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The state that the handlers see.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().without_http().spawn().await?;
    /// running.state().insert("greeting", "hello");
    /// assert!(running.context().state().contains("greeting"));
    /// # running.stop().await
    /// # }
    /// ```
    pub fn state(&self) -> &Arc<SharedState> {
        self.context.state()
    }

    /// What happened to a handler since the start, and what it is doing now; `None` for an unknown name.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn greet(name: String) -> String { name }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().add::<greet>().without_http().spawn().await?;
    /// running.context().call::<greet>("Ada".to_owned()).await?;
    /// assert_eq!(running.figures("greet").map(|figures| figures.calls), Some(1));
    /// # running.stop().await
    /// # }
    /// ```
    pub fn figures(&self, handler: &str) -> Option<Figures> {
        self.directory.figures(handler)
    }

    /// What is open at the edge now, and what its limits have ended or refused since the start.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().with_bind("127.0.0.1:0").spawn().await?;
    /// assert_eq!(running.edge().connections, 0);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn edge(&self) -> EdgeFigures {
        self.load.figures()
    }

    /// Stops taking new work, waits for what has begun, and ends.
    ///
    /// # Errors
    ///
    /// `Timeout` if the drain limit was over and something was cut off.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let running = Manager::empty().without_http().spawn().await?;
    /// running.state().insert("visitors", 1);
    /// running.stop().await // an error if something had to be cut off
    /// # }
    /// ```
    pub async fn stop(self) -> Result<()> {
        self.life.advance(Phase::Draining);
        self.ended().await
    }

    /// Waits until something else stops it: a signal, if [`Manager::with_signals`] said so, or
    /// `POST /shutdown`.
    ///
    /// # Errors
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// ```no_run
    /// use manager_runtime::prelude::*;
    ///
    /// # async fn example() -> Result<()> {
    /// let running = Manager::new_default().with_signals().spawn().await?;
    /// println!("listening on {}", running.addr());
    /// running.ended().await
    /// # }
    /// ```
    pub async fn ended(self) -> Result<()> {
        match self.end().await {
            End::Clean => Ok(()),
            End::Cut => Err(Error::timeout("the drain limit cut off what had not ended")),
        }
    }

    pub(crate) async fn end(mut self) -> End {
        match self.ended.wait_for(Option::is_some).await {
            Ok(end) => end.unwrap_or(End::Cut),
            Err(_) => End::Cut,
        }
    }

    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// What an address of this manager begins with, before `://`.
    pub(crate) fn scheme(&self) -> &'static str {
        self.scheme
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After a stop this changes nothing.
        self.life.advance(Phase::Cut);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handlers: Vec<_> =
            self.directory.endpoints().iter().map(|one| &*one.options().name).collect();
        f.debug_struct("Running")
            .field("address", &self.address)
            .field("handlers", &handlers)
            .finish_non_exhaustive()
    }
}
