//! The state that every handler sees: a key-value store with atomic changes and time limits.

use std::time::Duration;

use manager_runtime::prelude::*;

/// Counts a visitor; it is right with any number at once.
#[handler(replicas = 8)]
async fn visit(ctx: Context, name: String) -> Result<String> {
    let number = ctx.state().increment("visitors", 1)?;
    // Remembered for a minute.
    ctx.state().insert_with_ttl(&format!("seen/{name}"), number, Duration::from_secs(60));
    let greeting: Option<String> = ctx.state().get("greeting")?;
    Ok(format!("{} {name}, you are number {number}", greeting.unwrap_or_default()))
}

/// Who was here within the last minute.
#[handler]
async fn seen(ctx: Context) -> Json<Vec<String>> {
    let seen = ctx.state().list("seen/");
    Json(seen.into_iter().map(|(key, _)| key.trim_start_matches("seen/").to_owned()).collect())
}

/// Changes the greeting and says what it was.
#[handler]
async fn greet_with(ctx: Context, greeting: String) -> Result<String> {
    let before: Option<String> = ctx.state().get("greeting")?;
    // The closure sees the value of this very moment, and runs again if somebody was faster.
    ctx.state().update("greeting", |_: Option<String>| greeting.clone())?;
    Ok(before.unwrap_or_default())
}

fn main() -> ExitCode {
    manager! { state: { "greeting": "hello", "visitors": 0 } }
}
