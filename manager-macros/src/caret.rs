//! Mistakes inside of a text: the text once more, and carets under the wrong place.
//!
//! The compiler can underline a whole literal only. So the place stands in the message:
//!
//! ```text
//! `}` closes nothing: a literal brace is doubled ..
//!   /users/id}
//!            ^
//! ```

use std::ops::Range;

/// The message with the text below it, and carets below these bytes of the text, at least one. Of an
/// empty text there is nothing to show.
pub(crate) fn show(what: &str, text: &str, at: &Range<usize>) -> String {
    if text.is_empty() {
        return what.to_owned();
    }
    let before = columns(text.get(..at.start).unwrap_or(text));
    let marked = columns(text.get(at.clone()).unwrap_or_default()).max(1);
    let shown: String = text.chars().map(visible).collect();
    format!("{what}\n  {shown}\n  {}{}", " ".repeat(before), "^".repeat(marked))
}

/// A character as it can be shown in one line.
fn visible(c: char) -> String {
    if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
}

/// How wide it is, counted in characters.
fn columns(text: &str) -> usize {
    text.chars().map(|c| visible(c).chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_characters_not_under_bytes() {
        let check = |text: &str, at, expected: &str| {
            assert_eq!(show("wrong", text, &at), format!("wrong\n{expected}"));
        };
        check("/a}", 2..3, "  /a}\n    ^");
        check("/größe}", 8..9, "  /größe}\n        ^");
        check("/größe", 3..7, "  /größe\n     ^^");
        check("/a", 2..2, "  /a\n    ^");
        check("/a\nb}", 4..5, "  /a\\nb}\n       ^");
        assert_eq!(show("nothing", "", &(0..0)), "nothing");
    }
}
