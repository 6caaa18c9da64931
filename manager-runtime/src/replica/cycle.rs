//! Finds the call that would wait for itself.
//!
//! The chain of handlers travels with every call. When a call that stands in such a chain is about to
//! wait, it says so here: for which pool, and which replicas its chain holds. If every replica of that
//! pool is held by a chain that, directly or through others that wait here, waits on the caller, then
//! none of them will ever be free, and the call fails at once. Whoever comes last closes the ring, so
//! looking only at that moment is enough; a call that finds a free replica never comes here.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use foldhash::fast::FixedState;

use crate::context::{Frame, Seat};

/// One busy turn of one replica: pool, replica, turn.
pub(crate) type Holder = (u32, u32, u64);

/// Which chains wait for which pools.
#[derive(Default)]
pub(crate) struct WaitGraph {
    /// The turns of every replica of every pool; set once all pools are made.
    seats: OnceLock<Vec<Vec<Arc<Seat>>>>,
    /// For every replica in a waiting chain, the pools that are waited for below it.
    waits: Mutex<HashMap<Holder, Vec<u32>, FixedState>>,
}

/// The call would wait for itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cycle;

/// A place in the graph; dropping it ends the waiting.
pub(crate) struct Waiting<'a> {
    graph: &'a WaitGraph,
    chain: Vec<Holder>,
    target: u32,
}

impl WaitGraph {
    /// Says which replicas there are, by pool.
    pub(crate) fn seat(&self, pools: Vec<Vec<Arc<Seat>>>) {
        // Only the one bus that owns the graph seats it, once.
        let _ = self.seats.set(pools);
    }

    /// Enters the caller's chain as waiting for a pool, unless that would wait for itself.
    pub(crate) fn enter<'a>(
        &'a self,
        caller: &Arc<Frame>,
        target: u32,
    ) -> Result<Option<Waiting<'a>>, Cycle> {
        let chain = held_by(caller);
        if chain.is_empty() {
            // Who holds nothing keeps nobody waiting.
            return Ok(None);
        }
        self.enter_chain(chain, target).map(Some)
    }

    fn enter_chain(&self, chain: Vec<Holder>, target: u32) -> Result<Waiting<'_>, Cycle> {
        let mut waits = self.lock();
        if self.is_stuck(&waits, &chain, target) {
            return Err(Cycle);
        }
        for holder in &chain {
            waits.entry(*holder).or_default().push(target);
        }
        drop(waits);
        Ok(Waiting { graph: self, chain, target })
    }

    /// Who holds each replica of a pool; `None` for one that is free or being made.
    fn holders(&self, pool: u32) -> impl Iterator<Item = Option<Holder>> {
        let seats = self.seats.get().and_then(|pools| pools.get(pool as usize));
        seats.into_iter().flatten().enumerate().map(move |(slot, seat)| {
            let turn = seat.turn.load(Ordering::Acquire);
            (turn % 2 == 1).then_some((pool, slot as u32, turn))
        })
    }

    /// Whether every replica of the target waits on the chain. A pool is stuck if each of its replicas is
    /// held by the chain itself or by a call that waits for a stuck pool; the largest such set is what is
    /// left after taking away, again and again, every pool with a replica that can still get free.
    fn is_stuck(
        &self,
        waits: &HashMap<Holder, Vec<u32>, FixedState>,
        chain: &[Holder],
        target: u32,
    ) -> bool {
        // The pools on which the target may depend. Each replica of a pool is there with the pools that
        // are waited for below it; one that the chain holds is left out, since it cannot get free.
        let mut pools: HashMap<u32, Vec<Vec<u32>>, FixedState> = HashMap::default();
        let mut open = vec![target];
        while let Some(pool) = open.pop() {
            if pools.contains_key(&pool) {
                continue;
            }
            let mut replicas = Vec::new();
            for holder in self.holders(pool) {
                let below = match holder {
                    Some(holder) if chain.contains(&holder) => continue,
                    Some(holder) => waits.get(&holder),
                    None => None,
                };
                match below {
                    Some(below) => {
                        open.extend(below);
                        replicas.push(below.clone());
                    }
                    None if pool == target => return false,
                    None => {
                        // This one waits for nothing, and so the pool gets free.
                        replicas = vec![Vec::new()];
                        break;
                    }
                }
            }
            pools.insert(pool, replicas);
        }
        loop {
            let loose = pools.iter().find(|(_, replicas)| {
                replicas.iter().any(|below| !below.iter().any(|pool| pools.contains_key(pool)))
            });
            let Some((&loose, _)) = loose else { return true };
            if loose == target {
                return false;
            }
            pools.remove(&loose);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Holder, Vec<u32>, FixedState>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waits = self.graph.lock();
        for holder in &self.chain {
            if let Some(targets) = waits.get_mut(holder) {
                if let Some(place) = targets.iter().position(|target| *target == self.target) {
                    targets.swap_remove(place);
                }
                if targets.is_empty() {
                    waits.remove(holder);
                }
            }
        }
    }
}

