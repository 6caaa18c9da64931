//! The path of a request, as segments.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What a path is, before anybody looks for a handler.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Path<'a> {
    /// One segment, decoded.
    One(Cow<'a, str>),
    /// None, several, or an empty one: nothing here has such a path yet.
    Other,
    /// A bad percent sign, or bytes that are not UTF-8.
    Malformed,
}

/// Splits at `/` first and decodes each segment after that, so that an encoded slash stays part of its
/// segment. Nothing is collapsed and no dot segment is resolved.
pub(crate) fn parse(path: &str) -> Path<'_> {
    let Some(rest) = path.strip_prefix('/') else { return Path::Other };
    let mut segments = rest.split('/').map(decode);
    let (Some(first), second) = (segments.next(), segments.next()) else { return Path::Other };
    let Some(segment) = first else { return Path::Malformed };
    match second {
        None if !segment.is_empty() => Path::One(segment),
        Some(None) => Path::Malformed,
        _ if segments.any(|segment| segment.is_none()) => Path::Malformed,
        _ => Path::Other,
    }
}

fn decode(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    let bytes = segment.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut signs = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    if !signs.all(|(at, _)| is_hex(at + 1) && is_hex(at + 2)) {
        return None;
    }
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_and_then_decoded() {
        let one = |segment: &'static str| Path::One(Cow::Borrowed(segment));
        let check = |path: &str, expected: Path<'_>| assert_eq!(parse(path), expected, "{path}");
        check("/add", one("add"));
        check("/%61dd", one("add"));
        check("/a%2fb", one("a/b"));
        check("/a%2Fb", one("a/b"));
        check("/", Path::Other);
        check("//add", Path::Other);
        check("/add/", Path::Other);
        check("/a/b", Path::Other);
        check("/a/../b", Path::Other);
        check("*", Path::Other);
        check("/%", Path::Malformed);
        check("/%4", Path::Malformed);
        check("/%zz", Path::Malformed);
        check("/a/b/%ff", Path::Malformed);
        check("/%ff", Path::Malformed);
    }
}
