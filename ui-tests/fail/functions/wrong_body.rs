//! A mistake in the body is the body's.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> Json<u32> {
    Json(text)
}

fn main() {}
