//! From a checked handler to tokens. Nothing here can fail.
//!
//! Three rules hold for every token that is made here:
//!
//! - Names come from `::core` and from the runtime's `__private` alone, by absolute paths, so that
//!   nothing that a user has called `Result`, `Ok` or `Handler` is ever meant by accident.
//! - A token stands where the user wrote what it is about (its location), so that the compiler
//!   complains there; it means what it means here (its resolution), so that no user's name is
//!   captured. [`at`] makes such spans.
//! - What has a name of its own is called `__manager_*` or `__Manager*`.

mod http;
mod ports;

use std::ops::Range;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Visibility};

use crate::krate::{Krate, private};
use crate::model::{Block, Call, Function, Handler, Kind, Output, Parameter, Spec};

/// What stands after the item:
///
/// ```text
/// #[handler(replicas = 5)]         /// Adds.
/// /// Adds.                        #[allow(non_camel_case_types, ..)]
/// async fn add(..) -> .. { .. }    struct add {}
///                                  #[allow(..)]
///                                  const _: () = {
///                                      use ::manager_runtime::__private as __manager_private;
///                                      impl At<0> for add { .. }
///                                      impl Handler for add { .. }
///                                      const _: () = one_message::<..>();
///                                      const _: () = captures_fit(..);
///                                      inventory::submit! { Entry::of::<add>() }
///                                  };
/// ```
pub(crate) fn expand(handler: &Handler) -> TokenStream {
    let Handler { krate, spec, kind, cfgs } = handler;
    match kind {
        Kind::Function(function) => expand_function(krate, spec, function, cfgs),
        Kind::Block(block) => expand_block(krate, spec, block, cfgs),
    }
}

/// A span that is located at the user's token and resolved here.
pub(crate) fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

