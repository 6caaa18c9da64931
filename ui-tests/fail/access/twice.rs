//! Each option stands once.

use manager_runtime::prelude::*;

#[handler(keys = "a", keys = "b", rate = "1/s", rate = "2/s", burst = 1, burst = 2)]
async fn often() {}

fn main() {}
