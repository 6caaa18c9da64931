//! The entrances for files: what a function with `upload` adds to its options, and the methods of an impl
//! block beside `run`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::{Takes, at, index, one_message, output, parameters, slots, taken_apart, values};
use crate::krate::private;
use crate::model::{Call, MAX_PARAMETERS, Port, Spec};

/// `#[handler(upload)]`: `.entrance(Port::Upload)`
pub(super) fn entrance(port: Port, span: Span) -> TokenStream {
    let private = private(span);
    let port = Ident::new(port.variant(), span);
    quote_spanned!(span=> .entrance(#private::Port::#port))
}

/// What follows from the methods of an impl block: `.without_run().port(Port::Download)`
pub(super) fn further(run: Option<&Call>, ports: &[(Port, Call)], span: Span) -> TokenStream {
    let private = private(span);
    let without_run = run.is_none().then(|| quote_spanned!(span=> .without_run()));
    let each = ports.iter().map(|(port, _)| {
        let port = Ident::new(port.variant(), span);
        quote_spanned!(span=> .port(#private::Port::#port))
    });
    quote!(#without_run #(#each)*)
}

/// The type that says which entrances there are: `()`, or
/// `Entrances<Absent<Self>, Via<Self, 2>, Absent<Self>>`
pub(super) fn files(ports: &[(Port, Call)], span: Span) -> TokenStream {
    if ports.is_empty() {
        return quote_spanned!(span=> ());
    }
    let private = private(span);
    let each = Port::ALL.into_iter().map(|port| {
        if ports.iter().any(|(other, _)| *other == port) {
            let number = index(place(port), span);
            quote_spanned!(span=> #private::Via<Self, #number>)
        } else {
            quote_spanned!(span=> #private::Absent<Self>)
        }
    });
    quote_spanned!(span=> #private::Entrances<#(#each),*>)
}

/// An impl block without `run` answers that it has none.
pub(super) fn handle_nothing(spec: &Spec, span: Span) -> TokenStream {
    let private = private(span);
    let name = spec.name.get();
    quote_spanned! {span=>
        fn handle(
            _: &mut Self::Replica,
            _: #private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            ::core::future::ready(#private::NoRun(#name))
        }
    }
}

/// ```text
/// async fn run_file(          impl At<32> for Files { type Parameter = String; }
///     &self, name: String,    impl Method<2> for Files {
/// ) -> Result<File> {             type Taken = (Slot<Files, 32>, ());
///     ..                          type Given = Result<File>;
/// }                               fn serve(..) -> .. { <Files>::run_file(replica, p0) }
///                             }
///                             const _: () = takes_a_name::<(Slot<Files, 32>, ())>();
/// ```
///
/// Each method has numbers of its own for its parameters.
pub(super) fn each(target: &TokenStream, ports: &[(Port, Call)]) -> TokenStream {
    ports.iter().map(|(port, call)| one(target, *port, call)).collect()
}

fn one(target: &TokenStream, port: Port, call: &Call) -> TokenStream {
    let span = at(call.ident.span());
    let private = private(span);
    let ident = &call.ident;
    let first = first(port);
    let number = index(place(port), span);
    let at_each = parameters(target, &call.parameters, first, Takes::PartsAndMessage);
    let slots = slots(&quote_spanned!(span=> Self), span, first..first + call.parameters.len());
    let output = output(call);
    let one_message = one_message(target, &call.parameters, first);
    let values = values(span, call.parameters.len());
    let replica = quote_spanned!(span=> __manager_replica);
    let called = quote_spanned!(span=> <#target>::#ident(#replica #(, #values)*));
    let (pattern, future) = taken_apart(call, called);
    let fits = fits(port, target, call, first);
    quote_spanned! {span=>
        #at_each
        #[automatically_derived]
        impl #private::Method<#number> for #target {
            type Taken = #slots;
            type Given = #output;
            fn serve(
                #replica: &mut Self,
                __manager_values: #private::MethodValues<Self, #number>,
            ) -> impl ::core::future::Future<
                Output = <Self as #private::Method<#number>>::Given,
            > + ::core::marker::Send {
                let #pattern = __manager_values;
                #future
            }
        }
        #one_message
        #fits
    }
}

/// A constant that cannot be evaluated if the message is not what comes in there:
/// `const _: () = takes_a_name::<(Slot<Files, 32>, ())>();`
pub(super) fn fits(port: Port, target: &TokenStream, call: &Call, first: usize) -> TokenStream {
    let span = at(call.ident.span());
    let private = private(span);
    let slots = slots(target, span, first..first + call.parameters.len());
    let check = match port {
        Port::Upload => quote_spanned!(span=> takes_a_file),
        Port::Download | Port::Metadata => quote_spanned!(span=> takes_a_name),
    };
    quote_spanned!(span=> const _: () = #private::#check::<#slots>();)
}

/// `run` is at place 0.
fn place(port: Port) -> usize {
    match port {
        Port::Upload => 1,
        Port::Download => 2,
        Port::Metadata => 3,
    }
}

/// The number of the first parameter. No method has more than there are numbers for it.
fn first(port: Port) -> usize {
    place(port) * MAX_PARAMETERS
}
