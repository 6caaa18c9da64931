//! What every server but the measured one shares: the key, the limits, and the chain of functions.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::Semaphore;

use crate::wire::{self, IN_FLIGHT, KEY, REPLICAS, Sum, Total};

/// What a request has to pass.
pub(crate) struct Site {
    authorization: String,
    /// Over it: refused at once.
    pub(crate) in_flight: Semaphore,
    /// Over it: waits.
    pub(crate) replicas: Semaphore,
}

impl Site {
    pub(crate) fn new() -> Self {
        Site {
            authorization: format!("Bearer {KEY}"),
            in_flight: Semaphore::new(IN_FLIGHT),
            replicas: Semaphore::new(REPLICAS),
        }
    }

    /// Whether this is the header `Authorization` of one who may ask.
    pub(crate) fn knows(&self, authorization: Option<&[u8]>) -> bool {
        authorization == Some(self.authorization.as_bytes())
    }
}

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Three functions behind boxed futures, where the measured server has three handlers.
#[inline(never)]
pub(crate) fn first(sum: Sum) -> Later<Total> {
    Box::pin(async move { second(sum).await })
}

#[inline(never)]
fn second(sum: Sum) -> Later<Total> {
    Box::pin(async move { third(sum).await })
}

#[inline(never)]
fn third(sum: Sum) -> Later<Total> {
    Box::pin(async move { wire::add(&sum) })
}
