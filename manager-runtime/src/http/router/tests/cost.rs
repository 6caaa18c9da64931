//! What a look-up costs: in steps, which are always the same, and in time, which is asked for:
//!
//! ```text
//! cargo test --release -p manager-runtime --lib -- router::tests::cost --ignored --nocapture
//! ```

use std::hint::black_box;
use std::time::Instant;

use super::router::{Builder, Declaration, Found, Router};
use crate::route::{Pattern, Segment};

fn router(patterns: Vec<Vec<Segment>>) -> Router<usize> {
    let mut builder = Builder::new();
    for (target, segments) in patterns.into_iter().enumerate() {
        let index = target as u32;
        let declared = Declaration { file: "", line: 0, column: 0, index, handler: "" };
        builder.add(declared, &[], "GET", &Pattern::new("", segments.leak()), target);
    }
    builder.build().expect("no conflicts")
}

/// At each of the first levels a text, an expression, an affixed capture, and a capture fit, and nothing
/// fits at the last; rests are on the way.
#[test]
fn a_walk_comes_by_each_node_once() {
    use crate::route::Piece;
    let choices =
        [Segment::Static("a"), Segment::Mixed(&[Piece::Regex("n", "[a-z]+")]), Segment::Param("p")];
    let mut patterns = Vec::new();
    for number in 0..729 {
        let digits = (0..6).map(|place| number / 3_usize.pow(place) % 3);
        let mut segments: Vec<Segment> = digits.map(|digit| choices[digit]).collect();
        // Of the last ones so few capture that there are at most sixteen.
        segments.extend([Segment::Static("a"), Segment::Param("p")].repeat(5));
        segments.extend([Segment::Static("a"); 14]);
        let mut with_rest = segments.clone();
        segments.push(Segment::Static("end"));
        patterns.push(segments);
        with_rest.truncate(20);
        with_rest.extend([Segment::Static("z"), Segment::Rest { name: "r", at_least_one: false }]);
        patterns.push(with_rest);
    }
    let router = router(patterns);
    for path in ["/a".repeat(30) + "/x", "/a".repeat(31), "/a".repeat(4_000), "/a%61".repeat(30)] {
        assert!(matches!(router.find(None, &path, "GET"), Found::Nothing), "{path}");
        let (steps, nodes) = router.steps(&path);
        assert!(steps <= 2 * nodes, "{steps} steps in a tree of {nodes} nodes");
    }
}

/// The number of routes has no part in what a look-up costs.
#[test]
fn more_routes_make_no_more_steps() {
    let steps = |resources| {
        let router = router(api(resources));
        ["/resource1", "/resource1/7/items/9", "/resource1/7/items/9/x", "/none/7"]
            .map(|path| router.steps(path).0)
    };
    assert_eq!(steps(3), steps(3_000));
}

/// Four patterns for each resource.
fn api(resources: usize) -> Vec<Vec<Segment>> {
    let patterns = (0..resources).flat_map(|resource| {
        let name: &'static str = format!("resource{resource}").leak();
        let one = vec![Segment::Static(name)];
        let two = [&*one, &[Segment::Param("id")]].concat();
        let three = [&*two, &[Segment::Static("items")]].concat();
        let four = [&*three, &[Segment::Param("item")]].concat();
        [one, two, three, four]
    });
    patterns.collect()
}

#[test]
#[ignore = "a measurement"]
fn nanoseconds_of_a_look_up() {
    println!(
        "{:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "routes", "whole", "one", "two", "none", "decoded"
    );
    for resources in [3, 29, 3_000] {
        let router = router(api(resources));
        let paths = |make: fn(usize) -> String| {
            (0..64).map(|index| make(index * 47 % resources)).collect::<Vec<_>>()
        };
        let kinds: [fn(usize) -> String; 5] = [
            |resource| format!("/resource{resource}"),
            |resource| format!("/resource{resource}/12345"),
            |resource| format!("/resource{resource}/12345/items/42"),
            |resource| format!("/resource{resource}/12345/nothing"),
            |resource| format!("/resource{resource}/123%34/items/42"),
        ];
        print!("{:>8}", resources * 4);
        for paths in kinds.map(paths) {
            print!(" {:>8.1}", nanoseconds(&router, &paths));
        }
        println!();
    }
}

/// The best of several rounds.
fn nanoseconds(router: &Router<usize>, paths: &[String]) -> f64 {
    let round = |_| {
        let start = Instant::now();
        for _ in 0..2_000 {
            for path in paths {
                black_box(router.find(Some("example.com"), black_box(path), "GET"));
            }
        }
        start.elapsed().as_secs_f64() * 1e9 / (2_000 * paths.len()) as f64
    };
    (0..20).map(round).fold(f64::INFINITY, f64::min)
}
