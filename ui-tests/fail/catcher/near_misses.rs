//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

#[catcher(404, paht = "/api", crat = manager_runtime)]
async fn not_found() {}

fn main() {}
