//! `#[middleware]`: surface, model and expansion.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitInt, Token, Visibility};

use crate::args::{self, Keyed, Options, Slot, Value};
use crate::diag::Diag;
use crate::expand::{
    Takes, at, bare_handle, list, parameters, private_block, slots, spec_of, values,
};
use crate::fallback;
use crate::item::{self, MIDDLEWARE, Other};
use crate::krate::{Krate, private};
use crate::model::{
    Call, Output, Parameter, Prefix, check_call, keep, refuse_method, refuse_primitive,
};

pub(crate) fn middleware(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args: Args = args::parse(args, &mut diag);
    let function = item::parse_function(tokens.clone(), &MIDDLEWARE, &mut diag);
    let attrs = function.as_ref().map_or(&[][..], |function| &function.attrs);
    let other = item::refuse_others(attrs, &MIDDLEWARE, &mut diag);
    let handle = fallback::handle(function.as_ref(), &tokens);
    if let Some(other) = other {
        let mistakes = diag.finish();
        return match other {
            Other::Same => quote!(#tokens #mistakes),
            Other::Different => {
                let tokens = item::without_ours(tokens);
                fallback::middleware(tokens, handle, &Krate::default(), mistakes)
            }
        };
    }
    let (krate, spec) = check_args(args, &mut diag);
    let middleware = function.and_then(|function| check(function, &mut diag));
    let mistakes = diag.finish();
    match middleware {
        // Mistakes in the options alone: what names the middleware stays sound.
        Some(middleware) => {
            let expansion = expand(&krate, &spec, &middleware);
            quote!(#tokens #expansion #mistakes)
        }
        None => fallback::middleware(tokens, handle, &krate, mistakes),
    }
}

// ---- surface -------------------------------------------------------------------------------------

/// What stands in the parentheses.
#[derive(Default)]
struct Args {
    global: Option<Ident>,
    path: Option<Keyed>,
    order: Option<Keyed>,
    krate: Option<Value>,
}

impl Options for Args {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("global", "global"),
        ("path", "path = \"/admin\""),
        ("order", "order = 10"),
        ("crate", "crate = path"),
    ];

    const EXAMPLE: &'static str = "path = \"/admin\"";

    const INSTEAD: &'static [(&'static str, &'static str)] = &[
        ("name", "a middleware is called like its function"),
        ("prefix", "the beginning of paths is written `path = \"/admin\"`"),
        ("priority", "which one is the outer one is written `order = 10`"),
    ];

    fn slot(&mut self, word: &str) -> Slot<'_> {
        let Args { global, path, order, krate } = self;
        match word {
            "global" => Slot::Flag(global),
            "path" => Slot::Keyed(path),
            "order" => Slot::Keyed(order),
            _ => Slot::Value(krate),
        }
    }

    fn of_text(_: &str) -> &'static str {
        "path"
    }
}

// ---- model ---------------------------------------------------------------------------------------

/// What runs around requests.
struct Middleware {
    cfgs: Vec<Attribute>,
    vis: Visibility,
    form: Form,
}

enum Form {
    /// `async fn log(request: Request, next: Next, ..) -> Result<Response>`
    Around(Box<Around>),
    /// `fn cors() -> CorsLayer`
    Layer(Box<Call>),
}

/// A function whose parameters are taken apart.
struct Around {
    /// Without parameters.
    call: Call,
    request: Parameter,
    next: Parameter,
    others: Vec<Parameter>,
}

/// Where it runs and in which order.
struct Spec {
    reach: Reach,
    order: Option<i32>,
}

enum Reach {
    /// Where `with = [..]` names it.
    Named,
    Global,
    Path(Prefix),
}

/// With mistakes in it, the options are what could be saved.
fn check_args(args: Args, diag: &mut Diag) -> (Krate, Spec) {
    let Args { global, path, order, krate } = args;
    if let (Some(_), Some(path)) = (&global, &path) {
        diag.under(
            &path.key,
            "`global` runs a middleware around everything and `path` around what begins so; keep \
             one of them",
        );
    }
    if let (None, None, Some(order)) = (&global, &path, &order) {
        diag.under(
            &order.key,
            "`order` sorts middlewares that run by themselves: add `global` or \
             `path = \"/admin\"`; in `with = [log, auth]` the list is the order",
        );
    }
    let order = order.and_then(|Keyed { value, .. }| check_order(&value, diag));
    let reach = match (global, path) {
        (Some(_), _) => Reach::Global,
        (None, Some(Keyed { value, .. })) => {
            Prefix::check("path", &value, diag).map_or(Reach::Named, Reach::Path)
        }
        (None, None) => Reach::Named,
    };
    let krate = krate.and_then(|value| Krate::check(&value, diag)).unwrap_or_else(Krate::default);
    (krate, Spec { reach, order })
}

