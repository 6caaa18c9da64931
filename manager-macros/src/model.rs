//! A handler as it was checked. Nothing here can be made but by checking, and only here can an
//! attribute or an item be found wrong.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, Ident, Lit, Meta, PathArguments,
    ReceiverKind, ReturnType, Safety, Signature, Type, Visibility,
};

use crate::args::{Args, Value};
use crate::diag::Diag;
use crate::item::{self, Item};
use crate::krate::Krate;
use crate::suggest;
use crate::units::{Millis, Size};

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

/// The name and the options; `None` leaves an option at the runtime's default.
pub(crate) struct Spec {
    pub(crate) name: Name,
    pub(crate) replicas: Option<Replicas>,
    pub(crate) queue: Option<Queue>,
    pub(crate) timeout: Option<Millis>,
    pub(crate) on: Vec<Topic>,
    /// Written, or implied by `on`.
    pub(crate) internal: bool,
    pub(crate) public: bool,
    pub(crate) blocking: bool,
    pub(crate) detached: bool,
    pub(crate) rebuild_on_cancel: bool,
    pub(crate) body_limit: Option<Size>,
    /// The documentation comment; empty if there is none.
    pub(crate) doc: String,
}

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
    pub(crate) run: Call,
    pub(crate) new: Option<Call>,
}

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

/// The name of a handler: `[a-z0-9][a-z0-9_.-]*`, at most 128 bytes, not reserved.
pub(crate) struct Name(String);

/// From 1 to 65535.
pub(crate) struct Replicas(u32);

/// From 0 to 16777216.
pub(crate) struct Queue(u32);

/// Words separated by dots; `*` stands for one, `>` at the end for the rest.
pub(crate) struct Topic(String);

const RESERVED: [&str; 7] =
    ["shutdown", "stream", "healthz", "readyz", "livez", "metrics", "openapi.json"];
/// The types that every derive nearby counts on.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64",
];
const MAX_NAME: usize = 128;
const MAX_PARAMETERS: usize = 16;

/// Checks everything. A handler comes out as soon as its item is sound, with what could be saved of
/// its options, so that a mistake in an option does not break the calls of the handler as well.
pub(crate) fn check(args: Args, item: Item, diag: &mut Diag) -> Option<Handler> {
    check_combinations(&args, &item, diag);
    let attrs = match &item {
        Item::Function(item::Function { attrs, .. }) | Item::Block(item::Block { attrs, .. }) => {
            attrs
        }
    };
    let doc = match documentation(attrs) {
        doc if doc.is_empty() => documentation_of_run(&item),
        doc => doc,
    };
    let cfgs = keep(attrs, &["cfg"]);
    let default = default_name(&item);
    let kind = match item {
        Item::Function(function) => {
            check_function(function, diag).map(|sound| Kind::Function(Box::new(sound)))
        }
        Item::Block(block) => check_block(block, diag).map(|sound| Kind::Block(Box::new(sound))),
    };
    let krate = match &args.krate {
        Some(value) => Krate::check(value, diag),
        None => Some(Krate::default()),
    };
    let spec = check_spec(args, default, doc, diag);
    Some(Handler { krate: krate?, spec: spec?, kind: kind?, cfgs })
}

// ---- options -------------------------------------------------------------------------------------

fn check_spec(args: Args, default: Option<Ident>, doc: String, diag: &mut Diag) -> Option<Spec> {
    let Args {
        name,
        replicas,
        queue,
        timeout,
        on,
        internal,
        public,
        blocking,
        detached,
        rebuild_on_cancel,
        body_limit,
        // Checked before this, because it is no option of the handler itself.
        krate: _,
    } = args;
    let internal = internal.is_some() || on.is_some() && public.is_none();
    let replicas = replicas.and_then(|value| Replicas::check(&value, diag));
    let queue = queue.and_then(|value| Queue::check(&value, diag));
    let timeout =
        timeout.and_then(|value| Millis::check("timeout", &value, Millis::OF_A_CALL, diag));
    let on = on.map_or_else(Vec::new, |value| check_topics(value, diag));
    let body_limit =
        body_limit.and_then(|value| Size::check("body_limit", &value, Size::OF_A_BODY, diag));
    Some(Spec {
        name: Name::check(name, default, diag)?,
        replicas,
        queue,
        timeout,
        on,
        internal,
        public: public.is_some(),
        blocking: blocking.is_some(),
        detached: detached.is_some(),
        rebuild_on_cancel: rebuild_on_cancel.is_some(),
        body_limit,
        doc,
    })
}

