//! The table of a running manager: every pool by number, name and type, who hears what, and what was
//! provided.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use foldhash::fast::FixedState;
use tokio::runtime::Handle;

use crate::bus::registry::{Declared, Opening};
use crate::bus::topics::{Topics, is_topic};
use crate::context::{BoxFuture, Origin, Resource, TopicOrigin, Trace};
use crate::error::{Error, Result};
use crate::exchange::{Exchange, MultiBus, unknown};
use crate::message::{Payload, Reply};
use crate::replica::cycle::Callers;
use crate::replica::deadline::NEVER;
use crate::replica::pool::Endpoint;
use crate::replica::{Figures, WaitGraph, Watch};
use crate::route::Port;
use crate::state::SharedState;

/// Any number of fakes, by the key of the handler that each replaces.
pub(crate) type Fakes = HashMap<usize, Box<dyn Any + Send + Sync>>;

/// What was provided, by type.
pub(crate) type Resources = HashMap<TypeId, Resource, FixedState>;

/// All pools of one manager. Immutable once made, so a look-up takes no lock.
pub(crate) struct Directory {
    /// By number: those of the handlers as they were declared, and behind them those for uploads.
    endpoints: Vec<Arc<dyn Endpoint>>,
    /// Where a handler takes uploads, if that is another pool than its own; by number.
    uploads: HashMap<u32, u32, FixedState>,
    /// Names are the program's own, so a fast hash is safe whatever a client asks for.
    names: HashMap<Arc<str>, u32, FixedState>,
    /// By the key of the handler's type: a `Box<dyn Target<H>>`.
    typed: Vec<Option<Box<dyn Any + Send + Sync>>>,
    topics: Topics,
    resources: Resources,
    watch: Arc<Watch>,
    closed: AtomicBool,
}

impl Directory {
    /// Opens a pool for every declared handler; none has a replica yet.
    pub(crate) fn open(
        declared: &[Declared],
        mut fakes: Fakes,
        resources: Resources,
        runtime: &Handle,
    ) -> Arc<Self> {
        let graph = Arc::new(WaitGraph::default());
        let mut directory = Directory {
            endpoints: Vec::new(),
            uploads: HashMap::default(),
            names: HashMap::default(),
            typed: Vec::new(),
            topics: Topics::default(),
            resources,
            watch: Arc::new(Watch::new()),
            closed: AtomicBool::new(false),
        };
        let mut uploads: Vec<Arc<dyn Endpoint>> = Vec::new();
        for (number, Declared { options, upload, key, needs: _, open }) in (0..).zip(declared) {
            let upload_number = (declared.len() + uploads.len()) as u32;
            for topic in options.on {
                directory.topics.subscribe(topic, number);
            }
            directory.names.insert(options.name.clone(), number);
            let opened = open(Opening {
                options: options.clone(),
                number,
                upload: upload.clone().map(|options| (options, upload_number)),
                graph: graph.clone(),
                watch: directory.watch.clone(),
                runtime: runtime.clone(),
                fake: key.and_then(|key| fakes.remove(&key)),
            });
            directory.endpoints.push(opened.endpoint);
            if let Some(upload) = opened.upload {
                directory.uploads.insert(number, upload_number);
                uploads.push(upload);
            }
            if let Some(key) = *key {
                if directory.typed.len() <= key {
                    directory.typed.resize_with(key + 1, || None);
                }
                directory.typed[key] = Some(opened.target);
            }
        }
        directory.endpoints.append(&mut uploads);
        let line = |endpoint: &Arc<dyn Endpoint>| {
            let line: Arc<dyn Callers> = endpoint.clone();
            Arc::downgrade(&line)
        };
        graph.seat(
            directory.endpoints.iter().map(line).collect(),
            directory.endpoints.iter().map(|endpoint| endpoint.seats()).collect(),
        );
        let directory = Arc::new(directory);
        runtime.spawn(directory.clone().end_what_is_late());
        directory
    }

    /// Watches the deadlines of all pools until they are closed.
    async fn end_what_is_late(self: Arc<Self>) {
        let look = |now| {
            if self.closed.load(Ordering::SeqCst) {
                return None;
            }
            Some(self.endpoints.iter().map(|endpoint| endpoint.expire(now)).min().unwrap_or(NEVER))
        };
        self.watch.run(look).await;
    }

