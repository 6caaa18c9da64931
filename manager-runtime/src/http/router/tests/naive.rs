//! The rules of matching once more, as they are said and not as they are fast: every route is tried on
//! every request, and the best is taken.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::world::Route;
use crate::route::{Host, Piece, Segment, Slash};

/// What is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A route by its place in the list, and the values that it captures.
    Route(usize, Vec<String>),
    OtherMethods(String),
    Redirect(bool),
    Nothing,
    Malformed,
}

/// How well something fits, segment by segment; the least is the best.
type Ranks = Vec<(u8, usize, usize)>;

/// Those that meet a route before them, of routes in the order of declaration.
pub(crate) fn conflicts(routes: &[Route]) -> BTreeSet<usize> {
    let meet = |a: &Route, b: &Route| {
        let on_one_host = hosts(a).iter().any(|host| hosts(b).contains(host));
        let same_segments = shapes(a.pattern.segments) == shapes(b.pattern.segments);
        let both_below = a.pattern.subtree && b.pattern.subtree;
        on_one_host
            && a.method == b.method
            && same_segments
            && (a.pattern.ends_with_slash == b.pattern.ends_with_slash || both_below)
    };
    let meets_one = |index: &usize| routes[..*index].iter().any(|one| meet(one, &routes[*index]));
    (0..routes.len()).filter(meets_one).collect()
}

/// Routes are in the order of declaration.
pub(crate) fn find(routes: &[Route], host: Option<&str>, path: &str, method: &str) -> Answer {
    let Some(body) = path.strip_prefix('/') else { return Answer::Nothing };
    let Some(mut segments) = body.split('/').map(decode).collect::<Option<Vec<_>>>() else {
        return Answer::Malformed;
    };
    let has_slash = !body.is_empty() && segments.last().is_some_and(String::is_empty);
    if has_slash || body.is_empty() {
        segments.pop();
    }
    if segments.contains(&String::new()) {
        return Answer::Nothing;
    }
    let (site, captured) = site(routes, host);
    let group: Vec<(usize, &Route)> =
        routes.iter().enumerate().filter(|(_, route)| hosts(route).contains(&site)).collect();
    let mut found = Vec::new();
    let mut redirect = false;
    for (index, route) in &group {
        match fit(route, &group, &segments, has_slash) {
            Fit::Match { ranks, values, own } => found.push((ranks, !own, *index, values)),
            Fit::Redirect => redirect = true,
            Fit::No => {}
        }
    }
    let Some(best) = found.iter().map(|(ranks, ..)| ranks.clone()).min() else {
        return if redirect { Answer::Redirect(!has_slash) } else { Answer::Nothing };
    };
    found.retain(|(ranks, ..)| *ranks == best);
    answer(routes, &found, method).map_or_else(
        || Answer::OtherMethods(allow(routes, &found)),
        |(index, values)| {
            let labels = captured_labels(&routes[index], &site, &captured);
            Answer::Route(index, [labels, values].concat())
        },
    )
}

type Candidate = (Ranks, bool, usize, Vec<String>);

fn answer(routes: &[Route], found: &[Candidate], method: &str) -> Option<(usize, Vec<String>)> {
    for lenient in [false, true] {
        let with = |method: &str| {
            let mut all = found.iter().filter(|(_, other_form, ..)| *other_form == lenient);
            all.find(|(_, _, index, _)| routes[*index].method == method)
        };
        let head = || if method == "HEAD" { with("GET") } else { None };
        let named = if method.is_empty() { None } else { with(method) };
        if let Some((_, _, index, values)) = named.or_else(head).or_else(|| with("")) {
            return Some((*index, values.clone()));
        }
    }
    None
}

fn allow(routes: &[Route], found: &[Candidate]) -> String {
    let mut all: BTreeSet<&str> =
        found.iter().map(|(_, _, index, _)| routes[*index].method).collect();
    if all.contains("GET") {
        all.insert("HEAD");
    }
    all.insert("OPTIONS");
    all.into_iter().collect::<Vec<_>>().join(", ")
}

enum Fit {
    Match { ranks: Ranks, values: Vec<String>, own: bool },
    Redirect,
    No,
}

fn fit(route: &Route, group: &[(usize, &Route)], segments: &[String], has_slash: bool) -> Fit {
    let pattern = &route.pattern;
    let all = pattern.segments;
    let (fixed, rest) = match all.split_last() {
        Some((Segment::Rest { at_least_one, .. }, fixed)) => (fixed, Some(*at_least_one)),
        _ => (all, None),
    };
    if segments.len() < fixed.len() {
        return Fit::No;
    }
    let (mut ranks, mut values) = (Ranks::new(), Vec::new());
    for (depth, segment) in fixed.iter().enumerate() {
        let Some(captured) = capture(segment, &segments[depth]) else { return Fit::No };
        let prefix = shapes(&all[..=depth]);
        let mut declared = group.iter().filter(|(_, other)| {
            other.pattern.segments.len() > depth
                && shapes(&other.pattern.segments[..=depth]) == prefix
        });
        ranks.push(rank(segment, declared.next().map_or(0, |(index, _)| *index)));
        values.extend(captured);
    }
    let left = &segments[fixed.len()..];
    let matched = |last: u8, mut ranks: Ranks, values, own| {
        ranks.push((last, 0, 0));
        Fit::Match { ranks, values, own }
    };
    match rest {
        Some(at_least_one) => {
            if at_least_one && left.is_empty() {
                return Fit::No;
            }
            let slash = if has_slash && !left.is_empty() { "/" } else { "" };
            values.push(left.join("/") + slash);
            matched(if at_least_one { 5 } else { 6 }, ranks, values, true)
        }
        None if left.is_empty() && pattern.ends_with_slash == has_slash => {
            matched(0, ranks, values, true)
        }
        None if left.is_empty() => match pattern.slash {
            Slash::Redirect => Fit::Redirect,
            Slash::Lenient => matched(0, ranks, values, false),
            Slash::Strict => Fit::No,
        },
        None if pattern.subtree => matched(7, ranks, values, true),
        None => Fit::No,
    }
}

