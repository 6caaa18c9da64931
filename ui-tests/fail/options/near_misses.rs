//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

#[handler(nmae = "add", replica = 5, queu = 10, timout = "1s", no = "topic", body_limt = "1KiB")]
async fn add() {}

#[handler(intern, pubic, rebuild_on_cancle)]
async fn double() {}

#[handler(bloking)]
fn halve() {}

#[handler(detach, Replicas = 2, crat = manager_runtime)]
async fn square() {}

fn main() {}
