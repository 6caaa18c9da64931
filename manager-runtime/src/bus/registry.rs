//! The handlers of this binary: those that were linked, and how each becomes a pool.

use std::any::{Any, TypeId};
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::base::Base;
use crate::exchange::Target;
use crate::handler::{
    Choice, Files, Handler, Message, MessageOf, Needs, Parameters, Place, Reads, Spec,
};
use crate::replica::block::{
    Block, DownloadOf, MetadataOf, Run, UploadOf, fake_block, fake_upload,
};
use crate::replica::pool::Endpoint;
use crate::replica::{ByHand, Fake, Options, Pool, WaitGraph, Watch};
use crate::route::Port;

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
    /// Those of the pool in which an impl block takes uploads, if it does.
    pub(crate) upload: Option<Options>,
    /// The number of its type among typed handlers; `None` for one written by hand.
    pub(crate) key: Option<usize>,
    pub(crate) needs: Needs,
    pub(crate) open: fn(Opening) -> Opened,
}

/// What a pool is opened with.
pub(crate) struct Opening {
    pub(crate) options: Options,
    pub(crate) number: u32,
    /// The options and the number of the pool for uploads.
    pub(crate) upload: Option<(Options, u32)>,
    pub(crate) graph: Arc<WaitGraph>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) runtime: Handle,
    /// An `Arc<Fake<H>>` for a test.
    pub(crate) fake: Option<Box<dyn Any + Send + Sync>>,
}

/// A pool that was opened, in its two shapes.
pub(crate) struct Opened {
    pub(crate) endpoint: Arc<dyn Endpoint>,
    pub(crate) upload: Option<Arc<dyn Endpoint>>,
    /// A `Box<dyn Target<H>>`.
    pub(crate) target: Box<dyn Any + Send + Sync>,
}

impl Declared {
    pub(crate) fn of<H: Handler>() -> Self {
        let mut needs = Needs::default();
        H::Parameters::needs(&mut needs);
        H::needs_to_build(&mut needs);
        H::Files::choose(NeedsOfFiles(&mut needs));
        let options = options::<H>();
        let upload = upload_options(&options);
        Declared { options, upload, key: Some(H::key().get()), needs, open: open::<H> }
    }

    pub(crate) fn by_hand<T: Base>(name: &str, replicas: usize) -> Self {
        let options = Options {
            name: name.into(),
            replicas,
            place: None,
            ..Options::of(&<ByHand<T> as Handler>::SPEC)
        };
        let upload = upload_options(&options);
        Declared { options, upload, key: None, needs: Needs::default(), open: open::<ByHand<T>> }
    }

    /// The options of all its pools.
    pub(crate) fn pools(&mut self) -> impl Iterator<Item = &mut Options> {
        std::iter::once(&mut self.options).chain(&mut self.upload)
    }
}

/// The options of `H`. One that takes a connection over or a file in runs for as long as the client takes:
/// without a deadline, and nobody waits in line for such an end. A function keeps nothing, so there may be one
/// for each stream. Of an instance that has a connection there are as many as were declared, made at the
/// start; those that take files in are made when they are needed.
fn options<H: Handler>() -> Options {
    let reads = MessageOf::<H>::READS;
    let options = Options { reads, ..Options::of(&H::SPEC) };
    let takes_a_file = reads == Reads::Upload || options.entrance == Some(Port::Upload);
    if reads != Reads::Upgrade && !takes_a_file {
        return options;
    }
    let per_stream = takes_a_file || TypeId::of::<H::Replica>() == TypeId::of::<()>();
    Options { timeout: H::SPEC.timeout, queue: 0, per_stream, ..options }
}

/// Those of the pool for the uploads of an impl block with these. Whether a deadline was written is known
/// from the handler's own word, which is that of every other of its calls.
fn upload_options(of: &Options) -> Option<Options> {
    of.ports.has(Port::Upload).then(|| Options {
        timeout: of.written_timeout,
        queue: 0,
        per_stream: true,
        reads: Reads::Upload,
        ..of.clone()
    })
}

fn open<H: Handler>(opening: Opening) -> Opened {
    H::Files::choose(opening)
}

/// A handler alone has its pool. One with entrances for files has one that all of them share, and another
/// one for uploads.
impl<H: Handler> Choice<H> for Opening {
    type Chosen = Opened;

    fn alone(self) -> Opened {
        let Opening { options, number, upload: _, graph, watch, runtime, fake } = self;
        let pool = Pool::<H>::new(options, number, graph, watch, runtime, as_fake::<H>(fake));
        let target: Box<dyn Target<H>> = Box::new(pool.clone());
        Opened { endpoint: pool, upload: None, target: Box::new(target) }
    }

    fn block(self) -> Opened {
        let Opening { options, number, upload, graph, watch, runtime, fake } = self;
        let fake = as_fake::<H>(fake);
        let upload = upload.map(|(options, number)| -> Arc<dyn Endpoint> {
            let fake = fake.is_some().then(fake_upload::<H>);
            let (graph, watch, runtime) = (graph.clone(), watch.clone(), runtime.clone());
            Pool::<UploadOf<H>>::new(options, number, graph, watch, runtime, fake)
        });
        let fake = fake.map(fake_block::<H>);
        let pool = Pool::<Block<H>>::new(options, number, graph, watch, runtime, fake);
        let target: Box<dyn Target<H>> = Box::new(Run(pool.clone()));
        Opened { endpoint: pool, upload, target: Box::new(target) }
    }
}

fn as_fake<H: Handler>(fake: Option<Box<dyn Any + Send + Sync>>) -> Option<Arc<Fake<H>>> {
    fake.and_then(|fake| fake.downcast::<Arc<Fake<H>>>().ok()).map(|fake| *fake)
}

/// What the entrances of a block have to be provided. What they read of a path is that of no route.
struct NeedsOfFiles<'a>(&'a mut Needs);

impl<H: Handler> Choice<H> for NeedsOfFiles<'_> {
    type Chosen = ();

    fn alone(self) {}

    fn block(self) {
        let mut needs = Needs::default();
        <UploadOf<H> as Handler>::Parameters::needs(&mut needs);
        <DownloadOf<H> as Handler>::Parameters::needs(&mut needs);
        <MetadataOf<H> as Handler>::Parameters::needs(&mut needs);
        for need in needs.resources {
            if !self.0.resources.contains(&need) {
                self.0.resources.push(need);
            }
        }
    }
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