fn check_combinations(args: &Args, item: &Item, diag: &mut Diag) {
    if let (Some(_), Some(public)) = (&args.internal, &args.public) {
        diag.under(
            public,
            "`public` opens a handler to everybody over HTTP and `internal` keeps it off HTTP; keep \
             one of them",
        );
    }
    match item {
        Item::Function(function) => {
            if let (Some(blocking), Some(_)) = (&args.blocking, &function.signature.asyncness) {
                diag.under(
                    blocking,
                    "`blocking` is for a plain `fn`: an `async fn` runs on the async threads; remove \
                     `async` or `blocking`",
                );
            }
            if let Some(rebuild) = &args.rebuild_on_cancel {
                diag.under(
                    rebuild,
                    "`rebuild_on_cancel` is for an impl block: a function has no state that would \
                     have to be rebuilt; remove it",
                );
            }
        }
        Item::Block(_) => {
            if let Some(blocking) = &args.blocking {
                diag.under(
                    blocking,
                    "`blocking` is for a plain `fn`: an impl block runs on the async threads; write \
                     a function, or call blocking code from `run` with `spawn_blocking`",
                );
            }
        }
    }
}

impl Name {
    fn check(written: Option<Value>, default: Option<Ident>, diag: &mut Diag) -> Option<Self> {
        let default = default.map(|ident| (default_text(&ident), ident));
        match written {
            Some(Value::Text(text)) => match Name::read(&text.value()) {
                Ok(name) => return Some(name),
                Err(problem) => diag.under(text, problem),
            },
            Some(other) => diag.under(other, "`name` takes text: `name = \"add\"`"),
            None => {
                let (text, ident) = default?;
                return Name::read(&text)
                    .map_err(|problem| {
                        diag.under(ident, format!("{problem}; give it one with `name = \"..\"`"));
                    })
                    .ok();
            }
        }
        // The name that was written is wrong, and reported; the calls go on with the default.
        default.and_then(|(text, _)| Name::read(&text).ok())
    }

    fn read(text: &str) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if text.is_empty() {
            Err("a handler's name cannot be empty".to_owned())
        } else if text.len() > MAX_NAME {
            Err(format!(
                "a handler's name has at most {MAX_NAME} bytes, and this one has {}",
                text.len()
            ))
        } else if text.starts_with('_') {
            Err(format!("`{text}` is reserved, as is every name that begins with `_`"))
        } else if RESERVED.contains(&text) {
            Err(format!(
                "`{text}` is reserved for the runtime, as are {}",
                suggest::list(RESERVED.into_iter().filter(|reserved| *reserved != text))
            ))
        } else if !text.starts_with(allowed) {
            Err(format!(
                "`{text}` cannot be the name of a handler: a name begins with a lower-case letter \
                 or a digit"
            ))
        } else if let Some(wrong) =
            text.chars().find(|c| !allowed(*c) && !matches!(c, '_' | '.' | '-'))
        {
            Err(format!(
                "`{text}` cannot be the name of a handler because of `{}`: a name is made of \
                 lower-case letters, digits, `_`, `.` and `-`",
                wrong.escape_debug()
            ))
        } else {
            Ok(Name(text.to_owned()))
        }
    }

    pub(crate) fn get(&self) -> &str {
        &self.0
    }
}

impl Replicas {
    fn check(value: &Value, diag: &mut Diag) -> Option<Self> {
        check_number("replicas", value, 1..=65_535, diag).map(Replicas)
    }

    pub(crate) fn get(&self) -> u32 {
        self.0
    }
}

impl Queue {
    fn check(value: &Value, diag: &mut Diag) -> Option<Self> {
        check_number("queue", value, 0..=16_777_216, diag).map(Queue)
    }

    pub(crate) fn get(&self) -> u32 {
        self.0
    }
}

