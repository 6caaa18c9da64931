//! A reference in a wrapper is one as well.

use manager_runtime::prelude::*;

#[handler]
async fn add(Json(text): Json<&str>) {
    drop(text);
}

fn main() {}
