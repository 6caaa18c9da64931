//! Whether the parameters of handlers fit their routes, told before the first request.
//!
//! A pattern and a type are written in two places, and only here both are known. What would be an error for
//! every request is one at the start instead.

use crate::bus::Declared;
use crate::fields::Shape;
use crate::handler::{Needs, Reading};
use crate::http::ways::{HandlerWay, WayKind, ways};
use crate::route::{Host, Route};

/// Everything that does not fit, each with the way out.
pub(crate) fn check(declared: &[Declared]) -> Vec<String> {
    declared.iter().flat_map(check_handler).collect()
}

fn check_handler(one: &Declared) -> Vec<String> {
    let http = &one.options.http;
    // Nobody makes the parameters of what has gone.
    if http.gone || http.moved.is_some() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let is_route = |way: &HandlerWay| way.kind == WayKind::Route;
    let routes: Vec<Route> = ways(one).into_iter().filter(is_route).map(|way| way.route).collect();
    // An entrance for files is reached by a path that captures the name of the file.
    if routes.is_empty() && one.options.entrance.is_none() {
        findings.extend(without_route(one));
    }
    let hosts: Vec<Option<&Host>> = match http.hosts {
        [] => vec![None],
        hosts => hosts.iter().map(Some).collect(),
    };
    for route in &routes {
        for host in &hosts {
            let way = Way::new(route, *host);
            findings.extend(way.findings(one).map(|finding| {
                format!(
                    "handler `{}`{}, route {}: {finding}",
                    one.options.name,
                    place(one),
                    way.text
                )
            }));
        }
    }
    // What is wrong on every host is said once.
    findings.dedup();
    findings
}

fn without_route(one: &Declared) -> impl Iterator<Item = String> {
    let needed = one.needs.captures.iter().filter(|reading| !reading.optional);
    needed.map(|reading| {
        format!(
            "handler `{}`{} reads `{}` of a path, and it has no route; give it one, such as \
             `get = \"/{}/{{id}}\"`",
            one.options.name,
            place(one),
            short(reading.name),
            one.options.name,
        )
    })
}

fn place(one: &Declared) -> String {
    one.options.place.map_or_else(String::new, |place| format!(" ({place})"))
}

/// A route on one of its hosts.
struct Way {
    text: String,
    /// What it captures.
    names: Vec<&'static str>,
    /// Whether a message is read of the query there.
    reads_the_query: bool,
}

impl Way {
    fn new(route: &Route, host: Option<&Host>) -> Self {
        let Route { method, pattern } = route;
        let shown = if method.is_empty() { "any" } else { method };
        let text = match host {
            Some(host) => format!("`{shown} {pattern}` on `{host}`"),
            None => format!("`{shown} {pattern}`"),
        };
        let names = host.into_iter().flat_map(Host::names).chain(pattern.names()).collect();
        Way { text, names, reads_the_query: matches!(*method, "GET" | "HEAD" | "DELETE") }
    }

    fn findings(&self, one: &Declared) -> impl Iterator<Item = String> {
        // In full: a new need has to be thought of here.
        let Needs { resources: _, captures, message, whole_path, identities: _ } = &one.needs;
        let mut findings: Vec<String> =
            captures.iter().filter_map(|reading| self.misfit(reading)).collect();
        let merges = captures.is_empty() && !self.names.is_empty();
        let needs_names = matches!(message, Some(Shape::One | Shape::Tuple(1..)));
        if needs_names && (merges || self.reads_the_query) {
            findings.push(
                "the message is read of path and query there, and its type takes no names; \
                 make it a struct"
                    .to_owned(),
            );
        }
        let taken = |name: &&&str| {
            *whole_path
                || captures.iter().any(|reading| takes(&(reading.shape)(), name))
                || captures.is_empty() && message.as_ref().is_some_and(|shape| takes(shape, name))
        };
        // A type that does not fit is told already.
        if findings.is_empty() {
            findings.extend(self.names.iter().filter(|name| !taken(name)).map(|name| {
                format!(
                    "nothing takes the capture `{name}`; add a parameter `Path(..)`, or a field \
                     `{name}` to the type that is read of the path, or leave it out of the pattern"
                )
            }));
        }
        findings.into_iter()
    }

