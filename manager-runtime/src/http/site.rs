//! What is served at one address: the table of what each path leads to, made once at the start.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use http::header::WARNING;
use http::{HeaderName, HeaderValue};

use crate::authenticator::AuthenticatorEntry;
use crate::body::Limits;
use crate::bus::{Declared, Directory};
use crate::config::Settings;
use crate::context::{Context, Frame, Home, Origin};
use crate::edge::{Edge, EdgeFigures};
use crate::error::{Error, Result};
use crate::exchange::MultiBus;
use crate::handler::{Needs, Reads};
use crate::head::{Head, Response, host_of};
use crate::http::addresses::Addresses;
use crate::http::files::Folder;
use crate::http::keyring::Keyring;
use crate::http::prefix::{Prefix, Reach};
use crate::http::rates::{Quota, Rates};
use crate::http::ready::Ready;
use crate::http::reply::Style;
use crate::http::router::{Builder, Found, Router};
use crate::http::shelf::{Errand, Shelf};
use crate::http::ways::{Leads, Own, Served, Side, Way, WayKind, is_on};
use crate::middleware::{
    CatcherEntry, Chain, Kept, Layered, Link, MiddlewareEntry, Mount, Mounted,
};
use crate::rate::Rate;
use crate::replica::Options;
use crate::route::{Host, Moved, Pattern, Port};
use crate::shutdown::{Life, Phase};
use crate::state::SharedState;
use crate::tls::Tls;

/// What all connections of one listener share.
pub(crate) struct Site {
    pub(super) directory: Arc<Directory>,
    /// `None` where nobody needs a key.
    pub(super) keys: Option<Arc<Keyring>>,
    limits: SiteLimits,
    life: Arc<Life>,
    /// What connections are opened with, if it is https.
    tls: Option<Arc<Tls>>,
    /// Whether only this machine reaches the listener.
    pub(super) loopback: bool,
    /// Whether there is no listener: requests come from a server that is not ours.
    embedded: bool,
    /// Shared with the service that has no listener.
    pub(super) table: Arc<Table>,
    /// What stands around everything else, if any of it is on.
    pub(super) ready: Option<Ready>,
    /// Shared by all addresses of a manager.
    load: Arc<Load>,
}

/// How much of what is limited is in use.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(super) edge: Arc<Edge>,
    pub(super) addresses: Arc<Addresses>,
    requests: AtomicUsize,
    streams: AtomicUsize,
    /// Requests that came without a listener, up to the end of their answers.
    visits: AtomicUsize,
}

impl Load {
    pub(crate) fn figures(&self) -> EdgeFigures {
        let count = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        self.edge.figures(count(&self.requests), count(&self.streams))
    }

    /// Whether no request is being answered that no listener knows of.
    pub(crate) fn is_quiet(&self) -> bool {
        self.visits.load(Ordering::Relaxed) == 0
    }
}

/// The limits, as the settings have them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteLimits {
    pub(crate) connections: usize,
    pub(crate) connections_per_address: usize,
    pub(crate) max_requests: usize,
    pub(crate) streams: usize,
    pub(crate) keep_alive: Duration,
    pub(crate) handshake_timeout: Duration,
    pub(crate) head_limit: usize,
    pub(crate) head_timeout: Duration,
    pub(crate) body_limit: u64,
    pub(crate) upload_limit: u64,
    pub(crate) body_timeout: Duration,
    pub(crate) min_rate: u64,
}

impl SiteLimits {
    /// Those of a body that comes from a client.
    pub(super) fn of_bodies(&self) -> Limits {
        Limits { bytes: self.body_limit, stall: self.body_timeout, min_rate: self.min_rate }
    }
}

