//! What is not compiled leaves nothing behind, whichever attribute stands first.

#![deny(warnings)]
#![expect(clippy::non_minimal_cfg, reason = "true without a feature that this package would need")]

use manager_runtime::prelude::*;

#[cfg(any())]
#[handler]
async fn before(number: NoSuchType) {}

#[handler]
#[cfg(any())]
async fn after(number: NoSuchType) {}

#[cfg(all())]
#[handler]
async fn there() -> &'static str {
    "there"
}

#[handler(name = "there-too")]
#[cfg(all())]
async fn there_too() -> &'static str {
    "there too"
}

// Two of one name, of which one is there.
#[handler]
#[cfg(all())]
async fn either() -> &'static str {
    "this"
}

#[handler]
#[cfg(not(all()))]
async fn either() -> &'static str {
    "that"
}

#[handler]
#[cfg_attr(all(), doc = "Documented.")]
async fn documented() {}

#[cfg_attr(all(), handler)]
async fn sometimes() -> &'static str {
    "sometimes"
}

#[derive(Default)]
struct Counter;

#[handler]
#[cfg(all())]
impl Counter {
    async fn run(&self) -> &'static str {
        "counted"
    }

    #[cfg(any())]
    fn helper(&self) -> NoSuchType {}
}

#[handler]
#[cfg(any())]
impl NoSuchType {
    async fn run(&self) {}
}

#[message]
#[cfg(any())]
struct Nothing {
    nothing: NoSuchType,
}

#[message]
#[cfg(all())]
struct Something {
    #[cfg(any())]
    nothing: NoSuchType,
    #[cfg(all())]
    something: u8,
}

#[handler]
async fn something(something: Something) -> Json<u8> {
    Json(something.something)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<there>(()).await?, "there");
    assert_eq!(ctx.call::<there_too>(()).await?, "there too");
    assert_eq!(ctx.call::<either>(()).await?, "this");
    assert_eq!(ctx.call::<sometimes>(()).await?, "sometimes");
    assert_eq!(ctx.call::<Counter>(()).await?, "counted");
    assert_eq!(ctx.call::<something>(Something { something: 5 }).await?, 5);
    ctx.call::<documented>(()).await?;
    assert!(ctx.publish("before", ()).await.is_err());
    assert!(ctx.publish("after", ()).await.is_err());
    running.stop().await
}
