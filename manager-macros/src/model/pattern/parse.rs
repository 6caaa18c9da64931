//! Patterns of paths and hosts, prefixes and templates: from text to data.
//!
//! ```text
//! "/{n:[0-9]+}-days/{*rest} !"     Mixed([Regex("n", "[0-9]+"), Text("-days")])
//!                                  Rest { name: "rest", at_least_one: false }
//!                                  strict
//! ```
//!
//! This file knows no tokens and names nothing but `std` and `regex_lite`, so that a fuzz target can
//! include it by its path. It ends at the first mistake: what follows one is guesswork.

use std::ops::Range;

/// What is wrong in a text, and which bytes of it are.
#[derive(Debug, PartialEq)]
pub(crate) struct PatternError {
    pub(crate) at: Range<usize>,
    pub(crate) what: String,
}

/// The pattern of a path.
#[derive(Debug, PartialEq)]
pub(crate) struct Parsed {
    segments: Vec<Segment>,
    ends_with_slash: bool,
    slash: Option<Slash>,
    subtree: bool,
    captures: Vec<Capture>,
    /// The ` !` at the end, if there is one.
    suffix: Range<usize>,
}

/// The pattern of a host.
#[derive(Debug, PartialEq)]
pub(crate) struct ParsedHost {
    labels: Vec<Segment>,
    captures: Vec<Capture>,
}

/// Text with the names of captures in it.
#[derive(Debug, PartialEq)]
pub(crate) struct ParsedTemplate {
    pieces: Vec<Piece>,
    captures: Vec<Capture>,
}

/// What lies between two slashes of a path, or two dots of a host.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Segment {
    /// This text, decoded.
    Static(String),
    /// Anything that is not empty.
    Param(String),
    /// Several pieces, or a single expression.
    Mixed(Vec<Piece>),
    /// The rest of the path; always the last segment.
    Rest { name: String, at_least_one: bool },
}

/// A piece of a segment. Two of the kind `Param` never stand side by side, nor do two texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Param(String),
    /// A name, and the regular expression that the whole of it matches.
    Regex(String, String),
}

/// What becomes of a path that differs from a pattern by the slash at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Slash {
    Redirect,
    Strict,
    Lenient,
}

/// The name of a capture, and where it stands with its braces.
#[derive(Debug, PartialEq)]
pub(crate) struct Capture {
    name: String,
    at: Range<usize>,
}

/// How many captures a pattern has at most, those of its host included.
pub(crate) const MAX_CAPTURES: usize = 16;

impl Parsed {
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether it was written with a slash at the end; `/` alone has none.
    pub(crate) fn ends_with_slash(&self) -> bool {
        self.ends_with_slash
    }

    /// What its suffix says, if there is one.
    pub(crate) fn slash(&self) -> Option<Slash> {
        self.slash
    }

    pub(crate) fn subtree(&self) -> bool {
        self.subtree
    }

    /// In the order in which they stand.
    pub(crate) fn captures(&self) -> &[Capture] {
        &self.captures
    }

    /// Where its suffix stands; empty without one.
    pub(crate) fn suffix(&self) -> Range<usize> {
        self.suffix.clone()
    }
}

impl ParsedHost {
    /// In lower case.
    pub(crate) fn labels(&self) -> &[Segment] {
        &self.labels
    }

    pub(crate) fn captures(&self) -> &[Capture] {
        &self.captures
    }
}

impl ParsedTemplate {
    /// Text and `Param` alone.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// A name may stand here more than once.
    pub(crate) fn captures(&self) -> &[Capture] {
        &self.captures
    }
}

impl Capture {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn at(&self) -> Range<usize> {
        self.at.clone()
    }
}

/// Reads the pattern of a path: `/users/{id}`, `/{n:[0-9]+}-days`, `/files/{*rest}`, `/files/ ?*`.
pub(crate) fn parse(text: &str) -> Result<Parsed, PatternError> {
    let Suffix { at, slash, subtree } = Suffix::read(text)?;
    let mut reader = Reader::new(text, at.start, Place::Pattern);
    let (segments, ends_with_slash) = reader.path()?;
    let Reader { captures, .. } = reader;
    Ok(Parsed { segments, ends_with_slash, slash, subtree, captures, suffix: at })
}

