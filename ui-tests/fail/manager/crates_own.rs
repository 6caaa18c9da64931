//! The program's own handlers are always there.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { crates: [crate, self::handlers] }
}