fn expand_function(
    krate: &Krate,
    spec: &Spec,
    function: &Function,
    cfgs: &[Attribute],
) -> TokenStream {
    let Function { attrs: _, vis, call } = function;
    let ident = &call.ident;
    let span = at(ident.span());
    let (outside, inside, target) = match &call.output {
        Output::Opaque(_) => {
            let hidden = format_ident!("__ManagerHandler_{}", ident.unraw(), span = span);
            (bare_handle(cfgs, vis, ident), Some(hidden_type(&hidden)), hidden)
        }
        Output::Unit | Output::Type(_) => (handle(spec, function), None, ident.clone()),
    };
    let target = target.into_token_stream();
    let parts = Parts {
        spec,
        target: &target,
        call: Some(call),
        span: at(call.ident.span()),
        replica: quote_spanned!(span=> ()),
        files: quote_spanned!(span=> ()),
        further: TokenStream::new(),
        build: build_nothing(span),
        handle: handle_function(call),
    };
    let fits = spec.entrance.map(|port| ports::fits(port, &target, call, 0));
    let block = private_block(krate, cfgs, span, quote!(#inside #parts #fits));
    quote!(#outside #block)
}

fn expand_block(krate: &Krate, spec: &Spec, block: &Block, cfgs: &[Attribute]) -> TokenStream {
    let Block { target, run, ports, new } = block;
    let span = at(target.span());
    let target = target.to_token_stream();
    let build = match new {
        Some(new) => build_with_new(&target, new),
        None => build_default(&target, span),
    };
    let new = new.as_ref().filter(|new| !new.parameters.is_empty()).map(new_parameters);
    let parts = Parts {
        spec,
        target: &target,
        call: run.as_ref(),
        span: run.as_ref().map_or(span, |run| at(run.ident.span())),
        replica: quote_spanned!(span=> Self),
        files: ports::files(ports, span),
        further: ports::further(run.as_ref(), ports, span),
        build,
        handle: match run {
            Some(run) => handle_block(&target, run),
            None => ports::handle_nothing(spec, span),
        },
    };
    let ports = ports::each(&target, ports);
    private_block(krate, cfgs, span, quote!(#new #parts #ports))
}

/// ```text
/// /// Adds.                                /// Adds.
/// #[deprecated]                            #[deprecated]
/// pub(crate) async fn add(..) { .. }       #[allow(non_camel_case_types, ..)]
///                                          pub(crate) struct add {}
/// ```
///
/// The braces matter: a struct without them would take the name `add` for a value as well, and the
/// function and every `let add` with it.
fn handle(spec: &Spec, function: &Function) -> TokenStream {
    let Function { attrs, vis, call } = function;
    let ident = &call.ident;
    let span = at(ident.span());
    let doc = spec.doc.is_empty().then(|| {
        let doc =
            format!(" The handler `{}`: the type that names it in typed calls.", spec.name.get());
        quote_spanned!(span=> #[doc = #doc])
    });
    quote_spanned! {span=>
        #(#attrs)*
        #doc
        #[allow(non_camel_case_types, unreachable_pub)]
        #vis struct #ident {}
    }
}

/// A handle that is no handler: of an item that is wrong, or that typed calls cannot name. Without
/// it such a call would be about a type that is missing, which says nothing to anybody.
pub(crate) fn bare_handle(cfgs: &[Attribute], vis: &Visibility, ident: &Ident) -> TokenStream {
    quote_spanned! {at(ident.span())=>
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types, unreachable_pub)]
        #vis struct #ident {}
    }
}

/// A typed call needs the type of the reply, and `impl IntoReply` has no name. So the type that
/// implements `Handler` is kept from typed calls.
pub(crate) fn hidden_type(ident: &Ident) -> TokenStream {
    quote_spanned! {ident.span()=>
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        struct #ident {}
    }
}

/// The block that keeps every generated name to itself.
pub(crate) fn private_block(
    krate: &Krate,
    cfgs: &[Attribute],
    span: Span,
    content: TokenStream,
) -> TokenStream {
    let import = krate.import();
    quote_spanned! {span=>
        #(#cfgs)*
        #[allow(deprecated, unused_qualifications, clippy::all)]
        const _: () = { #import #content };
    }
}

/// What both kinds of handlers have.
struct Parts<'a> {
    spec: &'a Spec,
    /// The type that implements `Handler`.
    target: &'a TokenStream,
    /// The function that serves a call; none where an impl block takes no messages.
    call: Option<&'a Call>,
    span: Span,
    replica: TokenStream,
    /// The entrances for files.
    files: TokenStream,
    /// What the methods of an impl block add to the options.
    further: TokenStream,
    build: TokenStream,
    handle: TokenStream,
}

impl ToTokens for Parts<'_> {
    /// ```text
    /// #[handler]                  impl At<0> for add { type Parameter = Json<Sum>; }
    /// async fn add(               impl Handler for add {
    ///     Json(sum): Json<Sum>,       type Replica = ();
    /// ) -> Json<Total> { .. }         type Parameters = (Slot<Self, 0>, ());
    ///                                 type Output = Json<Total>;
    ///                                 const SPEC: Spec = Spec::new("add", ..);
    ///                                 type Files = ();
    ///                                 fn key() -> &'static Key { .. }
    ///                                 fn build(..) -> .. { .. }
    ///                                 fn handle(..) -> .. { .. }
    ///                             }
    ///                             inventory::submit! { Entry::of::<add>() }
    /// ```
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Parts { spec, target, call, span, replica, files, further, build, handle } = self;
        let span = *span;
        let private = private(span);
        let taken = call.map_or(&[][..], |call| &call.parameters);
        let at_each = parameters(target, taken, 0, Takes::PartsAndMessage);
        let slots = slots(&quote_spanned!(span=> Self), span, 0..taken.len());
        let output = match call {
            Some(call) => output(call),
            None => quote_spanned!(span=> #private::NoRun),
        };
        let options = self::spec(spec, span);
        let one_message = one_message(target, taken, 0);
        let captures_fit = http::captures_fit(&spec.http, taken);
        tokens.extend(quote_spanned! {span=>
            #at_each
            #[automatically_derived]
            impl #private::Handler for #target {
                type Replica = #replica;
                type Parameters = #slots;
                type Output = #output;
                const SPEC: #private::Spec = #options #further;
                type Files = #files;
                fn key() -> &'static #private::Key {
                    static __MANAGER_KEY: #private::Key = #private::Key::new();
                    &__MANAGER_KEY
                }
                #build
                #handle
            }
            #one_message
            #captures_fit
            #private::inventory::submit! { #private::Entry::of::<#target>() }
        });
    }
}

/// What a list of parameters may hold.
#[derive(Clone, Copy)]
pub(crate) enum Takes {
    PartsAndMessage,
    /// The rest of a request is somebody else's.
    Parts,
}

impl Takes {
    /// The trait that has the types.
    fn place(self) -> &'static str {
        match self {
            Takes::PartsAndMessage => "At",
            Takes::Parts => "BesideAt",
        }
    }
}

