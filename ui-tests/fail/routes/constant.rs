//! A pattern is checked where it stands, so that it stands there as text.

use manager_runtime::prelude::*;

const USERS: &str = "/users";

#[handler(get = USERS, post = concat!("/users", "/{id}"))]
async fn users() {}

fn main() {
    drop(USERS);
}
