//! Patterns, hosts and templates as they were checked, each with the literal that it was.

pub(crate) mod parse;

use proc_macro2::Span;
use syn::LitStr;

use self::parse::{
    Capture, MAX_CAPTURES, Parsed, ParsedHost, ParsedTemplate, PatternError, Piece, Segment, Slash,
};
use crate::caret;
use crate::diag::Diag;
use crate::suggest;

/// The pattern of a path.
pub(crate) struct Pattern {
    literal: LitStr,
    parsed: Parsed,
    slash: Slash,
}

/// The pattern of a host.
pub(crate) struct Host {
    literal: LitStr,
    parsed: ParsedHost,
}

/// The path that a handler has moved to; every capture in it is one of each of its patterns.
pub(crate) struct Moved {
    literal: LitStr,
    parsed: ParsedTemplate,
}

impl Pattern {
    /// `slash` is the option of that name.
    pub(super) fn check(literal: LitStr, slash: Option<Slash>, diag: &mut Diag) -> Option<Self> {
        let parsed = read(&literal, parse::parse, diag)?;
        if let (Some(suffix), Some(option)) = (parsed.slash(), slash)
            && suffix != option
        {
            let (mark, option) = (mark(suffix), word(option));
            let what = format!(
                "` {mark}` contradicts `slash = \"{option}\"`, which holds for every pattern of \
                 the handler; keep one of them"
            );
            diag.under(&literal, caret::show(&what, &literal.value(), &parsed.suffix()));
        }
        let slash = parsed.slash().or(slash).unwrap_or(Slash::Redirect);
        Some(Pattern { literal, parsed, slash })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> String {
        self.literal.value()
    }

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        self.parsed.segments()
    }

    pub(crate) fn ends_with_slash(&self) -> bool {
        self.parsed.ends_with_slash()
    }

    pub(crate) fn slash(&self) -> Slash {
        self.slash
    }

    pub(crate) fn subtree(&self) -> bool {
        self.parsed.subtree()
    }

    pub(super) fn literal(&self) -> &LitStr {
        &self.literal
    }

    pub(super) fn captures(&self) -> &[Capture] {
        self.parsed.captures()
    }

    /// Whether it matches the same paths, whatever its captures are called.
    pub(super) fn is_like(&self, other: &Pattern) -> bool {
        let nameless = |pattern: &Pattern| -> Vec<Segment> {
            pattern.segments().iter().map(without_names).collect()
        };
        self.ends_with_slash() == other.ends_with_slash() && nameless(self) == nameless(other)
    }

    /// What is wrong with it on this host: the captures of both are one list of parameters.
    pub(super) fn check_on(&self, host: &Host, diag: &mut Diag) {
        let of_host = host.captures();
        let twice = |capture: &&Capture| of_host.iter().any(|other| other.name() == capture.name());
        let text = self.text();
        if let Some(capture) = self.captures().iter().find(twice) {
            let what = format!(
                "`{}` is captured by the host `{}` as well; give each capture a name of its own",
                capture.name(),
                host.text()
            );
            diag.under(&self.literal, caret::show(&what, &text, &capture.at()));
        } else if let Some(room) = MAX_CAPTURES.checked_sub(of_host.len())
            && let Some(capture) = self.captures().get(room)
        {
            let what = format!(
                "a pattern and its host have at most {MAX_CAPTURES} captures together; take the \
                 rest of the path in one: `{{*rest}}`"
            );
            diag.under(&self.literal, caret::show(&what, &text, &capture.at()));
        }
    }
}

impl Host {
    pub(super) fn check(literal: LitStr, diag: &mut Diag) -> Option<Self> {
        let parsed = read(&literal, parse::parse_host, diag)?;
        Some(Host { literal, parsed })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> String {
        self.literal.value()
    }

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
    }

    /// In lower case.
    pub(crate) fn labels(&self) -> &[Segment] {
        self.parsed.labels()
    }

    pub(super) fn literal(&self) -> &LitStr {
        &self.literal
    }

    pub(super) fn captures(&self) -> &[Capture] {
        self.parsed.captures()
    }

