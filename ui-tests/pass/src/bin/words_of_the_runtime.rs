//! A user's types may be called like the runtime's.

#![deny(warnings)]

use manager_runtime::{Json, Manager, handler, message};

#[message]
pub struct Request {
    pub at: At,
}

#[message]
pub struct At(pub u64);

#[message]
pub struct Slot;

#[message]
pub struct Message {
    pub slot: Slot,
}

#[message]
pub struct Context {
    pub handler: u64,
}

#[message]
pub struct Spec {
    pub entry: Entry,
}

#[message]
pub enum Entry {
    Key,
    Payload(u64),
}

#[message]
pub struct Reply(pub u64);

/// A trait of the same name is no obstacle either.
pub trait Parameter {}
pub trait IntoReply {}
pub trait Parameters {}
pub trait Values {}

#[handler]
async fn request(Request { at }: Request) -> Reply {
    Reply(at.0)
}

#[handler]
async fn message_(Message { slot: Slot }: Message) {}

#[handler]
async fn context(ctx: manager_runtime::Context, Json(context): Json<Context>) -> Json<u64> {
    let _ = ctx;
    Json(context.handler)
}

#[handler]
async fn spec(spec: Spec) -> Json<u64> {
    match spec.entry {
        Entry::Key => Json(0),
        Entry::Payload(value) => Json(value),
    }
}

#[derive(Default)]
pub struct Handler(u64);

#[handler]
impl Handler {
    async fn run(&mut self) -> Json<u64> {
        self.0 += 1;
        Json(self.0)
    }
}

#[derive(Default)]
pub struct Replica;

#[handler]
impl Replica {
    async fn new(ctx: manager_runtime::Context) -> Self {
        let _ = ctx;
        Replica
    }

    async fn run(&self, request: Request) -> Reply {
        Reply(request.at.0)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> manager_runtime::Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<request>(Request { at: At(5) }).await?.0, 5);
    ctx.call::<message_>(Message { slot: Slot }).await?;
    assert_eq!(ctx.call::<context>(Context { handler: 6 }).await?, 6);
    assert_eq!(ctx.call::<spec>(Spec { entry: Entry::Payload(7) }).await?, 7);
    assert_eq!(ctx.call::<Handler>(()).await?, 1);
    assert_eq!(ctx.call::<Replica>(Request { at: At(8) }).await?.0, 8);
    running.stop().await
}
