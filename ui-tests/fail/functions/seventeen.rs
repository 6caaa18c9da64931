//! Nobody reads seventeen parameters.

use manager_runtime::prelude::*;

#[handler]
async fn add(
    a: Context, b: Context, c: Context, d: Context, e: Context, f: Context, g: Context, h: Context,
    i: Context, j: Context, k: Context, l: Context, m: Context, n: Context, o: Context, p: Context,
    q: Context,
) {
    drop((a, b, c, d, e, f, g, h));
    drop((i, j, k, l, m, n, o, p, q));
}

fn main() {}
