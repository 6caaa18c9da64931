//! Whole segments that paths begin with, as middleware, catchers and `manager!` have them.

use proc_macro2::Span;
use syn::LitStr;

use super::pattern;
use crate::args::Value;
use crate::diag::Diag;

/// Whole segments that paths begin with.
pub(crate) struct Prefix {
    text: String,
    span: Span,
}

impl Prefix {
    /// Checks the value of the option `word`.
    pub(crate) fn check(word: &str, value: &Value, diag: &mut Diag) -> Option<Self> {
        let Value::Text(literal) = value else {
            let rule = "takes the beginning of paths as text";
            diag.under(value, format!("`{word}` {rule}: `{word} = \"/admin\"`"));
            return None;
        };
        Prefix::read(literal, diag)
    }

    pub(crate) fn read(literal: &LitStr, diag: &mut Diag) -> Option<Self> {
        let text = pattern::read(literal, pattern::parse::parse_prefix, diag)?;
        Some(Prefix { text, span: literal.span() })
    }

    /// Decoded.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }
}
