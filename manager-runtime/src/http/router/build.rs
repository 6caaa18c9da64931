//! From routes to a router.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::conflict::{Claim, Declaration, Fault};
use super::find::{Router, Way};
use super::methods::{Answer, Methods};
use super::segment::Shape;
use super::tree::{Growing, NodeId};
use crate::captures::MOST;
use crate::route::{Host, Pattern, Segment, Slash};

/// Collects routes.
#[derive(Debug)]
pub(crate) struct Builder<T> {
    routes: Vec<Added<T>>,
}

#[derive(Debug)]
struct Added<T> {
    declared: Declaration,
    hosts: Vec<Host>,
    method: &'static str,
    pattern: Pattern,
    target: T,
}

impl<T> Builder<T> {
    pub(crate) fn new() -> Self {
        Builder { routes: Vec::new() }
    }

    /// A route on these hosts, or on every host if there are none; the method `""` stands for all that
    /// nobody else takes.
    pub(crate) fn add(
        &mut self,
        declared: Declaration,
        hosts: &[Host],
        method: &'static str,
        pattern: &Pattern,
        target: T,
    ) {
        let (hosts, pattern) = (hosts.to_vec(), *pattern);
        self.routes.push(Added { declared, hosts, method, pattern, target });
    }

    /// The router, or all that stands in its way. The order in which routes were added only matters
    /// where their declarations are equal.
    pub(crate) fn build(mut self) -> Result<Router<T>, Vec<Fault>> {
        self.routes.sort_by_key(|route| route.declared);
        let mut plan = Plan::new();
        for (route, added) in self.routes.iter().enumerate() {
            let Added { declared, hosts, method, pattern, target: _ } = added;
            let named = hosts.iter().map(|host| Some(*host));
            let everywhere = hosts.is_empty().then_some(None);
            for host in named.chain(everywhere) {
                plan.add(route, Claim { declared: *declared, host, method, pattern: *pattern });
            }
        }
        plan.finish(self.routes.into_iter().map(|route| route.target).collect())
    }
}

/// Routes in their places, before anything is decided.
struct Plan {
    hosts: Growing,
    /// What the tree of hosts leads to. The first is for whoever names no host.
    sites: Vec<Site>,
    site_of: HashMap<NodeId, usize>,
    ways: Vec<(usize, Claim)>,
    faults: Vec<Fault>,
    /// Pairs of routes that have been reported.
    reported: BTreeSet<(usize, usize)>,
}

struct Site {
    tree: Growing,
    /// In the order of nodes, so that equal routes give equal routers.
    places: BTreeMap<NodeId, Place>,
}

/// The routes that end at one node, as methods and numbers of ways.
#[derive(Default)]
struct Place {
    /// Without a slash at the end, and with one.
    own: [Vec<Answer>; 2],
    /// Those of `own` that answer the other form as well.
    lenient: [Vec<Answer>; 2],
    /// Whether one of `own` wants the other form redirected.
    redirects: [bool; 2],
    one_or_more: Vec<Answer>,
    none_or_more: Vec<Answer>,
    below: Vec<Answer>,
}

impl Plan {
    fn new() -> Self {
        Plan {
            hosts: Growing::hosts(),
            sites: vec![Site::new()],
            site_of: HashMap::new(),
            ways: Vec::new(),
            faults: Vec::new(),
            reported: BTreeSet::new(),
        }
    }

    fn add(&mut self, route: usize, claim: Claim) {
        let count =
            claim.pattern.names().count() + claim.host.map_or(0, |host| host.names().count());
        if count > MOST {
            self.faults.push(Fault::Captures { claim, count });
            return;
        }
        if let Err(error) = self.place(route, claim) {
            self.faults.push(Fault::Expression { claim, why: error.to_string() });
        }
    }

