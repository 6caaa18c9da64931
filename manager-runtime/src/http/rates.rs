//! How often each client has asked: a token bucket for each, kept as the one number that GCRA needs.
//!
//! A bucket is a point in time: when it is full again. Each request moves it by the time that one token takes to
//! come back, and is refused if that would be further from now than a whole bucket takes. Nothing has to
//! run for a bucket to fill.
//!
//! The table has a fixed number of places, so a flood of addresses cannot make it grow. A client has eight places
//! where it may stand; where all are taken, it takes that of the bucket which is full the soonest, whose client
//! loses the least: what it had used up lately.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::context::Epoch;
use crate::error::Error;
use crate::peer::Peer;
use crate::rate::Rate;

/// What a client may do within the time (draft-ietf-httpapi-ratelimit-headers, section 3).
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What is left of it (the same, section 4).
pub(super) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

const SHARDS: usize = 64;
const SETS: usize = 128;
const PLACES: usize = 8;

/// The buckets of all clients of one manager, for all of its rates.
pub(crate) struct Rates {
    /// Each is made when the first client comes to it; 16 KiB then.
    shards: Box<[Mutex<Vec<Bucket>>]>,
    /// Which client stands where is nobody's to choose.
    hasher: RandomState,
    epoch: Epoch,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    /// A hash of the client and of what is counted; 0 is nobody.
    client: u64,
    full_at: u64,
}

/// Who is counted: a key by its name, and else an address. One customer has a whole /64 of IP version 6 (RFC 6177,
/// section 2), so the rest of such an address says nothing.
#[derive(Hash)]
enum Client<'a> {
    Key(&'a str),
    Four(u32),
    Six(u64),
}

impl<'a> Client<'a> {
    fn of(peer: &'a Peer) -> Self {
        if let Some(name) = peer.key() {
            return Client::Key(name);
        }
        match peer.address().ip().to_canonical() {
            IpAddr::V4(address) => Client::Four(address.to_bits()),
            IpAddr::V6(address) => Client::Six((address.to_bits() >> 64) as u64),
        }
    }
}

/// What came of asking for a token.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    /// Whether there was one.
    granted: bool,
    /// How many are left.
    left: u64,
    /// How long until the bucket is full, or until there is one if there was none, in nanoseconds.
    wait: u64,
}

impl Rates {
    pub(crate) fn new() -> Self {
        Rates {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            epoch: Epoch::begin(),
        }
    }

    /// Takes a token out of the bucket that a client has for the rate with this number.
    fn take(&self, number: u32, rate: Rate, client: &Client<'_>) -> Taken {
        let now = self.epoch.number(Instant::now());
        let hash = self.hasher.hash_one((number, client)).max(1);
        let (shard, set) = (hash as usize % SHARDS, hash as usize / SHARDS % SETS);
        let Some(shard) = self.shards.get(shard) else { return Taken::new(rate, 0) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.is_empty() {
            shard.resize(SETS * PLACES, Bucket::default());
        }
        let places = shard.iter_mut().skip(set * PLACES).take(PLACES);
        // Its own, or else the one that is full the soonest; an empty place is as full as can be.
        let bucket = places.min_by_key(|one| if one.client == hash { 0 } else { one.full_at + 1 });
        let Some(bucket) = bucket else { return Taken::new(rate, 0) };
        if bucket.client != hash {
            *bucket = Bucket { client: hash, full_at: 0 };
        }
        let filling = bucket.full_at.max(now) - now + rate.interval();
        let taken = Taken::new(rate, filling);
        if taken.granted {
            bucket.full_at = now + filling;
        }
        taken
    }
}

impl Taken {
    /// What comes of a bucket that would be full in so many nanoseconds.
    fn new(rate: Rate, filling: u64) -> Self {
        let interval = rate.interval().max(1);
        let whole = interval * u64::from(rate.at_once());
        match whole.checked_sub(filling) {
            Some(left) => Taken { granted: true, left: left / interval, wait: filling },
            None => Taken { granted: false, left: 0, wait: filling - whole },
        }
    }

