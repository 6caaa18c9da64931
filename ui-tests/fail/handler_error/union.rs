//! Nobody can tell what a union holds.

use manager_runtime::prelude::*;

#[derive(HandlerError)]
union Either {
    _one: u8,
    _other: i8,
}

fn main() {}
