//! A plain type needs a wrapper.

use manager_runtime::prelude::*;

#[derive(serde::Serialize)]
struct Total {
    total: i64,
}

#[handler]
async fn add() -> Total {
    Total { total: 5 }
}

fn main() {}
