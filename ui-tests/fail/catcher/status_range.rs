//! Statuses are named one by one.

use manager_runtime::prelude::*;

#[catcher(400..=499)]
async fn all() {}

#[catcher(5xx)]
async fn class() {}

#[catcher([404, 410])]
async fn list() {}

fn main() {}
