//! The path of a request, as segments.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The only segment of a path, decoded, if it has one and no more: where a handler could be.
pub(crate) fn one_segment(path: &str) -> Option<Cow<'_, str>> {
    let segment = path.strip_prefix('/').filter(|rest| !rest.is_empty() && !rest.contains('/'))?;
    decode(segment)
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
