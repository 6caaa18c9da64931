//! How many connections are open from each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The open connections by address, of all listeners of a manager together.
///
/// Clients choose their addresses, at least those of IPv6, so the map has the hasher of the standard library,
/// whose keys are random and whose collisions cannot be computed.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<HashMap<Origin, usize>>);

/// What counts as one client: an address of IPv4, or what one customer gets of IPv6, which is a network of at
/// least 64 bits (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Origin {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Origin {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Origin::V4(address.octets()),
            IpAddr::V6(address) => Origin::V6(network(address)),
        }
    }
}

fn network(address: Ipv6Addr) -> [u8; 8] {
    let [a, b, c, d, ..] = address.segments();
    let joined = [a, b, c, d].iter().fold(0_u64, |all, one| all << 16 | u64::from(*one));
    joined.to_be_bytes()
}

impl Addresses {
    /// Counts a connection in, unless there are that many from its address already.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, limit: usize) -> Option<Present> {
        let origin = Origin::of(address);
        let mut open = self.lock();
        let count = open.entry(origin).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Present { addresses: self.clone(), origin })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Origin, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted, until this is dropped.
#[derive(Debug)]
pub(super) struct Present {
    addresses: Arc<Addresses>,
    origin: Origin,
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut open = self.addresses.lock();
        if let Entry::Occupied(mut count) = open.entry(self.origin) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        // What many clients took is given back when they are gone.
        if open.capacity() > 1024 && open.len() < open.capacity() / 8 {
            open.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_count_and_leaves_nothing() {
        let addresses = Arc::new(Addresses::default());
        let enter = |address: &str| addresses.enter(address.parse().unwrap(), 2);
        let one = enter("192.0.2.1").unwrap();
        let two = enter("::ffff:192.0.2.1").expect("the second, written as IPv6");
        assert!(enter("192.0.2.1").is_none());
        let other = enter("192.0.2.2").unwrap();
        let near = enter("2001:db8::1").unwrap();
        let same = enter("2001:db8::ffff:1").expect("the second of its network");
        assert!(enter("2001:db8:0:0:8000::").is_none(), "one network");
        let next = enter("2001:db8:0:1::1").expect("another network");
        drop(two);
        let again = enter("192.0.2.1").expect("there is room again");
        drop((one, other, near, same, next, again));
        assert!(addresses.lock().is_empty());
    }

    #[test]
    fn what_many_took_is_given_back() {
        let addresses = Arc::new(Addresses::default());
        let all: Vec<_> = (0..10_000_u32)
            .map(|number| addresses.enter(IpAddr::V4(number.into()), 1).unwrap())
            .collect();
        drop(all);
        assert!(addresses.lock().capacity() < 2048);
    }
}
