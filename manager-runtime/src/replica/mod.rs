//! The replicas of one handler: who holds one, who waits for one, and how a call runs in it.
//!
//! [`Pool`] owns the replicas and hands them out as permits. [`mod@line`] is the queue behind it,
//! [`run`](mod@run) runs one call in one replica, [`cycle`] finds the call that would wait for itself,
//! [`deadline`] ends those whose time is over, [`block`] has the entrances of an impl block share its
//! replicas, and [`hand`] makes a handler of a hand-written [`Base`](crate::Base). Nothing here does any I/O or knows
//! where a call came from.

mod aside;
pub(crate) mod block;
pub(crate) mod cycle;
pub(crate) mod deadline;
pub(crate) mod hand;
mod letter;
pub(crate) mod line;
pub(crate) mod pool;
pub(crate) mod run;

pub(crate) use cycle::WaitGraph;
pub(crate) use deadline::Watch;
pub(crate) use hand::ByHand;
pub use pool::Figures;
pub(crate) use pool::{Fake, Options, Pool};
