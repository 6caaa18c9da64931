//! One segment of a pattern: what makes two of them the same, and how one is matched.

use std::cmp::Reverse;

use regex_lite::{Regex, RegexBuilder};

use super::class::Class;
use crate::captures::{MOST, Spans};
use crate::route::{Piece, Segment};

/// A segment without the names in it, in the one way that it can be written. Segments of equal shape
/// match the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Text(String),
    Mixed(Vec<Part>),
    Any,
    Rest { at_least_one: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Text(String),
    Any,
    Regex(&'static str),
}

impl Shape {
    pub(super) fn of(segment: &Segment) -> Self {
        let pieces = match *segment {
            Segment::Static(text) => return Shape::Text(text.to_owned()),
            Segment::Param(_) => return Shape::Any,
            Segment::Rest { at_least_one, .. } => return Shape::Rest { at_least_one },
            Segment::Mixed(pieces) => pieces,
        };
        let mut parts = Vec::new();
        for piece in pieces {
            match (piece, parts.last_mut()) {
                (Piece::Text(""), _) => {}
                (Piece::Text(text), Some(Part::Text(before))) => before.push_str(text),
                (Piece::Text(text), _) => parts.push(Part::Text((*text).to_owned())),
                (Piece::Param(_), _) => parts.push(Part::Any),
                (Piece::Regex(_, expression), _) => parts.push(Part::Regex(expression)),
            }
        }
        match &mut *parts {
            [] => Shape::Text(String::new()),
            [Part::Text(text)] => Shape::Text(std::mem::take(text)),
            [Part::Any] => Shape::Any,
            _ => Shape::Mixed(parts),
        }
    }
}

/// Where among the mixed segments of a node one stands, apart from the order of declaration: those with
/// a regular expression are first, then those with the most text.
pub(super) fn rank(parts: &[Part]) -> (bool, Reverse<usize>) {
    let has_regex = parts.iter().any(|part| matches!(part, Part::Regex(_)));
    let text = parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 });
    (!has_regex, Reverse(if has_regex { 0 } else { text.sum() }))
}

/// Matches a segment of several parts.
#[derive(Debug)]
pub(super) enum Matcher {
    Affixed(Affixed),
    Run(Run),
    Engine(Engine),
}

impl Matcher {
    pub(super) fn new(parts: &[Part]) -> Result<Self, regex_lite::Error> {
        if let Some(affixed) = Affixed::new(parts) {
            return Ok(Matcher::Affixed(affixed));
        }
        // The engine has the last word on what is an expression, also where it is not needed.
        for expression in expressions(parts) {
            compile(expression)?;
        }
        match Run::new(parts) {
            Some(run) => Ok(Matcher::Run(run)),
            None => Engine::new(parts).map(Matcher::Engine),
        }
    }

    /// Whether a segment that begins at `offset` matches; if so, its captures are pushed. If not, some
    /// may have been.
    pub(super) fn matches(&self, segment: &str, offset: usize, spans: &mut Spans) -> bool {
        match self {
            Matcher::Affixed(affixed) => affixed.matches(segment, offset, spans).is_some(),
            Matcher::Run(run) => run.matches(segment, offset, spans).is_some(),
            Matcher::Engine(engine) => engine.matches(segment, offset, spans),
        }
    }
}

/// The macros check each expression alone, with the engine's own limits. Here they are put together, and
/// that must not fail: so there is room for a group around each and for as many as there can be.
fn compile(expression: &str) -> Result<Regex, regex_lite::Error> {
    const NESTING: u32 = 50;
    const SIZE: usize = 10 * (1 << 20);
    RegexBuilder::new(expression).nest_limit(NESTING + 10).size_limit(SIZE * (MOST + 1)).build()
}

fn expressions(parts: &[Part]) -> impl Iterator<Item = &'static str> {
    parts.iter().filter_map(|part| match part {
        Part::Regex(expression) => Some(*expression),
        Part::Text(_) | Part::Any => None,
    })
}

/// Plain captures with text between them, perhaps before and after them.
#[derive(Debug)]
pub(super) struct Affixed {
    prefix: Box<str>,
    between: Box<[Box<str>]>,
    suffix: Box<str>,
}

impl Affixed {
    fn new(parts: &[Part]) -> Option<Self> {
        let (prefix, parts) = match parts {
            [Part::Text(text), parts @ ..] => (&**text, parts),
            parts => ("", parts),
        };
        let (suffix, parts) = match parts {
            [parts @ .., Part::Text(text)] => (&**text, parts),
            parts => ("", parts),
        };
        let [Part::Any, pairs @ ..] = parts else { return None };
        let between = pairs.chunks(2).map(|pair| match pair {
            [Part::Text(text), Part::Any] => Some(text.as_str().into()),
            _ => None,
        });
        Some(Affixed {
            between: between.collect::<Option<_>>()?,
            prefix: prefix.into(),
            suffix: suffix.into(),
        })
    }

