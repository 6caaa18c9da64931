//! `routes`: the handlers of the program and how they are reached.

use serde_json::{Value, json};

use super::json;
use super::program::{Parts, promised};
use super::run::Status;
use super::table::Table;
use super::terminal;
use super::tree;
use crate::bus::Declared;
use crate::config::{Layers, Settings, StaticFolder};
use crate::http::{self, HandlerWay, WayKind};
use crate::manager::Survey;
use crate::middleware::Mount;
use crate::rate::Rate;
use crate::replica::Options;

/// Lists what there is. What keeps the program from starting is said as well, beside the list.
pub(super) fn run(parts: Parts, layers: Layers, as_json: bool) -> Status {
    let Parts { mut manager, resources, fittings: _, crates: _ } = parts;
    let Survey { plan, usage, failed } = manager.survey(layers, &promised(&resources));
    for finding in usage.iter().chain(&failed) {
        terminal::error(finding);
    }
    if !usage.is_empty() {
        // Which handlers run is one of the settings.
        return Status::USAGE;
    }
    let listing = if as_json {
        let handlers = (plan.declared.iter().map(|one| describe(one, true)))
            .chain(plan.left_out.iter().map(|one| describe(one, false)));
        let files = plan.settings.static_files.iter().map(|one| {
            json!({
                "path": one.prefix,
                "directory": one.directory,
                "public": plan.settings.public_static.contains(&one.prefix),
            })
        });
        let files: Vec<Value> = files.collect();
        let mounts =
            plan.mounts.iter().map(|one| json!({ "path": &*one.path, "service": one.name }));
        let mounts: Vec<Value> = mounts.collect();
        let mut handlers: Vec<Value> = handlers.collect();
        handlers.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
        let all = json!({
            "handlers": handlers,
            "files": plan.settings.files,
            "static_files": files,
            "mounts": mounts,
        });
        json::pretty(all.to_string().as_bytes())
    } else {
        let (handlers, paths) =
            (listing(&plan.declared, &plan.left_out), tree::render(&plan.declared));
        let files = files(&plan.settings);
        let mounts = mounts(&plan.mounts);
        format!("{handlers}\n{paths}{files}{mounts}").into_bytes()
    };
    terminal::answer(&listing);
    if failed.is_empty() { Status::CLEAN } else { Status::FAILED }
}

/// The ready-made store, and the directories that are served as they are, a line for each.
fn files(settings: &Settings) -> String {
    let line = |one: &StaticFolder| {
        let public = if settings.public_static.contains(&one.prefix) { " (public)" } else { "" };
        format!("files of `{}` at {}{public}\n", one.directory, one.prefix)
    };
    let store = settings.files.iter().map(|directory| {
        format!("store `{directory}` at /stream: upload, download, metadata, tus\n")
    });
    store.chain(settings.static_files.iter().map(line)).collect()
}

/// The services of somebody else's, a line for each.
fn mounts(mounts: &[Mount]) -> String {
    let line = |one: &Mount| format!("service `{}` at {}\n", one.name, one.path);
    mounts.iter().map(line).collect()
}

/// The short table that a start prints.
pub(super) fn summary(declared: &[Declared], left_out: &[Declared]) -> String {
    let mut table = Table::new(["handler", "replicas", "route", "declared"]);
    for one in declared {
        let name = one.options.name.to_string();
        table.push([name, one.options.replicas.to_string(), route(one), place(one)]);
    }
    table.render() + &without(left_out)
}

/// Everything in a line for each.
fn listing(declared: &[Declared], left_out: &[Declared]) -> String {
    let head = ["handler", "replicas", "queue", "timeout", "route", "emits", "declared", "about"];
    let mut table = Table::new(head);
    for one in declared {
        let options = &one.options;
        table.push([
            options.name.to_string(),
            options.replicas.to_string(),
            options.queue.to_string(),
            options.timeout.map_or("-".to_owned(), |timeout| format!("{timeout:?}")),
            route(one),
            options.emits.join(", "),
            place(one),
            about(one).to_owned(),
        ]);
    }
    table.render() + &without(left_out)
}

/// Which handlers the setting `handlers` keeps from running.
fn without(left_out: &[Declared]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = left_out.iter().map(|one| &*one.options.name).collect();
    format!("left out by the setting `handlers`: {}\n", names.join(", "))
}

/// How a handler is reached: `POST /add`, `GET /users/{id}`, `internal`, `on orders.*`, and for whom.
fn route(one: &Declared) -> String {
    let options = &one.options;
    let mut ways: Vec<String> = http::ways(one)
        .iter()
        .map(|HandlerWay { route, .. }| {
            let method = if route.method.is_empty() { "any" } else { route.method };
            format!("{method} {}", route.pattern)
        })
        .collect();
    if let Some(last) = ways.last_mut() {
        last.push_str(if options.public { " (public)" } else { "" });
        last.push_str(if options.http.private { " (private)" } else { "" });
        last.push_str(&access(options));
    } else {
        ways.push("internal".to_owned());
    }
    if !options.on.is_empty() {
        ways.push(format!("on {}", options.on.join(", ")));
    }
    ways.join(", ")
}