/// A whole number, also one with a minus before it.
fn check_order(value: &Value, diag: &mut Diag) -> Option<i32> {
    let number = match value {
        Value::Number(number) => Some(number.clone()),
        Value::Other(other) => syn::parse2::<LitInt>(other.clone()).ok(),
        _ => None,
    };
    let number = number
        .filter(|number| number.suffix().is_empty())
        .and_then(|number| number.base10_parse::<i32>().ok());
    if number.is_none() {
        let (low, high) = (i32::MIN, i32::MAX);
        diag.under(
            value,
            format!("`order` takes a whole number from {low} to {high}: `order = -10`"),
        );
    }
    number
}

fn check(function: item::Function, diag: &mut Diag) -> Option<Middleware> {
    let item::Function { attrs, vis, signature } = function;
    let before = diag.count();
    let way_out = "a middleware stands by itself; move it out of the impl block";
    refuse_method(&signature, way_out, diag);
    let (parens, fn_token) = (signature.paren_token.span.join(), signature.fn_token);
    let call = check_call(signature, "a middleware", diag);
    refuse_primitive(&call.ident, "", diag);
    let form = if diag.count() > before {
        None
    } else if call.is_async {
        check_around(call, parens, diag)
    } else {
        check_layer(call, fn_token, diag)
    };
    let cfgs = keep(&attrs, &["cfg"]);
    (diag.count() == before).then_some(Middleware { cfgs, vis, form: form? })
}

fn check_around(mut call: Call, parens: Span, diag: &mut Diag) -> Option<Form> {
    let mut given = std::mem::take(&mut call.parameters).into_iter();
    let (Some(request), Some(next)) = (given.next(), given.next()) else {
        diag.at(
            parens,
            "a middleware takes the request and what comes after it first: write \
             `(request: Request, next: Next)`",
        );
        return None;
    };
    if let Output::Unit = call.output {
        diag.under(
            &call.ident,
            "a middleware answers: write `-> Result<Response>`, and return `next.run(request).await` \
             to go on",
        );
        return None;
    }
    let others = given.collect();
    Some(Form::Around(Box::new(Around { call, request, next, others })))
}

fn check_layer(call: Call, fn_token: Token![fn], diag: &mut Diag) -> Option<Form> {
    if !call.parameters.is_empty() {
        diag.under(
            fn_token,
            "a middleware with parameters is an `async fn`: add `async`; a plain `fn` without \
             parameters makes a tower layer",
        );
        return None;
    }
    if let Output::Unit = call.output {
        diag.under(
            &call.ident,
            "a middleware is `async fn(request: Request, next: Next) -> Result<Response>`, or a \
             plain `fn` that returns a tower layer; this one returns nothing",
        );
        return None;
    }
    Some(Form::Layer(Box::new(call)))
}

// ---- expansion -----------------------------------------------------------------------------------

