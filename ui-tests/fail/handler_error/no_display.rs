//! A type with kinds alone is an error by other means.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[kind(NotFound)]
struct NoOrder;

fn main() {}