impl Site {
    pub(crate) fn new(
        directory: Arc<Directory>,
        keys: Option<Arc<Keyring>>,
        settings: &Settings,
        life: Arc<Life>,
        address: Option<SocketAddr>,
        table: Arc<Table>,
        load: Arc<Load>,
    ) -> Self {
        Site {
            directory,
            keys,
            limits: SiteLimits {
                connections: settings.connections,
                connections_per_address: settings.connections_per_address,
                max_requests: settings.max_requests,
                streams: settings.streams,
                keep_alive: settings.keep_alive,
                handshake_timeout: settings.handshake_timeout,
                head_limit: settings.head_limit as usize,
                head_timeout: settings.head_timeout,
                body_limit: settings.body_limit,
                upload_limit: settings.upload_limit,
                body_timeout: settings.body_timeout,
                min_rate: settings.min_rate,
            },
            life,
            tls: None,
            // Without a listener nobody knows from where it is reached.
            loopback: address.is_some_and(|address| address.ip().is_loopback()),
            embedded: address.is_none(),
            table,
            ready: Ready::of(settings),
            load,
        }
    }

    /// The same, over TLS.
    pub(crate) fn over(self, tls: Option<Arc<Tls>>) -> Self {
        Site { tls, ..self }
    }

    pub(crate) fn limits(&self) -> &SiteLimits {
        &self.limits
    }

    pub(super) fn edge(&self) -> &Arc<Edge> {
        &self.load.edge
    }

    pub(super) fn load(&self) -> &Load {
        &self.load
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// Whether everybody may ask who reaches it.
    pub(super) fn is_open(&self) -> bool {
        self.keys.is_none() && self.table.authenticator.is_none()
    }

    pub(crate) fn tls(&self) -> Option<&Arc<Tls>> {
        self.tls.as_ref()
    }

    pub(super) fn is_embedded(&self) -> bool {
        self.embedded
    }

    /// Counts in a request that no listener knows of.
    #[cfg(feature = "tower")]
    pub(super) fn visit(&self) -> Visit {
        self.load.visits.fetch_add(1, Ordering::Relaxed);
        Visit(self.load.clone())
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.life.phase() != Phase::Serving
    }

    /// Counts a request in, unless there are too many.
    pub(super) fn enter(&self) -> Result<InFlight<'_>> {
        let before = self.load.requests.fetch_add(1, Ordering::Relaxed);
        // Made first, so that it counts itself off again if there was no room.
        let entered = InFlight(&self.load.requests);
        if before < self.limits.max_requests {
            Ok(entered)
        } else {
            self.edge().refused_requests.one();
            Err(Error::overloaded("too many requests are in flight"))
        }
    }

    /// Counts a stream in, unless there are too many.
    pub(super) fn open_stream(&self) -> Result<OpenStream> {
        let before = self.load.streams.fetch_add(1, Ordering::Relaxed);
        let open = OpenStream(self.load.clone());
        if before < self.limits.streams {
            Ok(open)
        } else {
            self.edge().refused_streams.one();
            Err(Error::overloaded("too many streams are open"))
        }
    }
}

