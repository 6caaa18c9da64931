//! What cannot be served as it was declared, said at the start with everything else that is wrong.

use std::collections::HashMap;

use crate::config::distance;
use crate::http::prefix::{Prefix, Reach};
use crate::http::router::{Builder, Fault};
use crate::http::ways::{Leads, Served, Side, Way, WayKind};
use crate::middleware::{MiddlewareEntry, Mount};
use crate::route::{Pattern, Segment};

/// Routes of one side that cannot stand side by side.
pub(crate) fn conflicts(served: Served<'_>, side: Side) -> Vec<String> {
    let mut builder = Builder::new();
    // Who has a name first, by number.
    let mut names = HashMap::new();
    for way in served.ways(side) {
        match way.leads {
            // That two have one name is another finding, and their paths would be the same.
            Leads::Handler { handler, number, kind: WayKind::Envelope | WayKind::Port(_) }
                if *names.entry(&handler.options.name).or_insert(number) != number => {}
            Leads::Own(_) | Leads::Handler { .. } | Leads::Files(_) | Leads::Shelf(_) => {
                builder.add(way.declared, way.hosts, way.method, &way.pattern, ());
            }
            // What is in the way of a service is said by `mounts`.
            Leads::Mount(_) => {}
        }
    }
    let faults: Vec<Fault> = builder.build().err().unwrap_or_default();
    faults.iter().map(Fault::to_string).collect()
}

/// Middleware on a path that nothing lies under: somebody meant another path.
pub(crate) fn middleware(served: Served<'_>, middleware: &[MiddlewareEntry]) -> Vec<String> {
    let mut patterns: Vec<Pattern> = [Side::Public, Side::Private]
        .into_iter()
        .flat_map(|side| served.ways(side))
        .filter(|way| !matches!(way.leads, Leads::Own(_)))
        .map(|way| way.pattern)
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
    let wanted = prefix.segments().join("/");
    patterns.sort_by_cached_key(|pattern| {
        let path = pattern.text.trim_start_matches('/');
        let begin: Vec<&str> = path.split('/').take(prefix.len()).collect();
        let same =
            begin.iter().zip(prefix.segments()).take_while(|(one, other)| one == other).count();
        (std::cmp::Reverse(same), distance(&begin.join("/"), &wanted), pattern.text)
    });
    patterns.iter().take(3).map(|pattern| pattern.text).collect()
}

/// Services that cannot be mounted where they are to be.
pub(crate) fn mounts(served: Served<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    for mount in served.mounts {
        let Mount { path, name, service: _ } = mount;
        match check_mount_path(path) {
            Ok(()) => findings.extend(in_the_way(served, mount)),
            Err(rule) => {
                findings.push(format!("the service `{name}` cannot be mounted at `{path}`: {rule}"))
            }
        }
    }
    findings
}

/// What is at the path of a service. A handler below the path is no conflict: it takes its own path out of
/// the service's.
fn in_the_way(served: Served<'_>, mount: &Mount) -> Vec<String> {
    let Mount { path, name, service: _ } = mount;
    let ways = served.ways(Side::Public);
    let own = |way: &&Way<'_>| matches!(way.leads, Leads::Mount(one) if std::ptr::eq(one, mount));
    let Some(at) = ways.iter().find(own).map(|way| way.pattern) else { return Vec::new() };
    let mut findings: Vec<String> = Vec::new();
    // Of two services the second is told.
    for way in ways.iter().take_while(|way| !own(way)).filter(|way| way.hosts.is_empty()) {
        let segments = match way.pattern.segments {
            [segments @ .., Segment::Rest { .. }] => segments,
            segments => segments,
        };
        if segments != at.segments {
            continue;
        }
        let finding = match way.leads {
            Leads::Own(_) => format!("`{path}` is the manager's own; mount `{name}` elsewhere"),
            Leads::Files(_) => format!(
                "the service `{name}` is mounted at `{path}`, where files are served; give one of them \
                 another path"
            ),
            Leads::Shelf(_) => format!(
                "the service `{name}` is mounted at `{path}`, where the setting `files` has its paths; give \
                 it another one"
            ),
            Leads::Mount(_) => {
                format!("two services are mounted at `{path}`; give one another path")
            }
            Leads::Handler { handler, .. } => {
                let (handler, place) = (&handler.options.name, handler.options.place);
                let place = place.map_or_else(String::new, |place| format!(" ({place})"));
                format!(
                    "the service `{name}` is mounted at `{path}`, and handler `{handler}`{place} has \
                     the route `{}`; give one of them another path",
                    way.pattern
                )
            }
        };
        // Once for all methods.
        if !findings.contains(&finding) {
            findings.push(finding);
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
