//! Handlers of a crate of the edition before, called from this one.

#![deny(warnings)]

use edition_2021::{Counter2021, Greeter2021, Sum, add_2021, double_2021};
use manager_runtime::prelude::*;

fn serve() -> ExitCode {
    manager! { crates: [edition_2021] }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let _: fn() -> ExitCode = serve;
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<add_2021>(Sum { a: 2, b: 3 }).await?, 5);
    assert_eq!(ctx.call::<double_2021>(Sum { a: 2, b: 3 }).await?, 10);
    assert_eq!(ctx.call::<Counter2021>(()).await?, 1);
    assert_eq!(ctx.call::<Greeter2021>("Ada".to_owned()).await?, "hello Ada");
    assert_eq!(ctx.publish("greet_2021", "Ada").await?.text()?, "hello Ada");
    assert_eq!(ctx.publish("counter-2021", ()).await?.text()?, "2");
    assert_eq!(ctx.call::<edition_2021::routed_2021>(()).await?, "routed");
    let error = Error::from(edition_2021::Wrong2021::Gone(5));
    assert_eq!((error.kind(), error.message()), (Kind::Gone, "5 is gone"));
    running.stop().await
}
