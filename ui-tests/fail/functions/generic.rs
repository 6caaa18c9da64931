//! A handler is one set of types.

use manager_runtime::prelude::*;

#[handler]
async fn add<T>(value: T) {
    drop(value);
}

fn main() {}
