//! The options of a handler, each in the range that it may have.

use super::access::{self, Rate};
use super::name::{Default, Name};
use super::peers::check_peers;
use super::port::{self, Port};
use super::route::{self, Http};
use super::topic::{Topic, check_topics};
use crate::args::{Args, Value};
use crate::diag::Diag;
use crate::item::Item;
use crate::units::{Millis, Size};

/// The name and the options; `None` leaves an option at the runtime's default.
pub(crate) struct Spec {
    pub(crate) name: Name,
    pub(crate) replicas: Option<Replicas>,
    pub(crate) queue: Option<Queue>,
    pub(crate) timeout: Option<Millis>,
    pub(crate) http: Http,
    pub(crate) on: Vec<Topic>,
    /// The topics that its body emits, as far as can be seen; not checked, since a body is its own.
    pub(crate) emits: Vec<String>,
    /// Written, or implied by `on` where nothing asks for HTTP.
    pub(crate) internal: bool,
    pub(crate) public: bool,
    /// The names of the keys that it takes; without any, it takes all.
    pub(crate) keys: Vec<String>,
    pub(crate) rate: Option<Rate>,
    /// The names of certificates that it answers to; with none of them it answers to all.
    pub(crate) peers: Vec<String>,
    pub(crate) blocking: bool,
    pub(crate) detached: bool,
    pub(crate) rebuild_on_cancel: bool,
    pub(crate) body_limit: Option<Size>,
    /// What a function is instead of answering messages.
    pub(crate) entrance: Option<Port>,
    /// The documentation comment; empty if there is none.
    pub(crate) doc: String,
}

/// From 1 to 65535.
pub(crate) struct Replicas(u32);

/// From 0 to 16777216.
pub(crate) struct Queue(u32);

pub(super) fn check_spec(
    args: Args,
    default: Option<Default>,
    emits: Vec<String>,
    doc: String,
    diag: &mut Diag,
) -> Option<Spec> {
    let internal = is_internal(&args);
    let entrance = port::of(&args);
    let Args {
        name,
        replicas,
        queue,
        timeout,
        routes,
        host,
        slash,
        with,
        on,
        internal: _,
        private,
        public,
        keys,
        rate,
        burst,
        peers,
        deprecated,
        moved,
        gone,
        blocking,
        detached,
        rebuild_on_cancel,
        body_limit,
        upload: _,
        download: _,
        metadata: _,
        // Checked before this, because it is no option of the handler itself.
        krate: _,
    } = args;
    let replicas = replicas.and_then(|value| Replicas::check(&value, diag));
    let queue = queue.and_then(|value| Queue::check(&value, diag));
    let timeout =
        timeout.and_then(|value| Millis::check("timeout", &value, Millis::OF_A_CALL, diag));
    let written = route::Written { routes, host, slash, with, private, deprecated, moved, gone };
    let http = route::check(written, diag);
    let keys = keys.map_or_else(Vec::new, |keys| access::check_keys(keys, diag));
    let rate = access::check_rate(rate, burst, diag);
    let on = on.map_or_else(Vec::new, |value| check_topics(value, diag));
    let peers = peers.map_or_else(Vec::new, |peers| check_peers(peers.value, diag));
    let body_limit =
        body_limit.and_then(|value| Size::check("body_limit", &value, Size::OF_A_BODY, diag));
    Some(Spec {
        name: Name::check(name, default, diag)?,
        replicas,
        queue,
        timeout,
        http,
        on,
        emits,
        internal,
        public: public.is_some(),
        keys,
        rate,
        peers,
        blocking: blocking.is_some(),
        detached: detached.is_some(),
        rebuild_on_cancel: rebuild_on_cancel.is_some(),
        body_limit,
        entrance,
        doc,
    })
}

/// Whether a handler is kept off HTTP: by its own word, or because it hears a topic and says nothing
/// of HTTP.
pub(super) fn is_internal(args: &Args) -> bool {
    let over_http = args.public.is_some() || args.private.is_some() || !args.routes.is_empty();
    args.internal.is_some() || args.on.is_some() && !over_http
}

pub(super) fn check_combinations(args: &Args, item: &Item, diag: &mut Diag) {
    if let (Some(_), Some(public)) = (&args.internal, &args.public) {
        diag.under(
            public,
            "`public` opens a handler to everybody over HTTP and `internal` keeps it off HTTP; \
             keep one of them",
        );
    }
    if let (Some(blocking), Some(why)) = (&args.blocking, why_not_blocking(item)) {
        diag.under(blocking, format!("`blocking` is for a plain `fn`: {why}"));
    }
    if let (Some(rebuild), Item::Function(_)) = (&args.rebuild_on_cancel, item) {
        diag.under(
            rebuild,
            "`rebuild_on_cancel` is for an impl block: a function has no state that would have to \
             be rebuilt; remove it",
        );
    }
}

fn why_not_blocking(item: &Item) -> Option<&'static str> {
    match item {
        Item::Function(function) if function.signature.asyncness.is_none() => None,
        Item::Function(_) => {
            Some("an `async fn` runs on the async threads; remove `async` or `blocking`")
        }
        Item::Block(_) => Some(
            "an impl block runs on the async threads; write a function, or call blocking code \
             from `run` with `spawn_blocking`",
        ),
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

pub(super) fn check_number(
    word: &str,
    value: &Value,
    range: std::ops::RangeInclusive<u32>,
    diag: &mut Diag,
) -> Option<u32> {
    let (low, high) = (range.start(), range.end());
    if let Value::Text(text) = value
        && let Ok(number) = text.value().parse::<u32>()
        && range.contains(&number)
    {
        diag.under(text, format!("`{word}` takes a number without quotes: `{word} = {number}`"));
        return None;
    }
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
