//! Signatures that generated code can call: what holds for a function, for `run` and for `new`
//! alike.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    FnArg, GenericArgument, Generics, Ident, LifetimeParam, PathArguments, ReturnType, Safety,
    Signature, Token, Type,
};

use super::keep;
use crate::diag::Diag;
use crate::item::find;

/// A function that generated code calls.
pub(crate) struct Call {
    pub(crate) ident: Ident,
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Output,
}

/// The type of a parameter, one that owns its value.
pub(crate) struct Parameter(Type);

/// What a function returns.
pub(crate) enum Output {
    /// Nothing was written.
    Unit,
    Type(Type),
    /// There is an `impl Trait` in it, so that it cannot be named.
    Opaque(Type),
}

pub(crate) const MAX_PARAMETERS: usize = 16;

/// What holds for a function, for `run` and for `new` alike.
pub(crate) fn check_call(signature: Signature, what: &str, diag: &mut Diag) -> Call {
    let Signature {
        constness,
        asyncness,
        safety,
        abi,
        fn_token: _,
        ident,
        generics,
        paren_token: _,
        inputs,
        variadic,
        output,
    } = signature;
    if let Some(constness) = constness {
        let rule = "cannot be `const`: it runs when a call comes; remove `const`";
        diag.under(constness, format!("{what} {rule}"));
    }
    if let Safety::Unsafe(token) = safety {
        let rule = "cannot be `unsafe`: nobody would keep its promises; remove `unsafe`";
        diag.under(token, format!("{what} {rule}"));
    }
    if let Some(abi) = abi {
        let rule = "cannot be `extern`: only Rust code calls it; remove `extern`";
        diag.under(abi, format!("{what} {rule}"));
    }
    check_generics(&generics, &inputs, &output, what, diag);
    let parameters = check_parameters(inputs, what, diag);
    if let Some(variadic) = variadic {
        let rule = "cannot be variadic: name each parameter with its type";
        diag.under(variadic, format!("{what} {rule}"));
    }
    let output = Output::of(output, what, diag);
    Call { ident, is_async: asyncness.is_some(), parameters, output }
}

fn check_generics(
    generics: &Generics,
    inputs: &Punctuated<FnArg, Token![,]>,
    output: &ReturnType,
    what: &str,
    diag: &mut Diag,
) {
    let lifetimes = generics.lifetimes().count();
    if generics.params.len() > lifetimes {
        // A method is part of a handler.
        let whole = if what.starts_with('`') { "a handler" } else { what };
        let rule = "is one set of types; write one for each, and let them call a generic function";
        diag.under(generics, format!("{what} cannot be generic: {whole} {rule}"));
    } else if lifetimes > 0 {
        // What borrows is the mistake itself, and reported where it stands.
        let used = |lifetime: &LifetimeParam| {
            let name = lifetime.lifetime.ident.to_string();
            find(inputs.to_token_stream(), &name).is_some()
                || find(output.to_token_stream(), &name).is_some()
        };
        if !generics.lifetimes().all(used) {
            diag.under(generics, format!("{what} cannot have lifetimes; remove them"));
        }
    } else if let Some(bounds) = &generics.where_clause {
        let rule = "has no type parameters to bound; remove the `where` clause";
        diag.under(bounds, format!("{what} {rule}"));
    }
}

fn check_parameters(
    inputs: impl IntoIterator<Item = FnArg>,
    what: &str,
    diag: &mut Diag,
) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for input in inputs {
        let FnArg::Typed(input) = input else { continue };
        for attr in keep(&input.attrs, &["cfg", "cfg_attr"]) {
            diag.under(
                attr,
                format!(
                    "a parameter of {what} cannot be conditional; put `#[cfg]` on the whole item"
                ),
            );
        }
        check_owned(&input.ty, Place::Parameter, diag);
        if parameters.len() == MAX_PARAMETERS {
            diag.under(
                &input.ty,
                format!(
                    "{what} takes at most {MAX_PARAMETERS} parameters; put several into one \
                     struct that implements `Part`"
                ),
            );
        }
        parameters.push(Parameter(*input.ty));
    }
    parameters
}

