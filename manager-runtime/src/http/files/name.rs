//! From the path of a request to names below a directory.

use std::path::{Component, Path, PathBuf};

use crate::http::path::decode;

/// What a path asks for below a directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// Names one below the other; none for the directory itself.
    pub(super) path: PathBuf,
    /// Whether a directory was asked for.
    pub(super) slash: bool,
}

/// The names in a path after its first `skipped` segments. `None` if there could be no such file: what is
/// compared with the names in the directory is each segment for itself, after it was decoded, so a slash that
/// was encoded is part of a name, and no name has one.
pub(super) fn names(path: &str, skipped: usize) -> Option<Names> {
    let mut segments: Vec<&str> = path.strip_prefix('/')?.split('/').skip(skipped).collect();
    let slash = match segments[..] {
        // The directory itself, without the slash at its end; the root of all has one in any case.
        [] => false,
        [.., ""] => {
            segments.pop();
            true
        }
        _ => false,
    };
    let mut path = PathBuf::new();
    for segment in segments {
        path.push(name(&decode(segment)?)?);
    }
    Some(Names { path, slash })
}

/// A name that leads down by one and to nothing that is hidden.
fn name(text: &str) -> Option<&str> {
    let is_drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    // To Windows these are other ways to write a name, or a device.
    let is_odd_there = cfg!(windows)
        && (text.contains([':', '<', '>', '"', '|', '?', '*', '~']) || text.ends_with([' ', '.']));
    if text.is_empty()
        || text.starts_with('.')
        || text.contains(['/', '\\', '\0'])
        || is_drive
        || is_odd_there
    {
        return None;
    }
    // Whatever else the system sees in it has to be a name as well, and nothing but that.
    let mut components = Path::new(text).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) if name == text => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_down_and_nowhere_else() {
        let check = |path: &str, expected: Option<(&str, bool)>| {
            let names = names(path, 1);
            let expected = expected.map(|(path, slash)| Names { path: PathBuf::from(path), slash });
            assert_eq!(names, expected, "{path}");
        };
        check("/a", Some(("", false)));
        check("/a/", Some(("", true)));
        check("/a/x.js", Some(("x.js", false)));
        check("/a/b/", Some(("b", true)));
        check("/a/b/x.js", Some(("b/x.js", false)));
        check("/a/%78.js", Some(("x.js", false)));
        check("/a/x%20y", Some(("x y", false)));
        check("/a/%C3%A9", Some(("é", false)));
        check("/a/x%252e", Some(("x%2e", false)));
        check("/a/x..y", Some(("x..y", false)));
        for nothing in [
            "/a/..",
            "/a/../x",
            "/a/b/../../x",
            "/a/%2e%2e/x",
            "/a/%2E./x",
            "/a/.",
            "/a/./x",
            "/a//x",
            "/a//",
            "/a/x//",
            "/a/b%2fx",
            "/a/..%2fx",
            "/a/%2Fetc%2Fpasswd",
            "/a/b%5cx",
            "/a/..%5c..%5cx",
            "/a/b\\x",
            "/a/x%00.js",
            "/a/%00",
            "/a/C:",
            "/a/c:/x",
            "/a/C:%5Cx",
            "/a/c%3a/x",
            "/a/.env",
            "/a/.git/config",
            "/a/b/.hidden",
            "/a/%2egit/config",
            "/a/%ff",
        ] {
            check(nothing, None);
        }
    }

    #[test]
    fn the_root_of_all_is_a_directory_in_any_case() {
        assert_eq!(names("/", 0), Some(Names { path: PathBuf::new(), slash: true }));
        assert_eq!(names("/x", 0), Some(Names { path: "x".into(), slash: false }));
        assert_eq!(names("*", 0), None);
    }
}
