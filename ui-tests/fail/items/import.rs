//! An import brings what is a handler already.

use manager_runtime::prelude::*;

#[handler]
use std::mem::drop as forget;

fn main() {
    forget(());
}