    /// Makes the replicas of all pools, in order. The error names the handler.
    pub(crate) async fn fill(&self, bus: &Arc<MultiBus>, state: &Arc<SharedState>) -> Result<()> {
        for endpoint in &self.endpoints {
            endpoint.fill(bus, state).await.map_err(|error| {
                let name = &endpoint.options().name;
                Error::new(
                    error.kind(),
                    format!("handler `{name}` cannot start: {}", error.story()),
                )
            })?;
        }
        Ok(())
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<dyn Endpoint>> {
        self.names.get(name).map(|number| &self.endpoints[*number as usize])
    }

    /// Where the handler with this number is reached by an entrance, and whether that is a pool which it
    /// shares with others.
    pub(crate) fn entrance(&self, number: u32, port: Port) -> Option<(&Arc<dyn Endpoint>, bool)> {
        let upload = self.uploads.get(&number).filter(|_| port == Port::Upload);
        let endpoint = self.endpoints.get(*upload.unwrap_or(&number) as usize)?;
        let shared = upload.is_none() && endpoint.options().entrance != Some(port);
        Some((endpoint, shared))
    }

    /// The figures of a handler, its uploads included.
    pub(crate) fn figures(&self, name: &str) -> Option<Figures> {
        let number = self.names.get(name)?;
        let of = |number: &u32| self.endpoints[*number as usize].figures();
        let own = of(number);
        Some(self.uploads.get(number).map_or(own, |upload| own.and(of(upload))))
    }

    pub(crate) fn endpoints(&self) -> &[Arc<dyn Endpoint>] {
        &self.endpoints
    }

    /// How many calls there have been, if none runs and none waits at the moment of looking.
    ///
    /// The pools are looked at one after the other, so a chain of messages may slip past a single look.
    /// Two looks that give the same number have seen everything at rest: whatever moved would have
    /// begun a call in between.
    pub(crate) fn calls_at_rest(&self) -> Option<u64> {
        self.endpoints
            .iter()
            .try_fold(0, |calls, endpoint| endpoint.calls_at_rest().map(|more| calls + more))
    }

    /// Ends all pools and drops their replicas. Says how many messages and calls were lost.
    pub(crate) fn close(&self) -> usize {
        self.closed.store(true, Ordering::SeqCst);
        self.watch.wake();
        self.endpoints.iter().map(|endpoint| endpoint.close()).sum()
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Error::shutting_down("the manager is stopping"));
        }
        Ok(())
    }

    fn endpoint(&self, name: &str) -> Result<&Arc<dyn Endpoint>> {
        self.check_open()?;
        self.find(name).ok_or_else(|| unknown(name))
    }
}

impl Exchange for Arc<Directory> {
    fn call<'a>(
        &'a self,
        name: &str,
        payload: Payload,
        origin: Origin,
        timeout: Option<Duration>,
    ) -> BoxFuture<'a, Result<Reply>> {
        match self.endpoint(name) {
            Ok(endpoint) => endpoint.call(payload, origin, timeout),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn dispatch(&self, name: &str, payload: Payload, origin: Origin) -> Result<()> {
        self.endpoint(name)?.dispatch(payload, origin)
    }

    fn emit(&self, topic: &str, payload: Payload, trace: Option<Arc<Trace>>) -> Result<usize> {
        self.check_open()?;
        if !is_topic(topic) {
            return Err(Error::bad_request(format!(
                "{topic:?} is no topic: words of letters, digits, `_` and `-` with dots between"
            )));
        }
        let hearers = self.topics.hearers(topic);
        if hearers.is_empty() {
            return Ok(0);
        }
        let payload = payload.share()?;
        let origin = Origin::Topic(Arc::new(TopicOrigin { topic: topic.to_owned(), trace }));
        for number in &hearers {
            let endpoint = &self.endpoints[*number as usize];
            // One subscriber's full queue is nothing to the others.
            if let Err(error) = endpoint.dispatch(payload.to_payload(), origin.clone()) {
                endpoint.count_missed();
                let handler = &*endpoint.options().name;
                tracing::warn!(handler, topic, %error, "a subscriber missed an event");
            }
        }
        Ok(hearers.len())
    }

    fn typed(&self, key: usize) -> Option<&(dyn Any + Send + Sync)> {
        self.typed.get(key)?.as_deref()
    }

    fn resource(&self, id: TypeId) -> Option<&Resource> {
        self.resources.get(&id)
    }
}
