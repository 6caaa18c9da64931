//! Where generated code finds the runtime: `::manager_runtime`, or what `crate = path` says.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use crate::args::Value;
use crate::diag::Diag;
use crate::expand::at;

/// The path of the runtime.
pub(crate) struct Krate {
    /// `None` stands for the default.
    path: Option<Path>,
}

const RULE: &str = "`crate` takes the path of the runtime: `crate = my::runtime` or \
                    `crate = \"my::runtime\"`";

impl Krate {
    pub(crate) fn default() -> Self {
        Krate { path: None }
    }

    /// Checks the value of the option `crate`.
    pub(crate) fn check(value: &Value, diag: &mut Diag) -> Option<Self> {
        let path = match value {
            Value::Path(path) => Some(path.clone()),
            Value::Text(text) => text.parse_with(Path::parse_mod_style).ok(),
            _ => None,
        };
        if path.is_none() {
            diag.under(value, RULE);
        }
        path.map(|path| Krate { path: Some(path) })
    }

    /// Gives the hidden module its name for the block that this stands in. It is the one place
    /// where the path is written, so that a path that leads nowhere is reported once, where it is.
    pub(crate) fn import(&self) -> TokenStream {
        let span = at(self.path.as_ref().map_or_else(Span::call_site, Spanned::span));
        let (path, private) = (self.path(span), private(span));
        quote_spanned!(span=> use #path as #private;)
    }

    /// The path of the hidden module for what stands outside of any block, located at `span`.
    pub(crate) fn path(&self, span: Span) -> TokenStream {
        let krate = match &self.path {
            // Located there, but resolved where the user wrote it.
            Some(path) => locate(path.to_token_stream(), span),
            None => quote_spanned!(span=> ::manager_runtime),
        };
        quote_spanned!(span=> #krate::__private)
    }

    /// The path of the runtime's own `serde`, as the attribute `#[serde(crate = "..")]` takes it.
    pub(crate) fn serde(&self) -> String {
        let krate = match &self.path {
            Some(path) => path.to_token_stream().to_string().replace(' ', ""),
            None => "::manager_runtime".to_owned(),
        };
        format!("{krate}::__private::serde")
    }
}

fn locate(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token: TokenTree| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}

/// The hidden module that generated code names, as [`Krate::import`] has called it.
pub(crate) fn private(span: Span) -> Ident {
    Ident::new("__manager_private", span)
}
