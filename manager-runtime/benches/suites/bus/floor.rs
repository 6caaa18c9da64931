//! The ways to call a function that stand under every other one.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::handlers::{stored_work, waiting_work, work};

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A function behind a pointer, which returns a boxed future: what a table of handlers holds.
pub(crate) type Function = Arc<dyn Fn(u64) -> BoxFuture<u64> + Send + Sync>;

pub(crate) fn quick() -> Function {
    Arc::new(|number| Box::pin(work(number)))
}

pub(crate) fn waits() -> Function {
    Arc::new(|number| Box::pin(waiting_work(number)))
}

/// Runs the function under a permit, and survives its panic.
pub(crate) async fn with_permit(
    semaphore: &Semaphore,
    function: &Function,
    number: u64,
) -> Option<u64> {
    let _permit = semaphore.acquire().await.ok()?;
    let mut future = pin!(function(number));
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_) => std::task::Poll::Ready(None),
    })
    .await
}

/// Waits for another task, as for a database.
pub(crate) fn asks_a_store(store: &Store) -> Function {
    let store = store.clone();
    Arc::new(move |number| {
        let store = store.clone();
        Box::pin(async move { stored_work(&store, number).await })
    })
}

/// What handlers wait for: two tasks that each answer in turn.
pub(crate) type Store = Workers;

type Letter = (u64, oneshot::Sender<u64>);

/// Tasks that each serve a mailbox of their own.
#[derive(Clone)]
pub(crate) struct Workers(Arc<[mpsc::Sender<Letter>]>);

impl Workers {
    /// Starts as many workers; they end with the last of these handles.
    pub(crate) fn start(count: usize, function: &Function) -> Self {
        let start = |_| {
            let function = function.clone();
            let (mailbox, mut letters) = mpsc::channel::<Letter>(1024);
            tokio::spawn(async move {
                while let Some((number, reply)) = letters.recv().await {
                    // A caller that has left does not want it.
                    let _ = reply.send(function(number).await);
                }
            });
            mailbox
        };
        Workers((0..count).map(start).collect())
    }

    /// Asks the worker of this caller: they are spread round robin.
    pub(crate) async fn ask(&self, caller: u64, number: u64) -> Option<u64> {
        let (reply, answer) = oneshot::channel();
        let worker = &self.0[caller as usize % self.0.len()];
        worker.send((number, reply)).await.ok()?;
        answer.await.ok()
    }
}
