//! What an authenticator can be told.

use manager_runtime::prelude::*;

pub struct User;

#[authenticator(timeout = "2d", path = "/admin", timout = 5)]
async fn session() -> Result<User> {
    Ok(User)
}

fn main() {}