fn check_number(
    word: &str,
    value: &Value,
    range: std::ops::RangeInclusive<u32>,
    diag: &mut Diag,
) -> Option<u32> {
    let (low, high) = (range.start(), range.end());
    let Value::Number(number) = value else {
        diag.under(value, format!("`{word}` takes a whole number from {low} to {high}"));
        return None;
    };
    if !number.suffix().is_empty() {
        diag.under(number, format!("`{word}` takes a number without `{}`", number.suffix()));
        return None;
    }
    let number = number.base10_parse().ok().filter(|number| range.contains(number));
    if number.is_none() {
        diag.under(value, format!("`{word}` goes from {low} to {high}"));
    }
    number
}

fn check_topics(value: Value, diag: &mut Diag) -> Vec<Topic> {
    let values = match value {
        Value::List(brackets, values) if values.is_empty() => {
            diag.at(brackets.span.join(), "`on` needs a topic: `on = \"orders.*\"`");
            values
        }
        Value::List(_, values) => values,
        value => vec![value],
    };
    let mut topics: Vec<Topic> = Vec::new();
    for value in values {
        let Value::Text(text) = value else {
            diag.under(
                value,
                "`on` takes a topic or a list of topics: `on = [\"orders.*\", \"bills\"]`",
            );
            continue;
        };
        match Topic::read(&text.value()) {
            Ok(topic) if topics.iter().any(|other| other.0 == topic.0) => {
                diag.under(text, format!("the topic `{}` stands here twice; keep one", topic.0));
            }
            Ok(topic) => topics.push(topic),
            Err(problem) => diag.under(text, problem),
        }
    }
    topics
}

impl Topic {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a topic cannot be empty".to_owned());
        }
        let words: Vec<&str> = text.split('.').collect();
        for (place, word) in words.iter().enumerate() {
            let last = place + 1 == words.len();
            match *word {
                "" => {
                    return Err(format!(
                        "`{text}` has an empty word: the words of a topic stand between single dots"
                    ));
                }
                "*" => {}
                ">" if last => {}
                ">" => {
                    return Err(format!(
                        "`>` in `{text}` stands for all the rest and can only come last; `*` stands for one word"
                    ));
                }
                word if word.contains(['*', '>']) => {
                    return Err(format!(
                        "`{word}` in `{text}` mixes a wildcard with other characters: `*` stands for one whole word, `>` for the rest"
                    ));
                }
                word => {
                    let wrong = word
                        .chars()
                        .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
                    if let Some(wrong) = wrong {
                        return Err(format!(
                            "`{}` in `{text}` cannot stand in a topic: its words are made of letters, digits, `_` and `-`",
                            wrong.escape_debug()
                        ));
                    }
                }
            }
        }
        Ok(Topic(text.to_owned()))
    }

    pub(crate) fn get(&self) -> &str {
        &self.0
    }
}

/// The name of the function or the type, of which the default name of the handler is made.
fn default_name(item: &Item) -> Option<Ident> {
    match item {
        Item::Function(function) => Some(function.signature.ident.clone()),
        Item::Block(block) => {
            path_of(&block.target)?.segments.last().map(|last| last.ident.clone())
        }
    }
}

/// A function's name as it is, a type's in snake case.
fn default_text(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    if name.starts_with(char::is_uppercase) { snake_case(&name) } else { name }
}

/// `OrderBook` as `order_book`, `HTTPServer` as `http_server`.
fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (place, c) in chars.iter().enumerate() {
        let after_lower = place > 0 && !chars[place - 1].is_uppercase() && chars[place - 1] != '_';
        let before_lower = chars.get(place + 1).is_some_and(|next| next.is_lowercase());
        let after_upper = place > 0 && chars[place - 1].is_uppercase();
        if c.is_uppercase() && (after_lower || after_upper && before_lower) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

// ---- items ---------------------------------------------------------------------------------------

fn check_function(function: item::Function, diag: &mut Diag) -> Option<Function> {
    let item::Function { attrs, vis, signature } = function;
    let attrs = keep(&attrs, &["doc", "deprecated", "cfg"]);
    let before = diag.count();
    if let Some(receiver) = signature.receiver() {
        diag.under(
            receiver,
            "a function with `self` is a method: put `#[handler]` on the whole impl block and call \
             the method `run`",
        );
    }
    let call = check_call(signature, "a handler", diag);
    let name = call.ident.to_string();
    if PRIMITIVES.contains(&name.as_str()) && !matches!(call.output, Output::Opaque(_)) {
        diag.under(
            &call.ident,
            format!(
                "the handle of this function would hide the type `{name}`; call it otherwise and \
                 write `name = \"{name}\"`"
            ),
        );
    }
    (diag.count() == before).then_some(Function { attrs, vis, call })
}

fn check_block(block: item::Block, diag: &mut Diag) -> Option<Block> {
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
            "a handler cannot be generic: each is one set of types; write the impl block for one type",
        );
    } else {
        check_target(&target, diag);
    }
    if let Some(bounds) = &generics.where_clause {
        diag.under(bounds, "a handler has no type parameters to bound; remove the `where` clause");
    }
    let (mut run, mut new, mut others) = (None, None, false);
    for method in methods {
        match method.signature.ident.unraw().to_string().as_str() {
            "run" if run.is_none() => run = Some(check_run(method, diag)),
            "new" if new.is_none() => new = Some(check_new(method, diag)),
            // The compiler itself complains about the second of a name.
            "run" | "new" => {}
            other => {
                others = true;
                diag.under(
                    &method.signature.ident,
                    format!("`{other}` is not served yet: this version serves `run` only; remove it or rename it"),
                );
            }
        }
    }
    if run.is_none() && !others {
        refuse_without_run(&target, &helpers, diag);
    }
    if diag.count() > before {
        return None;
    }
    Some(Block { target, run: run?, new })
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

