//! Authenticators in the shapes that they may have, and what is said of keys and rates.

#![deny(warnings)]

use manager_runtime::prelude::*;
use ui_tests::ask;

pub struct User {
    pub name: String,
}

/// With parts, and a time limit of its own.
#[authenticator(timeout = "5s")]
pub async fn session(ctx: Context, names: Res<String>) -> Result<User> {
    let _ = ctx.state().increment("asked", 1)?;
    Ok(User { name: names.to_string() })
}

/// Without parameters, not async, with an error of its own, and a word for a name.
#[authenticator]
fn r#match() -> Result<(), std::num::ParseIntError> {
    "5".parse::<u8>().map(drop)
}

#[cfg(not(unix))]
#[authenticator]
#[cfg(unix)]
fn nowhere() -> Nothing {}

#[handler(get = "/who", rate = "100/s", burst = 20)]
async fn who(user: Option<Identity<User>>) -> String {
    user.map_or_else(String::new, |Identity(user)| user.name.clone())
}

#[handler(get = "/some", keys = ["admin", "ops"], rate = "5/h")]
async fn some(user: Identity<User>) -> Json<usize> {
    Json(user.name.len())
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut manager = Manager::empty();
    manager
        .add::<who>()
        .add::<some>()
        .with_authenticator::<session>()
        .with_api_keys([("admin", "a"), ("ops", "o")])
        .provide("Ada".to_owned())
        .with_bind("127.0.0.1:0");
    let running = manager.spawn().await?;
    assert_eq!(ask(running.addr(), "GET /who", "")?, (200, "Ada".to_owned()));
    assert_eq!(ask(running.addr(), "GET /some", "")?.0, 403);
    running.stop().await?;
    // A program has one.
    let error = Manager::empty()
        .with_authenticator::<session>()
        .with_authenticator::<r#match>()
        .provide("Ada".to_owned())
        .without_http()
        .spawn()
        .await
        .expect_err("two of them");
    assert!(error.message().contains("a program has one"), "{error}");
    Ok(())
}
