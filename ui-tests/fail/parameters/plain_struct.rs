//! A plain type needs a wrapper.

use manager_runtime::prelude::*;

#[derive(serde::Deserialize)]
struct Sum {
    a: i64,
}

#[handler]
async fn add(sum: Sum) -> String {
    sum.a.to_string()
}

fn main() {}
