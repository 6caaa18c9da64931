//! Collects mistakes, so that all of them are reported together.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far. Whoever makes one has to read it with [`finish`](Diag::finish).
pub(crate) struct Diag {
    /// `None` once it was read.
    mistakes: Option<Vec<syn::Error>>,
}

/// All mistakes of one macro call, in the order in which they were found.
pub(crate) struct Mistakes(Vec<syn::Error>);

impl Diag {
    pub(crate) fn new() -> Self {
        Diag { mistakes: Some(Vec::new()) }
    }

    /// A mistake under these tokens, from the first to the last.
    pub(crate) fn under(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at a place that has no tokens of its own.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// A mistake in the words of the parser.
    pub(crate) fn push(&mut self, error: syn::Error) {
        if let Some(mistakes) = &mut self.mistakes {
            mistakes.push(error);
        }
    }

    /// How many there are, to find out later whether something added one.
    pub(crate) fn count(&self) -> usize {
        self.mistakes.as_ref().map_or(0, Vec::len)
    }

    pub(crate) fn finish(mut self) -> Mistakes {
        Mistakes(self.mistakes.take().unwrap_or_default())
    }
}

impl Drop for Diag {
    fn drop(&mut self) {
        // A panic on top of a panic would abort and hide the first one.
        if self.mistakes.is_some() && !std::thread::panicking() {
            panic!("mistakes were collected and nobody read them");
        }
    }
}

impl Mistakes {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ToTokens for Mistakes {
    /// One `::core::compile_error!` for each, at its own place.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for mistake in &self.0 {
            tokens.extend(mistake.to_compile_error());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "nobody read them")]
    fn an_unread_collector_panics() {
        let _ = Diag::new();
    }

    #[test]
    fn a_panic_is_not_hidden_by_an_unread_collector() {
        let caught = std::panic::catch_unwind(|| {
            let _diag = Diag::new();
            panic!("the first one");
        });
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"the first one"));
    }
}
