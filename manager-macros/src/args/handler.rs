//! The options of `#[handler(..)]`.

use syn::Ident;

use super::{Call, Keyed, Options, Slot, Value};

/// What stands in the parentheses of `#[handler(..)]`.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<Value>,
    pub(crate) replicas: Option<Value>,
    pub(crate) queue: Option<Value>,
    pub(crate) timeout: Option<Value>,
    /// In the order in which they were written.
    pub(crate) routes: Vec<Route>,
    pub(crate) host: Option<Keyed>,
    pub(crate) slash: Option<Keyed>,
    pub(crate) with: Option<Keyed>,
    pub(crate) on: Option<Value>,
    pub(crate) internal: Option<Ident>,
    pub(crate) private: Option<Ident>,
    pub(crate) public: Option<Ident>,
    pub(crate) keys: Option<Keyed>,
    pub(crate) rate: Option<Keyed>,
    pub(crate) burst: Option<Keyed>,
    pub(crate) peers: Option<Keyed>,
    pub(crate) deprecated: Option<Value>,
    pub(crate) moved: Option<Keyed>,
    pub(crate) gone: Option<Ident>,
    pub(crate) blocking: Option<Ident>,
    pub(crate) detached: Option<Ident>,
    pub(crate) rebuild_on_cancel: Option<Ident>,
    pub(crate) body_limit: Option<Value>,
    pub(crate) upload: Option<Ident>,
    pub(crate) download: Option<Ident>,
    pub(crate) metadata: Option<Ident>,
    pub(crate) krate: Option<Value>,
}

/// One or several routes of one method.
pub(crate) enum Route {
    /// `get = "/x"`
    Option(Keyed),
    /// `method("LOCK", "/x")`
    Call(Call),
}

impl Route {
    pub(crate) fn key(&self) -> &Ident {
        match self {
            Route::Option(Keyed { key, .. }) | Route::Call(Call { key, .. }) => key,
        }
    }
}

const ROUTE: &str = "a route stands under its method: `get = \"/x\"`";

impl Options for Args {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("name", "name = \"add\""),
        ("replicas", "replicas = 5"),
        ("queue", "queue = 1024"),
        ("timeout", "timeout = \"30s\""),
        ("get", "get = \"/users/{id}\""),
        ("post", "post = \"/users\""),
        ("put", "put = \"/users/{id}\""),
        ("patch", "patch = \"/users/{id}\""),
        ("delete", "delete = \"/users/{id}\""),
        ("head", "head = \"/users/{id}\""),
        ("options", "options = \"/users/{id}\""),
        ("any", "any = \"/users/{id}\""),
        ("method", "method(\"LOCK\", \"/files/{*path}\")"),
        ("host", "host = \"api.example.com\""),
        ("slash", "slash = \"strict\""),
        ("with", "with = [log]"),
        ("on", "on = \"topic\""),
        ("internal", "internal"),
        ("private", "private"),
        ("public", "public"),
        ("keys", "keys = [\"admin\"]"),
        ("rate", "rate = \"100/s\""),
        ("burst", "burst = 20"),
        ("peers", "peers = \"client.example.com\""),
        ("deprecated", "deprecated = \"since 2026-01-01, until 2027-01-01, use /v2/users\""),
        ("moved", "moved = \"/v2/users/{id}\""),
        ("gone", "gone"),
        ("blocking", "blocking"),
        ("detached", "detached"),
        ("rebuild_on_cancel", "rebuild_on_cancel"),
        ("body_limit", "body_limit = \"2MiB\""),
        ("upload", "upload"),
        ("download", "download"),
        ("metadata", "metadata"),
        ("crate", "crate = path"),
    ];

    const EXAMPLE: &'static str = "replicas = 5";

    const INSTEAD: &'static [(&'static str, &'static str)] = &[
        ("path", ROUTE),
        ("route", ROUTE),
        ("routes", ROUTE),
        ("url", ROUTE),
        ("uri", ROUTE),
        ("methods", "each method is an option of its own: `get = \"/x\", post = \"/x\"`"),
        ("middleware", "what runs around a handler is written `with = [log]`"),
        ("layer", "what runs around a handler is written `with = [log]`"),
    ];

    fn slot(&mut self, word: &str) -> Slot<'_> {
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
            internal,
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
            upload,
            download,
            metadata,
            krate,
        } = self;
        match word {
            "name" => Slot::Value(name),
            "replicas" => Slot::Value(replicas),
            "queue" => Slot::Value(queue),
            "timeout" => Slot::Value(timeout),
            "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "any" => {
                Slot::Route(routes)
            }
            "method" => Slot::Call(routes),
            "host" => Slot::Keyed(host),
            "slash" => Slot::Keyed(slash),
            "with" => Slot::Keyed(with),
            "on" => Slot::Value(on),
            "internal" => Slot::Flag(internal),
            "private" => Slot::Flag(private),
            "public" => Slot::Flag(public),
            "keys" => Slot::Keyed(keys),
            "rate" => Slot::Keyed(rate),
            "burst" => Slot::Keyed(burst),
            "peers" => Slot::Keyed(peers),
            "deprecated" => Slot::Value(deprecated),
            "moved" => Slot::Keyed(moved),
            "gone" => Slot::Flag(gone),
            "blocking" => Slot::Flag(blocking),
            "detached" => Slot::Flag(detached),
            "rebuild_on_cancel" => Slot::Flag(rebuild_on_cancel),
            "body_limit" => Slot::Value(body_limit),
            "upload" => Slot::Flag(upload),
            "download" => Slot::Flag(download),
            "metadata" => Slot::Flag(metadata),
            _ => Slot::Value(krate),
        }
    }

    fn of_text(text: &str) -> &'static str {
        if text.starts_with('/') { "get" } else { "name" }
    }

    fn list(word: &str) -> Option<&'static str> {
        Some(match word {
            "on" => "several topics are a list: write `on = [\"orders.*\", \"bills\"]`",
            "peers" => "several names are a list: write `peers = [\"shop\", \"cron\"]`",
            "host" => "several hosts are a list: write `host = [\"a.example.com\", \"b.org\"]`",
            "keys" => "several keys are a list: write `keys = [\"admin\", \"ops\"]`",
            "with" => "several middlewares are a list: write `with = [log, auth]`",
            "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "any" => {
                "several patterns are a list: write `get = [\"/a\", \"/b\"]`"
            }
            _ => return None,
        })
    }
}
