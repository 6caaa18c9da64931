//! Why a value does not fit, in words that a client may read.
//!
//! Whatever stands in a request may stand in such a text, so all of it is quoted, cut, and free of control
//! characters: it goes into logs and pages.

use std::fmt::{self, Display, Write};

use serde::de::{self, Expected, Unexpected};

/// How much of a value is shown, in characters.
const VALUE: usize = 64;

/// How much is said of one misfit, in characters. What others write about a value is not cut by [`quote`].
const TEXT: usize = 400;

/// Why a value does not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    text: String,
    /// The type can never fit what it is read of, whatever a client sends.
    pub(super) is_ours: bool,
}

impl Misfit {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Misfit { text: text.into(), is_ours: false }
    }

    pub(super) fn ours(text: impl Into<String>) -> Self {
        Misfit { text: text.into(), is_ours: true }
    }

    /// A text that is not what the type asks for.
    pub(super) fn expected(what: impl Display, found: &str) -> Self {
        Misfit::new(format!("expected {what}, found {}", quote(found)))
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: Display>(text: T) -> Self {
        Misfit::new(shown(&text.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Misfit::new(format!("expected {}, found {}", shown(&expected.to_string()), describe(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Misfit::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Misfit::new(format!("{} is none of {}", quote(variant), list(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Misfit::new(format!(
            "there is no field {}; the fields are {}",
            quote(field),
            list(expected)
        ))
    }

    fn missing_field(field: &'static str) -> Self {
        Misfit::new(format!("`{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Misfit::new(format!("`{field}` is given twice"))
    }
}

/// An unexpected value, with a text of it cut.
fn describe(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(text) => quote(text),
        other => shown(&other.to_string()),
    }
}

fn list(names: &[&str]) -> String {
    match names {
        [] => "none at all".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// A text of a client, in quotation marks, escaped and cut.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars().take(VALUE) {
        match character {
            '\'' => quoted.push('\''),
            other => quoted.extend(other.escape_debug()),
        }
    }
    if text.chars().nth(VALUE).is_some() {
        quoted.push('…');
    }
    quoted.push('"');
    quoted
}

/// A text in which a client's own may stand, cut and without what a line or a page could trip over. Quotes
/// stay as they are: whoever wrote the text has escaped what is between them.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(TEXT));
    for (number, character) in text.chars().enumerate() {
        if number == TEXT {
            shown.push('…');
            break;
        }
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            other => {
                // Writing into a `String` cannot fail.
                let _ = write!(shown, "{}", other.escape_debug());
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_wrote_is_quoted_escaped_and_cut() {
        let check = |text: &str, expected: &str| assert_eq!(quote(text), expected);
        check("", r#""""#);
        check("it's", r#""it's""#);
        check("a\"b\\c\r\nd", r#""a\"b\\c\r\nd""#);
        check("\u{202e}\u{7f}\0", r#""\u{202e}\u{7f}\0""#);
        check(&"ä".repeat(65), &format!("\"{}…\"", "ä".repeat(64)));
        check(&"ä".repeat(64), &format!("\"{}\"", "ä".repeat(64)));
    }

    #[test]
    fn what_others_wrote_keeps_its_quotes_and_loses_its_line_ends() {
        assert_eq!(shown("unknown `a\nb`, \"c\\n\""), "unknown `a\\nb`, \"c\\n\"");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), TEXT + 1);
    }
}
