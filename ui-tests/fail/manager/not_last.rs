//! What comes after it never runs.

use manager_runtime::prelude::*;

fn main() {
    manager!()
}
