//! A path is a prefix of whole segments.

use manager_runtime::prelude::*;

#[catcher(404, path = "api")]
async fn no_slash() {}

#[catcher(404, path = "/größe/{id}")]
async fn capture() {}

#[catcher(404, path = "/api/*")]
async fn star() {}

#[catcher(404, path = api)]
async fn word() {}

fn main() {}