fn path_of(target: &Type) -> Option<&syn::Path> {
    match target {
        Type::Path(path) if path.qself.is_none() => Some(&path.path),
        Type::Group(group) => path_of(&group.elem),
        Type::Paren(paren) => path_of(&paren.elem),
        _ => None,
    }
}

fn refuse_without_run(target: &Type, helpers: &[Ident], diag: &mut Diag) {
    let rule = "an impl block with `#[handler]` needs a method `run`, which serves one call: \
                `async fn run(&mut self, ..)`";
    let near = |ident: &&Ident| suggest::nearest(&ident.unraw().to_string(), ["run"]).is_some();
    match helpers.iter().find(near) {
        Some(near) => diag.under(near, format!("{rule}; did you mean `run`?")),
        None => diag.under(target, rule),
    }
}

fn check_run(method: item::Method, diag: &mut Diag) -> Call {
    let item::Method { attrs, signature } = method;
    refuse_conditions(&attrs, "run", diag);
    let rule = "`run` borrows its replica: write `&self` or `&mut self`";
    match signature.receiver() {
        None => diag.under(&signature.ident, format!("{rule} as its first parameter")),
        Some(receiver) => match &receiver.kind {
            ReceiverKind::Reference(_, None, _) => {}
            ReceiverKind::Reference(_, Some(lifetime), _) => {
                diag.under(lifetime, "`run` cannot have lifetimes: write `&self` or `&mut self`");
            }
            ReceiverKind::Typed(_, kind) if is_borrowed_self(kind) => {}
            _ => diag.under(receiver, rule),
        },
    }
    check_call(signature, "`run`", diag)
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
    for Parameter(kind) in &call.parameters {
        if let Some(own) = find_self(kind.to_token_stream()) {
            diag.at(own, "write the name of the type here: a parameter of `new` cannot say `Self`");
        }
    }
    call
}

fn refuse_conditions(attrs: &[Attribute], what: &str, diag: &mut Diag) {
    for attr in keep(attrs, &["cfg", "cfg_attr"]) {
        if attr.path().is_ident("cfg") || mentions(attr.to_token_stream(), "cfg") {
            diag.under(
                attr,
                format!("`{what}` cannot be conditional; put the `cfg` on the impl block"),
            );
        }
    }
}

