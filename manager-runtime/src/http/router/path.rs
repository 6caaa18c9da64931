//! A path or a host as the segments that a tree is walked by.

/// A text, and where in it the segments are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segments<'p> {
    pub(super) text: &'p str,
    /// Where the first segment begins. One that begins behind `end` is no more.
    pub(super) start: usize,
    /// Where the last segment ends.
    pub(super) end: usize,
    /// Whether a slash follows the last segment.
    pub(super) slash: bool,
    separator: u8,
    /// Where each segment ends, if a separator in the text need not be one.
    ends: Option<&'p [u16]>,
}

impl<'p> Segments<'p> {
    /// Those of a path without a percent sign. It begins with a slash.
    pub(super) fn of_path(path: &'p str) -> Self {
        let slash = path.len() > 1 && path.ends_with('/');
        // That of the root ends before it begins.
        let end = path.len() - usize::from(slash || path.len() == 1);
        Segments { text: path, start: 1, end, slash, separator: b'/', ends: None }
    }

    /// The labels of a host.
    pub(super) fn of_host(host: &'p str) -> Self {
        let end = host.len();
        Segments { text: host, start: 0, end, slash: false, separator: b'.', ends: None }
    }

    /// Where the segment ends that begins here and is the `depth`th.
    pub(super) fn end_of(&self, start: usize, depth: usize) -> usize {
        if let Some(ends) = self.ends {
            return ends.get(depth).map_or(self.end, |end| usize::from(*end));
        }
        let open = &self.text.as_bytes()[start..self.end];
        open.iter().position(|byte| *byte == self.separator).map_or(self.end, |at| start + at)
    }

    /// Whether one of the segments from here on is empty.
    pub(super) fn is_hollow(&self, start: usize) -> bool {
        // Of a decoded path it is known before.
        self.ends.is_none()
            && start <= self.end
            && self.text.as_bytes()[start..self.end]
                .split(|byte| *byte == self.separator)
                .any(<[u8]>::is_empty)
    }
}

/// A path with everything in it decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    ends: Vec<u16>,
    slash: bool,
    /// Whether a segment is empty, so that nothing matches.
    pub(super) hollow: bool,
}

impl Decoded {
    /// Splits at slashes and decodes what is between them, so that an encoded slash does not separate.
    /// `None` if a percent sign is not followed by two hexadecimal digits, or if what comes out is not
    /// UTF-8. The path begins with a slash and is short enough for the spans of captures.
    pub(super) fn of(path: &str) -> Option<Self> {
        let mut bytes = Vec::with_capacity(path.len());
        let mut ends = Vec::new();
        let mut rest = path.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'/' => {
                    ends.push(bytes.len() as u16);
                    bytes.push(b'/');
                }
                b'%' => bytes.push(hex(rest.next()?)? << 4 | hex(rest.next()?)?),
                byte => bytes.push(byte),
            }
        }
        ends.push(bytes.len() as u16);
        // Before the first slash there is nothing.
        ends.remove(0);
        let starts = || std::iter::once(1).chain(ends.iter().map(|end| end + 1));
        let empty = |(start, end): (u16, &u16)| start == *end;
        let slash = ends.len() > 1 && starts().zip(&ends).last().is_some_and(empty);
        let segments = ends.len() - usize::from(slash);
        let hollow = starts().zip(&ends[..segments]).any(empty);
        ends.truncate(segments);
        // A slash stands for itself in UTF-8: the whole is valid if and only if every segment is.
        Some(Decoded { text: String::from_utf8(bytes).ok()?, ends, slash, hollow })
    }

    pub(super) fn segments(&self) -> Segments<'_> {
        Segments {
            text: &self.text,
            start: 1,
            end: self.text.len() - usize::from(self.slash),
            slash: self.slash,
            separator: b'/',
            ends: Some(&self.ends),
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The segments, with a `/` behind the last one if there is a slash.
    fn list(segments: Segments<'_>) -> Vec<&str> {
        let (mut list, mut start) = (Vec::new(), segments.start);
        while start <= segments.end {
            let end = segments.end_of(start, list.len());
            list.push(&segments.text[start..end]);
            start = end + 1;
        }
        list.extend(segments.slash.then_some("/"));
        list
    }

    #[test]
    fn paths_are_split() {
        let check = |path: &str, expected: &[&str]| {
            let segments = Segments::of_path(path);
            assert_eq!(list(segments), expected, "{path}");
            let decoded = Decoded::of(path).unwrap();
            let hollow = expected.contains(&"");
            assert_eq!(segments.is_hollow(segments.start), hollow, "{path}");
            assert_eq!(decoded.hollow, hollow || path == "/", "{path}");
            if path != "/" {
                assert_eq!(list(decoded.segments()), expected, "{path}, decoded");
            }
        };
        check("/", &[]);
        check("/a", &["a"]);
        check("/a/", &["a", "/"]);
        check("/a/b", &["a", "b"]);
        check("//", &["", "/"]);
        check("///", &["", "", "/"]);
        check("//a", &["", "a"]);
        check("/a//", &["a", "", "/"]);
        check("/a//b", &["a", "", "b"]);
        check("/a/../b", &["a", "..", "b"]);
    }

    #[test]
    fn segments_are_decoded_after_they_are_split() {
        let check = |path: &str, expected: Option<&[&str]>| {
            let decoded = Decoded::of(path);
            assert_eq!(
                decoded.as_ref().map(|path| list(path.segments())).as_deref(),
                expected,
                "{path}"
            );
        };
        check("/%61dd", Some(&["add"]));
        check("/a%2fb", Some(&["a/b"]));
        check("/a%2Fb/c%2F", Some(&["a/b", "c/"]));
        check("/%2F/", Some(&["/", "/"]));
        check("/%2F%2F", Some(&["//"]));
        check("/%C3%a9", Some(&["é"]));
        check("/%25%32%35", Some(&["%25"]));
        check("/é%00", Some(&["é\0"]));
        check("/%", None);
        check("/%4", None);
        check("/%4/1", None);
        check("/%zz", None);
        check("/%+1", None);
        check("/a/b/%ff", None);
        check("/%C3/%A9", None);
        check("/%ed%a0%80", None);
    }
}