/// ```text
/// (ctx: Context, Json(sum): Json<Sum>)   impl At<0> for add { type Parameter = Context; }
///                                        impl At<1> for add { type Parameter = Json<Sum>; }
/// ```
///
/// Each stands under its type, so that a type that is no parameter is reported there. They are numbered from
/// `first` on.
pub(crate) fn parameters(
    target: &TokenStream,
    parameters: &[Parameter],
    first: usize,
    takes: Takes,
) -> TokenStream {
    let each = (first..).zip(parameters).map(|(number, parameter)| {
        let kind = parameter.kind();
        let span = at(kind.span());
        let private = private(span);
        let number = index(number, span);
        let place = Ident::new(takes.place(), span);
        quote_spanned! {span=>
            #[automatically_derived]
            impl #private::#place<#number> for #target {
                type Parameter = #kind;
            }
        }
    });
    each.collect()
}

/// The list of the parameters with these numbers: `(Slot<target, 0>, (Slot<target, 1>, ()))`.
pub(crate) fn slots(target: &TokenStream, span: Span, numbers: Range<usize>) -> TokenStream {
    let private = private(span);
    numbers.rev().fold(quote_spanned!(span=> ()), |rest, number| {
        let number = index(number, span);
        quote_spanned!(span=> (#private::Slot<#target, #number>, #rest))
    })
}

/// Under the second and every later parameter a constant that cannot be evaluated if it is the
/// second message:
///
/// ```text
/// (a: String, b: String)      const _: () = one_message::<(Slot<add, 0>, ()), add, 1>();
/// ```
fn one_message(target: &TokenStream, parameters: &[Parameter], first: usize) -> TokenStream {
    let later = (first..).zip(parameters).skip(1).map(|(number, parameter)| {
        let span = at(parameter.kind().span());
        let private = private(span);
        let before = slots(target, span, first..number);
        let number = index(number, span);
        quote_spanned!(span=> const _: () = #private::one_message::<#before, #target, #number>();)
    });
    later.collect()
}

/// The type that a call returns, in the user's own tokens.
fn output(call: &Call) -> TokenStream {
    match &call.output {
        Output::Unit => quote_spanned!(at(call.ident.span())=> ()),
        Output::Type(kind) => kind.to_token_stream(),
        Output::Opaque(kind) => {
            let span = at(kind.span());
            let private = private(span);
            quote_spanned!(span=> #private::Erased)
        }
    }
}

/// ```text
/// #[handler(replicas = 5, internal)]    Spec::new("add", Place::new(..))
/// /// Adds.                                 .replicas(5).internal().doc("Adds.")
/// async fn add(..) { .. }
/// ```
fn spec(spec: &Spec, span: Span) -> TokenStream {
    let Spec {
        name,
        replicas,
        queue,
        timeout,
        http,
        on,
        emits,
        internal,
        public,
        keys,
        rate,
        peers,
        blocking,
        detached,
        rebuild_on_cancel,
        body_limit,
        entrance,
        doc,
    } = spec;
    let name = name.get();
    let mut tokens = new_spec(quote_spanned!(span=> Spec), name, span);
    let mut number = |option: &str, value: Option<u64>| {
        if let Some(value) = value {
            let option = Ident::new(option, span);
            let value = Literal::u64_unsuffixed(value);
            tokens.extend(quote_spanned!(span=> .#option(#value)));
        }
    };
    number("replicas", replicas.as_ref().map(|replicas| replicas.get().into()));
    number("queue", queue.as_ref().map(|queue| queue.get().into()));
    number("timeout_millis", timeout.map(|timeout| timeout.get()));
    number("body_limit", body_limit.map(|limit| limit.get()));
    tokens.extend(http::options(http, span));
    tokens.extend(http::access(keys, peers, rate.as_ref(), span));
    tokens.extend(entrance.map(|port| ports::entrance(port, span)));
    if !on.is_empty() {
        let topics = on.iter().map(|topic| topic.get());
        tokens.extend(quote_spanned!(span=> .on(&[#(#topics),*])));
    }
    if !emits.is_empty() {
        tokens.extend(quote_spanned!(span=> .emits(&[#(#emits),*])));
    }
    let flags = [
        ("internal", internal),
        ("public", public),
        ("blocking", blocking),
        ("detached", detached),
        ("rebuild_on_cancel", rebuild_on_cancel),
    ];
    for (flag, _) in flags.into_iter().filter(|(_, set)| **set) {
        let flag = Ident::new(flag, span);
        tokens.extend(quote_spanned!(span=> .#flag()));
    }
    if !doc.is_empty() {
        tokens.extend(quote_spanned!(span=> .doc(#doc)));
    }
    tokens
}

/// `MiddlewareSpec::new("log", Place::new(..))` of a function with this name.
pub(crate) fn spec_of(kind: TokenStream, ident: &Ident) -> TokenStream {
    new_spec(kind, &ident.unraw().to_string(), at(ident.span()))
}

/// A name, and the place where it was declared.
fn new_spec(kind: TokenStream, name: &str, span: Span) -> TokenStream {
    let private = private(span);
    quote_spanned! {span=>
        #private::#kind::new(
            #name,
            #private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        )
    }
}

/// A function has no state, so there is nothing to build.
fn build_nothing(span: Span) -> TokenStream {
    let signature = build_signature(span, &quote_spanned!(span=> _));
    quote_spanned! {span=>
        #signature {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
    }
}

/// Without `new` a replica is the default value; a type that has none is reported under its name.
fn build_default(target: &TokenStream, span: Span) -> TokenStream {
    let private = private(span);
    let signature = build_signature(span, &quote_spanned!(span=> _));
    quote_spanned! {span=>
        #signature {
            #private::default_replica::<#target>()
        }
    }
}

/// ```text
/// async fn new(          fn build(building: &Building) -> impl Future<..> + Send {
///     state: S,              async move {
/// ) -> Result<Self> {            let (p0, ()) = match arguments::<..>(building).await { .. };
///     ..                         <Result<Self> as Built<..>>::built(<Counter>::new(p0).await)
/// }                          }
///                        }
///                        fn needs_to_build(needs: &mut Needs) { needs_of::<..>(needs) }
/// ```
fn build_with_new(target: &TokenStream, new: &Call) -> TokenStream {
    let span = at(new.ident.span());
    let private = private(span);
    let ident = &new.ident;
    let values = values(span, new.parameters.len());
    let called = awaited(new, quote_spanned!(span=> <#target>::#ident(#(#values),*)));
    // What `new` may return is a matter of its return type, so the compiler shall point there.
    let built = match &new.output {
        Output::Unit => quote_spanned!(span=> <() as #private::Built<#target>>),
        Output::Opaque(_) => quote_spanned!(span=> #private::Built::<#target>),
        Output::Type(kind) => {
            let span = at(kind.span());
            let private = self::private(span);
            quote_spanned!(span=> <#kind as #private::Built<#target>>)
        }
    };
    if values.is_empty() {
        let signature = build_signature(span, &quote_spanned!(span=> _));
        return quote_spanned!(span=> #signature { async move { #built::built(#called) } });
    }
    let building = Ident::new("__manager_building", span);
    let signature = build_signature(span, &building.to_token_stream());
    let pattern = list(span, &values);
    quote_spanned! {span=>
        #signature {
            async move {
                let #pattern = match #private::arguments::<__ManagerNew>(#building).await {
                    ::core::result::Result::Ok(__manager_values) => __manager_values,
                    ::core::result::Result::Err(__manager_error) => {
                        return ::core::result::Result::Err(__manager_error);
                    }
                };
                #built::built(#called)
            }
        }
        fn needs_to_build(__manager_needs: &mut #private::Needs) {
            #private::needs_of::<__ManagerNew>(__manager_needs)
        }
    }
}

fn build_signature(span: Span, building: &TokenStream) -> TokenStream {
    let private = private(span);
    quote_spanned! {span=>
        fn build(
            #building: &#private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, #private::Error>,
        > + ::core::marker::Send
    }
}

/// The parameters of `new` in a list of their own, which has no room for a message.
fn new_parameters(new: &Call) -> TokenStream {
    let span = at(new.ident.span());
    let target = quote_spanned!(span=> __ManagerNew);
    let private = private(span);
    let at_each = parameters(&target, &new.parameters, 0, Takes::PartsAndMessage);
    let slots = slots(&quote_spanned!(span=> Self), span, 0..new.parameters.len());
    let no_message = new.parameters.iter().enumerate().map(|(number, parameter)| {
        let span = at(parameter.kind().span());
        let private = self::private(span);
        let number = index(number, span);
        quote_spanned!(span=> const _: () = #private::no_message::<#target, #number>();)
    });
    quote_spanned! {span=>
        #[doc(hidden)]
        struct #target {}
        #at_each
        impl #private::New for #target {
            type Parameters = #slots;
        }
        #(#no_message)*
    }
}

/// ```text
/// async fn add(..) { .. }     fn handle(_: &mut (), values: Values<Self>) -> impl Future<..> {
///                                 let (p0, (p1, ())) = values;
///                                 add(p0, p1)
///                             }
/// ```
fn handle_function(call: &Call) -> TokenStream {
    let span = at(call.ident.span());
    let ident = &call.ident;
    let values = values(span, call.parameters.len());
    let called = quote_spanned!(span=> #ident(#(#values),*));
    handle_with(call, quote_spanned!(span=> _), quote_spanned!(span=> ()), called)
}

/// ```text
/// async fn run(&mut self, ..)     fn handle(replica: &mut Self::Replica, values: ..) -> .. {
/// { .. }                              let (p0, ()) = values;
///                                     <Counter>::run(replica, p0)
///                                 }
/// ```
fn handle_block(target: &TokenStream, call: &Call) -> TokenStream {
    let span = at(call.ident.span());
    let ident = &call.ident;
    let values = values(span, call.parameters.len());
    let replica = quote_spanned!(span=> __manager_replica);
    let called = quote_spanned!(span=> <#target>::#ident(#replica #(, #values)*));
    handle_with(call, replica, quote_spanned!(span=> Self::Replica), called)
}

fn handle_with(
    call: &Call,
    replica: TokenStream,
    replica_type: TokenStream,
    called: TokenStream,
) -> TokenStream {
    let span = at(call.ident.span());
    let private = private(span);
    let (pattern, future) = taken_apart(call, called);
    quote_spanned! {span=>
        fn handle(
            #replica: &mut #replica_type,
            __manager_values: #private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let #pattern = __manager_values;
            #future
        }
    }
}

/// The pattern that takes the values of a call apart, and the future that is the call.
fn taken_apart(call: &Call, called: TokenStream) -> (TokenStream, TokenStream) {
    let span = at(call.ident.span());
    let private = private(span);
    let pattern = list(span, &values(span, call.parameters.len()));
    let future = match (&call.output, call.is_async) {
        (Output::Opaque(_), _) => {
            let called = awaited(call, called);
            quote_spanned!(span=> async move { #private::Erased::of(#called) })
        }
        (Output::Unit | Output::Type(_), true) => called,
        (Output::Unit | Output::Type(_), false) => quote_spanned!(span=> async move { #called }),
    };
    (pattern, future)
}

/// The call itself, awaited if it is a future.
pub(crate) fn awaited(call: &Call, called: TokenStream) -> TokenStream {
    if call.is_async { quote_spanned!(at(call.ident.span())=> #called.await) } else { called }
}

/// `__manager_p0`, `__manager_p1` and so on.
pub(crate) fn values(span: Span, count: usize) -> Vec<Ident> {
    (0..count).map(|number| format_ident!("__manager_p{number}", span = span)).collect()
}

/// The pattern that takes a list of values apart: `(p0, (p1, ()))`.
pub(crate) fn list(span: Span, values: &[Ident]) -> TokenStream {
    values
        .iter()
        .rev()
        .fold(quote_spanned!(span=> ()), |rest, value| quote_spanned!(span=> (#value, #rest)))
}

pub(crate) fn index(number: usize, span: Span) -> Literal {
    let mut index = Literal::usize_unsuffixed(number);
    index.set_span(span);
    index
}
