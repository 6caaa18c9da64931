//! A name stands once, and is text.

use manager_runtime::prelude::*;

#[handler(peers = ["shop", "cron", "shop", 5])]
async fn add() {}

fn main() {}
