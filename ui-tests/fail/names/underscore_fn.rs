//! Also where the name is the function's.

use manager_runtime::prelude::*;

#[handler]
async fn _add() {}

fn main() {}