/// One of the requests in flight.
pub(super) struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One of the streams that are open.
pub(super) struct OpenStream(Arc<Load>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that no listener knows of.
#[cfg(feature = "tower")]
pub(super) struct Visit(Arc<Load>);

#[cfg(feature = "tower")]
impl Drop for Visit {
    fn drop(&mut self) {
        self.0.visits.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Which path leads where, and what stands around it.
pub(crate) struct Table {
    /// `None` if there are routes that cannot stand side by side; [`check`](crate::http::check) has said
    /// so before.
    router: Option<Router<u32>>,
    pub(super) goals: Vec<Goal>,
    /// Around the router.
    pub(super) layers: Chain,
    /// Around everything behind it.
    pub(super) around: Chain,
    pub(super) groups: Vec<Group>,
    pub(super) catchers: Vec<Catching>,
    /// Who is asked about a client that presents no key.
    pub(super) authenticator: Option<Authenticating>,
    /// How often a client may ask for what is not there.
    quota: Option<Quota>,
    pub(super) rates: Arc<Rates>,
}

/// What a path leads to.
pub(super) struct Goal {
    pub(super) aim: Aim,
    /// Around this one, inside of what stands around everything; `None` where it depends on the path
    /// which groups that are.
    pub(super) chain: Option<Chain>,
    /// What the handler itself asked for, for a chain that is put together per request.
    own: Vec<Link>,
    pub(super) is_public: bool,
    /// The names in certificates that it answers to; none are all.
    pub(super) peers: &'static [&'static str],
    pub(super) style: Style,
    /// How much of a body may be read, if the handler says so.
    pub(super) body_limit: Option<u64>,
    /// The names of the keys that it takes; without any, it takes all.
    pub(super) keys: &'static [&'static str],
    /// Whether the authenticator is asked although it is public: whoever is behind wants to know.
    pub(super) asks_who: bool,
    /// How often a client may ask.
    quota: Option<Quota>,
    /// What every answer says: that the handler is to go.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Goal {
    /// With nothing around it, behind the key.
    fn of(aim: Aim) -> Self {
        Goal {
            aim,
            chain: Some(Chain::default()),
            own: Vec::new(),
            is_public: false,
            peers: &[],
            style: Style::Problem,
            body_limit: None,
            keys: &[],
            asks_who: false,
            quota: None,
            headers: Vec::new(),
        }
    }

    fn own(own: Own) -> Self {
        let is_public = own != Own::Shutdown;
        Goal { is_public, style: Style::Envelope, ..Goal::of(Aim::Own(own)) }
    }

    /// Whether it is the end of it all.
    pub(super) fn stops(&self) -> bool {
        matches!(self.aim, Aim::Own(Own::Shutdown))
    }

    /// The number of the handler that it leads to.
    pub(super) fn endpoint(&self) -> Option<usize> {
        match &self.aim {
            Aim::Envelope(number) => Some(*number),
            Aim::Route(route) => Some(route.endpoint),
            Aim::Port(port) => Some(port.endpoint as usize),
            _ => None,
        }
    }

    /// Whether every answer from here says something more.
    pub(super) fn says_more(&self) -> bool {
        !self.headers.is_empty()
    }

    /// The answer with what is said of every answer from here, and of every error.
    pub(super) fn mark(&self, outcome: Result<Response>) -> Result<Response> {
        let said = self.headers.iter().cloned();
        match outcome {
            Ok(mut response) => {
                said.for_each(|(name, value)| _ = response.headers_mut().append(name, value));
                Ok(response)
            }
            Err(error) => {
                Err(said.fold(error, |error, (name, value)| error.with_header(name, value)))
            }
        }
    }

    /// How much of a body may be read.
    pub(super) fn limit(&self, limits: &SiteLimits) -> u64 {
        match (self.body_limit, &self.aim) {
            (Some(own), _) => own,
            (None, Aim::Port(PortAim { port: Port::Upload, .. })) => limits.upload_limit,
            (None, Aim::Shelf(_, errand)) if errand.uploads() => limits.upload_limit,
            (None, Aim::Route(route)) if route.reads == Reads::Upload => limits.upload_limit,
            (None, _) => limits.body_limit,
        }
    }
}

pub(super) enum Aim {
    /// What the runtime itself answers.
    Own(Own),
    /// The envelope endpoint of the handler with this number.
    Envelope(usize),
    Route(RouteAim),
    Port(PortAim),
    Gone(Arc<str>),
    Moved(Moved),
    /// What lies in a directory.
    Files(Arc<Folder>),
    /// The ready-made store.
    Shelf(Arc<Shelf>, Errand),
    Mount(MountAim),
}

/// A service of somebody else's.
pub(super) struct MountAim {
    pub(super) service: Arc<dyn Mounted>,
    pub(super) path: Arc<str>,
    pub(super) pattern: &'static str,
    /// How many segments of a path are not the service's own.
    pub(super) segments: usize,
}

/// A route of a handler.
#[derive(Clone, Copy)]
pub(super) struct RouteAim {
    pub(super) endpoint: usize,
    pub(super) reads: Reads,
    pub(super) pattern: &'static str,
    /// Whether what the path captured is part of the message.
    pub(super) merges: bool,
}

/// An entrance for files of a handler.
#[derive(Clone, Copy)]
pub(super) struct PortAim {
    pub(super) endpoint: u32,
    pub(super) port: Port,
    pub(super) pattern: &'static str,
}

/// Middleware of a path and everything below it.
pub(super) struct Group {
    prefix: Prefix,
    link: Link,
    /// Whether it takes the identity of a client.
    asks_who: bool,
}

/// The authenticator with what it runs in.
pub(super) struct Authenticating {
    pub(super) entry: AuthenticatorEntry,
    pub(super) context: Context,
}

/// A linked catcher with what it runs in.
pub(super) struct Catching {
    pub(super) entry: CatcherEntry,
    prefix: Prefix,
    pub(super) context: Context,
}

impl Catching {
    pub(super) fn catches(&self, status: u16, path: &str) -> bool {
        let statuses = self.entry.spec.statuses;
        (statuses.is_empty() || statuses.contains(&status)) && self.prefix.covers(path)
    }

    /// How exactly it says what it catches: the longer path first, and then a status before all.
    fn rank(&self) -> (usize, bool) {
        (self.prefix.len(), !self.entry.spec.statuses.is_empty())
    }
}

/// What a table is made of.
pub(crate) struct Surroundings {
    pub(crate) bus: Arc<MultiBus>,
    pub(crate) state: Arc<SharedState>,
    /// Around the router, from the program itself.
    pub(crate) layers: Vec<Layered>,
    /// The directories that are served as they are.
    pub(crate) folders: Vec<Arc<Folder>>,
    /// The ready-made store.
    pub(crate) shelf: Option<Arc<Shelf>>,
    /// Those with a reach of their own, the outermost first.
    pub(crate) middleware: Vec<MiddlewareEntry>,
    pub(crate) catchers: Vec<CatcherEntry>,
    pub(crate) authenticator: Option<AuthenticatorEntry>,
    /// How often each client may ask for anything.
    pub(crate) rate: Option<Rate>,
    pub(crate) rates: Arc<Rates>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) kept: Kept,
}

