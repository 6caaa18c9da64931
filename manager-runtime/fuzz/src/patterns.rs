//! The parser of patterns in the macro crate.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::route::{Pattern, Piece, Segment};
use crate::router::{Builder, Declaration, Found};

use parse::{Parsed, PatternError};

#[path = "../../../manager-macros/src/model/pattern/parse.rs"]
#[expect(dead_code, reason = "written for the macros")]
mod parse;

/// Panics if the parser does, if it points outside of the text, or if what it accepts is no route.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    check_error(text, parse::parse_host(text).err());
    check_error(text, parse::parse_prefix(text).err());
    check_error(text, parse::parse_template(text).err());
    match parse::parse(text) {
        Ok(parsed) => check_parsed(text, &parsed),
        Err(error) => check_error(text, Some(error)),
    }
}

fn check_error(text: &str, error: Option<PatternError>) {
    let Some(PatternError { at, what }) = error else { return };
    assert!(text.get(at.clone()).is_some(), "{at:?} is no part of {text:?}");
    assert!(!what.is_empty(), "{text:?} is refused without a word");
}

fn check_parsed(text: &str, parsed: &Parsed) {
    let captures = parsed.captures();
    assert!(captures.len() <= parse::MAX_CAPTURES, "{text:?}");
    let names: HashSet<&str> = captures.iter().map(|capture| capture.name()).collect();
    assert_eq!(names.len(), captures.len(), "names are unique in {text:?}");
    for at in captures.iter().map(|capture| capture.at()) {
        let is_braced = |at: Range<usize>| {
            text.get(at).is_some_and(|part| part.starts_with('{') && part.ends_with('}'))
        };
        assert!(is_braced(at.clone()), "{at:?} is no capture of {text:?}");
    }
    // Patterns live for good: that is fine for so many.
    static KEPT: AtomicUsize = AtomicUsize::new(0);
    if KEPT.fetch_add(1, Ordering::Relaxed) < 200_000 {
        check_route(text, parsed);
    }
}

/// A router takes the pattern, and finds it by a path that is made of it.
fn check_route(text: &str, parsed: &Parsed) {
    let segments: Vec<Segment> = parsed.segments().iter().map(segment).collect();
    let mut pattern = Pattern::new("", segments.leak());
    if parsed.ends_with_slash() {
        pattern = pattern.ends_with_slash();
    }
    assert_eq!(pattern.names().count(), parsed.captures().len(), "captures of {text:?}");
    let mut builder = Builder::new();
    let declared = Declaration { file: "", line: 0, column: 0, index: 0, handler: "" };
    builder.add(declared, &[], "GET", &pattern, ());
    let router = builder.build().unwrap_or_else(|faults| panic!("{text:?}: {faults:?}"));
    let Some(path) = path(&pattern) else { return };
    let found = router.find(None, &path, "GET");
    assert!(matches!(found, Found::Route { .. }), "{path:?} of {text:?}: {found:?}");
}

fn segment(parsed: &parse::Segment) -> Segment {
    match parsed {
        parse::Segment::Static(text) => Segment::Static(keep(text)),
        parse::Segment::Param(name) => Segment::Param(keep(name)),
        parse::Segment::Mixed(pieces) => {
            let pieces: Vec<Piece> = pieces.iter().map(piece).collect();
            Segment::Mixed(pieces.leak())
        }
        parse::Segment::Rest { name, at_least_one } => {
            Segment::Rest { name: keep(name), at_least_one: *at_least_one }
        }
    }
}

fn piece(parsed: &parse::Piece) -> Piece {
    match parsed {
        parse::Piece::Text(text) => Piece::Text(keep(text)),
        parse::Piece::Param(name) => Piece::Param(keep(name)),
        parse::Piece::Regex(name, expression) => Piece::Regex(keep(name), keep(expression)),
    }
}

fn keep(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// One that has an `x` for every capture; none if there are expressions, which may refuse it.
fn path(pattern: &Pattern) -> Option<String> {
    let mut path = String::new();
    for segment in pattern.segments {
        path.push('/');
        match segment {
            Segment::Static(text) => path.push_str(&encoded(text)),
            Segment::Param(_) | Segment::Rest { .. } => path.push('x'),
            Segment::Mixed(pieces) => {
                for piece in *pieces {
                    match piece {
                        Piece::Text(text) => path.push_str(&encoded(text)),
                        Piece::Param(_) => path.push('x'),
                        Piece::Regex(..) => return None,
                    }
                }
            }
        }
    }
    if pattern.ends_with_slash || path.is_empty() {
        path.push('/');
    }
    Some(path)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
