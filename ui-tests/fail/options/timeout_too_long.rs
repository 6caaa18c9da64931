//! A call comes to an end within a day.

use manager_runtime::prelude::*;

#[handler(timeout = "25h")]
async fn add() {}

fn main() {}
