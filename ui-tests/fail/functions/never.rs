//! Whoever calls wants an answer.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> ! {
    panic!("for ever")
}

fn main() {}
