//! Functions of other languages are wrapped first.

use manager_runtime::prelude::*;

#[handler]
unsafe extern "C" {
    fn add();
}

fn main() {}
