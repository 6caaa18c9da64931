//! And so is a lifetime.

use manager_runtime::prelude::*;

#[handler]
async fn add(Json(text): Json<std::borrow::Cow<'_, str>>) {
    drop(text);
}

fn main() {}
