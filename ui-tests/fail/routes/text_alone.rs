//! A pattern belongs to a method.

use manager_runtime::prelude::*;

#[handler("/users")]
async fn users() {}

fn main() {}