fn rank(segment: &Segment, declared: usize) -> (u8, usize, usize) {
    let shape = shape(segment);
    if shape.iter().all(|part| part.starts_with("text ")) {
        return (0, 0, 0);
    }
    if shape.iter().any(|part| part.starts_with("regex ")) {
        return (1, 0, declared);
    }
    match shape.iter().map(|part| part.len().saturating_sub("text ".len())).sum() {
        0 => (3, 0, 0),
        text => (2, usize::MAX - text, declared),
    }
}

/// A segment without names: one entry for each part.
fn shape(segment: &Segment) -> Vec<String> {
    let pieces: Vec<Piece> = match *segment {
        Segment::Static(text) => vec![Piece::Text(text)],
        Segment::Param(name) => vec![Piece::Param(name)],
        Segment::Mixed(pieces) => pieces.to_vec(),
        Segment::Rest { at_least_one, .. } => return vec![format!("rest {at_least_one}")],
    };
    let mut shape: Vec<String> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => match shape.last_mut().filter(|last| last.starts_with("text ")) {
                Some(last) => last.push_str(text),
                None => shape.push(format!("text {text}")),
            },
            Piece::Param(_) => shape.push("any".to_owned()),
            Piece::Regex(_, expression) => shape.push(format!("regex {expression}")),
        }
    }
    shape
}

fn shapes(segments: &[Segment]) -> Vec<Vec<String>> {
    segments.iter().map(shape).collect()
}

/// The values of the captures, if the whole text matches.
fn capture(segment: &Segment, text: &str) -> Option<Vec<String>> {
    match *segment {
        _ if text.is_empty() => None,
        Segment::Static(own) => (own == text).then(Vec::new),
        Segment::Param(_) => Some(vec![text.to_owned()]),
        Segment::Mixed(pieces) => capture_pieces(pieces, text),
        Segment::Rest { .. } => None,
    }
}

/// Tries every length, the greatest first.
fn capture_pieces(pieces: &[Piece], text: &str) -> Option<Vec<String>> {
    let Some((piece, after)) = pieces.split_first() else { return text.is_empty().then(Vec::new) };
    if let Piece::Text(own) = piece {
        return capture_pieces(after, text.strip_prefix(own)?);
    }
    let lengths = (1..=text.len()).rev().filter(|length| text.is_char_boundary(*length));
    for (value, rest) in lengths.map(|length| text.split_at(length)) {
        let fits = match piece {
            Piece::Regex(_, expression) => {
                regex_lite::Regex::new(&format!("^(?:{expression})$")).unwrap().is_match(value)
            }
            _ => true,
        };
        if let Some(values) = capture_pieces(after, rest).filter(|_| fits) {
            return Some([vec![value.to_owned()], values].concat());
        }
    }
    None
}

/// A host without names; that of a route without hosts is `None`.
type Site = Option<Vec<Vec<String>>>;

fn hosts(route: &Route) -> Vec<Site> {
    if route.hosts.is_empty() {
        return vec![None];
    }
    route.hosts.iter().map(|host| Some(shapes(host.labels))).collect()
}

/// Whose routes a request is for, and the labels of its host.
fn site(routes: &[Route], host: Option<&str>) -> (Site, Vec<String>) {
    let Some(host) = host else { return (None, Vec::new()) };
    let labels = labels(host);
    let all: Vec<&Host> = routes.iter().flat_map(|route| &route.hosts).collect();
    let fits = |host: &&Host| {
        let each = host.labels.iter().zip(&labels);
        host.labels.len() == labels.len()
            && each.clone().all(|(own, label)| capture(own, label).is_some())
    };
    let ranks = |host: &&Host| -> Ranks {
        let depths = 0..host.labels.len();
        let declared = |depth: usize| {
            let prefix = shapes(&host.labels[..=depth]);
            let same = |other: &&Host| {
                other.labels.len() > depth && shapes(&other.labels[..=depth]) == prefix
            };
            all.iter().position(same).unwrap_or(0)
        };
        depths.map(|depth| rank(&host.labels[depth], declared(depth))).collect()
    };
    let best = all.iter().copied().filter(fits).min_by_key(ranks);
    (best.map(|host| shapes(host.labels)), labels)
}

fn labels(host: &str) -> Vec<String> {
    let is_port = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let name = match host.rfind(':') {
        Some(at) if host.starts_with('[') && !host[..at].ends_with(']') => host,
        Some(at) if is_port(&host[at + 1..]) => &host[..at],
        _ => host,
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name.split('.').map(str::to_owned).collect()
}

fn captured_labels(route: &Route, site: &Site, labels: &[String]) -> Vec<String> {
    let Some(host) = route.hosts.iter().find(|host| Some(shapes(host.labels)) == *site) else {
        return Vec::new();
    };
    let each = host.labels.iter().zip(labels);
    each.filter_map(|(own, label)| capture(own, label)).flatten().collect()
}

fn decode(segment: &str) -> Option<String> {
    let is_hex = |text: Option<&str>| {
        text.is_some_and(|text| text.chars().all(|digit| digit.is_ascii_hexdigit()))
    };
    let mut signs = segment.match_indices('%');
    if !signs.all(|(at, _)| is_hex(segment.get(at + 1..at + 3))) {
        return None;
    }
    Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned())
}
