//! A rate lets at least one through, and counts no further than a million.

use manager_runtime::prelude::*;

#[handler(rate = "0/s")]
async fn never() {}

#[handler(rate = "1000001/h", burst = 0)]
async fn always() {}

fn main() {}
