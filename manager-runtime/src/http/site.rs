//! What is served at one address: the table of what each path leads to, made once at the start.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use http::header::WARNING;
use http::{HeaderName, HeaderValue};

use crate::bus::{Declared, Directory};
use crate::config::{ApiKeys, Settings, StaticFolder, distance};
use crate::context::{Context, Frame, Home, Origin};
use crate::error::Error;
use crate::exchange::MultiBus;
use crate::handler::{Needs, Reads};
use crate::head::{Head, Response, host_of};
use crate::http::files::Folder;
use crate::http::path;
use crate::http::ready::Ready;
use crate::http::reply::Style;
use crate::http::router::{Builder, Declaration, Fault, Found, Router};
use crate::http::shelf::{self, Errand, Shelf};
use crate::http::transfer;
use crate::middleware::{
    CatcherEntry, Chain, Kept, Layered, Link, MiddlewareEntry, Mount, Mounted,
};
use crate::replica::Options;
use crate::route::{Host, Moved, Pattern, Port, Ports, Route, Segment, Slash};
use crate::shutdown::{Life, Phase};
use crate::state::SharedState;

/// What all connections of one listener share.
pub(crate) struct Site {
    pub(super) directory: Arc<Directory>,
    pub(super) keys: ApiKeys,
    limits: SiteLimits,
    life: Arc<Life>,
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
    requests: AtomicUsize,
    streams: AtomicUsize,
    /// Requests that came without a listener, up to the end of their answers.
    visits: AtomicUsize,
}

impl Load {
    /// Whether no request is being answered that no listener knows of.
    pub(crate) fn is_quiet(&self) -> bool {
        self.visits.load(Ordering::Relaxed) == 0
    }
}

/// The limits, as the settings have them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteLimits {
    pub(crate) connections: usize,
    pub(crate) max_requests: usize,
    pub(crate) streams: usize,
    pub(crate) keep_alive: Duration,
    pub(crate) head_limit: usize,
    pub(crate) head_timeout: Duration,
    pub(crate) body_limit: u64,
    pub(crate) upload_limit: u64,
    pub(crate) body_timeout: Duration,
}

impl Site {
    pub(crate) fn new(
        directory: Arc<Directory>,
        settings: &Settings,
        life: Arc<Life>,
        address: Option<SocketAddr>,
        table: Arc<Table>,
        load: Arc<Load>,
    ) -> Self {
        Site {
            directory,
            keys: settings.api_keys.clone(),
            limits: SiteLimits {
                connections: settings.connections,
                max_requests: settings.max_requests,
                streams: settings.streams,
                keep_alive: settings.keep_alive,
                head_limit: settings.head_limit as usize,
                head_timeout: settings.head_timeout,
                body_limit: settings.body_limit,
                upload_limit: settings.upload_limit,
                body_timeout: settings.body_timeout,
            },
            life,
            // Without a listener nobody knows from where it is reached.
            loopback: address.is_some_and(|address| address.ip().is_loopback()),
            embedded: address.is_none(),
            table,
            ready: Ready::of(settings),
            load,
        }
    }

    pub(crate) fn limits(&self) -> &SiteLimits {
        &self.limits
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
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
    pub(super) fn enter(&self) -> Result<InFlight<'_>, Error> {
        let before = self.load.requests.fetch_add(1, Ordering::Relaxed);
        // Made first, so that it counts itself off again if there was no room.
        let entered = InFlight(&self.load.requests);
        if before < self.limits.max_requests {
            Ok(entered)
        } else {
            Err(Error::overloaded("too many requests are in flight"))
        }
    }

