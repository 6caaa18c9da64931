//! An option that is no flag needs its value.

use manager_runtime::prelude::*;

#[handler(name)]
async fn named() {}

#[handler(replicas)]
async fn replicas() {}

#[handler(queue =)]
async fn queue() {}

#[handler(timeout, internal)]
async fn timeout() {}

#[handler(on)]
async fn on() {}

#[handler(body_limit = , internal)]
async fn body_limit() {}

#[handler(crate)]
async fn krate() {}

fn main() {}