/// Reads the pattern of a host: `api.example.com`, `{sub}.example.com`.
pub(crate) fn parse_host(text: &str) -> Result<ParsedHost, PatternError> {
    let mut reader = Reader::new(text, text.len(), Place::Host);
    let labels = reader.host()?;
    let Reader { captures, .. } = reader;
    Ok(ParsedHost { labels, captures })
}

/// Reads a prefix of whole segments, `/admin`, and returns it without doubled braces.
pub(crate) fn parse_prefix(text: &str) -> Result<String, PatternError> {
    refuse_suffix(text)?;
    let mut reader = Reader::new(text, text.len(), Place::Prefix);
    let (segments, ends_with_slash) = reader.path()?;
    if ends_with_slash {
        let end = text.len();
        let what = "a prefix ends with a whole segment; leave out the `/` at its end";
        return Err(error(end - 1..end, what));
    }
    Ok(joined(segments).into_iter().map(|piece| piece.text().to_owned()).collect())
}

/// Reads a path in which captures are filled in: `/v2/users/{id}`.
pub(crate) fn parse_template(text: &str) -> Result<ParsedTemplate, PatternError> {
    refuse_suffix(text)?;
    let mut reader = Reader::new(text, text.len(), Place::Template);
    let (segments, ends_with_slash) = reader.path()?;
    let mut pieces = joined(segments);
    if ends_with_slash {
        push_text(&mut pieces, "/");
    }
    let Reader { captures, .. } = reader;
    Ok(ParsedTemplate { pieces, captures })
}

/// A space at the end, or what stands after one in patterns.
fn refuse_suffix(text: &str) -> Result<(), PatternError> {
    let start = text.trim_end_matches(is_mark).trim_end_matches(' ').len();
    if start < text.len() && text[start..].starts_with(' ') {
        let what = "spaces and the suffixes `!`, `?` and `*` end a pattern of a route alone; leave \
                    this out";
        return Err(error(start..text.len(), what));
    }
    Ok(())
}

/// The segments with their slashes: `/` and what each is made of.
fn joined(segments: Vec<Segment>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if segments.is_empty() {
        push_text(&mut pieces, "/");
    }
    for segment in segments {
        push_text(&mut pieces, "/");
        match segment {
            Segment::Static(text) => push_text(&mut pieces, &text),
            Segment::Param(name) | Segment::Rest { name, .. } => pieces.push(Piece::Param(name)),
            Segment::Mixed(mixed) => {
                for piece in mixed {
                    match piece {
                        Piece::Text(text) => push_text(&mut pieces, &text),
                        capture => pieces.push(capture),
                    }
                }
            }
        }
    }
    pieces
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

impl Piece {
    /// The text that it is, or the name that it has.
    fn text(&self) -> &str {
        match self {
            Piece::Text(text) | Piece::Param(text) | Piece::Regex(text, _) => text,
        }
    }
}

fn error(at: Range<usize>, what: impl Into<String>) -> PatternError {
    PatternError { at, what: what.into() }
}

// ---- suffixes ------------------------------------------------------------------------------------

/// What stands after a space at the end: any of `!`, `?` and `*`.
struct Suffix {
    /// With the space; empty if there is none.
    at: Range<usize>,
    slash: Option<Slash>,
    subtree: bool,
}

impl Suffix {
    fn read(text: &str) -> Result<Self, PatternError> {
        let rule = "after one space may come `!` (strict), `?` (lenient) and `*` (subtree), as in \
                    `/files ?*`";
        let none = Suffix { at: text.len()..text.len(), slash: None, subtree: false };
        let Some(space) = text.rfind(' ') else { return Ok(none) };
        let (path, marks) = (&text[..space], &text[space + 1..]);
        if marks.is_empty() {
            let what = format!("a pattern cannot end with a space: {rule}; leave it out");
            return Err(error(space..text.len(), what));
        }
        if !marks.chars().all(is_mark) {
            return Ok(none);
        }
        let word = path.rfind(' ').map_or(path.len(), |space| space + 1);
        if path.ends_with(' ') || word < path.len() && path[word..].chars().all(is_mark) {
            let what = format!("the suffixes of a pattern stand together: {rule}");
            return Err(error(word.min(space)..text.len(), what));
        }
        let mut suffix = Suffix { at: space..text.len(), slash: None, subtree: false };
        for (place, mark) in marks.char_indices() {
            let at = space + 1 + place..space + 2 + place;
            if marks[..place].contains(mark) {
                return Err(error(at, format!("`{mark}` stands here twice; keep one")));
            }
            match mark {
                '*' => suffix.subtree = true,
                _ if suffix.slash.is_some() => {
                    let what = "`!` (strict) and `?` (lenient) exclude each other: a path that \
                                differs by the slash at its end is either refused or served; keep \
                                one of them";
                    return Err(error(at, what));
                }
                '!' => suffix.slash = Some(Slash::Strict),
                _ => suffix.slash = Some(Slash::Lenient),
            }
        }
        Ok(suffix)
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '!' | '?' | '*')
}

// ---- segments ------------------------------------------------------------------------------------

/// What is read, which decides what may stand in it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Pattern,
    Host,
    Prefix,
    Template,
}

