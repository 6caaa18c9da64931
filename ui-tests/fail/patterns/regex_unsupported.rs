//! What could blow up is not there, nor are the tables of Unicode.

use manager_runtime::prelude::*;

#[handler(get = [r"/{n:(?=x)}", r"/{n:(a)\1}", r"/{n:\p{Greek}+}"])]
async fn number() {}

fn main() {}