    /// From the right, each text between captures is taken where it is the last. That leaves every
    /// capture to the left of it as long as it can be.
    fn matches(&self, segment: &str, offset: usize, spans: &mut Spans) -> Option<()> {
        let inner = segment.strip_prefix(&*self.prefix)?.strip_suffix(&*self.suffix)?;
        let (offset, first) = (offset + self.prefix.len(), spans.len());
        let mut open = inner;
        for text in self.between.iter().rev() {
            let last_character = open.char_indices().next_back()?.0;
            let found = open[..last_character].rfind(&**text)?;
            spans.push(offset + found + text.len(), offset + open.len());
            open = &open[..found];
        }
        spans.push(offset, offset + open.len());
        spans.reverse_from(first);
        (!open.is_empty()).then_some(())
    }
}

/// Texts and classes of characters, where each capture ends at the first character that is not of its
/// class: then there is one way to match and no need to search for it.
#[derive(Debug)]
pub(super) struct Run(Box<[Step]>);

#[derive(Debug)]
enum Step {
    Text(Box<str>),
    Class(Class),
}

impl Run {
    fn new(parts: &[Part]) -> Option<Self> {
        let step = |part: &Part| match part {
            Part::Text(text) => Some(Step::Text(text.as_str().into())),
            Part::Regex(expression) => Class::parse(expression).map(Step::Class),
            Part::Any => None,
        };
        let steps = parts.iter().map(step).collect::<Option<Box<[_]>>>()?;
        let is_clear = steps.windows(2).all(|pair| match pair {
            [Step::Class(class), Step::Text(text)] => !class.has(text.as_bytes()[0]),
            [Step::Class(_), Step::Class(_)] => false,
            _ => true,
        });
        is_clear.then_some(Run(steps))
    }

    fn matches(&self, segment: &str, offset: usize, spans: &mut Spans) -> Option<()> {
        let mut at = 0;
        for step in &self.0 {
            let rest = &segment[at..];
            at += match step {
                Step::Text(text) => rest.starts_with(&**text).then_some(text.len())?,
                Step::Class(class) => {
                    let taken = class.take(rest)?;
                    spans.push(offset + at, offset + at + taken);
                    taken
                }
            };
        }
        (at == segment.len()).then_some(())
    }
}

/// One expression made of all parts, with a group for each capture.
#[derive(Debug)]
pub(super) struct Engine {
    regex: Regex,
    /// Which groups are ours; the others are in the users' expressions.
    groups: Box<[usize]>,
}

impl Engine {
    fn new(parts: &[Part]) -> Result<Self, regex_lite::Error> {
        let mut whole = String::from(r"\A");
        let (mut groups, mut next) = (Vec::new(), 1);
        for part in parts {
            let (text, inner) = match part {
                Part::Text(text) => {
                    whole.push_str(&regex_lite::escape(text));
                    continue;
                }
                Part::Any => ("(?s:.+)", 0),
                // All groups but the one that is the whole match.
                Part::Regex(expression) => (*expression, compile(expression)?.captures_len() - 1),
            };
            whole.extend(["(", text, ")"]);
            groups.push(next);
            next += 1 + inner;
        }
        whole.push_str(r"\z");
        Ok(Engine { regex: compile(&whole)?, groups: groups.into() })
    }

