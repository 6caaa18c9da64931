//! A handler as it was checked. Nothing here can be made but by checking, and only here can an
//! attribute or an item be found wrong.

mod access;
mod deprecation;
mod name;
pub(crate) mod pattern;
mod peers;
pub(crate) mod port;
mod prefix;
mod route;
mod shape;
mod signature;
mod spec;
mod topic;

use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

pub(crate) use self::access::Rate;
pub(crate) use self::deprecation::Deprecation;
pub(crate) use self::pattern::{Host, Moved, Pattern};
pub(crate) use self::port::Port;
pub(crate) use self::prefix::Prefix;
pub(crate) use self::route::{Http, Route};
pub(crate) use self::shape::{Block, Function, refuse_method, refuse_primitive};
pub(crate) use self::signature::{Call, MAX_PARAMETERS, Output, Parameter, check_call};
pub(crate) use self::spec::Spec;
use crate::args::Args;
use crate::diag::Diag;
use crate::item::Item;
use crate::krate::Krate;

/// A handler, ready to be expanded.
pub(crate) struct Handler {
    pub(crate) krate: Krate,
    pub(crate) spec: Spec,
    pub(crate) kind: Kind,
    /// The `cfg` attributes: they hold for everything that is generated.
    pub(crate) cfgs: Vec<Attribute>,
}

pub(crate) enum Kind {
    Function(Box<Function>),
    Block(Box<Block>),
}

/// Checks everything. A handler comes out as soon as its item is sound, with what could be saved of
/// its options, so that a mistake in an option does not break the calls of the handler as well.
pub(crate) fn check(
    args: Args,
    item: Item,
    emits: Vec<String>,
    diag: &mut Diag,
) -> Option<Handler> {
    spec::check_combinations(&args, &item, diag);
    access::check_combinations(&args, diag);
    route::check_combinations(&args, port::has_files(&args, &item), diag);
    port::check_combinations(&args, &item, diag);
    let attrs = item.attrs();
    let doc = match documentation(attrs) {
        doc if doc.is_empty() => documentation_of_run(&item),
        doc => doc,
    };
    let cfgs = keep(attrs, &["cfg"]);
    let default = name::Default::of(&item);
    let kind = match item {
        Item::Function(function) => {
            shape::check_function(function, diag).map(|sound| Kind::Function(Box::new(sound)))
        }
        Item::Block(block) => {
            shape::check_block(block, diag).map(|sound| Kind::Block(Box::new(sound)))
        }
    };
    let krate = match &args.krate {
        Some(value) => Krate::check(value, diag),
        None => Some(Krate::default()),
    };
    let spec = spec::check_spec(args, default, emits, doc, diag);
    Some(Handler { krate: krate?, spec: spec?, kind: kind?, cfgs })
}

/// The lines of the documentation comment, each without the space that it begins with.
fn documentation(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in keep(attrs, &["doc"]) {
        let Meta::NameValue(meta) = &attr.meta else { continue };
        if let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &meta.value {
            let line = line.value();
            lines.push(line.strip_prefix(' ').unwrap_or(&line).to_owned());
        }
    }
    lines.join("\n")
}

/// A block without documentation says with that of `run` what it does, or else with that of another method
/// that serves.
fn documentation_of_run(item: &Item) -> String {
    let Item::Block(block) = item else { return String::new() };
    let of = |name: &str| {
        let method = block.methods.iter().find(|method| method.signature.ident.unraw() == name);
        method.map_or_else(String::new, |method| documentation(&method.attrs))
    };
    let names = std::iter::once("run").chain(Port::ALL.map(Port::method));
    names.map(of).find(|doc| !doc.is_empty()).unwrap_or_default()
}

/// The attributes with one of these names.
pub(crate) fn keep(attrs: &[Attribute], names: &[&str]) -> Vec<Attribute> {
    let wanted = |attr: &&Attribute| names.iter().any(|name| attr.path().is_ident(name));
    attrs.iter().filter(wanted).cloned().collect()
}
