//! Answers are compressed or not.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { compression: 9 }
}
