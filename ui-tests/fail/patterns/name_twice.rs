//! A name stands for one capture.

use manager_runtime::prelude::*;

#[handler(get = "/users/{id}/orders/{id}")]
async fn order() {}

fn main() {}
