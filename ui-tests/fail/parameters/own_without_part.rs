//! A part of one's own says how it is made.

use manager_runtime::prelude::*;
use manager_runtime::{Parameter, role};

struct Caller;

impl Parameter for Caller {
    type Role = role::Part;
}

#[handler]
async fn add(caller: Caller) {
    drop(caller);
}

fn main() {}
