//! Nothing is left to bound.

use manager_runtime::prelude::*;

#[handler]
async fn add()
where
    String: Clone,
{
}

fn main() {}
