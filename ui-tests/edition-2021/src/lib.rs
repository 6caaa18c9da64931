//! Handlers in a crate of edition 2021, where paths, closures and `impl Trait` follow other rules.

use manager_runtime::prelude::*;

/// Two numbers.
#[message]
pub struct Sum {
    /// The first.
    pub a: i64,
    /// The second.
    pub b: i64,
}

/// Adds two numbers.
#[handler(replicas = 2)]
pub async fn add_2021(Json(sum): Json<Sum>) -> Result<Json<i64>> {
    Ok(Json(sum.a + sum.b))
}

/// Calls the other one.
#[handler(internal)]
pub async fn double_2021(ctx: Context, sum: Sum) -> Result<Json<i64>> {
    let once = ctx.call::<add_2021>(sum).await?;
    Ok(Json(once * 2))
}

/// Has no name for its reply.
#[handler]
pub async fn greet_2021(name: String) -> impl manager_runtime::IntoReply {
    format!("hello {name}")
}

/// Counts.
#[derive(Default)]
pub struct Counter2021 {
    count: u64,
}

#[handler(name = "counter-2021")]
impl Counter2021 {
    async fn run(&mut self) -> Json<u64> {
        self.count += 1;
        Json(self.count)
    }
}

/// Keeps what it was made with.
pub struct Greeter2021 {
    greeting: String,
}

#[handler]
impl Greeter2021 {
    async fn new(state: std::sync::Arc<SharedState>) -> Result<Self> {
        let greeting = state.get::<String>("greeting")?;
        Ok(Greeter2021 { greeting: greeting.unwrap_or_else(|| "hello".to_owned()) })
    }

    fn run(&self, name: String) -> String {
        format!("{} {name}", self.greeting)
    }
}
