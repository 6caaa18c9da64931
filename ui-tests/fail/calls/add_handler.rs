//! What is registered by hand is a `Base`.

use manager_runtime::prelude::*;

struct Echo;

fn main() {
    Manager::empty().add_handler::<Echo>("echo", 5);
}
