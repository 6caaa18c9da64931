//! Every setting has its key.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { colour: "red" }
}
