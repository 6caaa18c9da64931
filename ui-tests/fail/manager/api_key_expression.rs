//! A key out of an expression is text as well.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    let key = 12345_u64;
    manager! { api_key: key }
}