/// What holds for a function, for `run` and for `new` alike.
fn check_call(signature: Signature, what: &str, diag: &mut Diag) -> Call {
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
        diag.under(
            constness,
            format!("{what} cannot be `const`: it runs when a call comes; remove `const`"),
        );
    }
    if let Safety::Unsafe(token) = safety {
        diag.under(
            token,
            format!("{what} cannot be `unsafe`: nobody would keep its promises; remove `unsafe`"),
        );
    }
    if let Some(abi) = abi {
        diag.under(
            abi,
            format!("{what} cannot be `extern`: only Rust code calls it; remove `extern`"),
        );
    }
    if generics.lifetimes().next().is_some() && generics.type_params().next().is_none() {
        diag.under(
            &generics,
            format!("{what} cannot have lifetimes: a parameter owns its value; take `String` instead of `&str`"),
        );
    } else if !generics.params.is_empty() {
        diag.under(
            &generics,
            format!("{what} cannot be generic: a handler is one set of types; write one for each, and let both call a generic function"),
        );
    } else if let Some(bounds) = &generics.where_clause {
        diag.under(
            bounds,
            format!("{what} has no type parameters to bound; remove the `where` clause"),
        );
    }
    if let Some(variadic) = variadic {
        diag.under(
            variadic,
            format!("{what} cannot be variadic: name each parameter with its type"),
        );
    }
    let parameters = check_parameters(inputs, what, diag);
    Call {
        ident,
        is_async: asyncness.is_some(),
        parameters,
        output: Output::of(output, what, diag),
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
                format!("a parameter of {what} cannot be conditional; put the `cfg` on the whole"),
            );
        }
        check_owned(&input.ty, diag);
        if parameters.len() == MAX_PARAMETERS {
            diag.under(
                &input.ty,
                format!("{what} takes at most {MAX_PARAMETERS} parameters; put several into one struct that implements `Part`"),
            );
        }
        parameters.push(Parameter(*input.ty));
    }
    parameters
}

/// Finds borrowed and unnamed types, also inside of others.
fn check_owned(kind: &Type, diag: &mut Diag) {
    match kind {
        Type::Reference(reference) if is_static(reference.lifetime.as_ref()) => {}
        Type::Reference(_) => {
            diag.under(kind, format!("a parameter owns its value: take {}", owned_instead(kind)));
        }
        Type::ImplTrait(_) => {
            diag.under(kind, "a parameter is of one type: name it instead of `impl Trait`");
        }
        Type::Array(array) => check_owned(&array.elem, diag),
        Type::Group(group) => check_owned(&group.elem, diag),
        Type::Paren(paren) => check_owned(&paren.elem, diag),
        Type::Slice(slice) => check_owned(&slice.elem, diag),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|kind| check_owned(kind, diag)),
        Type::Path(path) => {
            for segment in &path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
                for argument in &arguments.args {
                    match argument {
                        GenericArgument::Type(kind) => check_owned(kind, diag),
                        GenericArgument::Lifetime(lifetime) if !is_static(Some(lifetime)) => {
                            diag.under(lifetime, "a parameter owns its value: it cannot have a lifetime other than `'static`");
                        }
                        _ => {}
                    }
                }
            }
        }
        // What stands in a function pointer or a trait object is not borrowed by the parameter.
        _ => {}
    }
}

fn is_static(lifetime: Option<&syn::Lifetime>) -> bool {
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

/// What to take instead of a reference.
fn owned_instead(reference: &Type) -> String {
    let written = type_text(reference);
    let Type::Reference(reference) = reference else { return format!("`{written}`") };
    let owned = match &*reference.elem {
        Type::Slice(slice) => format!("Vec<{}>", type_text(&slice.elem)),
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
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
                        format!("{what} has to come to an end: name what it returns, or nothing"),
                    );
                }
                if mentions(kind.to_token_stream(), "impl") {
                    Output::Opaque(*kind)
                } else {
                    Output::Type(*kind)
                }
            }
        }
    }
}

// ---- tokens --------------------------------------------------------------------------------------

/// The attributes with one of these names.
fn keep(attrs: &[Attribute], names: &[&str]) -> Vec<Attribute> {
    let wanted = |attr: &&Attribute| names.iter().any(|name| attr.path().is_ident(name));
    attrs.iter().filter(wanted).cloned().collect()
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

/// A block without documentation says with that of `run` what it does.
fn documentation_of_run(item: &Item) -> String {
    match item {
        Item::Function(_) => String::new(),
        Item::Block(block) => block
            .methods
            .iter()
            .find(|method| method.signature.ident.unraw() == "run")
            .map_or_else(String::new, |run| documentation(&run.attrs)),
    }
}

/// Whether the word stands anywhere in the tokens.
fn mentions(tokens: TokenStream, word: &str) -> bool {
    find(tokens, word).is_some()
}

fn find_self(tokens: TokenStream) -> Option<Span> {
    find(tokens, "Self")
}

fn find(tokens: TokenStream, word: &str) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == word => Some(ident.span()),
        TokenTree::Group(group) => find(group.stream(), word),
        _ => None,
    })
}
