//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

#[handler(gett = "/a", Post = "/a", DELETE = "/a", mthod("LOCK", "/a"))]
async fn methods() {}

#[handler(get = "/a", hosts = "a.org", slahs = "strict", wiht = [log], prviate, deprecatd = "use /b", movd = "/b", gon)]
async fn others() {}

fn main() {}
