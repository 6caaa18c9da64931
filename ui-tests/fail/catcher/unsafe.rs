//! Nobody would keep its promises.

use manager_runtime::prelude::*;

#[catcher]
async unsafe fn all() {}

fn main() {}
