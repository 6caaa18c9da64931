//! What a handler says of HTTP: patterns as constants, and the check of its parameters.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

use super::{at, index};
use crate::krate::private;
use crate::model::pattern::parse::{Piece, Segment, Slash};
use crate::model::{Deprecation, Host, Http, Moved, Parameter, Pattern, Rate, Route};

/// ```text
/// #[handler(get = "/users/{id}",    .routes(&[Route::new("GET", Pattern::new(
///                                       "/users/{id}",
///                                       &[Segment::Static("users"), Segment::Param("id")],
///                                   ))])
///     host = "api.example.com",     .hosts(&[Host::new("api.example.com", &[..])])
///     private,                      .private()
///     with = [log],                 .with(&[with::<log>])
///     deprecated = "use /v2",       .deprecated(Deprecation::new("use /v2"))
///     moved = "/v2/{id}",           .moved(Moved::new("/v2/{id}", &[Piece::Text("/v2/"), ..]))
///     gone)]                        .gone()
/// ```
pub(super) fn options(http: &Http, span: Span) -> TokenStream {
    let Http { routes, hosts, private: is_private, with, deprecated, moved, gone, captures: _ } =
        http;
    let mut tokens = TokenStream::new();
    let mut list = |method: TokenStream, values: Vec<TokenStream>| {
        if !values.is_empty() {
            tokens.extend(quote_spanned!(span=> .#method(&[#(#values),*])));
        }
    };
    list(quote_spanned!(span=> routes), routes.iter().map(route).collect());
    list(quote_spanned!(span=> hosts), hosts.iter().map(host).collect());
    let layered = |path: &syn::Path| {
        let span = at(path.span());
        let private = private(span);
        quote_spanned!(span=> #private::with::<#path>)
    };
    list(quote_spanned!(span=> with), with.iter().map(layered).collect());
    if *is_private {
        tokens.extend(quote_spanned!(span=> .private()));
    }
    tokens.extend(deprecated.as_ref().map(deprecation));
    tokens.extend(moved.as_ref().map(self::moved));
    if *gone {
        tokens.extend(quote_spanned!(span=> .gone()));
    }
    tokens
}

/// `.keys(&["admin"])`, `.peers(&["shop"])`, `.rate(Rate::new(100, 1).burst(20))`
pub(super) fn access(
    keys: &[String],
    peers: &[String],
    rate: Option<&Rate>,
    span: Span,
) -> TokenStream {
    let mut tokens = TokenStream::new();
    if !peers.is_empty() {
        tokens.extend(quote_spanned!(span=> .peers(&[#(#peers),*])));
    }
    if !keys.is_empty() {
        tokens.extend(quote_spanned!(span=> .keys(&[#(#keys),*])));
    }
    if let Some(rate) = rate {
        let private = private(span);
        let number = Literal::u32_unsuffixed;
        let (count, window) = (number(rate.count()), number(rate.window()));
        let burst = rate.burst().map(number);
        let burst = burst.map(|burst| quote_spanned!(span=> .burst(#burst)));
        tokens.extend(quote_spanned!(span=> .rate(#private::Rate::new(#count, #window) #burst)));
    }
    tokens
}

fn route(route: &Route) -> TokenStream {
    let span = at(route.pattern().span());
    let private = private(span);
    let (method, pattern) = (route.method(), pattern(route.pattern()));
    quote_spanned!(span=> #private::Route::new(#method, #pattern))
}

/// ```text
/// "/files/ ?*"     Pattern::new("/files/ ?*", &[Segment::Static("files")])
///                      .ends_with_slash().slash(Slash::Lenient).subtree()
/// ```
fn pattern(pattern: &Pattern) -> TokenStream {
    let span = at(pattern.span());
    let private = private(span);
    let text = pattern.text();
    let segments = segments(pattern.segments(), span);
    let ends = pattern.ends_with_slash().then(|| quote_spanned!(span=> .ends_with_slash()));
    let slash = match pattern.slash() {
        Slash::Redirect => None,
        Slash::Strict => Some(quote_spanned!(span=> .slash(#private::Slash::Strict))),
        Slash::Lenient => Some(quote_spanned!(span=> .slash(#private::Slash::Lenient))),
    };
    let subtree = pattern.subtree().then(|| quote_spanned!(span=> .subtree()));
    quote_spanned!(span=> #private::Pattern::new(#text, #segments) #ends #slash #subtree)
}

fn host(host: &Host) -> TokenStream {
    let span = at(host.span());
    let private = private(span);
    let (text, labels) = (host.text(), segments(host.labels(), span));
    quote_spanned!(span=> #private::Host::new(#text, #labels))
}

fn segments(segments: &[Segment], span: Span) -> TokenStream {
    let private = private(span);
    let each = segments.iter().map(|segment| match segment {
        Segment::Static(text) => quote_spanned!(span=> #private::Segment::Static(#text)),
        Segment::Param(name) => quote_spanned!(span=> #private::Segment::Param(#name)),
        Segment::Mixed(mixed) => {
            let pieces = pieces(mixed, span);
            quote_spanned!(span=> #private::Segment::Mixed(#pieces))
        }
        Segment::Rest { name, at_least_one } => quote_spanned! {span=>
            #private::Segment::Rest { name: #name, at_least_one: #at_least_one }
        },
    });
    quote_spanned!(span=> &[#(#each),*])
}

fn pieces(pieces: &[Piece], span: Span) -> TokenStream {
    let private = private(span);
    let each = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => quote_spanned!(span=> #private::Piece::Text(#text)),
        Piece::Param(name) => quote_spanned!(span=> #private::Piece::Param(#name)),
        Piece::Regex(name, regex) => quote_spanned!(span=> #private::Piece::Regex(#name, #regex)),
    });
    quote_spanned!(span=> &[#(#each),*])
}

fn deprecation(deprecation: &Deprecation) -> TokenStream {
    let span = at(deprecation.span());
    let private = private(span);
    let text = deprecation.text();
    let mut tokens = quote_spanned!(span=> #private::Deprecation::new(#text));
    for (word, day) in [("since", deprecation.since()), ("until", deprecation.sunset())] {
        if let Some(day) = day {
            let (word, day) = (Ident::new(word, span), Literal::u64_unsuffixed(day));
            tokens.extend(quote_spanned!(span=> .#word(#day)));
        }
    }
    quote_spanned!(span=> .deprecated(#tokens))
}

fn moved(moved: &Moved) -> TokenStream {
    let span = at(moved.span());
    let private = private(span);
    let (text, pieces) = (moved.text(), pieces(moved.pieces(), span));
    quote_spanned!(span=> .moved(#private::Moved::new(#text, #pieces)))
}

/// Under the type of each parameter a constant that cannot be evaluated if it takes another number
/// of captures than the patterns have:
///
/// ```text
/// #[handler(get = "/{a}/{b}")]        const _: () = {
/// async fn sum(                           use AnyCaptures as _;
///     Path((a, b)): Path<(u8, u8)>,       captures_fit(<CapturesOf<Path<(u8, u8)>>>::COUNT, &[2])
/// )                                   };
/// ```
///
/// Whether a type takes captures is known to the compiler alone, so it is asked about each of them.
pub(super) fn captures_fit(http: &Http, parameters: &[Parameter]) -> TokenStream {
    if http.captures.is_empty() {
        return TokenStream::new();
    }
    let each = parameters.iter().map(|parameter| {
        let kind = parameter.kind();
        let span = at(kind.span());
        let private = private(span);
        let counts = http.captures.iter().map(|count| index(*count, span));
        let kind = kind.to_token_stream();
        quote_spanned! {span=>
            #[allow(unused_imports)]
            const _: () = {
                use #private::AnyCaptures as _;
                #private::captures_fit(<#private::CapturesOf<#kind>>::COUNT, &[#(#counts),*])
            };
        }
    });
    each.collect()
}