/// Where a type stands that owns its value.
#[derive(Clone, Copy)]
enum Place<'a> {
    Parameter,
    /// What this returns.
    Reply(&'a str),
}

/// Finds borrowed types, also inside of others, and unnamed ones where only named ones can stand.
fn check_owned(kind: &Type, place: Place<'_>, diag: &mut Diag) {
    match kind {
        Type::Reference(reference) if is_static(reference.lifetime.as_ref()) => {}
        Type::Reference(_) => {
            let what = place.owner();
            diag.under(kind, format!("{what}: write {}", owned_instead(kind)));
        }
        Type::ImplTrait(_) => {
            if let Place::Parameter = place {
                diag.under(kind, "a parameter is of one type: name it instead of `impl Trait`");
            }
        }
        Type::Array(array) => check_owned(&array.elem, place, diag),
        Type::Group(group) => check_owned(&group.elem, place, diag),
        Type::Paren(paren) => check_owned(&paren.elem, place, diag),
        Type::Slice(slice) => check_owned(&slice.elem, place, diag),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|kind| check_owned(kind, place, diag)),
        Type::Path(path) => {
            for segment in &path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
                for argument in &arguments.args {
                    check_owned_argument(argument, place, diag);
                }
            }
        }
        // What stands in a function pointer or a trait object is not borrowed by the value.
        _ => {}
    }
}

fn check_owned_argument(argument: &GenericArgument, place: Place<'_>, diag: &mut Diag) {
    match argument {
        GenericArgument::Type(kind) => check_owned(kind, place, diag),
        GenericArgument::Lifetime(lifetime) if !is_static(Some(lifetime)) => {
            let what = place.owner();
            diag.under(lifetime, format!("{what}: its only lifetime can be `'static`"));
        }
        _ => {}
    }
}

fn is_static(lifetime: Option<&syn::Lifetime>) -> bool {
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

impl Place<'_> {
    fn owner(self) -> String {
        match self {
            Place::Parameter => "a parameter owns its value".to_owned(),
            Place::Reply(what) => format!("what {what} returns owns its value"),
        }
    }
}

/// What to take instead of a reference.
fn owned_instead(reference: &Type) -> String {
    let written = type_text(reference);
    let Type::Reference(reference) = reference else { return format!("`{written}`") };
    let owned = match &*reference.elem {
        Type::Slice(slice) => format!("Vec<{}>", type_text(&slice.elem)),
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::TraitObject(object) => {
            format!("Box<{}>", type_text(&Type::TraitObject(object.clone())))
        }
        elem => type_text(elem),
    };
    format!("`{owned}` instead of `{written}`")
}

/// A type as people write it.
fn type_text(kind: &Type) -> String {
    let mut text = kind.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        ("[ ", "["),
        (" ]", "]"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

pub(super) fn path_of(target: &Type) -> Option<&syn::Path> {
    match target {
        Type::Path(path) if path.qself.is_none() => Some(&path.path),
        Type::Group(group) => path_of(&group.elem),
        Type::Paren(paren) => path_of(&paren.elem),
        _ => None,
    }
}

impl Parameter {
    pub(crate) fn kind(&self) -> &Type {
        &self.0
    }
}

impl Output {
    fn of(output: ReturnType, what: &str, diag: &mut Diag) -> Self {
        match output {
            ReturnType::Default => Output::Unit,
            ReturnType::Type(_, kind) => {
                if let Type::Never(never) = &*kind {
                    diag.under(
                        never,
                        format!(
                            "{what} has to come to an end: write what it returns instead of `!`"
                        ),
                    );
                }
                check_owned(&kind, Place::Reply(what), diag);
                if find(kind.to_token_stream(), "impl").is_some() {
                    Output::Opaque(*kind)
                } else {
                    Output::Type(*kind)
                }
            }
        }
    }
}
