//! A request has one body, and a handler reads it once.

use manager_runtime::prelude::*;

#[handler(post = "/users")]
async fn twice(Json(id): Json<u64>, text: String) -> String {
    format!("{id} {text}")
}

#[handler(post = "/files")]
async fn whole(_: Request, _: manager_runtime::BodyStream) {}

fn main() {}