    /// Why a parameter can never be made there.
    fn misfit(&self, reading: &Reading) -> Option<String> {
        let count = self.names.len();
        if reading.optional && count == 0 {
            return None;
        }
        let name = short(reading.name);
        let captured = match &*self.names {
            [] => "nothing".to_owned(),
            names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        match (reading.shape)() {
            Shape::Fields(_) => (reading.missing)(&self.names).map(|field| {
                format!(
                    "`{name}` has a field `{field}`, and the pattern captures {captured}; write \
                     `{{{field}}}` into the pattern, or make the field an `Option`"
                )
            }),
            Shape::Tuple(places) if places != count => Some(format!(
                "`{name}` has {places} places, and the pattern captures {captured}; write one place \
                 for each capture, in that order"
            )),
            Shape::One if count != 1 => Some(format!(
                "`{name}` is one value, and the pattern captures {captured}; take a tuple or a \
                 struct, or change the pattern"
            )),
            Shape::Tuple(_) | Shape::One | Shape::Any => None,
        }
    }
}

fn takes(shape: &Shape, name: &str) -> bool {
    match shape {
        Shape::Fields(fields) => fields.contains(&name),
        // If the number is not that of the captures, that is the finding.
        Shape::Tuple(_) | Shape::One | Shape::Any => true,
    }
}

/// The name of a type without the modules in which it and its arguments are.
fn short(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut rest = name;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        let (path, after) = rest.split_at(end.unwrap_or(rest.len()));
        short.push_str(path.rsplit("::").next().unwrap_or(path));
        let mut characters = after.chars();
        short.extend(characters.next());
        rest = characters.as_str();
    }
    short
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::handler::{Handler, Place};
    use crate::replica::{ByHand, Options};
    use crate::route::{Pattern, Piece, Segment};

    const ONE: Pattern =
        Pattern::new("/users/{id}", &[Segment::Static("users"), Segment::Param("id")]);
    const TWO: Pattern = Pattern::new(
        "/users/{id}/{name}.{ext}",
        &[
            Segment::Static("users"),
            Segment::Param("id"),
            Segment::Mixed(&[Piece::Param("name"), Piece::Text("."), Piece::Param("ext")]),
        ],
    );
    const HOST: Host =
        Host::new("{sub}.example.com", &[Segment::Param("sub"), Segment::Static("example")]);

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape counts")]
    struct User {
        id: u64,
        page: Option<u32>,
    }

    /// A handler by hand, to which options and needs are given.
    struct Dummy;

    impl crate::base::Base for Dummy {
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

    fn declared(
        routes: &'static [Route],
        hosts: &'static [Host],
        fill: impl FnOnce(&mut Needs),
    ) -> Declared {
        let mut one = Declared::by_hand::<Dummy>("user", 1);
        let place = Place { file: "src/shop.rs", line: 3, column: 1, module: "shop" };
        let mut options =
            Options { place: Some(place), ..Options::of(&<ByHand<Dummy> as Handler>::SPEC) };
        options.name = "user".into();
        options.http.routes = routes;
        options.http.hosts = hosts;
        one.options = options;
        fill(&mut one.needs);
        one
    }

    #[track_caller]
    fn check_with(one: Declared, expected: &[&str]) {
        assert_eq!(check(&[one]), expected);
    }

    /// What a `Path<T>` on a route says.
    #[track_caller]
    fn path<T: DeserializeOwned>(pattern: &'static [Route], expected: &[&str]) {
        check_with(declared(pattern, &[], |needs| needs.captures::<T>()), expected);
    }