    fn place(&mut self, route: usize, claim: Claim) -> Result<(), regex_lite::Error> {
        let site = match claim.host {
            Some(host) => self.site(&host)?,
            None => 0,
        };
        let Site { tree, places } = &mut self.sites[site];
        let Pattern { segments, ends_with_slash, slash, subtree, text: _ } = claim.pattern;
        let (rest, segments) = match segments {
            [segments @ .., Segment::Rest { at_least_one, .. }] => (Some(*at_least_one), segments),
            segments => (None, segments),
        };
        let mut node = Growing::ROOT;
        for segment in segments {
            node = tree.child(node, Shape::of(segment))?;
        }
        let answer = (claim.method, self.ways.len() as u32);
        self.ways.push((route, claim));
        let place = places.entry(node).or_default();
        let form = usize::from(ends_with_slash);
        let mut taken = match rest {
            Some(true) => take(&mut place.one_or_more, answer),
            Some(false) => take(&mut place.none_or_more, answer),
            None => take(&mut place.own[form], answer),
        };
        if rest.is_none() {
            match slash {
                Slash::Redirect => place.redirects[form] = true,
                Slash::Lenient => place.lenient[form].push(answer),
                Slash::Strict => {}
            }
            if subtree {
                taken = taken.or(take(&mut place.below, answer));
            }
        }
        if let Some(before) = taken {
            self.report(before, claim, route);
        }
        Ok(())
    }

    /// The routes of a host.
    fn site(&mut self, host: &Host) -> Result<usize, regex_lite::Error> {
        let mut node = Growing::ROOT;
        for label in host.labels {
            node = self.hosts.child(node, Shape::of(label))?;
        }
        let next = self.sites.len();
        let site = *self.site_of.entry(node).or_insert(next);
        if site == next {
            self.hosts.goals(node).ends[0] = Some(site as u32);
            self.sites.push(Site::new());
        }
        Ok(site)
    }

    /// Two routes meet, perhaps on several hosts. One that meets itself names a host twice.
    fn report(&mut self, before: u32, second: Claim, route: usize) {
        let (other, first) = self.ways[before as usize];
        if other != route && self.reported.insert((other, route)) {
            self.faults.push(Fault::Conflict { first, second });
        }
    }

    fn finish<T>(self, targets: Vec<T>) -> Result<Router<T>, Vec<Fault>> {
        let Plan { hosts, sites, site_of, ways, faults, reported: _ } = self;
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut resources = Vec::new();
        let sites = sites.into_iter().map(|site| site.finish(&mut resources).finish()).collect();
        let hosts = (!site_of.is_empty()).then(|| hosts.finish());
        let ways = ways.into_iter().map(|(route, claim)| Way {
            route: route as u32,
            labels: claim.host.map_or(&[], |host| host.labels),
            segments: claim.pattern.segments,
        });
        Ok(Router {
            hosts,
            sites,
            resources: resources.into(),
            ways: ways.collect(),
            targets: targets.into(),
        })
    }
}

/// Adds an answer, unless one with the same method is there: then it is that one.
fn take(answers: &mut Vec<Answer>, answer: Answer) -> Option<u32> {
    let before = answers.iter().find(|(method, _)| *method == answer.0);
    let before = before.map(|(_, way)| *way);
    if before.is_none() {
        answers.push(answer);
    }
    before
}

impl Site {
    fn new() -> Self {
        Site { tree: Growing::paths(), places: BTreeMap::new() }
    }

    fn finish(self, resources: &mut Vec<Methods>) -> Growing {
        let Site { mut tree, places } = self;
        let mut resource = |own: &[Answer], lenient: &[Answer]| {
            let exists = !own.is_empty() || !lenient.is_empty();
            exists.then(|| {
                resources.push(Methods::new(own, lenient));
                resources.len() as u32 - 1
            })
        };
        for (node, place) in places {
            let Place { own, lenient, redirects, one_or_more, none_or_more, below } = place;
            let goals = tree.goals(node);
            for form in [0, 1] {
                goals.ends[form] = resource(&own[form], &lenient[1 - form]);
                goals.redirects[form] = redirects[1 - form];
            }
            goals.one_or_more = resource(&one_or_more, &[]);
            goals.none_or_more = resource(&none_or_more, &[]);
            goals.below = resource(&below, &[]);
        }
        tree
    }
}
