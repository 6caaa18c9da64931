//! A tuple has one place for each capture, those of the host included, whichever of the patterns it is.

use manager_runtime::{Rejection, prelude::*};

#[handler(get = "/users/{id}/{name}.{ext}")]
async fn fits(Path((id, name, ext)): Path<(u64, String, String)>) {
    drop((id, name, ext));
}

#[handler(get = "/users/{id}")]
async fn longer(Path((id, name)): Path<(u64, String)>) {
    drop((id, name));
}

#[handler(get = ["/users/{id}", "/users/{id}/{n:[0-9]+}"])]
async fn only_one(ctx: Context, path: Result<Path<(u64,)>, Rejection>) {
    drop((ctx, path));
}

#[handler(get = "/users/{id}", host = "{sub}.example.com")]
async fn without_the_host(Path((id,)): Path<(u64,)>) {
    drop(id);
}

fn main() {}