    fn matches(&self, segment: &str, offset: usize, spans: &mut Spans) -> bool {
        let Some(found) = self.regex.captures(segment) else { return false };
        for group in self.groups.iter().filter_map(|group| found.get(*group)) {
            spans.push(offset + group.start(), offset + group.end());
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &'static [Piece], segment: &str, expected: Option<&[&str]>) {
        let Shape::Mixed(parts) = Shape::of(&Segment::Mixed(pieces)) else {
            panic!("{pieces:?} is plain");
        };
        let found = |matcher: Matcher| {
            let mut spans = Spans::default();
            let matches = matcher.matches(segment, 0, &mut spans);
            let values = (0..spans.len()).filter_map(|index| spans.at(index));
            matches.then(|| values.map(|(from, to)| &segment[from..to]).collect::<Vec<_>>())
        };
        let fast = found(Matcher::new(&parts).unwrap());
        assert_eq!(fast.as_deref(), expected, "{pieces:?} on {segment:?}");
        let engine = found(Matcher::Engine(Engine::new(&parts).unwrap()));
        assert_eq!(engine.as_deref(), expected, "{pieces:?} on {segment:?}, by the engine");
    }

    #[test]
    fn plain_captures_take_what_they_can_from_the_left() {
        use Piece::{Param, Text};
        const FILE: &[Piece] = &[Param("name"), Text("."), Param("ext")];
        check(FILE, "a.b", Some(&["a", "b"]));
        check(FILE, "a.b.c", Some(&["a.b", "c"]));
        check(FILE, "a..", Some(&["a", "."]));
        check(FILE, "a.b.", Some(&["a", "b."]));
        check(FILE, "..a", Some(&[".", "a"]));
        check(FILE, ".a", None);
        check(FILE, "a.", None);
        check(FILE, ".", None);
        check(FILE, "a", None);
        check(FILE, "é.ü", Some(&["é", "ü"]));
        check(FILE, "a.ü", Some(&["a", "ü"]));
        const THREE: &[Piece] =
            &[Text("v"), Param("a"), Text("--"), Param("b"), Text("-"), Param("c"), Text("!")];
        check(THREE, "v1--2-3!", Some(&["1", "2", "3"]));
        check(THREE, "v1--2--3-4!", Some(&["1--2", "3", "4"]));
        check(THREE, "v1----!", None);
        check(THREE, "v1-----!", Some(&["1", "-", "-"]));
        check(THREE, "v1--2-3", None);
        check(&[Text("ab"), Param("x"), Text("bc")], "abc", None);
        check(&[Text("ab"), Param("x"), Text("bc")], "abxbc", Some(&["x"]));
        check(&[Param("a"), Param("b")], "éüx", Some(&["éü", "x"]));
    }

    #[test]
    fn expressions_match_with_and_without_the_engine() {
        use Piece::{Param, Regex, Text};
        check(&[Regex("n", "[0-9]+"), Text("-days")], "31-days", Some(&["31"]));
        check(&[Regex("n", "[0-9]+"), Text("-days")], "x-days", None);
        check(&[Regex("n", "[0-9]+"), Text("-days")], "-days", None);
        check(&[Regex("n", "[0-9]+")], "12", Some(&["12"]));
        check(&[Regex("n", "[0-9]+")], "12a", None);
        const DATE: &[Piece] = &[
            Regex("y", r"\d{4}"),
            Text("-"),
            Regex("m", r"\d{2}"),
            Text("-"),
            Regex("d", r"\d{2}"),
        ];
        check(DATE, "2027-01-31", Some(&["2027", "01", "31"]));
        check(DATE, "20270-01-31", None);
        check(DATE, "2027-01-3", None);
        // The text that follows begins with a character of the class.
        check(&[Regex("n", "[0-9]+"), Text("0")], "100", Some(&["10"]));
        check(
            &[Regex("a", "(x|y)+"), Text("."), Regex("b", "((?:z))")],
            "xy.z",
            Some(&["xy", "z"]),
        );
        check(&[Regex("a", "b|bc"), Param("r")], "bcd", Some(&["b", "cd"]));
        check(&[Regex("a", "a|b"), Text("c")], "bc", Some(&["b"]));
        check(&[Regex("a", "(?i)x+"), Text("y")], "XxY", None);
        check(&[Regex("a", "[0-9]+"), Regex("b", "[a-z]+")], "12ab", Some(&["12", "ab"]));
        check(&[Text("a.b*"), Regex("b", "[a-z]+")], "a.b*x", Some(&["x"]));
        check(&[Param("a"), Text("\n"), Regex("b", "x+")], "é\n\nx", Some(&["é\n", "x"]));
    }

    #[test]
    fn names_and_ways_of_writing_make_no_difference() {
        use Piece::{Param, Regex, Text};
        let equal = |a: Segment, b: Segment| assert_eq!(Shape::of(&a), Shape::of(&b));
        equal(Segment::Param("a"), Segment::Param("b"));
        equal(Segment::Mixed(&[Param("a")]), Segment::Param("b"));
        equal(Segment::Mixed(&[Text("a"), Text("b")]), Segment::Static("ab"));
        equal(Segment::Mixed(&[Text(""), Regex("a", "x")]), Segment::Mixed(&[Regex("b", "x")]));
        let differ = |a: Segment, b: Segment| assert_ne!(Shape::of(&a), Shape::of(&b));
        differ(Segment::Mixed(&[Regex("a", "x")]), Segment::Mixed(&[Regex("a", "y")]));
        differ(Segment::Static("a"), Segment::Param("a"));
    }

    #[test]
    fn expressions_that_are_good_alone_are_good_together() {
        let deep: &'static str = ("(?:".repeat(49) + "a" + &")".repeat(49)).leak();
        let wide = "(?:[a-z]{1,300}){1,200}";
        assert!(Regex::new(deep).is_ok() && Regex::new(wide).is_ok());
        assert!(Matcher::new(&[Part::Regex(deep), Part::Any]).is_ok());
        let wide: Vec<Part> = std::iter::repeat_n(Part::Regex(wide), 4).collect();
        assert!(Matcher::new(&wide).is_ok());
    }

    #[test]
    fn what_the_engine_refuses_is_refused() {
        for expression in ["[z-a]+", "(", "a)(b", "(?x)a # b"] {
            assert!(Matcher::new(&[Part::Regex(expression)]).is_err(), "{expression}");
        }
    }
}
