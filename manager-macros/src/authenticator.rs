//! `#[authenticator]`: surface, model and expansion.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Type, Visibility};

use crate::args::{self, Options, Slot, Value};
use crate::diag::Diag;
use crate::expand::{
    Takes, at, awaited, bare_handle, list, parameters, private_block, slots, spec_of, values,
};
use crate::item::{self, AUTHENTICATOR, Other};
use crate::krate::{Krate, private};
use crate::model::{Call, Output, check_call, keep, refuse_method};
use crate::units::Millis;

pub(crate) fn authenticator(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args: Args = args::parse(args, &mut diag);
    let function = item::parse_function(tokens.clone(), &AUTHENTICATOR, &mut diag);
    let attrs = function.as_ref().map_or(&[][..], |function| &function.attrs);
    if let Some(other) = item::refuse_others(attrs, &AUTHENTICATOR, &mut diag) {
        let mistakes = diag.finish();
        let tokens = match other {
            Other::Same => tokens,
            Other::Different => item::without_ours(tokens),
        };
        return quote!(#tokens #mistakes);
    }
    let (krate, timeout) = check_args(args, &mut diag);
    let authenticator = function.and_then(|function| check(function, &mut diag));
    let mistakes = diag.finish();
    // Only `Manager::with_authenticator` names one: what is missing there says as much as a type that is none.
    let expansion = authenticator.map(|authenticator| expand(&krate, timeout, &authenticator));
    quote!(#tokens #expansion #mistakes)
}

// ---- surface -------------------------------------------------------------------------------------

/// What stands in the parentheses.
#[derive(Default)]
struct Args {
    timeout: Option<Value>,
    krate: Option<Value>,
}

impl Options for Args {
    const KNOWN: &'static [(&'static str, &'static str)] =
        &[("timeout", "timeout = \"5s\""), ("crate", "crate = path")];

    const EXAMPLE: &'static str = "timeout = \"5s\"";

    const INSTEAD: &'static [(&'static str, &'static str)] = &[
        ("name", "an authenticator is called like its function"),
        ("path", "an authenticator is asked about every request that presents no key"),
    ];

    fn slot(&mut self, word: &str) -> Slot<'_> {
        let Args { timeout, krate } = self;
        match word {
            "timeout" => Slot::Value(timeout),
            _ => Slot::Value(krate),
        }
    }

    fn of_text(_: &str) -> &'static str {
        "timeout"
    }
}

// ---- model ---------------------------------------------------------------------------------------

/// What says who a client is.
struct Authenticator {
    cfgs: Vec<Attribute>,
    vis: Visibility,
    call: Call,
    /// As it was written.
    output: Type,
}

/// With mistakes in it, the options are what could be saved.
fn check_args(args: Args, diag: &mut Diag) -> (Krate, Option<Millis>) {
    let Args { timeout, krate } = args;
    let timeout =
        timeout.and_then(|value| Millis::check("timeout", &value, Millis::OF_A_CALL, diag));
    let krate = krate.and_then(|value| Krate::check(&value, diag)).unwrap_or_else(Krate::default);
    (krate, timeout)
}

fn check(function: item::Function, diag: &mut Diag) -> Option<Authenticator> {
    let item::Function { attrs, vis, signature } = function;
    let before = diag.count();
    let way_out = "an authenticator stands by itself; move it out of the impl block";
    refuse_method(&signature, way_out, diag);
    let call = check_call(signature, "an authenticator", diag);
    let output = match &call.output {
        Output::Type(kind) => Some(kind.clone()),
        Output::Unit => {
            diag.under(
                &call.ident,
                "an authenticator says who it is: write `-> Result<User>`, with a type of yours for `User`",
            );
            None
        }
        Output::Opaque(kind) => {
            diag.under(
                kind,
                "handlers name the type of an identity: write `Result<User>`, with a type of yours for `User`",
            );
            None
        }
    };
    let cfgs = keep(&attrs, &["cfg"]);
    (diag.count() == before).then_some(Authenticator { cfgs, vis, call, output: output? })
}

// ---- expansion -----------------------------------------------------------------------------------

/// ```text
/// #[authenticator]                  async fn session(..) -> Result<User> { .. }
/// async fn session(                 #[doc(hidden)] struct session {}
///     cookies: Cookies,             const _: () = {
/// ) -> Result<User> { .. }              impl BesideAt<0> for session { type Parameter = Cookies; }
///                                       impl Authenticator for session {
///                                           const SPEC: AuthenticatorSpec = AuthenticatorSpec::new(..);
///                                           type Parameters = (Slot<Self, 0>, ());
///                                           type Output = Result<User>;
///                                           fn run(values: ..) -> impl Future<..> + Send {
///                                               let (p0, ()) = values;
///                                               async move { session(p0).await }
///                                           }
///                                       }
///                                       inventory::submit! { AuthenticatorEntry::of::<..>() }
///                                   };
/// ```
fn expand(krate: &Krate, timeout: Option<Millis>, authenticator: &Authenticator) -> TokenStream {
    let Authenticator { cfgs, vis, call, output } = authenticator;
    let ident = &call.ident;
    let span = at(ident.span());
    let private = private(span);
    let target = ident.to_token_stream();
    let handle = bare_handle(cfgs, vis, ident);
    let at_each = parameters(&target, &call.parameters, 0, Takes::Parts);
    let slots = slots(&quote_spanned!(span=> Self), span, 0..call.parameters.len());
    let values = values(span, call.parameters.len());
    let pattern = list(span, &values);
    let called = awaited(call, quote_spanned!(span=> #ident(#(#values),*)));
    let mut spec = spec_of(quote_spanned!(span=> AuthenticatorSpec), ident);
    if let Some(timeout) = timeout {
        let millis = Literal::u64_unsuffixed(timeout.get());
        spec.extend(quote_spanned!(span=> .timeout_millis(#millis)));
    }
    // What it may return is a matter of its return type, so the compiler shall point there.
    let output = {
        let span = at(output.span());
        quote_spanned!(span=> type Output = #output;)
    };
    let content = quote_spanned! {span=>
        #at_each
        #[automatically_derived]
        impl #private::Authenticator for #target {
            const SPEC: #private::AuthenticatorSpec = #spec;
            type Parameters = #slots;
            #output
            fn run(
                __manager_values: <Self::Parameters as #private::Parameters>::Values,
            ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
                let #pattern = __manager_values;
                async move { #called }
            }
        }
        #private::inventory::submit! { #private::AuthenticatorEntry::of::<#target>() }
    };
    let block = private_block(krate, cfgs, span, content);
    quote!(#handle #block)
}
