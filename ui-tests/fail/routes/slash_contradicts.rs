//! The option and a suffix say the same, or one of them goes.

use manager_runtime::prelude::*;

#[handler(get = ["/a !", "/größe ?*"], slash = "redirect")]
async fn both() {}

#[handler(get = ["/b !", "/c ?"], slash = "lenient")]
async fn one() {}

fn main() {}
