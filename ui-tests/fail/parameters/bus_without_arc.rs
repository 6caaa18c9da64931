//! The bus is shared.

use manager_runtime::prelude::*;

#[handler]
async fn add(bus: MultiBus) {
    drop(bus);
}

fn main() {}
