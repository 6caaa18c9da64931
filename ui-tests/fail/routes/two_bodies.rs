//! A request has one body, and a handler reads it once.

use manager_runtime::prelude::*;

#[handler(post = "/users")]
async fn add(Json(id): Json<u64>, text: String) -> String {
    format!("{id} {text}")
}

fn main() {}
