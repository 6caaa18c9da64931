//! With no key at all nobody could come in.

use manager_runtime::prelude::*;

#[handler(keys = [])]
async fn reset() {}

fn main() {}
