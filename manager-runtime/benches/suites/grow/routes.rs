//! More and more routes with two parameters each.
//!
//! An attribute takes its patterns as literals, so the handler is written here as the attribute would write
//! it, with patterns that are made while the program is compiled.

use manager_bench::measure::Scale;
use manager_runtime::__private::{
    At, Building, Handler, Key, Pattern, Place, Route, Segment, Slot, Spec, Values,
};
use manager_runtime::prelude::*;

use crate::client::{Client, request};
use crate::curve::Curve;
use crate::handlers::{STARTED, Started};
use crate::row::{Child, Row};

const MOST: usize = 10_000;

pub(crate) const SIZES: &[usize] = &[10, 100, 1_000, MOST];

/// One function at the first `N` of the routes.
struct Routes<const N: usize>;

impl<const N: usize> Handler for Routes<N> {
    type Replica = ();
    type Parameters = (Slot<Self, 0>, ());
    type Output = &'static str;
    const SPEC: Spec =
        Spec::new("routes", Place::new(file!(), line!(), 1, "grow")).routes(ROUTES.split_at(N).0);
    type Files = ();

    fn key() -> &'static Key {
        // Only one of them is ever in a process.
        static KEY: Key = Key::new();
        &KEY
    }

    async fn build(_: &Building) -> Result<()> {
        Ok(())
    }

    async fn handle((): &mut (), (captured, ()): Values<Self>) -> &'static str {
        std::hint::black_box(captured.0);
        "found"
    }
}

impl<const N: usize> At<0> for Routes<N> {
    type Parameter = Path<(u32, u32)>;
}

const TEMPLATE: &[u8; 27] = b"/shops/{shop}/r0000/{order}";

static TEXTS: [[u8; TEMPLATE.len()]; MOST] = {
    let mut texts = [*TEMPLATE; MOST];
    let mut number = 0;
    while number < MOST {
        let (mut rest, mut at) = (number, 18);
        while rest > 0 {
            texts[number][at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            at -= 1;
        }
        number += 1;
    }
    texts
};

static SEGMENTS: [[Segment; 4]; MOST] = {
    let [shop, order] = [Segment::Param("shop"), Segment::Param("order")];
    let mut segments = [[Segment::Static("shops"), shop, shop, order]; MOST];
    let mut number = 0;
    while number < MOST {
        let (_, name) = TEXTS[number].split_at(14);
        segments[number][2] = Segment::Static(text(name.split_at(5).0));
        number += 1;
    }
    segments
};

static ROUTES: [Route; MOST] = {
    let mut routes = [Route::new("GET", Pattern::new("", &[])); MOST];
    let mut number = 0;
    while number < MOST {
        let pattern = Pattern::new(text(&TEXTS[number]), &SEGMENTS[number]);
        routes[number] = Route::new("GET", pattern);
        number += 1;
    }
    routes
};

const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("digits are text"),
    }
}

pub(crate) async fn row(count: usize) -> Row {
    let mut manager = Manager::empty();
    match count {
        10 => manager.add::<Routes<10>>(),
        100 => manager.add::<Routes<100>>(),
        1_000 => manager.add::<Routes<1_000>>(),
        MOST => manager.add::<Routes<MOST>>(),
        other => panic!("there is no handler with {other} routes"),
    };
    let (started, running) = Started::of(manager).await;
    Row::serving(started.each(count), running)
}

pub(crate) fn table(counts: &[usize], scale: Scale) {
    let [start, held, resident] = STARTED;
    let mut curve = Curve::begin(
        "routes with two parameters; a request goes to the last of them",
        "routes",
        &[start, held, resident, "request CPU us"],
    );
    for count in counts {
        let child = Child::start("routes", *count, scale);
        let mut client = Client::connect(&child.address).expect("the server accepts");
        let request = request("GET", &format!("/shops/19/r{:04}/23", count - 1), b"");
        let asked = child.cpu_nanos(scale, || _ = client.ask(&request));
        let mut figures = child.figures.clone();
        figures.push(asked / 1000.0);
        curve.row(&count.to_string(), &figures);
    }
}
