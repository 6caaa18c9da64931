//! A day is written in figures, and is one of the calendar.

use manager_runtime::prelude::*;

#[handler(get = "/a", deprecated = "until 2027-02-30, use /b")]
async fn no_day() {}

#[handler(get = "/b", deprecated = "until next year")]
async fn words() {}

#[handler(get = "/c", deprecated = "use /größe, works until 1.1.2027")]
async fn other_order() {}

#[handler(get = "/d", deprecated = "until 1969-12-31")]
async fn too_early() {}

#[handler(get = "/e", deprecated = "since 1.1.2026")]
async fn since() {}

#[handler(get = "/f", deprecated = "use /b, until 2026-01-01, since 2026-01-02")]
async fn backwards() {}

fn main() {}
