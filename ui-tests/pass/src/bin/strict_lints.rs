//! The strictest lints find nothing in what is generated.
//! With documentation, as the lints ask for it.
#![deny(warnings, missing_docs, unreachable_pub)]
#![deny(nonstandard_style, rust_2018_idioms, unused, future_incompatible, let_underscore)]
#![deny(
    unused_qualifications,
    unused_lifetimes,
    unused_results,
    unused_macro_rules,
    unused_import_braces,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    explicit_outlives_requirements,
    elided_lifetimes_in_paths,
    non_ascii_idents,
    meta_variable_misuse,
    absolute_paths_not_starting_with_crate,
    missing_abi,
    ambiguous_negative_literals,
    redundant_lifetimes,
    unit_bindings,
    variant_size_differences
)]

use manager_runtime::{IntoReply, prelude::*};

/// Two numbers.
#[message]
pub struct Sum {
    /// The first.
    pub a: i64,
    /// The second.
    pub b: i64,
}

/// Any value.
#[message]
pub struct Any<T> {
    /// The value.
    pub value: T,
}

/// Adds.
#[handler(replicas = 2, queue = 5, timeout = 10, on = ["a", "b.*"], public)]
pub async fn add(Json(Sum { a, b }): Json<Sum>) -> Result<Json<i64>> {
    Ok(Json(a + b))
}

// Only what is public has to be documented.
#[handler(detached)]
async fn undocumented(ctx: Context, sum: Sum) -> Result<Json<i64>> {
    Ok(Json(ctx.call::<add>(sum).await?))
}

/// Waits.
#[handler(blocking)]
pub fn wait(text: String) -> String {
    text
}

/// Answers something.
#[handler]
pub async fn opaque(any: Any<u8>) -> impl IntoReply {
    Json(any.value)
}

/// Counts.
#[derive(Default)]
pub struct Counter {
    count: u64,
}

#[handler(rebuild_on_cancel)]
impl Counter {
    /// Counts one.
    pub async fn run(&mut self) -> Json<u64> {
        self.count += 1;
        Json(self.count)
    }
}

/// Knows where to begin.
pub struct Later {
    count: u64,
}

#[handler]
impl Later {
    async fn new(ctx: Context, start: Res<u64>) -> Result<Self> {
        Ok(Later { count: *start + u64::from(ctx.state().is_empty()) })
    }

    async fn run(&self) -> Json<u64> {
        Json(self.count)
    }
}

/// Notes each request.
#[middleware(global, order = -1)]
pub async fn noted(request: Request, next: Next, ctx: Context) -> Result<Response> {
    let _ = ctx.state().increment("requests", 1)?;
    next.run(request).await
}

// Only what is public has to be documented.
#[middleware]
async fn undocumented_too(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

/// Says what is not there.
#[catcher(404, path = "/add")]
pub async fn not_found(caught: Caught) -> String {
    caught.message()
}

/// What may go wrong.
#[derive(Debug, HandlerError)]
pub enum Wrong {
    /// There is nothing.
    #[error(kind = NotFound, "no {name}")]
    Nothing {
        /// What there is not.
        name: String,
    },
    /// It cannot be written.
    #[error(kind = Internal, "text")]
    Text(#[from] std::fmt::Error),
}

/// Is reached in many ways.
#[handler(
    get = ["/routed/{id}/{rest}", "/routed/{id}/{n:[0-9]+}-x !"],
    method("LOCK", "/routed/{id}/{*rest}"),
    host = ["{sub}.example.com", "{sub}.example.org"],
    with = [noted, undocumented_too],
    deprecated = "until 2027-01-01, use add",
    moved = "/add/{sub}/{id}"
)]
pub async fn routed(Path((sub, id, rest)): Path<(String, u64, String)>) -> Result<(), Wrong> {
    Err(Wrong::Nothing { name: format!("{sub} {id} {rest}") })
}

/// A module of handlers.
pub mod handlers {
    use manager_runtime::prelude::*;

    /// Adds.
    #[handler(name = "add-too")]
    pub async fn add(sum: super::Sum) -> Json<i64> {
        Json(sum.a + sum.b)
    }
}

fn main() -> ExitCode {
    let _: fn() -> ExitCode = || {
        manager! {
            bind: "127.0.0.1:0",
            state: { "count": 0 },
            provide: [5_u64],
        }
    };
    ExitCode::SUCCESS
}
