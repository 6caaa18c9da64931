//! Each beyond the first is one too many.

use manager_runtime::prelude::*;

#[handler]
async fn add(first: String, second: Json<u32>, third: Form<u32>) {
    drop((first, second, third));
}

fn main() {}
