//! Who it is is known before the body is read.

use manager_runtime::prelude::*;

pub struct User;

#[authenticator]
async fn session(Json(name): Json<String>) -> Result<User> {
    drop(name);
    Ok(User)
}

fn main() {}
