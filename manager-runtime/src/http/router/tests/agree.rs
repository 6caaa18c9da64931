//! The router finds what the naive matcher finds.

use std::collections::BTreeSet;

use super::naive::{self, Answer};
use super::router::{Builder, Declaration, Fault, Found, Router};
use super::world::{Request, Route, World};

/// Panics if the router and the naive matcher differ on the routes and requests that these bytes make.
pub(crate) fn check(bytes: &[u8]) {
    let World { routes, requests } = World::of(bytes);
    let mut sorted: Vec<Route> = routes.clone();
    sorted.sort_by_key(|route| route.line);
    let conflicts = naive::conflicts(&sorted);
    match build(&sorted) {
        Ok(_) => assert!(conflicts.is_empty(), "{conflicts:?} meet others in {sorted:#?}"),
        Err(faults) => assert_eq!(seconds(&faults), conflicts, "the second in each of {faults:?}"),
    }
    let mut index = 0..;
    sorted.retain(|_| index.next().is_some_and(|index| !conflicts.contains(&index)));
    let router = build(&sorted).unwrap_or_else(|faults| panic!("{faults:?}"));
    for Request { host, path, method } in &requests {
        let expected = naive::find(&sorted, host.as_deref(), path, method);
        let found = find(&router, host.as_deref(), path, method);
        assert_eq!(found, expected, "{method} {path:?} on {host:?} of {sorted:#?}");
    }
}

/// Each route leads to its place in the list. They are added in another order than that of declaration.
fn build(routes: &[Route]) -> Result<Router<usize>, Vec<Fault>> {
    let mut builder = Builder::new();
    for (target, route) in routes.iter().enumerate().rev() {
        let Route { line, hosts, method, pattern } = route;
        let index = target as u32;
        let declared = Declaration { file: "", line: *line, column: 0, index, handler: "" };
        builder.add(declared, hosts, method, pattern, target);
    }
    builder.build()
}

fn seconds(faults: &[Fault]) -> BTreeSet<usize> {
    let second = |fault: &Fault| match fault {
        Fault::Conflict { second, .. } => second.declared.index as usize,
        other => panic!("{other}"),
    };
    faults.iter().map(second).collect()
}

fn find(router: &Router<usize>, host: Option<&str>, path: &str, method: &str) -> Answer {
    match router.find(host, path, method) {
        Found::Route { target, mut captures } => {
            let values = |path| captures.iter(path).map(|(_, value)| value.to_owned()).collect();
            let found: Vec<String> = values(path);
            assert_eq!(found.len(), captures.len(), "a value for every capture");
            captures.keep(path);
            let kept: Vec<String> = captures.iter("").map(|(_, value)| value.to_owned()).collect();
            assert_eq!(kept, found);
            Answer::Route(*target, found)
        }
        Found::OtherMethods { allow } => Answer::OtherMethods(allow.to_str().unwrap().to_owned()),
        Found::Redirect { with_slash } => Answer::Redirect(with_slash),
        Found::Nothing => Answer::Nothing,
        Found::Malformed => Answer::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn the_router_finds_what_the_naive_matcher_finds(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            super::check(&bytes);
        }
    }
}
