//! A status is no number.

use manager_runtime::prelude::*;

#[handler(get = "/add")]
async fn add() -> (u16, String) {
    (201, String::new())
}

fn main() {}
