//! A catcher stands by itself.

use manager_runtime::prelude::*;

struct Pages;

impl Pages {
    #[catcher]
    async fn all(&self) {}
}

fn main() {
    let _ = Pages;
}
