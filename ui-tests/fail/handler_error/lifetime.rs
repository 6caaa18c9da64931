//! An error outlives what it is about.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[error(kind = NotFound, "no {name}")]
struct NoName<'a> {
    name: &'a str,
}

fn main() {}
