//! What is found, as short texts.

use super::router::{Builder, Declaration, Fault, Found, Router};
use crate::route::{Host, Pattern, Piece, Segment, Slash};

/// Routes are `METHOD /pattern` or `METHOD host/pattern`, look-ups `METHOD /path` or `METHOD host/path`.
/// Expected is the pattern that is found with the values that it captures, or the status instead.
fn check(routes: &[&str], found: &[(&str, &str)]) {
    let router = build(routes).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    for (request, expected) in found {
        assert_eq!(find(&router, request), *expected, "{request} of {routes:?}");
    }
}

fn refused(routes: &[&str], expected: &[&str]) {
    assert_eq!(build(routes).expect_err("no fault is found"), expected, "{routes:?}");
}

/// They are added from the last to the first: only declarations count.
fn build(routes: &[&str]) -> Result<Router<String>, Vec<String>> {
    let mut builder = Builder::new();
    for (index, text) in routes.iter().enumerate().rev() {
        let (method, rest) = text.split_once(' ').expect("a method and a pattern");
        let (hosts, path) = rest.split_at(rest.find('/').expect("a slash"));
        let hosts: Vec<Host> = hosts.split(',').filter(|host| !host.is_empty()).map(host).collect();
        let method: &'static str = if method == "any" { "" } else { method.to_owned().leak() };
        let declared =
            Declaration { file: "a.rs", line: index as u32 + 1, column: 1, index: 0, handler: "h" };
        builder.add(declared, &hosts, method, &pattern(path), rest.to_owned());
    }
    builder.build().map_err(|faults| faults.iter().map(Fault::to_string).collect())
}

fn find(router: &Router<String>, request: &str) -> String {
    let (method, rest) = request.split_once(' ').expect("a method and a path");
    let (host, path) = rest.split_at(rest.find(['/', '*']).unwrap_or(rest.len()));
    let host = if host.is_empty() { None } else { Some(host) };
    match router.find(host, path, method) {
        Found::Route { target, captures } => {
            let values = captures.iter(path).map(|(name, value)| format!(" {name}={value}"));
            target.clone() + &values.collect::<String>()
        }
        Found::OtherMethods { allow } => format!("405 {}", allow.to_str().expect("text")),
        Found::Redirect { with_slash: true } => "308 with".to_owned(),
        Found::Redirect { with_slash: false } => "308 without".to_owned(),
        Found::Nothing => "404".to_owned(),
        Found::Malformed => "400".to_owned(),
    }
}

/// A pattern of the plain forms; the one for users is in the macros.
fn pattern(text: &str) -> Pattern {
    let (path, suffix) = text.split_once(' ').unwrap_or((text, ""));
    let inner = path.trim_start_matches('/');
    let segments = inner.split('/').filter(|segment| !segment.is_empty()).map(segment);
    let text: &'static str = text.to_owned().leak();
    let mut pattern = Pattern::new(text, segments.collect::<Vec<_>>().leak());
    if inner.ends_with('/') {
        pattern = pattern.ends_with_slash();
    }
    for mark in suffix.chars() {
        pattern = match mark {
            '!' => pattern.slash(Slash::Strict),
            '?' => pattern.slash(Slash::Lenient),
            _ => pattern.subtree(),
        };
    }
    pattern
}

fn host(text: &str) -> Host {
    let labels: Vec<Segment> = text.split('.').map(segment).collect();
    Host::new(text.to_owned().leak(), labels.leak())
}

fn segment(text: &str) -> Segment {
    let text: &'static str = text.to_owned().leak();
    let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    match name.and_then(|name| name.split_at_checked(1)) {
        Some(("*", name)) => Segment::Rest { name, at_least_one: false },
        Some(("+", name)) => Segment::Rest { name, at_least_one: true },
        Some(_) if !text.contains(':') && text.matches('{').count() == 1 => {
            Segment::Param(&text[1..text.len() - 1])
        }
        _ if text.contains('{') => Segment::Mixed(pieces(text).leak()),
        _ => Segment::Static(text),
    }
}

