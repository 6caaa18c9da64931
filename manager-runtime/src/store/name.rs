//! From the name of a file to what it is called in the directory, and back.

use std::fmt::Write as _;

use super::digest::Digest;
use crate::error::{Error, Result};

/// The longest name, in bytes.
pub(super) const LONGEST: usize = 1024;

/// The longest that is written in full; file systems end at 255, and metadata has an ending of its own.
const LONGEST_IN_FULL: usize = 240;

/// How much of a longer one stands before its digest, so that people see what it is.
const BEGIN: usize = 100;

/// What stands between the begin and the digest; no encoding makes it.
const CUT: &str = "%~";

/// Refuses what is no name of a file (the ruling on names: no separators, no NUL, no steps).
///
/// # Errors
///
/// `BadRequest`.
pub(super) fn check(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::bad_request("a file needs a name"));
    }
    if name.len() > LONGEST {
        return Err(Error::bad_request(format!(
            "the name of the file is too long: {} bytes, and {LONGEST} are allowed",
            name.len()
        )));
    }
    if matches!(name, "." | "..") || name.contains(['/', '\\', '\0']) {
        return Err(Error::bad_request(
            "the name of the file cannot be `.` or `..`, and has no `/`, `\\` or NUL in it",
        ));
    }
    Ok(())
}

/// How names are written in one directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    /// Whether the file system tells apart whatever has other bytes.
    pub(super) exact: bool,
}

/// What an entry of the directory is called by.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Name(String),
    /// The name is in the metadata.
    Cut,
}

impl Encoding {
    /// What a name is called in the directory.
    pub(super) fn encode(self, name: &str) -> String {
        let mut written = String::with_capacity(name.len());
        let last = name.char_indices().next_back().map_or(0, |(at, _)| at);
        let device = is_device(name);
        for (at, one) in name.char_indices() {
            let is_edge =
                at == 0 && (one == '.' || device) || at == last && matches!(one, '.' | ' ');
            if is_edge || !self.is_plain(one) {
                escape(one, &mut written);
            } else {
                written.push(one);
            }
        }
        if written.len() <= LONGEST_IN_FULL {
            return written;
        }
        let mut end = BEGIN;
        // Neither within a character nor within an escape.
        while !written.is_char_boundary(end) {
            end -= 1;
        }
        if let Some(sign) = written[..end].rfind('%').filter(|sign| end - sign < 3) {
            end = sign;
        }
        written.truncate(end);
        written.push_str(CUT);
        let _ = write!(written, "{}", Digest::of(name.as_bytes()));
        written
    }

    /// The name of what is called so; `None` if the store would write no name like that.
    pub(super) fn decode(self, written: &str) -> Option<Decoded> {
        if written.starts_with('.') {
            return None;
        }
        if let Some((_, digest)) = written.split_once(CUT) {
            return digest.parse::<Digest>().ok().map(|_| Decoded::Cut);
        }
        let name = percent_encoding::percent_decode_str(written).decode_utf8().ok()?;
        let is_ours = check(&name).is_ok() && self.encode(&name) == written;
        is_ours.then(|| Decoded::Name(name.into_owned()))
    }

    fn is_plain(self, one: char) -> bool {
        match one {
            '"' | '%' | '*' | '/' | ':' | '<' | '>' | '?' | '\\' | '|' => false,
            one if one.is_control() => false,
            '~' | 'A'..='Z' => self.exact,
            one => one.is_ascii() || self.exact,
        }
    }
}

fn escape(one: char, written: &mut String) {
    let mut bytes = [0; 4];
    for byte in one.encode_utf8(&mut bytes).bytes() {
        let _ = write!(written, "%{byte:02X}");
    }
}