/// The replicas that wait for this frame's next reply, its own first. A frame whose handler has
/// returned (its context lived on in a task) holds nothing any more.
fn held_by(caller: &Arc<Frame>) -> Vec<Holder> {
    let mut held = Vec::new();
    let mut next = Some(caller);
    while let Some(frame) = next {
        if frame.holds_its_replica() {
            held.push((frame.home.pool, frame.home.slot, frame.turn));
        }
        next = frame.parent();
    }
    held
}

/// The names along the chain, the first caller first: `a -> b -> a`.
pub(crate) fn describe(caller: &Arc<Frame>, target: &str) -> String {
    let mut names = vec![target];
    let mut next = Some(caller);
    while let Some(frame) = next {
        if frame.home.pool != u32::MAX {
            names.push(&frame.home.name);
        }
        next = frame.parent();
    }
    names.reverse();
    names.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pools by number, each with the turns of its replicas: odd is busy.
    fn graph(pools: &[&[u64]]) -> WaitGraph {
        let graph = WaitGraph::default();
        let seat = |turn: &u64| {
            let seat = Arc::<Seat>::default();
            seat.turn.store(*turn, Ordering::Relaxed);
            seat
        };
        graph.seat(pools.iter().map(|turns| turns.iter().map(seat).collect()).collect());
        graph
    }

    #[test]
    fn a_call_to_its_own_only_replica_is_a_cycle() {
        let graph = graph(&[&[1]]);
        assert!(graph.enter_chain(vec![(0, 0, 1)], 0).is_err());
        assert!(graph.lock().is_empty(), "a refused call leaves nothing behind");
    }

    #[test]
    fn a_second_replica_held_by_a_stranger_is_worth_waiting_for() {
        let graph = graph(&[&[1, 1]]);
        let waiting = graph.enter_chain(vec![(0, 0, 1)], 0);
        assert!(waiting.is_ok());
        // The stranger then does the same: now both wait for each other.
        assert!(graph.enter_chain(vec![(0, 1, 1)], 0).is_err());
        drop(waiting);
        assert!(graph.enter_chain(vec![(0, 1, 1)], 0).is_ok());
    }

    #[test]
    fn two_chains_that_cross_are_a_cycle_through_the_other() {
        // a -> b and b -> a, one replica each.
        let graph = graph(&[&[1], &[1]]);
        let first = graph.enter_chain(vec![(0, 0, 1)], 1);
        assert!(first.is_ok());
        assert!(graph.enter_chain(vec![(1, 0, 1)], 0).is_err());
    }

    #[test]
    fn a_ring_through_three_pools_closes_with_the_last_call_only() {
        let graph = graph(&[&[1], &[1, 1], &[1]]);
        let _ab = graph.enter_chain(vec![(0, 0, 1)], 1).unwrap();
        let _bc = graph.enter_chain(vec![(1, 0, 1)], 2).unwrap();
        // The other replica of pool 1 is a leaf, so pool 1 still can get free.
        let ca = graph.enter_chain(vec![(2, 0, 1)], 0);
        assert!(ca.is_ok());
        // Once that leaf calls pool 0 as well, nobody can go on.
        assert!(graph.enter_chain(vec![(1, 1, 1)], 0).is_err());
    }

    #[test]
    fn a_free_replica_ends_the_search() {
        let graph = graph(&[&[1], &[1, 2]]);
        assert!(graph.enter_chain(vec![(0, 0, 1)], 1).is_ok());
    }
}
