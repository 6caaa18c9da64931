//! A struct has a kind.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
struct NoOrder;

fn main() {}
