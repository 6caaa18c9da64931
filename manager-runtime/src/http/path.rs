//! The path of a request, as segments.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The only segment of a path, decoded, if it has one and no more: where a handler could be.
pub(crate) fn one_segment(path: &str) -> Option<Cow<'_, str>> {
    let segment = path.strip_prefix('/').filter(|rest| !rest.is_empty() && !rest.contains('/'))?;
    decode(segment)
}

/// One path as seen from another (RFC 3986, section 4.2): right also where both lie below a prefix that
/// somebody took off before the request came here.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let up = from.bytes().filter(|byte| *byte == b'/').count().saturating_sub(1);
    let to = to.strip_prefix('/').unwrap_or(to);
    // Without a dot in front, a first segment with a colon would be a scheme, and nothing would be no
    // place at all.
    let here = if up == 0 { "./" } else { "" };
    format!("{here}{}{to}", "../".repeat(up))
}

/// A segment, decoded. `None` if a percent sign is not followed by two hexadecimal digits, or if what comes
/// out is not UTF-8.
pub(crate) fn decode(segment: &str) -> Option<Cow<'_, str>> {
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
    fn a_path_is_seen_from_another() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(relative(from, to), expected, "{to} from {from}");
        };
        check("/users", "/users/", "./users/");
        check("/users/", "/users", "../users");
        check("/a/b", "/a/b/", "../a/b/");
        check("/a/b/", "/c", "../../c");
        check("/a", "/b:c", "./b:c");
        check("/a", "/", "./");
    }

    #[test]
    fn one_segment_is_where_a_handler_could_be() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(one_segment(path).as_deref(), expected, "{path}");
        };
        check("/add", Some("add"));
        check("/%61dd", Some("add"));
        check("/a%2fb", Some("a/b"));
        check("/", None);
        check("//add", None);
        check("/add/", None);
        check("*", None);
        check("/%zz", None);
        check("/%ff", None);
    }
}