    /// The same in whole seconds, rounded up: whoever comes back by then is not too early.
    fn seconds(&self) -> u64 {
        self.wait.div_ceil(1_000_000_000)
    }
}

/// What is counted at one place: the rate of all requests, that of a handler, or both.
#[derive(Clone)]
pub(super) struct Quota {
    /// The one for all comes first: whoever is refused by it takes nothing from the other.
    parts: Vec<Part>,
    policy: HeaderValue,
}

#[derive(Clone)]
struct Part {
    /// What tells the buckets of one rate from those of another.
    number: u32,
    /// As the fields call it.
    name: &'static str,
    rate: Rate,
}

impl Quota {
    /// The rate of all requests of a client, and that of the handler with this number.
    pub(super) fn of(all: Option<Rate>, handler: Option<(usize, Rate)>) -> Option<Self> {
        let all = all.map(|rate| Part { number: u32::MAX, name: "client", rate });
        let handler = handler.map(|(number, rate)| Part {
            number: u32::try_from(number).unwrap_or(u32::MAX - 1),
            name: "handler",
            rate,
        });
        let parts: Vec<Part> = all.into_iter().chain(handler).collect();
        if parts.is_empty() {
            return None;
        }
        let policy = list(parts.iter(), |text, Part { number: _, name, rate }| {
            write!(text, "\"{name}\";q={};w={}", rate.count(), rate.window())
        });
        Some(Quota { parts, policy: policy? })
    }

    /// Takes a token of each. The answer says what is left, by this value of [`LIMIT`].
    ///
    /// # Errors
    ///
    /// `TooManyRequests` with everything that its answer has to say.
    pub(super) fn take(&self, rates: &Rates, peer: &Peer) -> Result<Option<HeaderValue>, Error> {
        let client = Client::of(peer);
        let mut taken = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let one = rates.take(part.number, part.rate, &client);
            let granted = one.granted;
            taken.push((part.name, one));
            if !granted {
                break;
            }
        }
        let left = list(taken.iter(), |text, (name, one)| {
            write!(text, "\"{name}\";r={};t={}", one.left, one.seconds())
        });
        let Some((_, refused)) = taken.last().filter(|(_, one)| !one.granted) else {
            return Ok(left);
        };
        let after = refused.seconds();
        let error =
            Error::too_many_requests("too many requests; the answer says when to come back")
                .with_header(http::header::RETRY_AFTER, HeaderValue::from(after))
                .with_header(POLICY, self.policy.clone());
        Err(match left {
            Some(left) => error.with_header(LIMIT, left),
            None => error,
        })
    }

    pub(super) fn policy(&self) -> &HeaderValue {
        &self.policy
    }
}

