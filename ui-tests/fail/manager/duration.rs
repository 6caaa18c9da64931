//! A duration has a number and a unit.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { keep_alive: "a while" }
}
