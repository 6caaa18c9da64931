//! The runtime has a path.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[error(crate = 5)]
enum ShopError {}

fn main() {}