impl Table {
    /// The table of one side. What keeps it from being made has been found by
    /// [`check`](crate::http::check) before.
    pub(crate) fn new(declared: &[Declared], side: Side, surroundings: &Surroundings) -> Self {
        let place = Home::nowhere;
        let context = |name: &str| {
            let (bus, state) = (surroundings.bus.clone(), surroundings.state.clone());
            let home = place(name, &Origin::Program, bus, state);
            Context { frame: Frame::top(home, Origin::Program) }
        };
        let link = |layered: &Layered| Link::new(layered, context(layered.name));
        let named = |make: fn() -> Layered| link(&surroundings.kept.get(make));
        let Surroundings { layers, middleware, catchers, mounts, folders, shelf, .. } =
            surroundings;
        let layers = layers.iter().map(link).collect();
        let global = middleware.iter().filter(|one| one.is_global());
        let around = global.map(|one| named(one.layered)).collect();
        let mut groups: Vec<Group> = middleware
            .iter()
            .filter(|one| one.spec.path.is_some())
            .map(|one| Group {
                prefix: Prefix::of(one.spec.path),
                link: named(one.layered),
                asks_who: asks_who(one.layered),
            })
            .collect();
        // The outer group is the one with the shorter path.
        groups.sort_by_key(|group| group.prefix.len());
        let mut catchers: Vec<Catching> = catchers
            .iter()
            .map(|entry| Catching {
                entry: *entry,
                prefix: Prefix::of(entry.spec.path),
                context: context(entry.spec.name),
            })
            .collect();
        catchers.sort_by_key(|one| (std::cmp::Reverse(one.rank()), one.entry.spec.place));
        let mut builder = Builder::new();
        let mut table = Table {
            // Filled below, when it is known where each route leads.
            router: None,
            goals: Vec::new(),
            layers: Chain::new(layers),
            around: Chain::new(around),
            groups,
            catchers,
            authenticator: surroundings
                .authenticator
                .map(|entry| Authenticating { entry, context: context(entry.spec.name) }),
            quota: Quota::of(surroundings.rate, None),
            rates: surroundings.rates.clone(),
        };
        // What a handler asked for stands around it once, however many routes it has.
        let own = declared.iter().map(|one| match is_on(&one.options, side) {
            true => one.options.with.iter().map(|make| named(*make)).collect(),
            false => Vec::new(),
        });
        let own: Vec<Vec<Link>> = own.collect();
        let prefixes: Vec<&str> = folders.iter().map(|folder| &**folder.prefix()).collect();
        let served =
            Served { handlers: declared, files: &prefixes, shelf: shelf.is_some(), mounts };
        for way in served.ways(side) {
            let goal = match way.leads {
                Leads::Own(own) => Some(Goal::own(own)),
                Leads::Handler { number, handler, kind } => {
                    let mut goal = table.handler(&way, handler, (number, kind), &own[number]);
                    let own_rate = handler.options.http.rate.map(|rate| (number, rate));
                    goal.quota = Quota::of(surroundings.rate, own_rate);
                    Some(goal)
                }
                Leads::Files(number) => folders.get(number).map(|one| table.files(&way, one)),
                Leads::Shelf(errand) => shelf.as_ref().map(|one| table.shelf(&way, one, errand)),
                Leads::Mount(mount) => table.mount(&way, mount),
            };
            if let Some(mut goal) = goal {
                // Who watches over the process is not counted.
                if goal.quota.is_none() && !matches!(goal.aim, Aim::Own(_)) {
                    goal.quota = table.quota.clone();
                }
                let goal = table.add_goal(goal);
                builder.add(way.declared, way.hosts, way.method, &way.pattern, goal);
            }
        }
        table.router = builder.build().ok();
        table
    }

