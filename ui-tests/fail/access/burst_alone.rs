//! A burst of what?

use manager_runtime::prelude::*;

#[handler(burst = 20)]
async fn often() {}

fn main() {}
