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

/// How wide it is on a terminal.
fn columns(text: &str) -> usize {
    text.chars().map(|c| visible(c).chars().map(width).sum::<usize>()).sum()
}

/// The columns that a character takes: the writing of East Asia and pictures take two, marks that are
/// put upon the character before them take none.
fn width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff01}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
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
        check("/日本}", 7..8, "  /日本}\n       ^");
        check("/日本", 1..7, "  /日本\n   ^^^^");
        check("/a\u{301}}", 4..5, "  /a\u{301}}\n    ^");
        assert_eq!(show("nothing", "", &(0..0)), "nothing");
    }
}
