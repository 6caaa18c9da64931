//! What takes the rest of a path takes the slash at its end as well.

use manager_runtime::prelude::*;

#[handler(get = "/files/{+path}/")]
async fn files() {}

fn main() {}