    /// Whether nothing but a key stands between a client and what it asks for.
    pub(super) fn is_direct(&self, goal: Option<&Goal>) -> bool {
        let has_chain = match goal {
            Some(goal) => !goal.chain.as_ref().is_some_and(Chain::is_empty),
            None => !self.groups.is_empty(),
        };
        !has_chain
            && self.around.is_empty()
            && self.authenticator.is_none()
            && self.quota_of(goal).is_none()
    }

    /// How often a client may ask for this.
    pub(super) fn quota_of<'g>(&'g self, goal: Option<&'g Goal>) -> Option<&'g Quota> {
        goal.map_or(self.quota.as_ref(), |goal| goal.quota.as_ref())
    }

    /// Where a request with this method leads. What watches over the process is reached under every name.
    pub(super) fn find(&self, head: &Head, method: &str) -> Found<'_, u32> {
        let Some(router) = &self.router else { return Found::Nothing };
        let path = head.uri().path();
        if !router.knows_hosts() {
            return router.find(None, path, method);
        }
        let host = host_of(head.uri(), head.headers());
        match router.find(Some(host), path, method) {
            Found::Nothing => match router.find(None, path, method) {
                Found::Route { target, captures } if self.is_own(*target) => {
                    Found::Route { target, captures }
                }
                _ => Found::Nothing,
            },
            found => found,
        }
    }

    fn is_own(&self, goal: u32) -> bool {
        let goal = self.goals.get(goal as usize).map(|goal| &goal.aim);
        matches!(goal, Some(Aim::Own(_)))
    }

    fn handler(
        &self,
        way: &Way<'_>,
        handler: &Declared,
        (number, kind): (usize, WayKind),
        own: &[Link],
    ) -> Goal {
        let options = &handler.options;
        let pattern = way.pattern.text;
        let aim = match kind {
            _ if options.http.gone => Aim::Gone(options.name.clone()),
            WayKind::Port(port) => Aim::Port(PortAim { endpoint: number as u32, port, pattern }),
            WayKind::Envelope => Aim::Envelope(number),
            WayKind::Route => match options.http.moved {
                Some(moved) => Aim::Moved(moved),
                None => Aim::Route(RouteAim {
                    endpoint: number,
                    reads: options.reads,
                    pattern,
                    merges: merges(handler, &way.pattern),
                }),
            },
        };
        Goal {
            chain: self.chain_of(&way.pattern, own),
            own: own.to_vec(),
            is_public: options.public,
            keys: options.http.keys,
            asks_who: self.ask_who(&way.pattern, handler),
            peers: options.http.peers,
            style: match kind {
                WayKind::Envelope => Style::Envelope,
                WayKind::Route | WayKind::Port(_) => Style::Problem,
            },
            body_limit: options.body_limit.map(|limit| limit as u64),
            headers: deprecation(options),
            ..Goal::of(aim)
        }
    }

    fn files(&self, way: &Way<'_>, folder: &Arc<Folder>) -> Goal {
        Goal {
            chain: self.chain_of(&way.pattern, &[]),
            is_public: folder.is_public(),
            ..Goal::of(Aim::Files(folder.clone()))
        }
    }

    fn shelf(&self, way: &Way<'_>, shelf: &Arc<Shelf>, errand: Errand) -> Goal {
        let aim = Aim::Shelf(shelf.clone(), errand);
        Goal { chain: self.chain_of(&way.pattern, &[]), ..Goal::of(aim) }
    }

    /// `None` for a service that has not been made: nobody serves then.
    fn mount(&self, way: &Way<'_>, mount: &Mount) -> Option<Goal> {
        let Mount { path, name: _, service } = mount.clone();
        let aim = Aim::Mount(MountAim {
            service: service?,
            path,
            pattern: way.pattern.text,
            segments: way.pattern.segments.len(),
        });
        Some(Goal { chain: self.chain_of(&way.pattern, &[]), ..Goal::of(aim) })
    }

    fn add_goal(&mut self, goal: Goal) -> u32 {
        self.goals.push(goal);
        self.goals.len() as u32 - 1
    }

    /// Whether the handler, or what may stand around it, takes the identity of a client.
    fn ask_who(&self, pattern: &Pattern, handler: &Declared) -> bool {
        let groups = self.groups.iter().filter(|group| group.asks_who);
        !handler.needs.identities.is_empty()
            || handler.options.with.iter().any(|make| asks_who(*make))
            || groups.into_iter().any(|group| group.prefix.reach(pattern) != Reach::None)
    }

    /// What stands around a pattern, `None` where that depends on the path.
    fn chain_of(&self, pattern: &Pattern, own: &[Link]) -> Option<Chain> {
        let mut links = Vec::new();
        for group in &self.groups {
            match group.prefix.reach(pattern) {
                Reach::All => links.push(group.link.clone()),
                Reach::Some => return None,
                Reach::None => {}
            }
        }
        links.extend(own.iter().cloned());
        Some(Chain::new(links))
    }

    /// What stands around this path, with what the goal itself has.
    pub(super) fn chain_at(&self, path: &str, goal: Option<&Goal>) -> Chain {
        if let Some(chain) = goal.and_then(|goal| goal.chain.as_ref()) {
            return chain.clone();
        }
        if goal.is_none() && self.groups.is_empty() {
            return Chain::default();
        }
        let groups = self.groups.iter().filter(|group| group.prefix.covers(path));
        let own = goal.map_or(&[][..], |goal| &goal.own);
        Chain::new(groups.map(|group| &group.link).chain(own).cloned().collect())
    }
}