    #[test]
    fn what_fits_says_nothing() {
        const BOTH: &[Route] = &[Route::new("GET", ONE), Route::new("", ONE)];
        const MANY: &[Route] = &[Route::new("POST", TWO)];
        path::<u64>(BOTH, &[]);
        path::<(u64,)>(BOTH, &[]);
        path::<User>(BOTH, &[]);
        path::<Vec<String>>(MANY, &[]);
        path::<HashMap<String, String>>(MANY, &[]);
        path::<(u64, String, String)>(MANY, &[]);
        check_with(declared(BOTH, &[], |needs| needs.message::<User>()), &[]);
        check_with(declared(MANY, &[], Needs::whole_path), &[]);
        check_with(declared(&[], &[], |_| ()), &[]);
        check_with(declared(BOTH, &[HOST], |needs| needs.captures::<(String, u64)>()), &[]);
    }

    #[test]
    fn what_does_not_fit_names_handler_place_pattern_type_and_way_out() {
        const GET_ONE: &[Route] = &[Route::new("GET", ONE)];
        const POST_TWO: &[Route] = &[Route::new("POST", TWO)];
        const ROOT: &[Route] = &[Route::new("", Pattern::new("/", &[]))];
        path::<(u64, String)>(
            GET_ONE,
            &[
                "handler `user` (src/shop.rs:3), route `GET /users/{id}`: `(u64, String)` has 2 places, and \
               the pattern captures `id`; write one place for each capture, in that order",
            ],
        );
        path::<User>(
            ROOT,
            &[
                "handler `user` (src/shop.rs:3), route `any /`: `User` has a field `id`, and the pattern \
               captures nothing; write `{id}` into the pattern, or make the field an `Option`",
            ],
        );
        path::<String>(
            POST_TWO,
            &[
                "handler `user` (src/shop.rs:3), route `POST /users/{id}/{name}.{ext}`: `String` is one \
               value, and the pattern captures `id`, `name`, `ext`; take a tuple or a struct, or change \
               the pattern",
            ],
        );
        path::<u64>(
            &[],
            &[
                "handler `user` (src/shop.rs:3) reads `u64` of a path, and it has no route; give it one, \
               such as `get = \"/user/{id}\"`",
            ],
        );
        let untaken = |name: &str| {
            format!(
                "handler `user` (src/shop.rs:3), route `POST /users/{{id}}/{{name}}.{{ext}}`: nothing \
                 takes the capture `{name}`; add a parameter `Path(..)`, or a field `{name}` to the type \
                 that is read of the path, or leave it out of the pattern"
            )
        };
        path::<User>(POST_TWO, &[&untaken("name"), &untaken("ext")]);
        let message = declared(POST_TWO, &[], |needs| needs.message::<User>());
        check_with(message, &[&untaken("name"), &untaken("ext")]);
        check_with(
            declared(GET_ONE, &[HOST], |needs| needs.captures::<u64>()),
            &[
                "handler `user` (src/shop.rs:3), route `GET /users/{id}` on `{sub}.example.com`: `u64` is one \
               value, and the pattern captures `sub`, `id`; take a tuple or a struct, or change the pattern",
            ],
        );
        check_with(
            declared(GET_ONE, &[], |needs| needs.message::<u64>()),
            &[
                "handler `user` (src/shop.rs:3), route `GET /users/{id}`: the message is read of path and \
               query there, and its type takes no names; make it a struct",
            ],
        );
    }

    #[test]
    fn what_has_gone_takes_nothing() {
        const ROUTES: &[Route] = &[Route::new("GET", ONE)];
        let mut one = declared(ROUTES, &[], |_| ());
        one.options.http.gone = true;
        check_with(one, &[]);
    }

    #[test]
    fn names_of_types_are_shown_short() {
        let check = |name: &str, expected: &str| assert_eq!(short(name), expected);
        check("u64", "u64");
        check("shop::model::Key<alloc::string::String>", "Key<String>");
        check("(alloc::string::String, [u8; 4], &str)", "(String, [u8; 4], &str)");
    }
}
