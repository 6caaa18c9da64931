//! A stand-in answers what the handler would.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> Json<usize> {
    Json(text.len())
}

fn main() {
    Manager::empty().fake::<add, _>(|text| async { Ok(text) });
}
