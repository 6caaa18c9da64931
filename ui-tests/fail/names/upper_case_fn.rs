//! A function with a capital in its name needs a name of its own.

use manager_runtime::prelude::*;

#[allow(non_snake_case)]
#[handler]
async fn addUp() {}

fn main() {}