    /// Counts a stream in, unless there are too many.
    pub(super) fn open_stream(&self) -> Result<OpenStream, Error> {
        let before = self.load.streams.fetch_add(1, Ordering::Relaxed);
        let open = OpenStream(self.load.clone());
        if before < self.limits.streams {
            Ok(open)
        } else {
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
    /// `None` if there are routes that cannot stand side by side; [`Table::check`] has said so before.
    router: Option<Router<u32>>,
    pub(super) goals: Vec<Goal>,
    /// Around the router.
    pub(super) layers: Chain,
    /// Around everything behind it.
    pub(super) around: Chain,
    pub(super) groups: Vec<Group>,
    pub(super) catchers: Vec<Catching>,
}

const OWN_PATHS: [(&str, &str); 4] =
    [("GET", "livez"), ("GET", "readyz"), ("GET", "healthz"), ("POST", "shutdown")];

/// What a path leads to.
pub(super) struct Goal {
    pub(super) aim: Aim,
    /// Around this one, inside of what stands around everything; `None` where it depends on the path
    /// which groups that are.
    pub(super) chain: Option<Chain>,
    /// What the handler itself asked for, for a chain that is put together per request.
    own: Vec<Link>,
    pub(super) is_public: bool,
    pub(super) style: Style,
    /// How much of a body may be read, if the handler says so.
    pub(super) body_limit: Option<u64>,
    /// What every answer says: that the handler is to go.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Goal {
    /// The answer with what is said of every answer from here.
    pub(super) fn mark(&self, mut response: Response) -> Response {
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
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
    Live,
    Ready,
    Health,
    Shutdown,
    /// The envelope endpoint of the handler with this number.
    Envelope(u32),
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
    pub(super) endpoint: u32,
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
        (self.prefix.0.len(), !self.entry.spec.statuses.is_empty())
    }
}

/// Whole segments at the beginning of a path.
struct Prefix(Vec<&'static str>);

impl Prefix {
    fn of(path: Option<&'static str>) -> Self {
        let path = path.unwrap_or_default();
        Prefix(path.split('/').filter(|segment| !segment.is_empty()).collect())
    }

    fn covers(&self, path: &str) -> bool {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        self.0.iter().all(|own| {
            segments.next().and_then(path::decode).is_some_and(|segment| segment == *own)
        })
    }

    /// Whether every path, or some, of a pattern lies below it.
    fn reach(&self, pattern: &Pattern) -> Reach {
        let mut reach = Reach::All;
        for (number, own) in self.0.iter().enumerate() {
            match pattern.segments.get(number) {
                Some(Segment::Static(text)) if text == own => {}
                Some(Segment::Static(_)) => return Reach::None,
                None if !pattern.subtree => return Reach::None,
                Some(Segment::Rest { .. }) | None => return Reach::Some,
                Some(Segment::Param(_) | Segment::Mixed(_)) => reach = Reach::Some,
            }
        }
        reach
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    All,
    Some,
    None,
}

/// Which of the addresses a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The only address, or the one for everybody.
    Public,
    /// The second address.
    Private,
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
    pub(crate) mounts: Vec<Mount>,
    pub(crate) kept: Kept,
}

impl Table {
    /// The table of one side. What keeps it from being made has been found by [`check`](Table::check) before.
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
            .map(|one| Group { prefix: Prefix::of(one.spec.path), link: named(one.layered) })
            .collect();
        // The outer group is the one with the shorter path.
        groups.sort_by_key(|group| group.prefix.0.len());
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
        };
        table.add_own(&mut builder);
        for (number, one) in (0..).zip(declared) {
            if is_on(&one.options, side) {
                let own: Vec<Link> = one.options.with.iter().map(|make| named(*make)).collect();
                table.add_handler(&mut builder, number, one, &own);
            }
        }
        for folder in folders.iter().filter(|_| side == Side::Public) {
            table.add_files(&mut builder, folder);
        }
        for shelf in shelf.iter().filter(|_| side == Side::Public) {
            table.add_shelf(&mut builder, shelf);
        }
        for mount in mounts.iter().filter(|_| side == Side::Public) {
            table.add_mount(&mut builder, mount);
        }
        table.router = builder.build().ok();
        table
    }

    /// What keeps a table from being made: routes that cannot stand side by side.
    /// Directories are served, and the ready-made store is, at the public address alone.
    pub(crate) fn check(declared: &[Declared], side: Side, settings: &Settings) -> Vec<String> {
        let mut builder = Builder::new();
        if settings.files.is_some() && side == Side::Public {
            for (errand, method, _) in Errand::ALL {
                builder.add(SHELF, &[], method, &errand.pattern(), ());
            }
        }
        for folder in settings.static_files.iter().filter(|_| side == Side::Public) {
            builder.add(FILES, &[], "GET", &files_pattern(&folder.prefix), ());
        }
        for (method, name) in OWN_PATHS {
            builder.add(OWN, &[], method, &envelope_pattern(name), ());
        }
        let mut names = HashSet::new();
        for one in declared.iter().filter(|one| is_on(&one.options, side)) {
            // That two have one name is another finding, and theirs would be one path.
            let is_first = names.insert(&one.options.name);
            for (index, Way { route, kind }) in ways(one).into_iter().enumerate() {
                if kind != WayKind::Route && !is_first {
                    continue;
                }
                let declared = declaration(&one.options, index);
                builder.add(declared, one.options.http.hosts, route.method, &route.pattern, ());
            }
        }
        let faults: Vec<Fault> = builder.build().err().unwrap_or_default();
        faults.iter().map(Fault::to_string).collect()
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
        matches!(goal, Some(Aim::Live | Aim::Ready | Aim::Health | Aim::Shutdown))
    }

    fn add_own(&mut self, builder: &mut Builder<u32>) {
        let aims = [Aim::Live, Aim::Ready, Aim::Health, Aim::Shutdown];
        for ((method, name), aim) in OWN_PATHS.into_iter().zip(aims) {
            let is_public = !matches!(aim, Aim::Shutdown);
            let goal = self.add_goal(Goal {
                aim,
                chain: Some(Chain::default()),
                own: Vec::new(),
                is_public,
                style: Style::Envelope,
                body_limit: None,
                headers: Vec::new(),
            });
            builder.add(OWN, &[], method, &envelope_pattern(name), goal);
        }
    }

    fn add_handler(
        &mut self,
        builder: &mut Builder<u32>,
        number: u32,
        one: &Declared,
        own: &[Link],
    ) {
        let options = &one.options;
        for (index, Way { route, kind }) in ways(one).into_iter().enumerate() {
            let pattern = route.pattern;
            let aim = match kind {
                _ if options.http.gone => Aim::Gone(options.name.clone()),
                WayKind::Port(port) => {
                    Aim::Port(PortAim { endpoint: number, port, pattern: pattern.text })
                }
                WayKind::Envelope => Aim::Envelope(number),
                WayKind::Route => match options.http.moved {
                    Some(moved) => Aim::Moved(moved),
                    None => Aim::Route(RouteAim {
                        endpoint: number,
                        reads: options.reads,
                        pattern: pattern.text,
                        merges: merges(one, &pattern),
                    }),
                },
            };
            let goal = self.add_goal(Goal {
                aim,
                chain: self.chain_of(&pattern, own),
                own: own.to_vec(),
                is_public: options.public,
                style: match kind {
                    WayKind::Envelope => Style::Envelope,
                    WayKind::Route | WayKind::Port(_) => Style::Problem,
                },
                body_limit: options.body_limit.map(|limit| limit as u64),
                headers: deprecation(options),
            });
            let declared = declaration(options, index);
            builder.add(declared, options.http.hosts, route.method, &pattern, goal);
        }
    }

    fn add_mount(&mut self, builder: &mut Builder<u32>, mount: &Mount) {
        let Mount { path, name: _, service } = mount.clone();
        let Some(service) = service else { return };
        let pattern = mount_pattern(&path);
        let goal = self.add_goal(Goal {
            aim: Aim::Mount(MountAim {
                service,
                path,
                pattern: pattern.text,
                segments: pattern.segments.len(),
            }),
            chain: self.chain_of(&pattern, &[]),
            own: Vec::new(),
            is_public: false,
            style: Style::Problem,
            body_limit: None,
            headers: Vec::new(),
        });
        builder.add(Declaration { handler: pattern.text, ..OWN }, &[], "", &pattern, goal);
    }

    fn add_files(&mut self, builder: &mut Builder<u32>, folder: &Arc<Folder>) {
        let pattern = files_pattern(folder.prefix());
        let goal = self.add_goal(Goal {
            aim: Aim::Files(folder.clone()),
            chain: self.chain_of(&pattern, &[]),
            own: Vec::new(),
            is_public: folder.is_public(),
            style: Style::Problem,
            body_limit: None,
            headers: Vec::new(),
        });
        builder.add(FILES, &[], "GET", &pattern, goal);
    }

    fn add_shelf(&mut self, builder: &mut Builder<u32>, shelf: &Arc<Shelf>) {
        for (errand, method, _) in Errand::ALL {
            let pattern = errand.pattern();
            let goal = self.add_goal(Goal {
                aim: Aim::Shelf(shelf.clone(), errand),
                chain: self.chain_of(&pattern, &[]),
                own: Vec::new(),
                is_public: false,
                style: Style::Problem,
                body_limit: None,
                headers: Vec::new(),
            });
            builder.add(SHELF, &[], method, &pattern, goal);
        }
    }

    fn add_goal(&mut self, goal: Goal) -> u32 {
        self.goals.push(goal);
        self.goals.len() as u32 - 1
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

/// The runtime's own paths.
const OWN: Declaration =
    Declaration { file: "", line: 0, column: 0, index: 0, handler: "the runtime" };

/// What the setting of this name serves.
const FILES: Declaration =
    Declaration { file: "", line: 0, column: 0, index: 0, handler: "static_files" };

/// What the setting of this name brings.
const SHELF: Declaration =
    Declaration { file: "", line: 0, column: 0, index: 0, handler: "the setting `files`" };

fn declaration(options: &Options, index: usize) -> Declaration {
    let (file, line, column) =
        options.place.map_or(("", 0, 0), |place| (place.file, place.line, place.column));
    let (path, _) = interned(&options.name);
    // Without the slash, a path of one segment is a name that lives long enough.
    Declaration { file, line, column, index: index as u32, handler: &path[1..] }
}

/// A way over HTTP to a handler.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) route: Route,
    pub(crate) kind: WayKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayKind {
    /// The endpoint of a handler without a route of its own.
    Envelope,
    /// A route that its attribute names.
    Route,
    /// An entrance for files.
    Port(Port),
}

/// The routes of a handler, or else its envelope endpoint, and its entrances for files.
pub(crate) fn ways(one: &Declared) -> Vec<Way> {
    let options = &one.options;
    if options.internal {
        return Vec::new();
    }
    let mut ways = match options.http.routes {
        _ if !options.answers || options.entrance.is_some() => Vec::new(),
        [] => {
            let route = Route::new("POST", envelope_pattern(&options.name));
            vec![Way { route, kind: WayKind::Envelope }]
        }
        routes => routes.iter().map(|route| Way { route: *route, kind: WayKind::Route }).collect(),
    };
    let ports = options.entrance.map_or(options.ports, |port| Ports::NONE.with(port));
    for port in Port::ALL.into_iter().filter(|port| ports.has(*port)) {
        let way = |below: &str| Way {
            route: Route::new(port.method(), port_pattern(below, port)),
            kind: WayKind::Port(port),
        };
        ways.push(way(&options.name));
        if *options.name == *port.word() {
            ways.push(way("stream"));
        }
    }
    ways
}

/// The path of an entrance for files.
fn port_pattern(below: &str, port: Port) -> Pattern {
    let (text, segments) = interned(&format!("{below}/{}/{FILE}", port.word()));
    Pattern::new(text, segments).slash(Slash::Strict)
}

/// A path of the ready-made store.
pub(super) fn shelf_pattern(path: &str) -> Pattern {
    let (text, segments) = interned(path);
    let pattern = Pattern::new(text, segments);
    // Clients of tus are given a place that they put a slash behind, or do not.
    pattern.slash(if path == "stream/tus" { Slash::Lenient } else { Slash::Strict })
}

/// The path of an envelope endpoint.
fn envelope_pattern(name: &str) -> Pattern {
    let (text, segments) = interned(name);
    Pattern::new(text, segments).slash(Slash::Strict)
}

/// The path of a mounted service and everything below it, where no handler answers.
fn mount_pattern(path: &str) -> Pattern {
    let (text, segments) = interned(path.strip_prefix('/').unwrap_or(path));
    Pattern::new(text, segments).slash(Slash::Lenient).subtree()
}

/// The pattern of everything below a path.
pub(crate) fn files_pattern(prefix: &str) -> Pattern {
    let prefix = prefix.trim_matches('/');
    let (text, segments) = interned(&match prefix {
        "" => REST.to_owned(),
        prefix => format!("{prefix}/{REST}"),
    });
    Pattern::new(text, segments).slash(Slash::Strict)
}

/// How a catch-all is written.
const REST: &str = "{*path}";

/// How the name of a file is.
const FILE: &str = "{file}";

/// How the number of a resumable upload is.
const ID: &str = "{id}";

/// Texts that live as long as the process, each made once: patterns are constants, and a handler that was
/// added by hand or a directory has a path that is none.
fn interned(path: &str) -> (&'static str, &'static [Segment]) {
    type Kept = HashMap<String, (&'static str, &'static [Segment])>;
    static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    *kept.get_or_insert_default().entry(path.to_owned()).or_insert_with(|| {
        let text: &'static str = Box::leak(format!("/{path}").into_boxed_str());
        let segment = |segment: &'static str| match segment {
            REST => Segment::Rest { name: "path", at_least_one: false },
            FILE => Segment::Param(transfer::FILE),
            ID => Segment::Param(shelf::ID),
            text => Segment::Static(text),
        };
        let segments: Vec<Segment> =
            text[1..].split('/').filter(|segment| !segment.is_empty()).map(segment).collect();
        (text, segments.leak())
    })
}

fn is_on(options: &Options, side: Side) -> bool {
    match side {
        Side::Public => !options.http.private,
        Side::Private => options.http.private,
    }
}

/// Whether the captures of a pattern are part of the message, because no parameter takes them.
fn merges(one: &Declared, pattern: &Pattern) -> bool {
    let Needs { resources: _, captures, message, whole_path: _ } = &one.needs;
    let names = pattern.names().chain(one.options.http.hosts.iter().flat_map(Host::names)).count();
    captures.is_empty() && message.is_some() && names > 0
}

/// What the answers of a handler say that is to go: RFC 9745 (since when is not said, so since always), RFC
/// 8594, and the warning that preceded them (RFC 7234, section 5.5).
fn deprecation(options: &Options) -> Vec<(HeaderName, HeaderValue)> {
    let Some(deprecation) = options.http.deprecated else { return Vec::new() };
    let mut headers =
        vec![(HeaderName::from_static("deprecation"), HeaderValue::from_static("@0"))];
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
            Reach::All => groups.push((prefix.0.len(), middleware.spec.name.to_owned())),
            Reach::Some => groups.push((prefix.0.len(), format!("{}?", middleware.spec.name))),
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

/// Catchers that were linked.
pub(crate) fn linked_catchers() -> Vec<CatcherEntry> {
    inventory::iter::<CatcherEntry>.into_iter().copied().collect()
}

/// Middleware on a path that nothing lies under: somebody meant another path.
pub(crate) fn check_middleware(
    middleware: &[MiddlewareEntry],
    declared: &[&Declared],
    settings: &Settings,
    mounts: &[Mount],
) -> Vec<String> {
    let shelf = Errand::ALL.into_iter().filter(|_| settings.files.is_some());
    let mut patterns: Vec<Pattern> = declared
        .iter()
        .flat_map(|one| ways(one))
        .map(|way| way.route.pattern)
        .chain(settings.static_files.iter().map(|folder| files_pattern(&folder.prefix)))
        .chain(shelf.map(|(errand, ..)| errand.pattern()))
        .chain(mounts.iter().map(|mount| mount_pattern(&mount.path)))
        .collect();
    patterns.sort_by_key(|pattern| pattern.text);
    patterns.dedup_by_key(|pattern| pattern.text);
    let mut findings = Vec::new();
    for one in middleware {
        let Some(path) = one.spec.path else { continue };
        let prefix = Prefix::of(Some(path));
        if patterns.iter().any(|pattern| prefix.reach(pattern) != Reach::None) {
            continue;
        }
        let there = match &*nearest(&prefix, patterns.clone()) {
            [] => "and there is no route at all".to_owned(),
            [one] => format!("the nearest is `{one}`"),
            some => {
                let texts: Vec<_> = some.iter().map(|text| format!("`{text}`")).collect();
                format!("the nearest are {}", texts.join(", "))
            }
        };
        let (name, place) = (one.spec.name, one.spec.place);
        findings.push(format!(
            "middleware `{name}` ({place}) stands at `{path}`, and no route lies at or below it; {there}"
        ));
    }
    findings
}

/// The routes that are most like a path, at most three: those that begin with the same segments, then
/// those whose beginning takes the fewest corrections to be that path.
fn nearest(prefix: &Prefix, mut patterns: Vec<Pattern>) -> Vec<&'static str> {
    let wanted = prefix.0.join("/");
    patterns.sort_by_cached_key(|pattern| {
        let path = pattern.text.trim_start_matches('/');
        let begin: Vec<&str> = path.split('/').take(prefix.0.len()).collect();
        let same = begin.iter().zip(&prefix.0).take_while(|(one, other)| one == other).count();
        (std::cmp::Reverse(same), distance(&begin.join("/"), &wanted), pattern.text)
    });
    patterns.iter().take(3).map(|pattern| pattern.text).collect()
}

/// Services that cannot be mounted where they are to be.
pub(crate) fn check_mounts(
    mounts: &[Mount],
    declared: &[Declared],
    files: &[StaticFolder],
) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, mount) in mounts.iter().enumerate() {
        let Mount { path, name, service: _ } = mount;
        if let Err(rule) = check_mount_path(path) {
            findings.push(format!("the service `{name}` cannot be mounted at `{path}`: {rule}"));
            continue;
        }
        let prefix = mount_pattern(path);
        if mounts[..number]
            .iter()
            .any(|other| mount_pattern(&other.path).segments == prefix.segments)
        {
            findings.push(format!("two services are mounted at `{path}`; give one another path"));
        }
        if let [Segment::Static(own)] = prefix.segments
            && OWN_PATHS.iter().any(|(_, name)| name == own)
        {
            findings.push(format!("`{path}` is the manager's own; mount `{name}` elsewhere"));
        }
        let below = |pattern: &Pattern| match pattern.segments {
            [segments @ .., Segment::Rest { .. }] => segments,
            segments => segments,
        };
        if files.iter().any(|one| below(&files_pattern(&one.prefix)) == prefix.segments) {
            findings.push(format!(
                "the service `{name}` is mounted at `{path}`, where files are served; give one of them \
                 another path"
            ));
        }
        for one in declared.iter().filter(|one| is_on(&one.options, Side::Public)) {
            let (handler, place) = (&one.options.name, one.options.place);
            let place = place.map_or_else(String::new, |place| format!(" ({place})"));
            // A handler below the path is no conflict: it takes its own path out of the service's.
            let taken = ways(one).into_iter().find(|Way { route, .. }| {
                one.options.http.hosts.is_empty() && below(&route.pattern) == prefix.segments
            });
            if let Some(Way { route, .. }) = taken {
                findings.push(format!(
                    "the service `{name}` is mounted at `{path}`, and handler `{handler}`{place} has \
                     the route `{}`; give one of them another path",
                    route.pattern
                ));
            }
        }
    }
    findings
}

fn check_mount_path(path: &str) -> Result<(), &'static str> {
    let Some(inner) = path.strip_prefix('/') else { return Err("a path begins with `/`") };
    if path.contains(['{', '}', '?', '#']) || path.chars().any(char::is_control) {
        return Err("it is a path of plain text, without captures and without a query");
    }
    if inner.contains('%') {
        return Err("write the text itself instead of a percent-encoding");
    }
    // The path `/` alone is everything that no handler answers.
    let is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
    if inner.is_empty() || inner.split('/').all(is_plain) {
        Ok(())
    } else {
        Err("it is a path of whole segments, without a slash at its end")
    }
}