/// ```text
/// #[middleware(global)]                  async fn log(..) -> .. { .. }
/// async fn log(                          #[doc(hidden)] struct log {}
///     request: Request,                  const _: () = {
///     next: Next,                            impl BesideAt<0> for log { type Parameter = Res<Users>; }
///     users: Res<Users>,                     impl Middleware for log { .. }
/// ) -> Result<Response> { .. }               impl Around for log { .. }
///                                            inventory::submit! { MiddlewareEntry::of::<log>() }
///                                        };
/// ```
fn expand(krate: &Krate, spec: &Spec, middleware: &Middleware) -> TokenStream {
    let Middleware { cfgs, vis, form } = middleware;
    let ident = match form {
        Form::Around(around) => &around.call.ident,
        Form::Layer(call) => &call.ident,
    };
    let span = at(ident.span());
    let private = private(span);
    let handle = bare_handle(cfgs, vis, ident);
    let (layered, around) = match form {
        Form::Around(around) => {
            (quote_spanned!(span=> #private::around::<#ident>()), Some(expand_around(around)))
        }
        Form::Layer(call) => (expand_layer(call), None),
    };
    let entry = match &spec.reach {
        Reach::Named => None,
        Reach::Global | Reach::Path(_) => Some(quote_spanned! {span=>
            #private::inventory::submit! { #private::MiddlewareEntry::of::<#ident>() }
        }),
    };
    let spec = expand_spec(spec, ident);
    let content = quote_spanned! {span=>
        #[automatically_derived]
        impl #private::Middleware for #ident {
            const SPEC: #private::MiddlewareSpec = #spec;
            fn layered() -> #private::Layered {
                #layered
            }
        }
        #around
        #entry
    };
    let block = private_block(krate, cfgs, span, content);
    quote!(#handle #block)
}

/// ```text
/// #[middleware(path = "/admin", order = -1)]     MiddlewareSpec::new("log", Place::new(..))
/// async fn log(..)                                   .path("/admin").order(-1)
/// ```
fn expand_spec(spec: &Spec, ident: &Ident) -> TokenStream {
    let Spec { reach, order } = spec;
    let span = at(ident.span());
    let mut tokens = spec_of(quote_spanned!(span=> MiddlewareSpec), ident);
    match reach {
        Reach::Named => {}
        Reach::Global => tokens.extend(quote_spanned!(span=> .global())),
        Reach::Path(path) => {
            let (span, path) = (at(path.span()), path.text());
            tokens.extend(quote_spanned!(span=> .path(#path)));
        }
    }
    if let Some(order) = order {
        // A minus is a token of its own.
        let minus = order.is_negative().then(|| quote_spanned!(span=> -));
        let number = Literal::u32_unsuffixed(order.unsigned_abs());
        tokens.extend(quote_spanned!(span=> .order(#minus #number)));
    }
    tokens
}

/// ```text
/// async fn log(            impl Around for log {
///     request: Request,        type Parameters = (Slot<Self, 0>, ());
///     next: Next,              fn run(request: .., next: .., values: ..) -> impl Future<..> + Send {
///     users: Res<Users>,           let (p0, ()) = values;
/// ) -> R { .. }                    let request = <Request as FirstParameter>::of(request);
///                                  let next = <Next as SecondParameter>::of(next);
///                                  async move {
///                                      <R as IntoResult>::into_result(log(request, next, p0).await)
///                                  }
///                              }
///                          }
/// ```
///
/// The two `let`s are located at the types that the user wrote, so that a wrong one is reported there.
fn expand_around(around: &Around) -> TokenStream {
    let Around { call, request, next, others } = around;
    let ident = &call.ident;
    let span = at(ident.span());
    let private = private(span);
    let target = ident.to_token_stream();
    let at_each = parameters(&target, others, 0, Takes::Parts);
    let slots = slots(&quote_spanned!(span=> Self), span, 0..others.len());
    let values = values(span, others.len());
    let pattern = list(span, &values);
    let first = ["request", "next"].map(|name| format_ident!("__manager_{name}", span = span));
    let [request_ident, next_ident] = &first;
    let typed = [(request_ident, request, "FirstParameter"), (next_ident, next, "SecondParameter")];
    let typed = typed.map(|(ident, parameter, rule)| {
        let kind = parameter.kind();
        let span = at(kind.span());
        let private = self::private(span);
        let (value, rule) = (Ident::new(&ident.to_string(), span), Ident::new(rule, span));
        quote_spanned!(span=> let #ident = <#kind as #private::#rule>::of(#value);)
    });
    let called = quote_spanned!(span=> #ident(#request_ident, #next_ident #(, #values)*).await);
    let answered = match &call.output {
        Output::Type(kind) => {
            let span = at(kind.span());
            let private = self::private(span);
            quote_spanned!(span=> <#kind as #private::IntoResult>::into_result)
        }
        Output::Unit | Output::Opaque(_) => {
            quote_spanned!(span=> #private::IntoResult::into_result)
        }
    };
    quote_spanned! {span=>
        #at_each
        #[automatically_derived]
        impl #private::Around for #ident {
            type Parameters = #slots;
            fn run(
                #request_ident: #private::Request,
                #next_ident: #private::Next,
                __manager_values: #private::MiddlewareValues<Self>,
            ) -> impl ::core::future::Future<
                Output = ::core::result::Result<#private::Response, #private::Error>,
            > + ::core::marker::Send {
                let #pattern = __manager_values;
                #(#typed)*
                async move { #answered(#called) }
            }
        }
    }
}

/// ```text
/// #[middleware]                      fn layered() -> Layered {
/// fn cors() -> CorsLayer { .. }          tower_layer(cors())
///                                    }
/// ```
///
/// What is no layer is reported under the type that the user wrote.
fn expand_layer(call: &Call) -> TokenStream {
    let ident = &call.ident;
    let span = match &call.output {
        Output::Type(kind) | Output::Opaque(kind) => at(kind.span()),
        Output::Unit => at(ident.span()),
    };
    let private = private(span);
    quote_spanned!(span=> #private::tower_layer(#ident()))
}
