//! A value of the state is of a kind that it knows.

use manager_runtime::prelude::*;

struct Pool;

fn main() -> ExitCode {
    manager! { state: { "pool": Pool } }
}
