//! What `tests/cli` runs to see what is said of mistakes: two handlers with one name, a resource that
//! nobody provides, and a crate without handlers.

#![allow(missing_docs, reason = "a program for tests")]

use manager_runtime::prelude::*;

pub struct Pool;

#[handler(name = "twin")]
async fn one() {}

#[handler(name = "twin")]
async fn other() {}

#[handler]
async fn lonely(_pool: Res<Pool>) {}

fn main() -> ExitCode {
    manager! { crates: [bytes] }
}