struct Reader<'a> {
    /// The whole text, so that places in it are places in what the user wrote.
    text: &'a str,
    /// Where the path ends and its suffix begins.
    end: usize,
    at: usize,
    place: Place,
    captures: Vec<Capture>,
}

/// A piece as it stands in a segment.
enum Spot {
    Piece(Piece),
    Rest { name: String, at_least_one: bool },
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, end: usize, place: Place) -> Self {
        Reader { text, end, at: 0, place, captures: Vec::new() }
    }

    /// What is left to read.
    fn left(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    fn peek(&self) -> Option<char> {
        self.left().chars().next()
    }

    /// Where a character stands that begins here.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    /// Segments after slashes, and whether a slash stands at the end.
    fn path(&mut self) -> Result<(Vec<Segment>, bool), PatternError> {
        self.begin_path()?;
        let mut segments = Vec::new();
        while self.at < self.end {
            let segment = self.segment()?;
            let is_rest = matches!(segment, Segment::Rest { .. });
            segments.push(segment);
            if self.at == self.end {
                break;
            }
            if is_rest {
                let what = "a capture of the rest stands at the end: it takes the slashes as well, \
                            so that nothing can follow; leave out what follows";
                return Err(error(self.at..self.end, what));
            }
            // The slash that the segment ended at.
            self.at += 1;
            if self.at == self.end {
                return Ok((segments, true));
            }
        }
        Ok((segments, false))
    }

    fn begin_path(&mut self) -> Result<(), PatternError> {
        self.check_control()?;
        let what = match self.place {
            Place::Prefix => "a prefix",
            Place::Template => "a path to go to",
            Place::Pattern | Place::Host => "a pattern",
        };
        match self.peek() {
            Some('/') => {
                self.at = 1;
                Ok(())
            }
            None => Err(error(0..self.end, format!("{what} cannot be empty: the root is `/`"))),
            Some(_) => {
                let path = match self.left().split_once("://") {
                    Some((_, after)) => after.find('/').map_or("/", |slash| &after[slash..]),
                    None => self.left().trim_start(),
                };
                let slash = if path.starts_with('/') { "" } else { "/" };
                let host = match self.place {
                    _ if !self.left().contains("://") => "",
                    Place::Pattern => "; a host is an option of its own: `host = \"example.com\"`",
                    Place::Template => "; to another host leads the reply `Redirect`",
                    Place::Host | Place::Prefix => "",
                };
                let what = format!("{what} begins with `/`: write `{slash}{path}`{host}");
                Err(error(self.here(), what))
            }
        }
    }

    /// Control characters are wrong wherever they stand, and would spoil every other message.
    fn check_control(&self) -> Result<(), PatternError> {
        match self.text.char_indices().find(|(_, c)| c.is_control()) {
            None => Ok(()),
            Some((at, c)) => Err(error(
                at..at + c.len_utf8(),
                format!("`{}` is a control character; leave it out", c.escape_default()),
            )),
        }
    }

    /// One segment of a path, up to its slash.
    fn segment(&mut self) -> Result<Segment, PatternError> {
        let start = self.at;
        let spots = self.spots('/')?;
        let at = start..self.at;
        if at.is_empty() {
            let what = "a segment cannot be empty: no path with `//` is ever matched; keep one `/`";
            return Err(error(start - 1..start + 1, what));
        }
        let segment = assemble(spots, &at)?;
        if let Segment::Static(text) = &segment {
            self.check_static(text, at)?;
        }
        Ok(segment)
    }

    /// Text that would not do what it looks like.
    fn check_static(&self, text: &str, at: Range<usize>) -> Result<(), PatternError> {
        let what = match text {
            "." | ".." => format!(
                "`{text}` is a dot segment, which clients resolve before they send a path; write \
                 the path that is meant"
            ),
            _ => match (self.place, other_style(text)) {
                (Place::Prefix, Some(_)) if text.starts_with('*') => format!(
                    "`{text}` would be plain text: a prefix holds for everything below it; leave \
                     it out"
                ),
                (Place::Prefix, Some(_)) => {
                    format!("`{text}` would be plain text, and a prefix has no captures")
                }
                (_, Some(capture)) => {
                    format!("`{text}` would be plain text: write the capture as `{capture}`")
                }
                (_, None) => return Ok(()),
            },
        };
        Err(error(at, what))
    }

    /// The labels of a host.
    fn host(&mut self) -> Result<Vec<Segment>, PatternError> {
        self.check_control()?;
        if self.text.is_empty() {
            return Err(error(0..0, "a host cannot be empty: write `api.example.com`"));
        }
        if let Some((scheme, _)) = self.text.split_once("://")
            && !scheme.contains('{')
        {
            let what = "a host stands without a scheme: write `api.example.com`";
            return Err(error(0..scheme.len() + 3, what));
        }
        let mut labels = Vec::new();
        loop {
            let start = self.at;
            let spots = self.spots('.')?;
            let at = start..self.at;
            if at.is_empty() {
                return Err(self.empty_label());
            }
            labels.push(assemble(spots, &at)?);
            if self.at == self.end {
                return Ok(labels);
            }
            self.at += 1;
        }
    }

    fn empty_label(&self) -> PatternError {
        let what = if self.at == self.end {
            "the dot at the end of a host is ignored in requests; leave it out"
        } else {
            "a label of a host cannot be empty: labels stand between single dots"
        };
        let start = self.at.saturating_sub(1);
        error(start..self.end.min(start + 1), what)
    }

    /// Text and captures, up to the separator or the end.
    fn spots(&mut self, separator: char) -> Result<Vec<(Spot, Range<usize>)>, PatternError> {
        let mut spots: Vec<(Spot, Range<usize>)> = Vec::new();
        while let Some(c) = self.peek() {
            if c == separator {
                break;
            }
            let start = self.at;
            if c == '{' && !self.left().starts_with("{{") {
                let spot = self.capture()?;
                let at = start..self.at;
                self.check_neighbour(&spots, &spot, &at)?;
                spots.push((spot, at));
                continue;
            }
            let c = self.character(c)?;
            match spots.last_mut() {
                Some((Spot::Piece(Piece::Text(text)), at)) => {
                    text.push(c);
                    at.end = self.at;
                }
                _ => spots.push((Spot::Piece(Piece::Text(c.to_string())), start..self.at)),
            }
        }
        Ok(spots)
    }

    fn check_neighbour(
        &self,
        before: &[(Spot, Range<usize>)],
        spot: &Spot,
        at: &Range<usize>,
    ) -> Result<(), PatternError> {
        let param = |spot: &Spot| matches!(spot, Spot::Piece(Piece::Param(_)));
        match before.last() {
            Some((last, start)) if self.place != Place::Template && param(last) && param(spot) => {
                let what = "nobody can tell where the first of these captures ends and the second \
                            begins; put text between them, or give one an expression: \
                            `{name:[0-9]+}`";
                Err(error(start.start..at.end, what))
            }
            _ => Ok(()),
        }
    }

    /// One character of text, which is `c` as it is written. The separator never comes here.
    fn character(&mut self, c: char) -> Result<char, PatternError> {
        if self.place == Place::Host {
            return self.host_character(c);
        }
        let at = self.here();
        match c {
            // A lone one is a capture, so this is two.
            '{' => self.at += 2,
            '}' if self.left().starts_with("}}") => self.at += 2,
            '}' => {
                return Err(error(
                    at,
                    "`}` closes nothing: a literal brace is doubled, `}}`, and a capture is \
                     `{name}`",
                ));
            }
            '?' => {
                let what = match self.place {
                    Place::Template => "`?` begins a query; leave it out, the query is kept",
                    _ => {
                        "`?` begins a query, which is no part of a path; leave it out and read the \
                         query with a parameter `Query<T>`"
                    }
                };
                let suffix = "; the suffix `?` stands after a space";
                let suffix =
                    if at.end == self.end && self.place == Place::Pattern { suffix } else { "" };
                return Err(error(at.start..self.end, format!("{what}{suffix}")));
            }
            '#' => {
                let what = "`#` begins a fragment, which no client sends; leave it out";
                return Err(error(at.start..self.end, what));
            }
            '%' => match self.encoded() {
                Some(mistake) => return Err(mistake),
                None => self.at += 1,
            },
            _ => self.at = at.end,
        }
        Ok(c)
    }

    /// What is wrong with the `%` that stands here, if two hexadecimal digits follow it.
    fn encoded(&self) -> Option<PatternError> {
        let start = self.at;
        let mut bytes = Vec::new();
        let mut rest = self.left();
        while let Some((byte, after)) = encoded_byte(rest) {
            bytes.push(byte);
            rest = after;
        }
        if bytes.is_empty() {
            return None;
        }
        let at = start..start + 3 * bytes.len();
        let written = &self.text[at.clone()];
        let what = match String::from_utf8(bytes) {
            Err(_) => format!("`{written}` is no UTF-8, which no path may be; leave it out"),
            Ok(decoded) if decoded.chars().any(|c| c.is_control()) => {
                format!("`{written}` stands for a control character; leave it out")
            }
            Ok(decoded) if decoded.contains(['/', '?', '#']) || is_encoded(&decoded, rest) => {
                format!(
                    "`{written}` stands for `{decoded}`, which cannot be written as text in a pattern; \
                 capture the segment"
                )
            }
            Ok(decoded) => {
                let decoded = decoded.replace('{', "{{").replace('}', "}}");
                format!("a pattern is written decoded: write `{decoded}` instead of `{written}`")
            }
        };
        Some(error(at, what))
    }

    /// A character of a host, in lower case.
    fn host_character(&mut self, c: char) -> Result<char, PatternError> {
        let at = self.here();
        let (at, what) = match c {
            _ if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') => {
                self.at = at.end;
                return Ok(c.to_ascii_lowercase());
            }
            ':' => {
                let what = "the port of a host is ignored in requests; leave it out";
                (at.start..self.end, what.to_owned())
            }
            '/' => {
                let what = "a path is no part of a host: it stands in `get = \"/x\"` and the like";
                (at.start..self.end, what.to_owned())
            }
            '*' => (
                at,
                "`*` cannot stand in a host: a label of any name is a capture, as in \
                 `{sub}.example.com`"
                    .to_owned(),
            ),
            _ if !c.is_ascii() => (
                at,
                format!(
                    "`{c}` cannot stand in a host: clients send such names encoded, so write the \
                     label as `xn--..` (Punycode)"
                ),
            ),
            _ => (
                at,
                format!(
                    "`{c}` cannot stand in a host: its labels are made of letters, digits, `-` and \
                     `_`"
                ),
            ),
        };
        Err(error(at, what))
    }

    // ---- captures --------------------------------------------------------------------------------

    /// `{name}`, `{name:regex}`, `{*name}` or `{+name}`; what is left begins with the brace.
    fn capture(&mut self) -> Result<Spot, PatternError> {
        let start = self.at;
        let Some((end, regex)) = self.extent() else {
            let rest = self.left();
            let end = rest.find('/').map_or(self.end, |slash| start + slash);
            let has_regex = self.text[start..end].contains(':');
            if has_regex && self.text[end..self.end].contains('}') {
                let what = "an expression is compared with one segment and holds no `/`: give each \
                            segment a capture of its own";
                return Err(error(end..end + 1, what));
            }
            let what = "`{` is not closed in its segment: a capture is `{name}`, and a literal \
                        brace is doubled, `{{`";
            let hint = match has_regex {
                true => "; in an expression braces come in pairs, or are escaped: `\\{`",
                false => "",
            };
            return Err(error(start..end, format!("{what}{hint}")));
        };
        let at = start..end;
        if self.place == Place::Prefix {
            let what = "a prefix has no captures: it is text, as in `/admin`";
            return Err(error(at, what));
        }
        let name = start + 1..regex.as_ref().map_or(end - 1, |regex| regex.start - 1);
        let written = &self.text[name.clone()];
        let sign = written.chars().next().filter(|c| matches!(c, '*' | '+'));
        let name = name.start + sign.map_or(0, char::len_utf8)..name.end;
        check_name(&self.text[name.clone()], &name, &at, sign)?;
        let name = self.text[name].to_owned();
        if self.place == Place::Template && (sign.is_some() || regex.is_some()) {
            let what = format!("here a capture is named and no more: write `{{{name}}}`");
            return Err(error(at, what));
        }
        let spot = match (sign, &regex) {
            (None, None) => Spot::Piece(Piece::Param(name.clone())),
            (None, Some(regex)) => {
                self.check_regex(regex, &name, &at)?;
                Spot::Piece(Piece::Regex(name.clone(), self.text[regex.clone()].to_owned()))
            }
            (Some(sign), None) => {
                if self.place == Place::Host {
                    let what = format!(
                        "`{sign}` takes the rest of a path; a capture in a host is one label: \
                         `{{{name}}}`"
                    );
                    return Err(error(at, what));
                }
                Spot::Rest { name: name.clone(), at_least_one: sign == '+' }
            }
            (Some(sign), Some(regex)) => {
                let what = format!(
                    "a capture of the rest takes no expression: write `{{{sign}{name}}}`, and \
                     check the value in the handler"
                );
                return Err(error(regex.start - 1..regex.end, what));
            }
        };
        self.record(name, at)?;
        self.at = end;
        Ok(spot)
    }

    fn record(&mut self, name: String, at: Range<usize>) -> Result<(), PatternError> {
        let twice = self.captures.iter().any(|capture| capture.name == name);
        if twice && self.place != Place::Template {
            let what = format!("`{name}` is captured twice; give each capture a name of its own");
            return Err(error(at, what));
        }
        if self.captures.len() == MAX_CAPTURES && self.place != Place::Template {
            let what = format!(
                "a pattern has at most {MAX_CAPTURES} captures; take the rest of the path in one: \
                 `{{*rest}}`"
            );
            return Err(error(at, what));
        }
        self.captures.push(Capture { name, at });
        Ok(())
    }

    /// Where the capture that begins here ends, and where its expression stands. Braces in an
    /// expression come in pairs, so that `{n:[0-9]{2}}` is one capture.
    fn extent(&self) -> Option<(usize, Option<Range<usize>>)> {
        let (mut depth, mut escaped, mut regex) = (0_usize, false, None);
        for (place, c) in self.left().char_indices() {
            let at = self.at + place;
            match c {
                '/' => return None,
                _ if escaped => escaped = false,
                '\\' if regex.is_some() => escaped = true,
                '{' => depth += 1,
                '}' if depth > 1 => depth -= 1,
                '}' => return Some((at + 1, regex.map(|start| start..at))),
                ':' if regex.is_none() => regex = Some(at + 1),
                _ => {}
            }
        }
        None
    }

    fn check_regex(
        &self,
        at: &Range<usize>,
        name: &str,
        capture: &Range<usize>,
    ) -> Result<(), PatternError> {
        let regex = &self.text[at.clone()];
        if regex.is_empty() {
            let what = format!(
                "an expression is missing after `:`: write `{{{name}:[0-9]+}}`, or `{{{name}}}` \
                 for any text"
            );
            return Err(error(capture.clone(), what));
        }
        let refuse = |problem: regex_lite::Error| {
            let what =
                format!("`{regex}` is no expression in the syntax of `regex-lite`: {problem}");
            error(at.clone(), what)
        };
        regex_lite::Regex::new(regex).map_err(refuse)?;
        // Anchored it may still be wrong: the comment in `(?x)a # b` swallows what follows.
        let anchored = regex_lite::Regex::new(&format!("^(?:{regex})$")).map_err(refuse)?;
        if anchored.is_match("") {
            let what = format!(
                "`{regex}` matches the empty text, which a capture never is; ask for at least one \
                 character, with `+` instead of `*`"
            );
            return Err(error(at.clone(), what));
        }
        Ok(())
    }
}