fn pieces(text: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in text.split_inclusive('}') {
        let (text, capture) = part.split_once('{').unwrap_or((part, ""));
        pieces.extend((!text.is_empty()).then_some(Piece::Text(text)));
        let capture = capture.trim_end_matches('}');
        pieces.extend((!capture.is_empty()).then(|| match capture.split_once(':') {
            Some((name, expression)) => Piece::Regex(name, expression),
            None => Piece::Param(capture),
        }));
    }
    pieces
}

#[test]
fn segments_have_an_order() {
    let all = [
        "GET /{+rest}",
        "GET /{any}",
        "GET /{name}.{ext}",
        "GET /v{name}.html",
        "GET /{n:[0-9]+}",
        "GET /{l:[a-z0-9]+}",
        "GET /{n:[0-9]+}-days",
        "GET /static",
    ];
    check(
        &all,
        &[
            ("GET /static", "/static"),
            ("GET /12", "/{n:[0-9]+} n=12"),
            ("GET /12a", "/{l:[a-z0-9]+} l=12a"),
            ("GET /12-days", "/{n:[0-9]+}-days n=12"),
            ("GET /vx.html", "/v{name}.html name=x"),
            ("GET /v.html", "/{name}.{ext} name=v ext=html"),
            ("GET /a.b.c", "/{name}.{ext} name=a.b ext=c"),
            ("GET /A", "/{any} any=A"),
            ("GET /A/b", "/{+rest} rest=A/b"),
            ("GET /", "404"),
        ],
    );
    // Expressions are tried as they were declared, whatever they are.
    check(&["GET /{a:[a-z]+}", "GET /{b:a|b}"], &[("GET /a", "/{a:[a-z]+} a=a")]);
    check(&["GET /{b:a|b}", "GET /{a:[a-z]+}"], &[("GET /a", "/{b:a|b} b=a")]);
    check(&["GET /a{x}", "GET /{x}b"], &[("GET /a-b", "/a{x} x=-b")]);
    check(&["GET /{x}b", "GET /a{x}"], &[("GET /a-b", "/{x}b x=a-")]);
}

#[test]
fn a_way_that_leads_nowhere_is_left_again() {
    let routes = [
        "GET /a/b/c",
        "GET /a/{x}/d",
        "GET /{n:[a-z]+}/b/e",
        "GET /{x}.{y}/b/f",
        "GET /{p}/{q}/g",
        "GET /a/{*rest}",
        "GET /{*all}",
    ];
    check(
        &routes,
        &[
            ("GET /a/b/c", "/a/b/c"),
            ("GET /a/b/d", "/a/{x}/d x=b"),
            // A rest of the first segment comes before all that is under the second.
            ("GET /a/b/e", "/a/{*rest} rest=b/e"),
            ("GET /b/b/e", "/{n:[a-z]+}/b/e n=b"),
            ("GET /b.c/b/f", "/{x}.{y}/b/f x=b y=c"),
            ("GET /b.c/b/g", "/{p}/{q}/g p=b.c q=b"),
            ("GET /b.c/b/h", "/{*all} all=b.c/b/h"),
            ("GET /a", "/a/{*rest} rest="),
        ],
    );
    check(&["GET /a/b", "GET /{x}/c"], &[("GET /a/c", "/{x}/c x=a"), ("GET /a/d", "404")]);
}

