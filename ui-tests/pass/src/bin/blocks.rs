//! Impl blocks in all forms.

#![deny(warnings)]
#![expect(
    clippy::multiple_bound_locations,
    clippy::needless_arbitrary_self_type,
    reason = "every form that is Rust"
)]

use std::sync::Arc;

use manager_runtime::{BoxError, prelude::*};

/// Without `new`, by `&mut self`.
#[derive(Default)]
struct ByDefault {
    count: u64,
}

#[handler(replicas = 2, rebuild_on_cancel)]
impl ByDefault {
    const STEP: u64 = 2;

    async fn run(&mut self) -> Json<u64> {
        self.count += Self::STEP;
        Json(self.count)
    }
}

/// By `&self`, with a message and a part, and helpers of every kind.
struct Helped;

impl Default for Helped {
    fn default() -> Self {
        Helped
    }
}

#[handler(name = "helped", timeout = "1s")]
impl Helped {
    const LIST: [u8; 2] = { [1, 2] };

    pub async fn run(&self, ctx: Context, Json(name): Json<String>) -> Result<String> {
        Ok(format!("{} {}", self.borrowed(&name), Self::generic::<_, 3>(ctx.handler())))
    }

    fn borrowed<'a>(&self, text: &'a str) -> &'a str {
        text
    }

    fn generic<T: std::fmt::Display, const N: usize>(value: T) -> String
    where
        T: Clone,
    {
        let _ = Self::LIST;
        format!("{value}{N}")
    }

    #[allow(dead_code)]
    const fn constant() -> u8 {
        1
    }
}

/// A plain `new` without parameters.
struct Plain(u64);

#[handler]
impl Plain {
    fn new() -> Self {
        Plain(1)
    }

    fn run(&self) -> Json<u64> {
        Json(self.0)
    }
}

/// An async `new` that names its own type.
struct Waited(u64);

#[handler]
impl Waited {
    async fn new() -> Waited {
        tokio::task::yield_now().await;
        Waited(2)
    }

    async fn run(self: &mut Self) -> Json<u64> {
        Json(self.0)
    }
}

/// A fallible `new` with everything that it may take.
struct Everything {
    bus: Arc<MultiBus>,
    state: Arc<SharedState>,
    made_by: String,
    start: u64,
}

#[handler]
impl Everything {
    async fn new(
        bus: Arc<MultiBus>,
        state: Arc<SharedState>,
        ctx: Context,
        start: Res<u64>,
    ) -> Result<Self> {
        Ok(Everything { bus, state, made_by: ctx.handler().to_owned(), start: *start })
    }

    async fn run(&mut self, text: String) -> Result<String> {
        self.state.insert("text", text.as_str());
        let plain = self.bus.publish("plain", ()).await?.text()?;
        Ok(format!("{text} {plain} {} {}", self.made_by, self.start))
    }
}

/// A `new` with a standard error, in a `Result` of the standard library.
struct Parsed(u64);

#[handler]
impl Parsed {
    fn new() -> std::result::Result<Self, std::num::ParseIntError> {
        "7".parse().map(Parsed)
    }

    async fn run(&self) -> Json<u64> {
        Json(self.0)
    }
}

/// And with a boxed one.
struct Boxed(u64);

#[handler]
impl Boxed {
    async fn new(Json2(start): Json2) -> Result<Boxed, BoxError> {
        Ok(Boxed(start))
    }

    async fn run(&self) -> impl manager_runtime::IntoReply {
        Json(self.0)
    }
}

/// A part of the program's own, also for `new`.
struct Json2(u64);

impl manager_runtime::Parameter for Json2 {
    type Role = manager_runtime::role::Part;
}

impl manager_runtime::Part for Json2 {
    async fn part(parts: &mut manager_runtime::Parts<'_>) -> Result<Self> {
        Ok(Json2(parts.context().handler().len() as u64))
    }
}

/// An enum.
#[derive(Default)]
enum Light {
    #[default]
    Red,
    Green,
}

#[handler]
impl Light {
    async fn run(&mut self) -> &'static str {
        *self = match self {
            Light::Red => Light::Green,
            Light::Green => Light::Red,
        };
        match self {
            Light::Red => "red",
            Light::Green => "green",
        }
    }
}

mod elsewhere {
    #[derive(Default)]
    pub(crate) struct Far;

    pub(crate) type Alias = Far;
}

#[handler(name = "far")]
impl elsewhere::Alias {
    async fn run(&self) -> &'static str {
        "far"
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().provide(9_u64).without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<ByDefault>(()).await?, 2);
    assert_eq!(ctx.call::<Helped>("Ada".to_owned()).await?, "Ada helped3");
    assert_eq!(ctx.call::<Plain>(()).await?, 1);
    assert_eq!(ctx.call::<Waited>(()).await?, 2);
    assert_eq!(ctx.call::<Everything>("text".to_owned()).await?, "text 1 everything 9");
    assert_eq!(ctx.call::<Parsed>(()).await?, 7);
    assert_eq!(ctx.publish("boxed", ()).await?.json::<u64>()?, 5);
    assert_eq!(ctx.call::<Light>(()).await?, "green");
    assert_eq!(ctx.call::<elsewhere::Far>(()).await?, "far");
    running.stop().await
}
