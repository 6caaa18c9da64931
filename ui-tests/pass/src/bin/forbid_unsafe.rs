//! Nothing that is generated is unsafe.

#![forbid(unsafe_code)]

use manager_runtime::prelude::*;

#[message]
struct Sum {
    a: i64,
}

#[handler]
async fn add(sum: Sum) -> Json<i64> {
    Json(sum.a)
}

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(&mut self) {}
}

fn main() -> ExitCode {
    let _: fn() -> ExitCode = || manager!();
    ExitCode::SUCCESS
}
