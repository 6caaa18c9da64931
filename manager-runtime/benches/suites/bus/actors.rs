//! The actor crates kameo and ractor, doing what handlers do: as many actors as there are replicas, callers
//! spread over them round robin.

use std::hint::black_box;
use std::sync::Arc;

use kameo::actor::{ActorRef, Spawn};
use kameo::mailbox;
use kameo::message::{Context, Message};
use manager_bench::measure::Candidate;
use ractor::{Actor, ActorProcessingErr, RpcReplyPort};

use crate::Bench;
use crate::floor::Function;

/// What an actor answers a question with, and does with a message that nobody waits for.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) answers: Function,
    pub(crate) takes: fn(u64),
}

/// The same actors in both crates.
#[derive(Clone)]
pub(crate) struct Actors {
    kameo: Arc<[ActorRef<Kameo>]>,
    ractor: Arc<[ractor::ActorRef<Letter>]>,
}

impl Actors {
    /// Starts as many actors in each crate. The mailboxes of kameo hold as many messages as are said, those
    /// of ractor have no end.
    pub(crate) fn start(bench: &Bench, count: usize, part: &Part, mailbox: usize) -> Self {
        bench.runtime.block_on(async {
            let kameo = (0..count)
                .map(|_| Kameo::spawn_with_mailbox(Kameo(part.clone()), mailbox::bounded(mailbox)));
            let kameo = kameo.collect();
            let mut ractor = Vec::new();
            for _ in 0..count {
                let spawned = Actor::spawn(None, Ractor(part.clone()), ()).await;
                ractor.push(spawned.expect("an actor starts").0);
            }
            Actors { kameo, ractor: ractor.into() }
        })
    }

    /// Callers that wait for an answer.
    pub(crate) fn asked<'a>(&self, bench: &'a Bench, callers: u64) -> [Candidate<'a>; 2] {
        let (one, other) = (self.clone(), self.clone());
        [
            Candidate::new("kameo, ask", move |times| {
                bench.share(callers, times, |caller, times| {
                    let actors = one.clone();
                    async move {
                        for number in 0..times {
                            black_box(actors.ask(caller, number).await);
                        }
                    }
                })
            }),
            Candidate::new("ractor, call!", move |times| {
                bench.share(callers, times, |caller, times| {
                    let actors = other.clone();
                    async move {
                        for number in 0..times {
                            black_box(actors.call(caller, number).await);
                        }
                    }
                })
            }),
        ]
    }

    /// Asks an actor of kameo.
    pub(crate) async fn ask(&self, caller: u64, number: u64) -> u64 {
        of(&self.kameo, caller).ask(Ask(number)).await.expect("an answer")
    }

    /// Calls an actor of ractor.
    pub(crate) async fn call(&self, caller: u64, number: u64) -> u64 {
        ractor::call!(of(&self.ractor, caller), Letter::Ask, number).expect("an answer")
    }

    /// Sends a message by kameo, which waits for room in the mailbox.
    pub(crate) async fn tell(&self, number: u64) {
        self.kameo[0].tell(Tell(number)).await.expect("an actor");
    }

    /// Sends a message by ractor.
    pub(crate) fn cast(&self, number: u64) {
        self.ractor[0].cast(Letter::Tell(number)).expect("an actor");
    }
}

fn of<A>(actors: &[A], caller: u64) -> &A {
    &actors[caller as usize % actors.len()]
}

/// An actor of kameo.
struct Kameo(Part);

impl kameo::Actor for Kameo {
    type Args = Self;
    type Error = std::convert::Infallible;

    async fn on_start(actor: Self, _: ActorRef<Self>) -> Result<Self, Self::Error> {
        Ok(actor)
    }
}

struct Ask(u64);

impl Message<Ask> for Kameo {
    type Reply = u64;

    async fn handle(&mut self, Ask(number): Ask, _: &mut Context<Self, u64>) -> u64 {
        (self.0.answers)(number).await
    }
}

struct Tell(u64);

impl Message<Tell> for Kameo {
    type Reply = ();

    async fn handle(&mut self, Tell(number): Tell, _: &mut Context<Self, ()>) {
        (self.0.takes)(number);
    }
}

/// An actor of ractor.
struct Ractor(Part);

/// What is sent to it.
enum Letter {
    Ask(u64, RpcReplyPort<u64>),
    Tell(u64),
}

impl Actor for Ractor {
    type Msg = Letter;
    type State = ();
    type Arguments = ();

    async fn pre_start(
        &self,
        _: ractor::ActorRef<Letter>,
        (): (),
    ) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _: ractor::ActorRef<Letter>,
        letter: Letter,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        match letter {
            Letter::Ask(number, reply) => {
                // A caller that has left does not want it.
                let _ = reply.send((self.0.answers)(number).await);
            }
            Letter::Tell(number) => (self.0.takes)(number),
        }
        Ok(())
    }
}
