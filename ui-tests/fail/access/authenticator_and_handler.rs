//! An item is one thing.

use manager_runtime::prelude::*;

pub struct User;

#[authenticator]
#[handler]
async fn session() -> Result<User> {
    Ok(User)
}

fn main() {}