#[test]
fn a_rest_is_all_that_is_left() {
    let routes = ["GET /f/{*rest}", "GET /g/{+more}"];
    check(
        &routes,
        &[
            ("GET /f", "/f/{*rest} rest="),
            ("GET /f/", "/f/{*rest} rest="),
            ("GET /f/a", "/f/{*rest} rest=a"),
            ("GET /f/a/", "/f/{*rest} rest=a/"),
            ("GET /f/a/b", "/f/{*rest} rest=a/b"),
            ("GET /f/a%2Fb/%63", "/f/{*rest} rest=a/b/c"),
            ("GET /f/%2F/", "/f/{*rest} rest=//"),
            ("GET /f/../b", "/f/{*rest} rest=../b"),
            ("GET /f//a", "404"),
            ("GET /f//", "404"),
            ("GET /f/a//", "404"),
            ("GET /g", "404"),
            ("GET /g/", "404"),
            ("GET /g/a/", "/g/{+more} more=a/"),
        ],
    );
    check(&["GET /{*all}"], &[("GET /", "/{*all} all="), ("GET //", "404"), ("GET *", "404")]);
    // One or more is more than none or more.
    check(
        &["GET /a/{*any}", "POST /a/{+some}"],
        &[("GET /a", "/a/{*any} any="), ("GET /a/b", "405 OPTIONS, POST")],
    );
}

#[test]
fn segments_are_compared_decoded() {
    let routes = ["GET /añb", "GET /100%/{x}", "GET /a/{x}", "GET /a b/{x}/{y}"];
    check(
        &routes,
        &[
            ("GET /a%C3%B1b", "/añb"),
            ("GET /a%c3%b1b", "/añb"),
            ("GET /100%25/%31", "/100%/{x} x=1"),
            ("GET /a/b%2Fc", "/a/{x} x=b/c"),
            ("GET /%61/%2e%2E", "/a/{x} x=.."),
            ("GET /a%2Fb", "404"),
            ("GET /100%/1", "400"),
            ("GET /nowhere/%ff", "400"),
            ("GET /nowhere/%f", "400"),
        ],
    );
}

#[test]
fn an_empty_segment_is_nothing() {
    check(
        &["GET /", "GET /{x}", "GET /a/{x}/b", "any /a *"],
        &[
            ("GET /", "/"),
            ("GET //", "404"),
            ("GET //a", "404"),
            ("GET /a//b", "404"),
            ("GET /a//", "404"),
            ("GET /a//%62", "404"),
            ("GET /a/x/b/", "/a *"),
        ],
    );
}

#[test]
fn the_slash_at_the_end_matters_as_declared() {
    let routes =
        ["GET /r", "GET /s/", "GET /t !", "GET /u/ !", "GET /l ?", "GET /m/ ?", "GET /{x}/y"];
    check(
        &routes,
        &[
            ("GET /r", "/r"),
            ("GET /r/", "308 without"),
            ("GET /s", "308 with"),
            ("GET /s/", "/s/"),
            ("GET /t/", "404"),
            ("GET /u", "404"),
            ("GET /u/", "/u/ !"),
            ("GET /l", "/l ?"),
            ("GET /l/", "/l ?"),
            ("GET /m", "/m/ ?"),
            ("GET /m/", "/m/ ?"),
            ("GET /%72/", "308 without"),
            ("GET /a/y/", "308 without"),
        ],
    );
    // A redirect is for the path: the method is asked there.
    check(&["GET /r"], &[("POST /r/", "308 without")]);
    // What is declared in both forms has both.
    check(&["GET /a", "GET /a/"], &[("GET /a", "/a"), ("GET /a/", "/a/")]);
    check(&["GET /a ?", "GET /a/ ?"], &[("GET /a", "/a ?"), ("GET /a/", "/a/ ?")]);
    // Whatever matches is before a redirect.
    check(&["GET /a", "GET /{x}/"], &[("GET /a/", "/{x}/ x=a"), ("GET /a", "/a")]);
    check(&["GET /a", "GET /{x} ?"], &[("GET /a/", "/{x} ? x=a")]);
    check(&["GET /a", "GET /a/{*r}"], &[("GET /a/", "/a/{*r} r="), ("GET /a", "/a")]);
    check(&["GET /a/b", "GET /a *"], &[("GET /a/b/", "/a *")]);
}

