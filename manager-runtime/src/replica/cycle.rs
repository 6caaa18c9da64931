//! Finds the call that would wait for itself.
//!
//! The chain of handlers travels with every call, and a call that waits in line has it on its ticket. If
//! every replica of the pool that it waits for is held by a chain that, directly or through others in
//! line, waits on the caller, then none of them will ever be free, and the call fails at once. Whoever
//! comes last closes the ring, so it is enough that each looks when it begins to wait; a call that finds
//! a free replica never comes here.
//!
//! Looking at all lines is slow, and hardly any program has handlers that call each other in a ring. So
//! the graph remembers which pools have ever waited for which, and a call looks only if there is a way
//! back from its target to its chain. The order matters: a call notes its edges, *then* stands in line,
//! *then* looks for a way back. Of two calls that close a ring together at least one finds the edge of
//! the other, and then also its ticket.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use foldhash::fast::FixedState;

use crate::context::{Frame, Seat};

/// One busy turn of one replica: pool, replica, turn.
pub(crate) type Holder = (u32, u32, u64);

/// For every replica in a waiting chain, the pools that are waited for below it.
type Waits = HashMap<Holder, Vec<u32>, FixedState>;

/// The calls that wait in a pool's line.
pub(crate) trait Callers: Send + Sync {
    /// The frame of each that is a handler's.
    fn callers(&self) -> Vec<Arc<Frame>>;
}

/// Which pools wait for which.
#[derive(Default)]
pub(crate) struct WaitGraph {
    /// Set once all pools are made.
    pools: OnceLock<Pools>,
    /// Held by who looks at all lines, so that of two that close a ring one fails and one goes on.
    looking: Mutex<()>,
}

struct Pools {
    lines: Vec<Weak<dyn Callers>>,
    seats: Vec<Vec<Arc<Seat>>>,
    /// Row by row, a bit for each pool that this pool has ever waited for, directly.
    direct: Bits,
    /// The same with all that lies behind those.
    reach: Bits,
}

impl WaitGraph {
    /// Says which pools there are.
    pub(crate) fn seat(&self, lines: Vec<Weak<dyn Callers>>, seats: Vec<Vec<Arc<Seat>>>) {
        let count = seats.len();
        let pools = Pools { lines, seats, direct: Bits::new(count), reach: Bits::new(count) };
        // Only the one bus that owns the graph seats it, once.
        let _ = self.pools.set(pools);
    }

    /// Notes that the replicas of a chain are about to wait for a pool. Before the call stands in line.
    pub(crate) fn note(&self, caller: &Arc<Frame>, target: u32) {
        let Some(pools) = self.pools.get() else { return };
        for (pool, _, _) in held_by(caller) {
            if !pools.direct.has(pool, target) {
                let _looking = self.lock();
                pools.direct.set(pool, target);
                pools.extend_reach(pool, target);
            }
        }
    }

