//! What goes as JSON can be written.

use manager_runtime::prelude::*;

struct Total;

#[handler]
async fn add() -> Json<Total> {
    Json(Total)
}

fn main() {}
