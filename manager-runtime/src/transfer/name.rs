//! The names of files as clients may send them.

use crate::error::{Error, Result};

/// A name is one segment of a path and stays one wherever it goes: it cannot lead out of a directory, and
/// it has an end where others see one.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let why = match name {
        "" => "it is empty",
        "." | ".." => "it stands for a directory",
        name if name.contains(['/', '\\']) => "it has a slash in it",
        name if name.contains('\0') => "it has a NUL in it",
        _ => return Ok(()),
    };
    Err(Error::bad_request(format!("this cannot be the name of a file: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_name_is_one_segment() {
        for good in ["a", "a.txt", "...", "..a", "a..", ".a", "ä ö", "a%2fb", "a:b", " ", "-rf"] {
            assert!(check_name(good).is_ok(), "{good:?}");
        }
        for bad in ["", ".", "..", "/", "a/b", "../a", "a\\b", "\\", "..\\a", "a\0", "\0"] {
            assert_eq!(check_name(bad).unwrap_err().kind(), Kind::BadRequest, "{bad:?}");
        }
    }
}
