//! The ways in: whatever can be reached by a path, each with its pattern, and to whom it leads.
//!
//! One walk for all who ask: the table of a site, the checks at the start, the listing. A new kind of thing
//! that is served is added to [`Served::ways`] and to [`Leads`], and the compiler says who has to know it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::bus::Declared;
use crate::http::router::Declaration;
use crate::http::shelf::{self, Errand};
use crate::http::transfer;
use crate::middleware::Mount;
use crate::replica::Options;
use crate::route::{Host, Pattern, Port, Ports, Route, Segment, Slash};

/// Which of the addresses a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The only address, or the one for everybody.
    Public,
    /// The second address.
    Private,
}

/// All that is served.
#[derive(Clone, Copy)]
pub(crate) struct Served<'a> {
    pub(crate) handlers: &'a [Declared],
    /// The paths below which directories are served.
    pub(crate) files: &'a [&'a str],
    /// Whether the ready-made store is.
    pub(crate) shelf: bool,
    pub(crate) mounts: &'a [Mount],
}

/// One way in.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    pub(crate) leads: Leads<'a>,
    /// On these hosts, or on every host if there are none.
    pub(crate) hosts: &'static [Host],
    /// `""` stands for all that nobody else takes.
    pub(crate) method: &'static str,
    pub(crate) pattern: Pattern,
    /// As it is called where two meet.
    pub(crate) declared: Declaration,
}

/// To whom a way leads.
#[derive(Clone, Copy)]
pub(crate) enum Leads<'a> {
    /// To the runtime itself.
    Own(Own),
    /// To the handler with this number.
    Handler { number: usize, handler: &'a Declared, kind: WayKind },
    /// To the directory with this number.
    Files(usize),
    /// To the ready-made store.
    Shelf(Errand),
    /// To a service of somebody else's.
    Mount(&'a Mount),
}

/// What the runtime itself answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Live,
    Ready,
    Health,
    Shutdown,
}

impl Own {
    const ALL: [(Own, &'static str, &'static str); 4] = [
        (Own::Live, "GET", "livez"),
        (Own::Ready, "GET", "readyz"),
        (Own::Health, "GET", "healthz"),
        (Own::Shutdown, "POST", "shutdown"),
    ];
}

impl<'a> Served<'a> {
    /// The ways of one side: those of the runtime, of handlers as they are declared, of directories, of the
    /// store, of services.
    pub(crate) fn ways(self, side: Side) -> Vec<Way<'a>> {
        let Served { handlers, files, shelf, mounts } = self;
        let (files, shelf, mounts) = match side {
            Side::Public => (files, shelf, mounts),
            Side::Private => Default::default(),
        };
        let own = Own::ALL.into_iter().map(|(own, method, name)| Way {
            leads: Leads::Own(own),
            hosts: &[],
            method,
            pattern: envelope_pattern(name),
            declared: declaration_of("the runtime"),
        });
        let handlers = handlers.iter().enumerate().filter(|(_, one)| is_on(&one.options, side));
        let handlers = handlers.flat_map(|(number, handler)| {
            let options = &handler.options;
            (0..).zip(ways(handler)).map(move |(index, HandlerWay { route, kind })| Way {
                leads: Leads::Handler { number, handler, kind },
                hosts: options.http.hosts,
                method: route.method,
                pattern: route.pattern,
                declared: declaration(options, index),
            })
        });
        let handlers: Vec<Way<'_>> = handlers.collect();
        let files = files.iter().enumerate().flat_map(|(number, prefix)| {
            let beside = beside_handlers(prefix, &handlers);
            std::iter::once(files_pattern(prefix)).chain(beside).map(move |pattern| Way {
                leads: Leads::Files(number),
                hosts: &[],
                method: "GET",
                pattern,
                declared: declaration_of("static_files"),
            })
        });
        let files: Vec<Way<'_>> = files.collect();
        let shelf = Errand::ALL.into_iter().filter(|_| shelf).map(|(errand, method, _)| Way {
            leads: Leads::Shelf(errand),
            hosts: &[],
            method,
            pattern: errand.pattern(),
            declared: declaration_of("the setting `files`"),
        });
        let mounts = mounts.iter().map(|mount| {
            let pattern = mount_pattern(&mount.path);
            Way {
                leads: Leads::Mount(mount),
                hosts: &[],
                method: "",
                pattern,
                declared: declaration_of(pattern.text),
            }
        });
        own.chain(handlers).chain(files).chain(shelf).chain(mounts).collect()
    }
}

/// The path of a directory itself, if handlers stand at it and none of them takes a `GET`. Their route is the
/// more exact one, and without this it would be theirs alone.
fn beside_handlers(prefix: &str, handlers: &[Way<'_>]) -> Option<Pattern> {
    let pattern = envelope_pattern(prefix.trim_matches('/'));
    let same = |way: &&Way<'_>| {
        let of = &way.pattern;
        way.hosts.is_empty() && !of.ends_with_slash && of.segments == pattern.segments
    };
    let mut there = handlers.iter().filter(same).peekable();
    let is_free = there.peek().is_some() && there.all(|way| !matches!(way.method, "GET" | ""));
    is_free.then_some(pattern)
}

/// How what has no place in a source is called.
fn declaration_of(handler: &'static str) -> Declaration {
    Declaration { file: "", line: 0, column: 0, index: 0, handler }
}

fn declaration(options: &Options, index: u32) -> Declaration {
    let (file, line, column) =
        options.place.map_or(("", 0, 0), |place| (place.file, place.line, place.column));
    let (path, _) = interned(&options.name);
    // Without the slash, a path of one segment is a name that lives long enough.
    Declaration { file, line, column, index, handler: &path[1..] }
}

/// A way over HTTP to a handler, as it declares it.
#[derive(Clone, Copy)]
pub(crate) struct HandlerWay {
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
pub(crate) fn ways(one: &Declared) -> Vec<HandlerWay> {
    let options = &one.options;
    if options.internal {
        return Vec::new();
    }
    let way = |method, pattern, kind| HandlerWay { route: Route::new(method, pattern), kind };
    let mut ways = match options.http.routes {
        _ if !options.answers || options.entrance.is_some() => Vec::new(),
        [] => vec![way("POST", envelope_pattern(&options.name), WayKind::Envelope)],
        routes => {
            routes.iter().map(|route| HandlerWay { route: *route, kind: WayKind::Route }).collect()
        }
    };
    let ports = options.entrance.map_or(options.ports, |port| Ports::NONE.with(port));
    for port in Port::ALL.into_iter().filter(|port| ports.has(*port)) {
        let at = |below: &str| way(port.method(), port_pattern(below, port), WayKind::Port(port));
        ways.push(at(&options.name));
        if *options.name == *port.word() {
            ways.push(at("stream"));
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

pub(super) fn is_on(options: &Options, side: Side) -> bool {
    match side {
        Side::Public => !options.http.private,
        Side::Private => options.http.private,
    }
}
