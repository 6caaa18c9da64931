//! One that cannot say no lets everybody in.

use manager_runtime::prelude::*;

pub struct User;

#[authenticator]
async fn session() -> User {
    User
}

fn main() {}
