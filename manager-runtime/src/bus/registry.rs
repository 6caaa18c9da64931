//! The handlers of this binary: those that were linked, and how each becomes a pool.

use std::any::{Any, TypeId};
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::base::Base;
use crate::exchange::Target;
use crate::handler::{Handler, Message, MessageOf, Needs, Parameters, Place, Reads, Spec};
use crate::replica::pool::Endpoint;
use crate::replica::{ByHand, Fake, Options, Pool, WaitGraph, Watch};

/// One linked handler, as `#[handler]` submits it.
pub struct Entry {
    spec: Spec,
    declare: fn() -> Declared,
}

inventory::collect!(Entry);

impl Entry {
    /// The entry of `H`.
    pub const fn of<H: Handler>() -> Self {
        Entry { spec: H::SPEC, declare: Declared::of::<H> }
    }
}

/// A handler that is to run: its options, and how to open its pool.
pub(crate) struct Declared {
    pub(crate) options: Options,
    /// The number of its type among typed handlers; `None` for one written by hand.
    pub(crate) key: Option<usize>,
    pub(crate) needs: Needs,
    pub(crate) open: fn(Opening) -> Opened,
}

/// What a pool is opened with.
pub(crate) struct Opening {
    pub(crate) options: Options,
    pub(crate) number: u32,
    pub(crate) graph: Arc<WaitGraph>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) runtime: Handle,
    /// An `Arc<Fake<H>>` for a test.
    pub(crate) fake: Option<Box<dyn Any + Send + Sync>>,
}

/// A pool that was opened, in its two shapes.
pub(crate) struct Opened {
    pub(crate) endpoint: Arc<dyn Endpoint>,
    /// A `Box<dyn Target<H>>`.
    pub(crate) target: Box<dyn Any + Send + Sync>,
}

impl Declared {
    pub(crate) fn of<H: Handler>() -> Self {
        let mut needs = Needs::default();
        H::Parameters::needs(&mut needs);
        H::needs_to_build(&mut needs);
        Declared { options: options::<H>(), key: Some(H::key().get()), needs, open: open::<H> }
    }

    pub(crate) fn by_hand<T: Base>(name: &str, replicas: usize) -> Self {
        let options = Options {
            name: name.into(),
            replicas,
            place: None,
            ..Options::of(&<ByHand<T> as Handler>::SPEC)
        };
        Declared { options, key: None, needs: Needs::default(), open: open::<ByHand<T>> }
    }
}

/// The options of `H`. One that takes a connection over runs for as long as that is open: without a
/// deadline, and nobody waits in line for such an end. A function keeps nothing, so there may be one for
/// each stream; instances are made by `new` at the start, as many as were declared.
fn options<H: Handler>() -> Options {
    let reads = MessageOf::<H>::READS;
    let options = Options { reads, ..Options::of(&H::SPEC) };
    if reads != Reads::Upgrade {
        return options;
    }
    let per_stream = TypeId::of::<H::Replica>() == TypeId::of::<()>();
    Options { timeout: H::SPEC.timeout, queue: 0, per_stream, ..options }
}

fn open<H: Handler>(opening: Opening) -> Opened {
    let Opening { options, number, graph, watch, runtime, fake } = opening;
    let fake = fake.and_then(|fake| fake.downcast::<Arc<Fake<H>>>().ok()).map(|fake| *fake);
    let pool = Pool::<H>::new(options, number, graph, watch, runtime, fake);
    let target: Box<dyn Target<H>> = Box::new(pool.clone());
    Opened { endpoint: pool, target: Box::new(target) }
}

/// All linked handlers, sorted by name and place. The order of linking is unspecified, and the same
/// handler may have been linked twice.
pub(crate) fn linked() -> Vec<Declared> {
    let mut entries: Vec<&Entry> = inventory::iter::<Entry>.into_iter().collect();
    let order = |entry: &&Entry| {
        let Place { file, line, column, .. } = entry.spec.place;
        (entry.spec.name, file, line, column)
    };
    entries.sort_by_key(order);
    entries.dedup_by_key(|entry| order(entry));
    entries.into_iter().map(|entry| (entry.declare)()).collect()
}
