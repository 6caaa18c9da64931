//! A tuple is looked at also where it may be wrong.

use manager_runtime::{Rejection, prelude::*};

#[handler(get = "/orders/{order}")]
async fn order(path: Result<Path<(String, u64)>, Rejection>) -> Json<bool> {
    Json(path.is_ok())
}

fn main() {}
