//! The handlers that are called.

use std::hint::black_box;

use manager_runtime::prelude::*;

use crate::floor::Store;
use crate::sent;

/// The work of one call, the same for every candidate: as good as none, so that what is measured is
/// the way there and back.
pub(crate) async fn work(number: u64) -> u64 {
    black_box(number).wrapping_mul(3)
}

/// The work of a call that has to wait once.
pub(crate) async fn waiting_work(number: u64) -> u64 {
    tokio::task::yield_now().await;
    work(number).await
}

/// The work of a call that waits for another task.
pub(crate) async fn stored_work(store: &Store, number: u64) -> u64 {
    let answer = store.ask(number, number).await;
    work(answer.unwrap_or_default()).await
}

/// Answers at once.
#[handler(replicas = 4)]
pub(crate) async fn quick(Json(number): Json<u64>) -> Json<u64> {
    Json(work(number).await)
}

/// Waits, and then answers.
#[handler(replicas = 4)]
pub(crate) async fn waits(Json(number): Json<u64>) -> Json<u64> {
    Json(waiting_work(number).await)
}

/// Waits for another task, and then answers.
#[handler(replicas = 4)]
pub(crate) async fn stored(store: Res<Store>, Json(number): Json<u64>) -> Json<u64> {
    Json(stored_work(&store, number).await)
}

/// Asks another handler.
#[handler(replicas = 4)]
pub(crate) async fn asks(ctx: Context, Json(number): Json<u64>) -> Result<Json<u64>> {
    Ok(Json(ctx.call::<quick>(number).await?))
}

/// Asks another handler by its name.
#[handler(replicas = 4)]
pub(crate) async fn asks_by_name(ctx: Context, Json(number): Json<u64>) -> Result<Json<u64>> {
    Ok(Json(ctx.publish("quick", Json(number)).await?.json()?))
}

/// What a driver does, and how often.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Job {
    pub(crate) what: What,
    pub(crate) times: u64,
}

/// Which handler a driver calls.
#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) enum What {
    Quick,
    QuickByName,
    Waits,
    Stored,
    Asks,
    AsksByName,
}

/// Calls others in a hot loop. A call that a handler makes has a chain, and a deadline to inherit.
#[handler(replicas = 1000, timeout = "10m")]
pub(crate) async fn drives(ctx: Context, Json(job): Json<Job>) -> Result<()> {
    let Job { what, times } = job;
    for number in 0..times {
        let answer = match what {
            What::Quick => ctx.call::<quick>(number).await?,
            What::QuickByName => ctx.publish("quick", Json(number)).await?.json()?,
            What::Waits => ctx.call::<waits>(number).await?,
            What::Stored => ctx.call::<stored>(number).await?,
            What::Asks => ctx.call::<asks>(number).await?,
            What::AsksByName => ctx.call::<asks_by_name>(number).await?,
        };
        black_box(answer);
    }
    Ok(())
}

pub(crate) async fn spawn(store: Store) -> manager_runtime::Running {
    let mut manager = Manager::empty();
    manager
        .add::<quick>()
        .add::<waits>()
        .add::<stored>()
        .provide(store)
        .add::<asks>()
        .add::<asks_by_name>()
        .add::<drives>()
        .add::<sent::counts>();
    manager.without_http().spawn().await.expect("the manager starts")
}
