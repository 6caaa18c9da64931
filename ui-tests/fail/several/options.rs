//! Mistakes in one attribute are reported together.

use manager_runtime::prelude::*;

#[handler(name = "Add", replicas = 0, queu = 5, timeout = "soon", internal = true)]
async fn add() {}

fn main() {}
