//! A hand-written handler is registered by hand.

use std::sync::Arc;

use manager_runtime::prelude::*;

struct Echo(Arc<MultiBus>, Arc<SharedState>);

#[handler]
impl Base for Echo {
    fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
        Echo(bus, state)
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.0.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.1.clone()
    }
}

fn main() {}
