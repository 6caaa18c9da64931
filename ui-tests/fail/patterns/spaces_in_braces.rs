//! The name in the braces stands alone.

use manager_runtime::prelude::*;

#[handler(get = ["/{ id }", "/{* rest}"])]
async fn user() {}

fn main() {}