/// A list of RFC 9651, section 3.1.
fn list<T>(
    parts: impl Iterator<Item = T>,
    write_one: impl Fn(&mut String, T) -> std::fmt::Result,
) -> Option<HeaderValue> {
    let mut text = String::with_capacity(32);
    for part in parts {
        if !text.is_empty() {
            text.push_str(", ");
        }
        write_one(&mut text, part).ok()?;
    }
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    const NUMBER: u32 = 7;

    fn four(number: u32) -> Client<'static> {
        Client::Four(number)
    }

    fn granted(rates: &Rates, rate: Rate, client: &Client<'_>) -> usize {
        (0..100).take_while(|_| rates.take(NUMBER, rate, client).granted).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_holds_the_burst_and_fills_at_the_rate() {
        let rates = Rates::new();
        let rate = Rate::new(10, 1).burst(4);
        let check = |taken: Taken, granted: bool, left: u64, millis: u64| {
            assert_eq!(taken, Taken { granted, left, wait: millis * 1_000_000 });
        };
        check(rates.take(NUMBER, rate, &four(1)), true, 3, 100);
        check(rates.take(NUMBER, rate, &four(1)), true, 2, 200);
        check(rates.take(NUMBER, rate, &four(1)), true, 1, 300);
        check(rates.take(NUMBER, rate, &four(1)), true, 0, 400);
        // A refusal costs nothing, however often it comes.
        check(rates.take(NUMBER, rate, &four(1)), false, 0, 100);
        check(rates.take(NUMBER, rate, &four(1)), false, 0, 100);
        advance(Duration::from_millis(40)).await;
        check(rates.take(NUMBER, rate, &four(1)), false, 0, 60);
        advance(Duration::from_millis(60)).await;
        check(rates.take(NUMBER, rate, &four(1)), true, 0, 400);
        advance(Duration::from_secs(3600)).await;
        assert_eq!(
            granted(&rates, rate, &four(1)),
            4,
            "a full bucket holds no more than the burst"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn clients_and_rates_are_counted_apart() {
        let rates = Rates::new();
        let rate = Rate::new(2, 1);
        assert_eq!(granted(&rates, rate, &four(1)), 2);
        assert_eq!(granted(&rates, rate, &four(2)), 2);
        assert_eq!(granted(&rates, rate, &Client::Six(1)), 2);
        assert_eq!(granted(&rates, rate, &Client::Key("a")), 2);
        assert_eq!(granted(&rates, rate, &Client::Key("b")), 2);
        assert_eq!(granted(&rates, rate, &Client::Key("a")), 0);
        assert!(rates.take(NUMBER + 1, rate, &four(1)).granted, "another handler");
    }

    #[test]
    fn who_is_a_client() {
        let of = |address: &str, key: Option<&str>| {
            let mut peer = Peer::new((address.parse::<IpAddr>().unwrap(), 4711).into());
            if let Some(key) = key {
                peer.presented(key.into());
            }
            match Client::of(&peer) {
                Client::Key(name) => name.to_owned(),
                Client::Four(bits) => format!("{bits:08x}"),
                Client::Six(bits) => format!("{bits:016x}"),
            }
        };
        assert_eq!(of("192.0.2.7", None), "c0000207");
        assert_eq!(of("::ffff:192.0.2.7", None), "c0000207");
        assert_eq!(of("2001:db8:1:2:3:4:5:6", None), "20010db800010002");
        assert_eq!(of("2001:db8:1:2::", None), "20010db800010002");
        assert_eq!(of("192.0.2.7", Some("shop")), "shop");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_addresses_neither_grows_the_table_nor_frees_whoever_was_refused() {
        let rates = Rates::new();
        let rate = Rate::new(60, 60).burst(5);
        let loud = four(0);
        assert_eq!(granted(&rates, rate, &loud), 5);
        for address in 1..300_000 {
            assert!(rates.take(NUMBER, rate, &four(address)).granted, "a new client has a bucket");
        }
        assert_eq!(granted(&rates, rate, &loud), 0, "it was the last whose place would be taken");
        let places: usize = rates.shards.iter().map(|it| it.lock().unwrap().capacity()).sum();
        assert_eq!(places, 65_536);
        assert_eq!(size_of::<Bucket>(), 16);
    }

    #[test]
    fn the_fields_are_lists_of_structured_fields() {
        let check = |all: Option<Rate>, handler: Option<(usize, Rate)>, expected: &str| {
            let quota = Quota::of(all, handler).unwrap();
            assert_eq!(quota.policy(), expected);
        };
        let (often, rarely) = (Rate::new(100, 1), Rate::new(5, 3600));
        check(None, Some((0, often)), "\"handler\";q=100;w=1");
        check(Some(rarely), None, "\"client\";q=5;w=3600");
        check(Some(rarely), Some((0, often)), "\"client\";q=5;w=3600, \"handler\";q=100;w=1");
        assert!(Quota::of(None, None).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_says_when_to_come_back() {
        let (rates, peer) = (Rates::new(), Peer::new(([192, 0, 2, 7], 4711).into()));
        let quota = Quota::of(Some(Rate::new(100, 1)), Some((3, Rate::new(2, 60)))).unwrap();
        let left = quota.take(&rates, &peer).unwrap().unwrap();
        assert_eq!(left, "\"client\";r=99;t=1, \"handler\";r=0;t=30");
        advance(Duration::from_millis(500)).await;
        let error = quota.take(&rates, &peer).unwrap_err();
        let headers = error.headers().unwrap();
        assert_eq!(headers["retry-after"], "30");
        assert_eq!(headers["ratelimit"], "\"client\";r=99;t=1, \"handler\";r=0;t=30");
        assert_eq!(headers["ratelimit-policy"], "\"client\";q=100;w=1, \"handler\";q=2;w=60");
    }
}
