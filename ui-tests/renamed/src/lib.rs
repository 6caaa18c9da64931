//! Handlers in a crate that knows the runtime as `service` and by no other name.

use service::prelude::*;

/// Two numbers.
#[message(crate = service)]
pub struct Sum {
    /// The first.
    pub a: i64,
    /// The second.
    pub b: i64,
}

/// Adds two numbers.
#[handler(crate = service)]
pub async fn add_renamed(sum: Sum) -> Json<i64> {
    Json(sum.a + sum.b)
}

/// Says the path as text, and has no name for its reply.
#[handler(crate = "::service")]
pub async fn greet_renamed(name: String) -> impl service::IntoReply {
    name
}

/// Counts from where it was told to.
pub struct CounterRenamed {
    count: i64,
}

#[handler(crate = service)]
impl CounterRenamed {
    fn new(ctx: Context) -> Result<Self> {
        Ok(CounterRenamed { count: ctx.state().get::<i64>("from")?.unwrap_or(0) })
    }

    async fn run(&mut self) -> Json<i64> {
        self.count += 1;
        Json(self.count)
    }
}