#[test]
fn a_subtree_is_what_nobody_else_is() {
    let routes = ["GET /a *", "GET /a/b/{x}", "GET /a/c/ ?*", "GET /a/c/{+r}", "GET /{p}/d"];
    check(
        &routes,
        &[
            ("GET /a", "/a *"),
            ("GET /a/", "308 without"),
            ("GET /a/x", "/a *"),
            ("GET /a/x/y/", "/a *"),
            ("GET /a/b", "/a *"),
            ("GET /a/b/x", "/a/b/{x} x=x"),
            ("GET /a/c", "/a/c/ ?*"),
            ("GET /a/c/x", "/a/c/{+r} r=x"),
            ("GET /a/d", "/a *"),
            ("GET /x/d", "/{p}/d p=x"),
        ],
    );
    check(&["GET / *"], &[("GET /", "/ *"), ("GET /a/b/", "/ *")]);
    check(&["GET /{x}/a *"], &[("GET /1/a/b", "/{x}/a * x=1"), ("GET /1/b", "404")]);
}

#[test]
fn the_path_is_before_the_method() {
    check(
        &["GET /a", "POST /a", "any /b", "GET /b", "LOCK /c", "DELETE /{x}", "HEAD /d"],
        &[
            ("HEAD /a", "/a"),
            ("PUT /a", "405 GET, HEAD, OPTIONS, POST"),
            ("OPTIONS /a", "405 GET, HEAD, OPTIONS, POST"),
            // The pattern of another resource would take it.
            ("DELETE /a", "405 GET, HEAD, OPTIONS, POST"),
            ("DELETE /x", "/{x} x=x"),
            ("BREW /b", "/b"),
            ("OPTIONS /b", "/b"),
            ("LOCK /c", "/c"),
            ("lock /c", "405 LOCK, OPTIONS"),
            ("GET /d", "405 HEAD, OPTIONS"),
        ],
    );
    // Names of captures are those of the route that answers.
    check(
        &["GET /{x}/{y}", "POST /{a}/{b}"],
        &[("GET /1/2", "/{x}/{y} x=1 y=2"), ("POST /1/2", "/{a}/{b} a=1 b=2")],
    );
    // A lenient pattern has of the other form what is left.
    check(
        &["GET /a ?", "PUT /a ?", "POST /a/ !", "GET /a/ !"],
        &[
            ("GET /a/", "/a/ !"),
            ("PUT /a/", "/a ?"),
            ("POST /a/", "/a/ !"),
            ("POST /a", "405 GET, HEAD, OPTIONS, PUT"),
            ("LOCK /a/", "405 GET, HEAD, OPTIONS, POST, PUT"),
        ],
    );
}

#[test]
fn hosts_own_their_requests() {
    let routes = [
        "GET /a",
        "GET {sub}.example.com/a",
        "GET {n:[0-9]+}.example.com/a",
        "GET api.example.com/b",
        "GET {x}.{y}.{z}/c/{w}",
        "GET [::1]/d",
        "GET one.org,two.org/e",
    ];
    check(
        &routes,
        &[
            ("GET /a", "/a"),
            ("GET other/a", "/a"),
            ("GET x.example.com/a", "{sub}.example.com/a sub=x"),
            ("GET X.Example.COM.:80/a", "{sub}.example.com/a sub=x"),
            ("GET 12.example.com/a", "{n:[0-9]+}.example.com/a n=12"),
            ("GET api.example.com/b", "api.example.com/b"),
            ("GET api.example.com:8080/b", "api.example.com/b"),
            // What a host does not have, no other one has for it.
            ("GET api.example.com/a", "404"),
            ("GET x.example.com/c/d", "404"),
            ("GET .example.com/a", "/a"),
            ("GET a.x.example.com/a", "/a"),
            ("GET 1.2.3/c/%34", "{x}.{y}.{z}/c/{w} x=1 y=2 z=3 w=4"),
            ("GET 1.2.3/c/4", "{x}.{y}.{z}/c/{w} x=1 y=2 z=3 w=4"),
            ("GET [::1]:80/d", "[::1]/d"),
            ("GET two.org/e", "one.org,two.org/e"),
            ("POST two.org/e", "405 GET, HEAD, OPTIONS"),
            ("GET three.org/e", "404"),
        ],
    );
}

