//! And one that is changed.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: &mut String) {
    text.clear();
}

fn main() {}
