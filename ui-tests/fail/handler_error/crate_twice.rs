//! The runtime has one path.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[error(crate = manager_runtime)]
#[error(crate = manager_runtime)]
enum ShopError {}

fn main() {}
