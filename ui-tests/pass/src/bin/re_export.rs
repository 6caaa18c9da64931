//! The runtime behind a facade and behind a module of the program's own.

#![deny(warnings)]

use ui_tests::runtime::prelude::*;

mod my {
    pub(crate) mod deep {
        pub(crate) use manager_runtime as runtime;
    }
}

#[message(crate = ui_tests::runtime)]
struct Sum {
    a: i64,
}

#[message(crate = "crate::my::deep::runtime")]
struct Total {
    total: i64,
}

#[handler(crate = ui_tests::runtime)]
async fn add(sum: Sum) -> Json<i64> {
    Json(sum.a)
}

#[handler(crate = crate::my::deep::runtime)]
async fn total(ctx: Context, sum: Sum) -> Result<Total> {
    Ok(Total { total: ctx.call::<add>(sum).await? })
}

mod inner {
    use super::my::deep::runtime::prelude::*;

    #[handler(crate = super::my::deep::runtime, name = "inner")]
    pub(super) async fn run() -> &'static str {
        "inner"
    }
}

fn serve() -> ExitCode {
    manager! { crate: crate::my::deep::runtime, drain: "1s" }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let _: fn() -> ExitCode = serve;
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<total>(Sum { a: 5 }).await?.total, 5);
    assert_eq!(ctx.call::<inner::run>(()).await?, "inner");
    running.stop().await
}
