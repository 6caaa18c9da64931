//! Routes and requests made of any bytes: of few texts, so that they meet often.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::route::{Host, Pattern, Piece, Segment, Slash};

/// Some routes, and some requests to them.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) routes: Vec<Route>,
    pub(crate) requests: Vec<Request>,
}

#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// Where it is declared. Several may be on one line: then those added first are.
    pub(crate) line: u32,
    pub(crate) hosts: Vec<Host>,
    pub(crate) method: &'static str,
    pub(crate) pattern: Pattern,
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) host: Option<String>,
    pub(crate) path: String,
    pub(crate) method: &'static str,
}

const DIGITS: Piece = Piece::Regex("n", "[0-9]+");
const LETTERS: Piece = Piece::Regex("l", "[ab]+");
const DOT: Piece = Piece::Text(".");
const HYPHEN: Piece = Piece::Text("-");
const ONE: Piece = Piece::Param("p");
const TWO: Piece = Piece::Param("q");

const SEGMENTS: &[Segment] = &[
    Segment::Static("a"),
    Segment::Static("b"),
    Segment::Static("a.b"),
    Segment::Static("1"),
    Segment::Static("%"),
    Segment::Static("é"),
    Segment::Param("x"),
    Segment::Param("y"),
    Segment::Mixed(&[ONE, DOT, TWO]),
    Segment::Mixed(&[TWO, DOT, ONE]),
    Segment::Mixed(&[Piece::Text("a"), ONE]),
    Segment::Mixed(&[ONE, Piece::Text("b")]),
    Segment::Mixed(&[Piece::Text("a"), ONE, DOT, TWO, Piece::Text("b")]),
    Segment::Mixed(&[DIGITS]),
    Segment::Mixed(&[LETTERS]),
    Segment::Mixed(&[DIGITS, HYPHEN, LETTERS]),
    Segment::Mixed(&[DIGITS, HYPHEN, ONE]),
    Segment::Mixed(&[ONE, HYPHEN, DIGITS]),
    Segment::Mixed(&[LETTERS, Piece::Text("b")]),
    Segment::Mixed(&[Piece::Regex("e", "(?:a|1)+")]),
    Segment::Mixed(&[Piece::Text("a"), Piece::Text("b")]),
];

const RESTS: &[Segment] = &[
    Segment::Rest { name: "rest", at_least_one: false },
    Segment::Rest { name: "more", at_least_one: true },
];

const SENT: &[&str] = &[
    "a", "b", "ab", "a.b", "1", "12", "1-a", "1-b", "1-12", "aab", "a.b.b", "a..b", "x", "é",
    "%C3%A9", "a%2Fb", "%2F", "%61", "%25", "", "..", "%", "%ff", "ab.bb",
];

const SENT_LABELS: &[&str] = &["a", "b", "A", "ab", "1", "1-a", "x", "", "[::1]"];

const METHODS: &[&str] = &["GET", "POST", "HEAD", "", "LOCK", "OPTIONS"];

impl World {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let routes = (0..1 + bytes.below(12)).map(|_| bytes.route()).collect();
        let requests = (0..1 + bytes.below(8)).map(|_| bytes.request()).collect();
        World { routes, requests }
    }
}

/// Bytes to take, and zeros after them.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.next()) % end
    }

    fn one<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn route(&mut self) -> Route {
        let line = self.next().into();
        let hosts = match self.next() % 8 {
            0..5 => 0,
            5 | 6 => 1,
            _ => 2,
        };
        let hosts = (0..hosts).map(|_| self.host()).collect();
        let method = self.one(METHODS);
        Route { line, hosts, method, pattern: self.pattern() }
    }

    fn host(&mut self) -> Host {
        let count = 1 + self.below(3);
        let labels = (0..count).map(|_| self.below(SEGMENTS.len()) as u8).collect();
        Host::new("", segments(labels))
    }

    fn pattern(&mut self) -> Pattern {
        let kind = self.next();
        let mut list: Vec<u8> = (0..kind % 5).map(|_| self.below(SEGMENTS.len()) as u8).collect();
        let has_rest = kind >= 200;
        if has_rest {
            list.push((SEGMENTS.len() + usize::from(kind % 2)) as u8);
        }
        let flags = self.next();
        let slash = [Slash::Redirect, Slash::Strict, Slash::Lenient][usize::from(flags >> 2) % 3];
        let is_plain = !has_rest && !list.is_empty();
        let mut pattern = Pattern::new("", segments(list)).slash(slash);
        if is_plain && flags & 1 == 1 {
            pattern = pattern.ends_with_slash();
        }
        if !has_rest && flags & 0b1100_0000 == 0b1100_0000 {
            pattern = pattern.subtree();
        }
        pattern
    }

    fn request(&mut self) -> Request {
        let host = match self.next() % 4 {
            0 => None,
            count => {
                let labels: Vec<&str> = (0..count).map(|_| self.one(SENT_LABELS)).collect();
                Some(labels.join(".") + self.one(&["", ".", ":80", ".:80", "::"]))
            }
        };
        let method = self.one(METHODS);
        let shape = self.next();
        if shape >= 250 {
            let taken = self.0.len().min(24);
            let (text, rest) = self.0.split_at(taken);
            self.0 = rest;
            return Request { host, method, path: String::from_utf8_lossy(text).into_owned() };
        }
        let segments: Vec<&str> = (0..shape % 6).map(|_| self.one(SENT)).collect();
        let slash = if shape & 64 == 64 { "/" } else { "" };
        Request { host, method, path: format!("/{}{slash}", segments.join("/")) }
    }
}

thread_local! {
    /// Patterns live for good, so equal ones are kept once.
    static KEPT: RefCell<HashMap<Vec<u8>, &'static [Segment]>> = RefCell::default();
}

fn segments(list: Vec<u8>) -> &'static [Segment] {
    let make = |list: &Vec<u8>| {
        let all = || SEGMENTS.iter().chain(RESTS).copied();
        list.iter().filter_map(|index| all().nth((*index).into())).collect::<Vec<_>>().leak()
    };
    KEPT.with_borrow_mut(|kept| *kept.entry(list).or_insert_with_key(|list| make(list)))
}
