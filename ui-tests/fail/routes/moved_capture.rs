//! The new place is made of what the old one captured.

use manager_runtime::prelude::*;

#[handler(get = "/users/{name}", moved = "/v2/users/{nmae}")]
async fn near() {}

#[handler(get = "/users/{a}/{b}", moved = "/größe/{other}")]
async fn other() {}

#[handler(get = ["/orders/{id}", "/orders"], moved = "/v2/orders/{id}")]
async fn one_of_two() {}

#[handler(get = "/a", host = ["{sub}.org", "b.org"], moved = "/{sub}")]
async fn one_of_two_hosts() {}

fn main() {}