/// The segment that these make. A rest never shares one.
fn assemble(
    spots: Vec<(Spot, Range<usize>)>,
    whole: &Range<usize>,
) -> Result<Segment, PatternError> {
    let mut pieces = Vec::with_capacity(spots.len());
    for (spot, at) in spots {
        match spot {
            Spot::Piece(piece) => pieces.push(piece),
            Spot::Rest { name, at_least_one } if at == *whole => {
                return Ok(Segment::Rest { name, at_least_one });
            }
            Spot::Rest { name, .. } => {
                let what = format!(
                    "a capture of the rest is a segment of its own: `/{{*{name}}}`; a capture \
                     beside text is `{{{name}}}`"
                );
                return Err(error(at, what));
            }
        }
    }
    Ok(match <[Piece; 1]>::try_from(pieces) {
        Ok([Piece::Text(text)]) => Segment::Static(text),
        Ok([Piece::Param(name)]) => Segment::Param(name),
        Ok([regex @ Piece::Regex(..)]) => Segment::Mixed(vec![regex]),
        Err(pieces) => Segment::Mixed(pieces),
    })
}

fn check_name(
    name: &str,
    at: &Range<usize>,
    capture: &Range<usize>,
    sign: Option<char>,
) -> Result<(), PatternError> {
    let sign = sign.map_or(String::new(), String::from);
    let trimmed = name.trim();
    if name.is_empty() {
        let example = if sign.is_empty() { "id" } else { "rest" };
        let what = format!("a capture needs a name: `{{{sign}{example}}}`");
        return Err(error(capture.clone(), what));
    }
    if is_name(name) {
        return Ok(());
    }
    let what = match name.chars().last() {
        _ if is_name(trimmed) => {
            format!("a name in braces stands without spaces: write `{{{sign}{trimmed}}}`")
        }
        Some(last @ ('*' | '+')) if is_name(&name[..name.len() - 1]) => {
            let name = &name[..name.len() - 1];
            format!("the `{last}` of a capture stands before its name: write `{{{last}{name}}}`")
        }
        _ => format!(
            "`{name}` is no name: a capture is called like a variable, as in `{{id}}`; the rest of \
             a path is `{{*rest}}`, an expression stands after a colon: `{{id:[0-9]+}}`"
        ),
    };
    Err(error(at.clone(), what))
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
        && text != "_"
}

/// A whole segment in the style of another router, as it is written here.
fn other_style(text: &str) -> Option<String> {
    let named = |name: &str, sign: &str| is_name(name).then(|| format!("{{{sign}{name}}}"));
    if let Some(name) = text.strip_prefix(':') {
        return named(name, "");
    }
    if let Some(name) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
        return named(name, "");
    }
    let name = text.strip_prefix("**").or_else(|| text.strip_prefix('*'))?;
    if name.is_empty() { Some("{*rest}".to_owned()) } else { named(name, "*") }
}

/// Whether these would be read as encoded again, one after the other.
fn is_encoded(decoded: &str, rest: &str) -> bool {
    let text = format!("{decoded}{rest}");
    decoded.match_indices('%').any(|(at, _)| encoded_byte(&text[at..]).is_some())
}

/// The byte that `%` and two hexadecimal digits at the beginning stand for.
fn encoded_byte(text: &str) -> Option<(u8, &str)> {
    let digits = text.strip_prefix('%')?;
    let pair = digits.get(..2).filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((u8::from_str_radix(pair, 16).ok()?, &digits[2..]))
}

#[cfg(test)]
mod tests;
