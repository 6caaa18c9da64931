//! Functions and impl blocks that can be handlers.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, ReceiverKind, Signature, Type, Visibility};

use super::keep;
use super::port::Port;
use super::signature::{Call, check_call, path_of};
use crate::diag::Diag;
use crate::item::{self, find};
use crate::suggest;

/// A function that is a handler.
pub(crate) struct Function {
    /// Its documentation and deprecation, which hold for the handle as well.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) call: Call,
}

/// An impl block that is a handler.
pub(crate) struct Block {
    pub(crate) target: Type,
    pub(crate) run: Option<Call>,
    /// The methods for files, each at most once.
    pub(crate) ports: Vec<(Port, Call)>,
    pub(crate) new: Option<Call>,
}

/// The types that every derive nearby counts on.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64",
];

pub(super) fn check_function(function: item::Function, diag: &mut Diag) -> Option<Function> {
    let item::Function { attrs, vis, signature } = function;
    let attrs = keep(&attrs, &["doc", "deprecated", "cfg"]);
    let before = diag.count();
    refuse_method(
        &signature,
        "put `#[handler]` on the whole impl block and call the method `run`",
        diag,
    );
    let call = check_call(signature, "a handler", diag);
    let name = call.ident.unraw();
    refuse_primitive(&call.ident, &format!(" and write `name = \"{name}\"`"), diag);
    (diag.count() == before).then_some(Function { attrs, vis, call })
}

/// A function that cannot stand by itself, as far as its signature shows it.
pub(crate) fn refuse_method(signature: &Signature, way_out: &str, diag: &mut Diag) {
    if let Some(receiver) = signature.receiver() {
        diag.under(receiver, format!("a function with `self` is a method: {way_out}"));
    } else if let Some(own) = find(signature.to_token_stream(), "Self") {
        diag.at(own, format!("a function that says `Self` is a method: {way_out}"));
    }
}

/// A function whose handle would get between a derive and a type that it counts on.
pub(crate) fn refuse_primitive(ident: &Ident, way_out: &str, diag: &mut Diag) {
    let name = ident.unraw().to_string();
    if PRIMITIVES.contains(&name.as_str()) {
        let rule = format!("the handle of this function would hide the type `{name}`");
        diag.under(ident, format!("{rule}; call it otherwise{way_out}"));
    }
}

pub(super) fn check_block(block: item::Block, diag: &mut Diag) -> Option<Block> {
    let item::Block { attrs: _, unsafety, generics, of, target, methods, helpers } = block;
    let before = diag.count();
    if let Some(of) = of {
        diag.under(
            of,
            "`#[handler]` stands on an impl block of the type itself, not of a trait: write \
             `impl Type { .. }`",
        );
        return None;
    }
    if let Some(unsafety) = unsafety {
        diag.under(unsafety, "an impl block with `#[handler]` cannot be `unsafe`; remove it");
    }
    if !generics.params.is_empty() {
        diag.under(
            &generics,
            "a handler cannot be generic: each is one set of types; write the impl block for one \
             type",
        );
    } else {
        check_target(&target, diag);
    }
    if let Some(bounds) = &generics.where_clause {
        diag.under(bounds, "a handler has no type parameters to bound; remove the `where` clause");
    }
    let (mut run, mut new, mut ports) = (None, None, Vec::new());
    for method in methods {
        let name = method.signature.ident.unraw().to_string();
        let port = Port::ALL.into_iter().find(|port| port.method() == name);
        match (port, &*name) {
            (Some(port), _) if ports.iter().all(|(other, _)| *other != port) => {
                ports.push((port, check_run(method, port.method(), diag)));
            }
            (None, "run") if run.is_none() => run = Some(check_run(method, "run", diag)),
            (None, "new") if new.is_none() => new = Some(check_new(method, diag)),
            // The compiler itself complains about the second of a name.
            _ => {}
        }
    }
    if run.is_none() && ports.is_empty() {
        refuse_without_run(&target, &helpers, diag);
    }
    if diag.count() > before {
        return None;
    }
    Some(Block { target, run, ports, new })
}

/// A type without generics, named by a path.
fn check_target(target: &Type, diag: &mut Diag) {
    let rule = "`#[handler]` stands on an impl block of a struct or an enum";
    match path_of(target) {
        None => diag.under(target, rule),
        Some(path) => {
            for segment in &path.segments {
                if !segment.arguments.is_none() {
                    let arguments = &segment.arguments;
                    diag.under(
                        arguments,
                        format!("{rule} without generics; wrap it in a type of its own"),
                    );
                }
            }
        }
    }
}

fn refuse_without_run(target: &Type, helpers: &[Ident], diag: &mut Diag) {
    let rule = "an impl block with `#[handler]` needs a method `run`, which serves one call: \
                `async fn run(&mut self, ..)`; or one for files: `run_stream`, `run_file` or \
                `run_metadata`";
    let near = |ident: &Ident| {
        let names = std::iter::once("run").chain(Port::ALL.map(Port::method));
        suggest::nearest(&ident.unraw().to_string(), names)
    };
    match helpers.iter().find_map(|ident| Some((ident, near(ident)?))) {
        Some((ident, near)) => diag.under(ident, format!("{rule}; did you mean `{near}`?")),
        None => diag.under(target, rule),
    }
}

/// A method that serves calls.
fn check_run(method: item::Method, name: &str, diag: &mut Diag) -> Call {
    let item::Method { attrs, signature } = method;
    refuse_conditions(&attrs, name, diag);
    let rule = format!("`{name}` borrows its replica: write `&self` or `&mut self`");
    match signature.receiver() {
        None => diag.under(&signature.ident, format!("{rule} as its first parameter")),
        Some(receiver) => match &receiver.kind {
            ReceiverKind::Reference(_, None, _) => {}
            ReceiverKind::Reference(_, Some(lifetime), _) => {
                diag.under(
                    lifetime,
                    format!("`{name}` cannot have lifetimes: write `&self` or `&mut self`"),
                );
            }
            ReceiverKind::Typed(_, kind) if is_borrowed_self(kind) => {}
            _ => diag.under(receiver, rule),
        },
    }
    check_call(signature, &format!("`{name}`"), diag)
}

/// `self: &Self` and `self: &mut Self`.
fn is_borrowed_self(kind: &Type) -> bool {
    match kind {
        Type::Reference(reference) if reference.lifetime.is_none() => {
            path_of(&reference.elem).is_some_and(|path| path.is_ident("Self"))
        }
        _ => false,
    }
}

fn check_new(method: item::Method, diag: &mut Diag) -> Call {
    let item::Method { attrs, signature } = method;
    refuse_conditions(&attrs, "new", diag);
    if let Some(receiver) = signature.receiver() {
        diag.under(receiver, "`new` makes a replica, so there is no `self` yet; remove it");
    }
    let call = check_call(signature, "`new`", diag);
    for parameter in &call.parameters {
        let kind = parameter.kind();
        if let Some(own) = find(kind.to_token_stream(), "Self") {
            diag.at(own, "write the name of the type here: a parameter of `new` cannot say `Self`");
        }
    }
    call
}

fn refuse_conditions(attrs: &[Attribute], what: &str, diag: &mut Diag) {
    for attr in keep(attrs, &["cfg", "cfg_attr"]) {
        if attr.path().is_ident("cfg") || find(attr.to_token_stream(), "cfg").is_some() {
            diag.under(
                attr,
                format!("`{what}` cannot be conditional; put `#[cfg]` on the impl block"),
            );
        }
    }
}
