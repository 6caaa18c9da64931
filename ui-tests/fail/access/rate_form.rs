//! A rate is so many in a time.

use manager_runtime::prelude::*;

#[handler(rate = 100)]
async fn number() {}

#[handler(rate = "100")]
async fn without_time() {}

#[handler(rate = "100/sec")]
async fn other_unit() {}

#[handler(rate = "1.5/s")]
async fn fraction() {}

fn main() {}