/// Whether a middleware takes the identity of a client.
fn asks_who(make: fn() -> Layered) -> bool {
    let mut needs = Needs::default();
    make().needs(&mut needs);
    !needs.identities.is_empty()
}

/// Whether the captures of a pattern are part of the message, because no parameter takes them.
fn merges(one: &Declared, pattern: &Pattern) -> bool {
    let Needs { resources: _, captures, message, whole_path: _, identities: _ } = &one.needs;
    let names = pattern.names().chain(one.options.http.hosts.iter().flat_map(Host::names)).count();
    captures.is_empty() && message.is_some() && names > 0
}

/// What the answers of a handler say that is to go: RFC 9745, RFC 8594, and the warning that preceded them
/// (RFC 7234, section 5.5). The first has to be a date. Where none was given it is the first of all: that it
/// is deprecated by now is true, and a day of ours would be made up.
fn deprecation(options: &Options) -> Vec<(HeaderName, HeaderValue)> {
    let Some(deprecation) = options.http.deprecated else { return Vec::new() };
    let since = HeaderValue::from_str(&format!("@{}", deprecation.since.unwrap_or(0)));
    let mut headers = Vec::new();
    headers.extend(since.ok().map(|since| (HeaderName::from_static("deprecation"), since)));
    if let Some(sunset) = deprecation.sunset {
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(sunset));
        headers.extend(
            HeaderValue::from_str(&date).ok().map(|date| (HeaderName::from_static("sunset"), date)),
        );
    }
    let quoted = deprecation.text.replace('\\', "\\\\").replace('"', "\\\"");
    let warning = HeaderValue::from_str(&format!("299 - \"deprecated: {quoted}\""));
    headers.extend(warning.ok().map(|warning| (WARNING, warning)));
    headers
}