    /// Whether a call that stands in line waits for itself. `give_up` takes its ticket out of the line
    /// before anybody else looks.
    pub(crate) fn is_cycle(
        &self,
        caller: &Arc<Frame>,
        target: u32,
        give_up: impl FnOnce(),
    ) -> bool {
        let Some(pools) = self.pools.get() else { return false };
        fence(Ordering::SeqCst);
        let mut held = held_by(caller);
        if !held.any(|(pool, _, _)| pool == target || pools.reach.has(target, pool)) {
            return false;
        }
        let _looking = self.lock();
        let chain: Vec<Holder> = held_by(caller).collect();
        let stuck = pools.is_stuck(&pools.waits(), &chain, target);
        if stuck {
            give_up();
        }
        stuck
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.looking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pools {
    /// Whatever reaches `from` now reaches `to` and all behind it.
    fn extend_reach(&self, from: u32, to: u32) {
        for pool in 0..self.seats.len() as u32 {
            if pool == from || self.reach.has(pool, from) {
                self.reach.set(pool, to);
                self.reach.add_row(pool, to);
            }
        }
    }

    /// Everybody who waits, read off the tickets.
    fn waits(&self) -> Waits {
        let mut waits = Waits::default();
        for (pool, line) in (0..).zip(&self.lines) {
            let callers = line.upgrade().map_or_else(Vec::new, |line| line.callers());
            for caller in callers {
                add(&mut waits, held_by(&caller), pool);
            }
        }
        waits
    }

    /// Who holds each replica of a pool; `None` for one that is free or being made.
    fn holders(&self, pool: u32) -> impl Iterator<Item = Option<Holder>> {
        let seats = self.seats.get(pool as usize);
        seats.into_iter().flatten().enumerate().map(move |(slot, seat)| {
            let turn = seat.turn.load(Ordering::Acquire);
            (turn % 2 == 1).then_some((pool, slot as u32, turn))
        })
    }

    /// Whether every replica of the target waits on the chain. A pool is stuck if each of its replicas is
    /// held by the chain itself or by a call that waits for a stuck pool; the largest such set is what is
    /// left after taking away, again and again, every pool with a replica that can still get free.
    fn is_stuck(&self, waits: &Waits, chain: &[Holder], target: u32) -> bool {
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
}

fn add(waits: &mut Waits, chain: impl Iterator<Item = Holder>, target: u32) {
    for holder in chain {
        waits.entry(holder).or_default().push(target);
    }
}

/// A square of bits, which only grow.
struct Bits {
    words: Vec<AtomicU64>,
    /// Words in a row.
    width: usize,
}

impl Bits {
    fn new(count: usize) -> Self {
        let width = count.div_ceil(64);
        Bits { words: (0..count * width).map(|_| AtomicU64::new(0)).collect(), width }
    }

    fn has(&self, row: u32, column: u32) -> bool {
        let word = self.words.get(row as usize * self.width + column as usize / 64);
        word.is_some_and(|word| word.load(Ordering::SeqCst) & (1 << (column % 64)) != 0)
    }

    fn set(&self, row: u32, column: u32) {
        if let Some(word) = self.words.get(row as usize * self.width + column as usize / 64) {
            word.fetch_or(1 << (column % 64), Ordering::SeqCst);
        }
    }

    /// Adds the bits of another row.
    fn add_row(&self, row: u32, other: u32) {
        for at in 0..self.width {
            let own = self.words.get(row as usize * self.width + at);
            let added = self.words.get(other as usize * self.width + at);
            if let (Some(own), Some(added)) = (own, added) {
                own.fetch_or(added.load(Ordering::SeqCst), Ordering::SeqCst);
            }
        }
    }
}

/// The replicas that wait for this frame's next reply, its own first. A frame whose handler has
/// returned (its context lived on in a task) holds nothing any more.
fn held_by(caller: &Arc<Frame>) -> impl Iterator<Item = Holder> {
    std::iter::successors(Some(caller), |frame| frame.parent())
        .filter(|frame| frame.holds_its_replica())
        .map(|frame| (frame.home.pool, frame.home.slot, frame.turn))
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

    /// Pools by number, each with the turns of its replicas (odd is busy), and who waits.
    struct World {
        pools: Pools,
        waits: Waits,
    }

    fn world(pools: &[&[u64]]) -> World {
        let seat = |turn: &u64| {
            let seat = Arc::<Seat>::default();
            seat.turn.store(*turn, Ordering::Relaxed);
            seat
        };
        let seats = pools.iter().map(|turns| turns.iter().map(seat).collect()).collect();
        let (direct, reach) = (Bits::new(pools.len()), Bits::new(pools.len()));
        World { pools: Pools { lines: Vec::new(), seats, direct, reach }, waits: Waits::default() }
    }

    impl World {
        /// Lets a chain wait for a pool, unless that is a cycle.
        fn enter(&mut self, holder: Holder, target: u32) -> bool {
            self.pools.direct.set(holder.0, target);
            self.pools.extend_reach(holder.0, target);
            let way_back = holder.0 == target || self.pools.reach.has(target, holder.0);
            let stuck = self.pools.is_stuck(&self.waits, &[holder], target);
            assert!(way_back || !stuck, "without a way back nobody looks");
            if !stuck {
                add(&mut self.waits, [holder].into_iter(), target);
            }
            !stuck
        }
    }

    #[test]
    fn a_call_to_its_own_only_replica_is_a_cycle() {
        assert!(!world(&[&[1]]).enter((0, 0, 1), 0));
    }

    #[test]
    fn a_second_replica_held_by_a_stranger_is_worth_waiting_for() {
        let mut world = world(&[&[1, 1]]);
        assert!(world.enter((0, 0, 1), 0));
        // The stranger then does the same: now both wait for each other.
        assert!(!world.enter((0, 1, 1), 0));
        // Unless the first one has given up.
        world.waits.clear();
        assert!(world.enter((0, 1, 1), 0));
    }

    #[test]
    fn two_chains_that_cross_are_a_cycle_through_the_other() {
        // a -> b and b -> a, one replica each.
        let mut world = world(&[&[1], &[1]]);
        assert!(world.enter((0, 0, 1), 1));
        assert!(!world.enter((1, 0, 1), 0));
    }

    #[test]
    fn a_ring_through_three_pools_closes_with_the_last_call_only() {
        let mut world = world(&[&[1], &[1, 1], &[1]]);
        assert!(world.enter((0, 0, 1), 1));
        assert!(world.enter((1, 0, 1), 2));
        // The other replica of pool 1 is a leaf, so pool 1 still can get free.
        assert!(world.enter((2, 0, 1), 0));
        // Once that leaf calls pool 0 as well, nobody can go on.
        assert!(!world.enter((1, 1, 1), 0));
    }

    #[test]
    fn a_free_replica_ends_the_search() {
        assert!(world(&[&[1], &[1, 2]]).enter((0, 0, 1), 1));
    }

    #[test]
    fn reach_follows_edges_in_whatever_order_they_come() {
        let one: &[u64] = &[1];
        let world = world(&[one; 70]);
        for (from, to) in [(3, 69), (0, 1), (2, 3), (1, 2)] {
            world.pools.direct.set(from, to);
            world.pools.extend_reach(from, to);
        }
        let reaches =
            |from| -> Vec<u32> { (0..70).filter(|to| world.pools.reach.has(from, *to)).collect() };
        assert_eq!(reaches(0), [1, 2, 3, 69]);
        assert_eq!(reaches(2), [3, 69]);
        assert!(reaches(69).is_empty());
    }
}