/// With which keys and certificates it is reached, and how often: ` (keys admin, ops; peers shop; 100/s, 20 at
/// once)`.
fn access(options: &Options) -> String {
    let keys = options.http.keys;
    let keys = (!keys.is_empty()).then(|| format!("keys {}", keys.join(", ")));
    let peers = options.http.peers;
    let peers = (!peers.is_empty()).then(|| format!("peers {}", peers.join(", ")));
    let rate = options.http.rate.map(|rate| format!("{rate}, {} at once", rate.at_once()));
    let said: Vec<String> = keys.into_iter().chain(peers).chain(rate).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) }
}

pub(super) fn place(one: &Declared) -> String {
    one.options.place.map_or_else(|| "added by hand".to_owned(), |place| place.to_string())
}

/// The first line of its documentation.
fn about(one: &Declared) -> &str {
    one.options.doc.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// A handler for machines.
fn describe(one: &Declared, runs: bool) -> Value {
    let options = &one.options;
    let hosts: Vec<&str> = options.http.hosts.iter().map(|host| host.text).collect();
    let routes = http::ways(one).into_iter().map(|HandlerWay { route, kind }| {
        let method = if route.method.is_empty() { "any" } else { route.method };
        json!({
            "method": method,
            "path": route.pattern.text,
            "hosts": hosts,
            "envelope": kind == WayKind::Envelope,
            "middleware": http::around(one, &route.pattern),
        })
    });
    let routes: Vec<Value> = routes.collect();
    let place = options.place.map(|place| {
        json!({ "file": place.file, "line": place.line, "column": place.column, "module": place.module })
    });
    json!({
        "name": &*options.name,
        "about": about(one),
        "runs": runs,
        "routes": routes,
        "private": options.http.private,
        "internal": options.internal,
        "public": options.public,
        "keys": options.http.keys,
        "rate": options.http.rate.map(|rate| rate.to_string()),
        "burst": options.http.rate.map(Rate::at_once),
        "peers": options.http.peers,
        "replicas": options.replicas,
        "queue": options.queue,
        "timeout_ms": options.timeout.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)),
        "body_limit": options.body_limit,
        "blocking": options.blocking,
        "detached": options.detached,
        "on": options.on,
        "emits": options.emits,
        "needs": one.needs.resources.iter().map(|need| need.name).collect::<Vec<_>>(),
        "declared": place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Base;
    use crate::route::Ports;

    struct Dummy;

    impl Base for Dummy {
        fn new(
            _: std::sync::Arc<crate::exchange::MultiBus>,
            _: std::sync::Arc<crate::state::SharedState>,
        ) -> Self {
            Dummy
        }

        fn get_communication_line(&self) -> std::sync::Arc<crate::exchange::MultiBus> {
            unreachable!("it never runs")
        }

        fn get_shared_state(&self) -> std::sync::Arc<crate::state::SharedState> {
            unreachable!("it never runs")
        }
    }

    #[test]
    fn ways_for_files_are_listed() {
        let one = Declared::by_hand::<Dummy>("download", 1);
        assert_eq!(
            route(&one),
            "POST /download, POST /download/upload/{file}, GET /download/download/{file}, GET \
             /stream/download/{file}, GET /download/metadata/{file}"
        );
        let routes = describe(&one, true)["routes"].clone();
        assert_eq!(routes[0]["envelope"], true);
        assert_eq!(routes[3]["path"], "/stream/download/{file}");
        assert_eq!(routes[3]["envelope"], false);
        let tree = tree::render(&[one]);
        assert!(tree.contains("/stream") && tree.contains("/{file}"), "{tree}");
    }

    #[test]
    fn who_may_ask_and_how_often_is_listed() {
        let mut one = Declared::by_hand::<Dummy>("admin", 1);
        one.options.ports = Ports::default();
        one.options.http.keys = &["ops", "admin"];
        assert_eq!(route(&one), "POST /admin (keys ops, admin)");
        one.options.http.rate = Some(Rate::new(100, 1).burst(20));
        assert_eq!(route(&one), "POST /admin (keys ops, admin; 100/s, 20 at once)");
        one.options.http.keys = &[];
        assert_eq!(route(&one), "POST /admin (100/s, 20 at once)");
        let json = describe(&one, true);
        assert_eq!((&json["rate"], &json["burst"]), (&json!("100/s"), &json!(20)));
        assert_eq!(json["keys"], json!([]));
    }

    #[test]
    fn services_are_listed() {
        let mount = |path: &str| Mount { path: path.into(), name: "Legacy", service: None };
        assert_eq!(
            mounts(&[mount("/legacy"), mount("/")]),
            "service `Legacy` at /legacy\nservice `Legacy` at /\n"
        );
        assert_eq!(mounts(&[]), "");
    }
}