/// The names of what stands around a route, the outermost first; with `?` where that depends on the path.
pub(crate) fn around(one: &Declared, pattern: &Pattern) -> Vec<String> {
    let linked = in_order(linked_middleware());
    let global = linked.iter().filter(|one| one.is_global()).map(|one| one.spec.name.to_owned());
    let mut groups: Vec<(usize, String)> = Vec::new();
    for middleware in linked.iter().filter(|one| one.spec.path.is_some()) {
        let prefix = Prefix::of(middleware.spec.path);
        match prefix.reach(pattern) {
            Reach::All => groups.push((prefix.len(), middleware.spec.name.to_owned())),
            Reach::Some => groups.push((prefix.len(), format!("{}?", middleware.spec.name))),
            Reach::None => {}
        }
    }
    groups.sort_by_key(|(length, _)| *length);
    let own = one.options.with.iter().map(|make| make().name.to_owned());
    global.chain(groups.into_iter().map(|(_, name)| name)).chain(own).collect()
}

/// Middleware with a reach of its own that was linked.
pub(crate) fn linked_middleware() -> Vec<MiddlewareEntry> {
    inventory::iter::<MiddlewareEntry>.into_iter().copied().collect()
}

/// The outermost first, each once.
pub(crate) fn in_order(mut middleware: Vec<MiddlewareEntry>) -> Vec<MiddlewareEntry> {
    middleware.sort_by_key(|one| (one.spec.order, one.spec.place, one.spec.name));
    middleware.dedup_by_key(|one| (one.spec.name, one.spec.place));
    middleware
}

/// Authenticators that were linked, and those that were added to them, each once.
pub(crate) fn authenticators(
    added: Vec<AuthenticatorEntry>,
    linked: bool,
) -> Vec<AuthenticatorEntry> {
    let mut all = added;
    if linked {
        all.extend(inventory::iter::<AuthenticatorEntry>.into_iter().copied());
    }
    all.sort_by_key(|one| (one.spec.place, one.spec.name));
    all.dedup_by_key(|one| (one.spec.place, one.spec.name));
    all
}

/// Catchers that were linked.
pub(crate) fn linked_catchers() -> Vec<CatcherEntry> {
    inventory::iter::<CatcherEntry>.into_iter().copied().collect()
}
