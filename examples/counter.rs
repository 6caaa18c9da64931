//! A handler with a state of its own: one replica with `&mut self` is an actor, and needs no lock.

use manager_runtime::prelude::*;

/// Counts what it is told.
pub struct Counter {
    total: u64,
}

#[handler(name = "counter")]
impl Counter {
    /// Makes the one replica, at the start and after a panic.
    async fn new(state: std::sync::Arc<SharedState>) -> Result<Self> {
        let start: Option<i64> = state.get("counter.start")?;
        Ok(Counter { total: start.unwrap_or(0).unsigned_abs() })
    }

    /// Adds to the total and says how much it is now.
    async fn run(&mut self, Json(by): Json<u64>) -> Result<Json<u64>> {
        let total = self.total.checked_add(by);
        self.total = total.ok_or_else(|| Error::conflict("the counter is full"))?;
        Ok(Json(self.total))
    }
}

fn main() -> ExitCode {
    manager! { state: { "counter.start": 100 } }
}