#[test]
fn all_conflicts_are_told() {
    let first = |text: &str, line: u32| format!("`{text}` of handler `h` (a.rs:{line})");
    let conflict = |a: (&str, u32), b: (&str, u32)| {
        let (a, b) = (first(a.0, a.1), first(b.0, b.1));
        format!("{a} and {b} match the same paths; change one of the patterns")
    };
    refused(
        &["GET /a/{x}", "POST /a/{x}", "GET /a/{y}", "any /b", "any /b", "GET /a/{z}"],
        &[
            &conflict(("GET /a/{x}", 1), ("GET /a/{y}", 3)),
            &conflict(("any /b", 4), ("any /b", 5)),
            &conflict(("GET /a/{x}", 1), ("GET /a/{z}", 6)),
        ],
    );
    // Once for each pair, however many hosts they meet on.
    refused(
        &["GET {a}.com,{b}.org/x", "GET {c}.org,{d}.com/x"],
        &[&conflict(("GET /x` on `{b}.org", 1), ("GET /x` on `{c}.org", 2))],
    );
    refused(&["GET /{*a}", "GET /{*b}"], &[&conflict(("GET /{*a}", 1), ("GET /{*b}", 2))]);
    refused(&["GET /a *", "GET /a/ *"], &[&conflict(("GET /a *", 1), ("GET /a/ *", 2))]);
    refused(
        &["GET /{x:[0-9]+}", "GET /{y:[0-9]+}"],
        &[&conflict(("GET /{x:[0-9]+}", 1), ("GET /{y:[0-9]+}", 2))],
    );
}

#[test]
fn what_can_be_told_apart_is_no_conflict() {
    for routes in [
        &["GET /{x:[0-9]+}", "GET /{y:[0-9][0-9]*}"] as &[_],
        &["GET /a", "any /a", "HEAD /a"],
        &["GET /a ?", "GET /a/"],
        &["GET /a *", "GET /a/{*r}", "GET /a/{+r}", "GET /a/{x}"],
        &["GET /a", "GET x/a", "GET {x}/a"],
        &["GET x,X,x/a"],
    ] {
        assert!(build(routes).is_ok(), "{routes:?}");
    }
}

#[test]
fn other_faults_are_told() {
    let faults = build(&["GET /{x:[z-a]}", "GET /a"]).unwrap_err();
    assert_eq!(faults.len(), 1);
    let begin = "`GET /{x:[z-a]}` of handler `h` (a.rs:1) has a regular expression that cannot be";
    assert!(faults[0].starts_with(begin), "{}", faults[0]);
    let names: String = (0..9).map(|index| format!("/{{n{index}}}")).collect();
    let hosts: Vec<String> = (0..8).map(|index| format!("{{h{index}}}")).collect();
    let route = format!("GET {}{names}", hosts.join("."));
    let faults = build(&[&route]).unwrap_err();
    assert!(faults[0].ends_with("captures 17 values, its host included; at most 16 are possible"));
}

#[test]
fn long_texts_are_nothing() {
    let router = build(&["GET /{*rest}", "GET {h}/a"]).unwrap();
    let path = format!("/{}", "a".repeat(65_534));
    assert!(matches!(router.find(None, &path, "GET"), Found::Route { .. }));
    let path = format!("/{}", "a".repeat(65_535));
    assert!(matches!(router.find(None, &path, "GET"), Found::Nothing));
    assert!(matches!(router.find(Some(&path), "/a", "GET"), Found::Nothing));
}
