//! What comes as JSON can be read.

use manager_runtime::prelude::*;

struct Sum {
    a: i64,
}

#[handler]
async fn add(Json(sum): Json<Sum>) -> String {
    sum.a.to_string()
}

fn main() {}