    /// Whether it matches the same hosts, whatever its captures are called.
    pub(super) fn is_like(&self, other: &Host) -> bool {
        let nameless =
            |host: &Host| -> Vec<Segment> { host.labels().iter().map(without_names).collect() };
        nameless(self) == nameless(other)
    }
}

impl Moved {
    pub(super) fn check(literal: LitStr, diag: &mut Diag) -> Option<Self> {
        let parsed = read(&literal, parse::parse_template, diag)?;
        Some(Moved { literal, parsed })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> String {
        self.literal.value()
    }

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
    }

    /// Text and captures.
    pub(crate) fn pieces(&self) -> &[Piece] {
        self.parsed.pieces()
    }

    /// Checks that this can be made of what the pattern, or the host beside it, has captured.
    /// Whether it can.
    pub(super) fn check_from(&self, pattern: &Pattern, hosts: &[Host], diag: &mut Diag) -> bool {
        let text = self.text();
        // On several hosts a name is there only if each of them has it.
        let on_hosts = |name: &str| {
            let has = |host: &Host| host.captures().iter().any(|capture| capture.name() == name);
            !hosts.is_empty() && hosts.iter().all(has)
        };
        let in_path = || pattern.captures().iter().map(Capture::name);
        let missing = |capture: &&Capture| {
            !in_path().any(|name| name == capture.name()) && !on_hosts(capture.name())
        };
        if let Some(capture) = self.parsed.captures().iter().find(missing) {
            let (name, pattern) = (capture.name(), pattern.text());
            let near = suggest::did_you_mean(name, in_path());
            let names = suggest::list(in_path());
            // Where one host has it and another has not, it is that one which is wrong.
            let has = |host: &&Host| host.captures().iter().any(|capture| capture.name() == name);
            let without = hosts.iter().find(|host| !has(host));
            let what = match (hosts.iter().find(has), without) {
                (Some(with), Some(without)) => format!(
                    "`{name}` is captured by the host `{}` and not by `{}`; a path to go to is made \
                     of what every host captures",
                    with.text(),
                    without.text()
                ),
                _ => {
                    let way_out = match (near.is_empty(), names.is_empty()) {
                        (false, _) => near,
                        (true, false) => format!("; it captures {names}"),
                        (true, true) => "; it captures nothing".to_owned(),
                    };
                    format!("`{name}` is not captured by `{pattern}`{way_out}")
                }
            };
            diag.under(&self.literal, caret::show(&what, &text, &capture.at()));
            return false;
        }
        let pattern = pattern.text();
        if pattern == text {
            let what = format!(
                "`{text}` is where the handler is, so that nobody would ever arrive; name the path \
                 that it has moved to"
            );
            diag.under(&self.literal, what);
            return false;
        }
        true
    }
}

/// Reads a literal; what is wrong stands under it, with a caret under the place.
pub(super) fn read<T>(
    literal: &LitStr,
    parser: impl FnOnce(&str) -> Result<T, PatternError>,
    diag: &mut Diag,
) -> Option<T> {
    let text = literal.value();
    parser(&text)
        .map_err(|PatternError { at, what }| diag.under(literal, caret::show(&what, &text, &at)))
        .ok()
}

fn without_names(segment: &Segment) -> Segment {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => Piece::Text(text.clone()),
        Piece::Param(_) => Piece::Param(String::new()),
        Piece::Regex(_, regex) => Piece::Regex(String::new(), regex.clone()),
    };
    match segment {
        Segment::Static(text) => Segment::Static(text.clone()),
        Segment::Param(_) => Segment::Param(String::new()),
        Segment::Mixed(pieces) => Segment::Mixed(pieces.iter().map(piece).collect()),
        Segment::Rest { name: _, at_least_one } => {
            Segment::Rest { name: String::new(), at_least_one: *at_least_one }
        }
    }
}

/// The value of the option `slash`.
pub(super) fn word(slash: Slash) -> &'static str {
    match slash {
        Slash::Redirect => "redirect",
        Slash::Strict => "strict",
        Slash::Lenient => "lenient",
    }
}

/// The suffix that says the same; a redirect has none.
fn mark(slash: Slash) -> &'static str {
    match slash {
        Slash::Redirect => "",
        Slash::Strict => "!",
        Slash::Lenient => "?",
    }
}