/// Whether Windows takes it for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    if ["con", "prn", "aux", "nul", "conin$", "conout$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
    {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else { return false };
    let mut number = number.chars();
    (port.eq_ignore_ascii_case("com") || port.eq_ignore_ascii_case("lpt"))
        && matches!((number.next(), number.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: Encoding = Encoding { exact: true };
    const FOLDS: Encoding = Encoding { exact: false };

    #[test]
    fn names_are_written_and_read_back() {
        let check = |name: &str, exact: &str, folds: &str| {
            for (encoding, written) in [(EXACT, exact), (FOLDS, folds)] {
                assert_eq!(encoding.encode(name), written);
                assert_eq!(encoding.decode(written), Some(Decoded::Name(name.to_owned())));
            }
        };
        check("a.txt", "a.txt", "a.txt");
        check("README.md", "README.md", "%52%45%41%44%4D%45.md");
        check("a b", "a b", "a b");
        check(" a ", " a%20", " a%20");
        check("a.", "a%2E", "a%2E");
        check("...", "%2E.%2E", "%2E.%2E");
        check(".env", "%2Eenv", "%2Eenv");
        check(".manager", "%2Emanager", "%2Emanager");
        check("100%", "100%25", "100%25");
        check("%2e%2e", "%252e%252e", "%252e%252e");
        check("%~", "%25~", "%25%7E");
        check("a\nb\u{7f}", "a%0Ab%7F", "a%0Ab%7F");
        check("C:x", "C%3Ax", "%43%3Ax");
        check("what?*|<>\"", "what%3F%2A%7C%3C%3E%22", "what%3F%2A%7C%3C%3E%22");
        check("progra~1", "progra~1", "progra%7E1");
        // One character or two, and they stay two names.
        check("\u{e9}", "\u{e9}", "%C3%A9");
        check("e\u{301}", "e\u{301}", "e%CC%81");
        check("nul", "%6Eul", "%6Eul");
        check("aux.h", "%61ux.h", "%61ux.h");
        check("com1 .txt", "%63om1 .txt", "%63om1 .txt");
        check("lpt\u{b9}", "%6Cpt\u{b9}", "%6Cpt%C2%B9");
        check("com10", "com10", "com10");
        check("nullable", "nullable", "nullable");
    }

    #[test]
    fn what_nobody_writes_so_is_no_name() {
        for written in
            [".hidden", "..", "a%2e", "a%2", "a%2Fb", "a%00", "%61", "100%", "%2E%2E", "a ", "nul"]
        {
            assert_eq!(EXACT.decode(written), None, "{written}");
        }
        assert_eq!(FOLDS.decode("A"), None);
    }

    #[test]
    fn long_names_are_cut_and_differ() {
        for (encoding, begin) in [(EXACT, "é".repeat(50)), (FOLDS, "%C3%A9".repeat(16) + "%C3")] {
            let one = encoding.encode(&"é".repeat(500));
            let other = encoding.encode(&"é".repeat(501));
            assert_ne!(one, other);
            assert!(one.starts_with(&format!("{begin}%~")), "{one}");
            assert_eq!(one.len(), begin.len() + 2 + 64);
            assert_eq!(encoding.decode(&one), Some(Decoded::Cut));
        }
        assert_eq!(EXACT.encode(&"a".repeat(240)).len(), 240);
        assert_eq!(EXACT.decode("a%~b"), None);
        // Not within an escape, wherever it stands.
        for before in 0..6 {
            let name = format!("{}{}", "a".repeat(before), "%".repeat(300));
            let written = EXACT.encode(&name);
            let (begin, _) = written.split_once(CUT).unwrap();
            assert!(begin.trim_start_matches('a').len().is_multiple_of(3), "{written}");
        }
    }

    #[test]
    fn no_name_leads_anywhere() {
        for name in ["", ".", "..", "/", "a/b", "../a", "..\\a", "\\", "a\0", "\0"] {
            assert!(check(name).is_err(), "{name:?}");
        }
        assert!(check(&"a".repeat(LONGEST)).is_ok());
        assert!(check(&"a".repeat(LONGEST + 1)).is_err());
        for name in ["...", "..a", "a..", "~", "-rf", "C:", "%2e%2e%2f", "．．", "a\u{202e}b"] {
            assert!(check(name).is_ok(), "{name}");
        }
    }
}
